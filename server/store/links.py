"""One-time rights of strangers. Rule: one statement takes a link, so none is used twice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.people_tables import people
from server.store.proof_tables import links


class Link(Struct, frozen=True, kw_only=True):
    hash: bytes
    id: UUID
    kind: str
    record_id: UUID
    scope_id: str
    created_by: UUID
    device_id: UUID | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    withdrawn_at: datetime | None = None
    created_by_name: str | None = None

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > now


COLUMNS = tuple(name for name in Link.__struct_fields__ if name != "created_by_name")


async def save_new(tx: AsyncConnection, link: Link) -> None:
    await tx.execute(links.insert(), {name: getattr(link, name) for name in COLUMNS})


async def load_open(tx: AsyncConnection, digest: bytes, *, kind: str, now: datetime) -> Link | None:
    """The link of this secret while it works; None alike for every reason why it does not."""
    query = select(links).where(links.c.hash == digest, links.c.kind == kind)
    row = (await tx.execute(query)).one_or_none()
    found = msgspec.convert(row, Link, from_attributes=True) if row else None
    return found if found is not None and found.is_open(now) else None


async def load_of(tx: AsyncConnection, record: UUID, *, limit: int) -> Sequence[Link]:
    """Every link that was made for a record, the newest first."""
    query = (
        select(links, people.c.name.label("created_by_name"))
        .select_from(links.outerjoin(people, people.c.id == links.c.created_by))
        .where(links.c.record_id == record)
        .order_by(links.c.created_at.desc(), links.c.id.desc())
        .limit(limit)
    )
    return [msgspec.convert(row, Link, from_attributes=True) for row in await tx.execute(query)]


async def load(tx: AsyncConnection, id_: UUID) -> Link | None:
    row = (await tx.execute(select(links).where(links.c.id == id_))).one_or_none()
    return msgspec.convert(row, Link, from_attributes=True) if row else None


async def take(tx: AsyncConnection, digest: bytes, *, now: datetime) -> bool:
    """Use a link up; false when it is unknown, used, withdrawn or expired."""
    done = await tx.execute(
        links.update().where(
            links.c.hash == digest,
            links.c.used_at.is_(None),
            links.c.withdrawn_at.is_(None),
            links.c.expires_at > now,
        ),
        {"used_at": now},
    )
    return done.rowcount == 1


async def withdraw(tx: AsyncConnection, id_: UUID, *, at: datetime) -> bool:
    """Take a link back; false when it was used or withdrawn before."""
    done = await tx.execute(
        links.update().where(
            links.c.id == id_, links.c.used_at.is_(None), links.c.withdrawn_at.is_(None)
        ),
        {"withdrawn_at": at},
    )
    return done.rowcount == 1


async def withdraw_where(
    tx: AsyncConnection,
    *,
    at: datetime,
    record: UUID | None = None,
    device: UUID | None = None,
    person: UUID | None = None,
) -> Sequence[UUID]:
    """Take back every link that still works: of a record, or made on a device, or by a person."""
    named = ((links.c.record_id, record), (links.c.device_id, device), (links.c.created_by, person))
    wanted = [column.in_([value]) for column, value in named if value is not None]
    assert wanted, "never all of them"
    open_ = (links.c.used_at.is_(None), links.c.withdrawn_at.is_(None))
    statement = links.update().where(*wanted, *open_).values(withdrawn_at=at)
    return list(await tx.scalars(statement.returning(links.c.id)))
