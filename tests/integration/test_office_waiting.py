"""What waits for the office is shown with both values, decided once, and told to its sender."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import grants
from server.store.seed import Seed, bind_codes, seed
from server.store.tables import conflicts
from sync.ids import tag_id
from sync.tags import make
from tests.integration.conftest import House
from tests.integration.office_world import (
    GOOD,
    OTHER_LINEAGE,
    SERVER,
    Tablet,
    World,
    company,
    enrol,
)

WRONG = {"template": "no id"}


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


async def colleague(world: World) -> Tablet:
    person = await world.house.add_person("zhou", ("engineer", world.site), password=None)
    return await enrol(world.house, person, OTHER_LINEAGE)


def answer(tablet: Tablet, world: World, value: float, *, base: int = 0) -> dict[str, Any]:
    values = {"answers.temp": {"value": value}}
    return tablet.op("inspection", world.inspection, base=base, set=values)


async def waiting(world: World, **asked: Any) -> dict[str, Any]:
    answered = await world.office.get("/office/waiting", params=asked)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def one(world: World, op: str) -> dict[str, Any]:
    answered = await world.office.get(f"/office/waiting/{op}")
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def decide(world: World, op: str, **wish: Any) -> httpx.Response:
    seen = wish.pop("seen", None)
    if seen is None:
        seen = (await one(world, op)).get("seen", {})
    return await world.office.post(f"/office/waiting/{op}/decide", json={"seen": seen, **wish})


def slug(answered: httpx.Response) -> str:
    return str(answered.json()["type"]).removeprefix("/problems/")


async def told(tablet: Tablet, op: str) -> dict[str, Any]:
    """What the tablet holds of the change, after a pull from zero."""
    tablet.token = None
    for record in (await tablet.pull()).values():
        if record["kind"] == "disposition" and record["data"]["op"] == op:
            data: dict[str, Any] = record["data"]
            return data
    raise AssertionError("was told nothing")


async def disputed(world: World) -> tuple[Tablet, dict[str, Any]]:
    """Two engineers measured the same: 24.5 stands, the colleague read 26."""
    await world.done()
    other = await colleague(world)
    late = answer(other, world, 26, base=1)
    assert await other.push(late) == ["conflict"]
    return other, late


async def test_a_conflict_is_listed_with_both_values_and_who_wrote_them(world: World) -> None:
    _, late = await disputed(world)
    page = await waiting(world)
    assert page["total"] == 1
    assert page["kinds"] == {"conflict": 1, "review": 0, "rejected": 0, "held": 0}
    assert [(site["site"], site["count"]) for site in page["sites"]] == [(str(world.site), 1)]
    (row,) = page["rows"]
    assert (row["op"], row["kind"], row["reason"]) == (late["id"], "conflict", "conflict")
    assert (row["title"], row["person_name"], row["device_name"]) == ("UPS-01", "Zhou", "平板 03")
    detail = await one(world, str(late["id"]))
    assert detail["may"] == ["decide"]
    assert detail["inspection"] == str(world.inspection)
    (field,) = detail["fields"]
    assert field["path"] == "answers.temp"
    assert (field["ours"], field["theirs"]) == ({"value": 24.5}, {"value": 26})
    assert field["item"]["title"]["en"] == "Temperature"
    assert (field["ours_by"]["person_name"], field["ours_by"].get("is_office")) == ("Liang", None)
    assert (await world.detail())["conflicts"][0]["op"] == late["id"]
    assert (await world.office.get("/office/today")).json()["waiting"] == 1


async def test_a_row_is_called_by_the_question_that_it_answers_in_both_languages(
    world: World,
) -> None:
    other, _ = await disputed(world)
    cell = {"c1": {"group": "cells", "name": "一号", "answers": {"volt": {"value": 2.1}}}}
    made = other.op("inspection", world.inspection, base=1, add={"elements": cell})
    assert await other.push(made) == ["applied"]
    fan, volt = {"value": "fail", "severity": "major"}, {"value": 1.9}
    late = {"answers.fan": fan, "elements.c1.answers.volt": volt}
    third = await enrol(
        world.house,
        await world.house.add_person("he", ("engineer", world.site), password=None),
        UUID(int=0x3AD),
    )
    await third.push(third.op("inspection", world.inspection, base=1, set=late))
    rows = (await waiting(world))["rows"]
    said = [[(item["title"], item.get("element", "")) for item in row["items"]] for row in rows]
    assert said == [
        [({"zh": "温度", "en": "Temperature"}, "")],
        [({"zh": "风扇", "en": "Fan"}, ""), ({"zh": "电压", "en": "Voltage"}, "一号")],
    ]
    assert (await one(world, rows[1]["op"]))["row"]["items"] == rows[1]["items"]


@pytest.mark.parametrize(
    ("taken", "stands", "decision"),
    [
        ({"take": "ours"}, 24.5, "ours"),
        ({"take": "theirs"}, 26, "theirs"),
        ({"take": "value", "value": {"value": 25}}, 25, "other"),
    ],
)
async def test_a_conflict_is_decided_once_and_the_loser_is_told(
    world: World, taken: dict[str, Any], stands: float, decision: str
) -> None:
    other, late = await disputed(world)
    op = str(late["id"])
    (field,) = (await one(world, op))["fields"]
    wish = {"conflicts": [{"id": field["conflict"], **taken}], "words": "以铭牌为准"}
    answered = await decide(world, op, **wish)
    assert answered.status_code == 200, answered.text
    assert answered.json() == {"op": op}
    settled = (await told(other, op))["settled"]
    assert (settled["how"], settled["by_name"], settled["words"]) == (
        "decided",
        "Chen",
        "以铭牌为准",
    )
    world.tablet.token = None
    pulled = await world.tablet.pull()
    assert pulled[str(world.inspection)]["data"]["answers"]["temp"]["value"] == stands
    async with world.house.database.read() as tx:
        assert list(await tx.scalars(select(conflicts.c.decision))) == [decision]
    assert (await waiting(world))["total"] == 0
    assert (await decide(world, op, seen={}, **wish)).status_code == 404
    # Who only chose between two values measured nothing; who gave a third one did.
    accepted = await world.decide("accepted")
    assert accepted.status_code == (403 if decision == "other" else 200), accepted.text


async def test_nothing_is_decided_over_a_value_that_moved_on(world: World) -> None:
    _, late = await disputed(world)
    op = str(late["id"])
    detail = await one(world, op)
    (field,) = detail["fields"]
    assert await world.tablet.push(answer(world.tablet, world, 23, base=2**33)) == ["applied"]
    for take in ("ours", "theirs"):
        wish = {"conflicts": [{"id": field["conflict"], "take": take}]}
        answered = await decide(world, op, seen=detail["seen"], **wish)
        assert (answered.status_code, slug(answered)) == (409, "version-moved-on")
        (difference,) = answered.json()["differences"]
        assert difference["path"] == "answers.temp"
        assert (difference["ours"], difference["theirs"]) == ({"value": 23}, {"value": 26})
    assert (await waiting(world))["total"] == 1


async def test_several_conflicts_of_one_change_are_decided_one_by_one(world: World) -> None:
    await world.done({**GOOD, "hours": {"value": 10}})
    other = await colleague(world)
    values = {"answers.temp": {"value": 26}, "answers.hours": {"value": 12}}
    late = other.op("inspection", world.inspection, base=1, set=values)
    assert await other.push(late) == ["conflict"]
    op = str(late["id"])
    by_path = {field["path"]: field["conflict"] for field in (await one(world, op))["fields"]}
    first = {"id": by_path["answers.hours"], "take": "theirs"}
    answered = await decide(world, op, conflicts=[first])
    assert answered.json() == {"op": op, "left": 1}
    assert "settled" not in await told(other, op)
    answered = await decide(world, op, conflicts=[{"id": by_path["answers.temp"], "take": "ours"}])
    assert answered.json() == {"op": op}
    assert (await told(other, op))["settled"]["how"] == "decided"
    answers = (await world.detail())["answers"]
    assert (answers["hours"]["value"], answers["temp"]["value"]) == (12, 24.5)


async def test_an_engineer_sees_what_waits_and_decides_nothing(world: World) -> None:
    _, late = await disputed(world)
    await world.house.add_person("he", ("engineer", world.site))
    async with world.house.signed_in("he") as office:
        detail = (await office.get(f"/office/waiting/{late['id']}")).json()
        assert "may" not in detail
        wish = {"seen": detail["seen"], "conflicts": []}
        wish["conflicts"] = [{"id": detail["fields"][0]["conflict"], "take": "theirs"}]
        answered = await office.post(f"/office/waiting/{late['id']}/decide", json=wish)
        assert (answered.status_code, slug(answered)) == (403, "not-permitted")


async def test_who_reads_another_site_sees_nothing_of_it(world: World) -> None:
    _, late = await disputed(world)
    assert (await world.stranger.get("/office/waiting")).json()["total"] == 0
    assert (await world.stranger.get(f"/office/waiting/{late['id']}")).status_code == 404
    answered = await world.stranger.post(
        f"/office/waiting/{late['id']}/decide", json={"discard": True, "words": "x"}
    )
    assert answered.status_code == 404


# --- Changes that were not applied ---


async def test_a_rejected_change_is_mended_and_what_waited_behind_it_runs(world: World) -> None:
    bad = world.begin(answers={"fan": {"value": "pass"}})
    bad["set"] |= WRONG
    behind = answer(world.tablet, world, 25)
    assert await world.tablet.push(bad, behind) == ["rejected", "held"]
    page = await waiting(world)
    assert {row["kind"]: row.get("behind", 0) for row in page["rows"]} == {"rejected": 1, "held": 0}
    assert {row["site"] for row in page["rows"]} == {str(world.site)}
    # The inspection is not there yet: what waits for it has its name from what would make it.
    assert {row["kind"]: row["title"] for row in page["rows"]} == {
        "rejected": "UPS-01",
        "held": "UPS-01",
    }
    detail = await one(world, str(bad["id"]))
    assert detail["problem"]["errors"][0]["field"] == "template"
    assert [row["op"] for row in detail["behind"]] == [behind["id"]]
    assert detail["may"] == ["apply", "discard"]
    held = await one(world, str(behind["id"]))
    assert (held["obstacle"], held["cause"], held["may"]) == ("held", bad["id"], ["discard"])

    answered = await decide(world, str(bad["id"]), apply=True)
    assert (answered.status_code, slug(answered)) == (422, "invalid-op")
    answered = await decide(
        world, str(bad["id"]), apply=True, values={"template": str(world.template)}
    )
    assert answered.status_code == 200, answered.text
    assert (await world.detail())["answers"]["temp"]["value"] == 25
    assert (await told(world.tablet, str(bad["id"])))["settled"]["how"] == "replaced"
    assert (await told(world.tablet, str(behind["id"])))["settled"]["how"] == "applied"
    assert (await waiting(world))["total"] == 0


async def test_a_beginning_that_its_engineer_gave_up_is_told_on_its_round_until_it_is_begun_again(
    world: World,
) -> None:
    async def target() -> dict[str, Any]:
        shown = (await world.office.get(f"/office/assignments/{world.assignment}")).json()
        assert "assign" in shown["may"]
        return next(one for one in shown["targets"] if one["asset"] == str(world.asset))

    bad = world.begin()
    bad["set"] |= WRONG
    assert await world.tablet.push(bad) == ["rejected"]
    assert "discarded" not in await target()
    up = world.tablet.op("inspection", world.inspection, replaces=bad["id"], words="机房进不去")
    assert await world.tablet.push(up) == ["applied"]
    told_ = (await target())["discarded"]
    assert (told_["how"], told_["by_name"], told_["words"]) == ("discarded", "Liang", "机房进不去")
    answered = await world.office.get(f"/office/assignments/{world.assignment}")
    others = [one for one in answered.json()["targets"] if one["asset"] != str(world.asset)]
    assert all("discarded" not in one for one in others)
    assert await world.tablet.push(world.begin()) == ["applied"]
    begun = await target()
    assert (begun["step"], "discarded" in begun) == ("draft", False)


async def test_to_let_a_change_go_needs_words_and_tells_them(world: World) -> None:
    bad = world.begin()
    bad["set"] |= WRONG
    assert await world.tablet.push(bad) == ["rejected"]
    answered = await decide(world, str(bad["id"]), discard=True, words=" ")
    assert (answered.status_code, answered.json()["errors"][0]["field"]) == (422, "words")
    answered = await decide(world, str(bad["id"]), discard=True, words="扫错了设备")
    assert answered.status_code == 200, answered.text
    settled = (await told(world.tablet, str(bad["id"])))["settled"]
    assert (settled["how"], settled["words"]) == ("discarded", "扫错了设备")


@pytest.mark.parametrize(
    "wish", [{}, {"apply": True, "discard": True, "words": "x"}, {"apply": 1}, {"values": {"": 1}}]
)
async def test_a_decision_is_one_thing(world: World, wish: dict[str, Any]) -> None:
    bad = world.begin()
    bad["set"] |= WRONG
    await world.tablet.push(bad)
    answered = await decide(world, str(bad["id"]), **wish)
    assert answered.status_code in (400, 422), answered.text
    assert (await waiting(world))["total"] == 1


async def test_a_late_change_goes_into_accepted_work_with_a_reason_and_is_marked(
    world: World,
) -> None:
    await world.done()
    assert (await world.decide("accepted")).status_code == 200
    late = answer(world.tablet, world, 26, base=2**33)
    assert await world.tablet.push(late) == ["review"]
    op = str(late["id"])
    detail = await one(world, op)
    assert (detail["row"]["reason"], detail["needs_words"]) == ("accepted", True)
    answered = await decide(world, op, apply=True)
    assert (answered.status_code, answered.json()["errors"][0]["field"]) == (422, "words")
    answered = await decide(world, op, apply=True, words="复测后更正")
    assert answered.status_code == 200, answered.text
    shown = await world.detail()
    assert (shown["row"]["step"], shown["answers"]["temp"]["value"]) == ("accepted", 26)
    (mark,) = [row for row in shown["history"] if row.get("is_late")]
    assert (mark["words"], mark["person_name"]) == ("复测后更正", "Chen")
    pulled = await world.tablet.pull()
    assert pulled[str(world.asset)]["data"]["last"]["ups"]["readings"]["temp"]["value"] == 26


async def test_nobody_lets_a_late_change_into_accepted_work_of_their_own(world: World) -> None:
    own = await enrol(world.house, world.supervisor, OTHER_LINEAGE)
    begun = world.begin(own, answers=dict(GOOD))
    assert await own.push(begun, world.submit(tablet=own)) == ["applied", "applied"]
    await world.house.add_person("pm", ("project-manager", world.site))
    async with world.house.signed_in("pm") as office:
        shown = (await office.get(f"/office/inspections/{world.inspection}")).json()
        answered = await office.post(
            f"/office/inspections/{world.inspection}/decision",
            json={"decision": "accepted", "seen": shown["seen"]},
        )
        assert answered.status_code == 200, answered.text
    late = answer(own, world, 26, base=2**33)
    assert await own.push(late) == ["review"]
    assert (await one(world, str(late["id"])))["may"] == ["discard"]
    answered = await decide(world, str(late["id"]), apply=True, words="x")
    assert (answered.status_code, slug(answered)) == (403, "own-inspection")


async def test_foreign_and_unknown_records_are_told_alike_to_the_senders_office(
    world: World,
) -> None:
    foreign = world.tablet.op("asset", world.foreign_asset, base=2**33, set={"position": "B9"})
    unknown = world.tablet.op("asset", UUID(int=404), base=2**33, set={"position": "B9"})
    assert await world.tablet.push(foreign, unknown) == ["review", "review"]
    details = [await one(world, str(op["id"])) for op in (foreign, unknown)]
    for detail in details:
        assert detail["obstacle"] == "unknown"
        assert detail["may"] == ["discard"]
        for varying in ("op", "made_at"):
            detail["row"].pop(varying)
    assert details[0] == details[1]
    # The foreign site's own office sees what it is about; who is granted nowhere near, nothing.
    shown = (await world.stranger.get("/office/waiting")).json()
    assert [(row["op"], row["title"]) for row in shown["rows"]] == [(foreign["id"], "别家")]
    for op in (foreign, unknown):
        answered = await decide(world, str(op["id"]), discard=True, words="不是我们的设备")
        assert answered.status_code == 200, answered.text
    assert (await waiting(world))["total"] == 0


async def test_work_that_comes_after_its_writer_lost_the_site_is_applied_by_its_office(
    world: World,
) -> None:
    await world.tablet.push(world.begin(answers=dict(GOOD)))
    async with world.house.database.write() as tx:
        held = grants.c.person_id == world.engineer
        await tx.execute(update(grants).where(held), {"revoked_at": world.house.clock.now()})
        await tx.execute(update(KIND_TABLES["assignment"]).values(assignee=None))
    late = answer(world.tablet, world, 27, base=2**33)
    made = world.begin(asset=world.second_asset, answers=dict(GOOD))
    assert await world.tablet.push(late, made) == ["review", "review"]
    rows = (await waiting(world))["rows"]
    assert [(row["reason"], row["title"]) for row in rows] == [
        ("not-held", "UPS-01"),
        ("not-held", "UPS-02"),
    ]
    for op in (late, made):
        answered = await decide(world, str(op["id"]), apply=True)
        assert answered.status_code == 200, answered.text
    assert (await world.detail())["answers"]["temp"]["value"] == 27


async def test_a_line_that_could_not_be_read_is_shown_and_can_only_be_let_go(
    world: World,
) -> None:
    broken = {**world.begin(), "id": "no id"}
    assert await world.tablet.push(broken) == ["rejected"]
    (row,) = (await waiting(world))["rows"]
    detail = await one(world, row["op"])
    assert (detail["obstacle"], detail["may"]) == ("unread", ["discard"])
    assert detail["problem"]["errors"]
    answered = await decide(world, row["op"], discard=True, words="平板已报废")
    assert answered.status_code == 200, answered.text
    settled = (await told(world.tablet, row["op"]))["settled"]
    assert (settled["how"], settled["words"]) == ("discarded", "平板已报废")
    assert (await waiting(world))["total"] == 0


async def test_a_tag_of_another_site_is_let_stand_without_telling_where_it_is(
    world: World,
) -> None:
    code, there = make(12345), f"site:{world.foreign_site}"
    bound = {"code": code, "asset": str(world.foreign_asset)}
    async with world.house.database.write() as tx:
        await bind_codes(tx, [(code, world.foreign_asset, there, None)])
        await seed(tx, [Seed("tag", tag_id(code), there, bound)], epoch=1, lineage=SERVER)
    values = {"code": code, "asset": str(world.asset)}
    bind = world.tablet.op("tag", tag_id(code), new=True, parent=str(world.asset), set=values)
    assert await world.tablet.push(bind) == ["conflict"]
    detail = await one(world, str(bind["id"]))
    assert (detail["row"]["reason"], detail["may"]) == ("tag-elsewhere", ["discard"])
    assert str(world.foreign_asset) not in str(detail)
    assert str(world.foreign_site) not in str(detail)
    answered = await decide(world, str(bind["id"]), discard=True, words="换一张标签")
    assert answered.status_code == 200, answered.text
    assert (await told(world.tablet, str(bind["id"])))["settled"]["how"] == "decided"


async def test_a_mend_goes_through_what_waits_alone(world: World) -> None:
    _, late = await disputed(world)
    op = {
        "id": str(world.house.clock.new_id()),
        "kind": "inspection",
        "record": str(world.inspection),
        "replaces": late["id"],
    }
    answered = await world.office.post("/office/ops", json={"ops": [op]})
    assert (answered.status_code, answered.json()["errors"][0]["field"]) == (422, "replaces")
