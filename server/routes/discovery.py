"""`GET /sync`: what a client must know before it speaks. Rule: the same for all."""

from litestar import get
from litestar.di import NamedDependency

from schemas.enrol import Discovery
from schemas.protocol import PROTOCOL_VERSIONS
from server.clock import Clock
from server.settings import Settings
from server.store.installation import Installation


@get("/sync", operation_id="discover", summary="What this server speaks")
async def discover(
    installation: NamedDependency[Installation],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Discovery:
    """Tell protocol versions, the epoch, the time, and the oldest app that may start new work."""
    return Discovery(
        name=settings.name,
        protocols=PROTOCOL_VERSIONS,
        epoch=installation.epoch,
        server_time=clock.now(),
        app_version_min=settings.app_version_min,
    )
