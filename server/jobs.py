"""Work in the background: at least once, each job apart from the others.

What people wait for goes first (`Terms`), and no kind takes every place: one whose handler hangs
keeps its own kind waiting, until its time is up, which counts as a failure. What comes now and
again goes one at a time, each for its turn: after that one no longer keeps the others waiting.

Rule: a handler may be killed anywhere and called again. What it takes is leased: a worker that died
loses it when the lease ends, and another takes it. One that fails is tried again, later and later,
and given up with its problem kept; that the database or the store is away uses up no try. On
PostgreSQL all processes share the work and wake each other by NOTIFY; on SQLite there is one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.clock import Clock
from server.database import Database
from server.listening import listen
from server.outages import is_away, is_full
from server.store import jobs as store
from server.store.jobs import Job
from sync.errors import SyncError

JOBS_AT_ONCE_MAX = 3  # In one process; what is heavy runs in threads or processes of its own.
# The lowest goes first. What has been due for so long goes before all: nothing waits for ever.
RANK_FILES, RANK_REPORTS, RANK_HOUSEKEEPING = 1, 2, 3
OVERDUE = timedelta(minutes=15)
TURN_SECONDS = 900.0  # For so long what comes now and again keeps others like it waiting.
JOB_TRIES_MAX = 12
LEASE = timedelta(minutes=5)
RENEWED_EVERY_SECONDS = 60.0
PATIENCE = timedelta(seconds=5)  # After the first failure, and twice as long after each other.
PATIENCE_MAX = timedelta(hours=1)
OUTAGE = timedelta(seconds=30)
POLLED_EVERY_SECONDS = 30.0  # In case that a NOTIFY was lost with its connection.
PASSING = (503, 507)
PROBLEM_LENGTH_MAX = 1_000

Handler = Callable[[Job], Awaitable[None]]

log = structlog.get_logger()


class TookTooLong(Exception):
    """A handler outlasted its kind's limit, and was cut off."""


class Terms(Struct, frozen=True, kw_only=True):
    """How jobs of one kind are done: before which others, how many at once, for how long each.

    `at_once` is less than JOBS_AT_ONCE_MAX, and counts in one process. `limit` is generous: it ends
    what hangs, and not what is slow.
    """

    rank: int = RANK_REPORTS
    at_once: int = 2
    limit: timedelta = timedelta(minutes=15)


USUAL = Terms()
HOUSEKEEPING = Terms(rank=RANK_HOUSEKEEPING, at_once=1, limit=timedelta(hours=24))


class Nothing(Struct, frozen=True):
    """The payload of a job that needs none."""


class Begun(Struct, frozen=True):
    """What is under way, and since when: seconds of the clock that never goes back."""

    kind: str
    since: float


