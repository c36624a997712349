"""Edits in the office are guarded, merged like any op, and all of a request or nothing."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from server import rounds
from server.store.seed import bind_codes
from server.store.tables import conflicts, lineages, ops
from sync.ids import tag_id
from sync.tags import make
from tests.integration.conftest import House
from tests.integration.office_world import (
    FORM,
    GOOD,
    OTHER_LINEAGE,
    PLAN,
    World,
    company,
    enrol,
    load,
    plan_of,
)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def op(world: World, kind: str, record: UUID, *, base: int = 2**33, **more: Any) -> dict[str, Any]:
    id_ = str(world.house.clock.new_id())
    return {"id": id_, "kind": kind, "record": str(record), "base": base, **more}


async def edit(world: World, *wanted: dict[str, Any]) -> httpx.Response:
    return await world.office.post("/office/ops", json={"ops": list(wanted)})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


async def count(world: World, table: Any) -> int:
    async with world.house.database.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(table)) or 0)


async def add_plan(world: World) -> UUID:
    """A plan of the first of every month."""
    await load(world, plan_of(world, rrule="FREQ=MONTHLY;BYMONTHDAY=1"))
    return PLAN


async def test_an_edit_reaches_the_tablet_and_keeps_the_count_of_its_writer(world: World) -> None:
    await world.tablet.pull()
    for position in ("B07", "B08"):
        answer = await edit(world, op(world, "asset", world.asset, set={"position": position}))
        assert answer.status_code == 200, answer.text
    assert (await world.tablet.pull())[str(world.asset)]["data"]["position"] == "B08"
    async with world.house.database.read() as tx:
        query = select(lineages.c.last_n).where(lineages.c.origin == "office")
        assert list(await tx.scalars(query)) == [2]


async def test_the_same_edit_twice_counts_once(world: World) -> None:
    wanted = op(world, "asset", world.asset, set={"position": "B07"})
    first, second = await edit(world, wanted), await edit(world, wanted)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["outcomes"][0]["version"] == second.json()["outcomes"][0]["version"]


async def test_an_edit_of_what_moved_on_shows_both_values_and_keeps_nothing(world: World) -> None:
    late = world.tablet.op("asset", world.asset, base=2**33, set={"position": "B07"})
    assert await world.tablet.push(late) == ["applied"]
    kept = await count(world, ops)
    answer = await edit(
        world,
        op(world, "asset", world.second_asset, set={"position": "C01"}),
        op(world, "asset", world.asset, base=1, set={"position": "B09"}),
    )
    assert (answer.status_code, slug(answer)) == (409, "version-moved-on")
    (difference,) = answer.json()["differences"]
    assert (difference["path"], difference["ours"], difference["theirs"]) == (
        "position",
        "B07",
        "B09",
    )
    assert (await count(world, ops), await count(world, conflicts)) == (kept, 0)
    shown = (await world.office.get(f"/office/assets/{world.second_asset}")).json()
    assert "position" not in shown["row"]


async def test_a_foreign_record_is_refused_in_the_words_of_one_that_does_not_exist(
    world: World,
) -> None:
    answers = [
        await edit(world, op(world, "asset", id_, set={"position": "B07"}))
        for id_ in (world.foreign_asset, UUID(int=404))
    ]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("inspection", {"review": None}),
        ("asset", {"last": {}}),
    ],
)
async def test_what_a_decision_writes_is_not_written_by_hand(
    world: World, kind: str, values: dict[str, Any]
) -> None:
    await world.done()
    record = world.inspection if kind == "inspection" else world.asset
    answer = await edit(world, op(world, kind, record, set=values))
    assert (answer.status_code, slug(answer)) == (422, "invalid-op")
    assert answer.json()["errors"][0]["field"] == next(iter(values))


async def test_a_step_and_free_text_are_the_engineers(world: World) -> None:
    await world.done()
    for values in ({"step": {"round": 9, "step": "submitted"}}, {"note": "x"}):
        answer = await edit(world, op(world, "inspection", world.inspection, set=values))
        assert (answer.status_code, slug(answer)) == (403, "not-permitted")


async def test_whoever_mends_an_answer_does_not_accept_it(world: World) -> None:
    await world.done()
    answer = await edit(
        world, op(world, "inspection", world.inspection, set={"answers.temp": {"value": 22}})
    )
    assert answer.status_code == 200, answer.text
    answer = await world.decide("accepted")
    assert slug(answer) == "own-inspection"


async def test_a_published_template_never_changes(world: World) -> None:
    await world.house.add_person("pm", ("project-manager", world.site))
    form = msgspec.to_builtins(FORM)
    async with world.house.signed_in("pm") as office:
        wanted = op(world, "template", world.template, set={"form": form})
        answer = await office.post("/office/ops", json={"ops": [wanted]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "form")
        made = op(
            world,
            "template",
            UUID(int=500),
            base=0,
            new=True,
            set={
                "key": "ups",
                "version_no": 2,
                "title": {"zh": "不间断电源", "en": "UPS"},
                "category": "ups",
                "form": form,
                "published_at": world.at(),
            },
        )
        answer = await office.post("/office/ops", json={"ops": [made]})
        assert answer.status_code == 200, answer.text
        # A form whose items are there twice is refused before it is published.
        made["record"], made["id"] = str(UUID(int=501)), str(UUID(int=502))
        made["set"]["form"] = {"sections": form["sections"] * 2}
        answer = await office.post("/office/ops", json={"ops": [made]})
    assert (answer.status_code, slug(answer)) == (422, "invalid-op")


async def test_a_round_given_to_a_colleague_reaches_their_tablet(world: World) -> None:
    # Granted nowhere: only the round itself puts the site on this tablet.
    colleague = await world.house.add_person("he", password=None)
    tablet = await enrol(world.house, colleague, OTHER_LINEAGE)
    assert str(world.assignment) not in await tablet.pull()
    wanted = op(world, "assignment", world.assignment, set={"assignee": str(colleague)})
    answer = await edit(world, wanted)
    assert answer.status_code == 200, answer.text
    assert str(world.assignment) in await tablet.pull()
    nobody = op(world, "assignment", world.assignment, set={"assignee": str(UUID(int=9))})
    answer = await edit(world, nobody)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "assignee")


async def test_an_engineer_plans_nothing_in_the_office(world: World) -> None:
    await world.house.add_person("zhou", ("engineer", world.site))
    async with world.house.signed_in("zhou") as office:
        wanted = op(world, "assignment", world.assignment, set={"note": "x"})
        answer = await office.post("/office/ops", json={"ops": [wanted]})
    assert (answer.status_code, slug(answer)) == (403, "not-permitted")


async def test_a_withdrawn_target_leaves_the_round(world: World) -> None:
    await world.done()
    targets = [
        {"asset": str(world.asset), "template": str(world.template)},
        {"asset": str(world.second_asset), "template": str(world.template), "withdrawn": True},
    ]
    answer = await edit(world, op(world, "assignment", world.assignment, set={"targets": targets}))
    assert answer.status_code == 200, answer.text
    detail = (await world.office.get(f"/office/assignments/{world.assignment}")).json()
    assert detail["row"]["progress"]["total"] == 1
    assert [one["tick"] for one in detail["targets"]] == ["done", "withdrawn"]


async def test_a_tag_bound_elsewhere_is_refused_without_telling_where(world: World) -> None:
    code = make(77)
    async with world.house.database.write() as tx:
        await bind_codes(tx, [(code, world.foreign_asset, f"site:{world.foreign_site}", None)])
    wanted = op(
        world,
        "tag",
        tag_id(code),
        base=0,
        new=True,
        parent=str(world.asset),
        set={"code": code, "asset": str(world.asset)},
    )
    answer = await edit(world, wanted)
    assert (answer.status_code, slug(answer)) == (409, "tag-taken")
    assert str(world.foreign_asset) not in answer.text
    assert str(world.foreign_site) not in answer.text


async def test_bad_requests_name_what_is_wrong(world: World) -> None:
    answer = await edit(world)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "ops")
    answer = await edit(world, op(world, "asset", world.asset, set={"status": "lost"}))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "status")
    answer = await edit(world, op(world, "nothing", world.asset, set={"a": 1}))
    assert answer.status_code == 403


async def test_a_write_without_the_token_of_the_session_is_refused(world: World) -> None:
    del world.office.headers["x-csrf-token"]
    answer = await edit(world, op(world, "asset", world.asset, set={"position": "B07"}))
    assert (answer.status_code, slug(answer)) == (403, "csrf-refused")


async def test_rounds_of_a_plan_are_made_once(world: World) -> None:
    plan = await add_plan(world)
    classify = op(world, "asset", world.asset, set={"category": "ups"})
    assert (await edit(world, classify)).status_code == 200
    path = f"/office/plans/{plan}/generate"
    first = await world.office.post(path, json={"until": "2027-01-31"})
    assert first.status_code == 200, first.text
    assert len(first.json()["made"]) == 2
    second = (await world.office.post(path, json={"until": "2027-01-31"})).json()
    assert second == {"existing": 2}
    made = (await world.office.get(f"/office/assignments/{first.json()['made'][0]}")).json()
    assert [one["asset"] for one in made["targets"]] == [str(world.asset)]
    assert (made["row"]["state"], made["row"]["title"]["en"]) == ("planned", "Monthly")
    assert (await world.stranger.post(path, json={"until": "2027-01-31"})).status_code == 404
    assert (await world.stranger.get("/office/plans")).json()["total"] == 0


async def test_only_rounds_that_are_not_there_count_against_the_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await add_plan(world)
    monkeypatch.setattr(rounds, "OPS_PER_PUSH_MAX", 2)
    path = f"/office/plans/{plan}/generate"
    refused = await world.office.post(path, json={"until": "2027-02-28"})
    assert refused.json()["errors"] == [{"field": "until", "detail": "asks for 3 rounds at once"}]
    for until, existing in (("2027-01-31", 0), ("2027-03-31", 2)):
        answer = await world.office.post(path, json={"until": until})
        assert answer.status_code == 200, answer.text
        assert (len(answer.json()["made"]), answer.json().get("existing", 0)) == (2, existing)


async def test_a_request_may_make_as_many_sites_as_it_has_ops(world: World) -> None:
    await world.house.add_person("root", ("administrator", None))
    summary = {"id": str(world.house.clock.new_id()), "name": "某银行", "short_name": "某行"}
    values = {"name": "支行", "city": "珠海", "customer": summary}
    sites = [world.house.clock.new_id() for _ in range(20)]
    wanted = [op(world, "site", site, new=True, set=values) for site in sites]
    async with world.house.signed_in("root") as office:
        answer = await office.post("/office/ops", json={"ops": wanted})
    assert answer.status_code == 200, answer.text
    assert {f"site:{site}" for site in sites} <= answer.json()["heads"].keys()


async def test_two_people_who_decide_at_once_are_told_apart(world: World) -> None:
    await world.done(dict(GOOD))
    await world.house.add_person("lin", ("supervisor", world.site))
    seen = (await world.detail())["seen"]
    assert (await world.decide("accepted", seen=seen)).status_code == 200
    async with world.house.signed_in("lin") as office:
        path = f"/office/inspections/{world.inspection}/decision"
        body = {"decision": "returned", "seen": seen, "remarks": [{"text": "x"}]}
        answer = await office.post(path, json=body)
    assert (answer.status_code, slug(answer)) == (409, "version-moved-on")
