"""The server as it is served, with one route more: what a request costs that does nothing.

Rule: `python -m benchmarks.served` differs from `python -m server serve` by that route alone.
"""

from litestar import get
from litestar.di import NamedDependency

from server.app import create_app
from server.auth.devices import Device
from server.clock import SystemClock
from server.commands.terminal import say
from server.runner import Server, configure, listen, opened, prepare, run_loop
from server.settings import load_settings
from server.telemetry import configure_logging

CONSTANT = "/constant"


@get(CONSTANT, media_type="application/octet-stream")
async def constant(device: NamedDependency[Device]) -> bytes:
    """Answer every device the same, after the same check of which one it is."""
    return device.id.bytes


async def main() -> int:
    settings, clock = load_settings(), SystemClock()
    configure_logging(settings)
    async with opened(settings) as database:
        await prepare(settings, database, clock)
        with listen(settings) as listening:
            port = listening.getsockname()[1]
            app = create_app(settings, database, clock)
            app.register(constant)
            server = Server(
                configure(app, settings),
                stopping=app.state.stopping,
                on_ready=lambda: say(f"READY {port}"),
            )
            await server.serve(sockets=[listening])
    return 0


if __name__ == "__main__":
    run_loop(main())
