"""Jobs are done at least once, apart from each other, whatever happens to who does them."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct
from sqlalchemy import select

from server.blobs import StoreUnreachable
from server.clock import ManualClock, SystemClock
from server.database import Database
from server.jobs import JOB_TRIES_MAX, LEASE, Jobs, patience
from server.store import jobs as store
from server.store.file_tables import jobs as table
from server.store.jobs import Job
from tests.fixtures.demo import ROOT
from tests.fixtures.patience import Noted, until
from tests.fixtures.process import Program

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class Asked(Struct, frozen=True):
    words: str


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEGIN, seed="jobs")


async def ask(jobs: Jobs, database: Database, *keys: str, words: str = "") -> None:
    async with database.write() as tx:
        for key in keys:
            await jobs.add(tx, "count", key, Asked(words))


async def waiting(database: Database) -> list[str]:
    async with database.read() as tx:
        query = select(table.c.key).where(table.c.failed_at.is_(None)).order_by(table.c.key)
        return list(await tx.scalars(query))


async def until_empty(database: Database) -> None:
    async def is_empty() -> bool:
        return not await waiting(database)

    await until(is_empty, "every job is done")


async def test_a_job_is_done_after_the_transaction_that_asked_for_it(
    database: Database, clock: ManualClock
) -> None:
    done: list[str] = []
    jobs = Jobs(database, clock)

    async def handle(job: Job) -> None:
        done.append(job.read(Asked).words)

    jobs.on("count", handle)
    with suppress(ZeroDivisionError):
        async with database.write() as tx:
            await jobs.add(tx, "count", "a", Asked("never"))
            raise ZeroDivisionError
    assert await jobs.run_due() == 0
    await ask(jobs, database, "a", words="巡检")
    assert await jobs.run_due() == 1
    assert done == ["巡检"]
    assert await waiting(database) == []


async def test_of_one_kind_and_key_one_job_waits_and_the_latest_word_counts(
    database: Database, clock: ManualClock
) -> None:
    done: list[str] = []
    jobs = Jobs(database, clock)

    async def handle(job: Job) -> None:
        done.append(f"{job.key} {job.read(Asked).words}")

    jobs.on("count", handle)
    for words in ("one", "two", "three"):
        await ask(jobs, database, "a", words=words)
    await ask(jobs, database, "b", words="one")
    await jobs.run_due()
    assert sorted(done) == ["a three", "b one"]


async def test_a_job_that_is_due_later_waits(database: Database, clock: ManualClock) -> None:
    jobs = Jobs(database, clock)
    seen: list[datetime] = []

    async def handle(_: Job) -> None:
        seen.append(clock.now())

    jobs.on("count", handle)
    async with database.write() as tx:
        await jobs.add(tx, "count", "a", due_at=BEGIN + timedelta(hours=1))
    clock.advance(timedelta(minutes=59))
    assert await jobs.run_due() == 0
    clock.advance(timedelta(minutes=1))
    assert await jobs.run_due() == 1
    assert seen == [BEGIN + timedelta(hours=1)]


async def test_what_is_asked_for_while_it_runs_runs_once_more(
    database: Database, clock: ManualClock
) -> None:
    jobs, words = Jobs(database, clock), []

    async def handle(job: Job) -> None:
        words.append(job.read(Asked).words)
        if len(words) == 1:
            await ask(jobs, database, job.key, words="again")
            # Nobody else takes it meanwhile: two would work on one thing at once.
            assert await jobs.run_due() == 0

    jobs.on("count", handle)
    await ask(jobs, database, "a", words="first")
    assert await jobs.run_due() == 2
    assert words == ["first", "again"]
    assert await waiting(database) == []


async def test_one_that_fails_stops_no_other_and_is_tried_later_and_later(
    database: Database, clock: ManualClock
) -> None:
    jobs, tried = Jobs(database, clock), Counter[str]()

    async def handle(job: Job) -> None:
        tried[job.key] += 1
        if job.key == "bad":
            raise ValueError("no such thing")

    jobs.on("count", handle)
    await ask(jobs, database, "bad", "good")
    assert await jobs.run_due() == 2
    assert await waiting(database) == ["bad"]
    for tries in range(1, JOB_TRIES_MAX):
        clock.advance(patience(tries) - timedelta(microseconds=1))
        assert await jobs.run_due() == 0, f"sooner than it should after {tries}"
        clock.advance(timedelta(microseconds=1))
        assert await jobs.run_due() == 1
    assert tried == {"bad": JOB_TRIES_MAX, "good": 1}
    clock.advance(timedelta(days=30))
    assert await jobs.run_due() == 0
    async with database.read() as tx:
        row = (await tx.execute(select(table))).one()
    assert row.problem == "ValueError: no such thing"
    assert row.failed_at is not None

    await ask(jobs, database, "bad")
    assert await jobs.run_due() == 1, "asked for anew, it is tried anew"


@pytest.mark.parametrize("error", [StoreUnreachable(), ConnectionRefusedError(111, "refused")])
async def test_an_outage_uses_up_no_try(
    database: Database, clock: ManualClock, error: Exception
) -> None:
    jobs, tries = Jobs(database, clock), []

    async def handle(job: Job) -> None:
        tries.append(job.tries)
        if len(tries) <= 3 * JOB_TRIES_MAX:
            raise error

    jobs.on("count", handle)
    await ask(jobs, database, "a")
    while await waiting(database):
        await jobs.run_due()
        clock.advance(timedelta(minutes=1))
    assert tries == [1] * (3 * JOB_TRIES_MAX + 1)


async def test_a_job_whose_worker_died_is_taken_again_when_its_lease_ends(
    database: Database, clock: ManualClock
) -> None:
    dead, living, done = Jobs(database, clock), Jobs(database, clock), []

    async def handle(job: Job) -> None:
        done.append(job.tries)

    for jobs in (dead, living):
        jobs.on("count", handle)
    await ask(dead, database, "a")
    assert await dead._take() is not None  # And then it is killed.
    clock.advance(LEASE - timedelta(seconds=1))
    assert await living.run_due() == 0
    clock.advance(timedelta(seconds=1))
    assert await living.run_due() == 1
    assert done == [2]


HANGING = """
import asyncio, sys
from server.clock import SystemClock
from server.database import Database
from server.jobs import Jobs

