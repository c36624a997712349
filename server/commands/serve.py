"""`serve` and `migrate`. Rule: only the order of things; the work is in `server.runner`."""

from server import migrate
from server.clock import Clock
from server.commands.terminal import say
from server.folder import held
from server.runner import masked, opened, prepare, run, telling_database_faults
from server.settings import Settings
from server.telemetry import configure_logging


async def serve(settings: Settings, clock: Clock) -> int:
    """Serve until told to stop; says `READY` and the address when it accepts requests."""
    configure_logging(settings)
    with held(settings):
        async with opened(settings) as database:
            await prepare(settings, database, clock)
            await run(
                settings, database, clock, on_ready=lambda bound: say(f"READY {bound.origin}")
            )
    return 0


async def bring_up(settings: Settings) -> int:
    """Bring the database to this program's schema; again changes nothing.

    Refused while a server runs on a SQLite file: it would meet a schema that it does not know.
    """
    with held(settings):
        async with opened(settings) as database:
            with telling_database_faults(settings):
                await migrate.upgrade(database)
    say(f"{masked(settings.database_address)} has this program's schema")
    return 0
