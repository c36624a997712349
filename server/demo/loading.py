"""The company into its database, in a process apart. Rule: asked on stdin, told on stdout.

Making and loading the company takes memory that a server would keep for ever, and none of what a
server is made of: this module must not import `server.app`, or the start takes seconds longer.
"""

import asyncio
import signal
import sys
from datetime import date

import msgspec
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from schemas.base import Language
from server.blobs import Blobs, StoreUnreachable
from server.clock import SystemClock
from server.commands.terminal import complain, say
from server.database import Database
from server.demo.company import make_company
from server.demo.keeping import keep_pictures
from server.demo.load import load
from server.demo.words import WORDS
from server.settings import load_settings

EXIT_UNABLE = 2


class Order(Struct, frozen=True):
    """What to load where. The address may hold a password, so it is no argument."""

    data_dir: str  # The store of bytes follows from it, and from the settings.
    database_url: str
    seed: int
    today: date
    language: Language | None  # Everybody's; otherwise each has their own.
    spoken: Language  # What is told is told in it.
    password_hash: str


async def carry_out(order: Order) -> None:
    """Make the company and load it, saying what is in and after how many seconds."""
    clock, words = SystemClock(), WORDS[order.spoken]
    begun = clock.monotonic()
    say(words["making"].format(seed=order.seed, today=order.today))
    company = make_company(seed=order.seed, today=order.today)

    def tell(part: str, count: int) -> None:
        say(f"  {words[part]}: {count} ({clock.monotonic() - begun:.1f} s)")

    database, blobs = Database(order.database_url), Blobs(load_settings(data_dir=order.data_dir))
    try:
        kept = await keep_pictures(blobs, company.pictures)
        await load(
            database,
            company,
            clock,
            kept=kept,
            password_hash=order.password_hash,
            language=order.language,
            tell=tell,
        )
    finally:
        await database.close()


def main() -> int:
    """Read the order and carry it out. To be stopped is to end at once: nothing is half loaded."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    try:
        asyncio.run(carry_out(order))
    except (SQLAlchemyError, OSError, StoreUnreachable) as error:
        cause = getattr(error, "orig", None) or error
        complain(f"the demo company could not be loaded: {cause}")
        return EXIT_UNABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
