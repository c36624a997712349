"""Why an op is refused: each reason, on its field and in the words that people read.

Rule: a reason stands here once, whole, so that neither the field nor the words change by accident.
"""

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.kinds.evidence import TYPED_MARK
from schemas.problems import FieldProblem, Problem
from sync.errors import ClonedDevice, InvalidOp, NotPermitted
from sync.ids import tag_id
from sync.plan import Origin, Plan, StoredOp, World
from sync.push import plan_push
from sync.record import Record
from tests.unit.test_mend import WRONG, disputed, later, mended
from tests.unit.test_push import (
    ANNA,
    ASSET,
    ASSIGNMENT,
    BASE,
    DEVICE,
    FOREIGN,
    INSPECTION,
    LINEAGE,
    NOW,
    ORIGIN,
    OTHER,
    OWN,
    RECORDS,
    SCOPE,
    after,
    creation,
    lines,
    names,
    op,
    push,
    record,
    world,
)
from tests.unit.test_witness import witness

FINDING, PHOTO, SIGNATURE = UUID(int=0xF1), UUID(int=0xF2), UUID(int=0xF3)
OFFICE = Origin("office", UUID(int=0x0F), ANNA, scopes=frozenset({SCOPE, "org"}))


def problem(plan: Plan, place: int = 0) -> Problem:
    found = plan.outcomes[place].problem
    assert found is not None
    return found


def invalid(field: str, said: str) -> Problem:
    return Problem(
        type="/problems/invalid-op",
        title=InvalidOp.title,
        status=422,
        detail=f"{field}: {said}",
        errors=(FieldProblem(field=field, detail=said),),
    )


def there(*more: Record) -> World:
    return world(records=RECORDS | {one.id: one for one in more})


def step(word: str, round_: int = 1, **more: Any) -> dict[str, Any]:
    said = {"step": {"round": round_, "step": word}} | more
    return op(1, kind="finding", record=str(FINDING), base=BASE + 1, set=said)


def finding(word: str = "open") -> Record:
    data = {"asset": str(ASSET), "text": "x", "step": {"round": 1, "step": word}}
    return record("finding", FINDING, data)


def round_of(assignee: UUID) -> Record:
    data = dict(RECORDS[ASSIGNMENT].data) | {"assignee": str(assignee)}
    return record("assignment", ASSIGNMENT, data)


def given(to: object) -> dict[str, Any]:
    return op(1, kind="assignment", record=str(ASSIGNMENT), base=BASE, set={"assignee": to})


def stored(**more: Any) -> World:
    outcome = push(creation()).outcomes[0]
    kept = StoredOp(9, UUID(int=1001), outcome, DEVICE, **more)
    return world(by_id={UUID(int=1001): kept})


MINE = record("inspection", INSPECTION, {"asset": str(ASSET)})
REPLACED = str(UUID(int=1001))


@pytest.mark.parametrize(
    ("ops", "known", "field", "said"),
    [
        ([creation()], stored(person=OTHER), "id", "was used before"),
        ([op(1, by=str(OTHER))], None, "by", "is not the person of this device"),
        ([op(1, orig_n=1)], None, "orig_n", "is of no op before this one"),
        ([op(2, orig_n=1)], None, "orig_n", "goes with `replaces`"),
        (
            [op(1, replaces=REPLACED)],
            None,
            "replaces",
            "names no change of yours that waits",
        ),
        (
            [mended(3, of=1, orig_n=2)],
            later(push(creation(1, **WRONG))),
            "orig_n",
            "is not the number of the change that it replaces",
        ),
        (
            [op(2, set={"note": "x"}, replaces=REPLACED)],
            disputed()[1],
            "replaces",
            "is decided by the office",
        ),
        (
            [witness(withdraw=True)],
            None,
            "witness",
            "says what was there, and changes nothing",
        ),
        ([op(1, kind="colour")], None, "kind", "there is no kind `colour`"),
        (
            [op(1, kind="assignment", new=True, record=str(FINDING))],
            None,
            "kind",
            "`assignment` is made by the office alone",
        ),
        ([creation() | {"parent": str(OTHER)}], None, "parent", "is not what `asset` names"),
        (
            [op(1, kind="finding", set={"text": "x"})],
            there(MINE),
            "kind",
            "is not the record's kind",
        ),
        (
            [op(1, kind="asset", record=str(ASSET), withdraw=True)],
            None,
            "withdraw",
            "`asset` is withdrawn by the office alone",
        ),
        (
            [creation() | {"record": str(FINDING)}],
            None,
            "record",
            "is not the id that follows from what it is of",
        ),
        (
            [op(1, set={"step": {"round": 2, "step": "draft"}})],
            there(MINE),
            "step",
            "names a round that the office has not begun",
        ),
        (
            [given(str(ANNA))],
            there(round_of(OTHER)),
            "assignee",
            "is handed over by the assignee alone",
        ),
        (
            [given(str(OTHER))],
            there(round_of(ANNA)),
            "assignee",
            "is nobody who inspects here",
        ),
    ],
)
def test_a_refusal_names_its_field_and_says_why(
    ops: list[dict[str, Any]], known: World | None, field: str, said: str
) -> None:
    plan = push(*ops, known=known)
    assert names(plan) == ["rejected"]
    assert problem(plan) == invalid(field, said)


