"""`./dev simulate N`: live many worlds, say how far it is, and how to repeat what failed."""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from time import monotonic

from server import migrate
from server.database import Database
from tests.fixtures.postgres import running_postgres
from tests.simulation.company import Company
from tests.simulation.databases import DatabaseServer
from tests.simulation.memory import MemoryServer
from tests.simulation.world import STEPS, simulate

Serve = Callable[[Company], MemoryServer]
SAY_EVERY_S = 10.0
FAILURES_MAX = 10


@contextmanager
def serving(kind: str | None) -> Iterator[Callable[[], Serve | None]]:
    """Gives a new server's maker for each world: in memory, or on a database of its own."""
    if kind is None:
        yield lambda: None
        return
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres()) if kind == "postgresql" else None
        open_: list[Database] = []
        numbers = count(1)

        def next_server() -> Serve:
            while open_:
                runner.run(open_.pop().close())
            name = f"world_{next(numbers)}"
            url = f"sqlite+aiosqlite:///{folder / name}.db"
            database = Database(postgres.create(name) if postgres else url)
            open_.append(database)
            runner.run(migrate.upgrade(database))
            return lambda company: DatabaseServer(company, database, runner)

        try:
            yield next_server
        finally:
            while open_:
                runner.run(open_.pop().close())


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def options(asked: argparse.Namespace) -> str:
    """What else has to be said to live the same world once more."""
    steps = "" if asked.steps == STEPS else f" --steps {asked.steps}"
    return steps + (f" --database {asked.database}" if asked.database else "")


def main(arguments: list[str]) -> int:
    """Live `worlds` seeds from `--seed` on; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("worlds", type=int, help="how many seeds")
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each world")
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    asked = parser.parse_args(arguments)
    lived: Counter[str] = Counter()
    failed: list[int] = []
    began = said = monotonic()
    with serving(asked.database) as next_server:
        for seed in range(asked.seed, asked.seed + asked.worlds):
            try:
                world = simulate(seed, steps=asked.steps, serve=next_server())
            except Exception as error:  # noqa: BLE001 - whatever it was, the seed is what counts
                failed.append(seed)
                say(f"seed {seed}: {type(error).__name__}: {error}")
                say(f"  once more: ./dev simulate 1 --seed {seed}{options(asked)}")
                if len(failed) == FAILURES_MAX:
                    break
            else:
                lived.update(vars(world))
            if monotonic() - said >= SAY_EVERY_S:
                said = monotonic()
                done = seed - asked.seed + 1
                say(f"{done} worlds, {done / (said - began):.0f} a second")
    happened = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in lived.items())
    say(f"{len(failed)} failed in {monotonic() - began:.0f} s; in the others {happened}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
