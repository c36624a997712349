"""One presence on site: what it came to, and its signature by a link. Rule: signed as it was shown.

A customer who was absent signs later, on their own phone. What is written is an op like any
other, of the person who made the link; no device's key stands for it, and that is told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Raw, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import TARGETS_PER_ASSIGNMENT_MAX, Language
from schemas.kinds.places import TIME_ZONE_DEFAULT
from schemas.kinds.work import Target, Visit
from schemas.office_writes import OfficeOp
from schemas.signing import ListedAbnormal, SignGive, SignReceipt, ToSign
from server.clock import Clock
from server.database import Database
from server.errors import NotFound, ServerError
from server.judging import Judge, zone_of
from server.office import office_lineage, refuse, write_in
from server.push import Busy, Restart, in_turn
from server.signatures import HANDED_IN, is_during
from server.signing import Covered, answers_digest, photos_here
from server.statement import Coverage, Held, Signer, content, digest_of, document
from server.store import links, office_inspections, records
from server.store.links import Link
from server.store.office import Site, Sites
from server.store.office_inspections import Inspected, InspectionFilter
from sync.record import Json, Record

LINK_KIND = "sign"


class SignLinkGone(ServerError):
    """Said alike of a link that was never made, was used, has expired or was withdrawn."""

    slug = "sign-link-gone"
    title = "This link does not work, or not any more"
    status = 404


class SignMovedOn(ServerError):
    """Nothing was signed: it was not what is there."""

    slug = "sign-moved-on"
    title = "What is to be signed has changed since it was shown"
    status = 409


class SignNothingYet(ServerError):
    """A link to an empty page would be worse than none."""

    slug = "sign-nothing-yet"
    title = "Nothing of this visit has been submitted yet, so there is nothing to sign"
    status = 409


# --- What it came to ---


async def load_visit(tx: AsyncConnection, id_: UUID) -> Record:
    """Raises `NotFound`."""
    found = (await records.load(tx, await records.locate(tx, {id_}))).get(id_)
    if found is None or found.kind != "visit" or found.withdrawn:
        raise NotFound
    return found


async def load_held(
    tx: AsyncConnection, sites: Sites, record: Record, site: Site
) -> list[Inspected]:
    """Everything that was worked on during a visit and handed in, by the name of the asset."""
    visit = msgspec.convert(record.data, Visit)
    asked = InspectionFilter(site=site.id, inspector=visit.engineer)
    rows = await office_inspections.load_inspected(tx, sites, asked, order="asset")
    return [
        row
        for row in rows
        if row.state in HANDED_IN
        and is_during(visit, row.inspector, (row.started_at, row.step.at), site.time_zone)
    ]


async def load_held_count(tx: AsyncConnection, record: Record) -> int:
    """How many inspections a signature over this visit would cover now."""
    site = await load_site(tx, record.scope)
    if site is None:
        return 0
    return len(await load_held(tx, Sites({site.id: site}, is_all=False), record, site))


async def load_coverage(
    tx: AsyncConnection, judge: Judge, record: Record, site: Site, *, now: datetime
) -> Coverage:
    """All that a signature over this visit would stand for now."""
    sites = Sites({site.id: site}, is_all=False)
    visit = msgspec.convert(record.data, Visit)
    rows = await load_held(tx, sites, record, site)
    tallies = await judge.tallies(tx, rows, sites, now=now)
    ids = {row.id for row in rows}
    work = await records.load(tx, await records.locate(tx, ids))
    photos = (await records.load_by(tx, "attachment", "parent", ids)).values()
    children = [one for one in photos if not one.withdrawn]
    findings = await load_abnormal(tx, rows)
    held = [
        Held(
            covered=Covered(
                id=row.id,
                answers=answers_digest(work[row.id].data),
                photos=tuple(sorted(photos_here(row.id, children))),
            ),
            template=row.template,
            abnormal=tuple(findings.get(row.id, ())) if tallies[row.id].abnormal else (),
            is_abnormal=bool(tallies[row.id].abnormal),
        )
        for row in rows
    ]
    return Coverage(
        id=record.id,
        visit=visit,
        site_name=site.name,
        local=visit.started_at.astimezone(zone_of(site.time_zone)),
        held=tuple(held),
        not_inspected=tuple(await load_missed(tx, sites, visit, rows)),
    )


async def load_abnormal(
    tx: AsyncConnection, rows: Sequence[Inspected]
) -> Mapping[UUID, list[ListedAbnormal]]:
    """What each inspection reported, in the words of who submitted it."""
    names = {row.id: row.asset_name for row in rows}
    found: dict[UUID, list[ListedAbnormal]] = {}
    reported = await records.load_by(tx, "finding", "inspection", names.keys())
    for one in sorted(reported.values(), key=lambda finding: str(finding.data.get("item"))):
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


# --- By a link ---


class Behind(Struct, frozen=True):
    """What is behind a link that works."""

    link: Link
    record: Record
    site: Site
    coverage: Coverage


async def look_behind(tx: AsyncConnection, judge: Judge, digest: bytes, *, now: datetime) -> Behind:
    """Raises `SignLinkGone`, alike for every reason."""
    link = await links.load_open(tx, digest, kind=LINK_KIND, now=now)
    found = await records.locate(tx, {link.record_id}) if link else {}
    record = (await records.load(tx, found)).get(link.record_id) if link else None
    site = await load_site(tx, record.scope) if record else None
    if link is None or record is None or record.withdrawn or site is None:
        raise SignLinkGone
    coverage = await load_coverage(tx, judge, record, site, now=now)
    if not coverage.held:
        raise SignLinkGone
    return Behind(link, record, site, coverage)


def to_sign(found: Behind, language: Language) -> ToSign:
    """What the signer is shown: all of the document but its digests."""
    shown, coverage = content(found.coverage, language), found.coverage
    return ToSign(
        content=digest_of(shown),
        time_zone=found.site.time_zone,
        site=coverage.site_name,
        engineer=coverage.visit.engineer_name,
        started_at=coverage.visit.started_at,
        ended_at=coverage.visit.ended_at,
        statement=msgspec.convert(shown["statement"], tuple[str, ...]),
        counts=coverage.counts,
        abnormal=tuple(one for held in coverage.held for one in held.abnormal),
        not_inspected=coverage.not_inspected,
        problems=coverage.problems,
        photos=coverage.photos,
    )


async def sign(
    database: Database,
    clock: Clock,
    judge: Judge,
    given: SignGive,
    *,
    digest: bytes,
    epoch: int,
) -> tuple[SignReceipt, Mapping[str, int]]:
    """Write the signature and use the link up, in one transaction; the heads that moved.

    Raises `SignLinkGone`, `SignMovedOn` where it is not what was shown, `Busy`.
    """

    async def work(
        tx: AsyncConnection, needs: frozenset[str]
    ) -> tuple[SignReceipt, Mapping[str, int]]:
        now = clock.now()
        found = await look_behind(tx, judge, digest, now=now)
        # Two who send the same link at once: the second waits here, and finds it used.
        if not await links.take(tx, digest, now=now):
            raise SignLinkGone
        shown = content(found.coverage, given.language)
        if digest_of(shown) != given.content:
            raise SignMovedOn
        text = document(shown, Signer("contact", given.name, given.title), now)
        values = fields_of(found.record.id, given, text, now)
        heads = await write(tx, clock, found, values, epoch=epoch, needs=needs)
        receipt = SignReceipt(
            digest=str(values["digest"]), signed_at=now, time_zone=found.site.time_zone
        )
        return receipt, heads

    try:
        return await in_turn(database, work)
    except Restart:
        raise Busy from None


def fields_of(visit: UUID, given: SignGive, text: str, at: datetime) -> Mapping[str, Json]:
    return {
        "of": str(visit),
        "of_kind": "visit",
        "role": "contact",
        "name": given.name,
        "title": given.title,
        "strokes": given.strokes,
        "document": text,
        "digest": digest_of_text(text),
        "signed_at": msgspec.to_builtins(at),
    }


def digest_of_text(text: str) -> str:
    """SHA-256 of a text's bytes."""
    return sha256(text.encode()).hexdigest()


async def write(
    tx: AsyncConnection,
    clock: Clock,
    found: Behind,
    values: Mapping[str, Json],
    *,
    epoch: int,
    needs: frozenset[str],
) -> Mapping[str, int]:
    """Plan and apply the signature as an op of who made the link; the heads that moved."""
    by, scopes = found.link.created_by, frozenset({found.record.scope})
    edit = OfficeOp(
        id=clock.new_id(),
        kind="signature",
        record=clock.new_id(),
        new=True,
        parent=found.record.id,
        set={name: Raw(msgspec.json.encode(value)) for name, value in values.items()},
    )
    plan = await write_in(
        tx,
        clock,
        [edit],
        lineage=office_lineage(by),
        by=by,
        scopes=scopes,
        epoch=epoch,
        needs=needs,
    )
    refuse(plan, [edit], scopes)
    return {state.id: state.head for state in plan.states}
