"""Whether the process lives, and whether it can work. Rule: `/health` asks nobody."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from schemas.problems import FieldProblem
from server import migrate
from server.database import Database
from server.errors import NotFound, NotReady
from server.outages import is_full
from server.routes.static_app import AppFiles
from server.settings import Settings
from server.store import installation
from server.telemetry import Metrics
from sync.errors import SyncError

CHECK_SECONDS_MAX = 5


class Health(Struct, frozen=True):
    status: str


@get("/health", summary="The process answers")
async def health() -> Health:
    """Answer at once, whatever the database does: a process that does not is to be restarted."""
    return Health("ok")


async def database_fault(database: Database) -> str:
    """Say what keeps the database from being used; empty when nothing does."""
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            await migrate.check(database)
            async with database.read() as tx:
                if await installation.load(tx) is None:
                    return "nothing was set up in this database yet"
            if database.is_full:
                # Asked only while it was full: then a write that succeeds is news.
                async with database.write() as tx:
                    await installation.touch(tx)
    except SyncError as error:
        return f"{error.title}: {error.detail}"
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        if is_full(error):
            return "has no room for anything new"
        return f"cannot be reached ({type(error).__name__})"
    return ""


@get("/ready", summary="The server can work")
async def ready(
    database: NamedDependency[Database], app_files: NamedDependency[AppFiles]
) -> Health:
    """Check that the database is there with the right schema, and that there is an app to serve.

    503 `not-ready` names each part that is missing.
    """
    faults = {
        "database": await database_fault(database),
        "app": "" if app_files.is_built else "is not built; run ./dev app",
    }
    fields = tuple(FieldProblem(field=k, detail=v) for k, v in faults.items() if v)
    if fields:
        raise NotReady("; ".join(f"{one.field} {one.detail}" for one in fields), fields=fields)
    return Health("ready")


@get("/metrics", summary="Numbers for Prometheus", media_type="text/plain")
async def metrics(
    metrics: NamedDependency[Metrics], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Give the numbers, where the settings say that they are to be had."""
    if not settings.metrics_enabled:
        raise NotFound
    return Response(metrics.render(), media_type=Metrics.content_type)
