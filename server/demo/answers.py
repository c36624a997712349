"""A checklist filled in as an engineer would. Rule: what the form hides is not answered.

Everything is answered first, then the form itself says what it shows; so no condition is
worked out twice, and a pack that changes is filled in by its new rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from uuid import uuid5

from msgspec import Struct, structs

from schemas.forms import (
    Answer,
    Check,
    Choice,
    Counter,
    DateItem,
    Form,
    FormItem,
    Group,
    NumberItem,
    PhotoItem,
    Serial,
    SignatureItem,
    TextItem,
    Value,
)
from schemas.kinds.inspection import Element
from server.demo.assets import Unit
from server.demo.faults import Fault
from server.demo.makers import write_serial
from server.demo.mint import Mint
from server.demo.values import AGES, CHOICES, COUNTERS, ELEMENTS, NUMBERS, TEXTS, Usual
from sync.forms import Evaluation, evaluate

DEVIATION_MAX = 1.8  # In units of the usual spread; beyond it only a fault goes.
OPTIONAL_SHARE = 0.6
REST_SHARE = 0.35
ANYWAY: Mapping[str, str] = MappingProxyType({"ups": "nameplate_photo"})  # Photographed unasked.
ABSENT = "使用人外出，由部门文员陪同检查"


class Filled(Struct, frozen=True):
    """Answers, and how many photos and which signatures belong to them, by path."""

    answers: Mapping[str, Answer]
    elements: Mapping[str, Element]
    photos: Mapping[str, int]
    signatures: tuple[str, ...]
    evaluation: Evaluation


class Visit(Struct, frozen=True):
    """One visit to one device: the how-many-th (from 0) and on which day.

    `lasting` deals what belongs to the device, the same at every visit; `passing` what does not.
    """

    key: str
    unit: Unit
    number: int
    on: date
    lasting: Random
    passing: Random


def fill(
    mint: Mint,
    key: str,
    form: Form,
    unit: Unit,
    *,
    number: int,
    on: date,
    faults: Sequence[Fault] = (),
) -> Filled:
    """Fill the checklist `key` in for a device; faults are found and written down."""
    visit = Visit(
        key=key,
        unit=unit,
        number=number,
        on=on,
        lasting=mint.chance(f"readings/{unit.id}"),
        passing=mint.chance(f"readings/{unit.id}/{number}"),
    )
    answers: dict[str, Answer] = {}
    elements: dict[str, Element] = {}
    for section in form.sections:
        rest = visit.passing.random() < REST_SHARE
        for place, item in enumerate(section.items):
            if isinstance(item, Group):
                elements |= _elements(item, visit)
                continue
            answer = _answer(item, visit)
            if answer is not None:
                marked = rest and place > 1 and isinstance(item, Check) and item.rest
                answers[item.id] = structs.replace(answer, rest=True) if marked else answer
    for fault in faults:
        _apply(fault, form, answers, elements)
    photos = dict(_photos(key, form, answers, elements))
    signed = tuple(
        item.id
        for section in form.sections
        for item in section.items
        if isinstance(item, SignatureItem) and item.id not in answers
    )
    evaluation = evaluate(
        form,
        answers,
        elements,
        photos=photos,
        signatures=signed,
        previous={},
        asset_serial=unit.asset.serial,
        today=on,
    )
    return _shown(Filled(answers, elements, photos, signed, evaluation))


def _shown(filled: Filled) -> Filled:
    """Leave out what the form does not show."""
    states = filled.evaluation.items

    def is_shown(path: str) -> bool:
        return path in states and states[path].shown

    elements = {}
    for key, element in filled.elements.items():
        prefix = f"{element.group}.{key}."
        kept = {item: one for item, one in element.answers.items() if is_shown(prefix + item)}
        if is_shown(element.group):
            elements[key] = structs.replace(element, answers=kept)
    return Filled(
        {item: one for item, one in filled.answers.items() if is_shown(item)},
        elements,
        {path: count for path, count in filled.photos.items() if is_shown(path)},
        tuple(path for path in filled.signatures if is_shown(path)),
        filled.evaluation,
    )


def _elements(group: Group, visit: Visit) -> Iterator[tuple[str, Element]]:
    """Give the elements of a group; the same ids at every visit, so that readings compare."""
    if group.places:
        named = [(f"{group.id}-{place.id}", place.title.zh) for place in group.places]
    else:
        names = ELEMENTS.get(group.id, ("1 号",))
        named = [
            (str(uuid5(visit.unit.id, f"{group.id}/{place}")), name)
            for place, name in enumerate(names)
        ]
    for order, (key, name) in enumerate(named):
        found = {item.id: _answer(item, visit) for item in group.items}
        answers = {item: answer for item, answer in found.items() if answer is not None}
        yield key, Element(group=group.id, name=name, order=order, answers=answers)


def _answer(item: FormItem, visit: Visit) -> Answer | None:
    """Answer one item as usual. Each draws the same number of times, whatever it is."""
    deviation = max(-DEVIATION_MAX, min(DEVIATION_MAX, visit.lasting.gauss(0, 1)))
    drift = max(-DEVIATION_MAX, min(DEVIATION_MAX, visit.passing.gauss(0, 1)))
    share, serial = visit.lasting.random(), write_serial("@#######", visit.lasting)
    if item.id == "user_problems":
        share = visit.passing.random() + 0.5  # Few people have something to say.
    if not item.required and share > OPTIONAL_SHARE:
        return None
    match item:
        case Check():
            return Answer(value="pass")
        case NumberItem():
            return Answer(value=_number(item, visit, deviation, drift))
        case Counter():
            first, growth = COUNTERS.get(item.id, (100, 10))
            return Answer(value=int((first + growth * visit.number) * (0.5 + share)))
        case Choice():
            return Answer(value=_choice(item, visit))
        case TextItem():
            return Answer(value=_text(item, visit))
        case DateItem():
            least, most = AGES.get(f"{visit.key}.{item.id}") or AGES.get(item.id, (5, 25))
            days = least + round((most - least) * share)
            return Answer(value=(visit.on - timedelta(days=days)).isoformat())
        case Serial():
            return Answer(value=visit.unit.asset.serial if item.of_asset else serial)
        case SignatureItem() if visit.passing.random() > 0.75:
            return Answer(na=True, reason=ABSENT)
        case _:  # Worked out, photographed or signed.
            return None


def _number(item: NumberItem, visit: Visit, deviation: float, drift: float) -> float:
    usual = NUMBERS.get(f"{visit.key}.{item.id}") or NUMBERS.get(item.id) or _within(item)
    value = usual.middle + usual.apart * deviation + usual.visits * drift
    value += usual.growth * visit.number
    low, high = item.low, item.high
    value = value if low is None else max(value, low)
    value = value if high is None else min(value, high)
    rounded = round(value, item.decimals)
    return rounded if item.decimals else float(int(rounded))


def _within(item: NumberItem) -> Usual:
    """Find a reading for an item that is not listed: between its limits, else its bounds."""
    limits = item.limits
    found = (
        [limits.alarm_low, limits.warning_low, limits.warning_high, limits.alarm_high]
        if limits
        else [item.low, item.high]
    )
    bounds = [bound for bound in found if bound is not None]
    return Usual(sum(bounds) / len(bounds) if bounds else 1.0)


def _choice(item: Choice, visit: Visit) -> Value:
    listed = CHOICES.get(f"{visit.key}.{item.id}") or CHOICES.get(item.id)
    drawn = visit.passing.choice(listed) if listed else ""
    normal = [option.id for option in item.options if option.verdict == "normal"]
    usual = "none" if "none" in normal else normal[0]
    chosen = visit.unit.traits.get(item.id) or drawn or usual
    return tuple(chosen.split(",")) if item.multiple else chosen


def _text(item: TextItem, visit: Visit) -> str:
    attributes, traits = visit.unit.asset.attributes, visit.unit.traits
    own = {
        "computer_name": attributes.get("computer_name"),
        "network_address": attributes.get("ip"),
        "instance_name": traits.get("instance"),
        "firmware_level": attributes.get("firmware"),
    }
    known = own.get(item.id) or traits.get(item.id)
    return known or TEXTS.get(f"{visit.key}.{item.id}") or TEXTS.get(item.id, "已核对")


def _apply(
    fault: Fault, form: Form, answers: dict[str, Answer], elements: dict[str, Element]
) -> None:
    """Put the fault's answers in place of the usual ones."""
    for section in form.sections:
        for item in section.items:
            inner = {one.id for one in item.items} if isinstance(item, Group) else set()
            if isinstance(item, Group) and fault.item in inner:
                keys = [key for key, element in elements.items() if element.group == item.id]
                key = keys[0 if item.layout == "grid" else min(1, len(keys) - 1)]
                also = {one: Answer(value=value) for one, value in fault.also.items()}
                changed = {**elements[key].answers, **also, fault.item: _abnormal(fault)}
                elements[key] = structs.replace(elements[key], answers=changed)
            elif item.id == fault.item:
                answers[item.id] = _abnormal(fault)


def _abnormal(fault: Fault) -> Answer:
    return Answer(value=fault.value, severity=fault.severity, note=fault.note)


def _photos(
    key: str, form: Form, answers: Mapping[str, Answer], elements: Mapping[str, Element]
) -> Iterator[tuple[str, int]]:
    """Count the photos that the form asks for, and one of everything abnormal."""
    if key in ANYWAY:
        yield ANYWAY[key], 1
    for section in form.sections:
        for item in section.items:
            if isinstance(item, PhotoItem) and item.required and item.count_min:
                yield item.id, item.count_min
    for item_id, answer in answers.items():
        if answer.severity is not None:
            yield item_id, 1
    for key, element in elements.items():
        for item_id, one in element.answers.items():
            if one is not None and one.severity is not None:
                yield f"{element.group}.{key}.{item_id}", 1