@pytest.mark.parametrize(
    ("edit", "now", "field", "said"),
    [
        (step("accepted-risk"), "open", "reason", "says why the risk is accepted"),
        (step("open"), "fixed", "step", "cannot go from `fixed` to `open` in one round"),
        (step("fixed", 2), "fixed", "step", "opens again as `open` in the next round"),
    ],
)
def test_a_step_that_a_finding_does_not_take_is_named(
    edit: dict[str, Any], now: str, field: str, said: str
) -> None:
    plan = push(edit, known=there(finding(now)), origin=OFFICE)
    assert problem(plan) == invalid(field, said)


def test_a_new_record_that_is_not_whole_names_all_that_it_lacks() -> None:
    plan = push(op(1, new=True, set={"asset": str(ASSET)}))
    found = problem(plan)
    assert found.detail == "the new record is not whole"
    assert {(one.field, one.detail) for one in found.errors} == {
        (name, "is required") for name in ("template", "inspector", "inspector_name")
    }


def test_what_cannot_be_found_here_waits_in_the_same_words() -> None:
    said = NotPermitted("It waits for the office to look at it.").problem()
    assert problem(push(op(1, set={"note": "x"}))) == said
    elsewhere = record("inspection", INSPECTION, {"asset": str(ASSET)}, FOREIGN)
    assert problem(push(op(1, set={"note": "x"}), known=there(elsewhere))) == said
    assert said.type == "/problems/not-permitted"


def test_the_office_withdraws_nothing_that_does_not_exist() -> None:
    made = creation() | {"withdraw": True}
    assert problem(push(made, origin=OFFICE)) == invalid(
        "withdraw", "a record that does not exist cannot be withdrawn"
    )


def test_a_map_that_would_grow_too_large_is_named() -> None:
    full = {f"i{n}": {"value": "pass"} for n in range(2_000)}
    data = {"asset": str(ASSET), "answers": full}
    many = {f"answers.j{n}": {"value": "pass"} for n in range(100)}
    plan = push(op(1, set=many), known=there(record("inspection", INSPECTION, data)))
    assert problem(plan) == invalid("answers", "would hold more entries than there may be")


# --- Numbers and ids ---


def test_a_clone_is_told_which_number_was_used() -> None:
    first = push(creation())
    by_n = {1: StoredOp(1, UUID(int=7), first.outcomes[0], DEVICE)}
    with pytest.raises(ClonedDevice) as told:
        push(creation(), known=world(last_n=1, by_n=by_n))
    assert told.value.detail == "number 1 was used by another change"


def test_an_op_that_alone_breaks_the_database_is_refused_and_no_other() -> None:
    why = InvalidOp("the database does not hold it").problem()
    sent = lines(creation(), op(2, set={"note": "x"}), b"{")
    plan = plan_push(
        sent, first_n=1, origin=ORIGIN, world=world(), now=NOW, refuse={2: why, 3: why}
    )
    assert names(plan) == ["applied", "rejected", "rejected"]
    assert [one.problem for one in plan.outcomes] == [None, why, why]
    assert "note" not in after(plan, INSPECTION).data


