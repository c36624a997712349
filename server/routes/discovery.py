"""`GET /sync`: what a client must know before it speaks. Rule: the same for all."""

from litestar import get
from litestar.di import NamedDependency

from schemas.enrol import Discovery
from schemas.protocol import PROTOCOL_VERSIONS
from server.clock import Clock
from server.database import Database
from server.errors import NotReady
from server.settings import Settings
from server.store import installation


@get("/sync", operation_id="discover", summary="What this server speaks")
async def discover(
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Discovery:
    """Tell protocol versions, the epoch, the time, and the oldest app that may start new work."""
    async with database.read() as tx:
        made = await installation.load(tx)
    if made is None:
        raise NotReady("nothing was set up in this database yet")
    return Discovery(
        name=settings.name,
        protocols=PROTOCOL_VERSIONS,
        epoch=made.epoch,
        server_time=clock.now(),
        app_version_min=settings.app_version_min,
    )
