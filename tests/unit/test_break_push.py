"""What an op must not be able to do: hold another up, tell of other scopes, or slip past a rule."""

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.kinds import KINDS
from sync.errors import ClonedDevice
from sync.ids import tag_id
from sync.plan import Claim, StoredOp
from sync.record import Record
from tests.unit.test_push import (
    ANNA,
    ASSET,
    ASSIGNMENT,
    BASE,
    FOREIGN,
    INSPECTION,
    ORIGIN,
    OTHER,
    RECORDS,
    SCOPE,
    SITE,
    after,
    creation,
    field_of,
    names,
    op,
    push,
    record,
    world,
)

PHOTO = UUID(int=0xF0)
CODE = "7K4M2P9D6"


def photo(n: int, parent: UUID = INSPECTION, **more: Any) -> dict[str, Any]:
    values = {
        "parent": str(parent),
        "parent_kind": "inspection",
        "sha256": "0" * 64,
        "bytes": 1,
        "media_type": "image/jpeg",
    }
    return op(n, kind="attachment", record=str(PHOTO), new=True, set=values, **more)


def inspection(**more: Any) -> Record:
    return record("inspection", INSPECTION, {"asset": str(ASSET), "inspector": str(ANNA)} | more)


def accepted() -> Record:
    return inspection(
        step={"round": 1, "step": "submitted"}, review={"decision": "accepted", "round": 1}
    )


# --- No poison ---


def test_a_rejected_creation_does_not_hold_a_good_one_of_the_same_record() -> None:
    bad = creation(1, review={"decision": "accepted"})
    plan = push(bad, creation(2), photo(3))
    assert names(plan) == ["rejected", "applied", "applied"]


def test_a_creation_waits_for_no_older_one_of_the_same_record() -> None:
    plan = push(creation(7), known=world(last_n=6, waiting={INSPECTION: UUID(int=5)}))
    assert names(plan) == ["applied"]


def test_a_rejected_creation_of_a_record_that_exists_holds_nothing() -> None:
    known = world(records=RECORDS | {INSPECTION: inspection()})
    plan = push(creation(1, review={"decision": "accepted"}), photo(2), known=known)
    assert names(plan) == ["rejected", "applied"]