async def hang(job):
    print("BEGUN", flush=True)
    await asyncio.Event().wait()

async def main():
    jobs = Jobs(Database(sys.argv[1]), SystemClock())
    jobs.on("count", hang)
    await jobs.run_due()

asyncio.run(main())
"""


async def test_a_process_that_is_killed_leaves_its_job_to_another(
    database: Database,
) -> None:
    clock, done = ManualClock(SystemClock().now(), seed="killed"), []
    living = Jobs(database, clock)

    async def handle(job: Job) -> None:
        done.append(job.tries)

    living.on("count", handle)
    await ask(living, database, "a")
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HANGING, url]
    working = Program(command, ready=lambda line: line == "BEGUN\n", cwd=ROOT)
    assert working.end(signal.SIGKILL) == -signal.SIGKILL
    clock.advance(timedelta(seconds=1))
    assert await living.run_due() == 0, "nobody knows yet that it died"
    clock.advance(LEASE + timedelta(minutes=1))
    assert await living.run_due() == 1
    assert done == [2]


async def test_a_job_that_kills_its_worker_each_time_is_given_up(
    database: Database, clock: ManualClock
) -> None:
    jobs = Jobs(database, clock)

    async def handle(_: Job) -> None:
        raise AssertionError("it is not begun once more")

    jobs.on("count", handle)
    await ask(jobs, database, "a")
    for _ in range(JOB_TRIES_MAX):
        assert await jobs._take() is not None
        clock.advance(LEASE)
    assert await jobs.run_due() == 1
    async with database.read() as tx:
        row = (await tx.execute(select(table))).one()
    assert row.failed_at is not None
    assert "ended before" in row.problem


async def test_who_comes_back_after_its_lease_ended_takes_nothing_from_the_next(
    database: Database, clock: ManualClock
) -> None:
    jobs = Jobs(database, clock)
    jobs.on("count", lambda _: asyncio.sleep(0))
    await ask(jobs, database, "a")
    slow = await jobs._take()
    clock.advance(LEASE)
    quick = await jobs._take()
    assert slow is not None
    assert quick is not None
    async with database.write() as tx:
        await store.finish(tx, slow)
        await store.put_back(tx, slow, due_at=clock.now(), problem="slow")
    assert await jobs._take() is None, "it is still the other's"
    async with database.write() as tx:
        await store.finish(tx, quick)
    assert await waiting(database) == []


async def test_a_renewed_lease_holds_for_longer(database: Database, clock: ManualClock) -> None:
    jobs = Jobs(database, clock)
    jobs.on("count", lambda _: asyncio.sleep(0))
    await ask(jobs, database, "a")
    job = await jobs._take()
    assert job is not None
    await ask(jobs, database, "a")  # Anew, while it runs: the lease covers that too.
    clock.advance(LEASE - timedelta(seconds=1))
    async with database.write() as tx:
        await store.renew(tx, job, until=clock.now() + LEASE)
    clock.advance(LEASE - timedelta(seconds=1))
    assert await jobs._take() is None


async def test_what_comes_again_and_again_does_so_even_after_it_failed(
    database: Database, clock: ManualClock
) -> None:
    jobs, period, seen = Jobs(database, clock), timedelta(hours=6), []

    async def handle(_: Job) -> None:
        seen.append(clock.now())
        if len(seen) == 2:
            raise ValueError("once")

    jobs.every("sweep", period, handle)
    await jobs.begin_periods()
    await jobs.begin_periods()
    assert await jobs.run_due() == 1
    clock.advance(period)
    assert await jobs.run_due() == 1
    clock.advance(patience(1))
    assert await jobs.run_due() == 1
    clock.advance(period - timedelta(seconds=1))
    assert await jobs.run_due() == 0
    shorter = Jobs(database, clock)
    shorter.every("sweep", timedelta(seconds=1) / 2, handle)
    await shorter.begin_periods()
    clock.advance(timedelta(seconds=1) / 2)
    assert await shorter.run_due() == 1, "a period that was made shorter counts at once"


async def test_what_comes_again_and_again_does_so_after_the_clock_was_put_back(
    database: Database, clock: ManualClock
) -> None:
    jobs, seen = Jobs(database, clock), Noted[datetime]()

    async def handle(_: Job) -> None:
        seen.append(clock.now())

    async def is_idle() -> bool:
        return not jobs._running

    async def has_looked() -> bool:
        return jobs._looked_at == clock.now()

    jobs.every("sweep", timedelta(hours=6), handle)
    async with jobs.running(asyncio.Event()):
        await seen.until(lambda all_: len(all_) == 1)
        await until(is_idle, "what comes again is put back")
        clock._now -= timedelta(days=3)
        await jobs._look_again()
        await until(has_looked, "it was looked what is due by the clock of now")
        clock.advance(timedelta(hours=6))
        await jobs._look_again()
        await seen.until(lambda all_: len(all_) == 2)


@pytest.fixture
async def two(database: Database) -> AsyncGenerator[tuple[Database, Database]]:
    """What two processes have on PostgreSQL; on SQLite there is one, with two workers."""
    if database.is_sqlite:
        yield database, database
        return
    other = Database(database.engine.url.render_as_string(hide_password=False))
    yield database, other
    await other.close()


async def test_two_workers_share_the_work_and_do_each_job_once(
    two: tuple[Database, Database],
) -> None:
    done: Counter[str] = Counter()
    by: Counter[int] = Counter()
    stopping = asyncio.Event()
    workers = [Jobs(database, SystemClock()) for database in two]
    for number, jobs in enumerate(workers):

        async def handle(job: Job, number: int = number) -> None:
            await asyncio.sleep(0.001)
            done[job.key] += 1
            by[number] += 1

        jobs.on("count", handle)
    keys = [f"{number:03}" for number in range(60)]
    async with AsyncExitStack() as stack:
        for jobs in workers:
            await stack.enter_async_context(jobs.running(stopping))
        await ask(workers[0], two[0], *keys)
        await until_empty(two[0])
    assert done == dict.fromkeys(keys, 1)
    if two[0] is not two[1]:
        assert set(by) == {0, 1}, "both were woken"


async def test_one_that_is_idle_is_woken_by_the_other_at_once(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.jobs.POLLED_EVERY_SECONDS", 3_600.0)  # By itself it never looks.
    asking, working = Jobs(two[0], SystemClock()), Jobs(two[1], SystemClock())
    done = Noted[str]()

    async def handle(job: Job) -> None:
        done.append(job.key)

    working.on("count", handle)
    if two[0] is two[1]:
        asking = working
    async with working.running(asyncio.Event()):
        await ask(working, two[1], "first")
        await done.until(lambda all_: all_ == ["first"])
        await ask(asking, two[0], "second")
        await done.until(lambda all_: all_ == ["first", "second"])


async def test_a_stop_waits_for_what_is_under_way_and_begins_nothing(database: Database) -> None:
    jobs, stopping = Jobs(database, SystemClock()), asyncio.Event()
    begun, done = asyncio.Event(), []

    async def handle(job: Job) -> None:
        begun.set()
        await stopping.wait()
        await asyncio.sleep(0.02)
        done.append(job.key)

    jobs.on("count", handle)
    async with jobs.running(stopping):
        await ask(jobs, database, "a")
        await begun.wait()
        stopping.set()
        await ask(jobs, database, "b")
    assert done == ["a"]
    assert await waiting(database) == ["b"]


async def test_what_does_not_end_in_time_is_cut_off_and_due_at_once(database: Database) -> None:
    stuck = Jobs(database, SystemClock(), shutdown_seconds=0.05)
    begun, done = asyncio.Event(), []

    async def hang(_: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def handle(job: Job) -> None:
        done.append(job.tries)

    stuck.on("count", hang)
    async with stuck.running(asyncio.Event()):
        await ask(stuck, database, "a")
        await begun.wait()
    after = Jobs(database, SystemClock())
    after.on("count", handle)
    assert await after.run_due() == 1
    assert done == [1], "a stop is no failure of the job"


async def test_a_kind_that_nobody_here_knows_waits_for_who_does(
    database: Database, clock: ManualClock
) -> None:
    jobs = Jobs(database, clock)
    await ask(jobs, database, "a")
    assert await jobs.run_due() == 0
    assert await waiting(database) == ["a"]
