"""What a device had pulled and a restore took away: offered, kept, and closed when it is back."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync.plan import Kept, Origin, Plan
from sync.record import Record
from tests.unit.test_push import (
    ANNA,
    BASE,
    DEVICE,
    FOREIGN,
    INSPECTION,
    LINEAGE,
    RECORDS,
    SCOPE,
    field_of,
    names,
    op,
    push,
    world,
)

SEEN = {"asset": str(UUID(int=0xA5)), "note": "风扇异响"}


def witness(n: int = 1, **more: Any) -> dict[str, Any]:
    return op(n, base=BASE + 9, witness=True, set=SEEN) | more


def told(plan: Plan) -> dict[str, Any]:
    return next(dict(w.record.data) for w in plan.writes if w.record.kind == "disposition")


def here(scope: str = SCOPE, **data: Any) -> dict[UUID, Record]:
    return RECORDS | {INSPECTION: Record("inspection", INSPECTION, scope, BASE + 1, data, {})}


def test_a_witness_of_a_lost_record_waits_for_a_person() -> None:
    plan = push(witness())
    assert names(plan) == ["review"]
    assert "settled" not in told(plan)
    assert plan.ops[0].open
    assert not any(write.record.id == INSPECTION for write in plan.writes)


def test_a_witness_of_what_is_there_closes_at_once() -> None:
    plan = push(witness(), known=world(records=here(**SEEN, step={"round": 1})))
    assert names(plan) == ["review"]
    assert told(plan)["settled"]["how"] == "applied"
    assert plan.settled == ((LINEAGE, 1),)


@pytest.mark.parametrize("data", [{}, {"note": "正常"}, SEEN | {"note": None}])
def test_a_witness_of_another_value_stays_open(data: dict[str, Any]) -> None:
    assert not push(witness(), known=world(records=here(**data))).settled


def test_a_witness_learns_nothing_of_a_place_that_is_not_held() -> None:
    there = push(witness(), known=world(records=here(FOREIGN, **SEEN)))
    nowhere = push(witness())
    assert there.outcomes == nowhere.outcomes
    assert told(there) == told(nowhere)


def test_a_witness_closes_when_the_lost_change_arrives_later() -> None:
    first = push(witness())
    kept = Kept(
        lineage=LINEAGE,
        n=1,
        id=UUID(int=1001),
        person=ANNA,
        device=DEVICE,
        outcome="review",
        open=True,
        raw=first.ops[0].payload,
    )
    told_then = {write.record.id: write.record for write in first.writes}
    known = world(
        records=here(asset=SEEN["asset"]) | told_then,
        states=dict(world().states) | {state.id: state for state in first.states},
        last_n=1,
        witnesses=(kept,),
    )
    second = push(op(2, set={"note": "风扇异响"}, base=BASE + 1), known=known)
    assert names(second) == ["applied"]
    assert second.settled == ((LINEAGE, 1),)
    assert told(second)["settled"]["how"] == "applied"


@pytest.mark.parametrize("more", [{"new": True}, {"withdraw": True}, {"remove": {"parts": ["a"]}}])
def test_a_witness_changes_nothing(more: dict[str, Any]) -> None:
    plan = push(witness(**more))
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "witness"


def test_nothing_waits_behind_a_witness() -> None:
    plan = push(witness(), op(2, set={"note": "x"}))
    assert names(plan) == ["review", "review"]
    assert msgspec.json.decode(plan.ops[0].payload)["witness"] is True


def test_each_witness_closes_by_itself_whatever_came_before_it() -> None:
    lost, there, elsewhere, gone = (UUID(int=number) for number in range(0x61, 0x65))
    known = here(**SEEN) | {
        there: Record("inspection", there, SCOPE, BASE + 1, {"note": "正常"}, {}),
        elsewhere: Record("inspection", elsewhere, FOREIGN, BASE + 1, SEEN, {}),
        gone: Record("inspection", gone, SCOPE, BASE + 1, SEEN, {}, withdrawn=True),
    }
    plan = push(
        op(1, record=str(lost), set={"note": "x"}),
        witness(2, record=str(lost)),
        witness(3, record=str(there)),
        witness(4, record=str(elsewhere)),
        witness(5, record=str(gone)),
        witness(6),
        known=world(records=known),
    )
    assert names(plan) == ["review"] * 6
    assert plan.settled == ((LINEAGE, 6),)


def test_the_office_bears_no_witness() -> None:
    office = Origin("office", LINEAGE, ANNA, scopes=frozenset({SCOPE}))
    plan = push(witness(), known=world(records=here(**SEEN)), origin=office)
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "witness"


def test_a_witness_that_was_settled_in_this_push_is_not_settled_again() -> None:
    seen, known = witness(), world(records=here(**SEEN))
    discard = op(2, replaces=seen["id"], orig_n=1, words="不需要")
    plan = push(seen, discard, known=known)
    assert names(plan) == ["review", "applied"]
    assert told(plan)["settled"]["how"] == "discarded"
    assert told(plan)["settled"]["words"] == "不需要"
