"""A customer's report: what it says, when there is a new one, and who may have it."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from msgspec import structs
from sqlalchemy import update

from server.fonts import Fonts
from server.jobs import JOB_TRIES_MAX
from server.labels.links import link_svg
from server.reports import pdf as setting
from server.reports.facts import basis_of, same
from server.reports.layout import Issue
from server.reports.making import LOOK_AGAIN, MAKE
from server.reports.page import page_of, tone_of
from server.reports.pdf import make_pdf
from server.store.file_tables import jobs
from tests.integration.conftest import House
from tests.integration.office_world import World
from tests.integration.reports_world import (
    HOT,
    accept,
    codes_in,
    inspect,
    leave,
    listed,
    made,
    order,
    overprinted,
    picture,
    receive,
    reporting,
    run_jobs,
    take_photo,
    text_of,
    visit,
    worked_off,
)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with reporting(house) as built:
        yield built


# --- When there is one ---


async def test_an_accepted_round_and_its_visit_have_reports_in_both_languages(world: World) -> None:
    visited, *_ = await worked_off(world)
    await run_jobs(world)
    rows = await listed(world)
    assert {(one["of"], one["of_kind"], one["language"], one["state"]) for one in rows} == {
        (str(of), kind, language, "ready")
        for of, kind in ((visited, "visit"), (world.assignment, "assignment"))
        for language in ("zh-CN", "en")
    }
    assert all(one["revision"] == 1 and one["progress"] == 100 for one in rows)


async def test_nothing_is_made_before_all_of_it_is_accepted(world: World) -> None:
    id_ = await visit(world)
    first = await inspect(world, world.asset)
    second = await inspect(world, world.second_asset)
    await accept(world, first)
    await run_jobs(world)
    assert await listed(world) == []
    await accept(world, second)
    await run_jobs(world)
    assert {one["of_kind"] for one in await listed(world)} == {"assignment"}
    await leave(world, id_)
    await run_jobs(world)
    assert {one["of_kind"] for one in await listed(world)} == {"assignment", "visit"}


async def test_an_unchanged_inspection_makes_no_new_revision_and_a_changed_one_does(
    world: World,
) -> None:
    visited, *_ = await worked_off(world)
    row, before = await made(world, visited, "visit")
    again = await order(world, visited, "visit")
    assert (again["is_new"], again["report"]["id"]) == (False, row["id"])
    name = {"name": "UPS-01 新名"}
    edit = {
        "id": str(world.house.clock.new_id()),
        "kind": "asset",
        "record": str(world.asset),
        "base": 2**33,
        "set": name,
    }
    assert (await world.office.post("/office/ops", json={"ops": [edit]})).status_code == 200
    newer, after = await made(world, visited, "visit")
    assert newer["revision"] == 2 and newer.get("superseded_at") is None
    old = (await world.office.get(f"/office/reports/{row['id']}")).json()
    assert old["superseded_at"] and old["digest"] != newer["digest"]
    kept = await world.office.get(f"/office/reports/{row['id']}/file")
    assert kept.content == before and "新名" in text_of(after)
    current = await listed(world, current="true", of=str(visited), language="zh-CN")
    assert [one["revision"] for one in current] == [2]


# --- What it says ---


async def test_it_says_what_was_found_beside_limits_and_the_last_visit(world: World) -> None:
    id_ = await visit(world)
    await inspect(world, world.asset, HOT)
    await leave(world, id_)
    _, file = await made(world, id_, "visit")
    text = text_of(file)
    for said in (
        *("季度巡检", "报告", "某银行", "主机房", "梁志豪", "结论", "计划2台，已检1台。1台异常。"),
        *("风险与建议", "风扇：异响", "18–27°C", "29.4", "异常", "国标", "未检设备", "UPS-02"),
        *("盖章处", "尚未签字", "待审核1台", "第1页，共", "校验摘要", "本次无更换。"),
    ):
        assert said.replace(" ", "") in text, said
    _, english = await made(world, id_, "visit", "en")
    text = text_of(english)
    for said in ("Quarterly round: report", "1 of 2 devices inspected. 1 abnormal.", "above limit"):
        assert said.replace(" ", "") in text, said


async def test_the_last_value_is_that_of_the_accepted_inspection_before(world: World) -> None:
    _, first, _ = await worked_off(world)
    await run_jobs(world)
    facts, _ = await world.house.app.state.making.facts(world.assignment, "assignment")
    assert [one.before for one in facts.readings] == [None, None]
    assert facts.counts.planned == facts.counts.inspected == 2
    assert {one.inspection for one in facts.results} >= {first}


async def test_what_people_wrote_is_text_and_never_code(world: World) -> None:
    nasty = '#panic("x") *b* _i_ $x$ `c` ]{ \\u{41} @ref <l> // /* "'
    hot = {"fan": {"value": "fail", "note": nasty}, "temp": {"value": 20}}
    id_ = await visit(world, note=nasty)
    await inspect(world, world.asset, hot)
    _, file = await made(world, id_, "visit")
    assert text_of(file).count("".join(nasty.split())) >= 3


async def test_a_character_that_no_font_has_is_told_and_shown(world: World) -> None:
    note = "柜\ue000号 ℃ Ω ± 㐂 𠮷"
    hot = {"fan": {"value": "fail", "note": note}, "temp": {"value": 20}}
    id_ = await visit(world)
    await inspect(world, world.asset, hot)
    row, file = await made(world, id_, "visit")
    text = text_of(file)
    assert row["missing"] == "\ue000"
    assert "U+E000" in text and "柜□号" in text
    for mark in "℃Ω±㐂":
        assert mark in text


async def test_it_is_an_archive_file_and_its_code_leads_to_its_verification(world: World) -> None:
    visited, *_ = await worked_off(world)
    row, file = await made(world, visited, "visit")
    assert b"pdfaid:part" in file and b">2<" in file.split(b"pdfaid:part", 1)[1][:30]
    code = row["code"].replace("-", "")
    assert codes_in(file) == {f"{world.house.settings.origin}/verify/{code}"}
    assert code in text_of(file).replace("-", "")


async def test_the_same_facts_make_the_same_bytes(world: World, fonts: Fonts) -> None:
    visited, *_ = await worked_off(world)
    row, file = await made(world, visited, "visit")
    facts, _ = await world.house.app.state.making.facts(visited, "visit")
    qr = link_svg(f"{world.house.settings.origin}/verify/{row['code'].replace('-', '')}")
    issue = Issue(
        code=row["code"],
        url=f"{world.house.settings.origin}/verify",
        basis=basis_of(facts),
        revision=1,
        qr=qr,
    )
    again = await make_pdf(page_of(facts, "zh-CN", issue), at=facts.at, pictures={}, fonts=fonts)
    assert again.pdf == file


async def test_no_text_leaves_its_column_however_long_what_is_out_of_order_is(
    world: World, fonts: Fonts
) -> None:
    long = "SN" + "8F2K0917" * 12
    id_ = await visit(world)
    await inspect(world, world.asset, HOT)
    await leave(world, id_)
    facts, _ = await world.house.app.state.making.facts(id_, "visit")
    (result,) = facts.results
    items = tuple(structs.replace(one, shown=same(long)) for one in result.items)
    assert any(tone_of(one.verdict) for one in items)
    facts = structs.replace(facts, results=(structs.replace(result, items=items),))
    issue = Issue(
        code="0000-0000-0000-0000",
        url=f"{world.house.settings.origin}/verify",
        basis=basis_of(facts),
        revision=1,
        qr=link_svg(world.house.settings.origin),
    )
    for language in ("zh-CN", "en"):
        page = page_of(facts, language, issue)
        file = (await make_pdf(page, at=facts.at, pictures={}, fonts=fonts)).pdf
        assert text_of(file).replace("\u200b", "").count(long) >= len(items)
        assert not overprinted(file)


# --- Photos ---


async def test_a_photo_that_is_still_on_the_tablet_is_said_to_be(world: World) -> None:
    photo = picture("PSU2")
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await take_photo(world, inspection, photo, caption="铭牌")
    await leave(world, id_)
    row, file = await made(world, id_, "visit")
    assert "照片仍在平板上，尚未送达" in text_of(file)
    await receive(world, photo)
    world.house.clock.advance(LOOK_AGAIN + timedelta(minutes=1))
    await run_jobs(world)
    rows = await listed(world, of=str(id_))
    assert [(one["revision"], one["state"]) for one in rows] == [(2, "ready"), (1, "ready")]
    newer = (await world.office.get(f"/office/reports/{rows[0]['id']}/file")).content
    text = text_of(newer)
    assert "尚未送达" not in text and "铭牌" in text
    assert len(newer) > len(file) + 3_000
    assert row["id"] == rows[1]["id"]


# --- What may go wrong ---


async def test_a_failure_is_shown_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited = await visit(world)
    await inspect(world, world.asset)
    with monkeypatch.context() as patch:
        patch.setattr(setting, "REPORT_SECONDS_MAX", 0.001)
        first = (await order(world, visited, "visit"))["report"]
        await run_jobs(world)
    failed = (await world.office.get(f"/office/reports/{first['id']}")).json()
    assert (failed["state"], failed["problem"]) == ("failed", "report-too-slow")
    answer = await world.office.get(f"/office/reports/{first['id']}/file")
    assert answer.json()["type"].endswith("/report-not-ready")
    row, _ = await made(world, visited, "visit")
    assert (row["id"], row["revision"], "problem" in row) == (first["id"], 1, False)


async def test_one_whose_work_was_given_up_is_made_when_it_is_asked_for_again(
    world: World,
) -> None:
    """The server was killed at every try, so nobody could note that it failed."""
    visited = await visit(world)
    await inspect(world, world.asset)
    first = (await order(world, visited, "visit"))["report"]
    async with world.house.database.write() as tx:
        of_it = jobs.c.kind == MAKE
        await tx.execute(update(jobs).where(of_it).values(tries=JOB_TRIES_MAX))
    await run_jobs(world)
    waiting = (await world.office.get(f"/office/reports/{first['id']}")).json()
    assert waiting["state"] == "waiting"
    row, _ = await made(world, visited, "visit")
    assert (row["id"], row["revision"]) == (first["id"], 1)


async def test_who_may_not_read_the_site_finds_nothing(world: World) -> None:
    visited, *_ = await worked_off(world)
    row, _ = await made(world, visited, "visit")
    asked = {"of": str(visited), "of_kind": "visit"}
    assert (await world.stranger.get("/office/reports")).json()["total"] == 0
    for path, more in (
        (f"/office/reports/{row['id']}", {}),
        (f"/office/reports/{row['id']}/file", {}),
        ("/office/reports/subjects", asked),
        ("/office/reports/table", {**asked, "language": "en", "format": "csv"}),
    ):
        assert (await world.stranger.get(path, params=more)).status_code == 404, path
    answer = await world.stranger.post("/office/reports", json={**asked, "language": "en"})
    assert answer.status_code == 404
    assert (await world.house.client().get(f"/office/reports/{row['id']}/file")).status_code == 401


async def test_a_download_is_named_in_any_script(world: World) -> None:
    visited, *_ = await worked_off(world)
    row, _ = await made(world, visited, "visit")
    answer = await world.office.get(f"/office/reports/{row['id']}/file")
    named = answer.headers["content-disposition"]
    assert named.startswith('attachment; filename="report-')
    assert "filename*=UTF-8''%E6%9F%90%E8%A1%8C-" in named and "\n" not in named


async def test_a_round_lists_itself_and_its_visits(world: World) -> None:
    visited, *_ = await worked_off(world)
    await run_jobs(world)
    answer = await world.office.get(
        "/office/reports/subjects",
        params={"of": str(world.assignment), "of_kind": "assignment"},
    )
    subjects = answer.json()["subjects"]
    assert [(one["of"], len(one["reports"])) for one in subjects] == [
        (str(world.assignment), 2),
        (str(visited), 2),
    ]
