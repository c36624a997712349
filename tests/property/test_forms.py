"""Property: the laws of reading a form, for forms and answers of every shape that the wire allows.

The forms are drawn, not written: conditions, calculations and limits may point at anything,
also at what stands below, at themselves or at nothing.
"""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schemas.forms import Answer, Form
from schemas.kinds.inspection import Element
from sync.forms import Evaluation, ItemState, check_form, evaluate, rest_items
from sync.forms.numbers import dew_point, round_to

W = {"zh": "字", "en": "word"}
IDS = tuple("abcdefhi")
INNER = tuple("mnop")  # Ids inside the one group, which is `g`.
TODAY = date(2026, 3, 1)

names = st.sampled_from((*IDS, *INNER, "g"))
numbers = st.one_of(
    st.integers(-5, 5).map(float),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.sampled_from((0.05, 0.15, 2.675, 1e12, -1e12)),
)
options = st.sampled_from(("x", "y", "z"))
values = st.one_of(
    numbers,
    options,
    st.sampled_from(("pass", "fail", "2026-02-28", "2026-02-30", " ", "")),
    st.text(max_size=4),
    st.booleans(),
    st.none(),
    st.lists(options, max_size=3).map(tuple),
)
conditions = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("compare"),
                "item": names,
                "is": st.sampled_from(("equal", "unequal", "above", "below")),
                "value": st.one_of(
                    numbers, options, st.sampled_from(("pass", "fail")), st.booleans()
                ),
            }
        ),
        st.fixed_dictionaries({"type": st.just("includes"), "item": names, "option": options}),
        st.fixed_dictionaries({"type": st.just("answered"), "item": names}),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.sampled_from(("all", "any")), "of": st.lists(inner, min_size=1, max_size=3)}
        ),
        st.fixed_dictionaries({"type": st.just("not"), "of": inner}),
    ),
    max_leaves=4,
)
expressions = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("constant"), "value": numbers}),
        st.fixed_dictionaries({"type": st.just("reading"), "item": names}),
        st.fixed_dictionaries(
            {
                "type": st.just("aggregate"),
                "function": st.sampled_from(("min", "max", "mean", "sum", "count")),
                "group": st.just("g"),
                "item": st.sampled_from(INNER),
            }
        ),
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.just("call"),
            "function": st.sampled_from(
                ("add", "subtract", "multiply", "divide", "min", "max", "mean", "dew_point")
            ),
            "arguments": st.lists(inner, min_size=1, max_size=3),
        }
    ),
    max_leaves=5,
)
bounds = st.lists(st.one_of(st.none(), numbers), min_size=4, max_size=4).map(
    lambda four: {
        **dict(zip(("alarm_low", "warning_low", "warning_high", "alarm_high"), four, strict=True)),
        "source": W,
    }
)
KINDS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "check": st.fixed_dictionaries({"photo_on_fail": st.booleans(), "rest": st.booleans()}),
    "number": st.fixed_dictionaries(
        {"decimals": st.integers(0, 6), "low": st.one_of(st.none(), numbers), "limits": bounds}
    ),
    "choice": st.fixed_dictionaries(
        {
            "multiple": st.booleans(),
            "options": st.just(
                [
                    {"id": "x", "title": W},
                    {"id": "y", "title": W, "verdict": "warning"},
                    {"id": "z", "title": W, "verdict": "abnormal"},
                ]
            ),
        }
    ),
    "text": st.just({}),
    "date": st.fixed_dictionaries(
        {"expires": st.booleans(), "age_days_max": st.one_of(st.none(), st.integers(1, 400))}
    ),
    "photo": st.fixed_dictionaries({"count_min": st.integers(0, 2)}),
    "counter": st.just({}),
    "serial": st.fixed_dictionaries({"of_asset": st.booleans()}),
    "calculated": st.fixed_dictionaries(
        {"expression": expressions, "decimals": st.integers(0, 6), "limits": bounds}
    ),
}


@st.composite
def drawn_item(draw: st.DrawFn, name: str, *, inside: bool = False) -> dict[str, Any]:
    kind = draw(st.sampled_from((*KINDS, "signature") if not inside else tuple(KINDS)))
    item = {"type": kind, "id": name, "title": W, "required": draw(st.booleans())}
    if draw(st.booleans()):
        item["shown"] = draw(conditions)
    return {**item, **(draw(KINDS[kind]) if kind in KINDS else {"statement": W})}


@st.composite
def drawn_group(draw: st.DrawFn) -> dict[str, Any]:
    places = [{"id": name, "title": W} for name in draw(st.sampled_from(((), ("p", "q"))))]
    return {
        "type": "group",
        "id": "g",
        "title": W,
        "element": W,
        "required": draw(st.booleans()),
        "count_min": draw(st.integers(0, 2)),
        "places": places,
        "items": [draw(drawn_item(name, inside=True)) for name in INNER],
        **({"shown": draw(conditions)} if draw(st.booleans()) else {}),
    }


@st.composite
def drawn_form(draw: st.DrawFn) -> Form:
    items = [draw(drawn_item(name)) for name in IDS]
    items.insert(draw(st.integers(0, len(items))), draw(drawn_group()))
    cut = draw(st.integers(1, len(items) - 1))
    sections = [
        {"id": "first", "title": W, "items": items[:cut]},
        {"id": "second", "title": W, "items": items[cut:]},
    ]
    if draw(st.booleans()):
        sections[1]["shown"] = draw(conditions)
    limits = [
        {
            "id": "rule",
            "broken": draw(conditions),
            "verdict": draw(st.sampled_from(("warning", "abnormal"))),
            "words": W,
            "items": draw(st.lists(names, min_size=1, max_size=3)),
            "source": W,
        }
    ]
    return msgspec.convert({"sections": sections, "limits": limits}, Form)


