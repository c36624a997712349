"""Rounds as the office lists them. Rule: as in `store.office`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Words
from schemas.kinds.work import Target
from server.store.listed import Sortable, ordered
from server.store.office import (
    ASSIGNMENT,
    ASSIGNMENT_STATE,
    INSPECTION,
    SITE,
    SUBMITTED_AT,
    UNDONE_STATES,
    WORDS,
    Sites,
    plain,
)


class Round(Struct, frozen=True):
    id: UUID
    version: int
    site: UUID
    plan: UUID | None
    occurrence: date | None
    title: Words
    targets: tuple[Target, ...]
    starts_at: datetime
    due_at: datetime
    assignee: UUID | None
    backup: UUID | None
    state: str


ROUND_COLUMNS = tuple(ASSIGNMENT.c[name] for name in Round.__struct_fields__)
ROUND_ORDERS: Mapping[str, Sequence[Sortable]] = {
    "due_at": (ASSIGNMENT.c.due_at,),
    "starts_at": (ASSIGNMENT.c.starts_at,),
    "state": (ASSIGNMENT_STATE, ASSIGNMENT.c.due_at),
    "site": (SITE.c.name, ASSIGNMENT.c.due_at),
}
TARGETS = msgspec.json.Decoder(tuple[Target, ...])
JOINED = ASSIGNMENT.join(SITE, SITE.c.id == ASSIGNMENT.c.site)


class RoundFilter(Struct, frozen=True, kw_only=True):
    """Which rounds are asked for; what is not said limits nothing.

    `person` is the assignee or the backup. `late_at`: past due then, and not done.
    """

    id: UUID | None = None
    states: Collection[str] = ()
    site: UUID | None = None
    person: UUID | None = None
    late_at: datetime | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        columns, person = ASSIGNMENT.c, self.person
        asked: list[ColumnElement[bool] | None] = [
            columns.id == self.id if self.id else None,
            ASSIGNMENT_STATE.in_(self.states) if self.states else None,
            columns.site == self.site if self.site else None,
            or_(columns.assignee == person, columns.backup == person) if person else None,
            and_(IS_UNDONE, columns.due_at < self.late_at) if self.late_at else None,
            columns.due_at >= self.due_from if self.due_from else None,
            columns.due_at < self.due_before if self.due_before else None,
        ]
        return [condition for condition in asked if condition is not None]


IS_UNDONE = ASSIGNMENT_STATE.in_(UNDONE_STATES)


def round_row(row: Mapping[str, object]) -> Round:
    values = {name: row[name] for name in Round.__struct_fields__}
    values["title"] = WORDS.decode(str(values["title"]))
    values["targets"] = TARGETS.decode(str(values["targets"]))
    values["state"] = values["state"] or "planned"
    return msgspec.convert(values, Round)


def kept(sites: Sites) -> tuple[ColumnElement[bool], ...]:
    return (ASSIGNMENT.c.withdrawn.is_(False), sites.at(ASSIGNMENT.c.site))


async def load_rounds(
    tx: AsyncConnection,
    sites: Sites,
    asked: RoundFilter,
    *,
    order: str = "due_at",
    limit: int,
    offset: int = 0,
) -> tuple[int, list[Round]]:
    """A page of the rounds that are asked for, and how many there are of them."""
    conditions = (*kept(sites), *asked.conditions())
    total = await tx.scalar(select(func.count()).select_from(JOINED).where(*conditions))
    rows = await select_rounds(tx, conditions, order=order, limit=limit, offset=offset)
    return total or 0, rows


async def select_rounds(
    tx: AsyncConnection,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: str = "due_at",
    limit: int,
    offset: int = 0,
) -> list[Round]:
    query = (
        select(*ROUND_COLUMNS)
        .select_from(JOINED)
        .where(*conditions)
        .order_by(*ordered(ROUND_ORDERS, order, ASSIGNMENT.c.id))
        .limit(limit)
        .offset(offset)
    )
    return [round_row(plain(row)) for row in (await tx.execute(query)).mappings()]


async def count_begun(tx: AsyncConnection, sites: Sites, *, at: datetime) -> int:
    """How many rounds are not done although their time has come."""
    query = select(func.count()).select_from(JOINED)
    return await tx.scalar(query.where(*kept(sites), IS_UNDONE, ASSIGNMENT.c.starts_at <= at)) or 0


async def load_near(
    tx: AsyncConnection, sites: Sites, *, since: datetime, before: datetime, limit: int
) -> list[Round]:
    """Rounds due before an instant: all that are not done, and done ones due since another."""
    recent = and_(ASSIGNMENT_STATE == "done", ASSIGNMENT.c.due_at >= since)
    conditions = (*kept(sites), ASSIGNMENT.c.due_at < before, or_(IS_UNDONE, recent))
    return await select_rounds(tx, conditions, limit=limit)


async def load_finished(
    tx: AsyncConnection, sites: Sites, *, since: str
) -> list[tuple[UUID, datetime]]:
    """Site and newest submission of rounds that are done, of those submitted to since a day.

    `since` is compared as text, so it has to lie two days before what is asked for.
    """
    joined = ASSIGNMENT.join(INSPECTION, INSPECTION.c.assignment == ASSIGNMENT.c.id)
    query = (
        select(ASSIGNMENT.c.id, ASSIGNMENT.c.site, SUBMITTED_AT)
        .select_from(joined)
        .where(ASSIGNMENT_STATE.in_(("done", "closed")), sites.at(ASSIGNMENT.c.site))
        .where(since <= SUBMITTED_AT)
    )
    newest: dict[UUID, tuple[UUID, datetime]] = {}
    for id_, site, text in await tx.execute(query):
        at = msgspec.convert(text, datetime)
        if id_ not in newest or at > newest[id_][1]:
            newest[id_] = (site, at)
    return list(newest.values())
