"""Whether a text can stand for somebody's name. Pure. Rule: a name shows something.

By Unicode's categories: a letter or ideograph, a figure, or a symbol. Blanks, marks, variation
selectors and what only joins or breaks lines (U+200B, U+2060, U+FEFF) are none; nor are the
letters and signs that are drawn as nothing. `core/names.ts` is the same in the app, and
`tests/vectors/signing/names.json` holds both to it.
"""

from unicodedata import category

SHOWN = frozenset("LNS")
# Hangul fillers and the empty Braille pattern: letters and a symbol by category, and not seen.
DRAWN_AS_NOTHING = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_name(text: str) -> bool:
    """Tell a name from a text that shows nothing."""
    return any(category(sign)[0] in SHOWN and sign not in DRAWN_AS_NOTHING for sign in text)
