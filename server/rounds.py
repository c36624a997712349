"""Rounds made from plans: where somebody in the office asks, and once a day by the server itself.

Rule: the id of a round follows from plan, site and occurrence; what is there is never made again,
whatever became of it. It begins as `planned`, with nobody assigned. A plan out of which nothing can
be made is logged, and keeps no other from getting its rounds.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from functools import partial
from uuid import UUID, uuid5

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_EDIT_MAX, OPS_PER_PUSH_MAX, TARGETS_PER_ASSIGNMENT_MAX
from schemas.kinds.places import TIME_ZONE_DEFAULT, Contract
from schemas.kinds.work import Plan, Target
from schemas.office_writes import Generate, OfficeOp
from schemas.problems import FieldProblem
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.judging import zone_of
from server.office import demand_edits, refuse, write_in
from server.outages import is_away, is_full
from server.push import Busy, Restart, in_turn
from server.store import installation, office, office_plans, ops, records, scopes
from sync.access import Access
from sync.errors import InvalidOp, SyncError
from sync.record import raws
from sync.schedule import Planned, generate
from sync.scopes import site_scope

KIND = "make-rounds"
EVERY = timedelta(days=1)

Zones = Mapping[UUID, tzinfo]
Tell = Callable[[Mapping[str, int]], None]

log = structlog.get_logger()


# --- As a person asks ---


async def rounds_of(
    tx: AsyncConnection, access: Access, plan_id: UUID, asked: Generate, clock: Clock
) -> tuple[Sequence[OfficeOp], int]:
    """The edits that make a plan's missing rounds, and how many are there already. Raises."""
    found = await records.load(tx, await records.locate(tx, {plan_id}))
    record = found.get(plan_id)
    if record is None or record.kind != "plan" or record.withdrawn:
        raise NotFound
    plan = msgspec.convert(record.data, Plan)
    zones = await load_zones(tx, plan)
    sites = await office.load_sites(tx, access)
    if not zones or not sites.by_id.keys() >= zones.keys():
        raise NotFound
    planned = planned_rounds(plan_id, plan, zones, asked.until, clock)
    known = await records.locate(tx, {one.id for one in planned})
    fresh = [one for one in planned if one.id not in known]
    if len(fresh) > OPS_PER_PUSH_MAX:
        field = FieldProblem(field="until", detail=f"asks for {len(fresh)} rounds at once")
        raise InvalidOp(f"at most {OPS_PER_PUSH_MAX} rounds at once", fields=(field,))
    edits = await edits_of(tx, plan_id, plan, fresh, clock)
    await demand_edits(tx, access, edits)
    return edits, len(known)


# --- By the server itself ---


def rounds_lineage(installation_id: UUID) -> UUID:
    """The server's own lineage, under which it makes rounds."""
    return uuid5(installation_id, "rounds")


def planning(
    database: Database, clock: Clock, days: int, tell_all: Tell
) -> Callable[[object], Awaitable[None]]:
    """The handler of the job that makes rounds `days` ahead; `tell_all` pokes those who get them.

    A database that is away or full is the job's to wait for; all else is of one plan alone.
    """

    async def work(_: object) -> None:
        async with database.read() as tx:
            plans = await office_plans.load_plan_sites(tx)
        for plan_id in plans:
            try:
                await make_rounds(database, clock, plan_id, days, tell_all)
            except SyncError as error:  # Most likely its rule, which a person mends.
                told = f"{type(error).__name__}: {error}"
                log.warning("rounds.refused", plan=str(plan_id), reason=told)
            except Exception as error:
                if is_away(error) or is_full(error):
                    raise
                log.exception("rounds.failed", plan=str(plan_id), exc_info=error)

    return work


async def make_rounds(
    database: Database, clock: Clock, plan_id: UUID, days: int, tell_all: Tell
) -> int:
    """Make the rounds of a plan that begin within so many days and are not there; how many. Raises.

    What there is to make is read before anything is locked, and few are written at once: whoever
    waits for these sites meanwhile does not wait for all of them.
    """
    async with database.read() as tx:
        plan, planned = await load_due(tx, clock, plan_id, days)
        known = await records.locate(tx, {one.id for one in planned})
    fresh = [one for one in planned if one.id not in known]
    for start in range(0, len(fresh), OPS_PER_EDIT_MAX):
        some = fresh[start : start + OPS_PER_EDIT_MAX]
        try:
            heads = await in_turn(database, partial(make_in, clock, plan_id, plan, some))
        except Restart:
            raise Busy from None
        tell_all(heads)
    return len(fresh)


