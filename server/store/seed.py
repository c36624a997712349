"""Load whole records at once: imports and the demo. Rule: leaves everything as a push would.

Not for edits: nothing is merged, and the ids must be new.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_SPAN
from schemas.kinds import KINDS
from server.store import bulk, ops, scopes
from server.store.feed import FeedRow, write_feed
from server.store.records import Write, save
from server.store.tables import claims
from sync.record import Json, Record, Stamp, encode_line, mark
from sync.vouching import Wrote

ROWS_PER_STATEMENT = 2_000
IMPORTED_AT = datetime(2000, 1, 1, tzinfo=UTC)  # It was received from nobody, at no time.


class Seed(Struct, frozen=True):
    """One record to load. `data` is JSON: ids and instants as text."""

    kind: str
    id: UUID
    scope: str
    data: Mapping[str, Json]


def stamps(kind: str, data: Mapping[str, Json], stamp: Stamp) -> dict[str, Stamp]:
    """Every path written by one op, as a creation leaves it."""
    found: dict[str, Stamp] = {}
    for name, value in data.items():
        field = KINDS[kind].fields.get(name)
        rule = field.rule if field else "register"
        if rule == "registers" and isinstance(value, dict):
            found |= {f"{name}.{key}": stamp for key in value}
        elif field and rule == "grow" and isinstance(value, dict):
            for element, inner in value.items():
                found[f"{name}.{element}"] = stamp
                for leaf, leaf_value in inner.items():
                    shape = field.element.get(leaf)
                    path = f"{name}.{element}.{leaf}"
                    if shape and shape.rule == "registers" and isinstance(leaf_value, dict):
                        found |= {f"{path}.{key}": stamp for key in leaf_value}
                    else:
                        found[path] = stamp
        else:
            found[name] = stamp
    return found


async def seed(tx: AsyncConnection, seeds: Iterable[Seed], *, epoch: int, lineage: UUID) -> int:
    """Store `seeds` in their scopes, in order; how many there were."""
    ready = list(seeds)
    states = await scopes.lock(tx, {one.scope for one in ready}, epoch=epoch)
    version = epoch * EPOCH_SPAN + 1
    for start in range(0, len(ready), ROWS_PER_STATEMENT):
        writes, rows, wrote = [], [], []
        for one in ready[start : start + ROWS_PER_STATEMENT]:
            state = states[one.scope]
            stamp = Stamp(version, lineage, 1, one.id)
            record = Record(
                kind=one.kind,
                id=one.id,
                scope=one.scope,
                version=version,
                data=one.data,
                stamps=stamps(one.kind, one.data, stamp),
            )
            seq = state.head + 1
            line = encode_line(record, seq)
            states[one.scope] = state.after(seq=seq, live=1, marks=mark(line))
            writes.append(Write(record, 0))
            rows.append(FeedRow(one.scope, one.id, seq, one.kind, version, None, mark(line), line))
            wrote.append(Wrote(one.kind, one.id, version, seq, mark(line), ""))
        digests = await save(tx, writes)
        assert digests is not None, "what is new was nowhere before"
        await write_feed(tx, rows)
        told = [replace(one, row=digests[one.record]) for one in wrote]
        await ops.note(tx, lineage, told, at=IMPORTED_AT)
    await scopes.store(tx, states.values())
    return len(ready)


async def bind_codes(
    tx: AsyncConnection, bound: Iterable[tuple[str, UUID | None, str | None, str | None]]
) -> None:
    """Claims: code, asset, its scope, and the printed batch that a blank tag belongs to."""
    rows = [(code, asset, scope, batch, None, False) for code, asset, scope, batch in bound]
    names = ("code", "asset_id", "scope_id", "batch", "printed_at", "retired")
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        await bulk.insert(tx, claims, names, rows[start : start + ROWS_PER_STATEMENT])
