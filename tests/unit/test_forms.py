"""Unit: the shared vectors of forms, and what is refused before a form is published.

`static/pwa/test/core/forms.test.ts` runs the same vectors.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.base import NESTING_DEPTH_MAX
from schemas.forms import Answer, Condition, Form, FormItem
from schemas.kinds.inspection import Element
from sync.forms import Evaluation, answer_problem, check_form, evaluate, rest_items
from sync.forms.conditions import holds
from sync.forms.numbers import dew_point, round_to
from sync.forms.states import ItemState, Reason, Seen, Totals

VECTORS = Path(__file__).parent.parent / "vectors" / "forms"
FILES = (
    "calculated",
    "checks",
    "choices",
    "compound",
    "compound-group",
    "conditions",
    "dates",
    "dew-point",
    "evidence",
    "grid",
    "groups",
    "numbers",
    "one-sided",
    "optional-group",
    "order",
    "readings",
    "serials",
)
TODAY = "2026-03-01"


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


CASES = [
    pytest.param(load(name)["form"], case, id=f"{name}: {case['name']}")
    for name in FILES
    if name != "numbers"
    for case in load(name)["cases"]
]


def evaluated(form: Form, given: Mapping[str, Any]) -> Evaluation:
    return evaluate(
        form,
        msgspec.convert(given.get("answers", {}), Mapping[str, Answer | None]),
        msgspec.convert(given.get("elements", {}), Mapping[str, Element]),
        photos=given.get("photos", {}),
        signatures=given.get("signatures", ()),
        previous=given.get("previous", {}),
        asset_serial=given.get("asset_serial"),
        today=date.fromisoformat(given.get("today", TODAY)),
    )


def reason_seen(reason: Reason) -> dict[str, object]:
    seen = {
        "code": reason.code,
        "limit": reason.limit,
        "source": reason.source and reason.source.en,
        "rule": reason.rule or None,
    }
    return {key: value for key, value in seen.items() if value is not None}


def state_seen(state: ItemState) -> object:
    if not state.shown:
        assert (state.verdict, state.value, state.reasons) == ("open", None, ())
        return "hidden"
    seen: dict[str, object] = {"verdict": state.verdict}
    if state.value is not None:
        seen["value"] = list(state.value) if isinstance(state.value, tuple) else state.value
    if state.reasons:
        seen["reasons"] = [reason_seen(reason) for reason in state.reasons]
    return seen


def totals_seen(totals: Totals) -> object:
    return json.loads(msgspec.json.encode(totals))


def test_every_file_of_vectors_is_run() -> None:
    assert {path.stem for path in VECTORS.iterdir()} == set(FILES)


@pytest.mark.parametrize(("form", "case"), CASES)
def test_a_form_means_what_the_vector_says(form: Any, case: Any) -> None:
    read = msgspec.convert(form, Form)
    evaluation = evaluated(read, case["given"])
    seen = {path: state_seen(state) for path, state in evaluation.items.items()}
    assert seen == case["items"]
    assert list(seen) == list(case["items"]), "the order is the form's"
    assert totals_seen(evaluation.totals) == case["totals"]
    for section in evaluation.sections:
        expected = case.get("sections", {}).get(section.section)
        assert expected is None or totals_seen(section.totals) == expected
    for name, paths in case.get("rest", {}).items():
        assert list(rest_items(read, name, evaluation)) == paths


@pytest.mark.parametrize("vector", load("numbers")["round"], ids=str)
def test_rounding_is_half_to_even_on_decimal_digits(vector: Any) -> None:
    rounded = round_to(float(vector["value"]), vector["decimals"])
    assert repr(rounded) == repr(float(vector["rounded"]))


@pytest.mark.parametrize("vector", load("numbers")["dew_point"], ids=str)
def test_dew_points_are_those_of_the_formula(vector: Any) -> None:
    found = dew_point(vector["temperature"], vector["humidity"])
    assert (None if found is None else round_to(found, 6)) == vector["dew_point"]


@pytest.mark.parametrize(
    "form", [pytest.param(load(name)["form"], id=name) for name in FILES if name != "numbers"]
)
def test_the_forms_of_the_vectors_may_be_published(form: Any) -> None:
    fields = {problem.field for problem in check_form(msgspec.convert(form, Form))}
    # The form of `order` looks below itself, too deep, and for true in a number on purpose.
    assert fields <= {
        "sections.s.items.eight.shown",
        "sections.s.items.below.shown",
        "sections.s.items.self.shown",
        "sections.s.items.true.shown",
        "sections.s.items.sums.expression",
    }


W = {"zh": "字", "en": "word"}


def item(kind: str, name: str, **more: object) -> dict[str, object]:
    own: dict[str, dict[str, object]] = {
        "choice": {"options": [{"id": "a", "title": W}, {"id": "b", "title": W}]},
        "group": {"element": W, "items": [item("number", "volt")] if kind == "group" else []},
        "signature": {"statement": W},
    }
    return {"type": kind, "id": name, "title": W, **own.get(kind, {}), **more}


def problems(*items: object, limits: object = ()) -> list[tuple[str, str]]:
    form = {"sections": [{"id": "s", "title": W, "items": list(items)}], "limits": limits}
    return [(one.field, one.detail) for one in check_form(msgspec.convert(form, Form))]


def compare(name: str, value: object, is_: str = "equal") -> dict[str, object]:
    return {"type": "compare", "item": name, "is": is_, "value": value}


def compound(broken: object, *items: str) -> list[dict[str, object]]:
    return [
        {
            "id": "rule",
            "broken": broken,
            "verdict": "warning",
            "words": W,
            "items": list(items),
            "source": W,
        }
    ]


def call(function: str, *arguments: object) -> dict[str, object]:
    return {"type": "call", "function": function, "arguments": list(arguments)}


def reading(name: str) -> dict[str, object]:
    return {"type": "reading", "item": name}


def aggregate(group: str, name: str) -> dict[str, object]:
    return {"type": "aggregate", "function": "max", "group": group, "item": name}


def limits(**bounds: float) -> dict[str, object]:
    return {**bounds, "source": W}


NEVER = [
    (item("number", "x"), compare("x", "5")),
    (item("number", "x"), compare("x", value=True)),
    (item("check", "x"), compare("x", "normal")),
    (item("check", "x"), compare("x", "pass", "above")),
    (item("choice", "x"), compare("x", "c")),
    (item("choice", "x", multiple=True), compare("x", "a")),
    (item("date", "x"), compare("x", "2026-02-30", "above")),
    (item("text", "x"), compare("x", "m", "above")),
    (item("serial", "x"), compare("x", 5)),
    (item("photo", "x"), compare("x", "a")),
    (item("signature", "x"), compare("x", "a")),
    (item("group", "x"), compare("x", "a")),
]


@pytest.mark.parametrize(("target", "shown"), NEVER)
def test_a_comparison_that_can_never_hold_is_refused(
    target: object, shown: dict[str, object]
) -> None:
    found = problems(target, item("check", "y", shown=shown))
    assert [field for field, _ in found] == ["sections.s.items.y.shown"]
    assert "`x` is never" in found[0][1]


def test_ids_are_unique_in_the_whole_form() -> None:
    assert problems(item("check", "volt"), item("group", "g")) == [
        ("sections.s.items.g.volt", "`volt` is there twice")
    ]


def test_options_are_unique() -> None:
    twice = [{"id": "a", "title": W}, {"id": "a", "title": W}]
    assert problems(item("choice", "c", options=twice)) == [
        ("sections.s.items.c.options", "`a` is there twice")
    ]


def test_places_of_two_groups_never_name_one_element() -> None:
    first = item("group", "a", places=[{"id": "b-c", "title": W}])
    second = item("group", "a-b", places=[{"id": "c", "title": W}], items=[item("number", "other")])
    assert problems(first, second) == [("sections", "`a-b-c` is there twice")]


def test_sections_and_rules_are_unique() -> None:
    section = {"id": "s", "title": W, "items": [item("check", "a")]}
    other = {**section, "items": [item("check", "b")]}
    rules = compound(compare("a", "fail"), "a") * 2
    form = msgspec.convert({"sections": [section, other], "limits": rules}, Form)
    assert [one.field for one in check_form(form)] == ["sections", "limits"]


@pytest.mark.parametrize(
    ("bounds", "detail"),
    [
        ({}, "limits without a bound"),
        ({"alarm_low": 5.0, "warning_low": 4.0}, "must rise"),
        ({"alarm_low": 5.0, "alarm_high": 4.0}, "must rise"),
        ({"alarm_high": 4.05}, "more than 1 decimals"),
        ({"alarm_high": 101.0}, "outside what can be answered"),
        ({"warning_low": -1.0}, "outside what can be answered"),
    ],
)
def test_limits_that_make_no_sense_are_refused(bounds: dict[str, float], detail: str) -> None:
    found = problems(item("number", "n", low=0.0, high=100.0, limits=limits(**bounds)))
    assert [field for field, _ in found] == ["sections.s.items.n.limits"]
    assert detail in found[0][1]


def test_equal_bounds_are_in_order() -> None:
    assert problems(item("number", "n", limits=limits(alarm_low=5.0, alarm_high=5.0))) == []


def test_a_range_upside_down_is_refused() -> None:
    assert problems(item("number", "n", low=2.0, high=1.0)) == [
        ("sections.s.items.n.low", "is above `high`")
    ]


def test_a_condition_speaks_only_of_what_stands_above() -> None:
    below = problems(item("check", "a", shown=compare("b", "fail")), item("check", "b"))
    assert below == [("sections.s.items.a.shown", "`b` does not stand above")]
    own = problems(item("check", "a", shown={"type": "answered", "item": "a"}))
    assert own == [("sections.s.items.a.shown", "`a` does not stand above")]


def test_an_item_of_an_element_is_unknown_outside_it() -> None:
    found = problems(item("group", "g"), item("check", "a", shown=compare("volt", 1.0)))
    assert found == [
        ("sections.s.items.a.shown", "`volt` is asked once per element of `g`"),
    ]


def test_an_element_sees_its_own_items_and_those_of_the_form() -> None:
    inner = [
        item("number", "volt", shown=compare("ups", "a")),
        item("check", "swollen", shown=compare("volt", 12.0, "below")),
    ]
    assert problems(item("choice", "ups"), item("group", "g", items=inner)) == []


@pytest.mark.parametrize(
    ("shown", "detail"),
    [
        ({"type": "includes", "item": "one", "option": "a"}, "`one` is no multiple choice"),
        ({"type": "includes", "item": "many", "option": "c"}, "`many` has no option `c`"),
    ],
)
def test_an_option_that_cannot_be_held_is_refused(shown: object, detail: str) -> None:
    found = problems(
        item("choice", "one"),
        item("choice", "many", multiple=True),
        item("check", "y", shown=shown),
    )
    assert found == [("sections.s.items.y.shown", detail)]


def test_what_is_nested_too_deep_is_refused() -> None:
    condition: object = compare("a", "pass")
    expression: object = reading("n")
    for _ in range(7):
        condition = {"type": "not", "of": condition}
        expression = call("add", expression)
    items = [item("check", "a"), item("number", "n")]
    fits = [item("check", "b", shown=condition), item("calculated", "c", expression=expression)]
    assert problems(*items, *fits) == []
    condition, expression = {"type": "not", "of": condition}, call("add", expression)
    deep = [item("check", "b", shown=condition), item("calculated", "c", expression=expression)]
    assert problems(*items, *deep) == [
        ("sections.s.items.b.shown", "nested deeper than 8"),
        ("sections.s.items.c.expression", "nested deeper than 8"),
    ]


@pytest.mark.parametrize("kind", ["all", "any"])
def test_a_condition_is_true_down_to_the_depth_that_a_form_may_have(kind: str) -> None:
    seen = Seen({"a": ItemState(path="a", item="a", section="s", shown=True, value="pass")}, {})

    def is_true(levels: int) -> bool:
        condition: object = compare("a", "pass")
        for _ in range(levels - 1):
            condition = {"type": kind, "of": [condition]}
        return holds(msgspec.convert(condition, Condition), seen)

    assert is_true(NESTING_DEPTH_MAX)
    assert not is_true(NESTING_DEPTH_MAX + 1)


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        (reading("t"), "`t` is no number"),
        (reading("later"), "`later` does not stand above"),
        (reading("volt"), "`volt` is asked once per element of `g`"),
        (aggregate("g", "none"), "`g` above has no item `none`"),
        (aggregate("none", "volt"), "`none` above has no item `volt`"),
        (call("divide", reading("n")), "`divide` takes two arguments"),
        (call("dew_point", reading("n"), reading("n"), reading("n")), "`dew_point` takes two"),
    ],
)
def test_a_calculation_that_cannot_be_worked_out_is_refused(
    expression: object, detail: str
) -> None:
    found = problems(
        item("text", "t"),
        item("number", "n"),
        item("group", "g"),
        item("calculated", "c", expression=expression),
        item("number", "later"),
    )
    assert [field for field, _ in found] == ["sections.s.items.c.expression"]
    assert detail in found[0][1]


def test_an_aggregate_of_texts_is_refused() -> None:
    inner = [item("text", "label")]
    total = item("calculated", "c", expression=aggregate("g", "label"))
    assert problems(item("group", "g", items=inner), total) == [
        ("sections.s.items.c.expression", "`label` is no number")
    ]


def test_a_group_is_not_added_up_from_inside() -> None:
    inner = [item("number", "volt"), item("calculated", "top", expression=aggregate("g", "volt"))]
    assert problems(item("group", "g", items=inner)) == [
        ("sections.s.items.g.top.expression", "`g` above has no item `volt`")
    ]


def test_a_grid_has_places_and_each_has_its_own_spot() -> None:
    assert problems(item("group", "g", layout="grid")) == [
        ("sections.s.items.g.layout", "a grid needs places")
    ]
    same = [{"id": "a", "title": W}, {"id": "b", "title": W}]
    assert problems(item("group", "g", layout="grid", places=same, count_min=1)) == [
        ("sections.s.items.g.count_min", "places are fixed: none are counted"),
        ("sections.s.items.g.places", "`row 0, column 0` is there twice"),
    ]


def test_a_compound_limit_speaks_of_one_group_at_most() -> None:
    other = item("group", "h", items=[item("number", "amp")])
    both = {"type": "all", "of": [compare("volt", 1.0), compare("amp", 1.0)]}
    found = problems(item("group", "g"), other, limits=compound(both, "volt"))
    assert found == [("limits.rule", "speaks of more than one group: g, h")]


def test_a_compound_limit_names_items_that_have_a_verdict() -> None:
    rule = compound(compare("volt", 1.0, "below"), "g", "nobody", "volt")
    assert problems(item("group", "g"), limits=rule) == [
        ("limits.rule.items", "`g` has no verdict of its own"),
        ("limits.rule.items", "`nobody` does not stand above"),
    ]


def test_an_answer_that_is_taken_back_is_no_problem() -> None:
    for kind in ("check", "number", "choice", "text", "date", "photo", "counter", "serial"):
        asked = msgspec.convert(item(kind, "x"), FormItem)
        assert answer_problem(asked, Answer()) is None
        assert answer_problem(asked, Answer(note="seen")) is None
