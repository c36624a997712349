"""What an evaluation says of each item and of the whole. Rule: no state holds a hidden answer."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from schemas.base import Words
from schemas.forms import Value
from schemas.kinds.asset import Verdict

AnswerProblem = Literal[
    "wrong-type", "unknown-option", "repeated-option", "not-a-date", "out-of-range", "value-and-na"
]
ReasonCode = (
    AnswerProblem
    | Literal[
        "below-alarm-low",
        "below-warning-low",
        "above-warning-high",
        "above-alarm-high",
        "expired",
        "too-old",
        "counter-down",
        "serial-differs",
        "compound",
        "photo-missing",
        "reason-missing",
        "element-missing",
    ]
)


class Reason(Struct, frozen=True, kw_only=True):
    """Why a verdict is not simply normal, or what an answer still lacks.

    `limit` is in the item's unit (days for `too-old`, a count for what is missing), `source`
    the norm behind it; `rule` and `words` are those of a compound limit.
    """

    code: ReasonCode
    limit: float | None = None
    source: Words | None = None
    rule: str = ""
    words: Words | None = None


class ItemState(Struct, frozen=True, kw_only=True):
    """One item of the form, or of one element. `path` is `item` or `group.element.item`.

    A hidden item is open, without value and reasons. `missing`: required, shown, not answered.
    `incomplete`: answered, but a reason or a photo is still to come, or the value is no answer.
    `asked`: counts in the progress; a calculated value is judged, never asked.
    """

    path: str
    item: str
    section: str
    group: str = ""
    element: str = ""
    shown: bool = False
    asked: bool = False
    value: Value = None
    verdict: Verdict = "open"
    reasons: tuple[Reason, ...] = ()
    missing: bool = False
    incomplete: bool = False


class Totals(Struct, frozen=True, kw_only=True):
    """Counts over shown items. Work may be submitted when `missing` and `incomplete` are empty."""

    asked: int
    answered: int
    abnormal: int
    warning: int
    na: int
    missing: tuple[str, ...]
    incomplete: tuple[str, ...]


class SectionState(Struct, frozen=True, kw_only=True):
    """One section with its own totals."""

    section: str
    shown: bool
    totals: Totals


class Evaluation(Struct, frozen=True, kw_only=True):
    """Everything that the answers mean, by path, in the order of the form."""

    items: Mapping[str, ItemState]
    sections: tuple[SectionState, ...]
    totals: Totals


class Seen(Struct, frozen=True):
    """The states above one place of the form; what stands below is not there yet.

    `prefix` is `group.element.` inside an element: its own items are found first. `columns`
    are the numbers of each group's item, by `group.item`, one for every element that has one.
    """

    states: Mapping[str, ItemState]
    columns: Mapping[str, list[float]]
    prefix: str = ""

    def find(self, item: str) -> ItemState | None:
        """Give the state of an item, or None; a hidden one is open and has no value."""
        return self.states.get(self.prefix + item) or self.states.get(item)


def count(states: list[ItemState]) -> Totals:
    """Add up what `states` say; hidden ones count nowhere."""
    shown = [state for state in states if state.shown]
    asked = [state for state in shown if state.asked]
    return Totals(
        asked=len(asked),
        answered=sum(state.verdict != "open" for state in asked),
        abnormal=sum(state.verdict == "abnormal" for state in shown),
        warning=sum(state.verdict == "warning" for state in shown),
        na=sum(state.verdict == "na" for state in shown),
        missing=tuple(state.path for state in shown if state.missing),
        incomplete=tuple(state.path for state in shown if state.incomplete),
    )
