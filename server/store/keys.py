"""The key of each device beside the record of it. Rule: only read; a record is written as an op."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import devices, people
from server.store.tables import ops
from sync.ids import key_id

KEY = KIND_TABLES["key"]
BESIDE = devices.outerjoin(KEY, KEY.c.device == devices.c.id)


class Registered(Struct, frozen=True, kw_only=True):
    """A key as it was registered, and by whose device; whether a record of that device says so."""

    public_key: str
    device: UUID
    device_name: str
    person: UUID
    person_name: str
    lineage: UUID
    enrolled_at: datetime
    is_recorded: bool = False


class Unrecorded(Struct, frozen=True):
    """A device whose key is in no record."""

    device: UUID
    person: UUID
    public_key: str
    enrolled_at: datetime


async def load_keys(tx: AsyncConnection) -> list[Registered]:
    """Every key that any device registered, also of those that were ended, the oldest first.

    What is recorded stands before what only stands in a device's row: of one key the record counts.
    """
    query = (
        select(
            func.coalesce(devices.c.public_key, KEY.c.public_key).label("public_key"),
            KEY.c.id.label("key"),
            KEY.c.public_key.label("recorded"),
            devices.c.id.label("device"),
            devices.c.name.label("device_name"),
            devices.c.person_id.label("person"),
            people.c.name.label("person_name"),
            devices.c.lineage_id.label("lineage"),
            devices.c.enrolled_at,
        )
        .select_from(BESIDE.join(people, people.c.id == devices.c.person_id))
        .where(or_(devices.c.public_key.is_not(None), KEY.c.public_key.is_not(None)))
        .order_by(devices.c.enrolled_at, devices.c.id)
    )
    found: list[Registered] = []
    for row in await tx.execute(query):
        own = msgspec.convert(row, Registered, from_attributes=True)
        if row.recorded is not None and row.key == key_id(own.device):
            found.append(replace(own, public_key=row.recorded, is_recorded=True))
        if row.public_key is not None and row.public_key != row.recorded:
            found.append(own)
    return sorted(found, key=lambda one: not one.is_recorded)


async def load_unrecorded(tx: AsyncConnection) -> list[Unrecorded]:
    """Every device whose key is in no record, the oldest first."""
    query = (
        select(
            devices.c.id.label("device"),
            devices.c.person_id.label("person"),
            devices.c.public_key,
            devices.c.enrolled_at,
        )
        .select_from(BESIDE)
        .where(devices.c.public_key.is_not(None), KEY.c.id.is_(None))
        .order_by(devices.c.enrolled_at, devices.c.id)
    )
    return [
        msgspec.convert(row, Unrecorded, from_attributes=True) for row in await tx.execute(query)
    ]


async def load_rekeyed(tx: AsyncConnection) -> Sequence[UUID]:
    """Devices of which a record says another key or person than their row, or that have no row.

    And those whose record was written more than once, or that have more than one: nobody does that
    whose server writes a key as the device is enrolled.
    """
    other = KEY.alias()
    written = select(func.count()).where(
        ops.c.record_id == KEY.c.id, ops.c.outcome_name.in_(("applied", "conflict"))
    )
    differs = or_(
        written.scalar_subquery() > 1,
        select(other.c.id).where(other.c.device == KEY.c.device, other.c.id != KEY.c.id).exists(),
        devices.c.id.is_(None),
        devices.c.public_key.is_distinct_from(KEY.c.public_key),
        devices.c.person_id.is_distinct_from(KEY.c.person),
    )
    query = (
        select(KEY.c.device)
        .distinct()
        .select_from(KEY.outerjoin(devices, devices.c.id == KEY.c.device))
        .where(KEY.c.device.is_not(None), differs)
        .order_by(KEY.c.device)
    )
    return (await tx.scalars(query)).all()
