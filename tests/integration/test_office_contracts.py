"""Contracts in the office, and what each says of photos. Rule: told to those who may change it."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.integration.conftest import House
from tests.integration.office_world import World, company
from tests.integration.test_attachments import keep_places


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        await keep_places(built)
        yield built


async def changed(office: httpx.AsyncClient, world: World, place: str) -> list[str]:
    """Change what the one contract says; the outcomes."""
    (row,) = (await office.get("/office/contracts")).json()["rows"]
    op = {
        "id": str(world.house.clock.new_id()),
        "kind": "contract",
        "record": row["id"],
        "base": row["version"],
        "set": {"photo_place": place},
    }
    answer = await office.post("/office/ops", json={"ops": [op]})
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["outcomes"]]


async def test_who_manages_a_contract_says_whether_its_photos_keep_their_place(
    world: World,
) -> None:
    async with world.house.signed_in("root") as root:
        page = (await root.get("/office/contracts")).json()
        assert page["total"] == 1
        assert (page["rows"][0]["number"], page["rows"][0]["photo_place"]) == ("HT-1", "kept")
        assert page["rows"][0]["customer_name"]
        assert await changed(root, world, "stripped") == ["applied"]
        page = (await root.get("/office/contracts")).json()
        assert "photo_place" not in page["rows"][0], "what is not said is stripped"
        assert await changed(root, world, "kept") == ["applied"]


async def test_nobody_else_is_told_of_contracts(world: World) -> None:
    for office in (world.office, world.stranger):
        page = (await office.get("/office/contracts")).json()
        assert page == {"total": 0, "rows": []}