@pytest.mark.parametrize("wall", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_has_no_utc_is_rejected_by_name(wall: str) -> None:
    made = {"wall": wall, "session": str(UUID(int=5))}
    plan = push(creation(1) | {"made": made}, creation(2, started_at=wall), creation(3))
    assert names(plan) == ["rejected", "rejected", "applied"]
    assert [field_of(one) for one in plan.outcomes[:2]] == ["made.wall", "started_at"]


def test_an_instant_inside_a_value_has_to_have_a_utc_too() -> None:
    step = {"round": 1, "step": "submitted", "at": "9999-12-31T23:59:59Z"}
    plan = push(creation(1, step=step))
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "step"


def test_a_kind_that_holds_nul_is_no_op() -> None:
    plan = push(op(1, kind="a\0b"), creation(2))
    assert names(plan) == ["rejected", "applied"]
    assert field_of(plan.outcomes[0]) == "kind"
    assert plan.ops[0].kind == ""


def test_text_that_is_not_utf8_is_rejected_by_name() -> None:
    line = json.dumps(creation(2, note="QQ")).encode().replace(b"QQ", b"\xff")
    plan = push(creation(1), line, creation(3))
    assert names(plan) == ["applied", "rejected", "applied"]
    assert field_of(plan.outcomes[1]) == "note"


# --- Nothing is told of other scopes ---


def test_the_kind_of_a_foreign_record_is_not_told() -> None:
    here = UUID(int=0x777)
    foreign = Record("room", here, FOREIGN, BASE + 1, {"site": str(UUID(int=0x99))}, {})
    asked = op(1, record=str(here), set={"note": "x"})
    known = push(asked, known=world(records=RECORDS | {here: foreign})).outcomes[0]
    unknown = push(asked).outcomes[0]
    assert (known.outcome, known.problem) == (unknown.outcome, unknown.problem)


def test_binding_to_a_foreign_asset_and_to_none_is_answered_alike() -> None:
    there = UUID(int=0x778)
    foreign = Record("asset", there, FOREIGN, BASE + 1, {"site": str(UUID(int=0x99))}, {})
    tag = record("tag", tag_id(CODE), {"code": CODE, "asset": str(ASSET)})
    rebind = op(1, kind="tag", record=str(tag.id), base=BASE + 1, set={"asset": str(there)})
    here = RECORDS | {tag.id: tag}
    known = push(rebind, known=world(records=here | {there: foreign})).outcomes[0]
    unknown = push(rebind, known=world(records=here)).outcomes[0]
    assert (known.outcome, known.problem) == (unknown.outcome, unknown.problem)
    assert unknown.outcome == "review"


def test_a_round_elsewhere_decides_nothing_here() -> None:
    away = UUID(int=0x779)
    foreign = Record("assignment", away, FOREIGN, BASE + 1, {"state": "withdrawn"}, {})
    here = inspection(assignment=str(away))
    known = world(records=RECORDS | {INSPECTION: here, away: foreign})
    assert names(push(op(1, set={"note": "x"}), known=known)) == ["applied"]


def test_an_outcome_is_told_to_nobody_else() -> None:
    """An id that somebody else used tells neither where nor what."""
    first = push(creation(1)).outcomes[0]
    stored = StoredOp(1, first.id, first, UUID(int=0xBAD), person=UUID(int=0xB))
    plan = push(creation(1), known=world(by_id={first.id: stored}, records=RECORDS))
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "id"
    assert plan.ops[0].id is None


# --- Rules hold whatever is left out ---


@pytest.mark.parametrize("said", [{}, {"parent": str(INSPECTION)}])
def test_accepted_work_takes_no_photo_whether_or_not_a_parent_is_said(said: dict[str, Any]) -> None:
    known = world(records=RECORDS | {INSPECTION: accepted()})
    assert names(push(photo(1) | said, known=known)) == ["review"]


@pytest.mark.parametrize("kind", ["template", "member", "site", "disposition"])
def test_a_device_writes_nothing_at_all_into_what_is_the_offices(kind: str) -> None:
    """A field that nobody knows yet would travel to every tablet there is."""
    assert not any(field.device for field in KINDS[kind].fields.values())
    here = UUID(int=0x77A)
    made = Record(kind, here, "org", BASE + 1, {"name": "x"}, {})
    wish = op(1, kind=kind, record=str(here), set={"future": "x"})
    states = dict(world().states) | {"org": world().states[SCOPE]}
    plan = push(wish, known=world(records={here: made}, states=states))
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "future"


def test_a_map_grows_no_larger_than_its_type() -> None:
    many = {f"attributes.a{i}": "x" for i in range(150)}
    more = {f"attributes.b{i}": "x" for i in range(150)}
    edit = {"kind": "asset", "record": str(ASSET), "base": BASE + 1}
    plan = push(op(1, set=many, **edit), op(2, set=more, **edit), op(3, set={"note": "x"}, **edit))
    assert names(plan) == ["applied", "rejected", "applied"]
    assert field_of(plan.outcomes[1]) == "attributes"
    attributes = after(plan, ASSET).data["attributes"]
    assert isinstance(attributes, dict)
    assert len(attributes) == 150


def test_an_op_does_not_mend_one_that_comes_after_it() -> None:
    """A number from the future would let every later edit of this tablet pass as history."""
    plan = push(creation(1) | {"orig_n": 9}, creation(2, note="x"))
    assert names(plan) == ["rejected", "applied"]
    assert field_of(plan.outcomes[0]) == "orig_n"


def test_a_number_of_a_copied_op_is_taken_too() -> None:
    """The copy's row has no id of its own; a clone's op under its number was never processed."""
    first = push(creation(1)).outcomes[0]
    copy = StoredOp(1, None, first, ORIGIN.device)
    with pytest.raises(ClonedDevice):
        push(op(1, id=str(UUID(int=0xC10)), set={"note": "lost"}), known=world(by_n={1: copy}))


def test_a_tag_is_bound_under_the_id_of_its_code() -> None:
    values = {"code": CODE, "asset": str(ASSET)}
    wrong = op(1, kind="tag", record=str(UUID(int=0x77B)), new=True, set=values)
    right = op(2, kind="tag", record=str(tag_id(CODE)), new=True, set=values)
    plan = push(wrong, right)
    assert names(plan) == ["rejected", "applied"]
    assert field_of(plan.outcomes[0]) == "record"


def test_an_inspection_of_a_round_has_the_id_that_two_tablets_meet_on() -> None:
    plan = push(creation(1) | {"record": str(UUID(int=0x77C))}, creation(2))
    assert names(plan) == ["rejected", "applied"]


def test_a_round_is_handed_over_by_whom_it_was_given_to() -> None:
    """Whoever is named holds the site from then on: a colleague's word must not give it away."""
    given = {**RECORDS[ASSIGNMENT].data, "assignee": str(OTHER)}
    known = world(records=RECORDS | {ASSIGNMENT: record("assignment", ASSIGNMENT, given)})
    take = op(1, kind="assignment", record=str(ASSIGNMENT), set={"assignee": str(ANNA)})
    plan = push(take, known=known)
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "assignee"


@pytest.mark.parametrize(
    ("person", "expected"), [(OTHER, ["applied"]), (UUID(int=0xBAD), ["rejected"])]
)
def test_a_round_is_handed_over_to_somebody_who_inspects_there(
    person: UUID, expected: list[str]
) -> None:
    given = {**RECORDS[ASSIGNMENT].data, "assignee": str(ANNA)}
    mine = RECORDS | {ASSIGNMENT: record("assignment", ASSIGNMENT, given)}
    known = world(records=mine, inspectors={OTHER: frozenset({SCOPE})})
    wish = op(1, kind="assignment", record=str(ASSIGNMENT), set={"assignee": str(person)})
    assert names(push(wish, known=known)) == expected


def test_work_begun_in_a_withdrawn_round_is_looked_at_by_the_office() -> None:
    ended = {**RECORDS[ASSIGNMENT].data, "state": "withdrawn"}
    known = world(records=RECORDS | {ASSIGNMENT: record("assignment", ASSIGNMENT, ended)})
    assert names(push(creation(1), known=known)) == ["review"]


def test_work_begun_in_a_closed_round_is_looked_at_by_the_office() -> None:
    """It is in the archive, on no device: nobody would look for its work at the site."""
    ended = {**RECORDS[ASSIGNMENT].data, "state": "closed"}
    closed = record("assignment", ASSIGNMENT, ended, f"archive:{SITE}")
    known = world(records=RECORDS | {ASSIGNMENT: closed})
    assert names(push(creation(1), known=known)) == ["review"]


def test_a_device_on_its_way_out_disputes_no_tag() -> None:
    """All that it sends waits for the office: neither is it told which codes are bound elsewhere,
    nor is the other site asked."""
    bound = {CODE: Claim(CODE, UUID(int=0xBEEF), FOREIGN)}
    values = {"code": CODE, "asset": str(ASSET)}
    bind = op(1, kind="tag", record=str(tag_id(CODE)), new=True, set=values)
    draining = msgspec.structs.replace(ORIGIN, draining=True)
    plan = push(bind, known=world(claims=bound), origin=draining)
    assert names(plan) == ["review"]
    assert plan.conflicts == ()
    assert plan.outcomes[0].problem == push(bind, origin=draining).outcomes[0].problem


def test_an_instant_that_is_written_in_escapes_is_read_all_the_same() -> None:
    line = json.dumps(creation(2, started_at="9999-12-31T23:59:59Z")).encode()
    plan = push(creation(1), line.replace(b"9999-", b"\\u0039999-"))
    assert names(plan) == ["applied", "rejected"]
    assert field_of(plan.outcomes[1]) == "started_at"
