"""Finished reports for the demo: of a past round and of a visit in it, in both languages.

Rule: only asked for here; they are made by the server's own jobs, after it is ready.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.clock import Clock
from server.database import Database
from server.jobs import Jobs
from server.reports.making import LANGUAGES, WATCH, Watched
from server.store import reports
from server.store.office import ASSIGNMENT, INSPECTION
from server.store.office_evidence import FINDING, VISIT

AFTER_START = timedelta(seconds=4)
FINDINGS_MIN = 2
DEVICES_MIN, DEVICES_MAX = 8, 40  # A round that fills some pages and takes no time.


async def ask_for_reports(database: Database, clock: Clock) -> None:
    """Have the reports of a telling round made a little later, unless there are reports already."""
    async with database.read() as tx:
        if await reports.has_any(tx):
            return
        round_ = await load_telling_round(tx)
        visit = await load_first_visit(tx, round_) if round_ else None
    jobs = Jobs(database, clock)
    async with database.write() as tx:
        for id_, kind in ((visit, "visit"), (round_, "assignment")):
            if id_ is not None:
                await jobs.add(
                    tx,
                    WATCH,
                    f"demo/{kind}",
                    Watched(id_, kind, LANGUAGES),
                    due_at=clock.now() + AFTER_START,
                )


async def load_telling_round(tx: AsyncConnection) -> UUID | None:
    """The newest closed round with findings, of those that are neither tiny nor endless."""
    devices = (
        select(INSPECTION.c.assignment, func.count().label("devices"))
        .group_by(INSPECTION.c.assignment)
        .having(func.count().between(DEVICES_MIN, DEVICES_MAX))
        .subquery()
    )
    found = (
        select(INSPECTION.c.assignment, func.count().label("findings"))
        .select_from(FINDING.join(INSPECTION, INSPECTION.c.id == FINDING.c.inspection))
        .group_by(INSPECTION.c.assignment)
        .having(func.count() >= FINDINGS_MIN)
        .subquery()
    )
    joined = ASSIGNMENT.join(devices, devices.c.assignment == ASSIGNMENT.c.id).join(
        found, found.c.assignment == ASSIGNMENT.c.id
    )
    query = (
        select(ASSIGNMENT.c.id)
        .select_from(joined)
        .where(ASSIGNMENT.c.state == "closed")
        .order_by(ASSIGNMENT.c.due_at.desc(), found.c.findings.desc(), ASSIGNMENT.c.id)
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()


async def load_first_visit(tx: AsyncConnection, round_: UUID) -> UUID | None:
    query = select(VISIT.c.id).where(VISIT.c.assignment == round_).order_by(VISIT.c.started_at)
    return (await tx.scalars(query.limit(1))).one_or_none()
