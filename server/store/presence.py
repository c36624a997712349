"""Work and visits that may have to do with each other. Rule: wider than asked, never narrower.

One statement for each thing. Who may ask was settled before: nothing here looks at grants.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.office import INSPECTION, SUBMITTED_AT, batches
from sync.scopes import archive_scope, site_scope

VISIT = KIND_TABLES["visit"]
DAY = timedelta(days=1)
STAYS_PER_STATEMENT_MAX = 100  # Of eight values each, and no deeper than SQLite reads.
LONGEST_VISIT = timedelta(days=2)  # Of one that nobody ended: it lasted until midnight.


def scopes_of(site: UUID) -> tuple[str, str]:
    """What is at a site, at work or archived."""
    return site_scope(site), archive_scope(site)


class Stay(Struct, frozen=True, kw_only=True):
    """Somebody at a site between two instants."""

    site: UUID
    engineer: UUID
    since: datetime
    until: datetime


async def load_work_near(tx: AsyncConnection, stays: Sequence[Stay]) -> list[UUID]:
    """Inspections that one of these people began or handed in at the site about then.

    Wider than asked by a day on each side, because what is JSON is compared as text.
    """
    columns, found = INSPECTION.c, list[UUID]()
    for start in range(0, len(stays), STAYS_PER_STATEMENT_MAX):
        query = select(columns.id).where(
            columns.withdrawn.is_(False),
            or_(*map(worked_near, stays[start : start + STAYS_PER_STATEMENT_MAX])),
        )
        found += await tx.scalars(query.order_by(columns.id))
    return found


def worked_near(stay: Stay) -> ColumnElement[bool]:
    """Whether an inspection may have been done in a stay."""
    columns, since, until = INSPECTION.c, stay.since, stay.until
    from_, to = (since - DAY).date().isoformat(), (until + 2 * DAY).date().isoformat()
    return and_(
        columns.scope_id.in_(scopes_of(stay.site)),
        columns.inspector == stay.engineer,
        or_(
            and_(columns.started_at >= since - DAY, columns.started_at <= until + DAY),
            and_(from_ <= SUBMITTED_AT, to >= SUBMITTED_AT),
        ),
    )


async def load_visits_near(
    tx: AsyncConnection,
    sites: Collection[UUID],
    engineers: Collection[UUID],
    *,
    since: datetime,
    until: datetime,
) -> list[UUID]:
    """The visits of these people at these sites that lasted at some time between two instants."""
    columns = VISIT.c
    lasted = or_(
        columns.ended_at >= since,
        and_(columns.ended_at.is_(None), columns.started_at >= since - LONGEST_VISIT),
    )
    found: list[UUID] = []
    for some in batches(sites):
        query = select(columns.id).where(
            columns.site.in_(some),
            columns.engineer.in_(engineers),
            columns.withdrawn.is_(False),
            columns.started_at <= until,
            lasted,
        )
        found += list(await tx.scalars(query.order_by(columns.id)))
    return found
