"""Records at rest, of every kind alike. Rule: read and written in bulk, one statement per kind."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from hashlib import sha256
from itertools import groupby
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Float, Select, Uuid, and_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from server.store import bulk, stamps
from server.store.among import among
from server.store.kind_tables import KIND_TABLES
from server.store.tables import feed
from server.store.types import IdText, JsonText, UtcInstant
from sync.ids import read_id
from sync.record import MARK_SPAN, Json, Record

ANY, ENCODER = msgspec.json.Decoder(object), msgspec.json.Encoder()
PLACES = select(feed.c.record_id, feed.c.scope_id, feed.c.kind).where(
    among(feed.c.record_id, "ids"), feed.c.gone.is_(None) | (feed.c.gone == "withdrawn")
)
EXTRA = msgspec.json.Decoder(dict[str, object])
SYSTEM = ("id", "scope_id", "version", "withdrawn")


class Located(Struct, frozen=True, gc=False):
    """Where a record is now, as far as one can tell without a lock."""

    scope: str
    kind: str


class Write(Struct, frozen=True, gc=False):
    """A record to be stored, and the version that must be there before; 0 means none."""

    record: Record
    expected: int


async def locate(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Located]:
    """Scope and kind of those of `ids` that exist, withdrawn ones included."""
    if not ids:
        return {}
    rows = await tx.execute(PLACES, {"ids": ids})
    return {row.record_id: Located(row.scope_id, row.kind) for row in rows}


async def load(tx: AsyncConnection, located: Mapping[UUID, Located]) -> dict[UUID, Record]:
    """The records at `located`, whole, by id; one statement per kind."""
    found: dict[UUID, Record] = {}
    by_kind: dict[str, list[UUID]] = {}
    for id_, place in located.items():
        by_kind.setdefault(place.kind, []).append(id_)
    for kind, ids in by_kind.items():
        found |= await load_by(tx, kind, "id", ids)
    return found


async def load_by(
    tx: AsyncConnection, kind: str, field: str, values: Collection[object]
) -> dict[UUID, Record]:
    """All records of `kind` whose column `field` is one of `values`."""
    if not values:
        return {}
    return await _select(tx, kind, field, values)


class Fields(Struct, frozen=True):
    """A kind's fields in the order of their columns, and the way of each to its column and back.

    None: the column holds the JSON value itself, and an id is asked for as such.
    """

    names: tuple[str, ...]
    to_column: tuple[Callable[[Json], object] | None, ...]
    to_json: tuple[Callable[[object], Json] | None, ...]


@cache
def fields_of(kind: str) -> Fields:
    table, names = KIND_TABLES[kind], tuple(KINDS[kind].fields)
    to_column: list[Callable[[Json], object] | None] = []
    to_json: list[Callable[[object], Json] | None] = []
    for name in names:
        type_ = table.c[name].type
        if isinstance(type_, JsonText):
            to_column.append(_text_of)
            to_json.append(_json_of)
        elif isinstance(type_, UtcInstant) or type_.python_type in (UUID, date):
            python = datetime if isinstance(type_, UtcInstant) else type_.python_type
            to_column.append(_id_of if python is UUID else partial(msgspec.convert, type=python))
            to_json.append(None if python is UUID else msgspec.to_builtins)
        else:
            to_column.append(None)
            to_json.append(None)
    return Fields(names, tuple(to_column), tuple(to_json))


@cache
def _query(kind: str, field: str) -> Select[*tuple[object, ...]]:
    """Made once: SQLAlchemy needs longer to put it together than the database to answer it."""
    table, names = KIND_TABLES[kind], fields_of(kind).names
    system = (table.c[name] for name in (*SYSTEM, "extra", "stamps"))
    data = (as_json(table.c[name]) for name in names)
    at_home = and_(feed.c.scope_id == table.c.scope_id, feed.c.record_id == table.c.id)
    return (
        select(feed.c.mark, *system, *data)
        .select_from(table.outerjoin(feed, at_home))
        .where(among(table.c[field], "values"))
    )


def as_json(column: ColumnElement[object]) -> ColumnElement[object]:
    """The column; one of ids as text."""
    return type_coerce(column, IdText()) if isinstance(column.type, Uuid) else column


async def _select(
    tx: AsyncConnection, kind: str, field: str, values: Collection[object]
) -> dict[UUID, Record]:
    fields, rows = fields_of(kind), await tx.execute(_query(kind, field), {"values": values})
    found: dict[UUID, Record] = {}
    for row in rows:
        values = row[-len(fields.names) :]
        data: dict[str, Json] = {
            name: value if convert is None else convert(value)
            for name, convert, value in zip(fields.names, fields.to_json, values, strict=True)
            if value is not None
        }
        if row.extra is not None:
            data |= EXTRA.decode(row.extra)
        found[row.id] = Record(
            kind=kind,
            id=row.id,
            scope=row.scope_id,
            version=row.version,
            data=data,
            stamps=stamps.decode(row.stamps),
            withdrawn=row.withdrawn,
            mark=0 if row.mark is None else row.mark % MARK_SPAN,
        )
    return found


def _text_of(value: Json) -> str:
    return ENCODER.encode(value).decode()


def _json_of(text: object) -> Json:
    assert isinstance(text, str)
    return ANY.decode(text)


def _id_of(text: Json) -> UUID:
    return read_id(str(text))


def row_of(record: Record) -> tuple[object, ...]:
    """The record's columns. The planner has checked each value against its field's type."""
    fields, data = fields_of(record.kind), record.data
    known = KINDS[record.kind].fields.keys()
    # Fields of a newer version; mostly there are none.
    extra = {} if data.keys() <= known else {n: v for n, v in data.items() if n not in known}
    values = (
        value if value is None or convert is None else convert(value)
        for convert, value in zip(fields.to_column, map(data.get, fields.names), strict=True)
    )
    return (
        record.id,
        record.scope,
        record.version,
        record.withdrawn,
        *values,
        _text_of(extra) if extra else None,
        stamps.encode(record.stamps),
    )


@cache
def _is_real(kind: str) -> tuple[bool, ...]:
    """Which columns hold a floating-point number: there 5 and 5.0 are one."""
    names = (*SYSTEM, *fields_of(kind).names, "extra", "stamps")
    return tuple(isinstance(KIND_TABLES[kind].c[name].type, Float) for name in names)


def digest(kind: str, row: Sequence[object]) -> str:
    """128 bits of SHA-256 of a record's row, the same whether it goes into the table or comes."""
    plain = [
        value.astimezone(UTC)
        if isinstance(value, datetime)
        else float(value)
        if is_real and isinstance(value, int | float)
        else value
        for is_real, value in zip(_is_real(kind), row, strict=True)
    ]
    return sha256(ENCODER.encode(plain)).hexdigest()[:32]


async def save(tx: AsyncConnection, writes: Sequence[Write]) -> Mapping[UUID, str] | None:
    """Store `writes`; the digest of each row. None when one was not at its expected version.

    After None, or after a unique violation, nothing of the transaction may be kept.
    """
    digests: dict[UUID, str] = {}
    for kind, group in groupby(sorted(writes, key=_kind), key=_kind):
        table, names = KIND_TABLES[kind], (*SYSTEM, *KINDS[kind].fields, "extra", "stamps")
        of_kind = list(group)
        rows = {write.record.id: row_of(write.record) for write in of_kind}
        digests |= {id_: digest(kind, row) for id_, row in rows.items()}
        later = [write for write in of_kind if write.expected > 0]
        fresh = [rows[write.record.id] for write in of_kind if write.expected == 0]
        await bulk.insert(tx, table, names, fresh)
        done = await bulk.update(
            tx,
            table,
            names,
            [rows[write.record.id] for write in later],
            expected=[write.expected for write in later],
        )
        if done != len(later):
            return None
    return digests


def _kind(write: Write) -> str:
    return write.record.kind
