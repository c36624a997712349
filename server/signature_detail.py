"""One signature whole: what was signed, read from its own document, and what has become of it.

Rule: the document alone says what was signed; the history only fills in the answers behind its
digests, where it can prove that they are those.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import COVERED_SHOWN_MAX
from schemas.kinds.places import TIME_ZONE_DEFAULT
from schemas.kinds.work import Visit
from schemas.signing import (
    AsAnswered,
    CoveredInspection,
    FindingSince,
    ListedAbnormal,
    SignatureDetail,
    Signed,
)
from server.errors import NotFound
from server.judging import Judge
from server.presence import VisitWork, load_of_visit
from server.seals import Sealed
from server.signatures import (
    became_of_visit,
    covered_ids,
    load_compared,
    load_looked_at,
    load_signatures,
)
from server.signed_answers import answers_then, changed_paths, covered_answers
from server.signing import (
    Covered,
    CoveredFinding,
    Since,
    findings_here,
    listed_in,
    photos_here,
    standing,
)
from server.statement import stated
from server.store import records, signatures
from server.store.office import Sites
from server.store.signatures import Received
from sync.record import Record


def signed_of(
    record: Record, sealed: Sealed, became: Since, *, is_superseded: bool = False
) -> Signed:
    """A signature as the office reads it."""
    known = {name: value for name, value in record.data.items() if value is not None}
    more = {
        "id": record.id,
        "version": record.version,
        "changed_after": became.changed,
        "added_after": became.added,
        "superseded": is_superseded,
        "seal": sealed.verdict,
        "faults": sealed.faults,
        "sealed_by": f"{sealed.by.device_name} · {sealed.by.person_name}" if sealed.by else "",
    }
    return msgspec.convert({**known, **more}, Signed)


def superseded(found: Collection[Record]) -> frozenset[UUID]:
    """Those in whose place a later one stands."""
    return frozenset({one.id for one in found} - {one.id for one in standing(found).values()})


async def load_signed(
    tx: AsyncConnection, over: Sequence[tuple[Record, Since]]
) -> tuple[Signed, ...]:
    """Signatures with what became of each, the oldest first."""
    found = [one for one, _ in over]
    looked = await load_looked_at(tx, found)
    old = superseded(found)
    shown = [
        signed_of(one, looked[one.id][0], became, is_superseded=one.id in old)
        for one, became in over
    ]
    return tuple(sorted(shown, key=lambda one: (one.signed_at, one.id)))


# --- Over a visit ---


async def load_over_visit(
    tx: AsyncConnection, id_: UUID, visit: Visit, of: VisitWork
) -> list[tuple[Record, Since]]:
    """The signatures over a visit, and what became of all that each covers."""
    return (await load_over_visits(tx, {id_: visit}, {id_: of}))[id_]


async def load_over_visits(
    tx: AsyncConnection, visits: Mapping[UUID, Visit], of: Mapping[UUID, VisitWork]
) -> dict[UUID, list[tuple[Record, Since]]]:
    """The same of each of several."""
    signatures = [one for each in of.values() for one in each.signatures]
    work = [one for each in of.values() if each.signatures for one in (*each.work, *each.elsewhere)]
    known = await load_compared(tx, signatures, work)
    return {
        id_: [
            (one, became_of_visit(one, visit, of[id_], known.children, known.written).since)
            for one in of[id_].signatures
        ]
        for id_, visit in visits.items()
    }


# --- One of them ---


async def show_signature(
    tx: AsyncConnection, judge: Judge, sites: Sites, id_: UUID
) -> SignatureDetail:
    """Raises `NotFound`, alike for what does not exist and for what is nobody's business here."""
    record = (await records.load(tx, await records.locate(tx, {id_}))).get(id_)
    site = sites.of_scope(record.scope) if record else None
    if record is None or site is None or record.kind != "signature" or record.withdrawn:
        raise NotFound
    of = UUID(str(record.data["of"]))
    same_place = await records.load_by(tx, "signature", "of", [of])
    others = [one for one in same_place.values() if not one.withdrawn]
    sealed, made = (await load_looked_at(tx, [record]))[record.id]
    text = str(record.data.get("document") or "")
    covered = await load_covered(tx, record, made)
    forms = await judge.templates(tx, {one.template for one in covered if one.template})
    became = await since_signed(tx, sites, record, of, covered)
    return SignatureDetail(
        signed=signed_of(record, sealed, became, is_superseded=record.id in superseded(others)),
        time_zone=site.time_zone,
        site_name=site.name,
        document=text,
        stated=stated(text),
        sealed_at=sealed.by.enrolled_at if sealed.by else None,
        received_at=made.received_at if made else None,
        covered=covered,
        covered_total=len(covered_ids(record)),
        forms={key: known.form for key, known in forms.items()},
    )


