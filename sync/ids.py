"""Ids: minted ones sort by time (UUIDv7), derived ones meet (UUIDv5). Pure: no clock, no chance."""

from functools import lru_cache
from uuid import UUID, uuid5

# Fixed for ever: ids derived from it are in databases and on tablets.
NAMESPACE_TAG = UUID("3f0c7a52-6f6b-5d0e-9d0a-7a1f0c9b2e11")
IDS_KEPT = 16_384  # Remembered, of those that records name.


@lru_cache(maxsize=IDS_KEPT)
def read_id(text: str) -> UUID:
    """The id that a record names in its data. Raises `ValueError`.

    Each is read many times over: by what checks the record, by what follows from it, and again by
    the next record of the same asset or round.
    """
    return UUID(text)


def uuid7(*, unix_ms: int, random: int) -> UUID:
    """The id for an instant, in milliseconds since 1970 UTC, and 74 random bits (RFC 9562, 5.7)."""
    assert 0 <= unix_ms < 1 << 48
    assert 0 <= random < 1 << 74
    high, low = random >> 62, random & (1 << 62) - 1
    return UUID(int=unix_ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def inspection_id(assignment: UUID, asset: UUID) -> UUID:
    """Two engineers offline who inspect one asset of one assignment meet on one record."""
    return uuid5(assignment, str(asset))


def tag_id(code: str) -> UUID:
    """The record that binds the printed `code` (canonical form, without dashes)."""
    return uuid5(NAMESPACE_TAG, code)


def member_id(site: UUID, person: UUID) -> UUID:
    return uuid5(site, str(person))


def disposition_id(device: UUID, op: UUID) -> UUID:
    """One op may be told to several devices of one lineage; each has its own record of it."""
    return uuid5(device, str(op))


def key_id(device: UUID) -> UUID:
    """The record of a device's key: there is one, and a device gets no second key."""
    return uuid5(device, "key")


def unread_id(lineage: UUID, n: int) -> UUID:
    """Names a line that could not be read, and so has no id of its own that anybody knows."""
    return uuid5(lineage, str(n))


def upload_id(device: UUID, sha256: str) -> UUID:
    """One upload of the same bytes by a device: who begins it anew finds it again."""
    return uuid5(device, sha256)


def conflict_id(op: UUID, path: str) -> UUID:
    return uuid5(op, path)
