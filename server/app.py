"""The application, assembled. Read this file first.

Rule: everything that a handler is given is made here; the fonts, which only the office needs, its
router adds (`server.routes.office`). Nothing else knows the whole.
A request passes observe (number, log, count), secure (headers), serve_app (the app's files) and
then the router; every error on the way becomes a problem document in `server.errors`.
"""

import asyncio
from collections.abc import Callable

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler
from msgspec import Struct, structs

from schemas.base import BODY_BYTES_MAX
from server.auth.attempts import Attempts, provide_address
from server.auth.devices import provide_caller, provide_device
from server.auth.passwords import Passwords
from server.auth.people import provide_signed_in
from server.background import background
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.errors import NotReady
from server.jobs import Jobs
from server.judging import Judge
from server.marker import Marker
from server.pokes import Pokes
from server.problems import EXCEPTION_HANDLERS
from server.reference import ReferencePage
from server.reports.making import Making
from server.revocations import Revocations
from server.routes import (
    attachments,
    devices,
    discovery,
    enrol,
    events,
    files,
    health,
    login,
    office,
    people,
    problems,
    pull,
    push,
    verify,
)
from server.routes.office import font_cache
from server.routes.problems import Catalogue, read_catalogue
from server.routes.static_app import AppFiles, serve_app
from server.security import secure
from server.settings import Settings
from server.store.installation import Installation, load
from server.store.pull import Sizes
from server.telemetry import Metrics, observe
from server.uploads import Uploads

VERSION = "0.1.0"
# How often a device may say, without a seal, that it was told of a later epoch. After a restore
# one of them does so once.
CLAIMS_MAX = 10
CLAIMS_WINDOW_SECONDS = 24 * 3_600

# Look-ups of reports by one address; an address may do five times as many (`Attempts`).
VERIFICATIONS_MAX = 24
VERIFICATIONS_WINDOW_SECONDS = 60

ROUTES: tuple[ControllerRouterHandler, ...] = (
    discovery.discover,
    enrol.enrol,
    push.push,
    pull.pull,
    attachments.read_bytes,
    events.device_events,
    events.office_events,
    login.sign_in,
    login.sign_out,
    login.me,
    login.change_password,
    login.change_language,
    people.list_people,
    people.create_person,
    people.grant,
    people.revoke_grant,
    people.change_details,
    people.deactivate,
    people.reactivate,
    devices.create_ticket,
    devices.list_devices,
    devices.end_device,
    health.health,
    health.ready,
    health.metrics,
    files.files_router(),
    problems.list_problems,
    problems.explain_problem,
    verify.verify_form,
    verify.verify_report,
    verify.verify_state,
    verify.verify_script,
)


class Given(Struct, kw_only=True):
    """What every handler may name."""

    settings: Settings
    database: Database
    clock: Clock
    metrics: Metrics
    app_files: AppFiles
    stopping: asyncio.Event
    attempts: Attempts
    claims: Attempts
    verifying: Attempts
    passwords: Passwords
    catalogue: Catalogue
    pokes: Pokes
    blobs: Blobs
    jobs: Jobs
    uploads: Uploads
    making: Making
    sizes: Sizes
    marker: Marker
    revocations: Revocations
    judge: Judge


async def provide_installation(
    database: NamedDependency[Database], marker: NamedDependency[Marker]
) -> Installation:
    """Load the installation anew for each request: another process may have raised its epoch.

    Then our own marker has to know it before anything is answered under it.
    """
    async with database.read() as tx:
        made = await load(tx)
    if made is None:
        raise NotReady("nothing was set up in this database yet")
    await marker.reach(made, made.epoch)
    return made


def given(state: State, name: str) -> Provide:
    """Provide what the application holds under a name to every handler that names it."""
    giver: Callable[[], object] = lambda: state[name]  # noqa: E731
    return Provide(giver, sync_to_thread=False)


def counted(settings: Settings, clock: Clock) -> dict[str, Attempts]:
    """What strangers, and devices, may only do so often."""
    return {
        "attempts": Attempts(
            clock,
            failures_max=settings.login_failures_max,
            window_seconds=settings.login_window_minutes * 60,
        ),
        "claims": Attempts(clock, failures_max=CLAIMS_MAX, window_seconds=CLAIMS_WINDOW_SECONDS),
        "verifying": Attempts(
            clock, failures_max=VERIFICATIONS_MAX, window_seconds=VERIFICATIONS_WINDOW_SECONDS
        ),
    }


def route(name: str) -> Litestar:
    """Make the routes of an installation of this name, which work on what `furnish` gives them."""
    state = State(dict.fromkeys(Given.__struct_fields__))  # Litestar would not take an empty one.
    app = Litestar(
        route_handlers=[*ROUTES, office.office_router()],
        dependencies={
            **{held: given(state, held) for held in Given.__struct_fields__},
            "installation": Provide(provide_installation),
            "address": Provide(provide_address, sync_to_thread=False),
            "caller": Provide(provide_caller),
            "device": Provide(provide_device, sync_to_thread=False),
            "signed_in": Provide(provide_signed_in),
        },
        exception_handlers=dict(EXCEPTION_HANDLERS),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title=name,
            version=VERSION,
            path="/docs",
            render_plugins=[ReferencePage(path="/"), JsonRenderPlugin()],
        ),
        logging_config=None,
        lifespan=[
            lambda _: state.pokes.running(state.stopping),
            lambda _: state.jobs.running(state.stopping),
            lambda _: state.uploads.running(state.stopping),
        ],
        state=state,
    )
    state.routed = app.asgi_handler
    return app


def furnish(app: Litestar, settings: Settings, database: Database, clock: Clock) -> Litestar:
    """Give routes what they work on, all of it new.

    Routes that serve nobody any more may be furnished again, for an installation of the same name:
    making them is nine tenths of the work, which the tests do once and not for each of theirs.
    """
    metrics, app_files = Metrics(), AppFiles(settings.app_dir)
    pokes = Pokes(database)
    beside = background(
        settings, database, clock, pokes, lambda: office.fonts_in(font_cache(settings))
    )
    made = Given(
        settings=settings,
        database=database,
        clock=clock,
        metrics=metrics,
        app_files=app_files,
        stopping=asyncio.Event(),
        **counted(settings, clock),
        passwords=Passwords(clock),
        catalogue=read_catalogue(settings.docs_dir / "problems.md"),
        pokes=pokes,
        blobs=beside.blobs,
        jobs=beside.jobs,
        uploads=beside.uploads,
        making=beside.making,
        sizes=Sizes(),
        marker=Marker(settings.data_dir),
        revocations=Revocations(settings.data_dir),
        judge=Judge(),
    )
    app.state.update(structs.asdict(made))
    app.asgi_handler = observe(
        secure(serve_app(app.state.routed, app_files), settings), metrics, clock
    )
    return app


def create_app(settings: Settings, database: Database, clock: Clock) -> Litestar:
    """Put the application together. The caller opens and closes `database`.

    `app.state.stopping` is an event that the runner sets when the server is told to stop; whoever
    answers without end (server-sent events) ends then.
    """
    return furnish(route(settings.name), settings, database, clock)
