"""The server makes the rounds of plans by itself: each once, and none holds another up."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from server import rounds
from server.app import create_app
from server.audit import look
from server.pokes import Pokes
from server.push import in_turn
from server.store import records
from server.store.file_tables import jobs as job_table
from server.store.kind_tables import KIND_TABLES
from server.store.seed import Seed
from server.store.tables import lineages, ops
from sync.schedule import assignment_id
from tests.integration.conftest import House
from tests.integration.office_world import CONTRACT, PLAN, World, company, load, plan_of

ASSIGNMENT = KIND_TABLES["assignment"]
TODAY = date(2026, 11, 20)
DAYS = 14
DAILY = [TODAY + timedelta(days=n) for n in range(DAYS + 1)]


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        await plan(built)
        classify = op(built, "asset", built.asset, set={"category": "ups"})
        await edit(built, classify)
        yield built


def op(world: World, kind: str, record: UUID, **more: Any) -> dict[str, Any]:
    id_ = str(world.house.clock.new_id())
    return {"id": id_, "kind": kind, "record": str(record), "base": 2**33, **more}


async def edit(world: World, *wanted: dict[str, Any]) -> None:
    answer = await world.office.post("/office/ops", json={"ops": list(wanted)})
    assert answer.status_code == 200, answer.text


async def plan(world: World, id_: UUID = PLAN, **more: object) -> None:
    """A plan of every day at the site, if nothing else is said."""
    daily = {"title": {"zh": "日检", "en": "Daily"}, "rrule": "FREQ=DAILY", "window_days": 1}
    await load(world, plan_of(world, id_, **{**daily, **more}))


async def contract(world: World, **more: object) -> None:
    term = {"number": "C-1", "title": "维保", "starts_on": "2024-01-01", "ends_on": "2030-01-01"}
    owner = {"customer": str(world.house.clock.new_id())}
    await load(world, Seed("contract", CONTRACT, "office", {**owner, **term, **more}))


async def start(house: House) -> None:
    """What happens at the start of a server: all that comes now and again is done once."""
    await house.app.state.jobs.begin_periods()
    await house.app.state.jobs.run_due()


async def do(house: House, *, days: int = DAYS) -> None:
    """Do the job once, whether it is due or not."""
    await rounds.planning(house.database, house.clock, days, house.app.state.pokes.tell)(None)


async def make(world: World, *, days: int = DAYS) -> list[dict[str, Any]]:
    """Have the job done once; what was logged meanwhile."""
    with capture_logs() as logged:
        await do(world.house, days=days)
    return [dict(line) for line in logged]


async def made(world: World, of: UUID = PLAN) -> list[date]:
    """The occurrences of a plan that are there, the withdrawn and closed too."""
    async with world.house.database.read() as tx:
        query = select(ASSIGNMENT.c.occurrence).where(ASSIGNMENT.c.plan == of)
        return sorted(await tx.scalars(query))


async def written(world: World) -> int:
    """How many ops the server wrote as the maker of rounds."""
    async with world.house.database.read() as tx:
        server = select(lineages.c.id).where(lineages.c.origin == "server")
        query = select(ops.c.n).where(ops.c.lineage_id.in_(server), ops.c.kind == "assignment")
        return len(list(await tx.scalars(query)))


async def test_at_its_start_and_every_day_after_the_server_makes_what_is_due_soon(
    world: World,
) -> None:
    await start(world.house)
    assert await made(world) == DAILY
    first = assignment_id(PLAN, world.site, TODAY)
    shown = (await world.office.get(f"/office/assignments/{first}")).json()
    assert [one["asset"] for one in shown["targets"]] == [str(world.asset)]
    assert (shown["row"]["state"], shown["row"]["title"]["en"]) == ("planned", "Daily")
    assert "assignee" not in shown["row"]
    assert str(first) in await world.tablet.pull()
    world.house.clock.advance(timedelta(hours=23))
    await world.house.app.state.jobs.run_due()
    assert await made(world) == DAILY
    world.house.clock.advance(timedelta(hours=1))
    await world.house.app.state.jobs.run_due()
    assert await made(world) == [*DAILY, DAILY[-1] + timedelta(days=1)]
    assert (await look(world.house.database)).broken == ()


async def test_a_round_that_the_server_makes_is_like_one_that_the_office_makes(
    world: World,
) -> None:
    other = UUID(int=700)
    await plan(world, other)
    path = f"/office/plans/{other}/generate"
    answer = await world.office.post(path, json={"until": DAILY[-1].isoformat()})
    assert answer.status_code == 200, answer.text
    await make(world)
    ours, theirs = (assignment_id(one, world.site, DAILY[3]) for one in (PLAN, other))
    async with world.house.database.read() as tx:
        found = await records.load(tx, await records.locate(tx, {ours, theirs}))
    assert {**found[ours].data, "plan": str(other)} == found[theirs].data
    assert await made(world, other) == DAILY


async def test_made_twice_nothing_is_there_twice(world: World) -> None:
    await make(world)
    assert await written(world) == len(DAILY)
    await make(world)
    await world.office.post(f"/office/plans/{PLAN}/generate", json={"until": "2026-12-31"})
    assert await make(world, days=20) == []
    assert len(await made(world)) == 42
    assert await written(world) == len(DAILY)


async def test_who_hears_of_changes_hears_of_each_write_and_of_no_other(world: World) -> None:
    scope, reader = f"site:{world.site}", UUID(int=9)
    pokes: Pokes = world.house.app.state.pokes
    async with pokes.listen(reader, {scope}) as listener:
        (begun,) = await listener.news(within_seconds=1)
        await make(world)
        (poke,) = await listener.news(within_seconds=1)
        assert (poke.scope, poke.head > begun.head) == (scope, True)
        await make(world)
        assert list(await listener.news(within_seconds=0)) == []


async def test_many_rounds_are_written_a_few_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    edits_of = rounds.edits_of

    async def counted(*given: Any) -> Any:
        edits = await edits_of(*given)
        told.append(len(edits))
        return edits

    monkeypatch.setattr(rounds, "edits_of", counted)
    await make(world, days=249)
    assert told == [100, 100, 50]
    assert len(await made(world)) == 250


async def test_a_plan_that_cannot_be_kept_holds_no_other_up(world: World) -> None:
    wrong, unreadable, gone, partly = (UUID(int=n) for n in (501, 502, 503, 602))
    await plan(world, wrong, rrule="FREQ=HOURLY")
    await plan(world, unreadable, window_days=0)
    await plan(world, gone, sites=[str(UUID(int=404))])
    await plan(world, partly, sites=[str(UUID(int=404)), str(world.site)])
    logged = await make(world)
    assert [await made(world, one) for one in (wrong, unreadable, gone)] == [[], [], []]
    assert [await made(world, one) for one in (partly, PLAN)] == [DAILY, DAILY]
    told = {(line["event"], line["plan"]): line for line in logged}
    assert told.keys() == {
        ("rounds.refused", str(wrong)),
        ("rounds.failed", str(unreadable)),
        ("rounds.sites_gone", str(gone)),
        ("rounds.sites_gone", str(partly)),
    }
    assert "HOURLY" in told["rounds.refused", str(wrong)]["reason"]
    assert told["rounds.sites_gone", str(partly)]["sites"] == [str(UUID(int=404))]
    assert (await look(world.house.database)).broken == ()


async def test_a_withdrawn_site_gets_no_rounds_and_the_others_do(world: World) -> None:
    other = UUID(int=700)
    await plan(world, other, sites=[str(world.site), str(world.foreign_site)])
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as office:
        withdraw = op(world, "site", world.foreign_site, withdraw=True)
        answer = await office.post("/office/ops", json={"ops": [withdraw]})
        assert answer.status_code == 200, answer.text
    await make(world)
    assert await made(world, other) == DAILY
    # Whoever asks in the office is answered alike.
    asked = {"until": str(DAILY[-1])}
    answer = await world.office.post(f"/office/plans/{other}/generate", json=asked)
    assert answer.json() == {"existing": len(DAILY)}


async def test_a_database_that_is_away_is_the_jobs_to_wait_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "make_rounds", away)
        with pytest.raises(ConnectionRefusedError):
            await make(world)
    await make(world)
    assert await made(world) == DAILY


async def test_nothing_is_made_where_it_is_turned_off(world: World) -> None:
    house = world.house
    off = house.settings.model_copy(update={"rounds_days": 0})
    house.app = create_app(off, house.database, house.clock)
    await start(house)
    assert await made(world) == []
    async with house.database.read() as tx:
        kinds = set(await tx.scalars(select(job_table.c.kind)))
    assert rounds.KIND not in kinds
    assert kinds, "what else comes now and again does"


async def test_a_plan_ends_with_its_contract(world: World) -> None:
    await contract(world, ends_on=DAILY[2].isoformat())
    await make(world)
    assert await made(world) == DAILY[:3]
    world.house.clock.advance(timedelta(days=30))
    assert await make(world) == []
    assert await made(world) == DAILY[:3]


async def test_a_plan_that_is_paused_or_withdrawn_makes_nothing(world: World) -> None:
    await contract(world)
    await world.house.add_person("root", ("administrator", None))
    changes: tuple[tuple[str, UUID, dict[str, Any]], ...] = (
        ("plan", PLAN, {"set": {"paused": True}}),
        ("plan", PLAN, {"set": {"paused": False}, "withdraw": True}),
    )
    async with world.house.signed_in("root") as office:
        for kind, record, change in changes:
            wanted = op(world, kind, record, **change)
            answer = await office.post("/office/ops", json={"ops": [wanted]})
            assert answer.status_code == 200, answer.text
            assert await make(world) == []
            assert await made(world) == []


async def test_a_withdrawn_contract_makes_nothing(world: World) -> None:
    await contract(world)
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as office:
        wanted = op(world, "contract", CONTRACT, withdraw=True)
        answer = await office.post("/office/ops", json={"ops": [wanted]})
        assert answer.status_code == 200, answer.text
    assert await make(world) == []
    assert await made(world) == []


async def test_a_round_that_was_withdrawn_or_closed_is_not_made_again(world: World) -> None:
    await make(world)
    called_off, taken_back, done = (assignment_id(PLAN, world.site, day) for day in DAILY[:3])
    await edit(world, op(world, "assignment", called_off, set={"state": "withdrawn"}))
    await edit(world, op(world, "assignment", taken_back, withdraw=True))
    given = {"assignee": str(world.engineer), "state": "issued"}
    await edit(world, op(world, "assignment", done, set=given))
    world.assignment = done
    await world.done()
    await edit(world, op(world, "assignment", done, set={"state": "closed"}))
    before = await written(world)
    assert await make(world) == []
    assert (await written(world), await made(world)) == (before, DAILY)
    async with world.house.database.read() as tx:
        query = select(ASSIGNMENT.c.state, ASSIGNMENT.c.withdrawn).where(
            ASSIGNMENT.c.id.in_([called_off, taken_back, done])
        )
        rows = {(row.state, row.withdrawn) for row in await tx.execute(query)}  # None: planned.
    assert rows == {("withdrawn", False), (None, True), ("closed", False)}
    assert (await look(world.house.database)).broken == ()


async def test_what_somebody_makes_meanwhile_is_left_to_them(world: World) -> None:
    house = world.house
    async with house.database.read() as tx:
        its, planned = await rounds.load_due(tx, house.clock, PLAN, DAYS)
    answer = await world.office.post(
        f"/office/plans/{PLAN}/generate", json={"until": DAILY[4].isoformat()}
    )
    assert answer.status_code == 200, answer.text
    await in_turn(house.database, partial(rounds.make_in, house.clock, PLAN, its, planned))
    assert (await made(world), await written(world)) == (DAILY, len(DAILY) - 5)
    await in_turn(house.database, partial(rounds.make_in, house.clock, PLAN, its, planned))
    assert (await made(world), await written(world)) == (DAILY, len(DAILY) - 5)
    assert (await look(house.database)).broken == ()


async def test_two_servers_and_a_person_at_once_make_nothing_twice(world: World) -> None:
    path = f"/office/plans/{PLAN}/generate"
    asked = world.office.post(path, json={"until": DAILY[-1].isoformat()})
    with capture_logs() as logged:
        _, _, answer = await asyncio.gather(do(world.house), do(world.house), asked)
    assert answer.status_code in (200, 409), answer.text
    assert [line["event"] for line in logged] == ["answered"]
    assert await made(world) == DAILY
    assert (await look(world.house.database)).broken == ()
