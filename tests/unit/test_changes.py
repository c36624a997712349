"""Which paths an op may write, and what is said of the others. Rule: every refusal names its path.

Through `plan_push`, as a device meets it, but for what the office alone writes.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.base import YEAR_MAX, YEAR_MIN
from schemas.kinds import KINDS
from schemas.ops import Made, Op
from schemas.problems import FieldProblem
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
            f"remarks.{INSPECTION}.text": "y",
        },
        add={"elements": {PORT: {"group": "ports"}}},
    )
    assert said == (
        Add("elements", PORT, {"group": "ports"}),
        Put(("note",), "x"),
        Put(("answers", "fan_state"), ANSWER),
        Put(("elements", PORT, "name"), "A"),
        Put(("elements", PORT, "answers", "link"), ANSWER),
        Put(("remarks", str(INSPECTION), "text"), "y"),
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
        ("remarks.x.wrong", "Invalid UUID"),
    ],
)
def test_a_key_is_of_its_fields_type_at_every_depth(path: str, wanted: str) -> None:
    field, detail = refusal(set={path: ANSWER})
    assert field == path
    assert detail.startswith(wanted)


def test_of_a_whole_map_every_key_is_of_its_type_and_there_are_not_too_many() -> None:
    reader = changes.MapReader(KINDS["inspection"].fields["answers"])

    def is_taken(*keys: str) -> bool:
        raw = msgspec.Raw(msgspec.json.encode(dict.fromkeys(keys, ANSWER)))
        try:
            _, value = reader.read(raw)
        except msgspec.ValidationError:
            return False
        return value == dict.fromkeys(keys, ANSWER)

    many = [f"i{number}" for number in range(reader.entries_max + 1)]
    for _ in range(2):  # Keys that were read before are not looked at again.
        assert is_taken("fan")
        assert not is_taken("9x")
        assert not is_taken("fan", "9x")
        assert is_taken(*many[1:])
        assert not is_taken(*many)
    reader.known.update(many)
    assert not is_taken(*many)


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


# --- Values ---


def test_a_value_that_is_no_json_or_of_the_wrong_type_names_its_path() -> None:
    assert refusal(set={"note": 7}) == ("note", "Expected `str`, got `int`")
    field, detail = refusal(set={"answers.fan": {"value": [1]}})
    assert (field, detail.split(" ")[0]) == ("answers.fan", "Expected")
    long = "x" * 2_000
    field, detail = refusal(kind=long[:60], set={"note": "x"})
    assert (field, detail) == ("kind", f"there is no kind `{long[:60]}`")
    refused = changes.invalid("note", long).problem()
    assert refused.detail == f"note: {long}"[:1_000]
    assert refused.errors[0].detail == long[:1_000]


@pytest.mark.parametrize("value", ["a\x00b", 10**16, -(10**16), {"a": [10**16]}, {"a\x00": 1}])
def test_what_no_database_holds_is_found_wherever_it_stands(value: object) -> None:
    assert refusal(set={"of_later": value})[0].startswith("of_later")
    field, _ = refusal(add={"elements": {PORT: {"group": "ports", "of_later": value}}})
    assert field.startswith(f"elements.{PORT}.of_later")


@pytest.mark.parametrize("value", [2**53 - 1, -(2**53 - 1), 1e300, 10**15, "9" * 20])
def test_long_numbers_that_there_are_are_kept(value: object) -> None:
    assert read(set={"of_later": value}) == (Put(("of_later",), value),)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_instant_of_an_edit_has_a_utc_everywhere(year: str) -> None:
    made = {"wall": f"{year}-06-01T00:00:00Z", "session": str(UUID(int=5))}
    assert refusal(made=made) == ("made.wall", changes.OUT_OF_TIME)


def test_an_instant_is_looked_for_at_every_depth() -> None:
    early = datetime(1, 6, 1, tzinfo=UTC)
    good = datetime(2026, 6, 1, tzinfo=UTC)
    assert changes.is_placed(Made(wall=good, session=UUID(int=5)))
    for value in (early, [good, early], (early,), {"a": {"b": early}}):
        assert not changes.is_placed(value)
    assert not changes.is_placed(Made(wall=early, session=UUID(int=5)))
    for held in (good, [good], {"a": good}, "0001", 1, None):
        assert changes.is_placed(held)
    assert changes.is_placed(datetime(YEAR_MIN, 1, 1, tzinfo=UTC))
    assert changes.is_placed(datetime(YEAR_MAX, 12, 31, tzinfo=UTC))


# --- Growth ---


def test_a_map_grows_to_its_limit_and_one_that_was_larger_no_further() -> None:
    fields, maps = KINDS["inspection"].fields, changes.maps_of("inspection")
    limit = changes.entries_max(fields["answers"].type)
    assert limit is not None
    at, over, more = ({f"i{n}": 1 for n in range(limit + extra)} for extra in (0, 1, 2))
    assert changes.overgrown(maps, {}, {"answers": at}) is None
    assert changes.overgrown(maps, {}, {"answers": over}) == "answers"
    assert changes.overgrown(maps, {"answers": at}, {"note": "x", "answers": over}) == "answers"
    assert changes.overgrown(maps, {"answers": over}, {"answers": dict(over)}) is None
    assert changes.overgrown(maps, {"answers": over}, {"answers": more}) == "answers"
    assert changes.overgrown(maps, {"answers": None}, {"answers": None}) is None


def test_a_map_inside_an_element_grows_to_its_limit_too() -> None:
    fields, maps = KINDS["inspection"].fields, changes.maps_of("inspection")
    limit = changes.entries_max(fields["elements"].element["answers"].type)
    assert limit is not None
    at, over = ({f"i{n}": 1 for n in range(limit + extra)} for extra in (0, 1))
    small = {"a": {"answers": {}}, "b": {"answers": at}}
    assert changes.overgrown(maps, {}, {"elements": small}) is None
    large = small | {"b": {"answers": over}}
    assert changes.overgrown(maps, {"elements": small}, {"elements": large}) == (
        "elements.b.answers"
    )
    assert changes.overgrown(maps, {"elements": large}, {"elements": large | {"c": {}}}) is None


def test_a_new_record_lacks_what_its_kind_requires_and_says_null_or_nothing_of() -> None:
    kind = KINDS["finding"]
    whole = {"asset": "a", "severity": "major", "text": "x", "found_at": "t"}
    assert changes.missing_fields(kind, whole) == ()
    assert changes.missing_fields(kind, whole | {"text": None}) == (
        FieldProblem(field="text", detail="is required"),
    )
    assert [one.field for one in changes.missing_fields(kind, {})] == list(whole)