def test_the_same_op_twice_in_one_push_happens_once() -> None:
    again = creation() | {"n": 2, "id": str(UUID(int=1001))}
    plan = push(creation(), again)
    assert plan.outcomes[1] == msgspec.structs.replace(plan.outcomes[0], n=2)
    assert [(row.id, row.open) for row in plan.ops] == [(UUID(int=1001), False), (None, False)]


@pytest.mark.parametrize("person", [None, ANNA])
def test_an_op_that_its_person_sent_before_is_answered_as_before(person: UUID | None) -> None:
    known = stored(person=person)
    plan = push(creation(), known=known)
    assert plan.outcomes == (msgspec.structs.replace(known.by_id[UUID(int=1001)].outcome, n=1),)


def test_an_op_with_the_id_of_somebody_elses_is_kept_under_none_and_waits_for_nobody() -> None:
    plan = push(creation(), known=stored(person=OTHER))
    assert [(row.id, row.open) for row in plan.ops] == [(None, False)]


@pytest.mark.parametrize(
    ("sent", "is_replay"),
    [(creation(1, **WRONG), False), (creation(1, **WRONG), True), (b"{", True)],
)
def test_another_device_of_the_person_is_told_what_became_of_an_op_before(
    sent: dict[str, Any] | bytes, *, is_replay: bool
) -> None:
    first = push(sent)
    told = {write.record.id: write.record for write in first.writes}
    second_device = UUID(int=0xDD)
    scope = f"device:{second_device}"
    (row,), (outcome,) = first.ops, first.outcomes
    raw = row.payload if row.id is None else None
    stored_op = StoredOp(1, row.id, outcome, DEVICE, ANNA, raw)
    origin = Origin(
        "device", LINEAGE if is_replay else OTHER, ANNA, second_device, ORIGIN.scopes | {scope}
    )
    known = world(
        records=RECORDS | told,
        states=dict(world().states)
        | {scope: msgspec.structs.replace(world().states[OWN], id=scope)},
        **({"last_n": 1, "by_n": {1: stored_op}} if is_replay else {"by_id": {row.id: stored_op}}),
    )
    plan = push(sent, known=known, origin=origin)
    assert names(plan) == ["rejected"]
    (write,) = plan.writes
    (source,) = told.values()
    assert write.record.scope == scope
    assert write.record.data == dict(source.data) | {"device": str(second_device)}


# --- What is kept of an op, and told of it ---


def test_an_op_is_kept_as_it_came_with_what_it_was_about() -> None:
    photo = op(
        2,
        kind="attachment",
        record=str(PHOTO),
        new=True,
        parent=str(ASSET),
        replaces=str(UUID(int=77)),
        set={"parent": str(ASSET)},
    )
    plan = push(creation(), photo, b"{", op(4, set={"note": "x"}))
    kept = [(row.n, row.id, row.kind, row.record, row.scope, row.replaces) for row in plan.ops]
    assert kept == [
        (1, UUID(int=1001), "inspection", INSPECTION, SCOPE, None),
        (2, UUID(int=1002), "attachment", PHOTO, SCOPE, UUID(int=77)),
        (3, None, "", None, None, None),
        (4, UUID(int=1004), "inspection", INSPECTION, SCOPE, None),
    ]
    assert [row.open for row in plan.ops] == [False, True, True, False]
    assert [row.outcome for row in plan.ops] == list(plan.outcomes)
    assert [json.loads(row.outcome_bytes) for row in plan.ops] == [
        json.loads(msgspec.json.encode(one)) | {"at": "2026-11-18T06:02:00Z", "after": ""}
        for one in plan.outcomes
    ]


def test_what_is_told_is_the_first_version_of_a_record_at_the_next_seq() -> None:
    plan = push(op(1, set={"note": "x"}))
    (write,) = plan.writes
    told, (outcome,) = write.record, plan.outcomes
    assert (told.version, write.seq, outcome.scope, outcome.seq) == (
        BASE + 1,
        BASE + 8,
        OWN,
        BASE + 8,
    )
    assert {(one.lineage, one.n, one.op) for one in told.stamps.values()} == {
        (LINEAGE, 1, UUID(int=1001))
    }
    assert (told.data["record_kind"], told.data["record"]) == ("inspection", str(INSPECTION))
    assert (told.data["n"], told.data["at"]) == (1, "2026-11-18T06:02:00Z")


