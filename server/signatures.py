"""Who signed for which work, and whether that still stands. Rule: a few statements for any list.

A visit holds what its engineer worked on while it lasted, as the app has it
(static/pwa/src/ui/field/sign/presence.ts).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.work import Visit
from schemas.signing import SignedNote, Standing
from server.judging import local_day
from server.signing import Since, listed_in, rank, since, standing
from server.store import office_evidence, records
from server.store.office import Sites
from server.store.office_evidence import StoredWrite
from sync.consequences import inspection_state
from sync.record import Json, Record
from sync.review import read_step

HANDED_IN = ("submitted", "accepted")


class Signatures(Struct, frozen=True):
    """Signatures over some work or over its visits, with all that they are compared with."""

    records: Sequence[Record]
    visits: Mapping[UUID, Record]
    children: Mapping[UUID, Sequence[Record]]
    written: Sequence[StoredWrite]
    zones: Mapping[str, str]  # Of scopes.

    def over(self, inspection: Record) -> list[tuple[Record, Since]]:
        """Those that speak of an inspection, or of the visit in which it was handed in."""
        found = []
        for one in self.records:
            if one.data.get("of") == str(inspection.id):
                found.append((one, self.since(one, inspection)))
            elif (visit := self.visits.get(UUID(str(one.data.get("of"))))) is not None:
                held = self.is_held(visit, inspection)
                if held or covers(one, inspection.id):
                    found.append((one, self.since(one, inspection, is_held=held)))
        return found

    def is_held(self, visit: Record, inspection: Record) -> bool:
        """Whether it was handed in, and in this visit."""
        if inspection_state(inspection.data) not in HANDED_IN:
            return False
        presence = msgspec.convert(visit.data, Visit)
        return was_worked_on(inspection, presence, self.zones.get(visit.scope, "UTC"))

    def since(self, one: Record, inspection: Record, *, is_held: bool = False) -> Since:
        children = self.children.get(inspection.id, ())
        return since(one, inspection, children, self.written, is_held=is_held)


def is_during(visit: Visit, inspector: UUID, at: Iterable[datetime | None], zone: str) -> bool:
    """Whether somebody worked while a visit lasted; one that nobody ended lasted until midnight."""
    if inspector != visit.engineer:
        return False

    def is_before(instant: datetime) -> bool:
        if visit.ended_at is not None:
            return instant <= visit.ended_at
        return local_day(instant, zone) == local_day(visit.started_at, zone)

    return any(one is not None and visit.started_at <= one and is_before(one) for one in at)


def was_worked_on(inspection: Record, visit: Visit, zone: str) -> bool:
    """Whether its inspector worked on it while a visit lasted."""
    data = inspection.data
    begun = msgspec.convert(data.get("started_at"), datetime | None)
    return is_during(visit, UUID(str(data["inspector"])), (begun, read_step(data).at), zone)


def covers(signature: Record, inspection: UUID) -> bool:
    """Whether a document names an inspection; one that is too long for a list may name any."""
    listed = listed_in(str(signature.data.get("document") or ""))
    if listed is None:
        return True
    return any(str(inspection) == (one if isinstance(one, str) else str(one.id)) for one in listed)


def has_digests(signature: Record) -> bool:
    """Whether a document says how the work was, and not only which."""
    listed = listed_in(str(signature.data.get("document") or ""))
    return listed is not None and not any(isinstance(one, str) for one in listed)


async def load_signatures(
    tx: AsyncConnection, sites: Sites, inspections: Collection[Record]
) -> Signatures:
    """Every signature over this work and over the visits of its rounds."""
    ids = {one.id for one in inspections}
    rounds = {UUID(str(named)) for one in inspections if (named := one.data.get("assignment"))}
    visits = await records.load_by(tx, "visit", "assignment", rounds)
    of = ids | visits.keys()
    found = [
        one
        for one in (await records.load_by(tx, "signature", "of", of)).values()
        if not one.withdrawn
    ]
    children: dict[UUID, list[Record]] = {}
    for photo in (await records.load_by(tx, "attachment", "parent", ids)).values() if found else ():
        if not photo.withdrawn:
            children.setdefault(UUID(str(photo.data["parent"])), []).append(photo)
    bare = {one.id for one in found if not has_digests(one)}
    written = await office_evidence.load_history(tx, ids | bare) if bare else []
    scopes = {one.scope for one in visits.values()}
    zones = {scope: site.time_zone for scope in scopes if (site := sites.of_scope(scope))}
    return Signatures(found, visits, children, written, zones)


async def load_notes(
    tx: AsyncConnection, sites: Sites, ids: Collection[UUID]
) -> dict[UUID, SignedNote]:
    """Who signed for each of these inspections; nothing for those that nobody signed for."""
    located = (await records.locate(tx, ids)).items()
    work = await records.load(tx, {id_: at for id_, at in located if at.kind == "inspection"})
    found = await load_signatures(tx, sites, work.values())
    notes = {}
    for inspection in work.values():
        if (note := note_of(found.over(inspection))) is not None:
            notes[inspection.id] = note
    return notes


def note_of(over: Sequence[tuple[Record, Since]]) -> SignedNote | None:
    """The customer's signature where there is one, else the newest of anybody."""
    stands = {one.id for one in standing(one for one, _ in over).values()}
    given = [pair for pair in over if pair[0].id in stands and pair[0].data.get("strokes")]
    if not given:
        return None
    one, became = max(
        given, key=lambda pair: (pair[0].data.get("role") == "contact", rank(pair[0]))
    )
    data: Mapping[str, Json] = one.data
    return SignedNote(
        signature=one.id,
        name=str(data.get("name") or ""),
        at=msgspec.convert(data["signed_at"], datetime),
        standing=standing_of(became),
    )


def standing_of(became: Since) -> Standing:
    if became.changed:
        return "changed-after"
    return "added-after" if became.added else "signed"
