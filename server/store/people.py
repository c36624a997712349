"""People and their passwords. Rule: a password's hash leaves this module only towards its check."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Language
from server.store.among import among
from server.store.listed import Sortable, holds, ordered, sought
from server.store.people_tables import devices, grants, people


class Person(Struct, frozen=True, kw_only=True):
    id: UUID
    login: str
    name: str
    phone: str = ""
    email: str = ""
    language: Language = "zh-CN"
    active: bool = True
    created_at: datetime


COLUMNS = tuple(people.c[name] for name in Person.__struct_fields__)


async def load(tx: AsyncConnection, person_id: UUID) -> Person | None:
    row = (await tx.execute(select(*COLUMNS).where(people.c.id == person_id))).one_or_none()
    return msgspec.convert(row, Person, from_attributes=True) if row else None


async def load_by_login(tx: AsyncConnection, login: str) -> Person | None:
    row = (await tx.execute(select(*COLUMNS).where(people.c.login == login))).one_or_none()
    return msgspec.convert(row, Person, from_attributes=True) if row else None


async def load_all(tx: AsyncConnection) -> list[Person]:
    """Everybody who was ever here, by login."""
    rows = await tx.execute(select(*COLUMNS).order_by(people.c.login))
    return [msgspec.convert(row, Person, from_attributes=True) for row in rows]


IN_USE = (
    select(func.count())
    .where(devices.c.person_id == people.c.id, devices.c.state == "active")
    .scalar_subquery()
)
ORDERS: Mapping[str, Sequence[Sortable]] = {
    "login": (people.c.login,),
    "name": (people.c.name,),
    "devices": (IN_USE,),
}


async def load_page(
    tx: AsyncConnection,
    text: str,
    *,
    whom: Collection[UUID] | None,
    order: str,
    limit: int,
    offset: int,
) -> tuple[int, list[tuple[Person, int]]]:
    """A page of those of whom name, login or phone holds `text`, and how many there are of them.

    Each with how many devices they have in use. `whom` limits it to some people; None to nobody.
    """
    # A login is in lower case, and a phone number has at most letters that all databases know.
    parts = (people.c.sought, people.c.login, func.lower(people.c.phone))
    wanted = [or_(*(holds(part, text) for part in parts))]
    wanted += [among(people.c.id, whom)] if whom is not None else []
    total = await tx.scalar(select(func.count()).select_from(people).where(*wanted))
    query = (
        select(*COLUMNS, IN_USE.label("in_use"))
        .where(*wanted)
        .order_by(*ordered(ORDERS, order, people.c.login))
        .limit(limit)
        .offset(offset)
    )
    rows = await tx.execute(query)
    return total or 0, [
        (msgspec.convert(row, Person, from_attributes=True), row.in_use) for row in rows
    ]


async def load_active(tx: AsyncConnection, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of `person_ids` who are here."""
    if not person_ids:
        return frozenset()
    query = select(people.c.id).where(people.c.id.in_(person_ids), people.c.active)
    return frozenset(await tx.scalars(query))


async def lock(tx: AsyncConnection, person_id: UUID) -> Person | None:
    """Load somebody whose grants, state or devices are about to change: one change at a time."""
    query = select(*COLUMNS).where(people.c.id == person_id).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return msgspec.convert(row, Person, from_attributes=True) if row else None


async def save_details(tx: AsyncConnection, person: Person) -> None:
    """Keep name, phone and e-mail."""
    values = {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "sought": sought(person.name),
    }
    await tx.execute(people.update().where(people.c.id == person.id), values)


async def save_active(tx: AsyncConnection, person_id: UUID, *, active: bool, at: datetime) -> None:
    values = {"active": active, "active_at": at}
    await tx.execute(people.update().where(people.c.id == person_id), values)


async def load_active_at(tx: AsyncConnection, person_id: UUID) -> datetime | None:
    """When somebody last left or came back; None for one who never did."""
    return await tx.scalar(select(people.c.active_at).where(people.c.id == person_id))


async def load_password_hash(tx: AsyncConnection, person_id: UUID) -> str | None:
    return await tx.scalar(select(people.c.password_hash).where(people.c.id == person_id))


async def save_new(tx: AsyncConnection, person: Person, *, password_hash: str | None) -> None:
    """Raises SQLAlchemy's `IntegrityError` when somebody has the login already."""
    values = {name: getattr(person, name) for name in Person.__struct_fields__}
    kept = {"password_hash": password_hash, "sought": sought(person.name)}
    await tx.execute(people.insert(), values | kept)


async def save_password_hash(tx: AsyncConnection, person_id: UUID, password_hash: str) -> None:
    await tx.execute(
        people.update().where(people.c.id == person_id), {"password_hash": password_hash}
    )


async def save_language(tx: AsyncConnection, person_id: UUID, language: str) -> None:
    await tx.execute(people.update().where(people.c.id == person_id), {"language": language})


ADMINISTRATORS = (
    select(grants.c.id)
    .join(people, people.c.id == grants.c.person_id)
    .where(grants.c.role == "administrator", grants.c.revoked_at.is_(None), people.c.active)
)


async def has_administrator(tx: AsyncConnection) -> bool:
    """Whether anybody active holds the global grant."""
    return bool(await tx.scalar(select(exists(ADMINISTRATORS))))


async def lock_administrators(tx: AsyncConnection) -> None:
    """Hold all administrators until `tx` ends: two who end each other must not both succeed."""
    await tx.execute(ADMINISTRATORS.order_by(grants.c.id).with_for_update())
