"""Inspections in the office: the queue, one result, the decision. Rule: no id without a word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from msgspec import convert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import QUEUE_ROWS_MAX, ROWS_PER_LIST_DEFAULT
from schemas.office import InspectionDetail, InspectionPage, InspectionStep
from schemas.office_writes import Decided, Decision, Undo
from server.auth.people import SignedIn
from server.cases import gather_case, settle
from server.clock import Clock
from server.database import Database
from server.jobs import Jobs
from server.judging import Judge
from server.office import Follow
from server.office_detail import show_case
from server.office_lists import with_words
from server.paging import Limit, Offset
from server.pokes import Pokes
from server.reports.making import watch
from server.store import office, office_inspections
from server.store.installation import Installation
from server.store.office import Sites
from server.store.office_inspections import Inspected, InspectionFilter

# `state` itself is a word of the framework.
Step = Annotated[InspectionStep | None, QueryParameter(name="state")]
Sort = Literal[
    "review",
    "submitted_at",
    "-submitted_at",
    "started_at",
    "-started_at",
    "asset",
    "-asset",
    "inspector",
    "-inspector",
]


def watching(jobs: Jobs, inspection: UUID) -> Follow:
    """Have it looked at, once the decision stands, whether a report is due."""

    async def follow(tx: AsyncConnection, _: frozenset[str]) -> Mapping[str, int]:
        await watch(jobs, tx, inspection, "inspection")
        return {}

    return follow


async def queue(
    tx: AsyncConnection,
    judge: Judge,
    sites: Sites,
    asked: InspectionFilter,
    clock: Clock,
    *,
    limit: int,
    offset: int,
) -> list[Inspected]:
    """Of the oldest QUEUE_ROWS_MAX what is out of order first; behind them all others, by age."""
    found: list[Inspected] = []
    if offset < QUEUE_ROWS_MAX:
        rows = await office_inspections.load_inspected(tx, sites, asked, limit=QUEUE_ROWS_MAX)
        tallies = await judge.tallies(tx, rows, sites, now=clock.now())
        rows.sort(key=lambda row: not tallies[row.id].abnormal)  # Stable: the oldest stay in front.
        found = rows[offset : offset + limit]
    behind = max(offset, QUEUE_ROWS_MAX)
    if (rest := offset + limit - behind) > 0:
        found += await office_inspections.load_inspected(
            tx, sites, asked, limit=rest, offset=behind
        )
    return found


@get("/office/inspections", operation_id="listInspections", summary="Inspections")
async def list_inspections(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    step: Step = None,
    site: FromQuery[UUID | None] = None,
    assignment: FromQuery[UUID | None] = None,
    asset: FromQuery[UUID | None] = None,
    inspector: FromQuery[UUID | None] = None,
    sort: FromQuery[Sort] = "review",
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> InspectionPage:
    """List inspections. Sorted for `review`: abnormal ones first, then the oldest submission."""
    wanted = InspectionFilter(
        state=step,
        site=site,
        rounds=None if assignment is None else (assignment,),
        asset=asset,
        inspector=inspector,
    )
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        total, oldest = await office_inspections.count_inspected(tx, sites, wanted)
        if sort == "review":
            rows = await queue(tx, judge, sites, wanted, clock, limit=limit, offset=offset)
        else:
            rows = await office_inspections.load_inspected(
                tx, sites, wanted, order=sort, limit=limit, offset=offset
            )
        shown = await with_words(tx, judge, rows, sites, clock)
    return InspectionPage(
        total=total, offset=offset, oldest=convert(oldest, datetime | None), rows=shown
    )


@get(
    "/office/inspections/{inspection_id:uuid}",
    operation_id="showInspection",
    summary="One inspection, whole",
)
async def show_inspection(
    inspection_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
) -> InspectionDetail:
    """Show one result with its verdicts, what was before, evidence and history."""
    now = clock.now()
    async with database.read() as tx:
        found = await gather_case(tx, judge, signed_in.access, inspection_id, now=now)
        rows = await office_inspections.load_inspected(
            tx, found.sites, InspectionFilter(id=inspection_id), limit=1
        )
        (row,) = await with_words(tx, judge, rows, found.sites, clock)
        return await show_case(tx, found, row, signed_in.access, now=now)


@post(
    "/office/inspections/{inspection_id:uuid}/decision",
    operation_id="decide",
    summary="Accept or return",
    status_code=HTTP_200_OK,
)
async def decide_inspection(
    inspection_id: FromPath[UUID],
    data: JSONBody[Decision],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
    jobs: NamedDependency[Jobs],
) -> Decided:
    """Accept an inspection, or return it with remarks, over exactly what was seen.

    Problems: `version-moved-on`, `not-submitted`, `conflicts-open`, `items-missing`,
    `photos-waiting`, `own-inspection`, `not-permitted`, `invalid-op` for the remarks.
    """
    decided, done = await settle(
        database,
        clock,
        judge,
        data,
        inspection=inspection_id,
        person=signed_in.person.id,
        epoch=installation.epoch,
        follow=watching(jobs, inspection_id),
    )
    pokes.tell(done.heads)
    return decided


@post(
    "/office/inspections/{inspection_id:uuid}/undo",
    operation_id="undoDecision",
    summary="Take a decision back",
    status_code=HTTP_200_OK,
)
async def undo_decision(
    inspection_id: FromPath[UUID],
    data: JSONBody[Undo],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> Decided:
    """Take the newest decision back; the work waits for review again.

    Problems: `nothing-to-undo` when work went on after it, `version-moved-on`, `not-permitted`.
    """
    decided, done = await settle(
        database,
        clock,
        judge,
        data,
        inspection=inspection_id,
        person=signed_in.person.id,
        epoch=installation.epoch,
    )
    pokes.tell(done.heads)
    return decided
