"""A customer who was absent signs later, by a link; who has none is told nothing at all."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from schemas.base import Language
from schemas.kinds.evidence import TYPED_MARK
from server.revocations import Revocations, apply_again
from server.statement import TYPED
from server.store.proof_tables import links
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company

VISIT = UUID(int=0xF1)
GONE = {
    "type": "/problems/sign-link-gone",
    "title": "This link does not work, or not any more",
    "status": 404,
}
STROKES = "M100,100L200,150"
BAD = {**GOOD, "temp": {"value": 29.4}}


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def begin_visit(world: World) -> dict[str, Any]:
    values = {
        "site": str(world.site),
        "assignment": str(world.assignment),
        "engineer": str(world.engineer),
        "engineer_name": "梁志豪",
        "started_at": world.at(),
    }
    list_ = {"problems": {str(UUID(int=0xB1)): {"text": "空调偶有异响"}}}
    return world.tablet.op("visit", VISIT, new=True, parent=str(world.site), set=values, add=list_)


def found(world: World) -> dict[str, Any]:
    """A finding, as the app makes one of every abnormal answer."""
    values = {
        "asset": str(world.asset),
        "inspection": str(world.inspection),
        "item": "temp",
        "severity": "major",
        "text": "温度 29.4 °C，高于上限 27 °C",
        "found_at": world.at(),
    }
    record = world.house.clock.new_id()
    return world.tablet.op("finding", record, new=True, parent=str(world.asset), set=values)


def absent(world: World) -> dict[str, Any]:
    text = '{"inspections":[],"of":"' + str(VISIT) + '"}'
    values = {
        "of": str(VISIT),
        "of_kind": "visit",
        "role": "contact",
        "absent_reason": "出差",
        "document": text,
        "digest": sha256(text.encode()).hexdigest(),
        "signed_at": world.at(),
    }
    return world.tablet.op("signature", UUID(int=0x51), new=True, parent=str(VISIT), set=values)


async def visited(world: World) -> None:
    """One of two devices inspected and out of order; nobody was there to sign."""
    ops = (
        begin_visit(world),
        world.begin(answers=dict(BAD)),
        found(world),
        world.submit(),
        absent(world),
    )
    assert set(await world.tablet.push(*ops)) == {"applied"}


async def ask(client: httpx.AsyncClient, path: str = f"/office/visits/{VISIT}/links") -> str:
    """Make a link; its secret."""
    answer = await client.post(path)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["link"]).partition("/sign#")[2]


async def look(world: World, secret: str, language: str = "zh-CN") -> httpx.Response:
    async with world.house.client() as phone:
        return await phone.post("/sign/look", json={"secret": secret, "language": language})


async def give(world: World, secret: str, content: str, **more: Any) -> httpx.Response:
    body = {"secret": secret, "content": content, "name": "黄国强", "title": "主任"}
    async with world.house.client() as phone:
        return await phone.post("/sign/give", json={**body, "strokes": STROKES, **more})


async def shown(world: World) -> dict[str, Any]:
    answer = await world.office.get(f"/office/visits/{VISIT}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_is_to_be_signed_is_shown_first_in_words(world: World) -> None:
    await visited(world)
    answer = await look(world, await ask(world.office))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["statement"][0] == "2026年11月20日，梁志豪在主机房巡检设备 1 台，计划 2 台。"
    assert told["counts"] == {"inspected": 1, "abnormal": 1, "not_inspected": 1}
    assert told["abnormal"] == [
        {"asset": "UPS-01", "severity": "major", "text": "温度 29.4 °C，高于上限 27 °C"}
    ]
    assert told["not_inspected"] == ["UPS-02"]
    assert told["problems"] == ["空调偶有异响"]
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    english = (await look(world, await ask(world.office), "en")).json()
    assert english["statement"][0] == (
        "20\u00a0Nov 2026: 梁志豪 inspected 1 of 2 devices at 主机房."
    )


async def test_a_signature_by_a_link_stands_in_place_of_the_absence_which_is_kept(
    world: World,
) -> None:
    await visited(world)
    secret = await ask(world.office)
    world.house.clock.advance(timedelta(seconds=60))
    content = (await look(world, secret)).json()["content"]
    answer = await give(world, secret, content)
    assert answer.status_code == 200, answer.text
    before, now = (await shown(world))["signatures"]
    assert (before["absent_reason"], before["superseded"]) == ("出差", True)
    assert (now["name"], now["title"], now["strokes"]) == ("黄国强", "主任", STROKES)
    assert (now["seal"], now.get("superseded", False)) == ("by-link", False)
    assert now["digest"] == answer.json()["digest"]
    whole = (await world.office.get(f"/office/signatures/{now['id']}")).json()
    assert sha256(whole["document"].encode()).hexdigest() == now["digest"]
    signer = json.loads(whole["document"])["signer"]
    assert signer == {"role": "contact", "name": "黄国强", "title": "主任", "absent_reason": ""}
    assert whole["covered"][0]["was"]["answers"] == BAD
    # The tablet on site holds it like any other record.
    held = await world.tablet.pull()
    assert held[now["id"]]["data"]["strokes"] == STROKES


async def test_used_expired_withdrawn_and_forged_links_are_answered_alike(world: World) -> None:
    await visited(world)
    used = await ask(world.office)
    content = (await look(world, used)).json()["content"]
    assert (await give(world, used, content)).status_code == 200
    replaced, withdrawn = await ask(world.office), await ask(world.office)
    (open_one,) = [one for one in (await shown(world))["links"] if one["state"] == "open"]
    path = f"/office/sign-links/{open_one['id']}/withdraw"
    assert (await world.office.post(path)).status_code == 204
    assert (await world.office.post(path)).status_code == 204
    expired = await ask(world.office)
    async with world.house.database.write() as tx:
        late = {"expires_at": world.house.clock.now() - timedelta(seconds=1)}
        await tx.execute(update(links).where(links.c.used_at.is_(None)).values(late))
    for secret in (used, replaced, withdrawn, expired, "x" * 43, "非链接"):
        for answer in (await look(world, secret), await give(world, secret, content)):
            assert (answer.status_code, answer.json()) == (404, GONE)
    states = [one["state"] for one in (await shown(world))["links"]]
    assert sorted(states) == ["expired", "used", "withdrawn", "withdrawn"]


async def test_of_two_who_send_one_link_at_once_one_signs(world: World) -> None:
    await visited(world)
    secret = await ask(world.office)
    content = (await look(world, secret)).json()["content"]
    answers = await asyncio.gather(*(give(world, secret, content) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 404, 404]
    assert len((await shown(world))["signatures"]) == 2


async def test_what_changed_while_somebody_read_is_shown_again_and_the_link_still_works(
    world: World,
) -> None:
    await visited(world)
    secret = await ask(world.office)
    content = (await look(world, secret)).json()["content"]
    change = {"answers.temp": {"value": 22}}
    op = world.tablet.op("inspection", world.inspection, base=2**33, set=change)
    assert await world.tablet.push(op) == ["applied"]
    answer = await give(world, secret, content)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/sign-moved-on")
    again = (await look(world, secret)).json()
    assert again["counts"]["normal"] == 1
    assert (await give(world, secret, again["content"])).status_code == 200


async def test_a_finding_that_changed_while_somebody_read_is_shown_again_and_covered(
    world: World,
) -> None:
    await visited(world)
    secret = await ask(world.office)
    content = (await look(world, secret)).json()["content"]
    (id_,) = [id_ for id_, one in (await world.tablet.pull()).items() if one["kind"] == "finding"]
    milder = world.tablet.op("finding", UUID(id_), base=2**33, set={"severity": "minor"})
    assert await world.tablet.push(milder) == ["applied"]
    assert (await give(world, secret, content)).status_code == 409
    again = (await look(world, secret)).json()
    assert [one["severity"] for one in again["abnormal"]] == ["minor"]
    assert (await give(world, secret, again["content"])).status_code == 200
    signature = (await shown(world))["signatures"][-1]
    whole = (await world.office.get(f"/office/signatures/{signature['id']}")).json()
    (one,) = json.loads(whole["document"])["inspections"]
    text = "温度 29.4 °C，高于上限 27 °C"
    assert one["findings"] == [{"id": id_, "severity": "minor", "text": text}]
    mended = world.tablet.op("finding", UUID(id_), base=2**33, set={"severity": "urgent"})
    assert await world.tablet.push(mended) == ["applied"]
    assert (await shown(world))["signatures"][-1]["changed_after"]


@pytest.mark.parametrize(
    "bad",
    [
        {"strokes": ""},
        {"strokes": "<script>"},
        {"name": ""},
        {"name": "  "},
        {"name": "\u200b\u2060\ufeff"},
        {"name": "\ufe0f\u3164"},
        {"name": "a\x00b"},
        {"title": "a" * 1_001},
        {"content": "not a digest"},
        {"secret": ""},
        {"secret": "a" * 201},
        {"strokes": "M" + "0" * 65_536},
    ],
    ids=lambda bad: repr(bad)[:30],
)
async def test_what_is_no_signature_uses_no_link_up(world: World, bad: dict[str, Any]) -> None:
    await visited(world)
    secret = await ask(world.office)
    content = (await look(world, secret)).json()["content"]
    answer = await give(world, **{"secret": secret, "content": content, **bad})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
    assert answer.json()["errors"][0]["field"] == next(iter(bad))
    assert (await give(world, secret, content)).status_code == 200


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_who_has_no_pen_signs_by_the_typed_name_and_the_document_says_so(
    world: World, language: Language
) -> None:
    await visited(world)
    secret = await ask(world.office)
    told = (await look(world, secret, language)).json()
    answer = await give(world, secret, told["content"], strokes=TYPED_MARK, language=language)
    assert answer.status_code == 200, answer.text
    (given,) = [one for one in (await shown(world))["signatures"] if one.get("name")]
    assert (given["name"], given["strokes"]) == ("黄国强", TYPED_MARK)
    answer = await world.office.get(f"/office/signatures/{given['id']}")
    assert answer.json()["stated"]["statement"] == [*told["statement"], TYPED[language]]
    assert answer.json()["signed"].get("faults", []) == []


async def test_a_link_is_made_by_who_works_at_the_site_and_by_nobody_else(world: World) -> None:
    await visited(world)
    path = f"/office/visits/{VISIT}/links"
    assert (await world.stranger.post(path)).status_code == 404
    assert (await world.stranger.get(f"/office/visits/{VISIT}")).status_code == 404
    await ask(world.office)
    (link,) = (await shown(world))["links"]
    withdraw = f"/office/sign-links/{link['id']}/withdraw"
    assert (await world.stranger.post(withdraw)).status_code == 404
    await world.house.add_person("desk", ("desk", world.site))
    async with world.house.signed_in("desk") as desk:
        assert (await desk.post(path)).status_code == 403
        assert (await desk.post(withdraw)).status_code == 403
        assert "links" not in (await desk.get(f"/office/visits/{VISIT}")).json()


async def test_the_engineers_tablet_makes_one_for_a_visit_that_has_arrived(world: World) -> None:
    path = f"/visits/{VISIT}/link"
    assert (await world.tablet.client.post(path)).status_code == 404
    await world.tablet.push(begin_visit(world))
    answer = await world.tablet.client.post(path)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/sign-nothing-yet")
    await world.tablet.push(world.begin(answers=dict(BAD)), world.submit())
    assert (await look(world, await ask(world.tablet.client, path))).status_code == 200
    async with world.house.client() as nobody:
        assert (await nobody.post(path)).status_code == 401


async def test_guessing_is_slowed_down_and_good_links_are_not(world: World) -> None:
    await visited(world)
    secret = await ask(world.office)
    for _ in range(60):
        assert (await look(world, secret)).status_code == 200
    answers = [(await look(world, f"guess {n}")).status_code for n in range(60)]
    assert (answers[0], answers[-1]) == (404, 429)


async def test_another_sites_page_cannot_sign(world: World) -> None:
    await visited(world)
    secret = await ask(world.office)
    async with world.house.client(**{"sec-fetch-site": "cross-site"}) as phone:
        for path in ("/sign/look", "/sign/give"):
            body = {"secret": secret, "content": "a" * 64, "name": "x", "strokes": STROKES}
            assert (await phone.post(path, json=body)).status_code == 403


async def test_a_link_that_was_withdrawn_stays_so_after_a_restore(world: World) -> None:
    await visited(world)
    secret = await ask(world.office)
    (link,) = (await shown(world))["links"]
    await world.office.post(f"/office/sign-links/{link['id']}/withdraw")
    async with world.house.database.write() as tx:
        await tx.execute(update(links).values({"withdrawn_at": None}))
    assert (await look(world, secret)).status_code == 200
    house = world.house
    kept = Revocations(house.settings.data_dir).read()
    done = await apply_again(house.database, house.clock, house.app.state.marker, kept)
    assert done == {"link": 1}
    assert (await look(world, secret)).status_code == 404


async def restored(world: World) -> dict[str, int]:
    """The links work again, as in a backup of before; then what is kept beside it is applied."""
    async with world.house.database.write() as tx:
        await tx.execute(update(links).values({"withdrawn_at": None}))
    house = world.house
    kept = Revocations(house.settings.data_dir).read()
    marker = house.app.state.marker
    return dict(await apply_again(house.database, house.clock, marker, kept))


async def test_a_link_that_a_newer_one_replaced_stays_so_after_a_restore(world: World) -> None:
    await visited(world)
    first = await ask(world.office)
    second = await ask(world.office)
    assert await restored(world) == {"link": 1}
    assert (await look(world, first)).status_code == 404
    assert (await look(world, second)).status_code == 200


async def test_the_links_of_a_stolen_tablet_end_with_it(world: World) -> None:
    await visited(world)
    secret = await ask(world.tablet.client, f"/visits/{VISIT}/link")
    assert (await look(world, secret)).status_code == 200
    async with world.house.database.read() as tx:
        device = await tx.scalar(select(links.c.device_id))
    answer = await world.office.post(f"/office/devices/{device}/end", json={"state": "dead"})
    assert answer.status_code == 204, answer.text
    assert (await look(world, secret)).status_code == 404
    assert (await restored(world))["link"] == 1
    assert (await look(world, secret)).status_code == 404


async def test_the_links_of_somebody_who_leaves_end(world: World) -> None:
    await visited(world)
    secret = await ask(world.tablet.client, f"/visits/{VISIT}/link")
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as root:
        answer = await root.post(f"/office/people/{world.engineer}/deactivate")
        assert answer.status_code in (200, 201), answer.text
    assert (await look(world, secret)).status_code == 404


async def test_the_page_behind_a_link_is_a_file_that_nobody_keeps_and_nothing_leaks_from(
    house: House,
) -> None:
    async with house.client() as phone:
        for path in ("/sign", "/sign/"):
            page = await phone.get(path)
            assert (page.status_code, "<title>sign</title>" in page.text) == (200, True)
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["x-robots-tag"] == "noindex, nofollow"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert "'unsafe-inline'" not in page.headers["content-security-policy"]
        assert (await phone.get("/sign/anything")).status_code == 404
