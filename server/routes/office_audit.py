"""The audit in the office: what was found, and a new look. Rule: a look is a job, never a wait."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_202_ACCEPTED

from schemas.audit import OfficeAudit
from server import looks
from server.auth.people import SignedIn
from server.database import Database
from server.errors import NotAllowed
from server.jobs import Jobs
from server.office_audit import view


@get("/office/audit", operation_id="showAudit", summary="Whether everything is as it was received")
async def show_audit(
    signed_in: NamedDependency[SignedIn], database: NamedDependency[Database]
) -> OfficeAudit:
    """Tell the newest roots, what devices hold of them, and what the last look found."""
    if not signed_in.access.may_anywhere("audit"):
        raise NotAllowed("audit")
    async with database.read() as tx:
        return await view(tx, signed_in.access)


@post(
    "/office/audit/look",
    operation_id="lookAtChains",
    summary="Look at every op that was ever received",
    status_code=HTTP_202_ACCEPTED,
)
async def look_at_chains(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    jobs: NamedDependency[Jobs],
) -> OfficeAudit:
    """Ask for a look in the background; while one is not done, that one will do."""
    if not signed_in.access.may_anywhere("audit"):
        raise NotAllowed("audit")
    async with database.write() as tx:
        await looks.ask(tx, jobs, by=signed_in.person.id)
    async with database.read() as tx:
        return await view(tx, signed_in.access)
