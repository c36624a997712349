"""Today and the rounds, with how far each is. Rule: a handful of statements, whatever the size."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import ROWS_PER_LIST_DEFAULT, ROWS_PER_LIST_MAX
from schemas.forms import Severity
from schemas.office import (
    AssignmentDetail,
    AssignmentPage,
    AssignmentState,
    DeviceRow,
    SeverityCount,
    Today,
)
from schemas.office_files import StillHeld
from server.auth.people import SignedIn
from server.backups.lost import count_lost
from server.backups.state import load_state
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.judging import Judge, local_day, today_at
from server.office_detail import conflict_rows, load_round_visits
from server.office_files import held_by_device
from server.office_lists import actions, load_work, rows_of
from server.office_rows import assignment_row, target_row
from server.paging import Limit, Offset
from server.settings import Settings
from server.store import (
    grants,
    looks,
    office,
    office_assets,
    office_evidence,
    office_inspections,
    office_rounds,
    office_waiting,
    records,
)
from server.store.office import UNDONE_STATES, Sites
from server.store.office_inspections import InspectionFilter
from server.store.office_rounds import Round, RoundFilter
from server.waiting import survey
from sync.access import Access
from sync.ids import inspection_id

# `state` itself is a word of the framework.
States = Annotated[list[AssignmentState] | None, QueryParameter(name="state")]
Sort = Literal["due_at", "-due_at", "starts_at", "-starts_at", "state", "-state", "site", "-site"]
SEVERITIES: tuple[Severity, ...] = ("urgent", "major", "minor", "advice")
DAY = timedelta(days=1)
CONFLICTS_SHOWN_MAX = 20
DEVICES_SHOWN_MAX = 20


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
    wanted = RoundFilter(
        states=states or (),
        site=site,
        person=assignee,
        late_at=now if overdue else None,
        due_from=due_from,
        due_before=due_before,
    )
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        total, rounds = await office_rounds.load_rounds(
            tx, sites, wanted, order=sort, limit=limit, offset=offset
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
        _, rounds = await office_rounds.load_rounds(
            tx, sites, RoundFilter(id=assignment_id), limit=1
        )
        if not rounds:
            raise NotFound
        (round_,) = rounds
        work = await load_work(tx, judge, rounds, sites, now=now)
        wanted = {target.template for target in round_.targets}
        templates = {**await judge.templates(tx, wanted), **work.templates}
        assets = await office_assets.load_places(tx, {one.asset for one in round_.targets})
        record = (await records.load(tx, await records.locate(tx, {round_.id})))[round_.id]
        visits = await load_round_visits(tx, sites, round_.id)
        open_ = [
            one.asset for one in round_.targets if (round_.id, one.asset) not in work.by_target
        ]
        discarded = await office_waiting.load_discarded(
            tx, [inspection_id(round_.id, asset) for asset in open_]
        )
    named = msgspec.structs.replace(work, templates=templates, discarded=discarded)
    return AssignmentDetail(
        row=assignment_row(round_, sites.by_id[round_.site], named, now),
        note=str(record.data.get("note") or ""),
        plan=round_.plan,
        occurrence=round_.occurrence,
        targets=tuple(
            target_row(round_, target, assets.get(target.asset, {}), named)
            for target in round_.targets
        ),
        visits=visits,
        may=actions(signed_in.access, round_.site),
    )


# --- Today ---


@get("/office/today", operation_id="today", summary="Today")
async def today(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
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
        findings = await office_evidence.count_findings(tx, sites, today=today_at(sites, now))
        devices = await load_devices(tx, access, sites)
        waiting = await office_evidence.load_conflicts(tx, sites, limit=CONFLICTS_SHOWN_MAX)
        total = await office_evidence.count_conflicts(tx, sites)
        conflicts = await conflict_rows(tx, waiting, sites)
        decidable = await survey(tx, access)
        may_audit = access.may_anywhere("audit")
        altered = await looks.count_broken(tx) if may_audit else 0
        lost = await count_lost(tx) if may_audit else 0
        is_late = may_audit and (await load_state(tx, settings, now)).is_late
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
        waiting=len(decidable.rows),
        altered=altered,
        lost=lost,
        backup_late=is_late,
    )


async def load_due(
    tx: AsyncConnection, sites: Sites, now: datetime
) -> tuple[list[Round], list[Round], int]:
    """Rounds that are due on the site's day of today, and those that are late; how many are open.

    A day at any site lies within two of UTC's, so what is due after that is only counted.
    """
    total = await office_rounds.count_begun(tx, sites, at=now)
    rounds = await office_rounds.load_near(
        tx, sites, since=now - 2 * DAY, before=now + 2 * DAY, limit=ROWS_PER_LIST_MAX * 5
    )
    late = [one for one in rounds if one.due_at < now and one.state in UNDONE_STATES]
    due = [one for one in rounds if one not in late and is_today(one.due_at, one.site, sites, now)]
    return due, late, total


async def count_results(tx: AsyncConnection, sites: Sites, now: datetime) -> tuple[int, int]:
    """Inspections that wait for review, and rounds whose last target was submitted today."""
    submitted = InspectionFilter(state="submitted")
    to_review, _ = await office_inspections.count_inspected(tx, sites, submitted)
    # Instants are UTC by the wire; the days before cover whoever wrote another offset.
    since = (now - 3 * DAY).date().isoformat()
    newest = await office_rounds.load_finished(tx, sites, since=since)
    return to_review, sum(is_today(at, site, sites, now) for site, at in newest)


def is_today(at: datetime, site: UUID, sites: Sites, now: datetime) -> bool:
    """Whether an instant lies on the site's day of today."""
    known = sites.by_id.get(site)
    return known is not None and (local_day(at, known.time_zone) == local_day(now, known.time_zone))


async def load_devices(tx: AsyncConnection, access: Access, sites: Sites) -> tuple[DeviceRow, ...]:
    """Devices that hold unsent work, of people who work at sites that this person may read.

    And those that hold files which they announced at these sites.
    """
    files = await held_by_device(tx, sites)
    holding = await office_evidence.load_holding(tx)
    if holding and not access.is_administrator:
        held = await grants.load_grants(tx, {one.person_id for one in holding})
        reached = await grants.load_sites(tx, access.places)
        near = {
            grant.person for grant in held if reached.reach([grant.plain]).keys() & access.places
        }
        holding = [one for one in holding if one.person_id in near]
    rows = [
        DeviceRow(
            id=one.id,
            name=one.name,
            person_name=one.person_name,
            unsent=one.unsent,
            unsent_since=one.unsent_since,
            seen_at=one.seen_at,
            held=files.get(one.id),
        )
        for one in holding
    ]
    said = {row.id for row in rows}
    rows += [row_of(one) for one in files.values() if one.device not in said]
    return tuple(rows[:DEVICES_SHOWN_MAX])


def row_of(held: StillHeld) -> DeviceRow:
    """A device that says itself that it holds nothing, or has not spoken since."""
    return DeviceRow(
        id=held.device,
        name=held.device_name,
        person_name=held.person_name,
        unsent=0,
        seen_at=held.seen_at,
        held=held,
    )
