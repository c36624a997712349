"""POST /office/rescue. Rule: by whoever may make devices for its person, and as it comes."""

from litestar import Request, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from schemas.base import RESCUE_BYTES_MAX
from schemas.rescue import RescueAnswer, RescueHead
from server.auth.people import SignedIn
from server.blobs import Blobs
from server.bodies import ClientLeft, body_of, left_problem
from server.clock import Clock
from server.database import Database
from server.errors import NotAllowed, NotFound
from server.jobs import Jobs
from server.pokes import Pokes
from server.rescue import Parts, Rescue, Source, source_of
from server.rescue_file import RescueFile
from server.store import grants, people
from server.store.installation import Installation
from sync.access import Access, may_enrol


async def load_source(
    database: Database, head: RescueHead, access: Access, *, epoch: int
) -> Source:
    """Place a file. Raises `NotAllowed`, or `NotFound` where its person is none of this server."""
    async with database.write() as tx:
        person = await people.load(tx, head.person)
        theirs = await grants.load_access(tx, head.person)
        duties = await grants.load_duties(tx, head.person)
        sites = {duty.site for duty in duties}
        if not may_enrol(access, theirs, duty_sites=sites):
            raise NotAllowed("enrol")
        if person is None:
            raise NotFound("there is no such person: the file is of another server")
        return await source_of(tx, head, person, epoch)


@post(
    "/office/rescue",
    operation_id="importRescue",
    summary="Import the work of a device that cannot send any more",
    status_code=HTTP_200_OK,
    request_max_body_size=RESCUE_BYTES_MAX,
    exception_handlers={ClientLeft: left_problem},
)
async def import_rescue(
    request: Request[object, object, State],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    blobs: NamedDependency[Blobs],
    jobs: NamedDependency[Jobs],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> RescueAnswer:
    """Take a rescue file, which is the body as it is. May be repeated, and nothing happens twice.

    Problems: `rescue-unreadable`, `rescue-not-theirs`, `rescue-too-long`, `not-allowed`,
    `not-found`, `body-too-large`. Where a file is too long or too large, what stood before is kept.
    """
    if not signed_in.access.may_anywhere("enrol"):
        raise NotAllowed("enrol")
    file = RescueFile(body_of(request))
    head = await file.begin()
    source = await load_source(database, head, signed_in.access, epoch=installation.epoch)
    rescue = Rescue(Parts(database, clock, blobs, jobs), source)
    try:
        return await rescue.take(file, head)
    finally:
        pokes.tell(rescue.taken.heads)