async def load_due(
    tx: AsyncConnection, clock: Clock, plan_id: UUID, days: int
) -> tuple[Plan, tuple[Planned, ...]]:
    """A plan, and what it asks for at the sites that are there, as long as its contract runs."""
    record = (await records.load(tx, await records.locate(tx, {plan_id})))[plan_id]
    plan = msgspec.convert(record.data, Plan)
    contract = (await records.load(tx, await records.locate(tx, {plan.contract}))).get(
        plan.contract
    )
    zones = await load_zones(tx, plan)
    if gone := sorted(str(site) for site in plan.sites if site not in zones):
        log.warning("rounds.sites_gone", plan=str(plan_id), sites=gone)
    if record.withdrawn or not zones or (contract is not None and contract.withdrawn):
        return plan, ()
    until = max(days_at(zones, clock).values()) + timedelta(days=days)
    if contract is not None:
        until = min(until, msgspec.convert(contract.data, Contract).ends_on)
    return plan, planned_rounds(plan_id, plan, zones, until, clock)


async def make_in(
    clock: Clock,
    plan_id: UUID,
    plan: Plan,
    some: Sequence[Planned],
    tx: AsyncConnection,
    needs: frozenset[str],
) -> Mapping[str, int]:
    """Make those of these rounds that nobody made meanwhile; the heads that moved. Raises.

    The sites are locked first: what is not there then comes from nobody else before `tx` ends.
    """
    made = await installation.load(tx)
    assert made is not None, "a server has one before it works"
    lineage, wanted = rounds_lineage(made.id), frozenset(site_scope(one.site) for one in some)
    await ops.begin_lineage(tx, lineage, origin="server")
    await ops.lock_lineage(tx, lineage)
    await scopes.lock(tx, wanted | needs, epoch=made.epoch)
    known = await records.locate(tx, {one.id for one in some})
    fresh = [one for one in some if one.id not in known]
    edits = await edits_of(tx, plan_id, plan, fresh, clock)
    written = await write_in(
        tx,
        clock,
        edits,
        lineage=lineage,
        by=made.id,
        scopes=wanted,
        epoch=made.epoch,
        origin="server",
        needs=needs,
    )
    refuse(written, edits, wanted)
    return {state.id: state.head for state in written.states}


# --- What a plan asks for ---


async def load_zones(tx: AsyncConnection, plan: Plan) -> Zones:
    """Of the sites of a plan those that are there, each with its time zone."""
    named = await records.load(tx, await records.locate(tx, set(plan.sites)))
    return {
        site: zone_of(str(there.data.get("time_zone") or TIME_ZONE_DEFAULT))
        for site in plan.sites
        if (there := named.get(site)) is not None and not there.withdrawn
    }


def days_at(zones: Zones, clock: Clock) -> Mapping[UUID, date]:
    """The day of today at each site."""
    now = clock.now()
    return {site: now.astimezone(zone).date() for site, zone in zones.items()}


def planned_rounds(
    plan_id: UUID, plan: Plan, zones: Zones, until: date, clock: Clock
) -> tuple[Planned, ...]:
    """The occurrences from today to a day, in the time zone of each of these sites. Raises."""
    today = days_at(zones, clock)
    found: list[Planned] = []
    for day in sorted(set(today.values())):
        of_day = {site: zone for site, zone in zones.items() if today[site] == day}
        planned = generate(plan_id, plan, zones=of_day, first=day, last=until)
        if isinstance(planned, FieldProblem):
            raise InvalidOp(planned.detail, fields=(planned,))
        found.extend(planned)
    found.sort(key=lambda one: one.occurrence)
    return tuple(found)


async def edits_of(
    tx: AsyncConnection, plan_id: UUID, plan: Plan, planned: Sequence[Planned], clock: Clock
) -> list[OfficeOp]:
    """The edits that make these rounds. They cover what stands at each site now."""
    targets = await load_targets(tx, plan, {one.site for one in planned})
    return [edit_of(one, plan_id, plan, targets[one.site], clock) for one in planned]


async def load_targets(
    tx: AsyncConnection, plan: Plan, sites: Collection[UUID]
) -> dict[UUID, tuple[Target, ...]]:
    """What the plan covers at each site now: equipment in use of its categories, by name."""
    found = await office_plans.load_coverable(tx, sites=sites, categories=plan.categories)
    return {
        site: tuple(
            Target(asset=one.id, template=template)
            for one in standing
            if (template := plan.templates.get(one.category)) is not None
        )[:TARGETS_PER_ASSIGNMENT_MAX]
        for site, standing in found.items()
    }


def edit_of(
    one: Planned, plan_id: UUID, plan: Plan, targets: tuple[Target, ...], clock: Clock
) -> OfficeOp:
    values: Mapping[str, object] = {
        "site": one.site,
        "plan": plan_id,
        "occurrence": one.occurrence,
        "title": plan.title,
        "targets": targets,
        "starts_at": one.starts_at,
        "due_at": one.due_at,
    }
    return OfficeOp(
        id=clock.new_id(),
        kind="assignment",
        record=one.id,
        new=True,
        parent=one.site,
        set=raws(values),
    )
