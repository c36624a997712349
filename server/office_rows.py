"""Rows of the office's lists, made of what the stores loaded. Rule: no SQL, no HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.kinds.notices import Settled
from schemas.kinds.work import Target
from schemas.office import (
    AssignmentRow,
    AssignmentState,
    InspectionRow,
    Progress,
    SiteRow,
    TargetRow,
    Tick,
)
from server.judging import Known, Tally
from server.store.office import UNDONE_STATES, Site, Sites
from server.store.office_inspections import Inspected
from server.store.office_rounds import Round
from sync.ids import inspection_id

NO_TALLY = Tally()


class Work(Struct, frozen=True):
    """What was done, for the rows that speak of it: all by inspection, or by round and asset."""

    by_target: Mapping[tuple[UUID, UUID], Inspected]
    tallies: Mapping[UUID, Tally]
    waiting: Mapping[UUID, int]
    templates: Mapping[UUID, Known]
    names: Mapping[UUID, str]
    discarded: Mapping[UUID, Settled] = {}  # By the inspection that was to be begun.


def by_target(rows: Sequence[Inspected]) -> dict[tuple[UUID, UUID], Inspected]:
    return {(row.assignment, row.asset): row for row in rows if row.assignment is not None}


def tick_of(target: Target, row: Inspected | None, tally: Tally) -> Tick:
    """The mark of one target: done, abnormal, not applicable, under way, or still open."""
    if target.withdrawn:
        return "withdrawn"
    if row is None:
        return "open"
    if row.state not in ("submitted", "accepted"):
        return "started"
    if tally.abnormal:
        return "abnormal"
    return "na" if tally.is_na else "done"


def progress_of(round_: Round, work: Work) -> Progress:
    """Count a round's targets; ticks are in their order, withdrawn ones left out."""
    standing = [target for target in round_.targets if not target.withdrawn]
    rows = [work.by_target.get((round_.id, target.asset)) for target in standing]
    begun = [row for row in rows if row is not None]
    ticks = tuple(
        tick_of(target, row, work.tallies.get(row.id, NO_TALLY) if row else NO_TALLY)
        for target, row in zip(standing, rows, strict=True)
    )
    return Progress(
        total=len(standing),
        done=sum(row.state in ("submitted", "accepted") for row in begun),
        abnormal=sum(tick == "abnormal" for tick in ticks),
        to_review=sum(row.state == "submitted" for row in begun),
        returned=sum(row.state == "returned" for row in begun),
        photos_waiting=sum(work.waiting.get(row.id, 0) for row in begun),
        ticks=ticks,
    )


def assignment_row(round_: Round, site: Site, work: Work, now: datetime) -> AssignmentRow:
    return AssignmentRow(
        id=round_.id,
        version=round_.version,
        title=round_.title,
        site=site.id,
        site_name=site.name,
        city=site.city,
        time_zone=site.time_zone,
        customer_name=site.customer.short_name,
        state=msgspec.convert(round_.state, AssignmentState),
        assignee=round_.assignee,
        assignee_name=name_of(work.names, round_.assignee),
        backup=round_.backup,
        backup_name=name_of(work.names, round_.backup),
        starts_at=round_.starts_at,
        due_at=round_.due_at,
        is_overdue=round_.due_at < now and round_.state in UNDONE_STATES,
        progress=progress_of(round_, work),
    )


def name_of(names: Mapping[UUID, str], person: UUID | None) -> str:
    return names.get(person, "") if person else ""


def target_row(round_: Round, target: Target, asset: Mapping[str, str], work: Work) -> TargetRow:
    """One target. `asset` has its name, number, room and position."""
    row = work.by_target.get((round_.id, target.asset))
    tally = work.tallies.get(row.id, NO_TALLY) if row else NO_TALLY
    # What was begun on another version stays on it.
    template = row.template if row else target.template
    known = work.templates.get(template)
    return TargetRow(
        asset=target.asset,
        asset_name=asset.get("name", ""),
        asset_number=asset.get("number", ""),
        room_name=asset.get("room_name", ""),
        position=asset.get("position", ""),
        template=template,
        template_title=known.title if known else None,
        inspection=row.id if row else None,
        step=row.state if row else "open",
        tick=tick_of(target, row, tally),
        inspector_name=row.inspector_name if row else "",
        submitted_at=submitted_at(row) if row else None,
        abnormal=tally.abnormal,
        warning=tally.warning,
        photos_waiting=work.waiting.get(row.id, 0) if row else 0,
        discarded=None if row else work.discarded.get(inspection_id(round_.id, target.asset)),
    )


def submitted_at(row: Inspected) -> datetime | None:
    return row.step.at if row.step.step == "submitted" else None


def inspection_row(
    row: Inspected, sites: Sites, work: Work, *, conflicts: Mapping[UUID, int]
) -> InspectionRow:
    site = sites.of_scope(row.scope_id)
    assert site is not None, "only what may be read is loaded"
    tally = work.tallies.get(row.id, NO_TALLY)
    known = work.templates.get(row.template)
    return InspectionRow(
        id=row.id,
        version=row.version,
        asset=row.asset,
        asset_name=row.asset_name,
        asset_number=row.asset_number,
        position=row.position,
        room_name=row.room_name,
        site=site.id,
        site_name=site.name,
        time_zone=site.time_zone,
        assignment=row.assignment,
        assignment_title=row.assignment_title,
        template=row.template,
        template_title=known.title if known else None,
        inspector=row.inspector,
        inspector_name=row.inspector_name,
        step=row.state,
        round=row.step.round,
        started_at=row.started_at,
        submitted_at=submitted_at(row),
        abnormal=tally.abnormal,
        warning=tally.warning,
        photos_waiting=work.waiting.get(row.id, 0),
        conflicts=conflicts.get(row.id, 0),
    )


def site_row(site: Site, *, assets: int, open_rounds: int, open_findings: int) -> SiteRow:
    return SiteRow(
        id=site.id,
        version=site.version,
        name=site.name,
        city=site.city,
        address=site.address,
        time_zone=site.time_zone,
        customer=site.customer.id,
        customer_name=site.customer.name,
        contract=site.contract.id if site.contract else None,
        contract_number=site.contract.number if site.contract else "",
        assets=assets,
        open_rounds=open_rounds,
        open_findings=open_findings,
    )
