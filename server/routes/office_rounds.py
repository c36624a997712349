"""Today and the rounds, with how far each is. Rule: a handful of statements, whatever the size."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import ROWS_PER_LIST_DEFAULT, ROWS_PER_LIST_MAX
from schemas.forms import Severity
from schemas.office import (
    AssignmentDetail,
    AssignmentPage,
    AssignmentRow,
    AssignmentState,
    DeviceRow,
    SeverityCount,
    Today,
)
from server.auth import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.judging import Judge, local_day
from server.office_detail import conflict_rows
from server.office_rows import Work, assignment_row, by_target, target_row
from server.store import grants, office, office_assets, office_evidence, records
from server.store.office import (
    ASSIGNMENT,
    ASSIGNMENT_STATE,
    INSPECTION,
    INSPECTION_STATE,
    OPEN_STATES,
    Round,
    Sites,
)
from sync.access import MAY, Access

Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_PER_LIST_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
# `state` itself is a word of the framework.
States = Annotated[list[AssignmentState] | None, QueryParameter(name="state")]
Sort = Literal["due_at", "-due_at", "starts_at", "-starts_at", "state", "-state", "site", "-site"]
SEVERITIES: tuple[Severity, ...] = ("urgent", "major", "minor", "advice")
DAY = timedelta(days=1)
CONFLICTS_SHOWN_MAX = 20
DEVICES_SHOWN_MAX = 20


async def load_work(
    tx: AsyncConnection,
    judge: Judge,
    rounds: Sequence[Round],
    sites: Sites,
    *,
    now: datetime,
) -> Work:
    """What was done in these rounds, and the names that their rows need."""
    ids = [round_.id for round_ in rounds]
    rows = await office.load_inspected(tx, sites, [INSPECTION.c.assignment.in_(ids)]) if ids else []
    persons = {person for round_ in rounds for person in (round_.assignee, round_.backup)}
    return Work(
        by_target=by_target(rows),
        tallies=await judge.tallies(tx, rows, sites, now=now),
        waiting=await office.count_waiting(tx, {row.id for row in rows}),
        templates=await judge.templates(tx, {row.template for row in rows}),
        names=await office.load_names(tx, {one for one in persons if one}),
    )


def rows_of(
    rounds: Sequence[Round], sites: Sites, work: Work, now: datetime
) -> tuple[AssignmentRow, ...]:
    return tuple(
        assignment_row(round_, sites.by_id[round_.site], work, now)
        for round_ in rounds
        if round_.site in sites.by_id
    )


def filters(
    sites: Sites,
    now: datetime,
    *,
    state: Sequence[AssignmentState],
    site: UUID | None,
    assignee: UUID | None,
    overdue: bool | None,
    due_from: datetime | None,
    due_before: datetime | None,
) -> list[ColumnElement[bool]]:
    """The conditions that a list of rounds was asked for."""
    is_open = ASSIGNMENT_STATE.in_(OPEN_STATES)
    asked: list[ColumnElement[bool] | None] = [
        ASSIGNMENT_STATE.in_(state) if state else None,
        sites.only(site).at(ASSIGNMENT.c.site) if site else None,
        or_(ASSIGNMENT.c.assignee == assignee, ASSIGNMENT.c.backup == assignee)
        if assignee
        else None,
        and_(is_open, ASSIGNMENT.c.due_at < now) if overdue else None,
        ASSIGNMENT.c.due_at >= due_from if due_from else None,
        ASSIGNMENT.c.due_at < due_before if due_before else None,
    ]
    return [condition for condition in asked if condition is not None]


@get("/office/assignments", operation_id="listAssignments", summary="Rounds")
async def list_assignments(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    *,
    states: States = None,
    site: FromQuery[UUID | None] = None,
    assignee: FromQuery[UUID | None] = None,
    overdue: FromQuery[bool | None] = None,
    due_from: FromQuery[datetime | None] = None,
    due_before: FromQuery[datetime | None] = None,
    sort: FromQuery[Sort] = "due_at",
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> AssignmentPage:
    """List rounds; `assignee` finds the backup too, `state` may be given several times."""
    now = clock.now()
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        conditions = filters(
            sites,
            now,
            state=states or (),
            site=site,
            assignee=assignee,
            overdue=overdue,
            due_from=due_from,
            due_before=due_before,
        )
        total, rounds = await office.load_rounds(
            tx, sites, conditions, order=sort, limit=limit, offset=offset
        )
        work = await load_work(tx, judge, rounds, sites, now=now)
    return AssignmentPage(total=total, offset=offset, rows=rows_of(rounds, sites, work, now))


@get(
    "/office/assignments/{assignment_id:uuid}",
    operation_id="showAssignment",
    summary="One round, with its targets",
)
async def show_assignment(
    assignment_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
) -> AssignmentDetail:
    """Show a round with each of its targets, withdrawn ones too."""
    now = clock.now()
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        _, rounds = await office.load_rounds(
            tx, sites, [ASSIGNMENT.c.id == assignment_id], order="due_at", limit=1
        )
        if not rounds:
            raise NotFound
        (round_,) = rounds
        work = await load_work(tx, judge, rounds, sites, now=now)
        wanted = {target.template for target in round_.targets}
        templates = {**await judge.templates(tx, wanted), **work.templates}
        assets = await office_assets.load_places(tx, {one.asset for one in round_.targets})
        record = (await records.load(tx, await records.locate(tx, {round_.id})))[round_.id]
    named = Work(work.by_target, work.tallies, work.waiting, templates, work.names)
    return AssignmentDetail(
        row=assignment_row(round_, sites.by_id[round_.site], named, now),
        note=str(record.data.get("note") or ""),
        plan=round_.plan,
        occurrence=round_.occurrence,
        targets=tuple(
            target_row(round_, target, assets.get(target.asset, {}), named)
            for target in round_.targets
        ),
        may=actions(signed_in.access, round_.site),
    )


def actions(access: Access, site: UUID) -> tuple[str, ...]:
    """Everything that this person may do at a site."""
    return tuple(action for action in MAY if access.may(action, site=site))


# --- Today ---


@get("/office/today", operation_id="today", summary="Today")
async def today(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
) -> Today:
    """Tell what is due, late, done and waiting, at the sites that this person may read."""
    now, access = clock.now(), signed_in.access
    async with database.read() as tx:
        sites = await office.load_sites(tx, access)
        due, overdue, open_rounds = await load_due(tx, sites, now)
        to_review, done_today = await count_results(tx, sites, now)
        shown = [*overdue, *due][:ROWS_PER_LIST_MAX]
        work = await load_work(tx, judge, shown, sites, now=now)
        findings = await office_evidence.count_findings(tx, sites, today=now.date())
        devices = await load_devices(tx, access)
        waiting = await office_evidence.load_conflicts(tx, sites, limit=CONFLICTS_SHOWN_MAX)
        total = await office_evidence.count_conflicts(tx, sites)
        conflicts = await conflict_rows(tx, waiting, sites)
    return Today(
        at=now,
        due_today=len(due),
        overdue=len(overdue),
        done_today=done_today,
        to_review=to_review,
        open_rounds=open_rounds,
        rounds=rows_of(shown, sites, work, now),
        findings=tuple(
            SeverityCount(severity=severity, open=counted[0], overdue=counted[1])
            for severity in SEVERITIES
            for counted in [findings.get(severity, (0, 0))]
        ),
        devices=devices,
        conflicts=conflicts,
        conflicts_total=total,
    )


async def load_due(
    tx: AsyncConnection, sites: Sites, now: datetime
) -> tuple[list[Round], list[Round], int]:
    """Rounds that are due on the site's day of today, and those that are late; how many are open.

    A day at any site lies within two of UTC's, so what is due after that is only counted.
    """
    is_open = [ASSIGNMENT_STATE.in_(OPEN_STATES), ASSIGNMENT.c.starts_at <= now]
    total, _ = await office.load_rounds(tx, sites, is_open, order="due_at", limit=0)
    near = [ASSIGNMENT_STATE.in_((*OPEN_STATES, "done")), ASSIGNMENT.c.due_at < now + 2 * DAY]
    recent = or_(ASSIGNMENT_STATE.in_(OPEN_STATES), ASSIGNMENT.c.due_at >= now - 2 * DAY)
    _, rounds = await office.load_rounds(
        tx, sites, [*near, recent], order="due_at", limit=ROWS_PER_LIST_MAX * 5
    )
    late = [one for one in rounds if one.due_at < now and one.state in OPEN_STATES]
    due = [
        one
        for one in rounds
        if one not in late
        and one.site in sites.by_id
        and local_day(one.due_at, sites.by_id[one.site].time_zone)
        == local_day(now, sites.by_id[one.site].time_zone)
    ]
    return due, late, total


async def count_results(tx: AsyncConnection, sites: Sites, now: datetime) -> tuple[int, int]:
    """Inspections that wait for review, and rounds whose last target was submitted today."""
    to_review, _ = await office.count_inspected(tx, sites, [INSPECTION_STATE.in_(["submitted"])])
    # Instants are UTC by the wire; the days before cover whoever wrote another offset.
    since = (now - 3 * DAY).date().isoformat()
    newest = await office.load_finished(tx, sites, since=since)
    done = [
        site
        for site, at in newest
        if site in sites.by_id
        and local_day(at, sites.by_id[site].time_zone)
        == local_day(now, sites.by_id[site].time_zone)
    ]
    return to_review, len(done)


async def load_devices(tx: AsyncConnection, access: Access) -> tuple[DeviceRow, ...]:
    """Devices that hold unsent work, of people who work at sites that this person may read."""
    holding = await office_evidence.load_holding(tx)
    if holding and not access.is_administrator:
        held = await grants.load_grants(tx, {one.person_id for one in holding})
        reached = await grants.load_sites(tx, access.places)
        near = {
            grant.person for grant in held if reached.reach([grant.plain]).keys() & access.places
        }
        holding = [one for one in holding if one.person_id in near]
    return tuple(
        DeviceRow(
            id=one.id,
            name=one.name,
            person_name=one.person_name,
            unsent=one.unsent,
            unsent_since=one.unsent_since,
            seen_at=one.seen_at,
        )
        for one in holding[:DEVICES_SHOWN_MAX]
    )
