"""An answer whose value its item cannot have: kept as it was typed, shown, and taken for no answer.

The values here are those of the rule in docs/model.md, Answers, one for each item of the form.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest

from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company

UNFIT: Mapping[str, tuple[Any, str]] = {
    "fan": ("maybe", "wrong-type"),
    "temp": ("warm", "wrong-type"),
    "hours": (-1, "out-of-range"),
    "said": (7, "wrong-type"),
    "plate": (3, "wrong-type"),
}


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def judged(detail: Mapping[str, Any], item: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in detail["judged"] if one["path"] == item)
    return found


@pytest.mark.parametrize("item", UNFIT)
async def test_a_value_that_its_item_cannot_have_is_kept_and_is_no_answer(
    world: World, item: str
) -> None:
    value, code = UNFIT[item]
    await world.done({**GOOD, item: {"value": value, "note": "as the display says"}})
    detail = await world.detail()
    assert detail["answers"][item] == {"value": value, "note": "as the display says"}
    state = judged(detail, item)
    assert (state["verdict"], state.get("value")) == ("open", None)
    assert [why["code"] for why in state["reasons"]] == [code]
    answer = await world.decide("accepted")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/items-missing")
    assert [one["field"] for one in answer.json()["errors"]] == [item]


async def test_one_unfit_value_holds_nothing_else_up_and_is_mended_by_the_next(
    world: World,
) -> None:
    def answering(value: object) -> dict[str, Any]:
        said = {"answers.temp": {"value": value}}
        return world.tablet.op("inspection", world.inspection, base=2**33, set=said)

    begun = world.begin(answers={"fan": {"value": "pass"}})
    ops = (begun, answering("warm"), world.submit())
    assert await world.tablet.push(*ops) == ["applied", "applied", "applied"]
    assert (await world.decide("accepted")).status_code == 409
    assert await world.tablet.push(answering(23)) == ["applied"]
    assert (await world.decide("accepted")).status_code == 200
    last = (await world.tablet.pull())[str(world.asset)]["data"]["last"]["ups"]
    assert last["readings"]["temp"]["value"] == 23


async def test_an_unfit_value_of_an_element_is_told_at_its_place(world: World) -> None:
    element = {"group": "cells", "answers": {"volt": {"value": "flat"}}}
    begun = world.begin(answers=dict(GOOD)) | {"add": {"elements": {"cells-c1": element}}}
    assert await world.tablet.push(begun, world.submit()) == ["applied", "applied"]
    state = judged(await world.detail(), "cells.cells-c1.volt")
    assert ([why["code"] for why in state["reasons"]], state["verdict"]) == (["wrong-type"], "open")


async def test_what_the_form_does_not_ask_is_kept_and_stands_in_nobodys_way(world: World) -> None:
    # Of a later form, of a kind that is not known here; and beside a group, which has elements.
    asked_later = {
        "dew": {"value": "a text"},
        "photo-of-later": {"value": ["a", "b"]},
        "cells": {"value": "all"},
    }
    await world.done({**GOOD, **asked_later})
    answers = (await world.detail())["answers"]
    assert {item: answers[item] for item in asked_later} == asked_later
    assert (await world.decide("accepted")).status_code == 200
