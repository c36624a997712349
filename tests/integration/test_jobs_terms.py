"""Which job goes first, how many at once, and for how long: what one kind may not do to another."""

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from server.clock import ManualClock, SystemClock
from server.database import Database
from server.jobs import (
    JOB_TRIES_MAX,
    LEASE,
    OVERDUE,
    RANK_FILES,
    RANK_HOUSEKEEPING,
    RANK_REPORTS,
    TURN_SECONDS,
    Jobs,
    Terms,
    patience,
)
from server.store.file_tables import jobs as table
from server.store.jobs import Job
from tests.fixtures.demo import ROOT
from tests.fixtures.patience import Noted, until
from tests.fixtures.process import Program

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
RANKS = {"photo": RANK_FILES, "report": RANK_REPORTS, "backup": RANK_HOUSEKEEPING}
HANGING = """
import asyncio, sys
from server.clock import SystemClock
from server.database import Database
from server.jobs import RANK_FILES, Jobs, Terms

async def main():
    jobs = Jobs(Database(sys.argv[1]), SystemClock())

    async def handle(job):
        print("BEGUN", flush=True)
        await asyncio.Event().wait()

    jobs.on("photo", handle, Terms(rank=RANK_FILES))
    await jobs.run_due()

asyncio.run(main())
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEGIN, seed="terms")


async def ask(jobs: Jobs, database: Database, kind: str, *keys: str) -> None:
    async with database.write() as tx:
        for key in keys:
            await jobs.add(tx, kind, key)


async def waiting(database: Database) -> list[str]:
    async with database.read() as tx:
        return list(await tx.scalars(select(table.c.key).order_by(table.c.key)))


def ranked(jobs: Jobs, done: list[str]) -> None:
    async def handle(job: Job) -> None:
        done.append(f"{job.kind} {job.key}")

    for kind, rank in RANKS.items():
        jobs.on(kind, handle, Terms(rank=rank))


async def test_files_go_before_reports_and_reports_before_housekeeping(
    database: Database, clock: ManualClock
) -> None:
    jobs, done = Jobs(database, clock), list[str]()
    ranked(jobs, done)
    for kind in ("backup", "report", "photo"):  # The least wanted has been due for longest.
        await ask(jobs, database, kind, "a")
        clock.advance(timedelta(seconds=1))
    await ask(jobs, database, "photo", "b")
    assert await jobs.run_due() == 4
    assert done == ["photo a", "photo b", "report a", "backup a"]


async def test_what_has_been_due_for_long_goes_before_all(
    database: Database, clock: ManualClock
) -> None:
    jobs, done = Jobs(database, clock), list[str]()
    ranked(jobs, done)
    await ask(jobs, database, "backup", "old")
    clock.advance(OVERDUE)
    await ask(jobs, database, "photo", "new")
    assert await jobs.run_due() == 2
    assert done == ["backup old", "photo new"]


async def test_a_kind_whose_handlers_hang_stops_no_other(database: Database) -> None:
    jobs, stopping = Jobs(database, SystemClock(), shutdown_seconds=0), asyncio.Event()
    begun, done = Noted[str](), Noted[str]()

    async def hang(job: Job) -> None:
        begun.append(job.key)
        await asyncio.Event().wait()

    async def handle(job: Job) -> None:
        done.append(job.key)

    jobs.on("hang", hang, Terms(rank=RANK_FILES))
    jobs.on("report", handle)
    async with jobs.running(stopping):
        await ask(jobs, database, "hang", "a", "b", "c")
        await begun.until(lambda all_: len(all_) == 2)
        await ask(jobs, database, "report", *(str(number) for number in range(20)))
        await done.until(lambda all_: len(all_) == 20)
        assert len(begun) == 2, "of one kind no more than it may"

        async def are_three() -> bool:
            return await waiting(database) == ["a", "b", "c"]

        await until(are_three, "what was done is no job any more")
    assert await waiting(database) == ["a", "b", "c"], "cut off, and due again"


async def test_one_that_outlasts_its_limit_is_cut_off_and_has_failed(
    database: Database, clock: ManualClock
) -> None:
    jobs, cut = Jobs(database, clock), list[str]()

    async def hang(job: Job) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut.append(job.key)

    jobs.on("hang", hang, Terms(limit=SHORT))
    await ask(jobs, database, "hang", "a")
    for tries in range(1, JOB_TRIES_MAX + 1):
        assert await jobs.run_due() == 1
        assert len(cut) == tries
        async with database.read() as tx:
            row = (await tx.execute(select(table))).one()
        assert row.tries == tries
        assert str(row.problem).startswith("TookTooLong: ")
        assert (row.failed_at is not None) == (tries == JOB_TRIES_MAX)
        clock.advance(patience(tries))
    assert await jobs.run_due() == 0, "given up"


async def test_a_limit_of_a_handlers_own_is_a_failure_like_any_other(
    database: Database, clock: ManualClock
) -> None:
    jobs = Jobs(database, clock)

    async def wait(_: Job) -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    jobs.on("report", wait)
    await ask(jobs, database, "report", "a")
    assert await jobs.run_due() == 1
    async with database.read() as tx:
        row = (await tx.execute(select(table))).one()
    assert "TookTooLong" not in str(row.problem)


async def test_of_many_of_one_kind_each_is_done_and_others_come_in_between(
    database: Database,
) -> None:
    jobs, stopping = Jobs(database, SystemClock()), asyncio.Event()
    running, most, done = 0, 0, Noted[str]()
    go_on = asyncio.Event()

    async def handle(job: Job) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1
        done.append(job.key)

    async def report(job: Job) -> None:
        done.append(job.kind)

    jobs.on("photo", handle, Terms(rank=RANK_FILES))
    jobs.on("report", report)
    await ask(jobs, database, "photo", *(str(number) for number in range(60)))
    await ask(jobs, database, "report", "a")
    async with jobs.running(stopping):
        await done.until(lambda all_: all_ == ["report"])
        go_on.set()
        await done.until(lambda all_: len(all_) == 61)
    assert most == 2
    assert sorted(done[1:], key=int) == [str(number) for number in range(60)]


async def test_one_that_always_fails_is_given_up_while_the_others_are_done(
    database: Database, clock: ManualClock
) -> None:
    jobs, done = Jobs(database, clock), list[str]()

    async def handle(job: Job) -> None:
        if job.key == "bad":
            raise ValueError("never")
        done.append(job.key)

    jobs.on("photo", handle, Terms(rank=RANK_FILES))
    await ask(jobs, database, "photo", "bad", "good")
    for tries in range(1, JOB_TRIES_MAX + 1):
        await jobs.run_due()
        clock.advance(patience(tries))
    assert done == ["good"]
    async with database.read() as tx:
        (row,) = (await tx.execute(select(table))).all()
    assert (row.key, row.failed_at is None) == ("bad", False)


async def test_a_kind_that_might_take_every_place_is_not_taken_on(
    database: Database, clock: ManualClock
) -> None:
    async def handle(_: Job) -> None:
        """Do nothing."""

    with pytest.raises(AssertionError, match="keep every other kind waiting"):
        Jobs(database, clock).on("photo", handle, Terms(at_once=3))


async def test_a_hanging_process_that_is_killed_leaves_its_job_to_another(
    database: Database,
) -> None:
    clock, done = ManualClock(SystemClock().now(), seed="killed"), list[str]()
    living = Jobs(database, clock)
    ranked(living, done)
    await ask(living, database, "photo", "a")
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HANGING, url]
    hanging = Program(command, ready=lambda line: line == "BEGUN\n", cwd=ROOT)
    await ask(living, database, "report", "b")
    clock.advance(timedelta(seconds=1))
    assert await living.run_due() == 1, "what is not held is done meanwhile"
    assert hanging.end(signal.SIGKILL) == -signal.SIGKILL
    clock.advance(LEASE + timedelta(minutes=1))
    assert await living.run_due() == 1
    assert done == ["report b", "photo a"]


async def test_what_takes_hours_keeps_nothing_else_waiting(database: Database) -> None:
    jobs, stopping = Jobs(database, SystemClock()), asyncio.Event()
    begun, go_on = Noted[str](), asyncio.Event()

    async def take_hours(job: Job) -> None:
        begun.append(job.kind)
        await go_on.wait()

    async def handle(job: Job) -> None:
        begun.append(job.key)

    jobs.every("back-up", timedelta(days=1), take_hours)
    jobs.every("look", timedelta(days=1), take_hours)
    jobs.on("count", handle)
    async with jobs.running(stopping):
        await begun.until(lambda all_: len(all_) == 1)
        await ask(jobs, database, "count", "a photo")
        await begun.until(lambda all_: "a photo" in all_)
        assert len(begun) == 2, "of those that take hours, one"
        go_on.set()
        await begun.until(lambda all_: {"back-up", "look"} <= set(all_))


async def test_what_hangs_keeps_others_like_it_waiting_for_its_turn_alone(
    database: Database, clock: ManualClock
) -> None:
    jobs = Jobs(database, clock, shutdown_seconds=0)
    begun, done = Noted[str](), Noted[str]()

    async def hang(job: Job) -> None:
        begun.append(job.kind)
        if len(begun) < 4:  # As many as there are places, whichever come first.
            await asyncio.Event().wait()

    async def handle(job: Job) -> None:
        done.append(job.key)

    async def are(number: int, of: Noted[str]) -> None:
        await of.until(lambda all_: len(all_) == number)

    for kind in ("back-up", "collect", "look", "root"):
        jobs.every(kind, timedelta(days=1), hang)
    jobs.on("count", handle)
    async with jobs.running(asyncio.Event()):
        for number in (1, 2, 3):
            await are(number, begun)
            await ask(jobs, database, "count", f"photo {number}")
            await are(number, done)
            assert await jobs._take() is None, "its turn is not over"
            clock.advance(timedelta(seconds=TURN_SECONDS))
            await jobs._look_again()
        await are(4, begun)
    assert len(set(begun)) == 4, "of each kind no more than one"
