"""The office's decision over an inspection, as ops. Pure: no clock, no chance, no I/O.

Rule: it is taken over what the reviewer saw. Whatever differs now, of the inspection or of what
hangs on it, stops it; nothing about a decision is ever merged (docs/model.md, States).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.base import (
    FIELDS_TOLD_MAX,
    LAST_INSPECTIONS_MAX,
    LINE_LENGTH_MAX,
    READING_KEY_LENGTH_MAX,
    READINGS_MAX,
    Slug,
)
from schemas.forms import Answer, Form, Group, Value
from schemas.kinds.asset import LastInspection, LastReading
from schemas.kinds.inspection import Element, Remark, Review, Step
from schemas.office_writes import Decision, OfficeOp, ReturnRemark
from schemas.problems import FieldProblem
from sync.consequences import inspection_state
from sync.errors import InvalidOp, SyncError, VersionMovedOn
from sync.forms import Evaluation, evaluate
from sync.record import Json, Record, raws


class NotSubmitted(SyncError):
    slug = "not-submitted"
    title = "Only work that was submitted in its current round is decided over"
    status = 409


class ConflictsOpen(SyncError):
    slug = "conflicts-open"
    title = "Somebody has to decide over conflicting values first"
    status = 409


class ItemsMissing(SyncError):
    slug = "items-missing"
    title = "Required items are not answered, so it cannot be accepted"
    status = 409


class PhotosWaiting(SyncError):
    """The bytes of photos have not arrived; accepting all the same needs a reason."""

    slug = "photos-waiting"
    title = "Photos have not arrived yet; accepting without them needs a reason"
    status = 409


class NothingToUndo(SyncError):
    slug = "nothing-to-undo"
    title = "There is no decision to undo, or work went on after it"
    status = 409


class Case(Struct, frozen=True):
    """What the reviewer decides over. `children` are its attachments, signatures and findings.

    `template` is the key of the checklist, which all its versions share. `previous` are the
    values of the accepted inspection before, by path; `today` is the day of the work at the
    site; `conflicts` are the records with an open conflict.
    """

    inspection: Record
    asset: Record
    template: Slug
    form: Form
    children: Mapping[UUID, Record]
    today: date
    previous: Mapping[str, LastReading] = {}
    conflicts: frozenset[UUID] = frozenset()


class Reviewer(Struct, frozen=True):
    """Who decides, and when. `ids` deals a new id at every step."""

    id: UUID
    name: str
    now: datetime
    ids: Iterator[UUID]


# --- What the answers mean ---


def read_answers(data: Mapping[str, Json]) -> dict[str, Answer | None]:
    return msgspec.convert(data.get("answers") or {}, dict[str, Answer | None])


def read_elements(data: Mapping[str, Json]) -> dict[str, Element]:
    return msgspec.convert(data.get("elements") or {}, dict[str, Element])


def read_step(data: Mapping[str, Json]) -> Step:
    return msgspec.convert(data.get("step") or {}, Step)


def read_review(data: Mapping[str, Json]) -> Review | None:
    return msgspec.convert(data.get("review"), Review | None)


def photos_of(children: Mapping[UUID, Record]) -> dict[str, int]:
    """Count the photos of each path, arrived or not."""
    found: dict[str, int] = {}
    for child in children.values():
        if child.kind == "attachment" and not child.withdrawn:
            path = str(child.data.get("item") or "")
            found[path] = found.get(path, 0) + 1
    return found


def judge(case: Case) -> Evaluation:
    """Evaluate the inspection with all that is known beside its answers."""
    data = case.inspection.data
    signed = {
        str(child.data.get("item") or "")
        for child in case.children.values()
        if child.kind == "signature" and not child.withdrawn
    }
    serial = case.asset.data.get("serial")
    return evaluate(
        case.form,
        read_answers(data),
        read_elements(data),
        photos=photos_of(case.children),
        signatures=signed,
        previous={path: reading.value for path, reading in case.previous.items()},
        asset_serial=serial if isinstance(serial, str) else None,
        today=case.today,
    )


def grouped_items(form: Form) -> dict[str, str]:
    """The group of each item that is asked per element; ids are unique within a form."""
    return {
        inner.id: item.id
        for section in form.sections
        for item in section.items
        if isinstance(item, Group)
        for inner in item.items
    }


def readings_by_path(last: LastInspection | None, form: Form) -> dict[str, LastReading]:
    """The readings kept on the asset (`item`, `element.item`) by the paths of a form."""
    groups, found = grouped_items(form), {}
    for key, reading in (last.readings if last else {}).items():
        element, _, item = key.rpartition(".")
        if not element:
            found[item] = reading
        elif item in groups:
            found[f"{groups[item]}.{element}.{item}"] = reading
    return found


def last_inspection(case: Case, evaluation: Evaluation, now: datetime) -> LastInspection:
    """What an accepted inspection leaves on its asset, so that it is there offline next time."""
    groups = set(grouped_items(case.form).values())
    readings: dict[str, LastReading] = {}
    for state in evaluation.items.values():
        key = f"{state.element}.{state.item}" if state.element else state.item
        if state.verdict == "open" or state.item in groups or len(key) > READING_KEY_LENGTH_MAX:
            continue
        if len(readings) == READINGS_MAX:
            break  # As many as fit: an acceptance does not fail for what is carried on.
        readings[key] = LastReading(value=short(state.value), verdict=state.verdict)
    data = case.inspection.data
    return LastInspection(
        inspection=case.inspection.id,
        at=inspected_at(data, now),
        by=str(data["inspector_name"]),
        readings=readings,
    )


def short(value: Value) -> Value:
    """A long text is not carried on to the next inspection; its verdict is."""
    return None if isinstance(value, str) and len(value) > LINE_LENGTH_MAX else value


def inspected_at(data: Mapping[str, Json], otherwise: datetime) -> datetime:
    """When the work was submitted, else when it was begun, where the tablet said either."""
    begun = msgspec.convert(data.get("started_at"), datetime | None)
    return read_step(data).at or begun or otherwise


# --- What stands in the way ---


def versions(case: Case) -> dict[UUID, int]:
    """What the reviewer has to have seen: the inspection and all that hangs on it."""
    return {
        case.inspection.id: case.inspection.version,
        **{id_: child.version for id_, child in case.children.items()},
    }


def check_seen(case: Case, seen: Mapping[UUID, int]) -> None:
    """Raise `VersionMovedOn` naming each record that is not as it was seen."""
    now = versions(case)
    differing = [id_ for id_ in (*now, *(seen.keys() - now)) if now.get(id_) != seen.get(id_)]
    if differing:
        told = differing[:FIELDS_TOLD_MAX]
        raise VersionMovedOn(
            "open it again and look at what is new",
            fields=tuple(
                FieldProblem(field=f"seen.{id_}", detail=moved_on(now.get(id_), seen.get(id_)))
                for id_ in told
            ),
        )


def moved_on(now: int | None, seen: int | None) -> str:
    if seen is None:
        return f"is new: version {now}"
    return "is not part of it" if now is None else f"is version {now} by now, not {seen}"


def obstacles(case: Case, evaluation: Evaluation, *, reason: str) -> tuple[SyncError, ...]:
    """Why this cannot be accepted now; nothing when it can. Who decides is asked elsewhere."""
    found: list[SyncError] = []
    if inspection_state(case.inspection.data) != "submitted":
        found.append(NotSubmitted())
    if case.conflicts:
        found.append(ConflictsOpen(f"{len(case.conflicts)} with an open conflict"))
    lacking = (*evaluation.totals.missing, *evaluation.totals.incomplete)
    if lacking:
        fields = [
            FieldProblem(field=path, detail="is required and not whole")
            for path in lacking[:FIELDS_TOLD_MAX]
        ]
        found.append(ItemsMissing(f"{len(lacking)} items", fields=tuple(fields)))
    waiting = waiting_photos(case.children)
    if waiting and not reason.strip():
        found.append(PhotosWaiting(f"{waiting} photos"))
    return tuple(found)


def waiting_photos(children: Mapping[UUID, Record]) -> int:
    """Count the attachments that are known by name only."""
    return sum(
        child.kind == "attachment" and not child.withdrawn and not child.data.get("received_at")
        for child in children.values()
    )


# --- Decisions ---


def decide(case: Case, decision: Decision, reviewer: Reviewer) -> tuple[OfficeOp, ...]:
    """The ops of a decision. Raises `SyncError` where it cannot be taken as things stand."""
    check_seen(case, decision.seen)
    if decision.decision == "accepted":
        return accept(case, reviewer, reason=decision.reason)
    return send_back(case, reviewer, decision.remarks, reason=decision.reason)


def accept(case: Case, reviewer: Reviewer, *, reason: str) -> tuple[OfficeOp, ...]:
    """Accept, and leave the readings on the asset. Raises the first obstacle."""
    evaluation = judge(case)
    for obstacle in obstacles(case, evaluation, reason=reason):
        raise obstacle
    review = decided(case, reviewer, "accepted", reason)
    ops = [office_op(case.inspection, reviewer, values={"review": review})]
    kept, fresh = last_of(case.asset), last_inspection(case, evaluation, reviewer.now)
    older = kept.get(case.template)
    if older is None or older.at <= fresh.at:  # Work may be accepted in another order than done.
        changed = trimmed({**kept, case.template: fresh})
        ops.append(office_op(case.asset, reviewer, values={"last": changed}))
    return tuple(ops)


def send_back(
    case: Case, reviewer: Reviewer, remarks: tuple[ReturnRemark, ...], *, reason: str
) -> tuple[OfficeOp, ...]:
    """Begin the next round with what is to be mended, each remark on its item."""
    if inspection_state(case.inspection.data) != "submitted":
        raise NotSubmitted
    check_remarks(case, remarks)
    round_ = read_step(case.inspection.data).round + 1
    added = {
        str(next(reviewer.ids)): Remark(
            text=remark.text,
            item=remark.item,
            author=reviewer.id,
            author_name=reviewer.name,
            origin="office",
            round=round_,
            at=reviewer.now,
        )
        for remark in remarks
    }
    values = {
        "review": decided(case, reviewer, "returned", reason),
        "step": Step(round=round_, step="draft", at=reviewer.now),
    }
    return (office_op(case.inspection, reviewer, values=values, add={"remarks": added}),)


def check_remarks(case: Case, remarks: tuple[ReturnRemark, ...]) -> None:
    """A return says what is to be done, on items that there are. Raises `InvalidOp`."""
    if not remarks:
        fields = (FieldProblem(field="remarks", detail="say what is to be mended"),)
        raise InvalidOp("a return needs a remark", fields=fields)
    known = judge(case).items
    wrong = tuple(
        FieldProblem(field=f"remarks[{place}].item", detail=f"`{remark.item}` is not asked here")
        for place, remark in enumerate(remarks)
        if remark.item and remark.item not in known
    )
    blank = tuple(
        FieldProblem(field=f"remarks[{place}].text", detail="is empty")
        for place, remark in enumerate(remarks)
        if not remark.text.strip()
    )
    if wrong or blank:
        raise InvalidOp("a remark is not in order", fields=wrong + blank)


def undo(
    case: Case,
    seen: Mapping[UUID, int],
    reviewer: Reviewer,
    *,
    former: Review | None,
    former_last: LastInspection | None,
    followed: bool,
) -> tuple[OfficeOp, ...]:
    """Take the decision back; the work waits for review again.

    `former` is the decision before it, `former_last` what the accepted inspection before left;
    `followed` says that something that hangs on the work was written after the decision.
    A round never goes down: after an undone return the work is submitted in the round that
    the return began. Raises `NothingToUndo` unless the decision was the last write, and
    `VersionMovedOn` where something that hangs on the work is not as it was seen.
    """
    record = case.inspection
    review, step = read_review(record.data), read_step(record.data)
    stamp = record.stamps.get("review")
    stands = inspection_state(record.data) in ("accepted", "returned")
    if review is None or stamp is None or not stands:
        raise NothingToUndo
    if followed or stamp.version != record.version:
        raise NothingToUndo("work went on after it")
    check_seen(case, seen)
    if review.decision == "accepted":
        ops = [office_op(record, reviewer, values={"review": former})]
        kept = dict(last_of(case.asset))
        key = case.template
        if key in kept and kept[key].inspection == record.id:
            del kept[key]
            changed = kept if former_last is None else {**kept, key: former_last}
            ops.append(office_op(case.asset, reviewer, values={"last": changed}))
        return tuple(ops)
    values = {
        "review": former,
        "step": Step(round=step.round, step="submitted", at=review.submitted_at or review.at),
    }
    remarks = {"remarks": own_remarks(record, review.round + 1)}
    return (office_op(record, reviewer, values=values, remove=remarks),)


def own_remarks(record: Record, round_: int) -> tuple[str, ...]:
    """Ids of the remarks by which the office began a round."""
    remarks = record.data.get("remarks")
    listed = remarks.items() if isinstance(remarks, Mapping) else ()
    return tuple(
        id_
        for id_, remark in listed
        if isinstance(remark, Mapping)
        and remark.get("origin") == "office"
        and remark.get("round", 1) == round_
    )


def decided(
    case: Case, reviewer: Reviewer, decision: Literal["accepted", "returned"], reason: str
) -> Review:
    return Review(
        decision=decision,
        round=read_step(case.inspection.data).round,
        reviewer=reviewer.id,
        reviewer_name=reviewer.name,
        at=reviewer.now,
        reason=reason,
        submitted_at=read_step(case.inspection.data).at,
    )


def last_of(asset: Record) -> dict[str, LastInspection]:
    return msgspec.convert(asset.data.get("last") or {}, dict[str, LastInspection])


def trimmed(last: Mapping[str, LastInspection]) -> dict[str, LastInspection]:
    """The newest of them, as many as an asset keeps."""
    newest = sorted(last, key=lambda key: last[key].at, reverse=True)[:LAST_INSPECTIONS_MAX]
    return {key: last[key] for key in newest}


def office_op(
    record: Record,
    reviewer: Reviewer,
    *,
    values: Mapping[str, object],
    add: Mapping[str, Mapping[str, object]] = {},
    remove: Mapping[str, tuple[str, ...]] = {},
) -> OfficeOp:
    """One op on `record` as it is now. Nulls are written too: they take a value back."""
    return OfficeOp(
        id=next(reviewer.ids),
        kind=record.kind,
        record=record.id,
        base=record.version,
        set=raws(values),
        add={path: raws(elements) for path, elements in add.items()},
        remove=remove,
    )