async def since_signed(
    tx: AsyncConnection,
    sites: Sites,
    record: Record,
    of: UUID,
    covered: Sequence[CoveredInspection],
) -> Since:
    """What became of all that one signature covers, of a visit or of an inspection."""
    found = (await records.load(tx, await records.locate(tx, {of}))).get(of)
    if found is not None and found.kind == "visit":
        site = sites.of_scope(found.scope)
        zone = site.time_zone if site else TIME_ZONE_DEFAULT
        values = msgspec.convert(found.data, Visit)
        over = await load_over_visit(tx, of, values, await load_of_visit(tx, of, values, zone))
        return next((became for one, became in over if one.id == record.id), Since())
    if found is not None and found.kind == "inspection":
        known = await load_signatures(tx, sites, [found])
        return next((became for one, became in known.over(found) if one.id == record.id), Since())
    return Since(changed=bool(covered))


async def load_covered(
    tx: AsyncConnection, record: Record, made: Received | None
) -> tuple[CoveredInspection, ...]:
    """Each inspection as it was signed and as it is, the first COVERED_SHOWN_MAX of them."""
    listed = listed_in(str(record.data.get("document") or "")) or ()
    covered = [one for one in listed if isinstance(one, Covered)][:COVERED_SHOWN_MAX]
    ids = {one.id for one in covered}
    work = await records.load(tx, await records.locate(tx, ids))
    written = await signatures.load_received(tx, ids)
    photos = (await records.load_by(tx, "attachment", "parent", ids)).values()
    findings = (await records.load_by(tx, "finding", "inspection", ids)).values()
    here = [one for one in (*photos, *findings) if not one.withdrawn]
    assets = await load_names(tx, work)
    return tuple(
        shown_covered(one, work.get(one.id), written.get(one.id, ()), made, here, assets)
        for one in covered
    )


async def load_names(tx: AsyncConnection, work: Mapping[UUID, Record]) -> Mapping[UUID, str]:
    """What the equipment of each inspection is called."""
    of = {id_: UUID(str(one.data["asset"])) for id_, one in work.items() if "asset" in one.data}
    found = await records.load(tx, await records.locate(tx, set(of.values())))
    return {id_: str(found[asset].data["name"]) for id_, asset in of.items() if asset in found}


def shown_covered(
    covered: Covered,
    now: Record | None,
    written: Sequence[Received],
    made: Received | None,
    children: Collection[Record],
    names: Mapping[UUID, str],
) -> CoveredInspection:
    if now is None:
        return CoveredInspection(id=covered.id, photos=len(covered.photos))
    then = answers_then(covered.answers, now, written, made)
    here = photos_here(now.id, children)
    signed = frozenset(covered.photos)
    return CoveredInspection(
        id=covered.id,
        asset_name=names.get(now.id, ""),
        template=UUID(str(now.data["template"])),
        was=None if then is None else msgspec.convert(covered_answers(then), AsAnswered),
        now=msgspec.convert(covered_answers(now.data), AsAnswered),
        changed=() if then is None else changed_paths(then, now.data),
        findings=changed_findings(covered, findings_here(now.id, children)),
        photos=len(signed),
        photos_gone=len(signed - here),
        photos_added=len(here - signed),
    )


def changed_findings(
    covered: Covered, here: Collection[CoveredFinding]
) -> tuple[FindingSince, ...]:
    """The findings that differ, or that are on one side alone; by id."""
    then = {one.id: one for one in (here if covered.findings is None else covered.findings)}
    now = {one.id: one for one in here}
    differ = sorted(id_ for id_ in then.keys() | now.keys() if then.get(id_) != now.get(id_))
    return tuple(
        FindingSince(id=id_, was=listed_as(then.get(id_)), now=listed_as(now.get(id_)))
        for id_ in differ
    )


def listed_as(one: CoveredFinding | None) -> ListedAbnormal | None:
    return None if one is None else ListedAbnormal(severity=one.severity, text=one.text)
