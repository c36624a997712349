"""What a decision writes, and what stops it, case by case."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.base import LAST_INSPECTIONS_MAX, Words
from schemas.forms import Check, Counter, Form, Group, NumberItem, Place, Section, TextItem
from schemas.kinds.asset import LastInspection, LastReading
from schemas.kinds.inspection import Review
from schemas.office_writes import Decision, OfficeOp, ReturnRemark
from sync.errors import InvalidOp, VersionMovedOn
from sync.record import Record, Stamp
from sync.review import (
    Case,
    ConflictsOpen,
    ItemsMissing,
    NothingToUndo,
    NotSubmitted,
    PhotosWaiting,
    Reviewer,
    decide,
    judge,
    last_inspection,
    obstacles,
    readings_by_path,
    undo,
    versions,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
AT = datetime(2026, 11, 19, 8, tzinfo=UTC)
INSPECTION, ASSET, PHOTO, OLDER = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=50)
SCOPE = "site:00000000-0000-0000-0000-000000000009"
W = Words(zh="字", en="word")
FORM = Form(
    sections=(
        Section(
            id="s",
            title=W,
            items=(
                Check(id="fan", title=W, photo_on_fail=False),
                NumberItem(id="temp", title=W),
                TextItem(id="said", title=W, required=False),
                Counter(id="hours", title=W, required=False),
                Group(
                    id="cells",
                    title=W,
                    element=W,
                    required=False,
                    places=(Place(id="c1", title=W),),
                    items=(NumberItem(id="volt", title=W, required=False),),
                ),
            ),
        ),
    )
)
GOOD: Mapping[str, Any] = {"fan": {"value": "pass"}, "temp": {"value": 24.5}}


def stamp(version: int) -> Stamp:
    return Stamp(version, UUID(int=7), 1, UUID(int=8))


def case(
    *,
    answers: Mapping[str, Any] = GOOD,
    step: Mapping[str, Any] | None = None,
    review: Review | None = None,
    version: int = 5,
    review_version: int | None = None,
    last: Mapping[str, LastInspection] | None = None,
    children: Mapping[UUID, Record] | None = None,
    conflicts: frozenset[UUID] = frozenset(),
    **more: Any,
) -> Case:
    at = msgspec.to_builtins(AT)
    data = {
        "asset": str(ASSET),
        "template": str(UUID(int=4)),
        "inspector": str(UUID(int=6)),
        "inspector_name": "梁志豪",
        "answers": dict(answers),
        "step": dict(step if step is not None else {"step": "submitted", "at": at}),
        "review": msgspec.to_builtins(review),
        **more,
    }
    stamps = {"review": stamp(review_version or version)} if review else {}
    asset = {"site": SCOPE[5:], "name": "UPS-01", "last": msgspec.to_builtins(dict(last or {}))}
    return Case(
        inspection=Record("inspection", INSPECTION, SCOPE, version, data, stamps),
        asset=Record("asset", ASSET, SCOPE, 3, asset, {}),
        template="ups",
        form=FORM,
        children=children or {},
        today=date(2026, 11, 19),
        conflicts=conflicts,
    )


def reviewer() -> Reviewer:
    return Reviewer(UUID(int=100), "陈慧敏", NOW, (UUID(int=n) for n in count(1000)))


def photo(*, received: bool) -> Record:
    data = {"parent": str(INSPECTION), "item": "fan", "sha256": "0" * 64}
    if received:
        data["received_at"] = "2026-11-19T09:00:00Z"
    return Record("attachment", PHOTO, SCOPE, 2, data, {})


def decision(of: Case, word: Any = "accepted", **more: Any) -> Decision:
    return Decision(decision=word, seen=versions(of), **more)


def value(op: OfficeOp, path: str) -> Any:
    return msgspec.json.decode(op.set[path])


def last(at: datetime = AT, inspection: UUID = OLDER) -> LastInspection:
    readings = {"temp": LastReading(value=20.0), "cells-c1.volt": LastReading(value=2.1)}
    return LastInspection(inspection=inspection, at=at, by="何嘉欣", readings=readings)


def test_an_acceptance_names_the_round_the_reviewer_and_the_versions() -> None:
    of = case()
    inspection, asset = decide(of, decision(of), reviewer())
    review = value(inspection, "review")
    assert (review["decision"], review["round"], review["reviewer_name"]) == (
        "accepted",
        1,
        "陈慧敏",
    )
    assert (inspection.record, inspection.base, asset.record, asset.base) == (
        INSPECTION,
        5,
        ASSET,
        3,
    )
    assert inspection.id != asset.id


def test_readings_are_left_by_item_and_by_element() -> None:
    elements = {"cells-c1": {"group": "cells", "answers": {"volt": {"value": 2.2}}}}
    of = case(answers={**GOOD, "said": {"value": "好" * 2000}}, elements=elements)
    kept = last_inspection(of, judge(of), NOW)
    assert {key: one.value for key, one in kept.readings.items()} == {
        "fan": "pass",
        "temp": 24.5,
        "said": None,
        "cells-c1.volt": 2.2,
    }
    assert (kept.inspection, kept.at, kept.by) == (INSPECTION, AT, "梁志豪")
    by_path = readings_by_path(kept, FORM)
    assert {path: one.value for path, one in by_path.items()} == {
        "fan": "pass",
        "temp": 24.5,
        "said": None,
        "cells.cells-c1.volt": 2.2,
    }


def test_where_nothing_was_read_before_there_are_no_readings() -> None:
    assert readings_by_path(None, FORM) == {}


def test_the_readings_of_other_checklists_stay() -> None:
    of = case(last={"other": last()})
    asset = decide(of, decision(of), reviewer())[1]
    assert set(value(asset, "last")) == {"other", "ups"}


def test_an_older_result_accepted_later_does_not_replace_a_newer_one() -> None:
    of = case(last={"ups": last(at=NOW)})
    assert [op.kind for op in decide(of, decision(of), reviewer())] == ["inspection"]


def test_only_so_many_checklists_are_kept_on_an_asset() -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    many = {f"k{n}": last(at=old.replace(day=1 + n % 28)) for n in range(LAST_INSPECTIONS_MAX)}
    of = case(last=many)
    kept = value(decide(of, decision(of), reviewer())[1], "last")
    assert len(kept) == LAST_INSPECTIONS_MAX
    assert "ups" in kept


def test_a_return_begins_the_next_round_with_its_remarks() -> None:
    of = case(step={"round": 3, "step": "submitted"})
    remarks = (ReturnRemark(item="temp", text="再测"), ReturnRemark(text="谢谢"))
    (op,) = decide(of, decision(of, "returned", remarks=remarks), reviewer())
    assert (value(op, "step")["round"], value(op, "review")["round"]) == (4, 3)
    said = [msgspec.json.decode(one) for one in op.add["remarks"].values()]
    assert [(one.get("item", ""), one["text"], one["round"]) for one in said] == [
        ("temp", "再测", 4),
        ("", "谢谢", 4),
    ]


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (case(step={"step": "draft"}), NotSubmitted),
        (case(conflicts=frozenset({INSPECTION})), ConflictsOpen),
        (case(answers={"fan": {"value": "pass"}}), ItemsMissing),
        (case(answers={**GOOD, "said": {"na": True}}), ItemsMissing),
        (case(children={PHOTO: photo(received=False)}), PhotosWaiting),
    ],
    ids=["draft", "conflict", "missing", "no reason", "photo"],
)
def test_each_obstacle_stops_an_acceptance(of: Case, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        decide(of, decision(of), reviewer())
    assert [type(one) for one in obstacles(of, judge(of), reason="")] == [kind]


@pytest.mark.parametrize(
    ("received", "reason", "found"), [(True, "", 0), (False, "已丢失", 0), (False, "  ", 1)]
)
def test_a_photo_that_waits_asks_for_a_reason_in_words(
    received: bool,  # noqa: FBT001
    reason: str,
    found: int,
) -> None:
    of = case(children={PHOTO: photo(received=received)})
    assert len(obstacles(of, judge(of), reason=reason)) == found


@pytest.mark.parametrize(
    "seen",
    [{}, {INSPECTION: 4, PHOTO: 2}, {INSPECTION: 5}, {INSPECTION: 5, PHOTO: 2, ASSET: 3}],
    ids=["nothing", "older", "without the photo", "more than there is"],
)
def test_a_decision_needs_exactly_what_is_there(seen: dict[UUID, int]) -> None:
    of = case(children={PHOTO: photo(received=True)})
    with pytest.raises(VersionMovedOn):
        decide(of, Decision(decision="accepted", seen=seen), reviewer())


@pytest.mark.parametrize(
    ("remarks", "field"),
    [
        ((), "remarks"),
        ((ReturnRemark(item="none", text="x"),), "remarks[0].item"),
        ((ReturnRemark(text="x"), ReturnRemark(text="  ")), "remarks[1].text"),
    ],
)
def test_a_return_says_what_to_mend(remarks: tuple[ReturnRemark, ...], field: str) -> None:
    of = case()
    with pytest.raises(InvalidOp) as refused:
        decide(of, decision(of, "returned", remarks=remarks), reviewer())
    assert [one.field for one in refused.value.fields] == [field]


def reviewed(word: Any, *, round_: int = 1) -> Review:
    return Review(decision=word, round=round_, reviewer=UUID(int=100), reviewer_name="陈", at=NOW)


def test_an_undone_acceptance_gives_back_what_was_before() -> None:
    of = case(
        step={"round": 2, "step": "submitted"},
        review=reviewed("accepted", round_=2),
        last={"ups": last(inspection=INSPECTION)},
    )
    former, before = reviewed("returned"), last()
    ops = undo(of, versions(of), reviewer(), former=former, former_last=before, followed=False)
    assert value(ops[0], "review")["decision"] == "returned"
    assert value(ops[1], "last")["ups"]["inspection"] == str(before.inspection)


def test_an_undone_return_is_submitted_again_and_its_remarks_go() -> None:
    ours = {"text": "再测", "origin": "office", "round": 2}
    theirs = {"text": "现场", "origin": "field", "round": 2}
    former = {"text": "第一轮", "origin": "office"}  # Says no round, so it is of the first.
    of = case(
        step={"round": 2, "step": "draft"},
        review=reviewed("returned"),
        remarks={"a": ours, "b": theirs, "c": former},
    )
    (op,) = undo(of, versions(of), reviewer(), former=None, former_last=None, followed=False)
    assert (value(op, "step")["round"], value(op, "step")["step"]) == (2, "submitted")
    assert (value(op, "review"), op.remove) == (None, {"remarks": ("a",)})


@pytest.mark.parametrize(
    ("of", "followed"),
    [
        (case(), False),
        (case(review=reviewed("accepted")), True),
        (case(review=reviewed("accepted"), review_version=4), False),
        # The tablet submitted again: that is not the decision's state any more.
        (case(step={"round": 2, "step": "submitted"}, review=reviewed("returned")), False),
    ],
    ids=["no decision", "a photo came", "an answer came", "submitted again"],
)
def test_nothing_is_undone_once_work_went_on(of: Case, followed: bool) -> None:  # noqa: FBT001
    with pytest.raises(NothingToUndo):
        undo(of, versions(of), reviewer(), former=None, former_last=None, followed=followed)


def test_an_undo_needs_what_is_there_to_have_been_seen() -> None:
    of = case(review=reviewed("accepted"), children={PHOTO: photo(received=True)})
    with pytest.raises(VersionMovedOn):
        undo(of, {INSPECTION: 5}, reviewer(), former=None, former_last=None, followed=False)


def test_who_saw_something_else_is_told_of_each_record_what_is_different() -> None:
    of = case(review=reviewed("accepted"), children={PHOTO: photo(received=True)})
    now, gone = versions(of), UUID(int=0x60)
    seen = {INSPECTION: now[INSPECTION] - 1, gone: 7}
    with pytest.raises(VersionMovedOn) as told:
        undo(of, seen, reviewer(), former=None, former_last=None, followed=False)
    assert {problem.field: problem.detail for problem in told.value.fields} == {
        f"seen.{INSPECTION}": f"is version {now[INSPECTION]} by now, not {now[INSPECTION] - 1}",
        f"seen.{PHOTO}": f"is new: version {now[PHOTO]}",
        f"seen.{gone}": "is not part of it",
    }


def test_an_undone_acceptance_leaves_the_readings_of_a_newer_one_alone() -> None:
    of = case(review=reviewed("accepted"), last={"ups": last(inspection=OLDER)})
    ops = undo(of, versions(of), reviewer(), former=None, former_last=None, followed=False)
    assert [op.kind for op in ops] == ["inspection"]
