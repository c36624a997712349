"""Stamps at rest: who wrote each path last. Rule: one group per version, for one op makes it.

A creation writes twenty paths at once. Written out path by path, their stamps would be three
times as long as the record itself.
"""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec import Struct

from sync.record import Stamp


class Group(Struct, frozen=True, array_like=True, gc=False):
    """The paths that one op wrote last, under the version that it made."""

    version: int
    lineage: UUID
    n: int
    op: UUID
    paths: list[str]


GROUPS = msgspec.json.Decoder(list[Group])
ENCODER = msgspec.json.Encoder()


def encode(stamps: Mapping[str, Stamp]) -> str:
    paths = defaultdict[int, list[str]](list)
    for path, stamp in stamps.items():
        paths[stamp.version].append(path)
    groups = [
        Group(version, stamp.lineage, stamp.n, stamp.op, named)
        for version, named in paths.items()
        for stamp in (stamps[named[-1]],)
    ]
    return ENCODER.encode(groups).decode()


def decode(text: str) -> dict[str, Stamp]:
    stamps: dict[str, Stamp] = {}
    for group in GROUPS.decode(text):
        stamp = Stamp(group.version, group.lineage, group.n, group.op)
        stamps.update(dict.fromkeys(group.paths, stamp))
    return stamps
