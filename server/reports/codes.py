"""The code that is printed in a report and asked for at `/verify/`. Rule: opaque; says nothing.

A report cannot hold the digest of its own file, so it holds this: fifteen symbols of chance (75
bits) and a check symbol (Luhn's algorithm modulo 32), of Crockford's base32 as on tags. Written
`7K4M-2P9D-6Q8R-TW3X`; O is read as 0, I and L as 1.
"""

from schemas.base import REPORT_CODE_LENGTH
from sync.tags import ALPHABET

ENTROPY_BYTES = 10
BASE = len(ALPHABET)
GROUP = 4
LOOKALIKES = str.maketrans("OIL", "011")


def make(entropy: bytes) -> str:
    """Give the code for this chance, of which 75 bits count."""
    number = int.from_bytes(entropy)
    payload = "".join(
        ALPHABET[number >> 5 * place & (BASE - 1)] for place in range(REPORT_CODE_LENGTH - 1)
    )
    return payload + ALPHABET[-_total(payload, first=2) % BASE]


def read(text: str) -> str | None:
    """Give the canonical code that somebody typed, or None where it is none."""
    code = text.upper().translate(LOOKALIKES)
    code = "".join(mark for mark in code if mark not in "-\u2010\u2011\u2013 \u3000")
    if len(code) != REPORT_CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return code if _total(code, first=1) % BASE == 0 else None


def display(code: str) -> str:
    """Give the form that people read."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _total(symbols: str, *, first: int) -> int:
    """Add up from the right, every second symbol doubled, its two digits added."""
    total, factor = 0, first
    for symbol in reversed(symbols):
        product = factor * ALPHABET.index(symbol)
        total += product // BASE + product % BASE
        factor = 3 - factor
    return total
