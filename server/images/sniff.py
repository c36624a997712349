"""What bytes are, by their content. Rule: names and announced types are never asked.

A fault says why a file is kept and never shown: it is empty, it is something that a browser would
run, or it is two things at once, of which one is looked at and the other one acts.
"""

import re
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

from msgspec import Struct

from schemas.office_files import FileFault

OCTETS = "application/octet-stream"
PDF = "application/pdf"
SHOWN_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif")
"""The pictures that thumbnails are made of; every other one is only kept."""

HEAD_BYTES = 65_536
ZIP_TAIL_BYTES = 65_535 + 22  # The longest comment, and the record that ends a ZIP file (APPNOTE).
ZIP_NAMES_MAX = 10_000  # Members whose names are looked at.

BRANDS: Mapping[bytes, str] = MappingProxyType(
    {
        **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
        **dict.fromkeys((b"avif", b"avis"), "image/avif"),
        **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
        b"qt  ": "video/quicktime",
    }
)
PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", PDF),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MZ", OCTETS),
    (b"\x7fELF", OCTETS),
)
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP_MEMBERS: tuple[tuple[str, str], ...] = (
    ("META-INF/MANIFEST.MF", "application/java-archive"),
    ("xl/vbaProject.bin", "application/vnd.ms-excel.sheet.macroenabled.12"),
    ("xl/workbook.xml", SPREADSHEET),
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
    (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
)
OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]{1,40}")

# What a browser would run, wherever it stands in text, or hidden in a picture.
ACTIVE = re.compile(
    rb"(?i)<(?:script|iframe|!doctype\s+html|html|head|body|\?php|\?xml-stylesheet)[\s>/?]"
    rb"|<svg[\s>](?=[\x09-\x7e]{3})|%pdf-[12]\."
)
NEEDLES = (
    *(b"<script", b"<iframe", b"<!doctype", b"<html", b"<head", b"<body", b"<svg", b"%pdf-"),
    *(b"<?php", b"<?xml-s"),
)
LOOKED_AT_BYTES = 1_024  # As far as a browser looks for markup (WHATWG, MIME Sniffing).
MARKUP = re.compile(rb"(?is)^\s*(?:<!--.*?-->\s*)*<(?:[a-z!?/])")

BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
ENCODINGS = ("utf-8", "gb18030")  # The second is what spreadsheets in China write.
DELIMITERS = ",;\t|"
CSV_LINES_MAX = 50


class Sniffed(Struct, frozen=True):
    """What a file is, and why it must not be shown, if so."""

    media_type: str
    fault: FileFault | None = None


def sniff(file: BinaryIO, size: int) -> Sniffed:
    """Tell what a file of `size` bytes is. It may have holes: only its ends are read.

    Pictures are read whole, in pieces. Never raises for what the bytes are.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not size:
        return Sniffed(OCTETS, "empty")
    media_type = by_prefix(head) or by_brand(head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Sniffed(zip_type(file))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Sniffed(compound_type(file, head))
    if media_type in SHOWN_TYPES or media_type == "image/gif":
        is_two = is_zip_too(file, size) or holds_active(file)
        return Sniffed(media_type, "polyglot" if is_two else None)
    if media_type == PDF:
        return Sniffed(PDF, "polyglot" if is_zip_too(file, size) else None)
    if media_type is not None:
        return Sniffed(media_type)
    return text_type(head, is_whole=size <= HEAD_BYTES)


def by_prefix(head: bytes) -> str | None:
    """Name the type whose first bytes these are."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    return next((name for prefix, name in PREFIXES if head.startswith(prefix)), None)


