"""Records at rest, of every kind alike. Rule: read and written in bulk, one statement per kind."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from server.store import bulk
from server.store.kind_tables import KIND_TABLES
from server.store.tables import feed
from server.store.types import JsonText, UtcInstant
from sync.record import MARK_SPAN, Json, Record, Stamp

SYSTEM = ("id", "scope_id", "version", "withdrawn")
Stamps = dict[str, Stamp]


class Located(Struct, frozen=True):
    """Where a record is now, as far as one can tell without a lock."""

    scope: str
    kind: str


class Write(Struct, frozen=True):
    """A record to be stored, and the version that must be there before; 0 means none."""

    record: Record
    expected: int


async def locate(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Located]:
    """Scope and kind of those of `ids` that exist, withdrawn ones included."""
    if not ids:
        return {}
    query = select(feed.c.record_id, feed.c.scope_id, feed.c.kind).where(
        feed.c.record_id.in_(ids), feed.c.gone.is_(None) | (feed.c.gone == "withdrawn")
    )
    return {row.record_id: Located(row.scope_id, row.kind) for row in await tx.execute(query)}


async def load(tx: AsyncConnection, located: Mapping[UUID, Located]) -> dict[UUID, Record]:
    """The records at `located`, whole, by id; one statement per kind."""
    found: dict[UUID, Record] = {}
    by_kind: dict[str, list[UUID]] = {}
    for id_, place in located.items():
        by_kind.setdefault(place.kind, []).append(id_)
    for kind, ids in by_kind.items():
        table = KIND_TABLES[kind]
        found |= await _select(tx, kind, table.c.id.in_(ids))
    return found


async def load_by(
    tx: AsyncConnection, kind: str, field: str, values: Collection[object]
) -> dict[UUID, Record]:
    """All records of `kind` whose column `field` is one of `values`."""
    if not values:
        return {}
    return await _select(tx, kind, KIND_TABLES[kind].c[field].in_(values))


async def load_scope(tx: AsyncConnection, kind: str, scopes: Collection[str]) -> dict[UUID, Record]:
    """All records of `kind` in `scopes`."""
    if not scopes:
        return {}
    return await _select(tx, kind, KIND_TABLES[kind].c.scope_id.in_(scopes))


async def _select(
    tx: AsyncConnection, kind: str, condition: ColumnElement[bool]
) -> dict[UUID, Record]:
    table = KIND_TABLES[kind]
    query = (
        select(table, feed.c.mark)
        .select_from(
            table.outerjoin(
                feed,
                and_(feed.c.scope_id == table.c.scope_id, feed.c.record_id == table.c.id),
            )
        )
        .where(condition)
    )
    names = tuple(KINDS[kind].fields)
    json = {name for name in names if isinstance(table.c[name].type, JsonText)}
    return {
        row.id: _record(kind, dict(row._mapping), names, json)  # noqa: SLF001
        for row in await tx.execute(query)
    }


def _record(kind: str, row: Mapping[str, object], names: tuple[str, ...], json: set[str]) -> Record:
    data: dict[str, Json] = {}
    for name in names:
        value = row[name]
        if isinstance(value, str):
            data[name] = msgspec.json.decode(value) if name in json else value
        elif value is not None:
            data[name] = msgspec.to_builtins(value)
    if isinstance(row["extra"], str):
        data |= msgspec.json.decode(row["extra"], type=dict[str, object])
    mark = row["mark"]
    return Record(
        kind=kind,
        id=_uuid(row["id"]),
        scope=str(row["scope_id"]),
        version=_int(row["version"]),
        data=data,
        stamps=msgspec.json.decode(str(row["stamps"]), type=Stamps),
        withdrawn=bool(row["withdrawn"]),
        mark=_int(mark) % MARK_SPAN if mark is not None else 0,
    )


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID)
    return value


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def column_value(kind: str, name: str, value: Json) -> object:
    """JSON to what the column holds. The planner has checked it against the field's type."""
    type_ = KIND_TABLES[kind].c[name].type
    if isinstance(type_, JsonText):
        return None if value is None else msgspec.json.encode(value).decode()
    if value is None:
        return None
    python = type_.python_type
    if isinstance(type_, UtcInstant):
        return msgspec.convert(value, datetime)
    if python in (UUID, date):
        return msgspec.convert(value, python)
    return value


def row_of(record: Record) -> tuple[object, ...]:
    names = KINDS[record.kind].fields
    extra = {name: value for name, value in record.data.items() if name not in names}
    return (
        record.id,
        record.scope,
        record.version,
        record.withdrawn,
        *(column_value(record.kind, name, record.data.get(name)) for name in names),
        msgspec.json.encode(extra).decode() if extra else None,
        msgspec.json.encode(record.stamps).decode(),
    )


async def save(tx: AsyncConnection, writes: Sequence[Write]) -> bool:
    """Store `writes`; false when a record was no longer at its expected version.

    After false, or after a unique violation, nothing of the transaction may be kept.
    """
    for kind, group in groupby(sorted(writes, key=_kind), key=_kind):
        table, names = KIND_TABLES[kind], (*SYSTEM, *KINDS[kind].fields, "extra", "stamps")
        of_kind = list(group)
        fresh = [row_of(write.record) for write in of_kind if write.expected == 0]
        later = [write for write in of_kind if write.expected > 0]
        await bulk.insert(tx, table, names, fresh)
        done = await bulk.update(
            tx,
            table,
            names,
            [row_of(write.record) for write in later],
            expected=[write.expected for write in later],
        )
        if done != len(later):
            return False
    return True


def _kind(write: Write) -> str:
    return write.record.kind
