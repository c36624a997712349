"""What the answers of a report's inspections mean. Rule: pure; judged as the review judges them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.forms import (
    Answer,
    Calculated,
    Check,
    FormItem,
    Group,
    Limits,
    NumberItem,
    PhotoItem,
    Serial,
    Severity,
    SignatureItem,
    Value,
)
from schemas.kinds.inspection import Element
from server.judging import ANSWERS, ELEMENTS, Known, local_day
from server.reports.facts import (
    NOTHING,
    Both,
    DeviceState,
    Item,
    Point,
    Reading,
    Replaced,
    Result,
    both,
    same,
)
from server.reports.sources import Sources, at_of
from server.reports.values import decimals_of, element_of, shown, told, unit_of
from server.store.report_facts import Past, Placed
from sync.consequences import inspection_state
from sync.forms import Evaluation, ItemState, evaluate
from sync.record import Record
from sync.review import photos_of, read_answers, read_elements

NOWHERE = Placed(UUID(int=0), "", "", "", "", "", "")
SIGNED, PHOTOS = Both("已签名", "Signed"), Both("照片 {n} 张", "{n} photos")
BLANK = Answer()


class Asked(Struct, frozen=True):
    """One item of a judged inspection, with what it is an item of."""

    state: ItemState
    item: FormItem
    section: Both
    element: Both
    answer: Answer

    @property
    def name(self) -> Both:
        """Its title, behind that of the element that it belongs to."""
        title = both(self.item.title)
        if self.element == NOTHING:
            return title
        return Both(
            f"{self.element.zh} {title.zh}",
            f"{self.element.en} {title.en[:1].lower()}{title.en[1:]}",
        )


class Judged(Struct, frozen=True):
    """One covered inspection, judged; `before` are the values of the one before, by path."""

    record: Record
    placed: Placed
    known: Known
    at: datetime
    state: DeviceState
    asked: tuple[Asked, ...]
    before: Mapping[str, Value]
    past: tuple[Past, ...]  # Of the same checklist, the newest first.


def past_at(past: Past) -> datetime:
    """When an earlier inspection was handed in; only those with a beginning are read."""
    assert past.started_at is not None, "read by it"
    handed = past.submitted_at
    return msgspec.convert(handed, datetime) if handed else past.started_at


def judge_all(sources: Sources) -> tuple[Judged, ...]:
    """Judge everything that was handed in, by room and name."""
    by_asset: dict[UUID, list[Past]] = {}
    for one in sources.past:
        by_asset.setdefault(one.asset, []).append(one)
    children: dict[UUID, dict[UUID, Record]] = {}
    for child in (*sources.attachments, *sources.signatures):
        parent = UUID(str(child.data.get("parent") or child.data.get("of")))
        children.setdefault(parent, {})[child.id] = child
    found = [
        judge_one(sources, record, by_asset, children.get(record.id, {}))
        for record in sources.covered
        if inspection_state(record.data) in ("submitted", "accepted")
        and UUID(str(record.data["template"])) in sources.templates
    ]
    return tuple(sorted(found, key=lambda one: (one.placed.room, one.placed.name, one.record.id)))


def judge_one(
    sources: Sources,
    record: Record,
    by_asset: Mapping[UUID, Sequence[Past]],
    children: Mapping[UUID, Record],
) -> Judged:
    asset, data = UUID(str(record.data["asset"])), record.data
    placed = sources.placed.get(asset, NOWHERE)
    known = sources.templates[UUID(str(data["template"]))]
    at = at_of(record, sources.until)
    older = tuple(
        one
        for one in by_asset.get(asset, ())
        if one.id != record.id
        and past_at(one) < at
        and (of := sources.templates.get(one.template)) is not None
        and of.key == known.key
    )
    before = values_of(sources, older[0], placed) if older else {}
    answers, elements = read_answers(data), read_elements(data)
    evaluation = evaluate(
        known.form,
        answers,
        elements,
        photos=photos_of(children),
        signatures={
            str(one.data.get("item") or "") for one in children.values() if one.kind == "signature"
        },
        previous=before,
        asset_serial=placed.serial or None,
        today=local_day(at, sources.zone),
    )
    return Judged(
        record=record,
        placed=placed,
        known=known,
        at=at,
        state=state_of(evaluation),
        asked=tuple(all_asked(known, evaluation, answers, elements)),
        before=before,
        past=older,
    )


def state_of(evaluation: Evaluation) -> DeviceState:
    """What a device came to: the worst of its items."""
    totals = evaluation.totals
    if totals.abnormal:
        return "abnormal"
    if totals.warning:
        return "warning"
    return "na" if totals.answered > 0 and totals.answered == totals.na else "normal"


def all_asked(
    known: Known,
    evaluation: Evaluation,
    answers: Mapping[str, Answer | None],
    elements: Mapping[str, Element],
) -> Iterable[Asked]:
    """Every shown item with its answer, in the order of the form; groups themselves left out."""
    items: dict[str, tuple[FormItem, Group | None, Both]] = {}
    for section in known.form.sections:
        for item in section.items:
            items[item.id] = (item, None, both(section.title))
            if isinstance(item, Group):
                items |= {one.id: (one, item, both(section.title)) for one in item.items}
    for state in evaluation.items.values():
        item, group, section_title = items[state.item]
        if not state.shown or isinstance(item, Group):
            continue
        own = elements[state.element].answers if state.element in elements else {}
        answer = (own if state.element else answers).get(state.item)
        yield Asked(state, item, section_title, element_of(state, group, elements), answer or BLANK)


def values_of(sources: Sources, past: Past, placed: Placed) -> dict[str, Value]:
    """What an earlier inspection said, by path."""
    return {
        state.path: state.value
        for state in evaluate_past(sources, past, placed).items.values()
        if state.value is not None
    }


def evaluate_past(sources: Sources, past: Past, placed: Placed) -> Evaluation:
    """Judge an earlier inspection; photos and what was before it change no value."""
    return evaluate(
        sources.templates[past.template].form,
        ANSWERS.decode(past.answers or "{}"),
        ELEMENTS.decode(past.elements or "{}"),
        photos={},
        signatures=(),
        previous={},
        asset_serial=placed.serial or None,
        today=local_day(past_at(past), sources.zone),
    )


# --- As rows of the report ---


def result_of(one: Judged, photos: Mapping[str, int]) -> Result:
    data = one.record.data
    return Result(
        inspection=one.record.id,
        asset=one.placed.name,
        number=one.placed.number,
        serial=one.placed.serial,
        category=one.placed.category,
        room=one.placed.room,
        position=one.placed.position,
        template=both(one.known.title),
        inspector=str(data["inspector_name"]),
        at=one.at,
        state=one.state,
        is_accepted=inspection_state(data) == "accepted",
        note=str(data.get("note") or ""),
        items=tuple(
            item_of(asked, one, photos.get(asked.state.path, 0))
            for asked in one.asked
            if asked.state.verdict != "open" or asked.state.missing
        ),
    )


def item_of(asked: Asked, of: Judged, photos: int) -> Item:
    state, item, answer = asked.state, asked.item, asked.answer
    value = shown(item, state.value)
    if isinstance(item, PhotoItem):
        value = Both(PHOTOS.zh.format(n=photos), PHOTOS.en.format(n=photos))
    elif isinstance(item, SignatureItem):
        value = SIGNED if state.verdict == "normal" else NOTHING
    number = state.value
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return Item(
        section=asked.section,
        title=both(item.title),
        element=asked.element,
        shown=value,
        number=float(number) if is_number and isinstance(number, int | float) else None,
        unit=unit_of(item),
        verdict=state.verdict,
        reasons=tuple(told(reason, item) for reason in state.reasons),
        note=answer.reason if state.verdict == "na" else answer.note,
        before=shown(item, of.before.get(state.path)),
        is_rest=answer.rest,
    )


# --- Readings ---


def readings_of(judged: Sequence[Judged]) -> list[tuple[Judged, Asked, Limits, float]]:
    """The figures that have limits: what is out of them first, then as the devices stand.

    Of the elements of a group, such as the points of a grid, only those that are out of limits.
    """
    found: list[tuple[Judged, Asked, Limits, float]] = []
    for one in judged:
        for asked in one.asked:
            limits, value = limits_of(asked.item), asked.state.value
            if limits is None or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if asked.state.group and asked.state.verdict == "normal":
                continue
            found.append((one, asked, limits, float(value)))
    worst = {"abnormal": 0, "warning": 1}
    return sorted(found, key=lambda row: worst.get(row[1].state.verdict, 2))


def limits_of(item: FormItem) -> Limits | None:
    return item.limits if isinstance(item, NumberItem | Calculated) else None


def reading_of(
    sources: Sources,
    row: tuple[Judged, Asked, Limits, float],
    known: dict[UUID, Evaluation],
) -> Reading:
    """One line of the table of readings, with the points of its chart; `known` remembers."""
    one, asked, limits, value = row
    points: list[Point] = []
    for past in reversed(one.past):
        if past.id not in known:
            known[past.id] = evaluate_past(sources, past, one.placed)
        state = known[past.id].items.get(asked.state.path)
        number = state.value if state is not None else None
        if state is None or isinstance(number, bool) or not isinstance(number, int | float):
            continue
        points.append(Point(past_at(past), float(number), state.verdict))
    before = one.before.get(asked.state.path)
    is_number = isinstance(before, int | float) and not isinstance(before, bool)
    return Reading(
        asset=one.placed.name,
        title=asked.name,
        unit=unit_of(asked.item),
        decimals=decimals_of(asked.item),
        limits=limits,
        value=value,
        verdict=asked.state.verdict,
        before=float(before) if is_number and isinstance(before, int | float) else None,
        series=(*points, Point(one.at, value, asked.state.verdict)) if points else (),
    )


# --- Parts ---


def replaced_parts(judged: Sequence[Judged]) -> Iterable[Replaced]:
    """Serial numbers that are other than at the last visit."""
    for one in judged:
        for asked in one.asked:
            old, new = one.before.get(asked.state.path), asked.state.value
            if not isinstance(asked.item, Serial) or not isinstance(new, str):
                continue
            if isinstance(old, str) and old.strip() and plain(old) != plain(new):
                part = NOTHING if asked.item.of_asset else asked.name
                yield Replaced(asset=one.placed.name, part=part, old=old.strip(), new=new.strip())


def plain(serial: str) -> str:
    return serial.strip().upper()


# --- What nobody made a finding of ---


def severity_of(asked: Asked) -> Severity | None:
    """How bad an abnormal answer is, as it was said or as the form offers; a warning has none."""
    if asked.state.verdict == "warning":
        return None
    own = asked.item.severity if isinstance(asked.item, Check) else "minor"
    return asked.answer.severity or own


def unreported(one: Judged, reported: frozenset[str]) -> Iterable[tuple[Asked, Both]]:
    """Abnormal items and warnings that no finding names, with what is to be said of them.

    A value worked out from an answer that is abnormal itself says nothing new.
    """
    is_told = any(asked.state.verdict == "abnormal" and asked.state.asked for asked in one.asked)
    for asked in one.asked:
        verdict = asked.state.verdict
        if verdict not in ("abnormal", "warning") or asked.state.path in reported:
            continue
        if isinstance(asked.item, Calculated) and is_told:
            continue
        said = same(asked.answer.note) if asked.answer.note else sentence(asked)
        name = asked.name
        yield asked, Both(f"{name.zh}：{said.zh}", f"{name.en}: {said.en}")


def sentence(asked: Asked) -> Both:
    """The value, and why it is out of order."""
    value = shown(asked.item, asked.state.value)
    reasons = [told(one, asked.item) for one in asked.state.reasons if one.code != "photo-missing"]
    return Both(
        "，".join(part for part in (value.zh, *(one.zh for one in reasons)) if part),
        ", ".join(part for part in (value.en, *(one.en for one in reasons)) if part),
    )
