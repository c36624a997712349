"""`serve`. Rule: only the order of things; the work is in `server.opening` and `server.runner`."""

from server.clock import Clock
from server.commands.terminal import say, say_last
from server.folder import held
from server.opening import opened, prepare
from server.runner import run
from server.settings import Settings
from server.telemetry import configure_logging

STOPPING = "Stopping: what is begun is finished first (Ctrl+C again stops at once)"


async def serve(settings: Settings, clock: Clock) -> int:
    """Serve until told to stop; says `READY` and the address when it accepts requests."""
    configure_logging(settings)
    with held(settings):
        async with opened(settings) as database:
            await prepare(settings, database, clock)
            await run(
                settings,
                database,
                clock,
                on_ready=lambda bound: say(f"READY {bound.origin}"),
                on_stopping=lambda: say_last(STOPPING),
            )
    say_last("Stopped")
    return 0
