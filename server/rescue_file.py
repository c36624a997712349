"""Read a rescue file as it comes, a line at a time. Rule: a bad line is told, and is alone.

Version 2 is NDJSON: a head; `{"op"}` for each change that was not sent; `{"edit"}` for each that
was still on the screen; `{"photo"}` for each piece of a photo; `{"end"}`. Version 1 is one JSON
document, which its writer laid out in lines as well; it is read by these, never as a whole.
"""

import binascii
import re
from collections.abc import AsyncIterator, Mapping
from typing import TypeAlias

import msgspec
from msgspec import Raw, Struct

from schemas.base import (
    ELEMENTS_MAX,
    FIELDS_PER_OP_MAX,
    RESCUE_LINE_BYTES_MAX,
    RESCUE_LINES_MAX,
    Id,
    Sha256,
)
from schemas.ops import N
from schemas.rescue import RescueHead
from server.errors import ServerError

VERSIONS = (1, 2)
HEAD_BYTES_MAX = 65_536
FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# How version 1 ends its head, its objects within an array, and the arrays.
HEAD_1 = re.compile(rb',\s*"ops"\s*:\s*\[\s*(?:\]\s*,?\s*)?$')
EDITS_1, PHOTOS_1, END_1 = b'"edits":', b'"photos":', b"]}"


class RescueUnreadable(ServerError):
    slug = "rescue-unreadable"
    title = "This is not a rescue file that this version reads"
    status = 400


class RescueTooLong(ServerError):
    slug = "rescue-too-long"
    title = "The rescue file has more lines than one may"
    status = 413


class OpLine(Struct, frozen=True):
    """A change as the device would have sent it, byte for byte, and its number."""

    n: int
    raw: bytes


class Unwritten(Struct, frozen=True, rename="camel"):
    """A change that was on the screen and that the device could not write: it has no number."""

    kind: str
    record: Id
    base: int = 0
    new: bool = False
    parent: Id | None = None
    set: Mapping[str, Raw] = {}
    add: Mapping[str, Mapping[str, Raw]] = {}
    remove: Mapping[str, tuple[str, ...]] = {}
    withdraw: bool = False
    replaces: Id | None = None
    words: str = ""


class EditLine(Struct, frozen=True):
    edit: Unwritten
    raw: bytes


class PhotoPiece(Struct, frozen=True):
    """Some bytes of a photo, from `at` on, of `of` in all; `None`: these are all."""

    attachment: Id
    sha256: Sha256
    base64: str
    at: int = 0
    of: int | None = None

    def decoded(self) -> bytes | None:
        try:
            return binascii.a2b_base64(self.base64, strict_mode=True)
        except ValueError:  # Also of letters that are none of ASCII.
            return None


class BadLine(Struct, frozen=True):
    detail: str


class Numbered(Struct, frozen=True):
    line: int
    item: "Item"


Item: TypeAlias = OpLine | EditLine | PhotoPiece | BadLine


class _End(Struct, frozen=True):
    ops: int
    photos: int


class _Numbered(Struct, frozen=True):
    n: N


class _Line(Struct, frozen=True):
    op: Raw = Raw()
    edit: Raw = Raw()
    photo: PhotoPiece | None = None
    end: _End | None = None


HEAD = msgspec.json.Decoder(RescueHead)
LINE = msgspec.json.Decoder(_Line)
NUMBER = msgspec.json.Decoder(_Numbered)
EDIT = msgspec.json.Decoder(Unwritten)
EDITS = msgspec.json.Decoder(tuple[Raw, ...])
PHOTO = msgspec.json.Decoder(PhotoPiece)


