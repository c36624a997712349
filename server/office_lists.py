"""What the rows of a list need beside themselves. Rule: a handful of statements for all."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.office import AssignmentRow, InspectionRow
from server.clock import Clock
from server.judging import Judge
from server.office_rows import Work, assignment_row, by_target, inspection_row
from server.store import office, office_evidence, office_inspections
from server.store.office import Sites
from server.store.office_inspections import Inspected, InspectionFilter
from server.store.office_rounds import Round
from sync.access import MAY, Access


async def with_words(
    tx: AsyncConnection, judge: Judge, rows: list[Inspected], sites: Sites, clock: Clock
) -> tuple[InspectionRow, ...]:
    """Rows with their verdicts counted and everything named; five statements at most."""
    ids = {row.id for row in rows}
    work = Work(
        by_target={},
        tallies=await judge.tallies(tx, rows, sites, now=clock.now()),
        waiting=await office_inspections.count_waiting(tx, ids),
        templates=await judge.templates(tx, {row.template for row in rows}),
        names={},
    )
    conflicts = await office_evidence.count_conflicts_by_inspection(tx, ids)
    return tuple(inspection_row(row, sites, work, conflicts=conflicts) for row in rows)


async def load_work(
    tx: AsyncConnection,
    judge: Judge,
    rounds: Sequence[Round],
    sites: Sites,
    *,
    now: datetime,
) -> Work:
    """What was done in these rounds, and the names that their rows need."""
    asked = InspectionFilter(rounds=[round_.id for round_ in rounds])
    rows = await office_inspections.load_inspected(tx, sites, asked) if rounds else []
    persons = {person for round_ in rounds for person in (round_.assignee, round_.backup)}
    return Work(
        by_target=by_target(rows),
        tallies=await judge.tallies(tx, rows, sites, now=now),
        waiting=await office_inspections.count_waiting(tx, {row.id for row in rows}),
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


def actions(access: Access, site: UUID) -> tuple[str, ...]:
    """Everything that this person may do at a site."""
    return tuple(action for action in MAY if access.may(action, site=site))
