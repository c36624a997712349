"""What becomes of a change that was not applied: mended, discarded, run when its cause is there."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.ops import Op
from sync.ids import unread_id
from sync.plan import Disputed, Kept, Origin, Plan, World
from sync.record import Record, Stamp
from tests.unit.test_push import (
    ANNA,
    BASE,
    DEVICE,
    INSPECTION,
    LINEAGE,
    OWN,
    RECORDS,
    SCOPE,
    after,
    creation,
    field_of,
    names,
    op,
    push,
    world,
)

CHEN = UUID(int=0xC)
OFFICE = Origin("office", UUID(int=0x0F), CHEN, scopes=frozenset({SCOPE}), name="陈国栋")
WRONG = {"template": "no id"}
NOTE = {"note": "风扇异响"}


def told(plan: Plan, of: int) -> dict[str, Any]:
    """What the device is told in the end of its op of number `of`."""
    return next(
        dict(write.record.data)
        for write in plan.writes
        if write.record.kind == "disposition" and write.record.data["n"] == of
    )


def later(plan: Plan, known: World | None = None) -> World:
    """The world as the next push meets it, with everything that still waits."""
    before = known or world()
    ops = {row.n: row for row in plan.ops}
    kept = {
        row.id or unread_id(LINEAGE, row.n): Kept(
            lineage=LINEAGE,
            n=row.n,
            id=row.id or unread_id(LINEAGE, row.n),
            person=ANNA,
            device=DEVICE,
            outcome=row.outcome.outcome,
            open=(LINEAGE, row.n) not in plan.settled,
            raw=row.payload,
            disputed=tuple(
                Disputed(one.id, one.conflict.path, one.conflict.ours, one.conflict.theirs)
                for one in plan.conflicts
                if one.op == row.id
            ),
        )
        for row in ops.values()
        if row.open
    }
    records = dict(before.records) | {write.record.id: write.record for write in plan.writes}
    waiting = {
        row.record: row.id
        for row in plan.ops
        if row.open and row.record and row.id and row.record not in records and is_new(row.payload)
    }
    return msgspec.structs.replace(
        before,
        records=records,
        states=dict(before.states) | {state.id: state for state in plan.states},
        last_n=plan.last_n,
        waiting=waiting,
        replaced=kept,
        held=tuple(one for one in kept.values() if one.outcome == "held"),
    )


def is_new(payload: bytes) -> bool:
    return msgspec.json.decode(payload, type=Op).new


def mended(n: int, of: int, **more: Any) -> dict[str, Any]:
    return creation(n) | {"replaces": str(UUID(int=1000 + of)), "orig_n": of} | more


def test_what_was_held_runs_at_its_own_place_when_its_cause_is_mended() -> None:
    first = push(creation(1, **WRONG), op(2, set=NOTE), op(3, set={"answers.fan": {"value": 1}}))
    assert names(first) == ["rejected", "held", "held"]
    second = push(mended(4, of=1, words="扫错了设备"), known=later(first))
    assert names(second) == ["applied"]
    made = after(second, INSPECTION)
    assert made.data["note"] == "风扇异响"
    assert made.stamps["note"].n == 2
    assert told(second, 1)["settled"] == {
        "how": "replaced",
        "at": "2026-11-18T06:02:00Z",
        "words": "扫错了设备",
    }
    assert told(second, 2)["settled"]["how"] == "applied"
    assert told(second, 3)["settled"]["how"] == "applied"
    assert set(second.settled) == {(LINEAGE, 1), (LINEAGE, 2), (LINEAGE, 3)}


def test_what_was_held_behind_something_held_runs_too() -> None:
    photo = UUID(int=0xF0)
    attachment = op(
        3,
        kind="attachment",
        record=str(photo),
        new=True,
        parent=str(INSPECTION),
        set={
            "parent": str(INSPECTION),
            "parent_kind": "inspection",
            "sha256": "0" * 64,
            "bytes": 10,
            "media_type": "image/jpeg",
        },
    )
    caption = op(4, kind="attachment", record=str(photo), set={"caption": "铭牌"})
    first = push(creation(1, **WRONG), op(2, set=NOTE), attachment, caption)
    assert names(first) == ["rejected", "held", "held", "held"]
    second = push(mended(5, of=1), known=later(first))
    assert after(second, photo).data["caption"] == "铭牌"
    assert len(second.settled) == 4


def test_a_held_change_that_breaks_a_rule_says_so_when_it_runs() -> None:
    bad = op(2, set={"step": {"round": 9, "step": "draft"}})
    first = push(creation(1, **WRONG), bad)
    assert names(first) == ["rejected", "held"]
    second = push(mended(3, of=1), known=later(first))
    assert told(second, 2)["outcome"] == "rejected"
    assert told(second, 2)["problem"]["errors"][0]["field"] == "step"
    assert (LINEAGE, 2) not in second.settled


def test_what_is_held_behind_a_discarded_change_goes_to_review() -> None:
    first = push(creation(1, **WRONG), op(2, set=NOTE))
    discard = op(3, replaces=str(UUID(int=1001)), orig_n=1, words="扫错了设备")
    second = push(discard, known=later(first))
    assert names(second) == ["applied"]
    assert second.outcomes[0].scope == OWN
    assert told(second, 1)["settled"]["how"] == "discarded"
    assert told(second, 1)["settled"]["words"] == "扫错了设备"
    assert told(second, 2)["outcome"] == "review"
    assert "cause" not in told(second, 2)


def test_a_change_mended_twice_goes_to_review_the_second_time() -> None:
    first = push(creation(1, **WRONG))
    known = later(first)
    second = push(mended(2, of=1), known=known)
    settled = {id_: msgspec.structs.replace(one, open=False) for id_, one in known.replaced.items()}
    again = msgspec.structs.replace(later(second, known), replaced=settled)
    third = push(mended(3, of=1) | {"set": NOTE, "new": False}, known=again)
    assert names(third) == ["review"]


def test_a_mend_that_fails_again_is_what_is_mended_next() -> None:
    first = push(creation(1, **WRONG), op(2, set=NOTE))
    bad = mended(3, of=1)
    bad["set"] |= WRONG
    second = push(bad, known=later(first))
    assert names(second) == ["rejected"]
    assert told(second, 1)["settled"]["how"] == "replaced"
    known = later(second, later(first))
    held = later(first).held
    third = push(mended(4, of=3), known=msgspec.structs.replace(known, held=held))
    assert names(third) == ["applied"]
    assert after(third, INSPECTION).data["note"] == "风扇异响"


def test_a_mended_change_stands_where_the_first_one_stood() -> None:
    here = RECORDS | {INSPECTION: Record("inspection", INSPECTION, SCOPE, BASE + 1, {}, {})}
    first = push(op(1, set={"note": 7}), op(2, set={"note": "later"}), known=world(records=here))
    assert names(first) == ["rejected", "applied"]
    fixed = op(3, set={"note": "earlier"}, replaces=str(UUID(int=1001)), orig_n=1)
    second = push(fixed, known=later(first, world(records=here)))
    assert names(second) == ["applied"]
    assert all(write.record.kind == "disposition" for write in second.writes)


def test_a_line_that_could_not_be_read_is_mended_by_its_number() -> None:
    first = push(op(1, id="no id"))
    assert names(first) == ["rejected"]
    known = later(first)
    lost = known.replaced[unread_id(LINEAGE, 1)]
    mine = UUID(int=77)
    known = msgspec.structs.replace(known, replaced={mine: lost})
    second = push(mended(3, of=1, replaces=str(mine)), known=known)
    assert names(second) == ["applied"]
    assert told(second, 1)["settled"]["how"] == "replaced"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"replaces": str(UUID(int=5))}, "replaces"),
        ({"replaces": str(UUID(int=1001)), "orig_n": 2}, "orig_n"),
        ({"orig_n": 1}, "orig_n"),
    ],
)
def test_a_mend_of_nothing_is_rejected(more: dict[str, Any], field: str) -> None:
    first = push(creation(1, **WRONG), op(2, set=NOTE))
    second = push(creation(3) | more, known=later(first))
    assert names(second) == ["rejected"]
    assert field_of(second.outcomes[0]) == field


def test_nobody_mends_what_somebody_else_sent() -> None:
    known = later(push(creation(1, **WRONG)))
    theirs = {id_: msgspec.structs.replace(one, person=CHEN) for id_, one in known.replaced.items()}
    second = push(mended(2, of=1), known=msgspec.structs.replace(known, replaced=theirs))
    assert field_of(second.outcomes[0]) == "replaces"


def test_one_push_may_hold_a_change_and_its_mend_and_what_was_held() -> None:
    plan = push(creation(1, **WRONG), op(2, set=NOTE), mended(3, of=1))
    assert names(plan) == ["rejected", "held", "applied"]
    assert after(plan, INSPECTION).data["note"] == "风扇异响"


# --- The office ---


def office(n: int, **more: Any) -> dict[str, Any]:
    return op(n, by=str(CHEN), id=str(UUID(int=5000 + n))) | more


def disputed() -> tuple[Plan, World]:
    """The engineer's note meets one that another lineage wrote."""
    here = Record(
        "inspection",
        INSPECTION,
        SCOPE,
        BASE + 5,
        {"note": "正常"},
        {"note": Stamp(BASE + 5, UUID(int=2), 1, UUID(int=3))},
    )
    known = world(records=RECORDS | {INSPECTION: here})
    plan = push(op(1, set=NOTE, base=BASE + 1), known=known)
    assert names(plan) == ["conflict"]
    return plan, later(plan, known)


