"""What a report is made from, as it is in the store. Rule: one transaction, no statement per row.

A visit covers what its engineer worked on at the site while it lasted, and what its signatures
list; a round covers its inspections. The app signs for the same (`ui/field/sign/presence.ts`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.places import Site
from schemas.kinds.work import Assignment, Visit
from server.errors import NotFound
from server.judging import Judge, Known
from server.reports.facts import OfKind
from server.signatures import was_worked_on
from server.signing import Covered, listed_in
from server.store import office_evidence, records, report_facts
from server.store.office_evidence import StoredFinding, StoredWrite
from server.store.report_facts import Bytes, Past, Placed
from sync.record import Record
from sync.review import inspected_at, read_step

PAST_EACH_MAX = 7  # Points of a series before the one of now.
PAST_MAX = 4_000  # Inspections of before that are read for one report.
LONGEST_VISIT = timedelta(days=2)  # One that nobody ended lasted until midnight.


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
    held: Mapping[str, Bytes]
    asset_ops: Sequence[tuple[UUID, datetime, bytes]]
    written: Sequence[StoredWrite]

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
    if of_kind == "visit":
        visits = {of: msgspec.convert(record.data, Visit)}
        covered, others, signed = await load_of_visit(tx, of, visits[of], site_id, site.time_zone)
        named = {id_ for one in covered if (id_ := round_of(one))}
        if (own := visits[of].assignment) is not None:
            named.add(own)
        found = await records.load(tx, await records.locate(tx, named))
    else:
        visits = await load_visits(tx, of)
        work = await records.load_by(tx, "inspection", "assignment", [of])
        covered, others = live(work.values()), ()
        signed = await load_signatures(tx, [*visits, *work])
        found = {of: record}
    rounds = {id_: msgspec.convert(one.data, Assignment) for id_, one in found.items()}
    since, until = span(visits.values(), covered, rounds.values(), site.time_zone)
    return await load_rest(
        tx,
        judge,
        Sources(
            of=of,
            of_kind=of_kind,
            site_id=site_id,
            site=site,
            rounds=rounds,
            visits=visits,
            covered=covered,
            others=others,
            since=since,
            until=until,
            templates={},
            placed={},
            past=(),
            findings=(),
            attachments=(),
            signatures=signed,
            held={},
            asset_ops=(),
            written=(),
        ),
    )


# --- Of a visit, of a round ---


async def load_of_visit(
    tx: AsyncConnection, id_: UUID, visit: Visit, site: UUID, zone: str
) -> tuple[tuple[Record, ...], tuple[Record, ...], tuple[Record, ...]]:
    """What a visit covers, the rest of its rounds, and the signatures over all of it."""
    over = await records.load_by(tx, "signature", "of", [id_])
    listed = {
        one
        for signature in over.values()
        for one in ids_in(str(signature.data.get("document") or ""))
    }
    near = await report_facts.load_held(
        tx,
        site,
        visit.engineer,
        since=visit.started_at,
        until=visit.ended_at or visit.started_at + LONGEST_VISIT,
    )
    work = await records.load(tx, await records.locate(tx, {*near, *listed}))
    covered = [
        one
        for one in live(one for one in work.values() if one.kind == "inspection")
        if one.id in listed or was_worked_on(one, visit, zone)
    ]
    covered = await without_others(tx, id_, covered, listed, zone)
    rounds = {round_ for one in covered if (round_ := round_of(one))}
    if visit.assignment is not None:
        rounds.add(visit.assignment)
    all_ = await records.load_by(tx, "inspection", "assignment", rounds)
    ids = {one.id for one in covered}
    others = [one for one in live(all_.values()) if one.id not in ids]
    of_work = await load_signatures(tx, [one.id for one in covered])
    return tuple(covered), tuple(others), (*live(over.values()), *of_work)


async def without_others(
    tx: AsyncConnection, id_: UUID, covered: Sequence[Record], listed: Collection[UUID], zone: str
) -> list[Record]:
    """Leave out what belongs to another visit of the same hours, which was for that very round."""
    of_rounds = {round_ for one in covered if (round_ := round_of(one))}
    found = await records.load_by(tx, "visit", "assignment", of_rounds)
    visits = {one.id: msgspec.convert(one.data, Visit) for one in live(found.values())}
    own = visits.get(id_)
    others = [
        visit
        for other, visit in visits.items()
        if other != id_ and (own is None or visit.assignment != own.assignment)
    ]
    return [
        one
        for one in covered
        if one.id in listed
        or not any(
            visit.assignment == round_of(one) and was_worked_on(one, visit, zone)
            for visit in others
        )
    ]


def ids_in(document: str) -> Iterable[UUID]:
    """The inspections that a signed document names."""
    for one in listed_in(document) or ():
        try:
            yield one.id if isinstance(one, Covered) else UUID(one)
        except ValueError:
            continue  # Another client's own way to name them.


def round_of(inspection: Record) -> UUID | None:
    """The assignment that it was done for."""
    value = inspection.data.get("assignment")
    return UUID(value) if isinstance(value, str) else None


def live(found: Iterable[Record]) -> tuple[Record, ...]:
    """Those that were not withdrawn, in order of their ids."""
    return tuple(sorted((one for one in found if not one.withdrawn), key=lambda one: one.id))


async def load_visits(tx: AsyncConnection, assignment: UUID) -> dict[UUID, Visit]:
    """The visits of a round, the first one first."""
    found = await records.load_by(tx, "visit", "assignment", [assignment])
    visits = {one.id: msgspec.convert(one.data, Visit) for one in live(found.values())}
    return dict(sorted(visits.items(), key=lambda pair: pair[1].started_at))


async def load_signatures(tx: AsyncConnection, of: Sequence[UUID]) -> tuple[Record, ...]:
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
    signed = {one.id for one in known.signatures}
    return msgspec.structs.replace(
        known,
        templates=await judge.templates(tx, wanted | {one.template for one in past}),
        placed=await report_facts.load_placed(tx, assets),
        past=tuple(past),
        findings=tuple(findings),
        attachments=attachments,
        held=await report_facts.load_bytes(tx, {str(one.data["sha256"]) for one in attachments}),
        asset_ops=await report_facts.load_asset_ops(tx, inspected),
        written=await office_evidence.load_history(tx, {*ids, *signed}) if signed else (),
    )


def at_of(inspection: Record, otherwise: datetime) -> datetime:
    """When an inspection was handed in, else begun."""
    return inspected_at(inspection.data, otherwise)
