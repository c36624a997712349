"""One-time rights to enrol a device. Rule: one statement takes a ticket, so none is shared."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.people_tables import tickets


class Ticket(Struct, frozen=True, kw_only=True):
    hash: bytes
    person_id: UUID
    created_by: UUID | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    device_id: UUID | None = None


async def save_new(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(
        tickets.insert(), {name: getattr(ticket, name) for name in Ticket.__struct_fields__}
    )


async def load(tx: AsyncConnection, digest: bytes) -> Ticket | None:
    row = (await tx.execute(select(tickets).where(tickets.c.hash == digest))).one_or_none()
    return msgspec.convert(row, Ticket, from_attributes=True) if row else None


async def take(tx: AsyncConnection, digest: bytes, *, device_id: UUID, now: datetime) -> bool:
    """Use a ticket up for a device; false when it is unknown, used or expired."""
    done = await tx.execute(
        tickets.update().where(
            tickets.c.hash == digest, tickets.c.used_at.is_(None), tickets.c.expires_at > now
        ),
        {"used_at": now, "device_id": device_id},
    )
    return done.rowcount == 1


async def take_again(
    tx: AsyncConnection, digest: bytes, *, device_id: UUID, used_at: datetime
) -> bool:
    """Use up a ticket that was used before the database was taken back; whether it was whole."""
    done = await tx.execute(
        tickets.update().where(tickets.c.hash == digest, tickets.c.used_at.is_(None)),
        {"used_at": used_at, "device_id": device_id},
    )
    return done.rowcount == 1
