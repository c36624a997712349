"""A picture without what it says of where, when and with what it was taken; not a pixel changes.

Rule: what is not known to be needed for showing it is left out: EXIF, XMP, IPTC, comments, the
small pictures beside it, and whatever stands behind its end. Which way is up stays.
"""

import re
from collections.abc import Iterator
from zlib import crc32

from msgspec import Struct


class Broken(Exception):
    """The file ends before the picture does, or its parts contradict each other."""


def bare(data: bytes, media_type: str, *, orientation: int = 1) -> bytes | None:
    """Give the picture bare; None where its format is not taken apart here. Raises `Broken`.

    `orientation` (EXIF 3.0, 4.6.5.1.6: 1 … 8) is said again in the copy where it is not 1.
    """
    if media_type == "image/jpeg":
        return bare_jpeg(data, orientation)
    if media_type == "image/png":
        return bare_png(data, orientation)
    if media_type == "image/webp":
        return bare_webp(data, orientation)
    return None


def exif_of(orientation: int) -> bytes:
    """Give the smallest EXIF there is, big-endian, with one entry: which way is up."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2) + b"\x00\x00"
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"


# --- JPEG (ITU-T T.81, annex B) ---

# The end of a scan's data: a marker that is neither a stuffed zero nor a restart.
NEXT_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
ALONE = (0x01, *range(0xD0, 0xD8))


class Segment(Struct, frozen=True):
    """A marker with its data, or, for a scan, with its coded data too."""

    marker: int
    start: int
    end: int


def segments(data: bytes) -> Iterator[Segment]:
    """Give the parts of a JPEG up to the end of its first image. Raises `Broken`."""
    at = 2
    while True:
        found = NEXT_MARKER.match(data, at)
        if found is None:
            raise Broken
        marker, at = found[1][0], found.end()
        if marker == END_OF_IMAGE:
            yield Segment(marker, at - 2, at)
            return
        if marker in ALONE:
            continue
        length = int.from_bytes(data[at : at + 2])
        start, end = at - 2, at + length
        if length < 2 or end > len(data):
            raise Broken
        if marker == START_OF_SCAN:
            after = NEXT_MARKER.search(data, end)
            if after is None:
                raise Broken
            end = after.start()
        yield Segment(marker, start, end)
        at = end


def is_shown_by(marker: int, body: bytes) -> bool:
    """Whether the pixels or their colours need this part of a JPEG."""
    if 0xE0 <= marker <= 0xEF:
        return (
            (marker == 0xE0 and body.startswith(b"JFIF\0"))
            or (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
            or (marker == 0xEE and body.startswith(b"Adobe"))
        )
    return marker != 0xFE  # A comment.


def bare_jpeg(data: bytes, orientation: int) -> bytes:
    parts = list(segments(data))
    kept = [part for part in parts if is_shown_by(part.marker, data[part.start + 4 : part.end])]
    said = b"Exif\0\0" + exif_of(orientation)
    app1 = b"\xff\xe1" + (len(said) + 2).to_bytes(2) + said if orientation != 1 else b""
    return b"".join((b"\xff\xd8", app1, *(data[part.start : part.end] for part in kept)))


# --- PNG (W3C, third edition, 5) ---

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT")
) | {b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI"}


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and bytes of each chunk up to IEND, whole as they stand. Raises `Broken`."""
    at, name = len(PNG_SIGNATURE), b""
    while name != b"IEND":
        end = at + 12 + int.from_bytes(data[at : at + 4])
        name = data[at + 4 : at + 8]
        if end > len(data) or not name.isalpha():
            raise Broken
        yield name, data[at:end]
        at = end


def bare_png(data: bytes, orientation: int) -> bytes:
    kept = [(name, chunk) for name, chunk in chunks(data) if name in PNG_KEPT]
    said = b"eXIf" + exif_of(orientation)
    exif = (len(said) - 4).to_bytes(4) + said + crc32(said).to_bytes(4)
    out = [PNG_SIGNATURE]
    for name, chunk in kept:
        out.append(chunk)
        if name == b"IHDR" and orientation != 1:
            out.append(exif)
    return b"".join(out)


# --- WebP (RFC 9649) ---

WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
EXIF_FLAG, XMP_FLAG = 0x08, 0x04  # In the first byte of VP8X (RFC 9649, 2.7.1).


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and bytes of each chunk, whole as they stand. Raises `Broken`."""
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        raise Broken
    at = 12
    while at + 8 <= whole:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length
        if end > whole:
            raise Broken
        yield data[at : at + 4], data[at:end] + b"\0" * (length % 2)
        at = end + length % 2


def bare_webp(data: bytes, orientation: int) -> bytes:
    out: list[bytes] = []
    is_extended = False
    for name, chunk in webp_chunks(data):
        if name == b"VP8X" and len(chunk) > 8:
            is_extended = True
            flags = chunk[8] & ~(EXIF_FLAG | XMP_FLAG) | (EXIF_FLAG if orientation != 1 else 0)
            out.append(chunk[:8] + bytes((flags,)) + chunk[9:])
        elif name in WEBP_KEPT:
            out.append(chunk)
    if orientation != 1 and is_extended:
        said = exif_of(orientation)
        out.append(b"EXIF" + len(said).to_bytes(4, "little") + said + b"\0" * (len(said) % 2))
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