class RescueFile:
    """A file that is being read. `is_whole` is known once it was."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._lines = lines_of(body)
        self._at = 0
        self._is_single = False  # One document, as version 1 is.
        self.is_whole = False

    async def begin(self) -> RescueHead:
        """Read the first line. Raises `RescueUnreadable`."""
        first = await anext(self._lines, None)
        self._at = 1
        if first is None or len(first) > HEAD_BYTES_MAX:
            raise RescueUnreadable("its first line is none of a rescue file")
        if found := HEAD_1.search(first):
            first, self._is_single = first[: found.start()] + b"}", True
        try:
            head = HEAD.decode(first)
        except FAULTS as error:
            raise RescueUnreadable(f"its first line: {error}"[:1_000]) from None
        if head.version not in VERSIONS or (head.version == 1) != self._is_single:
            raise RescueUnreadable(f"version {head.version}; {VERSIONS} are read")
        return head

    async def items(self) -> AsyncIterator[Numbered]:
        """What each further line holds. Raises `RescueTooLong`."""
        async for raw in self._lines:
            self._at += 1
            if self._at > RESCUE_LINES_MAX:
                raise RescueTooLong(f"{RESCUE_LINES_MAX} at most")
            if raw is None:
                detail = f"is longer than {RESCUE_LINE_BYTES_MAX} bytes"
                yield Numbered(self._at, BadLine(detail))
                continue
            for item in self._read_1(raw) if self._is_single else self._read(raw):
                yield Numbered(self._at, item)

    def _read(self, raw: bytes) -> list[Item]:
        """A line of version 2."""
        if not raw.strip():
            return []
        if self.is_whole:
            return [BadLine("stands behind the end")]
        try:
            line = LINE.decode(raw)
        except FAULTS as error:
            return [BadLine(str(error)[:1_000])]
        if line.end is not None:
            self.is_whole = True
            return []
        if line.photo is not None:
            return [line.photo]
        if op := bytes(line.op):
            return [op_of(op)]
        if edit := bytes(line.edit):
            return [edit_of(edit)]
        return [BadLine("is neither a change nor a photo")]

    def _read_1(self, raw: bytes) -> list[Item]:
        """A line of version 1, with what its writer put between objects."""
        text = raw.strip()
        if text.endswith(END_1):
            self.is_whole = True
        if not text or text == END_1:
            return []
        if text.startswith(PHOTOS_1):
            return []
        if text.startswith(EDITS_1):
            try:
                edits = EDITS.decode(text.removeprefix(EDITS_1).rstrip(b","))
            except FAULTS as error:
                return [BadLine(str(error)[:1_000])]
            return [edit_of(bytes(one)) for one in edits]
        for ending, kept in ((b"}],", 1), (b"},", 1), (b"}]}", 1)):
            if text.endswith(ending):
                text = text[: len(text) - len(ending) + kept]
                break
        try:
            line = LINE.decode(text)
            if op := bytes(line.op):
                return [op_of(op)]
            return [PHOTO.decode(text)]
        except FAULTS as error:
            return [BadLine(str(error)[:1_000])]


def op_of(raw: bytes) -> Item:
    """A change by its number; without one it has no place among the others."""
    try:
        return OpLine(NUMBER.decode(raw).n, raw)
    except FAULTS as error:
        return BadLine(str(error)[:1_000])


def edit_of(raw: bytes) -> Item:
    try:
        edit = EDIT.decode(raw)
    except FAULTS as error:
        return BadLine(str(error)[:1_000])
    if len(edit.set) > FIELDS_PER_OP_MAX or any(len(v) > ELEMENTS_MAX for v in edit.add.values()):
        return BadLine("writes more fields than one change may")
    return EditLine(edit, raw)


async def lines_of(body: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    """The lines of a body, without their ends; `None` for one that is too long to be kept."""
    kept = bytearray()
    is_too_long = False
    async for piece in body:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            if is_too_long or len(kept) + end - start > RESCUE_LINE_BYTES_MAX:
                yield None
            else:
                kept += piece[start:end]
                yield bytes(kept)
            kept.clear()
            is_too_long = False
            start = end + 1
        if is_too_long or len(kept) + len(piece) - start > RESCUE_LINE_BYTES_MAX:
            is_too_long = True
            kept.clear()
        else:
            kept += piece[start:]
    if is_too_long:
        yield None
    elif kept:
        yield bytes(kept)
