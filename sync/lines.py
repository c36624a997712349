"""Read the lines of a push, each alone. Pure. Rule: what one line holds can never fail another."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from schemas.base import (
    DEPTH_MAX,
    FIELDS_PER_OP_MAX,
    INTEGER_MAX,
    OP_BYTES_MAX,
    OPS_PER_PUSH_MAX,
    Sha256,
)
from schemas.ops import Op
from schemas.problems import FieldProblem, Problem
from schemas.push import PushHeader
from sync.errors import HeaderUnreadable, InvalidOp, TooManyOps, UnreadableLine
from sync.record import Json

HEADER = msgspec.json.Decoder(PushHeader)
OP = msgspec.json.Decoder(Op)
PATHS_KEPT = 4_096  # That ops have named, remembered.
# How msgspec names a member that is not there, where it is looked for.
MISSING = re.compile(r"missing required field `([^`]*)`")

DIGEST = msgspec.json.Decoder(Sha256)
DIGEST_IN_LINE = re.compile(rb'"sha256"\s*:\s*"([0-9a-f]{64})"')
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
ONE_KIND = bytes.maketrans(b"{}", b"[]")
NEITHER_BRACKETS_NOR_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))


class _Op(Op, frozen=True, kw_only=True):
    """An op whose paths are still to be held against their pattern."""

    set: Annotated[Mapping[str, Raw], Meta(max_length=FIELDS_PER_OP_MAX)] = {}


class OpReader:
    """Reads ops. The same paths come again and again: each is held against its pattern once and
    not once an op, which would take twice as long as everything else that is read.
    """

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(_Op)
        self.known: set[str] = set()

    def read(self, raw: bytes) -> Op:
        """Raises as msgspec does."""
        try:
            op = self._decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return OP.decode(raw)  # It says what is wrong first.
        if self.known.issuperset(op.set):
            return op
        OP.decode(raw)
        if len(self.known) > PATHS_KEPT:
            self.known.clear()  # Paths with ids fill it up; the usual ones are soon here again.
        self.known.update(op.set)
        return op


OPS = OpReader()


class Parsed(Struct, frozen=True):
    """One line under its positional number: an op, or the problem with reading it."""

    n: int
    raw: bytes
    op: Op | None = None
    problem: Problem | None = None


def read_push(body: bytes) -> tuple[PushHeader, tuple[Parsed, ...]]:
    """Split an unpacked push into header and lines.

    Raises `HeaderUnreadable` or `TooManyOps`; nothing about a later line is ever raised.
    """
    # Not split further than it is read: 32 MiB of line ends would be a list of as many lines.
    first, *lines = body.split(b"\n", OPS_PER_PUSH_MAX + 1)
    try:
        header = HEADER.decode(first)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HeaderUnreadable(str(error), fields=fields_of(str(error))) from None
    if lines and lines[-1] == b"":
        lines.pop()
    if len(lines) > OPS_PER_PUSH_MAX:
        raise TooManyOps(f"more than {OPS_PER_PUSH_MAX} ops")
    if header.first_n + len(lines) > INTEGER_MAX:
        raise HeaderUnreadable("first_n is beyond the numbers there are")
    return header, tuple(
        read_line(raw, header.first_n + position) for position, raw in enumerate(lines)
    )


def read_line(raw: bytes, n: int) -> Parsed:
    """Decode one op; a line that cannot be one comes back with its problem."""
    if len(raw) > OP_BYTES_MAX:
        return refused(raw, n, f"{len(raw)} bytes, at most {OP_BYTES_MAX}")
    if depth(raw) > DEPTH_MAX:
        return refused(raw, n, f"nested deeper than {DEPTH_MAX}")
    try:
        op = OPS.read(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return refused(raw, n, str(error))
    if "\x00" in op.kind:  # No database holds it, and the kind is kept beside the line.
        return refused(raw, n, "holds NUL - at `$.kind`")
    if op.n != n:
        fields = (FieldProblem(field="n", detail=f"is {op.n}, but its place is {n}"),)
        return Parsed(n, raw, problem=InvalidOp("n is not the position", fields=fields).problem())
    return Parsed(n, raw, op)


def refused(raw: bytes, n: int, detail: str) -> Parsed:
    return Parsed(
        n, raw, problem=UnreadableLine(detail[:1_000], fields=fields_of(detail)).problem()
    )


def fields_of(detail: str) -> tuple[FieldProblem, ...]:
    """The member that msgspec found wrong, as in "Expected `int` - at `$.n`"; none of no JSON."""
    said, _, place = detail.partition(" - at `")
    missing = MISSING.search(said)
    if not place and not missing and not said.startswith("Expected"):
        return ()
    path = place.rstrip("`").removeprefix("key` in `").lstrip("$.")
    parts = (path, missing[1] if missing else "")
    field = ".".join(filter(None, parts)) or "$"
    return (FieldProblem(field=field[:1_000], detail=detail[:1_000]),)


def read_kept(raw: bytes) -> Op | None:
    """An op as it was received; None of a line that could not be read."""
    try:
        return OPS.read(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Named(Struct, frozen=True):
    """The part of a line that names an op, of whatever else it cannot be one."""

    id: UUID


NAMED = msgspec.json.Decoder(_Named)


def named_in(raw: bytes) -> UUID | bytes:
    """What tells one line that could not be read from another: the id in it, else its bytes.

    A newer version of the app may write the same op otherwise.
    """
    if len(raw) > OP_BYTES_MAX or depth(raw) > DEPTH_MAX:
        return raw
    try:
        return NAMED.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw


def digest_in(op: Op) -> str | None:
    """The bytes that an attachment's op names, by their SHA-256; None where it names none."""
    raw = op.set.get("sha256") if op.kind == "attachment" else None
    try:
        return None if raw is None else DIGEST.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # The planner names the field.


