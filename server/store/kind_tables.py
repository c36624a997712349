"""One table per kind, its columns read from its struct. Rule: struct and table cannot disagree.

Scalars become typed columns that one can query and index; everything nested is JSON text.
`extra` keeps members of a newer version that this one does not know.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, Table, Text, Uuid

from schemas.kinds import KINDS, Kind
from server.store.tables import metadata
from server.store.types import JsonText, UtcInstant

ColumnType = Uuid[UUID] | UtcInstant | Date | Boolean | BigInteger | Float[float] | Text | JsonText

COLUMN_TYPES: Mapping[object, Callable[[], ColumnType]] = MappingProxyType(
    {
        UUID: Uuid,
        datetime: UtcInstant,
        date: Date,
        bool: Boolean,
        int: BigInteger,
        float: Float,
        str: Text,
    }
)

# The questions that the office asks of each kind, beyond id and scope.
INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "room": (("site",),),
        "asset": (("site",), ("serial",)),
        "tag": (("asset",),),
        "assignment": (("site",), ("due_at",), ("assignee", "state"), ("backup", "state")),
        "visit": (("assignment",), ("site",)),
        "inspection": (("assignment",), ("asset",)),
        "finding": (("asset",), ("inspection",)),
        "attachment": (("parent",), ("sha256",), ("received_at",)),
        "signature": (("of",),),
        "member": (("person",),),
        "disposition": (("device",), ("op",)),
        "key": (("device",),),
    }
)


def bare(hint: object) -> tuple[object, bool]:
    """The type without `Annotated` and `None`, and whether it may be null."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        members = [bare(arm)[0] for arm in get_args(hint) if arm is not NoneType]
        null = NoneType in get_args(hint)
        return (members[0] if len(members) == 1 else tuple), null
    if get_origin(hint) is Literal:
        return str, False
    return hint, False


def column(name: str, hint: object) -> Column[object]:
    sort, _ = bare(hint)
    kind_of = COLUMN_TYPES.get(sort, JsonText)
    return Column(name, kind_of(), nullable=True)


def table(kind: Kind) -> Table:
    return Table(
        kind.name,
        metadata,
        Column("id", Uuid(), primary_key=True),
        Column("scope_id", Text(), nullable=False),
        Column("version", BigInteger(), nullable=False),
        Column("withdrawn", Boolean(), nullable=False),
        *(column(name, field.type) for name, field in kind.fields.items()),
        Column("extra", JsonText(), nullable=True),
        Column("stamps", JsonText(), nullable=False),
        Index(None, "scope_id"),
        *(Index(None, *names) for names in INDEXES.get(kind.name, ())),
    )


KIND_TABLES: Mapping[str, Table] = MappingProxyType(
    {name: table(kind) for name, kind in KINDS.items()}
)
