"""A value as people read it, in both languages. Rule: pure; a figure has its item's decimals."""

from collections.abc import Mapping
from datetime import date

from schemas.forms import (
    Calculated,
    Check,
    Choice,
    Counter,
    DateItem,
    FormItem,
    Group,
    NumberItem,
    Value,
)
from schemas.kinds.inspection import Element
from server import statement
from server.reports.facts import NOTHING, Both, both, same
from sync.forms import ItemState, Reason

NBSP = "\u00a0"
CHECKED: Mapping[str, Both] = {"pass": Both("正常", "Normal"), "fail": Both("异常", "Abnormal")}

# What a reason says; `{limit}` stands with the item's unit.
REASONS: Mapping[str, Both] = {
    "below-alarm-low": Both("低于下限 {limit}", "below limit {limit}"),
    "above-alarm-high": Both("高于上限 {limit}", "above limit {limit}"),
    "below-warning-low": Both("低于预警 {limit}", "below warning {limit}"),
    "above-warning-high": Both("高于预警 {limit}", "above warning {limit}"),
    "expired": Both("已过期", "expired"),
    "too-old": Both("已超过 {limit} 天", "older than {limit} days"),
    "counter-down": Both("低于上次读数 {limit}", "less than last time, {limit}"),
    "serial-differs": Both("与档案序列号不符", "differs from the recorded serial number"),
    "photo-missing": Both("缺照片", "photo missing"),
    "reason-missing": Both("缺原因", "reason missing"),
    "element-missing": Both("项数不足 {limit}", "fewer than {limit}"),
}

# The units that are words. Those of time: a lone "d" is a letter to whoever reads Chinese, and
# Chinese reports write 天, 小时, 分钟 and 秒 wherever GB 3100 allows the name beside the symbol.
# Every other symbol (°C, %, V, °C/h) is the same in both languages. The app's are `UNITS` in
# ui/words/format.ts; `tests/vectors/units/` holds both to the same.
UNITS: Mapping[str, Both] = {
    "d": Both("天", "d"),
    "h": Both("小时", "h"),
    "min": Both("分钟", "min"),
    "s": Both("秒", "s"),
    "页": Both("页", "pages"),
}


def figure(value: float, decimals: int) -> str:
    """Give a number with its decimals, a real minus and no grouping."""
    text = f"{value:.{decimals}f}"
    return text.replace("-", "\u2212")


def bound(value: float) -> str:
    """Give a limit as it was written: no zeros behind it."""
    return f"{value:g}".replace("-", "\u2212") if abs(value) < 1e6 else figure(value, 0)


def unit_words(unit: str) -> Both:
    """Give a template's unit as people read it."""
    return UNITS.get(unit, same(unit))


def with_unit(text: str, unit: str) -> Both:
    """Put the unit behind a figure, never on the next line."""
    said = unit_words(unit)
    return Both(f"{text}{NBSP}{said.zh}", f"{text}{NBSP}{said.en}") if unit else same(text)


def day_of(value: date) -> Both:
    """Give a calendar date with its year."""
    return Both(statement.day_of(value, "zh-CN"), statement.day_of(value, "en"))


def decimals_of(item: FormItem) -> int:
    """How many decimals a figure of this item has."""
    return item.decimals if isinstance(item, NumberItem | Calculated) else 0


def unit_of(item: FormItem) -> str:
    return item.unit if isinstance(item, NumberItem | Calculated | Counter) else ""


def shown(item: FormItem, value: Value) -> Both:
    """Give a value of an item; nothing of one that has none."""
    if value is None or isinstance(value, bool):
        return NOTHING
    if isinstance(item, Check):
        return CHECKED.get(str(value), NOTHING)
    if isinstance(value, int | float):
        whole = isinstance(item, Counter) and float(value).is_integer()
        decimals = 0 if whole else decimals_of(item) or (0 if float(value).is_integer() else 2)
        return with_unit(figure(value, decimals), unit_of(item))
    if isinstance(item, Choice):
        chosen = value if isinstance(value, tuple) else (value,)
        titles = [option.title for option in item.options if option.id in chosen]
        return Both("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))
    if isinstance(item, DateItem) and isinstance(value, str):
        try:
            return day_of(date.fromisoformat(value))
        except ValueError:
            return same(value)
    return same(value) if isinstance(value, str) else NOTHING


def told(reason: Reason, item: FormItem) -> Both:
    """Say why a verdict is not simply normal."""
    if reason.words is not None:
        return both(reason.words)
    words = REASONS.get(reason.code)
    if words is None:
        return same(reason.code)
    has_unit = reason.code.startswith(("below", "above", "counter"))
    figures = "" if reason.limit is None else bound(reason.limit)
    limit = with_unit(figures, unit_of(item) if has_unit else "")
    return Both(words.zh.format(limit=limit.zh), words.en.format(limit=limit.en))


def element_of(state: ItemState, group: Group | None, elements: Mapping[str, Element]) -> Both:
    """Name the element of a group that a state belongs to: its place, or what it was called."""
    if group is None or not state.element:
        return NOTHING
    for place in group.places:
        if state.element == f"{group.id}-{place.id}":
            return both(place.title)
    written = elements.get(state.element)
    if written is not None and written.name:
        return same(written.name)
    number = written.order + 1 if written is not None else 1
    return Both(f"{group.element.zh} {number}", f"{group.element.en} {number}")
