"""People signed in to the office. Rule: rows hold the cookie's SHA-256, and expire."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.people_tables import sessions


class Session(Struct, frozen=True, kw_only=True):
    hash: bytes
    person_id: UUID
    created_at: datetime
    expires_at: datetime
    csrf: str


async def load(tx: AsyncConnection, digest: bytes, *, now: datetime) -> Session | None:
    """Load a session that has not expired."""
    query = select(sessions).where(sessions.c.hash == digest, sessions.c.expires_at > now)
    row = (await tx.execute(query)).one_or_none()
    return msgspec.convert(row, Session, from_attributes=True) if row else None


async def save_new(tx: AsyncConnection, session: Session) -> None:
    await tx.execute(
        sessions.insert(), {name: getattr(session, name) for name in Session.__struct_fields__}
    )


async def end(tx: AsyncConnection, digest: bytes, *, now: datetime) -> None:
    """End one session; again changes nothing."""
    await tx.execute(
        sessions.update().where(sessions.c.hash == digest, sessions.c.expires_at > now),
        {"expires_at": now},
    )


async def end_all(tx: AsyncConnection, person_id: UUID, *, now: datetime) -> None:
    """End every session of somebody."""
    await tx.execute(
        sessions.update().where(sessions.c.person_id == person_id, sessions.c.expires_at > now),
        {"expires_at": now},
    )


async def end_others(tx: AsyncConnection, session: Session, *, now: datetime) -> None:
    """End every other session of the same person."""
    await tx.execute(
        sessions.update().where(
            sessions.c.person_id == session.person_id,
            sessions.c.hash != session.hash,
            sessions.c.expires_at > now,
        ),
        {"expires_at": now},
    )
