"""`migrate`. Rule: only the order of things; the work is in `server.migrate`."""

from server import migrate
from server.commands.terminal import say
from server.folder import held
from server.opening import masked, opened, telling_database_faults
from server.restoring import demand_none_in
from server.settings import Settings


async def bring_up(settings: Settings) -> int:
    """Bring the database to this program's schema; again changes nothing.

    Refused while a server runs on a SQLite file: it would meet a schema that it does not know.
    """
    with held(settings):
        async with opened(settings) as database:
            with telling_database_faults(settings):
                await demand_none_in(database)
                await migrate.upgrade(database)
    say(f"{masked(settings.database_address)} has this program's schema")
    return 0
