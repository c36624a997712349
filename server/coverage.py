"""What a visit came to, so that somebody may sign for it. Rule: what is read here is what is shown.

Which inspections belong to it is said in `server/presence.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import TARGETS_PER_ASSIGNMENT_MAX
from schemas.kinds.places import TIME_ZONE_DEFAULT
from schemas.kinds.work import Target, Visit
from schemas.signing import ListedAbnormal
from server.errors import NotFound
from server.judging import Judge, zone_of
from server.presence import HANDED_IN, handed_in, load_of_visit
from server.signing import Covered, answers_digest, findings_here, photos_here
from server.statement import Coverage, HandedIn
from server.store import office_inspections, records
from server.store.office import Site, Sites
from server.store.office_inspections import Inspected, InspectionFilter
from sync.record import Record


async def load_visit(tx: AsyncConnection, id_: UUID) -> Record:
    """Raises `NotFound`."""
    found = (await records.load(tx, await records.locate(tx, {id_}))).get(id_)
    if found is None or found.kind != "visit" or found.withdrawn:
        raise NotFound
    return found


async def load_shown(tx: AsyncConnection, record: Record, site: Site) -> tuple[Record, ...]:
    """The inspections that a signature over this visit would cover now."""
    visit = msgspec.convert(record.data, Visit)
    return handed_in((await load_of_visit(tx, record.id, visit, site.time_zone)).work)


async def load_shown_count(tx: AsyncConnection, record: Record) -> int:
    """How many these are."""
    site = await load_site(tx, record.scope)
    return len(await load_shown(tx, record, site)) if site else 0


async def load_coverage(
    tx: AsyncConnection, judge: Judge, record: Record, site: Site, *, now: datetime
) -> Coverage:
    """All that a signature over this visit would stand for now."""
    sites = Sites({site.id: site}, is_all=False)
    visit = msgspec.convert(record.data, Visit)
    work = {one.id: one for one in await load_shown(tx, record, site)}
    ids = work.keys()
    asked = InspectionFilter(ids=ids)
    rows = await office_inspections.load_inspected(tx, sites, asked, order="asset")
    tallies = await judge.tallies(tx, rows, sites, now=now)
    photos = (await records.load_by(tx, "attachment", "parent", ids)).values()
    children = [one for one in photos if not one.withdrawn]
    reported = (await records.load_by(tx, "finding", "inspection", ids)).values()
    findings = abnormal_of(rows, reported)
    inspections = [
        HandedIn(
            covered=Covered(
                id=row.id,
                answers=answers_digest(work[row.id].data),
                photos=tuple(sorted(photos_here(row.id, children))),
                findings=findings_here(row.id, reported),
            ),
            template=row.template,
            abnormal=tuple(findings.get(row.id, ())),
            is_abnormal=bool(tallies[row.id].abnormal),
        )
        for row in rows
    ]
    return Coverage(
        id=record.id,
        visit=visit,
        site_name=site.name,
        local=visit.started_at.astimezone(zone_of(site.time_zone)),
        inspections=tuple(inspections),
        not_inspected=tuple(await load_missed(tx, sites, visit, rows)),
    )


def abnormal_of(
    rows: Sequence[Inspected], reported: Collection[Record]
) -> Mapping[UUID, list[ListedAbnormal]]:
    """What each inspection reported, in the words of who submitted it.

    Also of one that was mended since: the finding is covered, and the report has it.
    """
    names = {row.id: row.asset_name for row in rows}
    found: dict[UUID, list[ListedAbnormal]] = {}
    for one in sorted(reported, key=lambda finding: str(finding.data.get("item"))):
        if one.withdrawn:
            continue
        of = UUID(str(one.data["inspection"]))
        listed = ListedAbnormal(
            asset=names[of], severity=str(one.data["severity"]), text=str(one.data["text"])
        )
        found.setdefault(of, []).append(listed)
    return found


async def load_missed(
    tx: AsyncConnection, sites: Sites, visit: Visit, rows: Sequence[Inspected]
) -> list[str]:
    """What was planned in the rounds that were worked on, and inspected by nobody."""
    rounds = (visit.assignment, *(row.assignment for row in rows))
    ids = {id_ for id_ in rounds if id_ is not None}
    found = (await records.load(tx, await records.locate(tx, ids))).values()
    done = {
        (row.assignment, row.asset)
        for row in await office_inspections.load_inspected(tx, sites, InspectionFilter(rounds=ids))
        if row.state in HANDED_IN
    }
    missed = [
        target.asset
        for one in found
        for target in msgspec.convert(one.data.get("targets") or (), tuple[Target, ...])
        if not target.withdrawn and (one.id, target.asset) not in done
    ][:TARGETS_PER_ASSIGNMENT_MAX]
    assets = await records.load(tx, await records.locate(tx, missed))
    return [str(assets[id_].data["name"]) if id_ in assets else str(id_) for id_ in missed]


async def load_site(tx: AsyncConnection, scope: str) -> Site | None:
    """The site of a scope, for who may see nothing else of this company."""
    id_ = UUID(scope.partition(":")[2])
    record = (await records.load(tx, await records.locate(tx, {id_}))).get(id_)
    if record is None or record.withdrawn:
        return None
    data = {"address": "", "contract": None, "time_zone": TIME_ZONE_DEFAULT, **record.data}
    return msgspec.convert({**data, "id": id_, "version": record.version}, Site)
