"""Work a calculated value out. Rule: open while one reading is open; never a text that is run."""

import math
from collections.abc import Iterator
from functools import reduce
from operator import add, mul, sub, truediv

from schemas.base import NESTING_DEPTH_MAX
from schemas.forms import Aggregate, Call, Constant, Expression, Reading
from sync.forms.answers import as_number
from sync.forms.numbers import dew_point
from sync.forms.states import Seen


def compute(expression: Expression, seen: Seen, depth: int = 1) -> float | None:
    """Give the value, unrounded; None when it is open, undefined (x / 0) or not finite."""
    if depth > NESTING_DEPTH_MAX:
        return None
    match expression:
        case Constant():
            return float(expression.value)
        case Reading():
            state = seen.find(expression.item)
            return None if state is None else as_number(state.value)
        case Aggregate():
            return _aggregate(expression, seen)
        case Call():
            found = [compute(one, seen, depth + 1) for one in expression.arguments]
            numbers = [one for one in found if one is not None]
            return _call(expression.function, numbers) if len(numbers) == len(found) else None


def _aggregate(expression: Aggregate, seen: Seen) -> float | None:
    column = seen.columns.get(f"{expression.group}.{expression.item}", [])
    if expression.function == "count":
        return float(len(column))
    if not column:
        return None
    match expression.function:
        case "min":
            return min(column)
        case "max":
            return max(column)
        case "mean":
            return _finite(_total(column) / len(column))
        case "sum":
            return _finite(_total(column))


def _call(function: str, numbers: list[float]) -> float | None:
    match function:
        case "dew_point":
            return dew_point(*numbers) if len(numbers) == 2 else None
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "mean":
            return _finite(_total(numbers) / len(numbers))
        case "add":
            return _finite(_total(numbers))
        case "subtract":
            return _finite(reduce(sub, numbers))
        case "multiply":
            return _finite(reduce(mul, numbers))
        case _:  # divide
            return None if 0.0 in numbers[1:] else _finite(reduce(truediv, numbers))


def _total(numbers: list[float]) -> float:
    """Add from left to right; `sum` compensates since Python 3.12, and JavaScript does not."""
    return reduce(add, numbers)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def leaves(expression: Expression) -> Iterator[tuple[Expression, int]]:
    """Give every node, calls included, with how deep it stands (1 is the expression itself)."""
    left: list[tuple[Expression, int]] = [(expression, 1)]
    while left:
        one, depth = left.pop(0)
        yield one, depth
        if isinstance(one, Call):
            left += [(argument, depth + 1) for argument in one.arguments]