answer = st.one_of(
    st.none(),
    st.builds(Answer, value=values),
    st.builds(Answer, na=st.just(value=True), reason=st.sampled_from(("", " ", "no access"))),
    st.builds(Answer, value=values, na=st.booleans()),
)
answer_maps = st.dictionaries(st.sampled_from((*IDS, "g", "gone")), answer, max_size=9)
element_maps = st.dictionaries(
    st.sampled_from(("g-p", "g-q", "e1", "e2")),
    st.builds(
        Element,
        group=st.sampled_from(("g", "g", "g", "other")),
        order=st.integers(0, 2),
        answers=st.dictionaries(st.sampled_from(INNER), answer, max_size=4),
    ),
    max_size=4,
)
paths = st.sampled_from((*IDS, *(f"g.{e}.{i}" for e in ("g-p", "e1") for i in INNER)))
photo_maps = st.dictionaries(paths, st.integers(0, 3), max_size=6)


# Half of the first seconds goes into building the strategies, which Hypothesis takes for slowness.
patient = settings(suppress_health_check=[HealthCheck.too_slow])


def read(
    form: Form,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
    photos: Mapping[str, int],
) -> Evaluation:
    return evaluate(
        form,
        answers,
        elements,
        photos=photos,
        signatures=("a", "c"),
        previous={"b": 1.0, "g.e1.m": 2.0},
        asset_serial="x",
        today=TODAY,
    )


def shown_states(evaluation: Evaluation) -> dict[str, ItemState]:
    return {path: state for path, state in evaluation.items.items() if state.shown}


@patient
@given(drawn_form(), answer_maps, element_maps, photo_maps)
def test_a_form_is_read_whatever_is_asked_and_answered(
    form: Form,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
    photos: Mapping[str, int],
) -> None:
    check_form(form)
    evaluation = read(form, answers, elements, photos)
    totals = evaluation.totals
    assert 0 <= totals.answered <= totals.asked
    assert not set(totals.missing) & set(totals.incomplete)
    assert sum(section.totals.asked for section in evaluation.sections) == totals.asked
    for state in evaluation.items.values():
        assert state.shown or (state.verdict, state.value, state.reasons) == ("open", None, ())
        assert not state.missing or state.verdict == "open"
        if isinstance(state.value, float):
            assert math.isfinite(state.value)
    for section in form.sections:
        for path in rest_items(form, section.id, evaluation):
            assert evaluation.items[path].verdict == "open"


@patient
@given(drawn_form(), answer_maps, element_maps, photo_maps)
def test_what_is_hidden_changes_nothing(
    form: Form,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
    photos: Mapping[str, int],
) -> None:
    whole = read(form, answers, elements, photos)
    shown = shown_states(whole)
    bare = read(
        form,
        {name: one for name, one in answers.items() if name in shown},
        {
            key: msgspec.structs.replace(
                element,
                answers={
                    name: one for name, one in element.answers.items() if f"g.{key}.{name}" in shown
                },
            )
            for key, element in elements.items()
        },
        {path: count for path, count in photos.items() if path in shown},
    )
    assert shown_states(bare) == shown
    assert bare.totals == whole.totals


@patient
@given(drawn_form(), answer_maps, element_maps, photo_maps, st.data())
def test_one_more_answer_misses_only_what_it_shows(
    form: Form,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
    photos: Mapping[str, int],
    data: st.DataObject,
) -> None:
    before = read(form, answers, elements, photos)
    still_open = [path for path in IDS if before.items[path].verdict == "open"]
    assume(still_open)
    more = {**answers, data.draw(st.sampled_from(still_open)): data.draw(answer)}
    after = read(form, more, elements, photos)
    known = shown_states(before)
    assert {path for path in after.totals.missing if path in known} <= set(before.totals.missing)


@given(st.floats(-45, 60), st.one_of(st.just(100.0), st.floats(0.01, 100)))
def test_the_dew_point_is_never_above_the_temperature(temperature: float, humidity: float) -> None:
    dew = dew_point(temperature, humidity)
    assert dew is not None
    assert dew <= temperature


@given(st.floats(-45, 60), st.floats(0.01, 100), st.floats(0.01, 100))
def test_damper_air_has_a_higher_dew_point(temperature: float, one: float, other: float) -> None:
    dry, damp = dew_point(temperature, min(one, other)), dew_point(temperature, max(one, other))
    assert dry is not None
    assert damp is not None
    assert round_to(dry, 6) <= round_to(damp, 6)


@given(st.floats(-45, 60), st.floats(-45, 60), st.floats(0.01, 100))
def test_warmer_air_has_a_higher_dew_point(one: float, other: float, humidity: float) -> None:
    cold, warm = dew_point(min(one, other), humidity), dew_point(max(one, other), humidity)
    assert cold is not None
    assert warm is not None
    assert round_to(cold, 6) <= round_to(warm, 6)


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_rounding_is_near_and_rests(value: float, decimals: int) -> None:
    rounded = round_to(value, decimals)
    assert abs(rounded - value) <= 0.5 * 10**-decimals + math.ulp(value)
    assert round_to(rounded, decimals) == rounded
    assert round_to(-value, decimals) == -rounded


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.integers(0, 6))
def test_rounding_keeps_the_order(one: float, other: float, decimals: int) -> None:
    assert round_to(min(one, other), decimals) <= round_to(max(one, other), decimals)
