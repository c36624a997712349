"""What is wrong with a form before it is published. Rule: what passes is read without surprise."""

from collections.abc import Iterable

from schemas.base import NESTING_DEPTH_MAX
from schemas.forms import (
    Aggregate,
    Calculated,
    Call,
    Check,
    Choice,
    Compare,
    CompoundLimit,
    Condition,
    Counter,
    DateItem,
    Expression,
    Form,
    FormItem,
    Group,
    Includes,
    Limits,
    NumberItem,
    PhotoItem,
    Reading,
    SignatureItem,
)
from schemas.problems import FieldProblem
from sync.forms.answers import as_date
from sync.forms.conditions import parts
from sync.forms.evaluation import spoken_of
from sync.forms.expressions import leaves
from sync.forms.numbers import round_to

Numeric = NumberItem | Counter | Calculated
PAIRS = ("subtract", "divide", "dew_point")


def check_form(form: Form) -> tuple[FieldProblem, ...]:
    """Give every problem with its field; none means that the form may be published."""
    check = _Check(form)
    check.unique("sections", (section.id for section in form.sections))
    check.unique("limits", (limit.id for limit in form.limits))
    check.elements()
    for section in form.sections:
        here = f"sections.{section.id}"
        check.condition(f"{here}.shown", section.shown)
        for item in section.items:
            check.item(f"{here}.items.{item.id}", item)
            if isinstance(item, Group):
                for inner in item.items:
                    check.item(f"{here}.items.{item.id}.{inner.id}", inner, group=item.id)
    for limit in form.limits:  # After all items: a compound limit may speak of any.
        check.compound(f"limits.{limit.id}", limit)
    return tuple(check.problems)


