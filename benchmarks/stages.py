"""Where the time of a push goes: the processor time of each of its steps, without HTTP.

Rule: the server's own functions, in the server's order, on a fresh copy; only the clock is ours.
Processor time of this process, so that what else the machine does counts as little as it can.
"""

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import work
from benchmarks.house import Plot, Store
from schemas.push import PushAnswer
from server.clock import SystemClock
from server.database import Database
from server.gather import gather
from server.push import apply
from server.store import grants
from sync.lines import read_push
from sync.plan import Origin
from sync.push import plan_push

STEPS = (
    "read the lines",
    "begin, scopes of the device",
    "gather: locks, records as they are",
    "plan: check, merge, encode, consequences",
    "apply: three tables, heads",
    "commit",
    "answer",
)
PUSHES = {1_000: 8, 100: 30}  # Of each batch size; the least of each step is taken.

Steps = Mapping[str, float]  # Seconds of processor time.


async def push(database: Database, yard: work.Yard, sender: work.Sender, body: bytes) -> Steps:
    """One push, as the route and `server.push` do it. Raises where an op was not applied."""
    clock, at = SystemClock(), [time.process_time()]
    header, lines = read_push(body)
    at.append(time.process_time())
    async with database.write() as tx:
        origin = await origin_of(tx, yard, sender)
        at.append(time.process_time())
        world = await gather(tx, origin, lines, epoch=work.EPOCH)
        at.append(time.process_time())
        now = clock.now()
        plan = plan_push(lines, first_n=header.first_n, origin=origin, world=world, now=now)
        at.append(time.process_time())
        await apply(tx, origin, plan, now=now)
        at.append(time.process_time())
    at.append(time.process_time())
    heads = {state.id: state.head for state in plan.states}
    answer = PushAnswer(epoch=work.EPOCH, outcomes=plan.outcomes, heads=heads, last_acked="")
    msgspec.json.encode(answer)
    at.append(time.process_time())
    if any(one.outcome != "applied" for one in plan.outcomes):
        raise RuntimeError("the work is not what it should be")
    spans = [after - before for before, after in pairwise(at)]
    return dict(zip(STEPS, spans, strict=True))


async def origin_of(tx: AsyncConnection, yard: work.Yard, sender: work.Sender) -> Origin:
    held = await grants.load_scopes(tx, device_id=sender.device, person_id=yard.person)
    return Origin("device", sender.lineage, yard.person, sender.device, frozenset(held))


async def push_all(
    url: str, yard: work.Yard, sender: work.Sender, bodies: Sequence[bytes]
) -> dict[str, float]:
    """The least seconds of each step, and of all."""
    database, found = Database(url), defaultdict[str, list[float]](list)
    for body in bodies:
        steps = await push(database, yard, sender, body)
        for step, seconds in steps.items():
            found[step].append(seconds)
        found["all"].append(sum(steps.values()))
    await database.close()
    return {step: min(seconds) for step, seconds in found.items()}


def stages(store: Store) -> dict[str, dict[str, float]]:
    """Microseconds an op of each step, by what is pushed, on one kind of database."""
    found: dict[str, dict[str, float]] = {}
    for batch, times in PUSHES.items():
        records, yard = batch * times, work.HOME
        url = store.copy(Plot(records))
        first = work.pushes(list(work.first_ops(yard, records)), batch)
        second = work.pushes(list(work.second_ops(yard, records)), batch)
        gc.collect()
        gc.freeze()  # As the server does with what it imported.
        for what, sender, bodies in (("first", yard.first, first), ("edit", yard.second, second)):
            least = asyncio.run(push_all(url, yard, sender, bodies))
            found[f"{store.name} {batch:,} {what}"] = {
                step: seconds / batch * 1e6 for step, seconds in least.items()
            }
        gc.unfreeze()
    return found


def rows_of(found: Mapping[str, Mapping[str, float]]) -> list[tuple[str, ...]]:
    """A column for each thing pushed: microseconds an op, and the share of all."""
    head = ("µs an op", *found)
    body = [
        (step, *(f"{one[step]:.0f} ({one[step] / one['all']:.0%})" for one in found.values()))
        for step in STEPS
    ]
    return [head, *body, ("all", *(f"{one['all']:.0f}" for one in found.values()))]