def pinned(kind: str, raw: bytes) -> str | None:
    """The bytes that a line as received names; of one that could not be read, as far as it can be.

    What became of it is no matter: somebody may mend it yet.
    """
    if kind == "attachment":
        op = read_kept(raw)
        return None if op is None else digest_in(op)
    found = None if kind else DIGEST_IN_LINE.search(raw)
    return found[1].decode() if found else None


def depth(raw: bytes) -> int:
    """How deep brackets are nested, strings left aside; cheap where there are few.

    No deeper is looked than one level beyond `DEPTH_MAX`. Pairs are taken away from within, all of
    a level at once: byte by byte a full push would keep the server from everybody else for seconds.
    """
    left = brackets(raw)
    if left.count(b"[") <= DEPTH_MAX:
        return 0
    # A quote stays where a string holds a bracket; an escaped one is no quote.
    if b'"' in left or b"\\" in raw:
        left = brackets(STRING.sub(b"", raw)).replace(b'"', b"")
    for level in range(DEPTH_MAX + 1):
        if b"[]" not in left:
            return level + left.count(b"[")
        left = left.replace(b"[]", b"")
    return DEPTH_MAX + 1


def brackets(raw: bytes) -> bytes:
    """The brackets of some JSON as if all were square, and quotes that are not an empty pair."""
    return raw.translate(ONE_KIND, NEITHER_BRACKETS_NOR_QUOTES).replace(b'""', b"")


def storable(value: Json, path: str = "") -> FieldProblem | None:
    """What a database cannot hold: NUL in text, integers beyond 2⁵³. The first such place."""
    if isinstance(value, str):
        return FieldProblem(field=path, detail="holds NUL") if "\x00" in value else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        return FieldProblem(field=path, detail="is beyond the integers there are")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if "\x00" in key:
                return FieldProblem(field=path, detail="has a name that holds NUL")
            if found := storable(inner, f"{path}.{key}"):
                return found
    elif isinstance(value, Sequence):
        for position, inner in enumerate(value):
            if found := storable(inner, f"{path}[{position}]"):
                return found
    return None
