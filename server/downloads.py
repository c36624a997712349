"""How bytes from outside are handed out again. Rule: what is not surely a picture is never opened.

A picture that was decoded here, and is what its sender said, may be shown. All else is a download
of bytes: no type that a browser acts on, no name that a desktop runs, a sandbox around it.

Where a picture was taken leaves the house only if the customer's contract says so. A tablet is in
the house: it gets what it could have taken itself, with the digest that was signed. What somebody
saves on a desktop has left it: that is the bare copy.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote

from msgspec import Struct, structs

from server.blobs import blob_key, thumbnail_key
from server.errors import NotAllowed, ServerError
from server.images.found import BARE
from server.images.sniff import OCTETS, SHOWN_TYPES, is_as_announced
from server.store.files import Known, StoredFile

Size = Literal["small", "large"]

IMMUTABLE = "private, max-age=31536000, immutable"  # The same for ever: digest and size name it.
ASK_AGAIN = "private, no-cache"  # The contract or a role may change what is handed out.
CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
FILE_NAME_LENGTH_MAX = 120
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "image/heic": ".heic",
        "image/heif": ".heif",
        "image/avif": ".avif",
        "application/pdf": ".pdf",
        "text/csv": ".csv",
        "text/plain": ".txt",
        "application/zip": ".zip",
        "application/vnd.ms-excel": ".xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
        "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    }
)
INERT = ".bin"  # Of what pretends to be something: no desktop opens it with a double click.
SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"image/jpeg": (".jpg", ".jpeg"), "text/plain": (".txt", ".log", ".csv", ".md")}
)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class BytesNotHere(ServerError):
    """The attachment is announced; its bytes are still on a tablet."""

    slug = "bytes-not-here"
    title = "The bytes of this file have not arrived yet"
    status = 404


class FileNotReady(ServerError):
    """The bytes are here, and it was not found out yet what they are."""

    slug = "file-not-ready"
    title = "The server has not looked into this file yet"
    status = 503

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "3"}


class FileNotShown(ServerError):
    """There is no thumbnail, and there will be none."""

    slug = "file-not-shown"
    title = "This file is kept as it is and not shown as a picture; it can be downloaded"
    status = 409


class RangeNotSatisfiable(ServerError):
    slug = "range-not-satisfiable"
    title = "The range begins behind the last byte"
    status = 416

    def __init__(self, length: int) -> None:
        super().__init__(f"there are {length} bytes")
        self.length = length

    def headers(self) -> Mapping[str, str]:
        """Say how many there are (RFC 9110, 15.5.17)."""
        return {"Content-Range": f"bytes */{self.length}"}


class Rendition(Struct, frozen=True, kw_only=True):
    """One form in which a file is handed out: where its bytes are, and what is said of them."""

    key: str
    etag: str
    media_type: str
    is_picture: bool
    name: str
    cache_control: str


def fault_of(file: StoredFile, known: Known) -> str | None:
    """Why a file is never shown: for what it is, or because it is not what was announced."""
    if known.fault is not None or known.media_type is None:
        return known.fault
    return None if is_as_announced(file.media_type, known.media_type) else "mislabelled"


def thumbnail_of(file: StoredFile, known: Known, size: Size) -> Rendition:
    """Give a thumbnail. Raises `FileNotReady`, `FileNotShown`."""
    if known.media_type is None:
        raise FileNotReady
    fault = fault_of(file, known)
    if fault is not None or not known.thumbnails:
        raise FileNotShown(fault or known.media_type)
    return Rendition(
        key=thumbnail_key(known.sha256, size),
        etag=f'"{known.sha256}-{size}"',
        media_type="image/jpeg",
        is_picture=True,
        name=file_name(file, "image/jpeg", fault=None),
        cache_control=IMMUTABLE,
    )


def original_of(file: StoredFile, known: Known) -> Rendition:
    """Give the bytes exactly as they came: their SHA-256 is the attachment's."""
    fault = fault_of(file, known)
    is_picture = fault is None and known.thumbnails
    media_type = known.media_type or OCTETS
    return Rendition(
        key=blob_key(known.sha256),
        etag=f'"{known.sha256}"',
        media_type=media_type if is_picture else OCTETS,
        is_picture=is_picture,
        name=file_name(file, media_type, fault=fault),
        cache_control=IMMUTABLE,
    )


