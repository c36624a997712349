"""Signatures and visits in the office. Rule: what was signed is shown from its own document."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from schemas.base import LINKS_SHOWN_MAX
from schemas.kinds.work import Visit
from schemas.signing import SignatureDetail, SignLink, SignLinkRow, VisitDetail
from server.auth.people import SignedIn
from server.auth.sign_links import PRIVATE, make_link
from server.clock import Clock
from server.coverage import load_visit
from server.database import Database
from server.errors import NotFound
from server.judging import Judge
from server.presence import handed_in, load_of_visit
from server.revocations import Revocations, WithdrawnLink
from server.settings import Settings
from server.sign_by_link import LINK_KIND
from server.signature_detail import load_over_visit, load_signed, show_signature
from server.store import links, office
from server.store.links import Link

LinkState = Literal["open", "used", "expired", "withdrawn"]


@get(
    "/office/visits/{visit_id:uuid}", operation_id="showVisit", summary="One visit, its signatures"
)
async def show_visit(
    visit_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> VisitDetail:
    """Show who was on site, what was signed over it, and the links that were made for it."""
    async with database.read() as tx:
        record = await load_visit(tx, visit_id)
        sites = await office.load_sites(tx, signed_in.access)
        site = sites.of_scope(record.scope)
        if site is None:
            raise NotFound
        visit = msgspec.convert(record.data, Visit)
        of = await load_of_visit(tx, record.id, visit, site.time_zone)
        over = await load_over_visit(tx, record.id, visit, of)
        signatures = await load_signed(tx, over)
        made = await links.load_of(tx, visit_id, limit=LINKS_SHOWN_MAX)
    may_link = signed_in.access.may("ask-signature", site=site.id)
    return VisitDetail(
        id=record.id,
        version=record.version,
        site=site.id,
        site_name=site.name,
        time_zone=site.time_zone,
        assignment=visit.assignment,
        engineer_name=visit.engineer_name,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        contact=visit.contact,
        problems=tuple(one.text for _, one in sorted(visit.problems.items())),
        note=visit.note,
        inspected=len(handed_in(of.work)),
        signatures=signatures,
        links=tuple(link_row(one, clock.now()) for one in made) if may_link else (),
        may=("link",) if may_link else (),
    )


def link_row(link: Link, now: datetime) -> SignLinkRow:
    return SignLinkRow(
        id=link.id,
        created_by_name=link.created_by_name or "",
        created_at=link.created_at,
        expires_at=link.expires_at,
        state=state_of(link, now),
        at=link.used_at or link.withdrawn_at,
    )


def state_of(link: Link, now: datetime) -> LinkState:
    if link.used_at is not None:
        return "used"
    if link.withdrawn_at is not None:
        return "withdrawn"
    return "open" if link.is_open(now) else "expired"


@get(
    "/office/signatures/{signature_id:uuid}",
    operation_id="showSignature",
    summary="One signature, as it was given",
)
async def show_as_signed(
    signature_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    judge: NamedDependency[Judge],
) -> SignatureDetail:
    """Show what was signed, whether it is genuine, and what differs today."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        return await show_signature(tx, judge, sites, signature_id)


# --- Links ---


@post(
    "/office/visits/{visit_id:uuid}/links",
    operation_id="makeSignLink",
    summary="Make a link by which the customer signs a visit later",
    status_code=HTTP_201_CREATED,
)
async def make_sign_link(
    visit_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    revocations: NamedDependency[Revocations],
) -> Response[SignLink]:
    """Make a link, and its QR code; any that was made before for this visit works no more.

    Problems: `not-found`, `not-allowed`, `sign-nothing-yet`.
    """
    async with database.write() as tx:
        record = await load_visit(tx, visit_id)
        site = (await office.load_sites(tx, signed_in.access)).of_scope(record.scope)
        if site is None:
            raise NotFound
        signed_in.demand("ask-signature", site=site.id)
        made, before = await make_link(tx, clock, settings, record, by=signed_in.person.id)
    await revocations.keep(*before)
    return Response(made, status_code=HTTP_201_CREATED, headers=PRIVATE)


@post(
    "/office/sign-links/{link_id:uuid}/withdraw",
    operation_id="withdrawSignLink",
    summary="Take a link to sign back",
)
async def withdraw_sign_link(
    link_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    revocations: NamedDependency[Revocations],
) -> Response[None]:
    """Take a link back: whoever has it is told nothing from now on. Safe to repeat."""
    now = clock.now()
    async with database.write() as tx:
        link = await links.load(tx, link_id)
        sites = await office.load_sites(tx, signed_in.access)
        site = sites.of_scope(link.scope_id) if link and link.kind == LINK_KIND else None
        if link is None or site is None:
            raise NotFound
        signed_in.demand("ask-signature", site=site.id)
        await links.withdraw(tx, link_id, at=now)
    await revocations.keep(WithdrawnLink(id=link_id, at=now))
    return Response(None, status_code=HTTP_204_NO_CONTENT)
