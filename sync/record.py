"""A record as the planner sees it, and its bytes on the wire. Pure: no clock, no chance, no I/O."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from schemas.kinds import KINDS

Json = object  # None, bool, int, float, str, list or dict of such, as decoded from JSON.
MARK_SPAN = 1 << 64
ENCODER = msgspec.json.Encoder()


class Stamp(Struct, frozen=True, array_like=True, gc=False):
    """Who wrote a path last: the record's version that it made, and the op by lineage, n and id."""

    version: int
    lineage: UUID
    n: int
    op: UUID


class Record(Struct, frozen=True, gc=False):
    """One synced thing. `data` is JSON by field; `stamps` is by path, also of removed elements.

    `version` 0 does not exist yet. `mark` is of the line that was sent last; 0 if none was.
    """

    kind: str
    id: UUID
    scope: str
    version: int
    data: Mapping[str, Json]
    stamps: Mapping[str, Stamp]
    withdrawn: bool = False
    mark: int = 0


class Line(Struct, frozen=True, kw_only=True):
    """The order of members on the wire; the same bytes are stored, marked and sent."""

    t: str = "record"
    scope: str
    seq: int
    kind: str
    id: UUID
    version: int
    data: Mapping[str, Json]


def encode_line(record: Record, seq: int) -> bytes:
    """The record's line as it will be sent, without the newline. Nulls are left out."""
    names, held = KINDS[record.kind].fields, record.data
    data = {name: value for name in names if (value := held.get(name)) is not None}
    if len(data) < len(held):  # Fields of a newer version are kept and sent.
        data |= {n: v for n, v in held.items() if n not in names and v is not None}
    return ENCODER.encode(
        Line(
            scope=record.scope,
            seq=seq,
            kind=record.kind,
            id=record.id,
            version=record.version,
            data=data,
        )
    )


def raw(value: object) -> Raw:
    """A value as an op carries it."""
    return Raw(ENCODER.encode(value))


def raws(values: Mapping[str, object]) -> dict[str, Raw]:
    """Values by their paths, as an op carries them."""
    return {path: raw(value) for path, value in values.items()}


def mark(line: bytes) -> int:
    """64 bits of SHA-256 of a line as sent; a scope's digest is the sum of its marks mod 2⁶⁴."""
    return int.from_bytes(sha256(line).digest()[:8])


def same(a: Json, b: Json) -> bool:
    """Equal as JSON. Python holds that `True == 1`; an inspector does not."""
    if a is None or type(a) is str:  # Most there is; nothing else equals either.
        return a == b
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b
