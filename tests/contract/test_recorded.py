"""Contract: what released versions sent is answered as it was then; what is new passes through."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.protocol import PROTOCOL_VERSIONS
from sync.client import Client
from tests.contract.protocol_world import company, play_story, read_stories
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, add_round, two
from tests.recorded.exchange import Bindings, differences

RECORDED = Path(__file__).parents[1] / "recorded"
SESSIONS = {
    (version, story): steps
    for version in PROTOCOL_VERSIONS
    for story, steps in read_stories((RECORDED / f"v{version}" / "session.md").read_text()).items()
}


@pytest.mark.parametrize(("version", "story"), SESSIONS)
async def test_a_recorded_session_goes_as_it_went(house: House, version: int, story: str) -> None:
    stage = await company(house)
    stage.bindings.is_open = True
    await play_story(stage, SESSIONS[version, story])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"outcome": "applied"}, {"outcome": "review"}),
        ({"n": 1}, {}),
        ([1, 2], [1]),
        ({"a": 1}, {"a": True}),
        (["019a9e00-0000-7000-8000-00000000000a"] * 2, [str(UUID(int=1)), str(UUID(int=2))]),
    ],
)
def test_another_answer_than_the_recorded_one_is_told(written: Any, found: Any) -> None:
    assert list(differences(written, found, Bindings(is_open=True), "$"))


def test_more_than_was_recorded_is_let_through_only_where_that_is_asked() -> None:
    assert not list(differences({"n": 1}, {"n": 1, "later": 2}, Bindings(is_open=True), "$"))
    assert list(differences({"n": 1}, {"n": 1, "later": 2}, Bindings(), "$"))


async def test_a_field_of_a_later_version_survives_an_old_server_and_old_clients(
    house: House,
) -> None:
    one, other = await two(house, await add_round(house))
    await one.pull()
    later = {"deep": [1, {"zh": "后来"}]}
    edit: dict[str, Any] = {
        "id_": house.clock.new_id(),
        "session": one.device,
        "at": house.clock.now(),
    }
    one.client.edit("asset", ASSETS[0], set_={"of_a_later_version": later}, **edit)
    assert await one.push() == ["applied"]
    await other.pull()
    other.client = Client.load(other.client.save())
    assert other.client.base[ASSETS[0]].data["of_a_later_version"] == later
    edit["id_"] = house.clock.new_id()
    other.client.edit("asset", ASSETS[0], set_={"note": "正常"}, **edit)
    assert await other.push() == ["applied"]
    await one.pull()
    assert one.client.base[ASSETS[0]].data["of_a_later_version"] == later
    assert one.client.base[ASSETS[0]].data["note"] == "正常"