def by_brand(head: bytes) -> str | None:
    """Name the type of a file of boxes by its brands (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(head[:4]), 256)
    major = head[8:12]
    others = [head[at : at + 4] for at in range(16, length, 4)]
    if BRANDS.get(major) == "image/heif":
        # The general brand; which coding it is stands among the compatible ones.
        named = (BRANDS[other] for other in others if other in BRANDS)
        return next((name for name in named if name != "image/heif"), "image/heif")
    return BRANDS.get(major, "video/mp4")


# --- Two things at once ---


def is_zip_too(file: BinaryIO, size: int) -> bool:
    """Whether a program would open the file as a ZIP archive: a JAR behind a picture, for one."""
    start = max(0, size - ZIP_TAIL_BYTES)
    file.seek(start)
    tail = file.read(ZIP_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return False
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    file.seek(max(0, start + at - length))
    return length > 0 and file.read(4) == b"PK\x01\x02"


def holds_active(file: BinaryIO) -> bool:
    """Whether something that a browser or a reader of PDF would act on is hidden in a picture."""
    file.seek(0)
    before = b""
    while piece := file.read(1 << 20):
        data = before + piece
        lower = data.lower()
        # The needles are found at once; the pattern is slow, and has the last word.
        if any(needle in lower for needle in NEEDLES) and ACTIVE.search(data):
            return True
        before = data[-64:]
    return False


# --- Files of files ---


def zip_type(file: BinaryIO) -> str:
    """Name an archive by the names of its members; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()[:ZIP_NAMES_MAX]
            if members and members[0].filename == "mimetype":
                said = stored_first(file, members[0])
                if OPEN_DOCUMENT.fullmatch(said):
                    return said.decode("ascii")
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "application/zip"
    return next((name for member, name in ZIP_MEMBERS if member in names), "application/zip")


def stored_first(file: BinaryIO, member: zipfile.ZipInfo) -> bytes:
    """Give a member that is stored as it is, 100 bytes at most (OpenDocument 1.3, 2, 3.3)."""
    if member.compress_type != zipfile.ZIP_STORED or not 0 < member.file_size <= 100:
        return b""
    file.seek(member.header_offset)
    header = file.read(30)
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(member.header_offset + 30 + skip)
    return file.read(member.file_size)


def compound_type(file: BinaryIO, head: bytes) -> str:
    """Name an OLE compound file by the streams of its directory's first sector ([MS-CFB], 2.6)."""
    shift = int.from_bytes(head[30:32], "little")
    if shift in (9, 12):
        file.seek((int.from_bytes(head[48:52], "little") + 1) << shift)
        directory = file.read(4096)
        for name in ("Workbook", "Book"):
            if name.encode("utf-16-le") + b"\0\0" in directory:
                return "application/vnd.ms-excel"
    return "application/x-ole-storage"


# --- Text ---


def text_type(head: bytes, *, is_whole: bool) -> Sniffed:
    """Tell text from bytes, and what would be run from what is only read."""
    text = decoded(head, is_whole=is_whole)
    if text is None:
        hidden = ACTIVE.search(head[:LOOKED_AT_BYTES])
        return Sniffed(OCTETS, "active" if hidden else None)
    plain = text.encode()
    if MARKUP.match(plain) or ACTIVE.search(plain[:LOOKED_AT_BYTES]):
        is_svg = re.search(rb"(?i)<svg[\s>]", plain) is not None
        return Sniffed("image/svg+xml" if is_svg else "text/html", "active")
    return Sniffed("text/csv" if is_table(text) else "text/plain")


def decoded(head: bytes, *, is_whole: bool) -> str | None:
    """Give bytes as text; None where they are none. The last character may be cut in two."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore")
    if BINARY.search(head):
        return None
    for encoding in ENCODINGS:
        for cut in range(1 if is_whole else 5):
            try:
                return head[: len(head) - cut].decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError:
                continue
    return None


def is_table(text: str) -> bool:
    """Whether the first lines have one and the same number of columns, two at least."""
    lines = [line for line in text.splitlines()[:CSV_LINES_MAX] if line.strip()]
    if len(lines) < 2:
        return False
    counts = ({line.count(mark) for line in lines[:-1]} for mark in DELIMITERS)
    return any(len(found) == 1 and found.pop() > 0 for found in counts)


# --- What was said of it ---

ALIKE: tuple[frozenset[str], ...] = (
    frozenset(("image/jpeg", "image/jpg", "image/pjpeg")),
    frozenset(("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence")),
    frozenset(("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel")),
)


def is_as_announced(announced: str, found: str) -> bool:
    """Whether what a sender said of a file is what it is. Who said nothing said nothing wrong."""
    said = announced.lower()
    if said in (OCTETS, found):
        return True
    return any(said in names and found in names for names in ALIKE)
