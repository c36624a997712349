"""Whether everything of a round or a visit is accepted, so that its report is due.

Rule: asked after every decision and at the end of a visit; the answer follows from the records.
"""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.work import Assignment, Visit
from server.errors import NotFound
from server.judging import Judge
from server.presence import round_of
from server.reports.sources import Sources, load_sources
from server.store import records, report_facts
from sync.consequences import inspection_state
from sync.record import Record


async def load_watched(tx: AsyncConnection, id_: UUID, kind: str) -> Record | None:
    """The record that is watched, while it is there."""
    place = (await records.locate(tx, {id_})).get(id_)
    if place is None or place.kind != kind:
        return None
    return (await records.load(tx, {id_: place}))[id_]


async def is_round_complete(tx: AsyncConnection, id_: UUID, kind: str) -> UUID | None:
    """The round that this belongs to, where all that was planned in it is accepted."""
    record = await load_watched(tx, id_, kind)
    round_id = round_of(record) if record else None
    round_ = await load_watched(tx, round_id, "assignment") if round_id else None
    if round_ is None or round_.withdrawn:
        return None
    planned = msgspec.convert(round_.data, Assignment).targets
    wanted = {str(target.asset) for target in planned if not target.withdrawn}
    work = await records.load_by(tx, "inspection", "assignment", [round_.id])
    done = [one for one in work.values() if not one.withdrawn]
    accepted = {str(one.data["asset"]) for one in done if inspection_state(one.data) == "accepted"}
    return round_.id if wanted and wanted <= accepted else None


async def complete_visits(tx: AsyncConnection, judge: Judge, id_: UUID, kind: str) -> list[UUID]:
    """The visits that this belongs to which have ended, and whose work is accepted whole."""
    record = await load_watched(tx, id_, kind)
    if record is None or record.withdrawn:
        return []
    if kind == "visit":
        near = [id_]
    else:
        near = await report_facts.load_visits_near(
            tx, site_of(record), UUID(str(record.data["inspector"]))
        )
    found = []
    for visit in near:
        try:
            sources = await load_sources(tx, judge, visit, "visit")
        except NotFound:
            continue
        is_of = kind == "visit" or any(one.id == id_ for one in sources.covered)
        if is_of and is_over(sources, sources.visits[visit]):
            found.append(visit)
    return found


def site_of(record: Record) -> UUID:
    """The site whose scope or archive a record is in."""
    return UUID(record.scope.partition(":")[2])


def is_over(sources: Sources, visit: Visit) -> bool:
    """Whether a visit has ended and everything that it covers is accepted."""
    states = [inspection_state(one.data) for one in sources.covered]
    return visit.ended_at is not None and bool(states) and set(states) == {"accepted"}
