"""Signing later, by a link on the signer's own phone. Rule: who has no link is told nothing.

The page is a file of the app; the secret stands behind `#` and comes in bodies alone, so no
address and no log ever holds it. A link that was never made, was used, has expired or was
withdrawn is answered alike.
"""

from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from schemas.problems import FieldProblem
from schemas.signing import SignGive, SignLink, SignLook, SignReceipt, ToSign
from server.auth import secrets
from server.auth.attempts import Attempts
from server.auth.devices import CALLED, Device
from server.auth.people import refuse_foreign_page
from server.auth.sign_links import PRIVATE, make_link
from server.clock import Clock
from server.coverage import load_visit
from server.database import Database
from server.errors import InvalidRequest, NotFound
from server.judging import Judge
from server.pokes import Pokes
from server.revocations import Revocations
from server.settings import Settings
from server.sign_by_link import (
    look_behind,
    sign,
    to_sign,
)
from server.store import grants
from server.store.installation import Installation
from sync.lines import storable
from sync.names import is_name


@post(
    "/sign/look",
    operation_id="lookAtWhatToSign",
    summary="What is to be signed by a link",
    status_code=HTTP_200_OK,
)
async def look_at(
    request: Request[object, object, State],
    data: JSONBody[SignLook],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> Response[ToSign]:
    """Show what the link is for, in words. Problems: `sign-link-gone`, `too-many-attempts`."""
    refuse_foreign_page(request)
    attempts.begin(name="", address=address)
    async with database.read() as tx:
        found = await look_behind(tx, judge, secrets.digest(data.secret), now=clock.now())
    attempts.forgive(name="", address=address)
    return Response(to_sign(found, data.language), headers=PRIVATE)


@post(
    "/sign/give",
    operation_id="signByLink",
    summary="Sign by a link",
    status_code=HTTP_200_OK,
)
async def give(
    request: Request[object, object, State],
    data: JSONBody[SignGive],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
    installation: NamedDependency[Installation],
    pokes: NamedDependency[Pokes],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> Response[SignReceipt]:
    """Sign exactly what was shown, once. The link is used up only if it is written.

    Problems: `sign-link-gone`, `sign-moved-on`, `invalid-request`, `too-many-attempts`.
    """
    refuse_foreign_page(request)
    for field, text in {"name": data.name, "title": data.title}.items():
        if problem := storable(text, field):
            raise InvalidRequest(fields=(problem,))
    if not is_name(data.name):
        detail = "shows nothing: it has no letter, figure or symbol"
        raise InvalidRequest(fields=(FieldProblem(field="name", detail=detail),))
    attempts.begin(name="", address=address)
    digest = secrets.digest(data.secret)
    receipt, heads = await sign(
        database, clock, judge, data, digest=digest, epoch=installation.epoch
    )
    attempts.forgive(name="", address=address)
    pokes.tell(heads)
    return Response(receipt, headers=PRIVATE)


# --- From the engineer's tablet ---


@post(
    "/visits/{visit_id:uuid}/link",
    operation_id="askForSignature",
    summary="Make a link by which the customer signs a visit later",
    status_code=HTTP_201_CREATED,
    dependencies=CALLED,
)
async def ask_from_device(
    visit_id: FromPath[UUID],
    device: NamedDependency[Device],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    revocations: NamedDependency[Revocations],
) -> Response[SignLink]:
    """Make a link for a visit in this device's scopes; any that was made before works no more.

    Problems: `not-found` also while the visit has not arrived, `sign-nothing-yet`.
    """
    device.demand_active()
    async with database.write() as tx:
        visit = await load_visit(tx, visit_id)
        held = await grants.load_scopes(tx, device_id=device.id, person_id=device.person)
        if visit.scope not in held:
            raise NotFound
        made, before = await make_link(
            tx, clock, settings, visit, by=device.person, device=device.id
        )
    await revocations.keep(*before)
    return Response(made, status_code=HTTP_201_CREATED, headers=PRIVATE)
