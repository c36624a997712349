"""Whether the process lives, and whether it can work. Rule: `/health` asks nobody.

What somebody should look at and keeps nobody from working is told, and is no reason to be away.
"""

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from schemas.problems import FieldProblem
from server.clock import Clock
from server.database import Database
from server.errors import NotFound, NotReady
from server.readiness import database_fault, load_notes
from server.routes.static_app import AppFiles
from server.settings import Settings
from server.telemetry import Metrics


class Health(Struct, frozen=True):
    status: str


class Ready(Struct, frozen=True, omit_defaults=True):
    """`notes`: a late backup, or stored files that are lost; who may audit sees more of it."""

    status: str
    notes: tuple[FieldProblem, ...] = ()


@get("/health", summary="The process answers")
async def health() -> Health:
    """Answer at once, whatever the database does: a process that does not is to be restarted."""
    return Health("ok")


@get("/ready", summary="The server can work")
async def ready(
    database: NamedDependency[Database],
    app_files: NamedDependency[AppFiles],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Ready:
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
    notes = await load_notes(database, settings, clock.now())
    return Ready("ready", tuple(FieldProblem(field=k, detail=v) for k, v in notes.items()))


@get("/metrics", summary="Numbers for Prometheus", media_type="text/plain")
async def metrics(
    metrics: NamedDependency[Metrics], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Give the numbers, where the settings say that they are to be had."""
    if not settings.metrics_enabled:
        raise NotFound
    return Response(metrics.render(), media_type=Metrics.content_type)