def test_the_office_is_answered_and_told_nothing_beside() -> None:
    plan = push(op(1, set={"note": 7}), known=there(MINE), origin=OFFICE)
    assert names(plan) == ["rejected"]
    assert (plan.outcomes[0].scope, plan.outcomes[0].seq, plan.writes) == (None, None, ())


def test_what_was_applied_is_answered_with_its_version_and_place() -> None:
    (outcome,) = push(op(1, set={"note": "x"}), known=there(MINE)).outcomes
    assert (outcome.id, outcome.scope, outcome.version) == (UUID(int=1001), SCOPE, BASE + 2)
    (same,) = push(op(1), known=there(MINE)).outcomes
    assert (same.scope, same.seq, same.version) == (SCOPE, BASE + 7, BASE + 1)


def test_a_push_of_no_ops_says_what_was_left_out() -> None:
    plan = plan_push((), first_n=5, origin=ORIGIN, world=world(last_n=2, backed_up_to=2), now=NOW)
    assert [(gap.from_n, gap.to_n) for gap in plan.void] == [(3, 4)]
    assert (plan.last_n, plan.backed_up_to, plan.chain) == (4, 2, world().chain)
    same = plan_push((), first_n=3, origin=ORIGIN, world=world(last_n=2), now=NOW)
    assert (same.void, same.last_n) == ((), 2)


def test_a_tag_is_made_under_the_id_of_its_code_alone() -> None:
    made = op(
        1,
        kind="tag",
        record=str(tag_id("7K4M2P9D6")),
        new=True,
        set={"code": "7K4M-2P9D-6", "asset": str(ASSET)},
    )
    assert names(push(made)) == ["rejected"]


def test_who_may_inspect_at_the_site_is_given_the_round() -> None:
    known = msgspec.structs.replace(
        there(round_of(ANNA)), inspectors={OTHER: frozenset({SCOPE}), ANNA: frozenset()}
    )
    plan = push(given(str(OTHER)), known=known)
    assert names(plan) == ["applied"]
    assert after(plan, ASSIGNMENT).data["assignee"] == str(OTHER)
    elsewhere = msgspec.structs.replace(known, inspectors={OTHER: frozenset({FOREIGN})})
    assert problem(push(given(str(OTHER)), known=elsewhere)) == invalid(
        "assignee", "is nobody who inspects here"
    )
    assert names(push(given(None), known=known)) == ["rejected"]
    assert names(push(given(str(ANNA)), known=known)) == ["applied"]


# --- Whose signature ---


def signed(**more: str) -> Plan:
    fields = {
        "of": str(INSPECTION),
        "of_kind": "inspection",
        "role": "device-user",
        "document": "{}",
        "digest": "0" * 64,
        "signed_at": "2026-11-20T01:00:00Z",
    }
    return push(
        op(
            1,
            kind="signature",
            record=str(SIGNATURE),
            new=True,
            parent=str(INSPECTION),
            set=fields | more,
        ),
        known=there(MINE),
    )


@pytest.mark.parametrize("name", ["\u200b", "\u2060\ufeff", "\ufe0f", "\u3164", " ", "\u0301"])
@pytest.mark.parametrize("strokes", ["M1,1L2,2", TYPED_MARK], ids=["drawn", "typed"])
def test_a_name_on_a_signature_shows_something(name: str, strokes: str) -> None:
    said = "shows nothing: it has no letter, figure or symbol"
    assert problem(signed(name=name, strokes=strokes)) == invalid("name", said)


def test_a_typed_signature_is_nothing_without_the_name() -> None:
    assert problem(signed(strokes=TYPED_MARK)).errors[0].field == "name"
    assert names(signed(strokes=TYPED_MARK, name="\u200b李")) == ["applied"]


def test_what_was_drawn_without_a_name_stands_and_so_does_an_absence() -> None:
    assert names(signed(strokes="M1,1L2,2")) == ["applied"]
    assert names(signed(absent_reason="出差")) == ["applied"]
