"""Grants and what they reach: gathers for `sync.access`. Rule: whether is decided there."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    Row,
    Select,
    and_,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Words
from schemas.kinds.notices import Role
from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import grants, people
from sync.access import Access, Duty, Grant, Place, covers, demand_holdable, device_scopes

SITES = KIND_TABLES["site"]
ASSIGNMENTS = KIND_TABLES["assignment"]
OPEN_STATES = ("planned", "issued", "started")  # Work is still to be done; no state is planned.


class _Named(Struct, frozen=True):
    """The part of a customer's or contract's summary that says which one it is."""

    id: UUID


class StoredGrant(Struct, frozen=True, kw_only=True):
    """A grant as kept; `scope` is what `sync.access` needs of it."""

    id: UUID
    person: UUID
    role: Role
    customer: UUID | None
    contract: UUID | None
    site: UUID | None
    granted_at: datetime

    @property
    def plain(self) -> Grant:
        return Grant(self.role, self.customer, self.contract, self.site)


_summary = msgspec.json.Decoder(_Named | None)
_title = msgspec.json.Decoder(Words | None)


async def load_grants(
    tx: AsyncConnection, person_ids: Iterable[UUID] | None = None
) -> list[StoredGrant]:
    """Load what is granted now, oldest first; of everybody when no person is named."""
    query = select(
        grants.c.id,
        grants.c.person_id,
        grants.c.role,
        grants.c.customer_id,
        grants.c.contract_id,
        grants.c.site_id,
        grants.c.granted_at,
    ).where(grants.c.revoked_at.is_(None))
    if person_ids is not None:
        query = query.where(grants.c.person_id.in_(list(person_ids)))
    rows = await tx.execute(query.order_by(grants.c.granted_at, grants.c.id))
    return [
        StoredGrant(
            id=row.id,
            person=row.person_id,
            role=msgspec.convert(row.role, Role),
            customer=row.customer_id,
            contract=row.contract_id,
            site=row.site_id,
            granted_at=row.granted_at,
        )
        for row in rows
    ]


async def load_ever(tx: AsyncConnection, person_id: UUID) -> frozenset[Grant]:
    """Load what was ever granted to a person, also what was revoked since."""
    columns = (grants.c.role, grants.c.customer_id, grants.c.contract_id, grants.c.site_id)
    rows = await tx.execute(select(*columns).where(grants.c.person_id == person_id))
    return frozenset(Grant(msgspec.convert(role, Role), *place) for role, *place in rows)


class Sites(Struct, frozen=True):
    """Sites, found by their id, their customer or their contract."""

    places: dict[UUID, Place]
    by_customer: dict[UUID, list[Place]]
    by_contract: dict[UUID, list[Place]]

    def add(self, site: UUID, customer: str | None, contract: str | None) -> None:
        """Take one in, with the summaries that it has of the two, as JSON."""
        of_customer = _summary.decode(customer or "null")
        of_contract = _summary.decode(contract or "null")
        place = Place(site, of_customer and of_customer.id, of_contract and of_contract.id)
        self.places[site] = place
        if of_customer:
            self.by_customer.setdefault(of_customer.id, []).append(place)
        if of_contract:
            self.by_contract.setdefault(of_contract.id, []).append(place)

    def reach(self, held: Iterable[Grant]) -> dict[UUID, Place]:
        """Give the sites that any of these grants covers."""
        found: dict[UUID, Place] = {}
        for grant in held:
            if grant.role == "administrator":  # Global: covers every place.
                return dict(self.places)
            near = [*self.by_customer.get(grant.customer, ())] if grant.customer else []
            near += self.by_contract.get(grant.contract, ()) if grant.contract else ()
            near += [self.places[grant.site]] if grant.site in self.places else []
            found |= {place.site: place for place in near if place.site and covers(grant, place)}
        return found


async def load_sites(tx: AsyncConnection, site_ids: Iterable[UUID] | None = None) -> Sites:
    """Load where sites belong; of all sites unless some are named.

    A site's customer and contract are part of its record, not columns of their own, so a grant
    that names one of them can only be answered from every site's row.
    """
    query = select(SITES.c.id, SITES.c.customer, SITES.c.contract)
    if site_ids is not None:
        query = query.where(SITES.c.id.in_(list(site_ids)))
    sites = Sites({}, {}, {})
    for row in await tx.execute(query):
        sites.add(row.id, row.customer, row.contract)
    return sites


async def load_places(tx: AsyncConnection, held: Iterable[Grant]) -> dict[UUID, Place]:
    """Load the sites that any of these grants reaches, with customer and contract."""
    held = tuple(held)
    if not held:
        return {}
    named = [grant.site for grant in held if grant.site is not None]
    sites = await load_sites(tx, named if len(named) == len(held) else None)
    return sites.reach(held)


async def load_all_access(tx: AsyncConnection) -> dict[UUID, Access]:
    """Load what everybody active may reach, by person."""
    sites = await load_sites(tx)
    held: dict[UUID, list[Grant]] = {}
    for grant in await load_grants(tx):
        held.setdefault(grant.person, []).append(grant.plain)
    rows = await tx.execute(select(people.c.id, people.c.name).where(people.c.active))
    return {
        row.id: Access(
            row.id, row.name, tuple(held.get(row.id, ())), sites.reach(held.get(row.id, ()))
        )
        for row in rows
    }


async def load_named_at(
    tx: AsyncConnection, site: UUID, roles: Collection[Role], *, limit: int
) -> list[tuple[UUID, str]]:
    """Id and name of the people who hold one of these roles at a site, by name, some of them."""
    place = (await load_sites(tx, [site])).places.get(site)
    if place is None:
        return []
    named = {
        grants.c.site_id: place.site,
        grants.c.customer_id: place.customer,
        grants.c.contract_id: place.contract,
    }
    near = [column == id_ for column, id_ in named.items() if id_ is not None]
    query = (
        select(people.c.id, people.c.name)
        .distinct()
        .select_from(people.join(grants, grants.c.person_id == people.c.id))
        .where(people.c.active, grants.c.revoked_at.is_(None), grants.c.role.in_(roles), or_(*near))
        .order_by(people.c.name, people.c.id)
        .limit(limit)
    )
    return [(row.id, row.name) for row in await tx.execute(query)]


async def load_access(tx: AsyncConnection, person_id: UUID) -> Access:
    """Load what a person may reach. Somebody who left, or never was, is granted nothing."""
    now = and_(grants.c.person_id == people.c.id, grants.c.revoked_at.is_(None))
    query = (
        select(
            people.c.name,
            grants.c.role,
            grants.c.customer_id,
            grants.c.contract_id,
            grants.c.site_id,
        )
        .select_from(people.outerjoin(grants, now))
        .where(people.c.id == person_id, people.c.active)
        .order_by(grants.c.granted_at, grants.c.id)
    )
    rows = (await tx.execute(query)).all()
    if not rows:
        return Access(person_id, "", (), {})
    held = tuple(
        Grant(msgspec.convert(row.role, Role), row.customer_id, row.contract_id, row.site_id)
        for row in rows
        if row.role is not None
    )
    return Access(person_id, rows[0].name, held, await load_places(tx, held))


async def load_duties(tx: AsyncConnection, person_id: UUID) -> list[Duty]:
    """Load the assignments, in whatever state, that name this person.

    One question for each way of being named: it is answered from that way's index, and the
    targets, which are most of an assignment, are never read.
    """
    named = union(
        *(
            select(ASSIGNMENTS.c.site, ASSIGNMENTS.c.state, literal(way).label("way"))
            .where(ASSIGNMENTS.c[way] == person_id)
            .where(ASSIGNMENTS.c.withdrawn.is_(False))
            for way in ("assignee", "backup")
        )
    )
    return [_duty(row.way, row.site, row.state, person_id) for row in await tx.execute(named)]


def _duty(way: str, site: UUID, state: str | None, person: UUID) -> Duty:
    return Duty(
        site,
        state or "planned",
        assignee=person if way == "assignee" else None,
        backup=person if way == "backup" else None,
    )


async def load_duty_sites(tx: AsyncConnection) -> dict[UUID, frozenset[UUID]]:
    """Load, for everybody, the sites of assignments that name them, in whatever state."""
    named = union(
        *(
            select(ASSIGNMENTS.c[way].label("person"), ASSIGNMENTS.c.site).where(
                ASSIGNMENTS.c[way].is_not(None), ASSIGNMENTS.c.withdrawn.is_(False)
            )
            for way in ("assignee", "backup")
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for row in await tx.execute(named):
        found.setdefault(row.person, set()).add(row.site)
    return {person: frozenset(sites) for person, sites in found.items()}


class OpenRound(Struct, frozen=True, kw_only=True):
    """A round that is not done and names somebody."""

    id: UUID
    site: UUID
    site_name: str
    title: Words | None
    due_at: datetime | None
    is_backup: bool


async def load_open_rounds(tx: AsyncConnection, person_id: UUID) -> list[OpenRound]:
    """Load the rounds that wait for this person's work, soonest first."""
    query = (
        select(
            ASSIGNMENTS.c.id,
            ASSIGNMENTS.c.site,
            SITES.c.name,
            ASSIGNMENTS.c.title,
            ASSIGNMENTS.c.due_at,
            ASSIGNMENTS.c.assignee,
        )
        .select_from(ASSIGNMENTS.outerjoin(SITES, SITES.c.id == ASSIGNMENTS.c.site))
        .where(or_(ASSIGNMENTS.c.assignee == person_id, ASSIGNMENTS.c.backup == person_id))
        .where(ASSIGNMENTS.c.withdrawn.is_(False))
        .where(ASSIGNMENTS.c.state.is_(None) | ASSIGNMENTS.c.state.in_(OPEN_STATES))
        .order_by(ASSIGNMENTS.c.due_at, ASSIGNMENTS.c.id)
    )
    return [
        OpenRound(
            id=row.id,
            site=row.site,
            site_name=row.name or "",
            title=_title.decode(row.title or "null"),
            due_at=row.due_at,
            is_backup=row.assignee != person_id,
        )
        for row in await tx.execute(query)
    ]


