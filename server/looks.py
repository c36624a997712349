"""The look at all chains as a job: asked for by a person, and once a day by itself.

Rule: a look changes nothing of what it looks at; what it found is kept whole before it counts.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from server.audit import OnProgress, look
from server.clock import Clock
from server.database import Database
from server.jobs import Jobs
from server.store import looks as store
from server.store.jobs import Job
from server.store.looks import KeptLook
from sync.audit import Broken

KIND = "look-at-chains"
ASKED = "asked"  # Key of the job that a person asked for; the daily one has none.
EVERY = timedelta(days=1)


class Asking(Struct, frozen=True):
    """The payload: who asked."""

    by: UUID | None = None


class Looks:
    """The handler of the job."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        asked_by, id_ = job.read(Asking).by, self._clock.new_id()
        begun_at = self._clock.now()
        async with self._database.write() as tx:
            await store.begin(tx, id_, asked_by=asked_by, at=begun_at)
        try:
            found = await look(self._database, told=self._teller(id_))
        except Exception:
            async with self._database.write() as tx:
                await store.forget(tx, id_)
            raise
        ended = KeptLook(
            id=id_,
            asked_by=asked_by,
            begun_at=begun_at,
            ended_at=self._clock.now(),
            ahead=found.ops,
            ops=found.ops,
            writers=found.writers,
            roots=found.roots,
            witnesses=found.witnesses,
            forgotten=found.forgotten,
            seals=found.seals.total,
            seals_broken=found.seals.worth["broken"],
            seals_unrecorded=found.seals.unrecorded,
            broken=len(found.broken),
            places=tuple(ordered(found.broken)),
        )
        async with self._database.write() as tx:
            await store.end(tx, ended)

    def _teller(self, id_: UUID) -> OnProgress:
        async def told(done: int) -> None:
            async with self._database.write() as tx:
                await store.save_progress(tx, id_, done=done)

        return told


def ordered(broken: Iterable[Broken]) -> list[Broken]:
    """What was altered first; that roots name such a chain follows from it."""
    return sorted(broken, key=lambda one: one.fault in ("rewritten", "root"))


async def ask(tx: AsyncConnection, jobs: Jobs, *, by: UUID) -> None:
    """Have it looked; while a look that was asked for is not done, that one will do."""
    asked = await store.load_asked(tx, KIND, ASKED)
    if asked is None or asked.is_given_up:
        await jobs.add(tx, KIND, ASKED, Asking(by))
