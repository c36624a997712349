"""Which paths an op may write, and what is said of the others. Rule: every refusal names its path.

Through `plan_push`, as a device meets it, but for what the office alone writes.
"""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.ops import Op
from sync import changes
from sync.errors import InvalidOp
from sync.merge import Add, Change, Fill, Put, Remove
from sync.record import Stamp
from tests.unit.test_push import (
    BASE,
    INSPECTION,
    LINEAGE,
    RECORDS,
    SCOPE,
    after,
    creation,
    names,
    op,
    push,
    record,
    world,
)

PORT = "port-1"
ANSWER = {"value": "pass"}


def read(*, from_device: bool = True, **more: Any) -> tuple[Change, ...]:
    known = msgspec.convert(op(1), dict) | more
    return changes.read_changes(
        msgspec.json.decode(msgspec.json.encode(known), type=Op), from_device=from_device
    )


def refusal(**more: Any) -> tuple[str, str]:
    with pytest.raises(InvalidOp) as told:
        read(**more)
    (problem,) = told.value.fields
    assert told.value.detail == f"{problem.field}: {problem.detail}"
    return problem.field, problem.detail


def test_elements_come_first_then_what_is_set_then_what_is_removed() -> None:
    said = read(
        remove={"elements": ["port-2"]},
        set={
            "note": "x",
            "answers.fan_state": ANSWER,
            f"elements.{PORT}.name": "A",
            f"elements.{PORT}.answers.link": ANSWER,
        },
        add={"elements": {PORT: {"group": "ports"}}},
    )
    assert said == (
        Add("elements", PORT, {"group": "ports"}),
        Put(("note",), "x"),
        Put(("answers", "fan_state"), ANSWER),
        Put(("elements", PORT, "name"), "A"),
        Put(("elements", PORT, "answers", "link"), ANSWER),
        Remove("elements", "port-2"),
    )


def test_a_whole_map_is_written_entry_by_entry_and_an_empty_one_not_at_all() -> None:
    assert read(set={"answers": {"a": ANSWER, "b": None}}) == (
        Fill("answers", {"a": ANSWER, "b": None}),
    )
    assert read(set={"answers": {}}) == ()


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("elements", "elements are added, not set"),
        (f"elements.{PORT}", "elements are added, not set"),
        (f"elements.{PORT}.colour", "an element has no `colour`"),
        (f"elements.{PORT}.answers", "`answers` is written entry by entry"),
        (f"elements.{PORT}.name.zh", "`name` is one value"),
        ("answers.fan_state.value", "has no part below an entry"),
        ("note.zh", "`note` is one value"),
        ("colour.zh", "`inspection` has no field `colour`"),
        ("review", "is written by the office alone"),
    ],
)
def test_a_path_that_leads_nowhere_is_named_and_why(path: str, detail: str) -> None:
    assert refusal(set={path: ANSWER}) == (path, detail)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("answers.9x", "Expected `str` matching regex"),
        (f"elements.{PORT}.answers.9x", "Expected `str` matching regex"),
        ("remarks.x.text", "Invalid UUID"),
    ],
)
def test_a_key_is_of_its_fields_type_at_every_depth(path: str, wanted: str) -> None:
    field, detail = refusal(set={path: ANSWER})
    assert field == path
    assert detail.startswith(wanted)


def test_elements_are_added_and_removed_where_there_are_elements() -> None:
    assert refusal(add={"note": {PORT: {}}}) == ("note", "is not a field of elements")
    assert refusal(add={"colours": {PORT: {}}}) == ("colours", "is not a field of elements")
    assert refusal(remove={"answers": ["fan_state"]}) == ("answers", "is not a field of elements")
    field, detail = refusal(add={"elements": {"-x": {"group": "ports"}}})
    assert (field, detail.split(" ")[0]) == ("elements.-x", "Expected")
    field, detail = refusal(add={"elements": {PORT: {"group": 7}}})
    assert (field, detail.split(" - ")[0]) == (f"elements.{PORT}", "Expected `str`, got `int`")


def test_a_kind_that_nobody_knows_is_named() -> None:
    assert refusal(kind="colour") == ("kind", "there is no kind `colour`")


def test_an_instant_lies_in_the_years_that_have_a_utc_everywhere() -> None:
    for year, is_held in (("0001", False), ("2026", True), ("9999", False)):
        step = {"round": 1, "step": "submitted", "at": f"{year}-06-01T00:00:00Z"}
        if is_held:
            assert read(set={"step": step}) == (Put(("step",), step),)
        else:
            assert refusal(set={"step": step}) == ("step", changes.OUT_OF_TIME)


def test_a_creation_fills_in_what_nobody_answered_and_conflicts_where_somebody_did() -> None:
    mine = creation(answers={"fan_state": ANSWER, "psu_state": ANSWER})
    other = UUID(int=9)
    stamp = Stamp(BASE + 1, other, 1, other)
    data = dict(after(push(creation()), INSPECTION).data)
    there = record(
        "inspection",
        INSPECTION,
        data | {"answers": {"fan_state": {"value": "fail"}}},
        SCOPE,
        stamps={"answers.fan_state": stamp},
    )
    plan = push(mine, known=world(records=dict(RECORDS) | {INSPECTION: there}))
    assert names(plan) == ["conflict"]
    kept = after(plan, INSPECTION)
    assert kept.data["answers"] == {"fan_state": {"value": "fail"}, "psu_state": ANSWER}
    assert kept.stamps["answers.psu_state"].lineage == LINEAGE
    assert kept.stamps["answers.fan_state"] == stamp
    (opened,) = plan.conflicts
    assert (opened.conflict.path, opened.conflict.theirs) == ("answers.fan_state", ANSWER)
