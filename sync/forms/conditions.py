"""Whether a condition holds. Rule: what is hidden, open or not applicable has no value here."""

from collections.abc import Iterator

from schemas.base import NESTING_DEPTH_MAX
from schemas.forms import AllOf, Answered, AnyOf, Compare, Condition, Includes, Not, Value
from sync.forms.answers import as_date, as_number
from sync.forms.states import Seen


def holds(condition: Condition, seen: Seen, depth: int = 1) -> bool:
    """Tell whether `condition` is true of what is seen; beyond NESTING_DEPTH_MAX it is not."""
    if depth > NESTING_DEPTH_MAX:
        return False
    match condition:
        case Compare():
            return _compare(condition, seen)
        case Includes():
            state = seen.find(condition.item)
            value = None if state is None else state.value
            return isinstance(value, tuple) and condition.option in value
        case Answered():
            state = seen.find(condition.item)
            return state is not None and state.verdict != "open"
        case AllOf():
            return all(holds(term, seen, depth + 1) for term in condition.of)
        case AnyOf():
            return any(holds(term, seen, depth + 1) for term in condition.of)
        case Not():
            return not holds(condition.of, seen, depth + 1)


def _compare(condition: Compare, seen: Seen) -> bool:
    state = seen.find(condition.item)
    if state is None or state.value is None:
        return False
    if condition.is_ == "equal":
        return _same(state.value, condition.value)
    if condition.is_ == "unequal":
        return not _same(state.value, condition.value)
    order = _order(state.value, condition.value)
    return order is not None and (order > 0 if condition.is_ == "above" else order < 0)


def _same(left: Value, right: Value) -> bool:
    """Compare as JSON does: true is not 1, and 1 is 1.0."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _order(left: Value, right: Value) -> int | None:
    """Order two numbers or two dates; nothing else has an order here."""
    a, b = as_number(left), as_number(right)
    if a is not None and b is not None:
        return (a > b) - (a < b)
    day, other = as_date(left), as_date(right)
    if day is not None and other is not None:
        return (day > other) - (day < other)
    return None


def parts(condition: Condition) -> Iterator[tuple[Compare | Includes | Answered, int]]:
    """Give every comparison inside, with how deep it stands (1 is the condition itself)."""
    left: list[tuple[Condition, int]] = [(condition, 1)]
    while left:
        one, depth = left.pop(0)
        match one:
            case AllOf() | AnyOf():
                left += [(term, depth + 1) for term in one.of]
            case Not():
                left.append((one.of, depth + 1))
            case _:
                yield one, depth
