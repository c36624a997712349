"""Which inspections belong to a visit, and to a round. Rule: this alone chooses them.

What a customer is shown, what a signature lists and what a report prints is one set, so each of
them asks here. The app chooses alike (static/pwa/src/ui/field/sign/presence.ts);
tests/vectors/signing/presence.json holds both to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.work import Visit
from server.judging import local_day
from server.signing import Covered, listed_in
from server.store import presence, records
from server.store.presence import LONGEST_VISIT, Stay
from sync.consequences import inspection_state
from sync.record import Record
from sync.review import read_step
from sync.scopes import site_of, site_scope

HANDED_IN = ("submitted", "accepted")


# --- Pure ---


def instants(inspection: Record) -> tuple[datetime, ...]:
    """When it was begun and when it was handed in, as far as that is known."""
    begun = msgspec.convert(inspection.data.get("started_at"), datetime | None)
    return tuple(at for at in (begun, read_step(inspection.data).at) if at is not None)


def lasted_at(visit: Visit, at: datetime, zone: str) -> bool:
    """Whether a visit lasted at an instant; one that nobody ended lasted until midnight."""
    if at < visit.started_at:
        return False
    if visit.ended_at is not None:
        return at <= visit.ended_at
    return local_day(at, zone) == local_day(visit.started_at, zone)


def round_of(record: Record) -> UUID | None:
    """The assignment that it was done for."""
    value = record.data.get("assignment")
    return UUID(value) if isinstance(value, str) else None


def belongs(inspection: Record, visit: Visit, others: Iterable[Visit], zone: str) -> bool:
    """Whether its inspector worked on it at the site while a visit lasted.

    Where one of the `others` lasted in the same hours and was for its own round, that one has it.
    """
    data, round_ = inspection.data, round_of(inspection)
    if UUID(str(data["inspector"])) != visit.engineer or not is_at(inspection, visit.site):
        return False
    own = [
        one
        for one in others
        if round_ is not None
        and visit.assignment != round_
        and (one.assignment, one.engineer, one.site) == (round_, visit.engineer, visit.site)
    ]
    return any(
        lasted_at(visit, at, zone) and not any(lasted_at(one, at, zone) for one in own)
        for at in instants(inspection)
    )


def chosen(
    id_: UUID,
    visit: Visit,
    inspections: Iterable[Record],
    named: Collection[UUID],
    others: Mapping[UUID, Visit],
    zone: str,
) -> tuple[Record, ...]:
    """Those of its site that belong to it, or are `named` in what was signed over it."""
    beside = [one for other, one in others.items() if other != id_]
    return tuple(
        one
        for one in inspections
        if is_at(one, visit.site) and (one.id in named or belongs(one, visit, beside, zone))
    )


def is_at(record: Record, site: UUID) -> bool:
    """Whether it lies at a site, or in its archive."""
    return site_of(record.scope) == site_scope(site)


def ids_in(document: str) -> Iterable[UUID]:
    """The inspections that a signed document names."""
    for one in listed_in(document) or ():
        try:
            yield one.id if isinstance(one, Covered) else UUID(one)
        except ValueError:
            continue  # Another client's own way to name them.


def listed(signatures: Iterable[Record]) -> frozenset[UUID]:
    """The inspections that any of these documents names."""
    return frozenset(id_ for one in signatures for id_ in ids_in(str(one.data.get("document"))))


def handed_in(work: Iterable[Record]) -> tuple[Record, ...]:
    """What of it can be signed for and printed: neither begun only, nor returned."""
    return tuple(one for one in work if inspection_state(one.data) in HANDED_IN)


def live(found: Iterable[Record]) -> tuple[Record, ...]:
    """Those that were not withdrawn, in order of their ids."""
    return tuple(sorted((one for one in found if not one.withdrawn), key=lambda one: one.id))


# --- Of one visit, of one round ---


class VisitWork(Struct, frozen=True):
    """All that belongs to a visit, whatever became of it, and the signatures over the visit.

    `elsewhere` is listed in them and lies at another site: compared with, and never shown here.
    """

    work: tuple[Record, ...]
    signatures: tuple[Record, ...]
    elsewhere: tuple[Record, ...]


async def load_of_visit(tx: AsyncConnection, id_: UUID, visit: Visit, zone: str) -> VisitWork:
    """What was worked on while it lasted, and what its signatures list of the same site."""
    return (await load_of_visits(tx, {id_: visit}, {visit.site: zone}))[id_]


async def load_of_visits(
    tx: AsyncConnection, visits: Mapping[UUID, Visit], zones: Mapping[UUID, str]
) -> dict[UUID, VisitWork]:
    """The same of each of several; `zones` are those of the sites."""
    if not visits:
        return {}
    stays = [
        Stay(
            site=one.site,
            engineer=one.engineer,
            since=one.started_at,
            until=one.ended_at or one.started_at + LONGEST_VISIT,
        )
        for one in visits.values()
    ]
    over: dict[UUID, list[Record]] = {id_: [] for id_ in visits}
    for signature in live((await records.load_by(tx, "signature", "of", visits)).values()):
        over[UUID(str(signature.data["of"]))].append(signature)
    named = {id_: listed(signatures) for id_, signatures in over.items()}
    near = await presence.load_work_near(tx, stays)
    found = await records.load(tx, await records.locate(tx, {*near, *chain(*named.values())}))
    inspections = [one for one in live(found.values()) if one.kind == "inspection"]
    others = await load_visits(
        tx,
        {one.site for one in stays},
        {one.engineer for one in stays},
        since=min(one.since for one in stays),
        until=max(one.until for one in stays),
    )
    return {
        id_: VisitWork(
            work=chosen(id_, visit, inspections, named[id_], others, zones.get(visit.site, "UTC")),
            signatures=tuple(over[id_]),
            elsewhere=tuple(
                one for one in inspections if one.id in named[id_] and not is_at(one, visit.site)
            ),
        )
        for id_, visit in visits.items()
    }


async def load_of_round(tx: AsyncConnection, id_: UUID) -> tuple[Record, ...]:
    """Every inspection of a round."""
    return live((await records.load_by(tx, "inspection", "assignment", [id_])).values())


async def load_visits(
    tx: AsyncConnection,
    sites: Collection[UUID],
    engineers: Collection[UUID],
    *,
    since: datetime,
    until: datetime,
) -> dict[UUID, Visit]:
    """The visits of these people at these sites that lasted at some time between two instants."""
    ids = await presence.load_visits_near(tx, sites, engineers, since=since, until=until)
    found = await records.load_by(tx, "visit", "id", ids)
    return {one.id: msgspec.convert(one.data, Visit) for one in live(found.values())}


# --- The other way round ---


async def load_visits_over(
    tx: AsyncConnection, inspections: Collection[Record]
) -> dict[UUID, Record]:
    """Every visit to which any of this work may belong: of its rounds, of its people and hours."""
    rounds = {round_ for one in inspections if (round_ := round_of(one))}
    found = await records.load_by(tx, "visit", "assignment", rounds)
    at = [instant for one in inspections for instant in instants(one)]
    if at:
        near = await presence.load_visits_near(
            tx,
            {UUID(one.scope.partition(":")[2]) for one in inspections},
            {UUID(str(one.data["inspector"])) for one in inspections},
            since=min(at),
            until=max(at),
        )
        found |= await records.load_by(tx, "visit", "id", near)
    return {one.id: one for one in live(found.values())}


def visits_of(
    inspection: Record, visits: Mapping[UUID, Visit], zones: Mapping[UUID, str]
) -> Sequence[UUID]:
    """Those of `visits` to which an inspection belongs; `zones` are those of the sites."""
    return [
        id_
        for id_, visit in visits.items()
        if belongs(
            inspection,
            visit,
            (one for other, one in visits.items() if other != id_),
            zones.get(visit.site, "UTC"),
        )
    ]
