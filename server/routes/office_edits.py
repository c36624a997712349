"""Edits by people in the office, and rounds of plans. Rule: all of a request or nothing."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import ROWS_PER_LIST_MAX
from schemas.kinds.work import Plan
from schemas.office import PlanPage, PlanRow
from schemas.office_writes import Generate, Generated, OfficeEdit, OfficeEdited, OfficeOp
from server.auth.people import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, field_problem
from server.follow import Touched
from server.office import demand_edits, write
from server.paging import Limit, Offset
from server.pokes import Pokes
from server.rounds import rounds_of
from server.store import office_plans, records
from server.store.installation import Installation
from sync.access import Access
from sync.record import Record


@post(
    "/office/ops",
    operation_id="edit",
    summary="Edit records",
    status_code=HTTP_200_OK,
)
async def edit(
    request: Request[object, object, State],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> OfficeEdited:
    """Apply ops by this person, all of them or none. Safe to repeat: an op's id counts once.

    Problems: `not-permitted`, `invalid-op`, and `version-moved-on` with both values in
    `differences` where somebody else wrote meanwhile; `tag-taken` for a code bound elsewhere.
    """
    try:  # Values stay raw JSON here, which the framework's own reading would not leave.
        asked = msgspec.json.decode(await request.body(), type=OfficeEdit)
    except msgspec.DecodeError as error:
        raise InvalidRequest(fields=(field_problem(str(error)),)) from None

    person, epoch = signed_in.person.id, installation.epoch
    touched = Touched(clock, person, epoch)

    async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
        await demand_edits(tx, access, asked.ops)
        await touched.look(tx, asked.ops)
        return asked.ops

    done = await write(
        database, clock, person=person, epoch=epoch, decide=work, follow=touched.follow
    )
    pokes.tell(done.heads, readers=touched.readers)
    return OfficeEdited(outcomes=done.outcomes, heads=done.heads)


# --- Plans ---


@get("/office/plans", operation_id="listPlans", summary="Plans")
async def list_plans(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    limit: Limit = ROWS_PER_LIST_MAX,
    offset: Offset = 0,
) -> PlanPage:
    """List the plans of which this person may read a site; their other sites are left out."""
    readable = signed_in.access.sites_where("read")
    async with database.read() as tx:
        sites = await office_plans.load_plan_sites(tx)
        ids = [id_ for id_, of in sites.items() if readable.intersection(of)]
        shown = ids[offset : offset + limit]
        found = await records.load(tx, await records.locate(tx, shown))
    rows = tuple(plan_row(found[id_], readable) for id_ in shown if id_ in found)
    return PlanPage(total=len(ids), offset=offset, rows=rows)


def plan_row(record: Record, readable: Collection[UUID]) -> PlanRow:
    plan = msgspec.convert(record.data, Plan)
    sites = tuple(site for site in plan.sites if site in readable)
    return PlanRow(
        id=record.id, version=record.version, plan=msgspec.structs.replace(plan, sites=sites)
    )


@post(
    "/office/plans/{plan_id:uuid}/generate",
    operation_id="generate",
    summary="Make the rounds of a plan",
    status_code=HTTP_200_OK,
)
async def generate_rounds(
    plan_id: FromPath[UUID],
    data: JSONBody[Generate],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> Generated:
    """Make the rounds that fall due from today to a day; those that are there stay as they are.

    They begin as `planned`, with nobody assigned, and cover what stands at each site now.
    Problems: `not-permitted` where the person may not plan at one of the sites, `invalid-op`.
    """
    existing = 0

    async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
        nonlocal existing
        ops, existing = await rounds_of(tx, access, plan_id, data, clock)
        return ops

    done = await write(
        database, clock, person=signed_in.person.id, epoch=installation.epoch, decide=work
    )
    pokes.tell(done.heads)
    made = tuple(record.id for record in done.records.values() if record.kind == "assignment")
    return Generated(made=made, existing=existing)
