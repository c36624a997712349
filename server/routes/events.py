"""Server-sent events: something changed, come and look. Rule: no data, an end to every stream.

A stream ends after a while, so that its reader comes back and its scopes are asked for anew:
whoever lost a grant or a session hears nothing for long.
"""

from collections.abc import AsyncGenerator, Collection
from typing import Literal
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.response import Stream

from schemas.events import Poke
from server.auth.devices import Device
from server.auth.people import SignedIn
from server.clock import Clock
from server.database import Database
from server.pokes import Pokes
from server.store import grants, office_evidence, office_waiting
from sync.scopes import archive_scope, device_scope, site_scope

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 20.0
STREAM_SECONDS_MAX = 600.0
# A proxy that collects an answer before it passes it on would hold every poke back.
UNBUFFERED = {"X-Accel-Buffering": "no"}


def encode(event: Literal["poke", "change"], poke: Poke) -> bytes:
    """Give one event (WHATWG HTML, 9.2.5)."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), msgspec.json.encode(poke))


async def tell(
    pokes: Pokes,
    clock: Clock,
    reader: UUID,
    wanted: Collection[str] | None,
    event: Literal["poke", "change"],
) -> AsyncGenerator[bytes]:
    """Give news as they come, and a comment when nothing came for a while."""
    ends = clock.monotonic() + STREAM_SECONDS_MAX
    async with pokes.listen(reader, wanted) as listener:
        yield b": listening\n\n"
        while clock.monotonic() < ends:
            news = await listener.news(within_seconds=HEARTBEAT_SECONDS)
            if listener.is_over:
                return
            is_last = listener.is_leaving
            yield b"".join(encode(event, poke) for poke in news) or b": still here\n\n"
            if is_last:
                return


@get("/sync/v1/events", operation_id="deviceEvents", summary="Pokes", media_type=EVENT_STREAM)
async def device_events(
    device: NamedDependency[Device],
    database: NamedDependency[Database],
    pokes: NamedDependency[Pokes],
    clock: NamedDependency[Clock],
) -> Stream:
    """Tell an active device, as `event: poke`, that one of its scopes has something new.

    Problems: `too-many-streams`; polling works all the same.
    """
    device.demand_active()
    pokes.demand_room(device.id)
    async with database.read() as tx:
        held = await grants.load_device_scopes(tx, device_id=device.id, person_id=device.person)
    return Stream(
        tell(pokes, clock, device.id, held, "poke"), media_type=EVENT_STREAM, headers=UNBUFFERED
    )


@get("/office/events", operation_id="officeEvents", summary="Changes", media_type=EVENT_STREAM)
async def office_events(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    pokes: NamedDependency[Pokes],
    clock: NamedDependency[Clock],
) -> Stream:
    """Tell a person in the office, as `event: change`, that something changed at their sites.

    What waits for them moves nothing but the scope of the device that sent it.
    """
    pokes.demand_room(signed_in.person.id)
    access = signed_in.access
    sites, mends = access.sites_where("read"), access.sites_where("mend")
    wanted = {scope(site) for site in sites for scope in (site_scope, archive_scope)}
    if mends and not access.is_administrator:
        async with database.read() as tx:
            near = await office_waiting.load_near(tx, mends)
            devices = await office_evidence.load_devices_of(tx, near.keys())
        wanted |= {device_scope(device) for device in devices}
    return Stream(
        tell(
            pokes,
            clock,
            signed_in.person.id,
            None if access.is_administrator else wanted,
            "change",
        ),
        media_type=EVENT_STREAM,
        headers=UNBUFFERED,
    )
