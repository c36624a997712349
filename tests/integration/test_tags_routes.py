"""A scanned tag tells a stranger nothing, and a slip of typing is told before anything is asked."""

from collections.abc import AsyncGenerator

import pytest

from server.store.seed import bind_codes
from sync.tags import display, make
from tests.integration.conftest import House
from tests.integration.office_world import World, company

BOUND, BLANK, UNPRINTED = make(1), make(2), make(3)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        async with house.database.write() as tx:
            await bind_codes(
                tx,
                [
                    (BOUND, built.asset, f"site:{built.site}", None),
                    (BLANK, None, None, "batch"),
                ],
            )
        yield built


async def test_the_public_page_is_the_same_whether_the_code_exists_or_not(world: World) -> None:
    async with world.house.client() as client:
        pages = {
            (await client.get(f"/t/{code}")).text.replace(display(code), "?").replace(code, "?")
            for code in (BOUND, BLANK, UNPRINTED)
        }
    assert len(pages) == 1
    assert "UPS-01" not in pages.pop()


async def test_the_public_page_speaks_both_languages_and_leads_to_the_app(world: World) -> None:
    async with world.house.client() as client:
        answer = await client.get(f"/t/{display(BOUND).lower()}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert f'href="/?tag={BOUND}"' in answer.text
    for words in ("设备巡检标签", "Please leave it where it is", display(BOUND)):
        assert words in answer.text


async def test_the_public_page_holds_to_the_content_security_policy(world: World) -> None:
    async with world.house.client() as client:
        answer = await client.get(f"/t/{BOUND}")
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-robots-tag"] == "noindex"
        assert (await client.get("/page.css")).status_code == 200


async def test_a_wrong_check_character_is_told_and_nothing_typed_is_shown_again(
    world: World,
) -> None:
    wrong = BOUND[:-1] + ("0" if BOUND[-1] != "0" else "1")
    async with world.house.client() as client:
        mistyped = await client.get(f"/t/{wrong}")
        foreign = await client.get("/t/%3Cb%3Ehello")
    assert "校验位不符" in mistyped.text
    assert wrong not in mistyped.text
    assert "这不是标签编号" in foreign.text
    assert "<b>" not in foreign.text


async def test_the_office_is_told_of_a_slip_before_anything_is_looked_up(world: World) -> None:
    wrong = BOUND[:-1] + ("0" if BOUND[-1] != "0" else "1")
    for text in (wrong, "hello", "x" * 3000):
        answer = await world.office.get(f"/office/tags/{text}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/tag-mistyped")


async def test_a_tag_is_drawn_for_whoever_may_know_of_it(world: World) -> None:
    svg = await world.office.get(f"/office/tags/{BOUND}.svg")
    assert (svg.headers["content-type"], display(BOUND) in svg.text) == ("image/svg+xml", True)
    png = await world.office.get(f"/office/tags/{BLANK}.png")
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")
    for code in (BOUND, UNPRINTED):
        answer = await world.stranger.get(f"/office/tags/{code}.svg")
        assert answer.status_code == 404
