"""Who signed for which work, and whether that still stands. Rule: a few statements for any list.

Which work belongs to a visit is said in `server/presence.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.work import Visit
from schemas.signing import SignedNote, Standing
from server.presence import VisitWork, handed_in, ids_in, load_visits_over, visits_of
from server.seals import Ring, Sealed, look
from server.signing import Covered, Since, listed_in, rank, since, standing, writes_covered
from server.statement import problems_in
from server.store import keys, records, signatures
from server.store.office import Sites
from server.store.signatures import Came, Received
from sync.record import Json, Record


class Signatures(Struct, frozen=True):
    """Signatures over some work or over its visits, with all that they are compared with."""

    records: Sequence[Record]
    visits: Mapping[UUID, Visit]
    children: Mapping[UUID, Sequence[Record]]
    written: Mapping[UUID, Came]
    zones: Mapping[UUID, str]  # Of sites.

    def over(self, inspection: Record) -> list[tuple[Record, Since]]:
        """Those that speak of an inspection, or of a visit that it belongs to."""
        of = frozenset(visits_of(inspection, self.visits, self.zones))
        is_in = bool(handed_in([inspection]))
        found = []
        for one in self.records:
            subject = UUID(str(one.data.get("of")))
            if subject == inspection.id:
                found.append((one, self.since(one, inspection)))
            elif subject in self.visits:
                is_of_visit = subject in of and is_in
                if is_of_visit or names(one, inspection.id, is_of_visit=subject in of):
                    found.append((one, self.since(one, inspection, is_of_visit=is_of_visit)))
        return found

    def since(self, one: Record, inspection: Record, *, is_of_visit: bool = False) -> Since:
        children = self.children.get(inspection.id, ())
        return since(one, inspection, children, self.written, is_of_visit=is_of_visit)


def names(signature: Record, inspection: UUID, *, is_of_visit: bool) -> bool:
    """Whether a document names an inspection; one too long for a list may name any of its visit."""
    text = str(signature.data.get("document") or "")
    return is_of_visit if listed_in(text) is None else inspection in set(ids_in(text))


def covered_ids(signature: Record) -> frozenset[UUID]:
    """The inspections of which a document says how they were."""
    of = listed_in(str(signature.data.get("document") or "")) or ()
    return frozenset(one.id for one in of if isinstance(one, Covered))


def has_digests(signature: Record) -> bool:
    """Whether a document says how the work was, and not only which."""
    of = listed_in(str(signature.data.get("document") or ""))
    return of is not None and not any(isinstance(one, str) for one in of)


async def load_signatures(
    tx: AsyncConnection, sites: Sites, inspections: Collection[Record]
) -> Signatures:
    """Every signature over this work and over the visits that it belongs to."""
    ids = {one.id for one in inspections}
    visits = await load_visits_over(tx, inspections)
    of = ids | visits.keys()
    found = [
        one
        for one in (await records.load_by(tx, "signature", "of", of)).values()
        if not one.withdrawn
    ]
    compared = await load_compared(tx, found, inspections)
    scopes = {one.scope for one in visits.values()}
    known = [site for scope in scopes if (site := sites.of_scope(scope))]
    return Signatures(
        found,
        {id_: msgspec.convert(one.data, Visit) for id_, one in visits.items()},
        compared.children,
        compared.written,
        {site.id: site.time_zone for site in known},
    )


class Compared(Struct, frozen=True):
    """What signatures are compared with, besides the work: its photos and findings.

    `written`: when signatures came that do not say how the work was, and when it was last written.
    """

    children: Mapping[UUID, Sequence[Record]]
    written: Mapping[UUID, Came]


async def load_compared(
    tx: AsyncConnection, signatures: Collection[Record], inspections: Collection[Record]
) -> Compared:
    """The photos and findings of inspections; when it was written where no document tells."""
    ids = {one.id for one in inspections} if signatures else set()
    children: dict[UUID, list[Record]] = {}
    for photo in (await records.load_by(tx, "attachment", "parent", ids)).values():
        if not photo.withdrawn:
            children.setdefault(UUID(str(photo.data["parent"])), []).append(photo)
    findings = await records.load_by(tx, "finding", "inspection", ids)
    for finding in findings.values():
        children.setdefault(UUID(str(finding.data["inspection"])), []).append(finding)
    bare = {one.id for one in signatures if not has_digests(one)}
    written = await load_written(tx, bare, ids | findings.keys()) if bare else {}
    return Compared(children, written)


async def load_written(
    tx: AsyncConnection, signatures_: Collection[UUID], work: Collection[UUID]
) -> dict[UUID, Came]:
    """When each of these signatures came, and when what they cover was written last."""
    written: dict[UUID, Came] = {}
    async for id_, came, op in signatures.stream_applied(tx, {*signatures_, *work}):
        if id_ in signatures_:
            written.setdefault(id_, came)
        elif writes_covered(op):
            written[id_] = came
    return written


async def load_looked_at(
    tx: AsyncConnection, found: Collection[Record]
) -> dict[UUID, tuple[Sealed, Received | None]]:
    """What the seal of each signature is worth, and the op that brought it."""
    if not found:
        return {}
    ring = Ring(await keys.load_keys(tx))
    came = await signatures.load_received(tx, {one.id for one in found})
    looked = {}
    for one in found:
        made = signatures.made_by(came.get(one.id, ()))
        looked[one.id] = (look(one, made, ring), made)
    return looked


# --- Over a whole visit ---


class Became(Struct, frozen=True):
    """What became of all that one signature over a visit covers.

    `added`: inspections of the visit that it does not cover; `returned`: some that it covers and
    that are being mended.
    """

    since: Since = Since()
    added: int = 0
    returned: int = 0


def became_of_visit(
    signature: Record,
    visit: Visit,
    of: VisitWork,
    children: Mapping[UUID, Sequence[Record]],
    written: Mapping[UUID, Came],
) -> Became:
    """Compare a signature with the visit as it stands: its inspections, and the customer's list."""
    here = {one.id for one in handed_in(of.work)}
    became = {
        one.id: since(signature, one, children.get(one.id, ()), written, is_of_visit=one.id in here)
        for one in (*of.work, *of.elsewhere)
    }
    document = str(signature.data.get("document") or "")
    covered = covered_ids(signature)
    signed = problems_in(document)
    now = [one.text for one in visit.problems.values()]
    then = now if signed is None else signed
    is_listing = listed_in(document) is not None
    return Became(
        since=Since(
            changed=bool(covered - became.keys())
            or any(one.changed for one in became.values())
            or not set(now).issuperset(then),
            added=any(one.added for one in became.values()) or not set(now).issubset(then),
        ),
        added=len(here - set(ids_in(document))) if is_listing else 0,
        returned=len(covered & {one.id for one in of.work} - here),
    )


# --- In a line ---


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
