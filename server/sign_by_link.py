"""A visit signed later, by a link. Rule: it is signed as it was shown.

A customer who was absent signs later, on their own phone. What is written is an op like any
other, of the person who made the link; no device's key stands for it, and that is told.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Language
from schemas.kinds.evidence import TYPED_MARK
from schemas.office_writes import OfficeOp
from schemas.signing import SignGive, SignReceipt, ToSign
from server.clock import Clock
from server.coverage import load_coverage, load_site
from server.database import Database
from server.errors import ServerError
from server.judging import Judge
from server.office import office_lineage, refuse, write_in
from server.push import Busy, Restart, in_turn
from server.statement import TYPED, Coverage, Signer, content, digest_of, document
from server.store import links, records
from server.store.links import Link
from server.store.office import Site
from sync.record import Json, Record, raws

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
    if not coverage.inspections:
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
        abnormal=tuple(one for of in coverage.inspections for one in of.abnormal),
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
        text = document(shown, signer_of(given), now)
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


def signer_of(given: SignGive) -> Signer:
    """Who signed. That the name was typed is said in the document, as it was said on the page."""
    said = (TYPED[given.language],) if given.strokes == TYPED_MARK else ()
    return Signer("contact", given.name, given.title, said)


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
        set=raws(values),
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
