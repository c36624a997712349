"""Labels are printed for assets that may be read, with codes that are claimed before they exist."""

from base64 import b64decode
from collections.abc import AsyncGenerator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from server.labels.layouts import LAYOUTS
from server.routes.office import FONT_PACKAGE
from server.store.tables import claims
from sync.ids import tag_id
from sync.tags import address
from tests.integration.conftest import House
from tests.integration.office_world import World, company

DPI = 200


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
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


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_sheet_is_printed_with_codes_that_a_camera_reads(
    layout: str, language: str, world: World
) -> None:
    ids = [str(world.asset), str(world.second_asset)]
    answer = await order(world, assets=ids, layout=layout, language=language)
    assert answer.status_code == 200, answer.text
    with pypdfium2.PdfDocument(BytesIO(answer.content)) as document:
        pages = [page.render(scale=DPI / 72).to_pil() for page in document]
    found = {one.text for page in pages for one in zxingcpp.read_barcodes(page)}
    origin = world.house.settings.origin
    assert found == {address(origin, code) for code in await claimed(world)}


async def test_a_preview_shows_what_will_be_printed_and_claims_nothing(world: World) -> None:
    printed = await order(world, assets=[str(world.asset)])
    assert printed.status_code == 200
    before = await claimed(world)
    ids = [str(world.asset), str(world.second_asset)]
    answer = await world.office.post("/office/labels/preview", json={"assets": ids, "skip": 23})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["pages"], told["labels"], told["new_codes"]) == (2, 2, 1)
    kind, _, data = told["picture"].partition(",")
    assert kind == "data:image/png;base64"
    picture = Image.open(BytesIO(b64decode(data)))
    (code,) = before
    found = {one.text for one in zxingcpp.read_barcodes(picture)}
    assert found == {address(world.house.settings.origin, code)}
    assert await claimed(world) == before
    blank = await world.office.post("/office/labels/preview", json={"blank": 30})
    assert (blank.json()["pages"], blank.json()["new_codes"]) == (2, 30)
    assert await claimed(world) == before


async def test_a_batch_is_printed_again_with_the_codes_that_are_still_free(world: World) -> None:
    await order(world, blank=3, batch="第三批")
    codes = sorted(await claimed(world))
    tag = world.tablet.op("tag", tag_id(codes[0]), new=True, parent=str(world.asset))
    tag["set"] = {"code": codes[0], "asset": str(world.asset)}
    assert await world.tablet.push(tag) == ["applied"]
    world.house.clock.advance(timedelta(hours=1))
    answer = await order(world, again="第三批")
    assert answer.status_code == 200, answer.text
    origin = world.house.settings.origin
    assert read_codes(answer.content) == {address(origin, code) for code in codes[1:]}
    assert sorted(await claimed(world)) == codes
    (batch,) = (await world.office.get("/office/labels/batches")).json()["rows"]
    kept = {name: batch.get(name, 0) for name in ("name", "labels", "bound", "free", "retired")}
    assert kept == {"name": "第三批", "labels": 3, "bound": 1, "free": 2, "retired": 0}


async def test_what_is_left_of_a_batch_is_retired_and_printed_no_more(world: World) -> None:
    await order(world, blank=4, batch="泡水")
    for retired in (4, 0):
        answer = await world.office.post("/office/labels/batches/retire", json={"name": "泡水"})
        assert answer.json() == {"retired": retired}
    assert (await order(world, again="泡水")).status_code == 404
    (batch,) = (await world.office.get("/office/labels/batches")).json()["rows"]
    assert (batch.get("free", 0), batch["retired"]) == (0, 4)
    code = next(iter(await claimed(world)))
    assert (await world.office.get(f"/office/tags/{code}")).json()["state"] == "unknown"


async def test_a_tag_that_the_office_retires_is_printed_no_more(world: World) -> None:
    await order(world, assets=[str(world.asset)])
    (code,) = await claimed(world)
    shown = (await world.office.get(f"/office/assets/{world.asset}")).json()
    (tag,) = shown["tags"]
    edit = {
        "id": str(world.house.clock.new_id()),
        "kind": "tag",
        "record": tag["id"],
        "base": tag["version"],
        "set": {"retired": True},
    }
    answer = await world.office.post("/office/ops", json={"ops": [edit]})
    assert answer.status_code == 200, answer.text
    assert (await world.office.get(f"/office/tags/{code}")).json()["state"] == "unknown"
    again = await order(world, assets=[str(world.asset)])
    (fresh,) = set(await claimed(world)) - {code}
    assert read_codes(again.content) == {address(world.house.settings.origin, fresh)}


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
        ({"blank": 1, "again": "x"}, "assets"),
        ({"assets": [asset, asset]}, "assets"),
        ({"assets": [asset], "layout": "a5"}, "layout"),
        ({"assets": [asset], "skip": 24}, "skip"),
        ({"assets": [asset], "layout": "tape-62", "skip": 1}, "skip"),
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
        assert (await order(world, desk, again="x")).status_code == 403
        for path, body in (("preview", {"blank": 3}), ("batches/retire", {"name": "x"})):
            assert (await desk.post(f"/office/labels/{path}", json=body)).status_code == 403
        assert (await desk.get("/office/labels/batches")).status_code == 403
    assert await claimed(world) == {}
