"""The server as a process: listens, says that it is ready, ends. Rule: a fault is one line.

Whoever starts a server (`serve`, `demo`) calls `server.opening.prepare` and then `run`; both raise
`UnableError` for what the person can mend.
"""

import asyncio
import errno
import os
import resource
import signal
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import uvicorn
from litestar import Litestar

from server.app import create_app
from server.clock import Clock
from server.collecting import set_aside
from server.database import Database
from server.errors import UnableError
from server.marker import Marker
from server.settings import Settings, variable
from server.taken_back import keep_current, save_current
from server.unreadable import HttpProtocol

KEEP_ALIVE_SECONDS = 20
BACKLOG = 512
PORT_FAULTS = (errno.EADDRINUSE, errno.EACCES)  # All else that binding says is of the address.


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


def allow_files() -> None:
    """Open as many files as the system lets this process (getrlimit(2)): each stream is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server(uvicorn.Server):
    """uvicorn that says when it accepts, tells endless answers to end, and leaves without a signal.

    (uvicorn's own raises the signal again when it is done: whatever stands after it is lost.)
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        stopping: asyncio.Event,
        on_ready: Callable[[], None],
        on_stopping: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._on_ready = on_ready
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, then say so."""
        allow_files()
        set_aside()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a second interrupt stops at once."""
        is_first = not self._stopping.is_set()
        self._stopping.set()
        super().handle_exit(sig, frame)
        if is_first:
            self._on_stopping()

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
        http=HttpProtocol,
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
    marker: Marker, database: Database, clock: Clock, stopping: asyncio.Event
) -> AsyncGenerator[None]:
    """Write how far the database has come while the block runs, and once more at its end."""
    keeping = asyncio.create_task(keep_current(marker, database, clock, stopping))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await save_current(marker, database, clock)


async def run(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    on_ready: Callable[[Settings], None],
    on_stopping: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT. `on_ready` is told the settings with the port in use, and
    `on_stopping` is called once, when the first of them comes.

    Raises `UnableError` when the address, the certificate or the application cannot be had.
    """
    with listen(settings) as listening:
        bound = settings.model_copy(update={"port": listening.getsockname()[1]})
        app = create_app(bound, database, clock)
        server = Server(
            configure(app, bound),
            stopping=app.state.stopping,
            on_ready=lambda: on_ready(bound),
            on_stopping=on_stopping,
        )
        async with marking(app.state.marker, database, clock, app.state.stopping):
            await server.serve(sockets=[listening])
        if not server.started and not app.state.stopping.is_set():
            raise UnableError("the server could not be started; the log above says why")
