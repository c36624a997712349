"""Judge one shown item. Rule: by its own answer and facts; others enter by what is seen above."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct, structs

from schemas.forms import (
    Answer,
    Calculated,
    Check,
    Choice,
    CompoundLimit,
    Counter,
    DateItem,
    FormItem,
    Group,
    Limits,
    NumberItem,
    PhotoItem,
    Serial,
    SignatureItem,
    Value,
)
from schemas.kinds.asset import Verdict
from sync.forms.answers import BLANKS, answer_problem, as_date, as_number, is_answered
from sync.forms.expressions import compute
from sync.forms.numbers import round_to
from sync.forms.states import ItemState, Reason, Seen

Judged = tuple[Value, Verdict, tuple[Reason, ...]]

NOTHING: Judged = (None, "open", ())
WORSE: Mapping[Verdict, int] = {"normal": 0, "warning": 1, "abnormal": 2}
# Latin letters only: what one program folds and another does not would make two verdicts.
FOLD = {lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)}


class Facts(Struct, frozen=True, kw_only=True):
    """What is known beside the answers. Keys are paths; `today` is the day at the site."""

    photos: Mapping[str, int]
    signatures: Collection[str]
    previous: Mapping[str, Value]
    asset_serial: str | None
    today: date


def judge(
    item: FormItem,
    answer: Answer | None,
    state: ItemState,
    *,
    required: bool,
    facts: Facts,
    seen: Seen,
) -> ItemState:
    """Fill `state` (path, section and element of a shown item) with what the answer means."""
    if isinstance(item, Calculated):
        return _judged(state, _calculated(item, seen), asked=False, required=False)
    if isinstance(item, PhotoItem) and item.count_min == 0:
        required = False  # Nothing is asked for, so nothing can be missing.
    if answer is not None and (problem := answer_problem(item, answer)) is not None:
        return structs.replace(
            _judged(state, (None, "open", (Reason(code=problem),)), required=required),
            incomplete=not required,
        )
    if answer is not None and answer.na:
        said = answer.reason.strip(BLANKS) != ""
        reasons = () if said else (Reason(code="reason-missing"),)
        return structs.replace(_judged(state, (None, "na", reasons)), incomplete=not said)
    judged = _verdict(item, answer, state.path, facts)
    lacks_photo = any(reason.code == "photo-missing" for reason in judged[2])
    found = _judged(state, judged, required=required)
    return structs.replace(found, incomplete=lacks_photo and not found.missing)


def judge_group(
    group: Group, answer: Answer | None, state: ItemState, *, elements: int
) -> ItemState:
    """Judge whether a group has its elements; their items are judged one by one."""
    if answer is not None and answer.na:
        said = answer.reason.strip(BLANKS) != ""
        reasons = () if said else (Reason(code="reason-missing"),)
        return structs.replace(_judged(state, (None, "na", reasons)), incomplete=not said)
    enough = elements >= group.count_min
    few = () if enough else (Reason(code="element-missing", limit=float(group.count_min)),)
    judged: Judged = (None, "normal" if enough and elements else "open", few)
    return structs.replace(
        _judged(state, judged, asked=group.count_min > 0), missing=group.required and not enough
    )


def raise_verdict(state: ItemState, limit: CompoundLimit) -> ItemState:
    """Add a broken compound limit to an item that it names; an item without verdict stays so."""
    if state.verdict not in WORSE or any(reason.rule == limit.id for reason in state.reasons):
        return state
    reason = Reason(code="compound", rule=limit.id, words=limit.words, source=limit.source)
    worse = WORSE[limit.verdict] > WORSE[state.verdict]
    return structs.replace(
        state,
        verdict=limit.verdict if worse else state.verdict,
        reasons=(*state.reasons, reason),
    )


def _judged(
    state: ItemState, judged: Judged, *, asked: bool = True, required: bool = False
) -> ItemState:
    value, verdict, reasons = judged
    return structs.replace(
        state,
        shown=True,
        asked=asked,
        value=value,
        verdict=verdict,
        reasons=reasons,
        missing=required and verdict == "open",
    )


def _verdict(item: FormItem, answer: Answer | None, path: str, facts: Facts) -> Judged:
    match item:
        case PhotoItem():
            return _photo(item, facts.photos.get(path, 0))
        case SignatureItem():
            return (None, "normal" if path in facts.signatures else "open", ())
    if answer is None or not is_answered(answer):
        return NOTHING
    value = answer.value
    match item:
        case Check():
            if value == "pass":
                return (value, "normal", ())
            photo = item.photo_on_fail and facts.photos.get(path, 0) == 0
            return (value, "abnormal", (Reason(code="photo-missing", limit=1),) if photo else ())
        case NumberItem():
            return _reading(as_number(value), decimals=item.decimals, limits=item.limits)
        case Choice():
            return _choice(item, value)
        case DateItem():
            return _date(item, value, facts.today)
        case Counter():
            before, now = as_number(facts.previous.get(path)), as_number(value)
            if before is not None and now is not None and now < before:
                return (now, "abnormal", (Reason(code="counter-down", limit=before),))
            return (now, "normal", ())
        case Serial():
            return _serial(item, value, facts.asset_serial)
        case _:
            return (value, "normal", ())


def _photo(item: PhotoItem, photos: int) -> Judged:
    if photos >= max(item.count_min, 1):
        return (None, "normal", ())
    if photos == 0:
        return NOTHING
    return (None, "open", (Reason(code="photo-missing", limit=float(item.count_min)),))


def _choice(item: Choice, value: Value) -> Judged:
    chosen = value if isinstance(value, tuple) else (value,)
    verdicts = [option.verdict for option in item.options if option.id in chosen]
    return (value, max(verdicts, key=WORSE.__getitem__), ())


def _calculated(item: Calculated, seen: Seen) -> Judged:
    return _reading(compute(item.expression, seen), decimals=item.decimals, limits=item.limits)


def _reading(number: float | None, *, decimals: int, limits: Limits | None) -> Judged:
    if number is None:
        return NOTHING
    value = round_to(number, decimals)
    if limits is None:
        return (value, "normal", ())
    low, high = limits.alarm_low, limits.alarm_high
    if low is not None and value < low:
        return (value, "abnormal", (_broken("below-alarm-low", low, limits),))
    if high is not None and value > high:
        return (value, "abnormal", (_broken("above-alarm-high", high, limits),))
    low, high = limits.warning_low, limits.warning_high
    if low is not None and value < low:
        return (value, "warning", (_broken("below-warning-low", low, limits),))
    if high is not None and value > high:
        return (value, "warning", (_broken("above-warning-high", high, limits),))
    return (value, "normal", ())


def _broken(
    code: Literal["below-alarm-low", "above-alarm-high", "below-warning-low", "above-warning-high"],
    limit: float,
    limits: Limits,
) -> Reason:
    return Reason(code=code, limit=limit, source=limits.source)


def _date(item: DateItem, value: Value, today: date) -> Judged:
    day = as_date(value)
    if day is None:
        return NOTHING
    if item.expires and day < today:
        return (value, "abnormal", (Reason(code="expired"),))
    if item.age_days_max is not None and (today - day).days > item.age_days_max:
        return (value, "warning", (Reason(code="too-old", limit=float(item.age_days_max)),))
    return (value, "normal", ())


def _serial(item: Serial, value: Value, asset_serial: str | None) -> Judged:
    own = (asset_serial or "").strip(BLANKS).translate(FOLD)
    if not item.of_asset or own == "" or not isinstance(value, str):
        return (value, "normal", ())
    if value.strip(BLANKS).translate(FOLD) == own:
        return (value, "normal", ())
    return (value, "abnormal", (Reason(code="serial-differs"),))
