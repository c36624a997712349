"""Devices, from the office: links to enrol, the list, the end. Rule: no secret is listed."""

from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from schemas.base import ROWS_PER_LIST_DEFAULT
from schemas.people import DeviceEnd, DevicePage, DeviceSummary, NewTicket, TicketAnswer
from server.auth.people import SignedIn
from server.auth.sign_links import withdrawn
from server.auth.tickets import new_ticket
from server.clock import Clock
from server.database import Database
from server.errors import NotAllowed, NotFound
from server.labels.links import link_svg
from server.office_files import held_by_device
from server.paging import Limit, Offset, Search
from server.pokes import Pokes
from server.revocations import EndedDevice, Revocations
from server.settings import Settings
from server.store import devices, grants, links, office, people, tickets
from sync.access import Access, may_enrol

Sort = Literal[
    "-enrolled",
    "enrolled",
    "name",
    "-name",
    "person",
    "-person",
    "state",
    "-state",
    "seen",
    "-seen",
]
NOBODY = Access(UUID(int=0), "", (), {})


@post("/office/tickets", operation_id="createTicket", summary="Make a link to enrol a device")
async def create_ticket(
    data: JSONBody[NewTicket],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[TicketAnswer]:
    """Make a link, and its QR code, by which one tablet becomes this person's device."""
    async with database.write() as tx:
        person = await people.load(tx, data.person)
        theirs = await grants.load_access(tx, data.person)
        duties = await grants.load_duties(tx, data.person)
        sites = {duty.site for duty in duties}
        if not may_enrol(signed_in.access, theirs, duty_sites=sites):
            raise NotAllowed("enrol")
        if person is None or not person.active:
            raise NotFound("there is no such person")
        link, ticket = new_ticket(clock, settings, person.id, created_by=signed_in.person.id)
        await tickets.save_new(tx, ticket)
    return Response(
        TicketAnswer(
            person=person.id,
            person_name=person.name,
            link=link,
            qr_svg=link_svg(link),
            expires_at=ticket.expires_at,
        ),
        status_code=HTTP_201_CREATED,
    )


@get("/office/devices", operation_id="listDevices", summary="Devices")
async def list_devices(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    q: Search = None,
    sort: FromQuery[Sort] = "-enrolled",
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> DevicePage:
    """List the devices that were ever enrolled, as far as this person may make devices.

    `q` is part of its name or its person's; `state` sorts by what it said that it holds.
    """
    if not signed_in.access.may_anywhere("enrol"):
        raise NotAllowed("enrol")
    async with database.read() as tx:
        whose = None
        if not signed_in.access.is_administrator:
            access = await grants.load_all_access(tx)
            whose = [id_ for id_, theirs in access.items() if may_enrol(signed_in.access, theirs)]
        total, page = await devices.load_page(
            tx, q or "", whose=whose, order=sort, limit=limit, offset=offset
        )
        sites = await office.load_sites(tx, signed_in.access)
        held = await held_by_device(tx, sites)
    rows = tuple(
        DeviceSummary(
            id=device.id,
            name=device.name,
            person=device.person_id,
            person_name=person_name,
            state=device.state,
            app_version=device.app_version,
            enrolled_at=device.enrolled_at,
            seen_at=device.seen_at,
            ended_at=device.ended_at,
            unsent=device.unsent,
            unsent_since=device.unsent_since,
            photos_left=device.photos_left,
            held=held.get(device.id),
        )
        for device, person_name in page
    )
    return DevicePage(total=total, offset=offset, rows=rows)


@post("/office/devices/{device_id:uuid}/end", operation_id="endDevice", summary="End a device")
async def end_device(
    device_id: FromPath[UUID],
    data: JSONBody[DeviceEnd],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    revocations: NamedDependency[Revocations],
) -> Response[None]:
    """Take a device out of service: `draining` lets it send what it holds, `dead` refuses it.

    One that is draining dies by itself once it reports that it holds nothing. A dead device stays
    dead; ending it again changes nothing.
    """
    now = clock.now()
    async with database.write() as tx:
        device = await devices.load(tx, device_id)
        theirs = await grants.load_access(tx, device.person_id) if device else NOBODY
        if device is None or not may_enrol(signed_in.access, theirs):
            if signed_in.access.may_anywhere("enrol"):
                raise NotFound("there is no such device")
            raise NotAllowed("enrol")
        await devices.end(tx, device_id, state=data.state, at=now)
        # Whoever has the tablet may have kept a link that was made on it.
        taken = await links.withdraw_where(tx, device=device_id, at=now)
    await revocations.keep(
        EndedDevice(id=device_id, state=data.state, at=now), *withdrawn(taken, at=now)
    )
    pokes.tell({}, readers=[device_id])  # It comes back, and is told what became of it.
    return Response(None, status_code=HTTP_204_NO_CONTENT)
