"""Work and visits that may have to do with each other. Rule: wider than asked, never narrower.

One statement for each thing. Who may ask was settled before: nothing here looks at grants.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.office import INSPECTION, SUBMITTED_AT, batches
from sync.scopes import archive_scope, site_scope

VISIT = KIND_TABLES["visit"]
DAY = timedelta(days=1)
LONGEST_VISIT = timedelta(days=2)  # Of one that nobody ended: it lasted until midnight.


def scopes_of(site: UUID) -> tuple[str, str]:
    """What is at a site, at work or archived."""
    return site_scope(site), archive_scope(site)


async def load_work_near(
    tx: AsyncConnection, site: UUID, inspector: UUID, *, since: datetime, until: datetime
) -> list[UUID]:
    """Inspections of a person at a site that were begun or handed in about then.

    Wider than asked by a day on each side, because what is JSON is compared as text.
    """
    from_, to = (since - DAY).date().isoformat(), (until + 2 * DAY).date().isoformat()
    columns = INSPECTION.c
    query = (
        select(columns.id)
        .where(
            columns.scope_id.in_(scopes_of(site)),
            columns.inspector == inspector,
            columns.withdrawn.is_(False),
            or_(
                and_(columns.started_at >= since - DAY, columns.started_at <= until + DAY),
                and_(from_ <= SUBMITTED_AT, to >= SUBMITTED_AT),
            ),
        )
        .order_by(columns.id)
    )
    return list(await tx.scalars(query))


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
