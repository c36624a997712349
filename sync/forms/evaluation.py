"""Read a form from top to bottom against its answers. Rule: total; no answer makes it raise."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from msgspec import structs

from schemas.forms import (
    Answer,
    Check,
    CompoundLimit,
    Form,
    FormItem,
    Group,
    GroupedItem,
    Section,
    Value,
)
from schemas.kinds.inspection import Element
from sync.forms.answers import as_number
from sync.forms.conditions import holds, parts
from sync.forms.states import Evaluation, ItemState, SectionState, Seen, count
from sync.forms.verdicts import Facts, judge, judge_group, raise_verdict

NO_ELEMENT = Element(group="none")


def evaluate(
    form: Form,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
    *,
    photos: Mapping[str, int],
    signatures: Collection[str],
    previous: Mapping[str, Value],
    asset_serial: str | None,
    today: date,
) -> Evaluation:
    """Give what is shown, worked out, judged and missing.

    `photos` counts them and `previous` holds the last visit's values, both by path; `signatures`
    are the paths that are signed; `today` is the day at the site. Answers to hidden items and to
    items that the form does not have are passed over, never an error.
    """
    facts = Facts(
        photos=photos,
        signatures=signatures,
        previous=previous,
        asset_serial=asset_serial,
        today=today,
    )
    reading = _Reading(answers, elements, facts)
    for section in form.sections:
        reading.read(section)
    for limit in form.limits:
        reading.apply(limit, form)
    states = reading.states
    sections = tuple(
        SectionState(
            section=section.id,
            shown=reading.shown[section.id],
            totals=count([state for state in states.values() if state.section == section.id]),
        )
        for section in form.sections
    )
    return Evaluation(items=states, sections=sections, totals=count(list(states.values())))


def rest_items(form: Form, section: str, evaluation: Evaluation) -> tuple[str, ...]:
    """Paths that "mark the rest normal" may answer: open, shown checks of the section only."""
    wanted = {item.id for item in _items(form) if isinstance(item, Check) and item.rest}
    return tuple(
        state.path
        for state in evaluation.items.values()
        if state.section == section
        and state.item in wanted
        and state.shown
        and state.verdict == "open"
        and not state.reasons
    )


def element_ids(group: Group, elements: Mapping[str, Element]) -> tuple[str, ...]:
    """Give the ids of a group's elements in order: its places, else what was added."""
    if group.places:
        return tuple(f"{group.id}-{place.id}" for place in group.places)
    own = [(one.order, key) for key, one in elements.items() if one.group == group.id]
    return tuple(key for _, key in sorted(own))


class _Reading:
    """One pass over a form: the states so far, and the columns of numbers of its groups."""

    def __init__(
        self, answers: Mapping[str, Answer | None], elements: Mapping[str, Element], facts: Facts
    ) -> None:
        self.answers = answers
        self.elements = elements
        self.facts = facts
        self.states: dict[str, ItemState] = {}
        self.columns: dict[str, list[float]] = {}
        self.shown: dict[str, bool] = {}
        self.prefixes: dict[str, list[str]] = {}

    def read(self, section: Section) -> None:
        seen = Seen(self.states, self.columns)
        open_section = section.shown is None or holds(section.shown, seen)
        self.shown[section.id] = open_section
        for item in section.items:
            state = ItemState(path=item.id, item=item.id, section=section.id)
            self.states[item.id] = state
            if not open_section or (item.shown is not None and not holds(item.shown, seen)):
                continue
            answer = self.answers.get(item.id)
            if isinstance(item, Group):
                self._read_group(item, answer, state)
            else:
                self.states[item.id] = judge(
                    item, answer, state, required=item.required, facts=self.facts, seen=seen
                )

    def _read_group(self, group: Group, answer: Answer | None, state: ItemState) -> None:
        ids = element_ids(group, self.elements)
        found = judge_group(group, answer, state, elements=len(ids))
        self.states[group.id] = found
        for element in () if found.verdict == "na" else ids:
            prefix = f"{group.id}.{element}."
            self.prefixes.setdefault(group.id, []).append(prefix)
            written = self.elements.get(element, NO_ELEMENT)
            answers = written.answers if written.group == group.id else {}
            for item in group.items:
                here = structs.replace(
                    state, path=prefix + item.id, item=item.id, group=group.id, element=element
                )
                self.states[here.path] = self._read_grouped(item, answers, here, group, prefix)

    def _read_grouped(
        self,
        item: GroupedItem,
        answers: Mapping[str, Answer | None],
        state: ItemState,
        group: Group,
        prefix: str,
    ) -> ItemState:
        seen = Seen(self.states, self.columns, prefix)
        if item.shown is not None and not holds(item.shown, seen):
            return state
        # Nothing is missing in a group that need not be filled in.
        required = item.required and group.required
        answer = answers.get(item.id)
        found = judge(item, answer, state, required=required, facts=self.facts, seen=seen)
        number = as_number(found.value)
        if number is not None:
            self.columns.setdefault(f"{group.id}.{item.id}", []).append(number)
        return found

    def apply(self, limit: CompoundLimit, form: Form) -> None:
        """Judge a compound limit once, or once per element of the one group that it speaks of."""
        for prefix in self._places(limit, form):
            seen = Seen(self.states, self.columns, prefix)
            if not holds(limit.broken, seen):
                continue
            for item in limit.items:
                state = seen.find(item)
                if state is not None:
                    self.states[state.path] = raise_verdict(state, limit)

    def _places(self, limit: CompoundLimit, form: Form) -> list[str]:
        groups = spoken_of(limit, form)
        return self.prefixes.get(groups[0], []) if len(groups) == 1 else [""]


def spoken_of(limit: CompoundLimit, form: Form) -> list[str]:
    """Name the groups whose items a compound limit compares or raises."""
    named = {*limit.items, *(one.item for one, _ in parts(limit.broken))}
    return [
        item.id
        for section in form.sections
        for item in section.items
        if isinstance(item, Group) and any(inner.id in named for inner in item.items)
    ]


def _items(form: Form) -> Iterator[FormItem]:
    for section in form.sections:
        for item in section.items:
            yield item
            if isinstance(item, Group):
                yield from item.items
