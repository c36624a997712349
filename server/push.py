"""Take ops from a device or from the office: gather what they touch, plan, apply, all or nothing.

Rule: the only way in which a record is ever written (the demo's first load aside). A
transaction that met another one starts again; a batch that the database refuses is halved
until the op that it refuses stands alone, and that one is `rejected`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from msgspec import Struct
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ops import Outcome
from schemas.problems import Problem
from schemas.push import Gap
from server.clock import Clock
from server.database import Database
from server.errors import ServerError
from server.gather import gather
from server.outages import is_refusal
from server.store import conflicts, ops, records, scopes, uploads
from server.store.feed import FeedRow, write_feed
from sync.errors import InvalidOp
from sync.lines import Parsed, pinned
from sync.plan import Origin, Plan
from sync.position import Acked
from sync.push import plan_push
from sync.rewind import Rewound, is_answered_further
from sync.vouching import Wrote, vouch

ATTEMPTS_MAX = 8
# https://www.postgresql.org/docs/current/errcodes-appendix.html
SERIALIZATION_FAILURES = frozenset({"40001", "40P01", "55P03"})
# What the planner says of an op that it cannot take, and a driver that is called past SQLAlchemy.
DEFECTS = (ValueError, TypeError, AssertionError, LookupError, ArithmeticError)

# Who sends, with the scopes held at this moment: asked inside the transaction.
Resolve = Callable[[AsyncConnection], Awaitable[Origin]]

Result = TypeVar("Result")

log = structlog.get_logger()


class Busy(ServerError):
    """Others wrote the same records at every attempt; nothing was kept, sending again is safe."""

    slug = "busy"
    title = "The server could not finish this now; send it again"
    status = 503

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "2"}


class Pushed(Struct, frozen=True):
    """What became of a batch, in the order sent, and the heads that it moved."""

    outcomes: tuple[Outcome, ...]
    heads: Mapping[str, int]
    void: tuple[Gap, ...]
    last_n: int
    backed_up_to: int = 0


class Restart(Exception):
    """Another transaction was faster, or more scopes are needed; nothing was kept."""

    def __init__(self, needs: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.needs = needs


async def push(
    database: Database,
    clock: Clock,
    resolve: Resolve,
    lines: Sequence[Parsed],
    *,
    first_n: int,
    epoch: int,
    acked: Acked | None = None,
) -> Pushed:
    """Answer every line. Safe to repeat: what was answered before is answered the same.

    Raises `ClonedDevice`, `Rewound` where `acked` is more than the database knows, or `Busy`
    after too many attempts; then nothing was kept.
    """
    try:
        plan = await attempt(
            database, clock, resolve, lines, first_n=first_n, epoch=epoch, acked=acked
        )
    except Restart as restart:
        # An op that clashes at every attempt with what has long been there meets nobody.
        if isinstance(restart.__cause__, IntegrityError):
            return await halve(
                database, clock, resolve, lines, restart.__cause__, first_n=first_n, epoch=epoch
            )
        raise Busy from None
    except (*DEFECTS, StatementError) as error:
        if isinstance(error, StatementError) and not is_refusal(error):
            raise
        return await halve(database, clock, resolve, lines, error, first_n=first_n, epoch=epoch)
    heads = {state.id: state.head for state in plan.states}
    return Pushed(plan.outcomes, heads, plan.void, plan.last_n, plan.backed_up_to)


async def halve(
    database: Database,
    clock: Clock,
    resolve: Resolve,
    lines: Sequence[Parsed],
    error: Exception,
    *,
    first_n: int,
    epoch: int,
) -> Pushed:
    """Find the op that the planner or the database cannot take; it alone is `rejected`.

    A defect of ours must not wedge a device's queue: it is logged whole, and the op is kept.
    """
    if not lines:
        raise error
    if len(lines) == 1:
        log.error("op.refused", n=lines[0].n, exc_info=error)
        problem = InvalidOp("the server could not store this change; it is kept whole").problem()
        refuse = {lines[0].n: problem}
        try:
            plan = await attempt(
                database, clock, resolve, lines, first_n=first_n, epoch=epoch, refuse=refuse
            )
        except Restart:
            raise Busy from None
        heads = {state.id: state.head for state in plan.states}
        return Pushed(plan.outcomes, heads, plan.void, plan.last_n, plan.backed_up_to)
    middle = len(lines) // 2
    left = await push(database, clock, resolve, lines[:middle], first_n=first_n, epoch=epoch)
    right = await push(
        database, clock, resolve, lines[middle:], first_n=lines[middle].n, epoch=epoch
    )
    return Pushed(
        left.outcomes + right.outcomes,
        {**left.heads, **right.heads},
        left.void + right.void,
        right.last_n,
        right.backed_up_to,
    )


async def attempt(
    database: Database,
    clock: Clock,
    resolve: Resolve,
    lines: Sequence[Parsed],
    *,
    first_n: int,
    epoch: int,
    acked: Acked | None = None,
    refuse: Mapping[int, Problem] = {},
) -> Plan:
    """Plan and apply in a transaction of their own. Raises `Restart` at the last attempt."""

    async def work(tx: AsyncConnection, needs: frozenset[str]) -> Plan:
        return await plan_and_apply(
            tx,
            clock,
            resolve,
            lines,
            first_n=first_n,
            epoch=epoch,
            acked=acked,
            needs=needs,
            refuse=refuse,
        )

    return await in_turn(database, work)


async def in_turn(
    database: Database, work: Callable[[AsyncConnection, frozenset[str]], Awaitable[Result]]
) -> Result:
    """Do `work` in one transaction, begun again while others are faster; then it knows more scopes.

    Raises `Restart` at the last attempt; nothing is kept then, nor when `work` raises.
    """

    async def attempt(needs: frozenset[str]) -> Result:
        async with database.write() as tx:
            return await work(tx, needs)

    return await again(attempt)


async def again(attempt: Callable[[frozenset[str]], Awaitable[Result]]) -> Result:
    """Make an attempt, whose transaction is its own, until nobody else is faster.

    Raises `Restart` at the last one, and what else it raises.
    """
    needs: frozenset[str] = frozenset()
    met: Exception | None = None
    for _ in range(ATTEMPTS_MAX):
        try:
            return await attempt(needs)
        except Restart as restart:
            needs |= restart.needs
            met = restart
        except IntegrityError as error:
            met = error  # Somebody made the same record, scope or op since we looked.
        except (DBAPIError, OperationalError) as error:
            if getattr(error.orig, "sqlstate", None) not in SERIALIZATION_FAILURES:
                raise
            met = error
    raise Restart from met


async def plan_and_apply(
    tx: AsyncConnection,
    clock: Clock,
    resolve: Resolve,
    lines: Sequence[Parsed],
    *,
    first_n: int,
    epoch: int,
    acked: Acked | None = None,
    needs: frozenset[str] = frozenset(),
    refuse: Mapping[int, Problem] = {},
) -> Plan:
    """Gather, plan, apply inside `tx`. Raises `Restart` when `tx` must be given up."""
    origin = await resolve(tx)
    world = await gather(tx, origin, lines, epoch=epoch, needs=needs)
    if is_answered_further(acked, epoch=epoch, last_n=world.last_n):
        raise Rewound
    now = clock.now()
    plan = plan_push(lines, first_n=first_n, origin=origin, world=world, now=now, refuse=refuse)
    if plan.needs:
        raise Restart(plan.needs)
    await apply(tx, origin, plan, now=now)
    return plan


async def apply(tx: AsyncConnection, origin: Origin, plan: Plan, *, now: datetime) -> None:
    """Write a plan: records under their expected versions, feed, ops, conflicts, heads."""
    writes = [records.Write(one.record, one.expected) for one in plan.writes]
    digests = await records.save(tx, writes)
    if digests is None:
        raise Restart
    wrote = [
        Wrote(
            one.record.kind,
            one.record.id,
            one.record.version,
            one.seq,
            one.mark,
            digests[one.record.id],
        )
        for one in plan.writes
    ]
    if plan.ops:
        plan = vouch(plan, wrote)
    elif wrote:  # What was told of ops that came before.
        await ops.note(tx, origin.lineage, wrote, at=now)
    await write_feed(
        tx,
        [
            FeedRow(
                one.record.scope,
                one.record.id,
                one.seq,
                one.record.kind,
                one.record.version,
                None if one.line else "withdrawn",
                one.mark,
                one.line,
            )
            for one in plan.writes
        ]
        + [
            FeedRow(one.scope, one.record, one.seq, one.kind, one.version, one.reason, 0, None)
            for one in plan.left
        ],
    )
    await ops.save_answered(tx, origin, plan.ops, at=now)
    named = ((row.n, pinned(row.kind, row.payload)) for row in plan.ops)
    await uploads.save_pins(tx, origin.lineage, [(n, digest) for n, digest in named if digest])
    await conflicts.open_conflicts(tx, origin, plan.conflicts, at=now)
    if plan.settled or plan.decided:
        await ops.settle(tx, plan.settled)
        await conflicts.decide(tx, plan.decided, by=origin.person, at=now)
    await ops.save_claims(tx, plan.claims)
    await ops.save_void(tx, origin.lineage, plan.void, at=now)
    await scopes.store(tx, plan.states)
    await ops.save_lineage(tx, origin.lineage, last_n=plan.last_n, chain=plan.chain)
