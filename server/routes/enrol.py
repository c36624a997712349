"""`POST /enrol`: a ticket becomes a device. Rule: a refusal leaves the ticket whole."""

from datetime import datetime
from uuid import UUID

from litestar import Request, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_201_CREATED
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.enrol import EnrolAnswer, EnrolRequest
from server.auth import secrets
from server.auth.attempts import Attempts
from server.auth.devices import credential_of
from server.auth.people import refuse_foreign_page
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, LineageTaken, TicketExpired, TicketUnknown, TicketUsed
from server.keys import proves
from server.revocations import Revocations, UsedTicket
from server.store import devices, grants, ops, people, tickets
from server.store.devices import StoredDevice
from server.store.installation import Installation
from server.store.people import Person
from server.store.tickets import Ticket
from sync.access import device_role
from sync.lines import storable

DERIVED = 5  # The version of ids that follow from others (RFC 9562, 5.5).
ASK = "ask the person who runs the devices for a new link"


async def load_ticket(tx: AsyncConnection, digest: bytes, *, now: datetime) -> Ticket:
    """Load a ticket that still works. Raises what is wrong with it, and says what to do."""
    ticket = await tickets.load(tx, digest)
    if ticket is None:
        raise TicketUnknown(f"check that the whole link was scanned, or {ASK}")
    if ticket.used_at is not None:
        raise TicketUsed(f"it was used on {ticket.used_at:%Y-%m-%d %H:%M} UTC; {ASK}")
    if ticket.expires_at <= now:
        raise TicketExpired(f"it expired on {ticket.expires_at:%Y-%m-%d %H:%M} UTC; {ASK}")
    return ticket


async def load_person(tx: AsyncConnection, person_id: UUID) -> Person:
    """Load the person of a ticket, who may have left since it was made."""
    person = await people.lock(tx, person_id)  # Who leaves at this moment leaves no device behind.
    if person is None or not person.active:
        raise TicketExpired(f"the person it was made for is no longer active; {ASK}")
    return person


async def join_lineage(
    tx: AsyncConnection, asked: EnrolRequest, person_id: UUID, *, fresh_id: UUID
) -> tuple[UUID, int]:
    """Begin a lineage, or go on with one; give it with its next `n`.

    One that is known is taken up only by the person whose devices wrote under it. Raises
    `LineageTaken` for any other, and for a lineage that is the office's or may become so: those
    are derived from ids that are no secret. Who does not prove to be the installation that began
    it (a lineage is in every op, so anybody may name it) begins `fresh_id` instead.
    """
    lineage_id = asked.lineage
    taken = LineageTaken("enrol with a new lineage and keep the outbox")
    if lineage_id.version == DERIVED:
        raise taken
    fresh = await devices.load_lineage(tx, lineage_id) is None
    await ops.begin_lineage(tx, lineage_id, origin="device")
    # Two may begin it at once: the second waits here, and then sees the first one's device.
    last_n = (await ops.lock_lineage(tx, lineage_id)).last_n
    known = await devices.load_lineage(tx, lineage_id)
    owners = await devices.load_lineage_owners(tx, lineage_id)
    if known is None or known[0] != "device" or not owners <= {person_id}:
        raise taken
    if not owners and not fresh:
        raise taken
    key = await devices.load_lineage_key(tx, lineage_id)
    if key is not None and not proves(key, asked.proof, asked.ticket.encode()):
        await ops.begin_lineage(tx, fresh_id, origin="device")
        return fresh_id, 1
    return lineage_id, last_n + 1


@post("/enrol", operation_id="enrol", summary="Become a device", status_code=HTTP_201_CREATED)
async def enrol(
    request: Request[object, object, State],
    data: JSONBody[EnrolRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    installation: NamedDependency[Installation],
    revocations: NamedDependency[Revocations],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> EnrolAnswer:
    """Use a one-time ticket up and give the device its credential, which is shown this once.

    Problems: `ticket-unknown`, `ticket-used`, `ticket-expired`, `lineage-taken`,
    `too-many-attempts`. After any of them the ticket is as it was.
    """
    refuse_foreign_page(request)
    words = {"name": data.name, "app_version": data.app_version, "public_key": data.public_key}
    for field, text in words.items():
        if problem := storable(text, field):  # SQLite would take it, and PostgreSQL would not.
            raise InvalidRequest(fields=(problem,))
    attempts.begin(name="", address=address)
    now, digest = clock.now(), secrets.digest(data.ticket)
    device_id, secret = clock.new_id(), secrets.deal(clock)
    async with database.write() as tx:
        ticket = await load_ticket(tx, digest, now=now)
        person = await load_person(tx, ticket.person_id)
        lineage_id, next_n = await join_lineage(tx, data, person.id, fresh_id=clock.new_id())
        await devices.save_new(
            tx,
            StoredDevice(
                id=device_id,
                lineage_id=lineage_id,
                person_id=person.id,
                name=data.name,
                credential_hash=secrets.digest(secret),
                public_key=data.public_key,
                state="active",
                app_version=data.app_version,
                enrolled_at=now,
            ),
        )
        # Two tablets that scan one code at once: the second finds it taken, and nothing is kept.
        if not await tickets.take(tx, digest, device_id=device_id, now=now):
            raise TicketUsed(f"another device used it just now; {ASK}")
        access = await grants.load_access(tx, person.id)
    await revocations.keep(UsedTicket(hash=digest.hex(), device=device_id, at=now))
    attempts.forgive(name="", address=address)
    return EnrolAnswer(
        device=device_id,
        credential=credential_of(device_id, secret),
        person=person.id,
        person_name=person.name,
        role=device_role(access.grants),
        lineage=lineage_id,
        epoch=installation.epoch,
        next_n=next_n,
        server_time=now,
    )
