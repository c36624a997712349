"""`POST /enrol`: a ticket becomes a device. Rule: a refusal leaves the ticket whole.

The key that it brings is told to every tablet in the same transaction (`server.device_keys`).
"""

from collections.abc import Mapping
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
from server.device_keys import record
from server.errors import InvalidRequest, LineageTaken, TicketExpired, TicketUnknown, TicketUsed
from server.keys import proves
from server.pokes import Pokes
from server.push import Busy, Restart, in_turn
from server.revocations import Revocations, UsedTicket
from server.store import devices, grants, ops, people, tickets
from server.store.devices import StoredDevice
from server.store.installation import Installation
from server.store.keys import Unrecorded
from server.store.people import Person
from server.store.tickets import Ticket
from sync.access import device_role
from sync.lines import storable

DERIVED = 5  # The version of ids that follow from others (RFC 9562, 5.5).
ASK = "ask the person who runs the devices for a new link"


def demand_storable(asked: EnrolRequest) -> None:
    """Raise `InvalidRequest` for what SQLite would take, and PostgreSQL would not."""
    words = {"name": asked.name, "app_version": asked.app_version, "public_key": asked.public_key}
    for field, text in words.items():
        if problem := storable(text, field):
            raise InvalidRequest(fields=(problem,))


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


async def save_device(
    tx: AsyncConnection,
    clock: Clock,
    installation: Installation,
    device: StoredDevice,
    ticket: Ticket,
    needs: frozenset[str],
) -> Mapping[str, int]:
    """Make the device and the record of its key, and use the ticket up. Raises `Restart`."""
    now = device.enrolled_at
    await devices.save_new(tx, device)
    # Two tablets that scan one code at once: the second finds it taken, and nothing is kept.
    if not await tickets.take(tx, ticket.hash, device_id=device.id, now=now):
        raise TicketUsed(f"another device used it just now; {ASK}")
    if device.public_key is None:
        return {}
    new = [Unrecorded(device.id, device.person_id, device.public_key, now)]
    return await record(tx, clock, installation.id, new, epoch=installation.epoch, needs=needs)


@post("/enrol", operation_id="enrol", summary="Become a device", status_code=HTTP_201_CREATED)
async def enrol(
    request: Request[object, object, State],
    data: JSONBody[EnrolRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    installation: NamedDependency[Installation],
    revocations: NamedDependency[Revocations],
    pokes: NamedDependency[Pokes],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> EnrolAnswer:
    """Use a one-time ticket up and give the device its credential, which is shown this once.

    Problems: `ticket-unknown`, `ticket-used`, `ticket-expired`, `lineage-taken`,
    `too-many-attempts`. After any of them the ticket is as it was.
    """
    refuse_foreign_page(request)
    demand_storable(data)
    attempts.begin(name="", address=address)
    now, device_id, secret = clock.now(), clock.new_id(), secrets.deal(clock)

    async def work(
        tx: AsyncConnection, needs: frozenset[str]
    ) -> tuple[EnrolAnswer, Mapping[str, int]]:
        ticket = await load_ticket(tx, secrets.digest(data.ticket), now=now)
        person = await load_person(tx, ticket.person_id)
        lineage_id, next_n = await join_lineage(tx, data, person.id, fresh_id=clock.new_id())
        device = StoredDevice(
            id=device_id,
            lineage_id=lineage_id,
            person_id=person.id,
            name=data.name,
            credential_hash=secrets.digest(secret),
            public_key=data.public_key,
            state="active",
            app_version=data.app_version,
            enrolled_at=now,
        )
        heads = await save_device(tx, clock, installation, device, ticket, needs)
        return EnrolAnswer(
            device=device_id,
            credential=credential_of(device_id, secret),
            person=person.id,
            person_name=person.name,
            role=device_role((await grants.load_access(tx, person.id)).grants),
            lineage=lineage_id,
            epoch=installation.epoch,
            next_n=next_n,
            server_time=now,
        ), heads

    try:
        answer, heads = await in_turn(database, work)
    except Restart:
        raise Busy from None
    pokes.tell(heads)
    digest = secrets.digest(data.ticket).hex()
    await revocations.keep(UsedTicket(hash=digest, device=device_id, at=now))
    attempts.forgive(name="", address=address)
    return answer