class _Check:
    """The problems so far, and the items that stand above with the group that each is in."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.problems: list[FieldProblem] = []
        self.above: dict[str, tuple[FormItem, str]] = {}

    def say(self, field: str, detail: str) -> None:
        self.problems.append(FieldProblem(field=field, detail=detail))

    def unique(self, field: str, ids: Iterable[str]) -> None:
        seen: set[str] = set()
        for one in ids:
            if one in seen:
                self.say(field, f"`{one}` is there twice")
            seen.add(one)

    def elements(self) -> None:
        """Element ids of fixed places join two ids by a hyphen, so two groups could meet."""
        places = [
            f"{item.id}-{place.id}"
            for section in self.form.sections
            for item in section.items
            if isinstance(item, Group)
            for place in item.places
        ]
        self.unique("sections", places)

    def item(self, field: str, item: FormItem, group: str = "") -> None:
        self.condition(f"{field}.shown", item.shown, group)
        if item.id in self.above:
            self.say(field, f"`{item.id}` is there twice")
        match item:
            case NumberItem():
                self.limits(f"{field}.limits", item.limits, item.decimals)
                self.range(field, item)
            case Calculated():
                self.limits(f"{field}.limits", item.limits, item.decimals)
                self.expression(f"{field}.expression", item.expression, group)
            case Choice():
                self.unique(f"{field}.options", (option.id for option in item.options))
            case Group():
                self.group(field, item)
        self.above.setdefault(item.id, (item, group))

    def group(self, field: str, group: Group) -> None:
        if group.places and group.count_min:
            self.say(f"{field}.count_min", "places are fixed: none are counted")
        if group.layout == "grid" and not group.places:
            self.say(f"{field}.layout", "a grid needs places")
        spots = [f"row {place.row}, column {place.column}" for place in group.places]
        if group.layout == "grid":
            self.unique(f"{field}.places", spots)

    def limits(self, field: str, limits: Limits | None, decimals: int) -> None:
        if limits is None:
            return
        bounds = [limits.alarm_low, limits.warning_low, limits.warning_high, limits.alarm_high]
        given = [bound for bound in bounds if bound is not None]
        if not given:
            self.say(field, "limits without a bound")
        if given != sorted(given):
            self.say(field, "must rise: alarm low, warning low, warning high, alarm high")
        for bound in given:
            if round_to(bound, decimals) != bound:
                self.say(field, f"{bound} has more than {decimals} decimals, as no value has")

    def range(self, field: str, item: NumberItem) -> None:
        low, high, limits = item.low, item.high, item.limits
        if low is not None and high is not None and low > high:
            self.say(f"{field}.low", "is above `high`")
        if limits is None:
            return
        for bound in (limits.alarm_low, limits.warning_low, limits.warning_high, limits.alarm_high):
            if bound is None:
                continue
            if (low is not None and bound < low) or (high is not None and bound > high):
                self.say(f"{field}.limits", f"{bound} lies outside what can be answered")

    def target(self, field: str, name: str, group: str) -> FormItem | None:
        """Find an item that may be spoken of here: above, and of the form or the same group."""
        found = self.above.get(name)
        if found is None:
            self.say(field, f"`{name}` does not stand above")
            return None
        if found[1] not in ("", group):
            self.say(field, f"`{name}` is asked once per element of `{found[1]}`")
            return None
        return found[0]

    def condition(self, field: str, condition: Condition | None, group: str = "") -> None:
        if condition is None:
            return
        for one, depth in parts(condition):
            if depth > NESTING_DEPTH_MAX:
                self.say(field, f"nested deeper than {NESTING_DEPTH_MAX}")
                return
            item = self.target(field, one.item, group)
            if item is None:
                continue
            if isinstance(one, Compare):
                self.compare(field, one, item)
            elif isinstance(one, Includes):
                options = {option.id for option in item.options} if isinstance(item, Choice) else {}
                if not isinstance(item, Choice) or not item.multiple:
                    self.say(field, f"`{one.item}` is no multiple choice")
                elif one.option not in options:
                    self.say(field, f"`{one.item}` has no option `{one.option}`")

    def compare(self, field: str, compare: Compare, item: FormItem) -> None:
        value, ordered = compare.value, compare.is_ in ("above", "below")
        match item:
            case NumberItem() | Counter() | Calculated():
                good = isinstance(value, int | float) and not isinstance(value, bool)
            case Check():
                good = value in ("pass", "fail") and not ordered
            case Choice():
                known = {option.id for option in item.options}
                good = not item.multiple and value in known and not ordered
            case DateItem():
                good = isinstance(value, str) and as_date(value) is not None
            case PhotoItem() | SignatureItem() | Group():
                good = False
            case _:  # A text or a serial number.
                good = isinstance(value, str) and not ordered
        if not good:
            self.say(field, f"`{item.id}` is never {compare.is_} {value!r}")

    def expression(self, field: str, expression: Expression, group: str) -> None:
        for one, depth in leaves(expression):
            if depth > NESTING_DEPTH_MAX:
                self.say(field, f"nested deeper than {NESTING_DEPTH_MAX}")
                return
            match one:
                case Reading():
                    item = self.target(field, one.item, group)
                    if item is not None and not isinstance(item, Numeric):
                        self.say(field, f"`{one.item}` is no number")
                case Aggregate():
                    self.aggregate(field, one, group)
                case Call():
                    if one.function in PAIRS and len(one.arguments) != 2:
                        self.say(field, f"`{one.function}` takes two arguments")

    def aggregate(self, field: str, aggregate: Aggregate, group: str) -> None:
        found = self.above.get(aggregate.item)
        if found is None or found[1] != aggregate.group or aggregate.group == group:
            self.say(field, f"`{aggregate.group}` above has no item `{aggregate.item}`")
        elif not isinstance(found[0], Numeric):
            self.say(field, f"`{aggregate.item}` is no number")

    def compound(self, field: str, limit: CompoundLimit) -> None:
        groups = spoken_of(limit, self.form)
        if len(groups) > 1:
            self.say(field, f"speaks of more than one group: {', '.join(groups)}")
            return
        group = groups[0] if groups else ""
        self.condition(f"{field}.broken", limit.broken, group)
        for name in limit.items:
            if isinstance(self.target(f"{field}.items", name, group), Group):
                self.say(f"{field}.items", f"`{name}` has no verdict of its own")
