"""What a device is told of its own ops: `disposition` records in its own scope. Pure.

Rule: an outcome never changes; what becomes of it later is written here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from schemas.kinds.notices import Settled
from schemas.ops import OutcomeName
from schemas.problems import Problem
from sync.ids import disposition_id
from sync.merge import Conflict
from sync.record import Json, Record, Stamp
from sync.scopes import device_scope


def tell(
    stamp: Stamp,
    *,
    device: UUID,
    op: UUID,
    n: int,
    about: tuple[str, UUID | None],
    verdict: Mapping[str, Json],
    at: datetime,
) -> Record:
    """The record that tells `device` what became of `op`; `about` is the kind and the record."""
    data: dict[str, Json] = {
        "device": str(device),
        "op": str(op),
        "n": n,
        "record_kind": about[0],
        "record": str(about[1]) if about[1] else None,
        **verdict,
        "at": msgspec.to_builtins(at),
    }
    known = {name: value for name, value in data.items() if value is not None}
    return Record(
        kind="disposition",
        id=disposition_id(device, op),
        scope=device_scope(device),
        version=stamp.version,
        data=known,
        stamps=dict.fromkeys(known, stamp),
    )


def verdict_fields(
    outcome: OutcomeName,
    *,
    problem: Problem | None = None,
    conflicts: Sequence[Conflict] = (),
    cause: UUID | None = None,
) -> dict[str, Json]:
    """What a disposition says of an outcome; nulls take a field back."""
    return {
        "outcome": outcome,
        "problem": msgspec.to_builtins(problem),
        "fields": [{"path": c.path, "theirs": c.theirs, "ours": c.ours} for c in conflicts],
        "cause": str(cause) if cause else None,
    }


def rewrite(told: Record, stamp: Stamp, fields: Mapping[str, Json]) -> Record:
    """The disposition with `fields` in place of what it said of them."""
    data = {name: value for name, value in {**told.data, **fields}.items() if value is not None}
    return msgspec.structs.replace(
        told,
        version=stamp.version,
        data=data,
        stamps={**told.stamps, **dict.fromkeys(fields, stamp)},
    )


def settled(told: Record, stamp: Stamp, what: Settled) -> Record:
    return rewrite(told, stamp, {"settled": msgspec.to_builtins(what)})


def retold(told: Record, device: UUID) -> Record:
    """The same for another device of the person: one that took the lineage over."""
    return msgspec.structs.replace(
        told,
        id=disposition_id(device, UUID(str(told.data["op"]))),
        scope=device_scope(device),
        data={**told.data, "device": str(device)},
        mark=0,
    )
