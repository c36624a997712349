"""What waits for the office: list, one change, decision. Rule: both values, then a choice."""

from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.status_codes import HTTP_200_OK
from msgspec import structs

from schemas.base import ROWS_PER_LIST_DEFAULT
from schemas.waiting import (
    WaitingDecided,
    WaitingDecision,
    WaitingDetail,
    WaitingKind,
    WaitingPage,
    WaitingSite,
)
from server.auth.people import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, field_problem
from server.judging import Judge
from server.paging import Limit, Offset
from server.pokes import Pokes
from server.signatures import load_notes
from server.store.installation import Installation
from server.waiting import Survey, load_page, row_of, survey
from server.waiting_decide import settle_waiting
from server.waiting_detail import show_one


@get("/office/waiting", operation_id="listWaiting", summary="What waits for the office")
async def list_waiting(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    judge: NamedDependency[Judge],
    kind: FromQuery[WaitingKind | None] = None,
    site: FromQuery[UUID | None] = None,
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> WaitingPage:
    """List changes that were not simply applied, the one that has waited longest first."""
    async with database.read() as tx:
        found = await survey(tx, signed_in.access)
        wanted = found.listed(kind=kind, site=site)
        rows = wanted[offset : offset + limit]
        page = await load_page(tx, judge, rows)
    return WaitingPage(
        total=len(wanted),
        offset=offset,
        kinds={name: len(found.listed(kind=name, site=None)) for name in KINDS_SHOWN},
        sites=by_site(found),
        rows=tuple(row_of(one, page, found.reader) for one in rows),
    )


KINDS_SHOWN: tuple[WaitingKind, ...] = ("conflict", "review", "rejected", "held")


def by_site(found: Survey) -> tuple[WaitingSite, ...]:
    """How much waits at each site, by name."""
    counts: dict[UUID, int] = {}
    for one in found.rows:
        for site in one.counted:
            counts[site] = counts.get(site, 0) + 1
    named = [(found.reader.sites.by_id[id_].name, id_) for id_ in counts]
    return tuple(WaitingSite(site=id_, name=name, count=counts[id_]) for name, id_ in sorted(named))


@get(
    "/office/waiting/{op:uuid}", operation_id="showWaiting", summary="One change that waits, whole"
)
async def show_waiting(
    op: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    judge: NamedDependency[Judge],
) -> WaitingDetail:
    """Show what it would write beside what stands, who wrote either, and what waits behind it."""
    async with database.read() as tx:
        found = await survey(tx, signed_in.access)
        detail = await show_one(tx, judge, found, op)
        of = detail.inspection
        notes = await load_notes(tx, found.reader.sites, {of}) if of else {}
    return structs.replace(detail, signed=notes.get(of)) if of else detail


@post(
    "/office/waiting/{op:uuid}/decide",
    operation_id="decideWaiting",
    summary="Decide a conflict, apply a change or let it go",
    status_code=HTTP_200_OK,
)
async def decide_waiting(
    op: FromPath[UUID],
    request: Request[object, object, State],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> WaitingDecided:
    """Decide over exactly what was seen; every device that waits for it is told.

    Problems: `not-found` once somebody else decided, `version-moved-on` with both values,
    `invalid-op`, `own-inspection`, `not-permitted`.
    """
    try:  # Values stay raw JSON here, which the framework's own reading would not leave.
        asked = msgspec.json.decode(await request.body(), type=WaitingDecision)
    except msgspec.DecodeError as error:
        raise InvalidRequest(fields=(field_problem(str(error)),)) from None
    decided, done = await settle_waiting(
        database,
        clock,
        judge,
        asked,
        op=op,
        person=signed_in.person.id,
        epoch=installation.epoch,
    )
    pokes.tell(done.heads)
    return decided
