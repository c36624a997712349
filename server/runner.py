"""The server as a process: opens its data, listens, ends. Rule: an expected fault is one line.

Whoever starts a server (`serve`, `demo`) calls `prepare` and `run`; both raise `UnableError` for
what the person can mend.
"""

import asyncio
import errno
import gc
import os
import resource
import signal
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import uvicorn
import uvloop
from litestar import Litestar
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from server import migrate
from server.app import create_app
from server.clock import Clock
from server.database import Database
from server.errors import UnableError
from server.folder import make_folder, make_private, sqlite_file
from server.marker import Marker, demand_own, keep_current, measure, save_current
from server.revocations import Revocations, apply_again
from server.rewind import begin_if_taken_back
from server.settings import Settings, variable
from server.store import installation
from sync.errors import SyncError

SEAL_KEY_BYTES = 32  # Of HMAC-SHA-256: at least as long as its digest (RFC 2104, 3).
KEEP_ALIVE_SECONDS = 20
BACKLOG = 512
COLLECT_AFTER = (20_000, 20, 20)  # Objects made; collections of the young, then of the grown ones.
PORT_FAULTS = (errno.EADDRINUSE, errno.EACCES)  # All else that binding says is of the address.


def masked(url: str) -> str:
    """Give a database address without its password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def telling_database_faults(settings: Settings) -> Generator[None]:
    """Turn what goes wrong with a database into one line that names it."""
    try:
        yield
    except SyncError as error:
        raise UnableError(f"{error.title}: {error.detail}") from None
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
        address = masked(settings.database_address)
        raise UnableError(f"the database {address} cannot be used: {reason}") from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database for a command, and close it whatever happens."""
    make_folder(settings)
    if file := sqlite_file(settings):
        make_private(file)
    database = Database(settings.database_address)
    try:
        yield database
    finally:
        await database.close()


async def prepare(
    settings: Settings, database: Database, clock: Clock, *, may_migrate: bool = True
) -> None:
    """Make the database fit to be served: SQLite is migrated, PostgreSQL only checked.

    Whoever does not hold the data (`server.folder.held`) may not migrate. Raises `UnableError` when
    it is newer than the program, or older and not to be migrated (on PostgreSQL several processes
    may be running on it, so the person says when), or not to be opened at all; or when the data
    folder belongs to another one.
    """
    with telling_database_faults(settings):
        if database.is_sqlite and may_migrate:
            await migrate.upgrade(database)
        await migrate.check(database)
        async with database.write() as tx:
            await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(SEAL_KEY_BYTES))
        await go_on(settings, database, clock)


async def go_on(settings: Settings, database: Database, clock: Clock) -> None:
    """Notice that the database was taken back, before anybody is answered, and take away again.

    The files are read before the database: beside us others may be serving it.
    """
    marker, revocations = Marker(settings.data_dir), Revocations(settings.data_dir)
    known, entries = marker.read(), revocations.read()
    address = masked(settings.database_address)
    demand_own(known, await measure(database), folder=settings.data_dir, address=address)
    is_new = await begin_if_taken_back(database, marker, known)
    await apply_again(database, clock, marker, entries, is_new=is_new)
    await marker.save(await measure(database))


def listen(settings: Settings) -> socket.socket:
    """Open the socket before anything else, so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(
            (settings.host, settings.port), family=family, backlog=BACKLOG, reuse_port=False
        )
    except OSError as error:
        where = f"{settings.host} port {settings.port}"
        # Python adds the address, which we name ourselves; a name that is unknown has a number
        # below zero, which is none of the system's (getaddrinfo(3)).
        is_systems = error.errno is not None and error.errno > 0
        said = os.strerror(error.errno or 0) if is_systems else error.strerror or str(error)
        reason = said.partition(" (while")[0]
        asked_by = settings.asked_by("port" if error.errno in PORT_FAULTS else "host")
        raise UnableError(f"cannot listen on {where}: {reason}; see {asked_by}") from None


def settle_memory() -> None:
    """Have the collector of cycles leave alone what was imported, and come more seldom.

    It walked all of that again and again, up to 60 ms at a time, as often as a page was read.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def allow_files() -> None:
    """Open as many files as the system lets this process (getrlimit(2)): each stream is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server(uvicorn.Server):
    """uvicorn that says when it accepts, tells endless answers to end, and leaves without a signal.

    (uvicorn's own raises the signal again when it is done: whatever stands after it is lost.)
    """

    def __init__(
        self, config: uvicorn.Config, *, stopping: asyncio.Event, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, then say so."""
        allow_files()
        settle_memory()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a second interrupt stops at once."""
        self._stopping.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Listen to SIGTERM and SIGINT while serving."""
        loop = asyncio.get_running_loop()
        both = (signal.SIGTERM, signal.SIGINT)
        for one in both:
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in both:
                loop.remove_signal_handler(one)


def configure(app: Litestar, settings: Settings) -> uvicorn.Config:
    """Give uvicorn's configuration. Raises `UnableError` for a certificate that cannot be used."""
    proxies = [part.strip() for part in settings.trusted_proxy.split(",") if part.strip()]
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        workers=1,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        ssl_certfile=settings.tls_certfile,
        ssl_keyfile=settings.tls_keyfile,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or type(error).__name__
        raise UnableError(
            f"{variable('tls_certfile')}, {variable('tls_keyfile')}: cannot be used: {reason}"
        ) from None
    return config


@asynccontextmanager
async def marking(
    marker: Marker, database: Database, stopping: asyncio.Event
) -> AsyncGenerator[None]:
    """Write how far the database has come while the block runs, and once more at its end."""
    keeping = asyncio.create_task(keep_current(marker, database, stopping))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await save_current(marker, database)


async def run(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    on_ready: Callable[[Settings], None],
) -> None:
    """Serve until SIGTERM or SIGINT. `on_ready` is told the settings with the port in use.

    Raises `UnableError` when the address, the certificate or the application cannot be had.
    """
    with listen(settings) as listening:
        bound = settings.model_copy(update={"port": listening.getsockname()[1]})
        app = create_app(bound, database, clock)
        server = Server(
            configure(app, bound),
            stopping=app.state.stopping,
            on_ready=lambda: on_ready(bound),
        )
        async with marking(app.state.marker, database, app.state.stopping):
            await server.serve(sockets=[listening])
        if not server.started and not app.state.stopping.is_set():
            raise UnableError("the server could not be started; the log above says why")


def run_loop(main: Coroutine[object, object, int]) -> int:
    """Run a command's coroutine on uvloop, and give its exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