class Jobs:
    """The jobs of one process. Handlers are named before `running` is entered."""

    def __init__(self, database: Database, clock: Clock, *, shutdown_seconds: float = 10) -> None:
        self._database = database
        self._clock = clock
        self._shutdown_seconds = shutdown_seconds
        self._handlers: dict[str, Handler] = {}
        self._periods: dict[str, timedelta] = {}
        self._terms: dict[str, Terms] = {}
        self._running: dict[asyncio.Task[None], Begun] = {}
        self._looked_at = clock.now()
        self._wake = asyncio.Event()
        self._is_over = False

    def on(self, kind: str, handler: Handler, terms: Terms = USUAL) -> None:
        """Have jobs of this kind done by `handler`, which may be called twice for one job."""
        assert kind not in self._handlers, f"two handlers for {kind}"
        assert 0 < terms.at_once < JOBS_AT_ONCE_MAX, f"{kind} would keep every other kind waiting"
        self._handlers[kind], self._terms[kind] = handler, terms

    def every(self, kind: str, period: timedelta, handler: Handler) -> None:
        """Have a job of this kind done now and again, by one of all processes."""
        self.on(kind, handler, HOUSEKEEPING)
        self._periods[kind] = period

    async def add(
        self,
        tx: AsyncConnection,
        kind: str,
        key: str,
        payload: Struct | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """Ask for a job; done after `tx`, not before `due_at`. One of a kind and key waits at most.

        Asked for again, the later word counts; while it runs, it runs once more afterwards.
        """
        now = self._clock.now()
        body = msgspec.json.encode(payload or Nothing()).decode()
        job = Job(self._clock.new_id(), kind, key, body)
        await store.save(tx, job, due_at=due_at or now, now=now)
        if kind in self._ranks():  # Else the end of one of its kind wakes us.
            self._wake.set()  # Whoever looks now waits for `tx` (SQLite), or hears its NOTIFY.

    async def run_due(self) -> int:
        """Do what is due, one job after the other, until nothing is; how many that was."""
        done = 0
        while (job := await self._take()) is not None:
            await self._run(job)
            done += 1
        return done

    @asynccontextmanager
    async def running(self, stopping: asyncio.Event) -> AsyncGenerator[None]:
        """Do jobs while the block runs; from `stopping` on none is begun.

        What is then still under way after `shutdown_seconds` is cut off, and done again.
        """
        await self.begin_periods()
        tasks = [asyncio.create_task(self._end(stopping)), asyncio.create_task(self._work())]
        if not self._database.is_sqlite:
            listening = listen(
                self._database,
                store.CHANNEL,
                heard=lambda _: self._wake.set(),
                begun=self._look_again,
            )
            tasks.append(asyncio.create_task(listening))
        try:
            yield
        finally:
            self._is_over = True
            self._wake.set()
            if self._running:
                await asyncio.wait(self._running, timeout=self._shutdown_seconds)
            for task in (*tasks, *self._running):
                task.cancel()
            await asyncio.gather(*tasks, *self._running, return_exceptions=True)

    async def _end(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._is_over = True
        self._wake.set()

    async def _look_again(self) -> None:
        """What was told while nobody listened is unknown."""
        self._wake.set()

    async def begin_periods(self) -> None:
        """Ask for what comes now and again: at once the first time, then within its period."""
        now = self._clock.now()
        async with self._database.write() as tx:
            for kind, period in self._periods.items():
                job = Job(self._clock.new_id(), kind, "", "{}")
                await store.save(tx, job, due_at=now, now=now, keep=True)
                await store.hasten(tx, kind, due_at=now + period)

    async def _work(self) -> None:
        """Take one job after the other, as many at once as there may be."""
        while not self._is_over:
            self._wake.clear()
            wait_seconds = 0.0
            try:
                await self._heed_clock()
                if job := await self._take():
                    task = asyncio.create_task(self._run(job))
                    self._running[task] = Begun(job.kind, self._clock.monotonic())
                    task.add_done_callback(self._ended)
                    continue
                wait_seconds = await self._seconds_to_next()
            except (SQLAlchemyError, OSError) as error:
                log.warning("jobs.waiting", reason=type(error).__name__)
                wait_seconds = PATIENCE.total_seconds()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await self._wake.wait()

    async def _heed_clock(self) -> None:
        """Where it was put back, what comes now and again is not due when it would have been."""
        now = self._clock.now()
        if now < self._looked_at:
            await self.begin_periods()
        self._looked_at = now

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()  # It may have been asked for anew.

    def _ranks(self) -> Mapping[str, int]:
        """What may be begun now: of each kind as many at once as it may, by its rank.

        Of what comes now and again, and may take hours, one at a time: else a backup and a look at
        all chains would keep every photo and report waiting. One whose turn is over may hang: it
        takes no place any more, and only its own kind waits for it.
        """
        now, kinds = self._clock.monotonic(), Counter(one.kind for one in self._running.values())
        placed = [
            one.kind
            for one in self._running.values()
            if one.kind not in self._periods or now - one.since < TURN_SECONDS
        ]
        if len(placed) >= JOBS_AT_ONCE_MAX:
            return {}
        is_keeping_house = not self._periods.keys().isdisjoint(placed)
        return {
            kind: terms.rank
            for kind, terms in self._terms.items()
            if kinds[kind] < terms.at_once and not (is_keeping_house and kind in self._periods)
        }

    async def _take(self) -> Job | None:
        now, ranks = self._clock.now(), self._ranks()
        if not ranks:
            return None
        async with self._database.write() as tx:
            return await store.take(tx, ranks, now=now, until=now + LEASE, overdue=now - OVERDUE)

    async def _seconds_to_next(self) -> float:
        async with self._database.read() as tx:
            due_at = await store.next_due(tx, self._ranks())
        if due_at is None:
            return POLLED_EVERY_SECONDS
        seconds = (due_at - self._clock.now()).total_seconds()
        return min(max(seconds, 0.05), POLLED_EVERY_SECONDS)

    async def _run(self, job: Job) -> None:
        """Do one job, and keep what became of it. Nothing that goes wrong leaves here."""
        renewing = asyncio.create_task(self._renew(job))
        try:
            if job.tries > JOB_TRIES_MAX:
                await self._give_up(job, "each time the server ended before it was done")
                return
            await self._handle(job)
            await self._finish(job)
        except asyncio.CancelledError:
            async with self._database.write() as tx:
                await store.put_back(tx, job, tries=job.tries - 1)
            raise
        except Exception as error:
            if job.tries == 1 and not is_passing(error):
                log.exception("jobs.failed", kind=job.kind, key=job.key, exc_info=error)
            with suppress(SQLAlchemyError, OSError):  # Else its lease ends, and it is done again.
                await self._fail(job, error)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _handle(self, job: Job) -> None:
        """Have it done. Raises what the handler raises, and `TookTooLong`."""
        limit = self._terms[job.kind].limit
        waiting = asyncio.timeout(limit.total_seconds())
        try:
            async with waiting:
                await self._handlers[job.kind](job)
        except TimeoutError:
            if waiting.expired():
                raise TookTooLong(f"longer than {limit}") from None
            raise

    async def _renew(self, job: Job) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY_SECONDS)
            with suppress(SQLAlchemyError, OSError):
                async with self._database.write() as tx:
                    await store.renew(tx, job, until=self._clock.now() + LEASE)

    def _period(self, job: Job) -> timedelta | None:
        """After how long it comes again; what was asked for besides comes once."""
        return None if job.key else self._periods.get(job.kind)

    async def _finish(self, job: Job) -> None:
        period = self._period(job)
        async with self._database.write() as tx:
            if period is None:
                await store.finish(tx, job)
            else:
                due_at = self._clock.now() + period
                await store.put_back(tx, job, due_at=due_at, tries=0, problem=None)

    async def _fail(self, job: Job, error: Exception) -> None:
        """Try it again later, or give it up."""
        told = f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH_MAX]
        if is_passing(error):
            log.warning("jobs.waiting", kind=job.kind, key=job.key, reason=told)
            due_at, tries = self._clock.now() + OUTAGE, job.tries - 1
        elif job.tries >= JOB_TRIES_MAX:
            await self._give_up(job, told)
            return
        else:
            due_at, tries = self._clock.now() + patience(job.tries), job.tries
        async with self._database.write() as tx:
            await store.put_back(tx, job, due_at=due_at, tries=tries, problem=told)

    async def _give_up(self, job: Job, problem: str) -> None:
        """Keep why. What comes again and again waits for its next time."""
        log.error("jobs.given_up", kind=job.kind, key=job.key, problem=problem)
        now, period = self._clock.now(), self._period(job)
        async with self._database.write() as tx:
            if period is None:
                await store.put_back(tx, job, failed_at=now, problem=problem)
            else:
                await store.put_back(tx, job, due_at=now + period, tries=0, problem=problem)


def is_passing(error: Exception) -> bool:
    """Whether an outage is at fault and not the job."""
    is_told = isinstance(error, SyncError) and error.status in PASSING
    return is_told or is_away(error) or is_full(error)


def patience(tries: int) -> timedelta:
    """How long to wait after so many failures."""
    return min(PATIENCE * (1 << min(tries - 1, 20)), PATIENCE_MAX)