@pytest.mark.parametrize(
    ("value", "decision"), [("风扇异响", "theirs"), ("正常", "ours"), ("两者都是", "other")]
)
def test_the_office_decides_a_conflict_by_writing_its_path(value: str, decision: str) -> None:
    _, known = disputed()
    wrote = office(1, set={"note": value}, base=BASE + 5, replaces=str(UUID(int=1001)))
    second = push(wrote, known=known, origin=OFFICE)
    assert names(second) == ["applied"]
    assert [one.decision for one in second.decided] == [decision]
    assert told(second, 1)["settled"]["how"] == "decided"
    assert told(second, 1)["settled"]["by_name"] == "陈国栋"
    assert second.settled == ((LINEAGE, 1),)


def test_the_office_lets_stand_what_stands_by_writing_nothing() -> None:
    _, known = disputed()
    second = push(office(1, replaces=str(UUID(int=1001))), known=known, origin=OFFICE)
    assert [one.decision for one in second.decided] == ["ours"]
    assert all(write.record.kind == "disposition" for write in second.writes)


def test_a_device_decides_no_conflict() -> None:
    _, known = disputed()
    second = push(op(2, set=NOTE, base=BASE + 5, replaces=str(UUID(int=1001))), known=known)
    assert field_of(second.outcomes[0]) == "replaces"
    assert not second.decided


def test_the_office_mends_for_the_engineer_and_the_rest_runs_as_the_engineers() -> None:
    first = push(creation(1, **WRONG), op(2, set=NOTE))
    known = msgspec.structs.replace(later(first), writers={ANNA: frozenset({SCOPE})})
    by_office = office(3) | {
        name: creation(note="由主管补")[name] for name in ("kind", "record", "new", "parent", "set")
    }
    by_office["replaces"] = str(UUID(int=1001))
    second = push(by_office, known=known, origin=OFFICE)
    assert names(second) == ["applied"]
    made = after(second, INSPECTION)
    assert made.data["note"] == "风扇异响"  # Said after what was mended.
    assert made.stamps["template"].n == 1
    assert {stamp.lineage for stamp in made.stamps.values()} == {LINEAGE}
    assert told(second, 2)["settled"]["how"] == "applied"
