"""Anybody may ask whether a report is genuine, and learns nothing of what is in it."""

import re
from collections.abc import AsyncGenerator
from hashlib import sha256
from html import unescape

import httpx
import pytest

from server.app import VERIFICATIONS_MAX
from server.auth.attempts import ADDRESS_FACTOR
from tests.integration.conftest import House
from tests.integration.office_world import World
from tests.integration.reports_world import inspect, made, reporting, visit

SECRETS = ("UPS-01", "某银行", "某行", "主机房", "梁志豪", "季度巡检")


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with reporting(house) as built:
        yield built


async def look(client: httpx.AsyncClient, name: str, language: str = "zh-CN") -> httpx.Response:
    return await client.get(f"/verify/{name}", headers={"accept-language": language})


async def test_a_report_is_genuine_until_a_newer_one_stands_in_its_place(world: World) -> None:
    id_ = await visit(world)
    await inspect(world, world.asset)
    row, file = await made(world, id_, "visit")
    stranger = world.house.client()
    digest = sha256(file).hexdigest()
    for name in (row["code"], row["code"].lower().replace("-", ""), digest, digest.upper()):
        page = await look(stranger, name)
        assert page.status_code == 200 and "真实有效" in page.text, name
        assert "Genuine" in (await look(stranger, name, "en-GB")).text
        assert not any(secret in page.text for secret in SECRETS)
    content = (await stranger.get(f"/verify/state/{digest}")).json()
    assert (content["verdict"], content["file"], content["revision"]) == ("genuine", digest, 1)
    await inspect(world, world.second_asset)
    newer, _ = await made(world, id_, "visit")
    for name in (row["code"], digest):
        page = await look(stranger, name)
        assert "真实，但已有新版本" in page.text and not any(one in page.text for one in SECRETS)
    assert "真实有效" in (await look(stranger, newer["code"])).text


async def test_an_altered_file_and_an_invented_code_are_unknown_alike(world: World) -> None:
    id_ = await visit(world)
    await inspect(world, world.asset)
    row, file = await made(world, id_, "visit")
    stranger = world.house.client()
    altered = sha256(file + b" ").hexdigest()
    wrong = row["code"][:-1] + ("0" if row["code"][-1] != "0" else "1")
    for name in (altered, wrong, "0000-0000-0000-0000", "%00", "x" * 3_000, "<b>"):
        page = await look(stranger, name)
        assert page.status_code == 200 and "查无此报告" in page.text, name
        assert "<b>" not in page.text
        state = await stranger.get(f"/verify/state/{name}")
        assert state.json() == {"verdict": "unknown"}


async def test_a_report_that_is_not_ready_is_unknown(world: World) -> None:
    id_ = await visit(world)
    await inspect(world, world.asset)
    asked = {"of": str(id_), "of_kind": "visit", "language": "en"}
    row = (await world.office.post("/office/reports", json=asked)).json()["report"]
    assert "Unknown" in (await look(world.house.client(), row["code"], "en")).text


async def test_the_page_runs_nothing_but_its_own_script(world: World) -> None:
    stranger = world.house.client()
    page = await stranger.get("/verify")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.text.count("<script") == 1 and "<style" not in page.text
    assert page.headers["x-robots-tag"] == "noindex"
    script = await stranger.get("/verify.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "crypto.subtle.digest" in script.text
    asked = await stranger.get("/verify", params={"code": "0"})
    assert asked.status_code == 200 and "查无此报告" in asked.text


async def test_who_asks_too_often_has_to_wait(world: World) -> None:
    stranger = world.house.client()
    for _ in range(VERIFICATIONS_MAX * ADDRESS_FACTOR):
        assert (await stranger.get("/verify/state/0")).status_code == 200
    refused = await stranger.get("/verify/state/0")
    assert refused.status_code == 429 and refused.json()["type"].endswith("/too-many-attempts")
    page = await look(stranger, "0")
    assert page.status_code == 429 and "查询过于频繁" in page.text


async def test_the_page_is_the_companys_and_speaks_both_languages_at_a_tap(world: World) -> None:
    id_ = await visit(world)
    await inspect(world, world.asset)
    row, _ = await made(world, id_, "visit")
    stranger = world.house.client()
    chinese = (await look(stranger, row["code"])).text
    name = world.house.settings.operator_name or world.house.settings.name
    assert f"<strong>{name}</strong>" in chinese
    (there,) = re.findall(r'href="(/verify[^"]+)"[^>]*>English<', chinese)
    english = await stranger.get(unescape(there), headers={"accept-language": "zh-CN"})
    assert 'lang="en"' in english.text and "Genuine" in english.text
    assert 'name="language" value="en"' in english.text, "the form stays in the language"
    # The browser's own button for a file speaks the browser's language.
    for page, words in ((chinese, "选择 PDF 文件"), (english.text, "Choose a PDF file")):
        assert re.findall(r'<label for="file">([^<]+)</label>', page) == [words]
    assert 'class="verdict genuine"' in english.text and "<svg" in english.text
    (back,) = re.findall(r'href="(/verify[^"]+)"[^>]*>中文<', english.text)
    assert (
        "真实有效" in (await stranger.get(unescape(back), headers={"accept-language": "en"})).text
    )
    strange = await stranger.get("/verify", params={"language": "tlh", "code": '"><b>x'})
    assert strange.status_code == 200 and "<b>" not in strange.text
