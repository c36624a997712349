"""The same worlds on real databases: their answers and tables are those of the server in memory."""

import asyncio
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from server.database import Database
from tests.fixtures.database import Copies
from tests.simulation.databases import DatabaseServer
from tests.simulation.world import simulate

SEEDS, SEEDS_FULL = 30, 500
LOTS = 10
STEPS = 100  # Every answer crosses a disk; what is rare takes the longer worlds in memory.


@pytest.fixture
def runner() -> Generator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def lots(seeds: int) -> list[object]:
    """Seeds in lots, so that a database is begun for a few worlds alone."""
    usual = [range(first, first + LOTS) for first in range(0, SEEDS, LOTS)]
    long = [range(first, first + LOTS) for first in range(SEEDS, seeds, LOTS)]
    return [*usual, *(pytest.param(lot, marks=pytest.mark.full) for lot in long)]


def live(seed: int, database: Database, runner: asyncio.Runner) -> None:
    """Live one world on this database, which is empty."""
    simulate(seed, steps=STEPS, serve=lambda company: DatabaseServer(company, database, runner))


@pytest.mark.parametrize("lot", lots(SEEDS_FULL), ids=lambda lot: f"{lot[0]}-{lot[-1]}")
def test_sqlite_answers_as_the_server_in_memory(
    lot: range, runner: asyncio.Runner, tmp_path: Path, sqlite_template: Path
) -> None:
    for seed in lot:
        file = tmp_path / f"{seed}.db"
        shutil.copy(sqlite_template, file)
        database = Database(f"sqlite+aiosqlite:///{file}")
        try:
            live(seed, database, runner)
        finally:
            runner.run(database.close())


@pytest.mark.parametrize("lot", lots(SEEDS_FULL), ids=lambda lot: f"{lot[0]}-{lot[-1]}")
def test_postgresql_answers_as_the_server_in_memory(
    lot: range, runner: asyncio.Runner, copies: Copies
) -> None:
    for seed in lot:
        with copies.lent() as url:
            database = Database(url)
            try:
                live(seed, database, runner)
            finally:
                runner.run(database.close())