def bare_of(file: StoredFile, known: Known, *, may_audit: bool) -> Rendition:
    """Give the bytes as they may leave the house: without what a picture says of its place.

    A picture that could not be looked into may hold a place, so only who may audit gets it. Raises
    `FileNotReady`, `NotAllowed`.
    """
    whole = structs.replace(original_of(file, known), cache_control=ASK_AGAIN)
    if known.media_type is None:
        raise FileNotReady
    if known.thumbnails and known.bare_type is not None:
        return structs.replace(
            whole,
            key=thumbnail_key(known.sha256, BARE),
            etag=f'"{known.sha256}-{BARE}"',
            media_type=known.bare_type if whole.is_picture else OCTETS,
            name=file_name(file, known.bare_type, fault=fault_of(file, known)),
        )
    if may_hide_place(known) and not may_audit:
        raise NotAllowed("audit")
    return whole


def may_hide_place(known: Known) -> bool:
    """Whether it may hold a place that nobody took out: films, and pictures never decoded."""
    if known.thumbnails:
        return False  # It was decoded, and is bare as it is.
    is_seen = (known.media_type or "").startswith(("image/", "video/"))
    return is_seen or known.media_type in SHOWN_TYPES or known.fault == "exhausting"


# --- Names (RFC 6266, RFC 8187) ---


def file_name(file: StoredFile, media_type: str, *, fault: str | None) -> str:
    """Give a name that is safe in a header and on a disk, with the suffix of what it really is."""
    said = unicodedata.normalize("NFC", file.name or "")
    base = re.split(r"[/\\]", said)[-1]
    kept = "".join(mark for mark in base if is_plain(mark)).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    stem, suffix = (stem, dot + suffix.lower()) if stem and len(suffix) <= 8 else (kept, "")
    stem = stem[:FILE_NAME_LENGTH_MAX] or f"xunjian-{file.sha256[:12]}"
    if fault is not None:
        return f"{stem}{suffix}{INERT}"
    wanted = SUFFIXES.get(media_type)
    if wanted is None or suffix in SPELLINGS.get(media_type, (wanted,)):
        return stem + suffix if wanted else f"{stem}{suffix}{INERT}"
    return stem + wanted


def is_plain(mark: str) -> bool:
    """Whether a character is harmless in a name: none that turns text round, or that a disk minds.

    (Windows takes none of the marks that are named; U+202E hides what stands before a suffix.)
    """
    is_visible = mark == " " or unicodedata.category(mark)[0] not in "CZ"
    return is_visible and mark not in '<>:"|?*'


def disposition(rendition: Rendition) -> str:
    """Give `Content-Disposition`: shown in place only where it surely is a picture."""
    how = "inline" if rendition.is_picture else "attachment"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", rendition.name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(rendition.name, safe='')}"


def headers_of(rendition: Rendition) -> dict[str, str]:
    """Give what is said of the bytes, whichever of them are sent."""
    return {
        "ETag": rendition.etag,
        "Cache-Control": rendition.cache_control,
        "Vary": "Authorization, Cookie",
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition(rendition),
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }


# --- Ranges (RFC 9110, 14) ---


class Span(Struct, frozen=True):
    """Bytes from `start` to before `end`."""

    start: int
    end: int


def span_of(asked: str, length: int) -> Span | None:
    """Read a `Range` header. None for one that is not of one range of bytes: all is sent then.

    Raises `RangeNotSatisfiable`.
    """
    match = RANGE.fullmatch(asked.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        start, end = max(0, length - int(match[2])), length
    else:
        start = int(match[1])
        end = min(int(match[2]) + 1, length) if match[2] else length
        if match[2] and int(match[2]) < start:
            return None
    if start >= length or start >= end:
        raise RangeNotSatisfiable(length)
    return Span(start, end)


def names_it(header: str, etag: str) -> bool:
    """Whether an `If-None-Match` names this (RFC 9110, 13.1.2): compared weakly."""
    named = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in named or etag in named
