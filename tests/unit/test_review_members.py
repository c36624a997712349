"""What a decision says, member by member, and how far each part of it goes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.base import (
    FIELDS_TOLD_MAX,
    LAST_INSPECTIONS_MAX,
    LINE_LENGTH_MAX,
    READING_KEY_LENGTH_MAX,
    READINGS_MAX,
    Words,
)
from schemas.forms import Check, Form, NumberItem, PhotoItem, Section, Serial, SignatureItem
from schemas.kinds.asset import LastInspection, LastReading
from schemas.kinds.inspection import Step
from schemas.office_writes import ReturnRemark
from schemas.problems import FieldProblem
from sync.errors import InvalidOp, VersionMovedOn
from sync.record import Record, Stamp
from sync.review import (
    NothingToUndo,
    NotSubmitted,
    check_seen,
    decide,
    inspected_at,
    judge,
    last_inspection,
    obstacles,
    own_remarks,
    photos_of,
    read_answers,
    read_elements,
    read_review,
    read_step,
    short,
    trimmed,
    undo,
    versions,
    waiting_photos,
)
from tests.unit.test_review import (
    ASSET,
    AT,
    INSPECTION,
    NOW,
    OLDER,
    SCOPE,
    case,
    decision,
    last,
    reviewed,
    reviewer,
    value,
)

W = Words(zh="字", en="word")


def child(id_: int, kind: str = "attachment", *, withdrawn: bool = False, **data: Any) -> Record:
    return Record(kind, UUID(int=id_), SCOPE, id_, data, {}, withdrawn=withdrawn)


def children(*those: Record) -> dict[UUID, Record]:
    return {one.id: one for one in those}


def form(*items: Any) -> Form:
    return Form(sections=(Section(id="s", title=W, items=items),))


# --- What the answers mean ---


def test_a_field_that_says_nothing_is_read_as_empty() -> None:
    for data in ({}, {"answers": None, "elements": None, "step": None, "review": None}):
        assert read_answers(data) == {}
        assert read_elements(data) == {}
        assert read_step(data) == Step()
        assert read_review(data) is None


def test_photos_are_counted_by_what_they_are_of_and_withdrawn_ones_are_not() -> None:
    those = children(
        child(1, item="fan"),
        child(2, item="fan"),
        child(3, item="psu", received_at="2026-11-19T09:00:00Z"),
        child(4),
        child(5, item="fan", withdrawn=True),
        child(6, "signature", item="fan"),
    )
    assert photos_of(those) == {"fan": 2, "psu": 1, "": 1}
    assert waiting_photos(those) == 3


def test_an_inspection_is_judged_with_all_that_is_known_beside_its_answers() -> None:
    asked = form(
        PhotoItem(id="plate", title=W, count_min=1),
        SignatureItem(id="sign", title=W, statement=W),
        SignatureItem(id="other", title=W, statement=W),
        Serial(id="serial", title=W, of_asset=True),
    )
    of = case(answers={"serial": {"value": "ab1"}})
    asset = Record("asset", ASSET, SCOPE, 3, {"serial": "AB1"}, {})
    those = children(
        child(1, item="plate"),
        child(2, "signature", item="sign"),
        child(3, "signature", item="other", withdrawn=True),
    )
    of = msgspec.structs.replace(of, form=asked, asset=asset, children=those)
    verdicts = {path: state.verdict for path, state in judge(of).items.items()}
    assert verdicts == {"plate": "normal", "sign": "normal", "other": "open", "serial": "normal"}
    nameless = msgspec.structs.replace(of, asset=Record("asset", ASSET, SCOPE, 3, {}, {}))
    assert judge(nameless).items["serial"].verdict == "normal"
    other = Record("asset", ASSET, SCOPE, 3, {"serial": "AB2"}, {})
    assert judge(msgspec.structs.replace(of, asset=other)).items["serial"].verdict == "abnormal"


def test_a_counter_is_judged_by_what_was_read_before() -> None:
    of = case(answers={"hours": {"value": 5}})
    before = msgspec.structs.replace(of, previous={"hours": LastReading(value=9)})
    assert judge(of).items["hours"].verdict == "normal"
    assert judge(before).items["hours"].verdict == "abnormal"


# --- What is left on the asset ---


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"started_at": "2026-11-18T00:00:00Z", "step": {"at": "2026-11-19T08:00:00Z"}}, AT),
        ({"step": {"at": "2026-11-19T08:00:00Z"}}, AT),
        ({"started_at": "2026-11-19T08:00:00Z", "step": {"step": "submitted"}}, AT),
        ({"started_at": "2026-11-19T08:00:00Z"}, AT),
        ({}, NOW),
    ],
)
def test_work_is_of_when_it_was_submitted_else_begun_else_decided(
    said: Mapping[str, Any], expected: datetime
) -> None:
    assert inspected_at(said, NOW) == expected


def test_a_text_is_carried_on_as_long_as_a_line_may_be() -> None:
    assert short("x" * LINE_LENGTH_MAX) == "x" * LINE_LENGTH_MAX
    assert short("x" * (LINE_LENGTH_MAX + 1)) is None
    assert (short(None), short(10**9), short(("a",))) == (None, 10**9, ("a",))


def test_as_many_readings_are_left_as_fit() -> None:
    long = "x" * READING_KEY_LENGTH_MAX
    items = [NumberItem(id=f"i{n}", title=W) for n in range(READINGS_MAX + 1)]
    of = case(answers={item.id: {"value": 1} for item in items} | {"i1": None})
    kept = last_inspection(of, judge(msgspec.structs.replace(of, form=form(*items))), NOW).readings
    assert len(kept) == READINGS_MAX
    assert "i1" not in kept
    assert f"i{READINGS_MAX}" in kept
    for name, is_kept in ((long, True), (long + "x", False)):
        asked = form(Check(id=name, title=W), Check(id="fan", title=W))
        of = msgspec.structs.replace(
            case(answers={name: {"value": "pass"}, "fan": {"value": "fail"}}), form=asked
        )
        left = last_inspection(of, judge(of), NOW)
        assert (name in left.readings) == is_kept
        assert left.readings["fan"] == LastReading(value="fail", verdict="abnormal")


def test_the_newest_are_kept_whatever_they_are_named() -> None:
    many = {f"k{n:02}": last(at=AT + timedelta(days=n)) for n in range(LAST_INSPECTIONS_MAX + 2)}
    assert set(trimmed(many)) == set(many) - {"k00", "k01"}
    assert trimmed({"a": last()}) == {"a": last()}


def test_the_same_instant_is_no_older() -> None:
    for at, count in ((AT, 2), (AT + timedelta(seconds=1), 1), (AT - timedelta(seconds=1), 2)):
        of = case(last={"ups": last(at=at)})
        assert len(decide(of, decision(of), reviewer())) == count


# --- What stands in the way ---


def test_no_more_is_told_of_what_was_not_seen_than_a_problem_holds() -> None:
    of = case(children=children(*(child(n) for n in range(1000, 1000 + FIELDS_TOLD_MAX + 5))))
    with pytest.raises(VersionMovedOn) as told:
        check_seen(of, {INSPECTION: 5})
    assert len(told.value.fields) == FIELDS_TOLD_MAX
    assert told.value.detail == "open it again and look at what is new"
    check_seen(of, versions(of))


def test_each_obstacle_says_how_much_is_in_the_way() -> None:
    items = [Check(id=f"i{n}", title=W) for n in range(FIELDS_TOLD_MAX + 1)]
    of = msgspec.structs.replace(
        case(
            step={"step": "draft"},
            answers={"i0": {"na": True}},
            conflicts=frozenset({INSPECTION}),
            children=children(child(1), child(2)),
        ),
        form=form(*items),
    )
    found = obstacles(of, judge(of), reason=" ")
    assert [one.detail for one in found] == [
        "",
        "1 with an open conflict",
        f"{FIELDS_TOLD_MAX + 1} items",
        "2 photos",
    ]
    assert len(found[2].fields) == FIELDS_TOLD_MAX
    assert found[2].fields[0] == FieldProblem(field="i1", detail="is required and not whole")
    with pytest.raises(NotSubmitted):
        decide(of, decision(of), reviewer())


def test_a_return_of_what_was_not_submitted_is_refused() -> None:
    of = case(step={"step": "draft"})
    with pytest.raises(NotSubmitted):
        decide(of, decision(of, "returned", remarks=(ReturnRemark(text="x"),)), reviewer())


@pytest.mark.parametrize(
    ("remarks", "detail", "fields"),
    [
        ((), "a return needs a remark", [("remarks", "say what is to be mended")]),
        (
            (ReturnRemark(text=" "), ReturnRemark(item="none", text="x")),
            "a remark is not in order",
            [("remarks[1].item", "`none` is not asked here"), ("remarks[0].text", "is empty")],
        ),
    ],
)
def test_what_is_wrong_with_remarks_is_said_of_each(
    remarks: tuple[ReturnRemark, ...], detail: str, fields: list[tuple[str, str]]
) -> None:
    of = case()
    with pytest.raises(InvalidOp) as told:
        decide(of, decision(of, "returned", remarks=remarks), reviewer())
    assert told.value.detail == detail
    assert [(one.field, one.detail) for one in told.value.fields] == fields


# --- Decisions ---


def test_a_return_says_who_when_and_what() -> None:
    of = case(step={"round": 3, "step": "submitted", "at": msgspec.to_builtins(AT)})
    remarks = (ReturnRemark(item="temp", text="再测"),)
    (op,) = decide(of, decision(of, "returned", remarks=remarks, reason="偏高"), reviewer())
    assert (op.kind, op.record, op.base, op.remove) == ("inspection", INSPECTION, 5, {})
    assert {path: msgspec.json.decode(raw) for path, raw in op.set.items()} == {
        "review": {
            "decision": "returned",
            "round": 3,
            "reviewer": str(UUID(int=100)),
            "reviewer_name": "陈慧敏",
            "at": "2026-11-20T09:00:00Z",
            "reason": "偏高",
            "submitted_at": "2026-11-19T08:00:00Z",
        },
        "step": {"round": 4, "at": "2026-11-20T09:00:00Z"},
    }
    (remark,) = op.add["remarks"].values()
    assert list(op.add["remarks"]) == [str(UUID(int=1000))]
    assert msgspec.json.decode(remark) == {
        "text": "再测",
        "item": "temp",
        "author": str(UUID(int=100)),
        "author_name": "陈慧敏",
        "origin": "office",
        "round": 4,
        "at": "2026-11-20T09:00:00Z",
    }
    assert op.id == UUID(int=1001)


def test_an_acceptance_keeps_its_reason_and_leaves_what_was_read() -> None:
    of = case(last={"other": last()})
    inspection, asset = decide(of, decision(of, reason="照片已丢失"), reviewer())
    assert value(inspection, "review")["reason"] == "照片已丢失"
    assert value(inspection, "review")["submitted_at"] == "2026-11-19T08:00:00Z"
    assert (inspection.add, inspection.remove, set(inspection.set)) == ({}, {}, {"review"})
    left = value(asset, "last")["ups"]
    assert (left["inspection"], left["by"], left["at"]) == (
        str(INSPECTION),
        "梁志豪",
        "2026-11-19T08:00:00Z",
    )


@pytest.mark.parametrize(
    ("submitted", "expected"), [(AT, "2026-11-19T08:00:00Z"), (None, "2026-11-20T09:00:00Z")]
)
def test_after_an_undone_return_the_work_is_submitted_as_it_was(
    submitted: datetime | None, expected: str
) -> None:
    review = msgspec.structs.replace(reviewed("returned"), submitted_at=submitted)
    of = case(step={"round": 2, "step": "draft"}, review=review)
    former = reviewed("returned", round_=1)
    (op,) = undo(of, versions(of), reviewer(), former=former, former_last=None, followed=False)
    assert value(op, "step") == {"round": 2, "step": "submitted", "at": expected}
    assert value(op, "review")["decision"] == "returned"
    assert op.remove == {"remarks": ()}


def test_what_stands_in_the_way_of_an_undo_is_said() -> None:
    for of, followed, said in (
        (case(), False, ""),
        (case(review=reviewed("accepted")), True, "work went on after it"),
        (case(review=reviewed("accepted"), review_version=4), False, "work went on after it"),
    ):
        with pytest.raises(NothingToUndo) as told:
            undo(of, versions(of), reviewer(), former=None, former_last=None, followed=followed)
        assert told.value.detail == said


def test_a_decision_that_nobody_is_known_to_have_written_is_not_undone() -> None:
    of = case(review=reviewed("accepted"))
    bare = msgspec.structs.replace(of.inspection, stamps={"note": Stamp(5, OLDER, 1, OLDER)})
    of = msgspec.structs.replace(of, inspection=bare)
    with pytest.raises(NothingToUndo):
        undo(of, versions(of), reviewer(), former=None, former_last=None, followed=False)


def test_an_undone_acceptance_takes_its_readings_away_where_there_were_none_before() -> None:
    of = case(
        review=reviewed("accepted"), last={"ups": last(inspection=INSPECTION), "other": last()}
    )
    review, left = undo(of, versions(of), reviewer(), former=None, former_last=None, followed=False)
    assert msgspec.json.decode(review.set["review"]) is None
    assert set(value(left, "last")) == {"other"}
    assert left.record == ASSET


def test_the_remarks_of_a_round_are_those_of_the_office_in_it() -> None:
    said: dict[str, object] = {
        "a": {"origin": "office", "round": 2},
        "b": {"origin": "field", "round": 2},
        "c": {"origin": "office"},
        "d": "no remark",
        "e": {"round": 2},
    }
    of = case(remarks=said).inspection
    assert own_remarks(of, 2) == ("a",)
    assert own_remarks(of, 1) == ("c",)
    assert own_remarks(case().inspection, 1) == ()


def test_what_is_left_is_of_the_instant_of_the_decision_where_no_tablet_said_one() -> None:
    of = case(step={"step": "submitted"})
    made = LastInspection(inspection=INSPECTION, at=NOW, by="梁志豪", readings={})
    kept = last_inspection(of, judge(of), NOW)
    assert msgspec.structs.replace(kept, readings={}) == made
