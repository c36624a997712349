"""Whether an answer is one that its item can have. Rule: by the item, whatever else is answered."""

import math
import re
from datetime import date

from schemas.forms import (
    Answer,
    Calculated,
    Check,
    Choice,
    Counter,
    DateItem,
    FormItem,
    NumberItem,
    Serial,
    TextItem,
    Value,
)
from sync.forms.states import AnswerProblem

# The blanks that a keyboard, a scanner or a paste leaves; named, because `strip` and `trim` differ.
BLANKS = " \t\r\n\u00a0\u3000\ufeff"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def is_answered(answer: Answer | None) -> bool:
    """Tell an answer from none: a note alone, blanks, and an empty choice are none."""
    if answer is None:
        return False
    if isinstance(answer.value, str):
        return answer.na or answer.value.strip(BLANKS) != ""
    return answer.na or (answer.value is not None and answer.value != ())


def as_number(value: Value) -> float | None:
    """Give the number, or None; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def as_date(value: Value) -> date | None:
    """Read `YYYY-MM-DD`; anything else of ISO 8601 is no date here."""
    if not isinstance(value, str) or DATE.fullmatch(value) is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def answer_problem(item: FormItem, answer: Answer) -> AnswerProblem | None:
    """Name what is wrong with an answer to `item`, or give None; no answer at all is fine."""
    if isinstance(item, Calculated):
        return "wrong-type" if is_answered(answer) else None
    if answer.na:
        return None if answer.value is None else "value-and-na"
    if not is_answered(answer):
        return None
    match item:
        case Check():
            return None if answer.value in ("pass", "fail") else "wrong-type"
        case NumberItem():
            return _number_problem(answer.value, low=item.low, high=item.high)
        case Counter():
            return _number_problem(answer.value, low=0, high=None)
        case Choice():
            return _choice_problem(item, answer.value)
        case DateItem():
            return None if as_date(answer.value) is not None else "not-a-date"
        case TextItem() | Serial():
            return None if isinstance(answer.value, str) else "wrong-type"
        case _:  # A photo, a signature and a group hold no value of their own.
            return "wrong-type"


def _number_problem(value: Value, *, low: float | None, high: float | None) -> AnswerProblem | None:
    number = as_number(value)
    if number is None:
        return "wrong-type"
    if (low is not None and number < low) or (high is not None and number > high):
        return "out-of-range"
    return None


def _choice_problem(item: Choice, value: Value) -> AnswerProblem | None:
    if item.multiple != isinstance(value, tuple):
        return "wrong-type"
    chosen = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(option, str) for option in chosen):
        return "wrong-type"
    if len(set(chosen)) != len(chosen):
        return "repeated-option"
    known = {option.id for option in item.options}
    return None if known.issuperset(chosen) else "unknown-option"
