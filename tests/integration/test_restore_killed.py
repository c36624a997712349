"""A restore that is killed leaves nothing that anybody works with, and is run again as it was."""

import signal
import sys
from pathlib import Path

import pytest

from server import restoring
from server.backups import lost
from server.blobs import blob_key
from server.commands.doctor import database_part
from server.commands.migrate import bring_up
from server.commands.verify import verify
from server.errors import UnableError
from server.folder import sqlite_file
from server.opening import opened, prepare
from tests.fixtures.demo import ROOT
from tests.fixtures.process import Program
from tests.integration.backup_world import SHAS, World, build, epoch_of
from tests.integration.conftest import House

# Hangs where it is told to, having said so: there it is killed.
RESTORING = """
import asyncio, sys, threading
from pathlib import Path
from server import migrate, restoring, rewind
from server.backups import lost, restore
from server.clock import SystemClock
from server.settings import Settings

where, data_dir, url, place = sys.argv[1:]
putting = Path.replace

def reached():
    print("REACHED", flush=True)
    threading.Event().wait()

async def hang(*_, **__):
    reached()

def replace(self, target):
    if self.name.endswith(".restoring"):
        reached()
    return putting(self, target)

match where:
    case "bytes":
        restore.put_blobs = hang
    case "aside":
        Path.replace = replace
    case "put":
        migrate.upgrade = hang
    case "forgotten":
        rewind.begin = hang
    case "begun":
        lost.take_back = hang
    case "listed":
        restoring.end = hang

settings = Settings(data_dir=data_dir, database_url=url or None)
asyncio.run(
    restore.restore(
        settings, SystemClock(), Path(place), is_forced=True, may_lack=True, say=lambda _: None
    )
)
"""
REACHED = ("put", "forgotten", "begun", "listed")


@pytest.fixture
async def world(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return await build(house, tmp_path, request)


def kill(world: World, where: str) -> None:
    """Have another process restore, and end it when it has come so far."""
    url = world.other.database_url
    told = (where, str(world.other.data_dir), str(url or ""), str(world.place))
    working = Program(
        [sys.executable, "-c", RESTORING, *told], ready=lambda line: line == "REACHED\n", cwd=ROOT
    )
    assert working.end(signal.SIGKILL) == -signal.SIGKILL


async def start(world: World) -> None:
    """What every server and command begins with."""
    async with opened(world.other) as database:
        await prepare(world.other, database, world.house.clock)


async def demand_refused(world: World) -> None:
    with pytest.raises(UnableError, match="was cut off") as caught:
        await start(world)
    assert str(world.place) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(UnableError, match="was cut off"):
        await bring_up(world.other)
    with pytest.raises(UnableError, match="was cut off"):
        await verify(world.other, [])
    assert "was cut off" in await database_part(world.other)


@pytest.mark.parametrize("where", REACHED)
async def test_what_a_killed_restore_left_is_used_by_nobody_and_the_next_one_ends_it(
    world: World, where: str
) -> None:
    await world.back_up()
    (world.place / "blobs" / blob_key(SHAS[1])).unlink()
    kill(world, where)
    await demand_refused(world)
    restored = await world.put_back(may_lack=True)
    assert restored.missing is not None
    assert [one.sha256 for one in lost.read_list(restored.missing)] == [SHAS[1]]
    await start(world)
    assert await database_part(world.other) == ""
    assert restoring.fault(world.other) == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_one_that_was_killed_between_the_old_database_and_the_new_leaves_no_empty_one(
    world: World,
) -> None:
    await world.back_up()
    await world.restore()
    file = sqlite_file(world.other)
    assert file is not None
    kill(world, "aside")
    await demand_refused(world)
    assert not file.exists(), "nobody made a new one in its place"
    assert file.with_name(f"{file.name}.replaced").exists()
    await world.restore()
    await start(world)


async def test_one_that_was_killed_before_the_database_was_touched_did_nothing(
    world: World,
) -> None:
    await world.back_up()
    epoch = await world.restore()
    kill(world, "bytes")
    await start(world)
    async with world.restored() as house:
        assert await epoch_of(house.database) == epoch