async def load_device_scopes(
    tx: AsyncConnection, *, device_id: UUID, person_id: UUID
) -> tuple[str, ...]:
    """Load the scopes that a tablet of this person holds now. Raises `TooManyScopes`: for pull."""
    scopes = await load_scopes(tx, device_id=device_id, person_id=person_id)
    demand_holdable(scopes)
    return scopes


def _duties(way: str) -> Select[*tuple[object, ...]]:
    """Where an active person is named in this way, and in what state that work is, each once."""
    named = (
        select(ASSIGNMENTS.c.site, ASSIGNMENTS.c.state)
        .select_from(people)
        .join(ASSIGNMENTS, ASSIGNMENTS.c[way] == people.c.id)
        .where(people.c.id == bindparam("person"), people.c.active)
        .where(ASSIGNMENTS.c.withdrawn.is_(False))
        .distinct()
        .subquery()
    )
    nothing = [cast(null(), column.type) for column in NAMED]
    return select(literal(way), named.c.state, named.c.site, *nothing)


NAMED = (grants.c.customer_id, grants.c.contract_id, SITES.c.id, SITES.c.customer, SITES.c.contract)
# What an active person is granted, with the site that is named, and where they are on duty: nearly
# every request of a device asks it, so it is one question, and made once.
HELD_BY = (
    select(literal("grant").label("way"), grants.c.role, grants.c.site_id, *NAMED)
    .select_from(people)
    .join(grants, and_(grants.c.person_id == people.c.id, grants.c.revoked_at.is_(None)))
    .outerjoin(SITES, SITES.c.id == grants.c.site_id)
    .where(people.c.id == bindparam("person"), people.c.active),
    _duties("assignee"),
    _duties("backup"),
)
HELD = union_all(*HELD_BY)


