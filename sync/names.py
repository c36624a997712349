"""Whether a text can stand for somebody's name. Pure. Rule: a name shows something.

What shows nothing, or only parts words, is a list of our own: blanks, controls, joiners, variation
selectors, the common marks and punctuation, and the few letters and signs that are drawn as
nothing. Everything else shows something, also what Unicode has not assigned yet: its categories are
not asked, for an app and a server of another age would know other versions of them, and a name that
one takes the other would refuse. `core/names.ts` is the same in the app;
`tests/vectors/signing/shown.json` holds both to the list, sign by sign.
"""

import re

SHOWN = re.compile(
    "[^"
    # Controls and blanks, with the punctuation of ASCII and Latin-1.
    r"\x00-#%-*,-/:;?@\[-\]_{}\x7f-\xa1\xa7\xab\xad\xb6\xb7\xbb\xbf"
    # Marks that stand on a letter, and those that only say how it is drawn.
    r"\u0300-\u036f\u061c\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    # Hangul fillers and the empty Braille pattern: letters and a symbol, and not seen.
    r"\u115f\u1160\u2800\u3164\uffa0"
    # Blanks, joiners and punctuation of all scripts, then of Chinese and Japanese.
    r"\u1680\u2000-\u206f\u2e00-\u2e7f"
    r"\u3000-\u3003\u3008-\u3011\u3014-\u301f\u302a-\u3030\u303d\u3099\u309a\u30a0\u30fb"
    # Surrogates, private use, variation selectors, punctuation in other forms and widths.
    r"\ud800-\uf8ff\ufe00-\ufe6f\ufeff-\uff03\uff05-\uff0a\uff0c-\uff0f\uff1a\uff1b\uff1f\uff20"
    r"\uff3b-\uff3d\uff3f\uff5b\uff5d\uff5f-\uff65\ufff0-\ufffb"
    # Controls of shorthand and music; tags, more variation selectors, private use.
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
    "]"
)


def is_name(text: str) -> bool:
    """Tell a name from a text that shows nothing, whatever Unicode this interpreter knows."""
    return SHOWN.search(text) is not None
