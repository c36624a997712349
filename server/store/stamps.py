"""Stamps at rest: who wrote each path last. Rule: one group per version, for one op makes it.

A creation writes twenty paths at once. Written out path by path, their stamps would be three
times as long as the record itself.
"""

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


def encode(stamps: Mapping[str, Stamp]) -> str:
    paths: dict[int, list[str]] = {}
    by_version: dict[int, Stamp] = {}
    for path, stamp in stamps.items():
        paths.setdefault(stamp.version, []).append(path)
        by_version[stamp.version] = stamp
    groups = [
        Group(version, stamp.lineage, stamp.n, stamp.op, paths[version])
        for version, stamp in by_version.items()
    ]
    return msgspec.json.encode(groups).decode()


def decode(text: str) -> dict[str, Stamp]:
    stamps: dict[str, Stamp] = {}
    for group in GROUPS.decode(text):
        stamp = Stamp(group.version, group.lineage, group.n, group.op)
        stamps.update(dict.fromkeys(group.paths, stamp))
    return stamps