async def load_scopes(tx: AsyncConnection, *, device_id: UUID, person_id: UUID) -> tuple[str, ...]:
    """Load the scopes that a device of this person may write to now, sorted."""
    rows = await tx.execute(HELD, {"person": person_id})
    return await scopes_of(tx, rows, device_id=device_id, person_id=person_id)


async def scopes_of(
    tx: AsyncConnection,
    rows: Iterable[Row[*tuple[object, ...]]],
    *,
    device_id: UUID,
    person_id: UUID,
) -> tuple[str, ...]:
    """The scopes that rows of `HELD` come to, sorted."""
    held, duties, sites = list[Grant](), list[Duty](), Sites({}, {}, {})
    for row in rows:
        if row.way != "grant":
            duties.append(_duty(row.way, row.site_id, row.role, person_id))
            continue
        role = msgspec.convert(row.role, Role)
        held.append(Grant(role, row.customer_id, row.contract_id, row.site_id))
        if row.id is not None:
            sites.add(row.id, row.customer, row.contract)
    if any(grant.site is None and grant.role != "administrator" for grant in held):
        sites = await load_sites(tx)
    return device_scopes(
        device_id, person_id, grants=held, places=sites.reach(held).values(), duties=duties
    )


async def save_new(tx: AsyncConnection, grant: StoredGrant, *, granted_by: UUID | None) -> None:
    await tx.execute(
        grants.insert(),
        {
            "id": grant.id,
            "person_id": grant.person,
            "role": grant.role,
            "customer_id": grant.customer,
            "contract_id": grant.contract,
            "site_id": grant.site,
            "granted_at": grant.granted_at,
            "granted_by": granted_by,
        },
    )


async def load_one(tx: AsyncConnection, grant_id: UUID) -> StoredGrant | None:
    """Load a grant that holds now."""
    return next((grant for grant in await load_grants(tx) if grant.id == grant_id), None)


async def revoke(tx: AsyncConnection, grant_id: UUID, *, at: datetime) -> StoredGrant | None:
    """End a grant; give it back as it was, or `None` when it was not there or ended before."""
    found = await load_one(tx, grant_id)
    if found is not None:
        await tx.execute(grants.update().where(grants.c.id == grant_id), {"revoked_at": at})
    return found
