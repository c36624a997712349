"""The audit in the office: what was found, and a new look. Rule: a look is a job, never a wait."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_202_ACCEPTED

from schemas.audit import OfficeAudit
from server import looks
from server.auth.people import SignedIn
from server.backups.state import load_state
from server.clock import Clock
from server.database import Database
from server.errors import NotAllowed
from server.jobs import Jobs
from server.office_audit import view
from server.settings import Settings


@get("/office/audit", operation_id="showAudit", summary="Whether everything is as it was received")
async def show_audit(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> OfficeAudit:
    """Tell the newest roots, what devices hold of them, what the last look found, what is lost."""
    if not signed_in.access.may_anywhere("audit"):
        raise NotAllowed("audit")
    async with database.read() as tx:
        return await view(tx, signed_in.access, await load_state(tx, settings, clock.now()))


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
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> OfficeAudit:
    """Ask for a look in the background; while one is not done, that one will do."""
    if not signed_in.access.may_anywhere("audit"):
        raise NotAllowed("audit")
    async with database.write() as tx:
        await looks.ask(tx, jobs, by=signed_in.person.id)
    async with database.read() as tx:
        return await view(tx, signed_in.access, await load_state(tx, settings, clock.now()))
