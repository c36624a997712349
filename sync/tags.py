"""The code on a printed tag: made, checked, read back. Pure: chance is given, nothing looked up.

A code is eight symbols of chance (40 bits, so it says nothing about what it is stuck on) and one
check symbol, all from Crockford's base32 alphabet, which leaves out I, L, O and U
(https://www.crockford.com/base32.html). It is stored as `7K4M2P9D6` and shown as `7K4M-2P9D-6`.

The check symbol stays inside the alphabet. Crockford's own check counts modulo 37 and needs five
symbols more (`* ~ $ = U`), some of which mean something else in an address. Ours is one symbol of a
Reed-Solomon code over GF(32) = GF(2)[x] / (x^5 + x^3 + 1) (the field of BIP 173): with the symbols
s_0 … s_8 and g = x^2, `START·g^9 + s_0·g^8 + … + s_8·g^0 = 0`. All weights differ and none is zero,
because the order of g is 31. So every wrong symbol, every two symbols exchanged (neighbours or not)
and every twin error (aa for bb) is found. It is the one-line case of what H. M. Damm, "Total
anti-symmetrische Quasigruppen" (Marburg 2004), proves for other alphabets. START is not zero, so
that 000000000 is no code. `static/pwa/src/core/tags.ts` says the same, bound by tests/vectors/tags.
"""

import re
from enum import StrEnum

from msgspec import Struct

from schemas.base import TAG_TEXT_LENGTH_MAX

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENTROPY_BITS = 40
PAYLOAD_LENGTH = 8
CODE_LENGTH = PAYLOAD_LENGTH + 1

_MODULUS = 0b101001  # x^5 + x^3 + 1
_START = 24


class Tag(Struct, frozen=True):
    """A tag that was read: its canonical code."""

    code: str


class NotRead(StrEnum):
    """Why a text is no tag. Both are ordinary outcomes of scanning and typing."""

    NOT_A_TAG = "not-a-tag"
    """Some other code or text: a foreign QR code, a serial number, an empty field."""
    MISTYPED = "mistyped"
    """It has the shape of a code, but the check symbol does not fit: read or typed wrongly."""


def make(entropy: int) -> str:
    """Give the canonical code for 40 bits of chance. ValueError outside 0 … 2**40 - 1."""
    if not 0 <= entropy < 1 << ENTROPY_BITS:
        raise ValueError(f"entropy must have {ENTROPY_BITS} bits at most and be no less than 0")
    shifts = range(ENTROPY_BITS - 5, -1, -5)
    payload = "".join(ALPHABET[entropy >> shift & 31] for shift in shifts)
    return payload + ALPHABET[_times_factor(_remainder(payload))]


def is_code(text: str) -> bool:
    """Tell whether this is a code exactly as stored: nine symbols, upper case, check fits."""
    return len(text) == CODE_LENGTH and set(text) <= set(ALPHABET) and _remainder(text) == 0


def display(code: str) -> str:
    """Give the form that people read and type: `7K4M-2P9D-6`. The code must be canonical."""
    return f"{code[:4]}-{code[4:PAYLOAD_LENGTH]}-{code[PAYLOAD_LENGTH:]}"


def address(base_url: str, code: str) -> str:
    """Give what the QR code holds: `<base>/t/<code>`. Readers take the code and ignore the host."""
    return f"{base_url.rstrip('/')}/t/{code}"


def parse(text: str) -> Tag | NotRead:
    """Read a tag out of whatever a camera, a scanner gun or a person delivers.

    Case does not matter; O is 0, I and L are 1; spaces, dashes of any kind and full-width
    characters are tolerated. Found are: an address whose path ends in `/t/<code>` (host, query and
    fragment are ignored: labels outlive the host), a code with nothing but punctuation or words of
    other scripts around it, and a code written `4-4-1` with dashes inside any text. A text longer
    than TAG_TEXT_LENGTH_MAX code points is no tag. One in 32 nine-character serial numbers has a
    fitting check symbol by chance: who also accepts serial numbers looks both up.
    """
    if len(text) > TAG_TEXT_LENGTH_MAX:
        return NotRead.NOT_A_TAG
    words = text.translate(_FOLDED).split(" ")
    addresses = [word for word in words if _is_address(word)]
    rest = " ".join(word for word in words if not _is_address(word))
    candidates = [found for word in addresses if (found := _in_address(word)) is not None]
    candidates += _in_words(rest)
    codes = [candidate.translate(_LOOKALIKES) for candidate in candidates]
    return next(
        (Tag(code) for code in codes if is_code(code)),
        NotRead.MISTYPED if codes else NotRead.NOT_A_TAG,
    )


# A code that stands alone: punctuation and other scripts around it, only spaces and dashes in it.
_ALONE = re.compile(r"[^0-9A-Z]*([0-9A-Z](?:[ -]*[0-9A-Z]){8})[^0-9A-Z]*")
# A code in running text: only with its dashes, because any nine letters would be a word.
_DASHED = re.compile(
    r"(?:^|[^0-9A-Z-])([0-9A-Z]{4}) ?- ?([0-9A-Z]{4}) ?- ?([0-9A-Z])(?!-?[0-9A-Z])"
)


def _is_address(word: str) -> bool:
    return "://" in word or "/T/" in word


def _in_address(word: str) -> str | None:
    """Give the nine characters after `/T/` at the end of the path; None if it ends otherwise."""
    path = re.split("[?#]", word, maxsplit=1)[0].rstrip("/")
    match path.split("/"):
        case [*_, "T", last]:
            return _alone(last)
    return None


def _in_words(text: str) -> list[str]:
    alone = _alone(text)
    if alone is not None:
        return [alone]
    return ["".join(match.groups()) for match in _DASHED.finditer(text)]


def _alone(text: str) -> str | None:
    match = _ALONE.fullmatch(text)
    return None if match is None else re.sub("[ -]", "", match[1])


def _remainder(symbols: str) -> int:
    """Evaluate the polynomial of the symbols at g (Horner); 0 for a whole code that fits."""
    remainder = _START
    for symbol in symbols:
        remainder = _times_factor(remainder) ^ ALPHABET.index(symbol)
    return remainder


def _times_factor(value: int) -> int:
    """Multiply by g = x^2 in GF(32): twice by x, each time reduced by the modulus."""
    for _ in range(2):
        value <<= 1
        if value & 0b100000:
            value ^= _MODULUS
    return value


def _folding() -> dict[int, str | None]:
    """List what is read as something else. Explicit, because Unicode's own folding has versions."""
    table: dict[int, str | None] = {point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}
    lower = range(ord("a"), ord("z") + 1)
    table |= {point: chr(point - 32) for point in lower}
    table |= {point + 0xFEE0: chr(point - 32) for point in lower}
    spaces = (*range(0x20), 0x7F, 0x85, 0xA0, *range(0x2000, 0x200B), 0x2028, 0x2029)
    table |= dict.fromkeys((*spaces, 0x202F, 0x205F, 0x3000), " ")
    dashes = (*range(0x2010, 0x2016), 0x2043, 0x2212, 0x2500, 0x30FC, 0xFE58, 0xFE63)
    table |= dict.fromkeys(dashes, "-")
    unseen = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060)
    table |= dict.fromkeys((*unseen, *range(0x2066, 0x206A), 0xFEFF))
    return table


_FOLDED = _folding()
_LOOKALIKES = str.maketrans("OIL", "011")
