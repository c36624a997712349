"""A result is accepted or returned over what the reviewer saw, and nobody else's business leaks."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.routes import office_review
from sync.ids import tag_id
from sync.tags import make
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, OTHER_LINEAGE, World, company, enrol


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


async def state_of(world: World) -> str:
    return str((await world.detail())["row"]["step"])


def slug(answer: Any) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_an_accepted_result_leaves_its_readings_on_every_tablet(world: World) -> None:
    await world.done({**GOOD, "hours": {"value": 1200}})
    answer = await world.decide("accepted")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["step"], answer.json()["review"]["reviewer_name"]) == ("accepted", "Chen")
    pulled = await world.tablet.pull()
    last = pulled[str(world.asset)]["data"]["last"]["ups"]
    assert last["inspection"] == str(world.inspection)
    assert last["readings"]["temp"]["value"] == 24.5
    assert last["readings"]["hours"]["value"] == 1200
    assert pulled[str(world.inspection)]["data"]["review"]["decision"] == "accepted"


async def test_a_return_reaches_the_tablet_with_its_remark_and_the_next_round(world: World) -> None:
    await world.done()
    await world.tablet.pull()
    remark = {"item": "temp", "text": "请补测，并拍照"}
    answer = await world.decide("returned", remarks=[remark])
    assert answer.status_code == 200, answer.text
    assert (answer.json()["step"], answer.json()["round"]) == ("returned", 2)
    data = (await world.tablet.pull())[str(world.inspection)]["data"]
    assert (data["step"]["round"], data["step"].get("step", "draft")) == (2, "draft")
    (said,) = data["remarks"].values()
    assert (said["item"], said["text"], said["origin"], said["round"]) == (
        "temp",
        "请补测，并拍照",
        "office",
        2,
    )


async def test_mended_work_is_accepted_in_its_second_round(world: World) -> None:
    await world.done()
    await world.decide("returned", remarks=[{"text": "再看一次"}])
    mend = world.tablet.op(
        "inspection", world.inspection, base=2**33, set={"answers.temp": {"value": 22.0}}
    )
    assert await world.tablet.push(mend, world.submit(round=2)) == ["applied", "applied"]
    answer = await world.decide("accepted")
    assert (answer.json()["step"], answer.json()["review"]["round"]) == ("accepted", 2)


async def test_a_submission_of_an_older_round_changes_nothing(world: World) -> None:
    await world.done()
    await world.decide("returned", remarks=[{"text": "再看一次"}])
    assert await world.tablet.push(world.submit(round=1)) == ["applied"]
    assert await state_of(world) == "returned"


async def test_what_was_not_submitted_is_not_decided_over(world: World) -> None:
    await world.tablet.push(world.begin(answers=dict(GOOD)))
    answer = await world.decide("accepted")
    assert (answer.status_code, slug(answer)) == (409, "not-submitted")
    answer = await world.decide("returned", remarks=[{"text": "x"}])
    assert slug(answer) == "not-submitted"


async def test_nobody_accepts_their_own_work(world: World) -> None:
    await world.done()
    own = await enrol(world.house, world.supervisor, OTHER_LINEAGE)
    edit = own.op("inspection", world.inspection, base=2**33, set={"answers.said": {"value": "好"}})
    assert await own.push(edit) == ["applied"]
    answer = await world.decide("accepted")
    assert (answer.status_code, slug(answer)) == (403, "own-inspection")
    assert "accept" not in (await world.detail())["may"]
    answer = await world.decide("returned", remarks=[{"text": "请别人来"}])
    assert answer.status_code == 200


async def test_missing_required_items_are_named(world: World) -> None:
    await world.done({"fan": {"value": "pass"}})
    answer = await world.decide("accepted")
    assert (answer.status_code, slug(answer)) == (409, "items-missing")
    assert [one["field"] for one in answer.json()["errors"]] == ["temp"]
    assert await state_of(world) == "submitted"


async def test_photos_that_have_not_arrived_need_a_reason(world: World) -> None:
    await world.tablet.push(world.begin(answers=dict(GOOD)), world.photo(), world.submit())
    detail = await world.detail()
    assert [one["waiting"] for one in detail["photos"]] == [True]
    answer = await world.decide("accepted")
    assert (answer.status_code, slug(answer)) == (409, "photos-waiting")
    answer = await world.decide("accepted", reason="平板进水，照片已丢失")
    assert answer.json()["review"]["reason"] == "平板进水，照片已丢失"


async def test_a_photo_says_by_whom_it_came_and_the_result_which_tags_its_device_bears(
    world: World,
) -> None:
    kept, retired = make(12345), make(67890)
    tags = [
        world.tablet.op(
            "tag",
            tag_id(code),
            new=True,
            parent=str(world.asset),
            set={"code": code, "asset": str(world.asset), "retired": code == retired},
        )
        for code in (kept, retired)
    ]
    begun = world.begin(answers=dict(GOOD))
    assert set(await world.tablet.push(*tags, begun, world.photo())) == {"applied"}
    detail = await world.detail()
    assert detail["codes"] == [kept]
    (photo,) = detail["photos"]
    assert (photo["person_name"], photo["device_name"]) == ("Liang", "平板 03")


async def test_a_decision_over_an_older_version_is_refused(world: World) -> None:
    await world.done()
    seen = (await world.detail())["seen"]
    late = world.tablet.op(
        "inspection", world.inspection, base=2**33, set={"answers.temp": {"value": 30}}
    )
    await world.tablet.push(late)
    answer = await world.decide("accepted", seen=seen)
    assert (answer.status_code, slug(answer)) == (409, "version-moved-on")
    assert [one["field"] for one in answer.json()["errors"]] == [f"seen.{world.inspection}"]
    assert await state_of(world) == "submitted"


async def test_a_photo_that_came_meanwhile_stops_the_decision(world: World) -> None:
    await world.done()
    seen = (await world.detail())["seen"]
    await world.tablet.push(world.photo())
    answer = await world.decide("accepted", seen=seen, reason="看过了")
    assert slug(answer) == "version-moved-on"


async def test_an_open_conflict_stops_an_acceptance(world: World) -> None:
    await world.done()
    colleague = await world.house.add_person("he", ("engineer", world.site), password=None)
    other = await enrol(world.house, colleague, OTHER_LINEAGE)
    edit = other.op("inspection", world.inspection, base=1, set={"answers.temp": {"value": 19}})
    assert await other.push(edit) == ["conflict"]
    detail = await world.detail()
    assert [one["path"] for one in detail["conflicts"]] == ["answers.temp"]
    answer = await world.decide("accepted")
    assert (answer.status_code, slug(answer)) == (409, "conflicts-open")


async def test_an_acceptance_is_undone_with_its_readings(world: World) -> None:
    await world.done()
    seen = (await world.decide("accepted")).json()["seen"]
    answer = await world.office.post(
        f"/office/inspections/{world.inspection}/undo", json={"seen": seen}
    )
    assert (answer.status_code, answer.json()["step"]) == (200, "submitted")
    data = (await world.tablet.pull())[str(world.asset)]["data"]
    assert "ups" not in data.get("last", {})
    assert (await world.decide("accepted")).status_code == 200


async def test_an_undone_return_waits_for_review_again_without_its_remarks(world: World) -> None:
    await world.done()
    answer = await world.decide("returned", remarks=[{"item": "temp", "text": "再测"}])
    path = f"/office/inspections/{world.inspection}/undo"
    answer = await world.office.post(path, json={"seen": answer.json()["seen"]})
    assert (answer.status_code, answer.json()["step"], answer.json()["round"]) == (
        200,
        "submitted",
        2,
    )
    assert "remarks" not in await world.detail()


async def test_an_undone_return_was_submitted_when_it_was_submitted(world: World) -> None:
    await world.done()
    submitted = (await world.detail())["row"]["submitted_at"]
    world.house.clock.advance(timedelta(hours=3))
    answer = await world.decide("returned", remarks=[{"text": "再测"}])
    world.house.clock.advance(timedelta(hours=1))
    path = f"/office/inspections/{world.inspection}/undo"
    answer = await world.office.post(path, json={"seen": answer.json()["seen"]})
    assert answer.status_code == 200, answer.text
    assert (await world.detail())["row"]["submitted_at"] == submitted
    page = (await world.office.get("/office/inspections?state=submitted")).json()
    assert page["oldest"] == submitted


async def test_nothing_is_undone_after_work_went_on(world: World) -> None:
    await world.done()
    path = f"/office/inspections/{world.inspection}/undo"
    seen = (await world.detail())["seen"]
    assert slug(await world.office.post(path, json={"seen": seen})) == "nothing-to-undo"
    await world.decide("returned", remarks=[{"text": "再测"}])
    await world.tablet.push(world.photo())
    seen = (await world.detail())["seen"]
    assert slug(await world.office.post(path, json={"seen": seen})) == "nothing-to-undo"


async def test_a_foreign_result_is_like_one_that_does_not_exist(world: World) -> None:
    await world.done()
    seen = (await world.detail())["seen"]
    for id_ in (world.inspection, UUID(int=99)):
        shown = await world.stranger.get(f"/office/inspections/{id_}")
        body = {"decision": "accepted", "seen": seen}
        decided = await world.stranger.post(f"/office/inspections/{id_}/decision", json=body)
        assert (shown.status_code, decided.status_code) == (404, 404)
        assert shown.json() == decided.json()
    page = (await world.stranger.get("/office/inspections")).json()
    assert (page["total"], page["rows"]) == (0, [])


async def test_a_return_without_a_remark_or_on_an_unknown_item_is_refused(world: World) -> None:
    await world.done()
    answer = await world.decide("returned")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "remarks")
    answer = await world.decide("returned", remarks=[{"item": "nothing", "text": "x"}])
    assert answer.json()["errors"][0]["field"] == "remarks[0].item"


async def test_a_result_shows_what_is_abnormal_first_and_what_was_before(world: World) -> None:
    await world.done({**GOOD, "temp": {"value": 29.4}})
    detail = await world.detail()
    assert detail["order"][0] == "temp"
    (temp,) = [one for one in detail["judged"] if one["path"] == "temp"]
    assert (temp["verdict"], temp["unit"], temp["limits"]["alarm_high"]) == ("abnormal", "°C", 27)
    assert (temp["reasons"][0]["code"], temp["reasons"][0]["limit"]) == ("above-alarm-high", 27)
    assert (detail["row"]["abnormal"], detail["may"]) == (1, ["accept", "return"])
    assert [one["device_name"] for one in detail["history"]] == ["平板 03", "平板 03"]


async def test_the_reading_before_is_that_of_the_last_accepted_inspection(world: World) -> None:
    await world.done({**GOOD, "temp": {"value": 24.1}})
    await world.decide("accepted")
    again = world.house.clock.new_id()
    begin = world.begin(answers={**GOOD, "temp": {"value": 29.4}})
    begin["record"] = str(again)
    del begin["set"]["assignment"]
    assert await world.tablet.push(begin) == ["applied"]
    detail = (await world.office.get(f"/office/inspections/{again}")).json()
    (temp,) = [one for one in detail["judged"] if one["path"] == "temp"]
    assert (temp["before"]["value"], temp["change"], detail["before_by"]) == (24.1, 5.3, "梁志豪")
    own = await world.detail()
    (temp,) = [one for one in own["judged"] if one["path"] == "temp"]
    assert "before" not in temp


async def test_the_queue_begins_with_what_is_abnormal_then_the_oldest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.done()
    for number, temperature in enumerate((22, 30, 21)):
        record = UUID(int=1000 + number)
        op = world.begin(answers={**GOOD, "temp": {"value": temperature}})
        op["record"] = str(record)
        del op["set"]["assignment"]
        op["set"]["step"] = {"step": "submitted", "at": f"2026-11-19T0{number}:00:00Z"}
        assert await world.tablet.push(op) == ["applied"]
    page = (await world.office.get("/office/inspections?state=submitted")).json()
    assert [one["id"] for one in page["rows"]] == [
        str(UUID(int=1001)),
        str(UUID(int=1000)),
        str(UUID(int=1002)),
        str(world.inspection),
    ]
    assert (page["total"], page["oldest"]) == (4, "2026-11-19T00:00:00Z")
    second = (await world.office.get("/office/inspections?state=submitted&limit=1&offset=1")).json()
    assert [one["id"] for one in second["rows"]] == [str(UUID(int=1000))]
    # Of a queue that is longer than what is looked through, the rest comes behind, by age.
    monkeypatch.setattr(office_review, "QUEUE_ROWS_MAX", 2)
    for limit in (1, 3, 4):
        found = []
        for offset in range(0, 5, limit):
            asked = {"state": "submitted", "limit": limit, "offset": offset}
            part = (await world.office.get("/office/inspections", params=asked)).json()
            found += part["rows"]
        assert [one["id"] for one in found] == [one["id"] for one in page["rows"]], limit
