"""Labels are printed for assets that may be read, with codes that are claimed before they exist."""

from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import httpx
import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from server.fonts import Fonts
from server.routes import office
from server.routes.office import FONT_PACKAGE
from server.store.tables import claims
from sync.tags import address
from tests.integration.conftest import House
from tests.integration.office_world import World, company

DPI = 200


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Fonts:
    """Unpacked once: that takes seconds."""
    return Fonts(source=FONT_PACKAGE, cache=tmp_path_factory.mktemp("fonts"))


@pytest.fixture
async def world(
    house: House, fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[World]:
    monkeypatch.setattr(office, "fonts_in", lambda _: fonts)
    assert FONT_PACKAGE.is_dir(), "the app's npm packages are not installed; ./dev test does it"
    async with company(house) as built:
        yield built


async def order(world: World, client: httpx.AsyncClient | None = None, **more: Any) -> Any:
    return await (client or world.office).post("/office/labels", json=more)


async def claimed(world: World) -> dict[str, tuple[Any, Any, Any]]:
    async with world.house.database.read() as tx:
        rows = await tx.execute(select(claims))
        return {row.code: (row.asset_id, row.batch, row.printed_at) for row in rows}


def read_codes(pdf: bytes) -> set[str]:
    """What a camera reads from the first sheet."""
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        picture = document[0].render(scale=DPI / 72).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


async def test_assets_without_a_tag_get_one_that_tablets_know(world: World) -> None:
    ids = [str(world.asset), str(world.second_asset)]
    answer = await order(world, assets=ids)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    kept = await claimed(world)
    assert {str(asset) for asset, _, _ in kept.values()} == set(ids)
    assert all(printed == world.house.clock.now() for _, _, printed in kept.values())
    origin = world.house.settings.origin
    assert read_codes(answer.content) == {address(origin, code) for code in kept}
    tags = [one for one in (await world.tablet.pull()).values() if one["kind"] == "tag"]
    assert {one["data"]["code"] for one in tags} == set(kept)


async def test_printing_again_prints_the_same_codes(world: World) -> None:
    first = await order(world, assets=[str(world.asset)])
    kept = await claimed(world)
    second = await order(world, assets=[str(world.asset)], skip=3, language="en")
    assert (first.status_code, second.status_code) == (200, 200)
    assert (await claimed(world)).keys() == kept.keys()


async def test_a_blank_batch_is_claimed_by_its_name(world: World) -> None:
    answer = await order(world, blank=5, batch="第三批")
    assert answer.status_code == 200, answer.text
    kept = await claimed(world)
    assert [batch for _, batch, _ in kept.values()] == ["第三批"] * 5
    assert len(read_codes(answer.content)) == 5


async def test_what_no_font_can_draw_is_told(world: World) -> None:
    edit = {
        "id": str(world.house.clock.new_id()),
        "kind": "asset",
        "record": str(world.asset),
        "base": 2**33,
        "set": {"name": "主机\ue000"},
    }
    assert (await world.office.post("/office/ops", json={"ops": [edit]})).status_code == 200
    answer = await order(world, assets=[str(world.asset)])
    assert unquote(answer.headers["x-missing-characters"]) == "\ue000"


async def test_an_order_that_makes_no_sense_names_its_field(world: World) -> None:
    asset = str(world.asset)
    for more, field in (
        ({}, "assets"),
        ({"assets": [asset], "blank": 1}, "assets"),
        ({"assets": [asset, asset]}, "assets"),
        ({"assets": [asset], "layout": "a5"}, "layout"),
        ({"assets": [asset], "skip": 24}, "skip"),
        ({"blank": 961}, "blank"),
    ):
        answer = await order(world, **more)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


async def test_nothing_is_minted_for_a_foreign_asset_or_by_who_may_not(world: World) -> None:
    answer = await order(world, assets=[str(world.asset), str(world.foreign_asset)])
    assert answer.status_code == 404
    await world.house.add_person("desk", ("desk", world.site))
    async with world.house.signed_in("desk") as desk:
        assert (await order(world, desk, assets=[str(world.asset)])).status_code == 403
        assert (await order(world, desk, blank=3)).status_code == 403
    assert await claimed(world) == {}
