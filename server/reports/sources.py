"""What a report is made from, as it is in the store. Rule: one transaction, no statement per row.

Which inspections belong to a visit or a round is said in `server/presence.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.places import Site
from schemas.kinds.work import Assignment, Visit
from schemas.signing import SealTold
from server import presence
from server.errors import NotFound
from server.judging import Judge, Known
from server.presence import VisitWork, live, round_of, visits_of
from server.reports.facts import OfKind
from server.signatures import load_compared, load_looked_at
from server.store import records, report_facts
from server.store.office_evidence import StoredFinding
from server.store.report_facts import Bytes, Past, Placed
from server.store.signatures import Came
from sync.record import Record
from sync.review import inspected_at, read_step

PAST_EACH_MAX = 7  # Points of a series before the one of now.
PAST_MAX = 4_000  # Inspections of before that are read for one report.


class Sources(Struct, frozen=True, kw_only=True):
    """Everything that is read. `covered` are the inspections that the report is about."""

    of: UUID
    of_kind: OfKind
    site_id: UUID
    site: Site
    rounds: Mapping[UUID, Assignment]
    visits: Mapping[UUID, Visit]
    covered: tuple[Record, ...]
    others: tuple[Record, ...]  # Of the same rounds, not covered.
    since: datetime
    until: datetime
    templates: Mapping[UUID, Known]
    placed: Mapping[UUID, Placed]
    past: tuple[Past, ...]
    findings: tuple[StoredFinding, ...]
    attachments: tuple[Record, ...]
    signatures: tuple[Record, ...]
    stored: Mapping[str, Bytes]
    compared: Mapping[UUID, VisitWork]  # By visit: all that its signatures speak of.
    children: Mapping[UUID, Sequence[Record]]  # Their photos and findings, by inspection.
    asset_ops: Sequence[tuple[UUID, datetime, bytes]]
    written: Mapping[UUID, Came]
    seals: Mapping[UUID, SealTold]  # What each signature over a visit proves of itself.

    @property
    def zone(self) -> str:
        """The time zone of the site."""
        return self.site.time_zone


async def load_sources(tx: AsyncConnection, judge: Judge, of: UUID, of_kind: OfKind) -> Sources:
    """Read what the report of a visit or a round is made from. Raises `NotFound`."""
    place = (await records.locate(tx, {of})).get(of)
    if place is None or place.kind != of_kind:
        raise NotFound
    record = (await records.load(tx, {of: place}))[of]
    if record.withdrawn:
        raise NotFound
    site_id = UUID(str(record.data["site"]))
    sites = await records.load(tx, await records.locate(tx, {site_id}))
    if site_id not in sites:
        raise NotFound
    site = msgspec.convert(sites[site_id].data, Site)
    chosen = await (of_one_visit if of_kind == "visit" else of_one_round)(
        tx, record, site.time_zone
    )
    signed = [sig for of_visit in chosen.compared.values() for sig in of_visit.signatures]
    signed += await load_signatures(tx, [one.id for one in chosen.covered])
    rounds = {id_: msgspec.convert(one.data, Assignment) for id_, one in chosen.rounds.items()}
    since, until = span(chosen.visits.values(), chosen.covered, rounds.values(), site.time_zone)
    return await load_rest(
        tx,
        judge,
        Sources(
            of=of,
            of_kind=of_kind,
            site_id=site_id,
            site=site,
            rounds=rounds,
            visits=chosen.visits,
            covered=chosen.covered,
            others=chosen.others,
            since=since,
            until=until,
            templates={},
            placed={},
            past=(),
            findings=(),
            attachments=(),
            signatures=tuple(signed),
            stored={},
            compared=chosen.compared,
            children={},
            asset_ops=(),
            written={},
            seals={},
        ),
    )


# --- Of a visit, of a round ---


class Chosen(Struct, frozen=True):
    """What a report is about, as `Sources` has it."""

    rounds: Mapping[UUID, Record]
    visits: Mapping[UUID, Visit]
    covered: tuple[Record, ...]
    others: tuple[Record, ...]
    compared: Mapping[UUID, VisitWork]


async def of_one_visit(tx: AsyncConnection, record: Record, zone: str) -> Chosen:
    """What belongs to a visit, and the rest of its rounds."""
    visit = msgspec.convert(record.data, Visit)
    found = await presence.load_of_visit(tx, record.id, visit, zone)
    named = {round_ for one in found.work if (round_ := round_of(one))}
    if visit.assignment is not None:
        named.add(visit.assignment)
    all_ = await records.load_by(tx, "inspection", "assignment", named)
    ids = {one.id for one in found.work}
    return Chosen(
        rounds=await records.load(tx, await records.locate(tx, named)),
        visits={record.id: visit},
        covered=found.work,
        others=tuple(one for one in live(all_.values()) if one.id not in ids),
        compared={record.id: found},
    )


async def of_one_round(tx: AsyncConnection, record: Record, zone: str) -> Chosen:
    """Every inspection of a round, and every visit in which it was worked on."""
    covered = await presence.load_of_round(tx, record.id)
    visits = await load_visits(tx, record.id, covered, zone)
    compared = await presence.load_of_visits(tx, visits, zone_at(visits, zone))
    return Chosen({record.id: record}, visits, covered, (), compared)


async def load_visits(
    tx: AsyncConnection, assignment: UUID, work: Sequence[Record], zone: str
) -> dict[UUID, Visit]:
    """The visits for a round and those in which it was worked on, the first one first."""
    near = {
        id_: msgspec.convert(one.data, Visit)
        for id_, one in (await presence.load_visits_over(tx, work)).items()
    }
    of = {id_ for one in work for id_ in visits_of(one, near, zone_at(near, zone))}
    own = await records.load_by(tx, "visit", "assignment", [assignment])
    known = {one.id: msgspec.convert(one.data, Visit) for one in live(own.values())}
    visits = {**{id_: near[id_] for id_ in of}, **known}
    return dict(sorted(visits.items(), key=lambda pair: (pair[1].started_at, pair[0])))


def zone_at(visits: Mapping[UUID, Visit], zone: str) -> dict[UUID, str]:
    """One zone for all the sites: those of one round are one."""
    return {one.site: zone for one in visits.values()}


async def load_signatures(tx: AsyncConnection, of: Iterable[UUID]) -> tuple[Record, ...]:
    """The signatures over these records."""
    return live((await records.load_by(tx, "signature", "of", list(of))).values())


def span(
    visits: Iterable[Visit],
    covered: Iterable[Record],
    rounds: Iterable[Assignment],
    zone: str,
) -> tuple[datetime, datetime]:
    """From when to when the work was done; of a round that nobody began, its window."""
    at: list[datetime] = []
    for visit in visits:
        at += [visit.started_at, visit.ended_at or visit.started_at]
    for one in covered:
        begun = msgspec.convert(one.data.get("started_at"), datetime | None)
        at += [instant for instant in (begun, read_step(one.data).at) if instant]
    if not at:
        at = [instant for one in rounds for instant in (one.starts_at, one.due_at)]
    return min(at), max(at)


# --- All that hangs on it ---


async def load_rest(tx: AsyncConnection, judge: Judge, known: Sources) -> Sources:
    """Fill in what belongs to the covered inspections: a dozen statements."""
    targets = {one.asset for round_ in known.rounds.values() for one in round_.targets}
    inspected = {UUID(str(one.data["asset"])) for one in known.covered}
    assets = targets | inspected
    ids = [one.id for one in known.covered]
    findings = await report_facts.load_findings(
        tx, known.site_id, inspections=ids, since=known.since, until=known.until
    )
    own = {one.id for one in findings if one.inspection in set(ids)}
    own |= {one.id for one in findings if one.inspection is None and one.found_at >= known.since}
    parents = [*ids, *own, *(known.visits if known.of_kind == "visit" else ())]
    attachments = live((await records.load_by(tx, "attachment", "parent", parents)).values())
    past = await report_facts.load_past(
        tx,
        inspected,
        before=known.until,
        each=max(1, min(PAST_EACH_MAX + 1, PAST_MAX // max(len(inspected), 1))),
    )
    wanted = {UUID(str(one.data["template"])) for one in known.covered}
    work = [one for of in known.compared.values() for one in (*of.work, *of.elsewhere)]
    over = [one for one in known.signatures if one.data.get("of_kind") == "visit"]
    looked = await load_looked_at(tx, over)
    compared = await load_compared(tx, known.signatures, work)
    return msgspec.structs.replace(
        known,
        templates=await judge.templates(tx, wanted | {one.template for one in past}),
        placed=await report_facts.load_placed(tx, assets),
        past=tuple(past),
        findings=tuple(findings),
        attachments=attachments,
        stored=await report_facts.load_bytes(tx, {str(one.data["sha256"]) for one in attachments}),
        asset_ops=await report_facts.load_asset_ops(tx, inspected),
        children=compared.children,
        written=compared.written,
        seals={id_: sealed.told for id_, (sealed, _) in looked.items()},
    )


def at_of(inspection: Record, otherwise: datetime) -> datetime:
    """When an inspection was handed in, else begun."""
    return inspected_at(inspection.data, otherwise)
