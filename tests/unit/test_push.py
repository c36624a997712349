"""What a push is answered: one law a test, on a world in memory."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.ops import Outcome
from sync.chain import START
from sync.errors import ClonedDevice
from sync.ids import inspection_id, tag_id
from sync.lines import Parsed, read_push
from sync.plan import Claim, Origin, Plan, StoredOp, World
from sync.push import plan_push
from sync.record import Record, mark
from sync.scopes import ScopeState

NOW = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
SITE, ASSET, ASSIGNMENT, TEMPLATE = (UUID(int=i) for i in (0x51, 0xA5, 0xA6, 0x7E))
ANNA, DEVICE, LINEAGE, OTHER = (UUID(int=i) for i in (0xA, 0xD, 0x1, 0x2))
SCOPE, OWN, FOREIGN = f"site:{SITE}", f"device:{DEVICE}", f"site:{UUID(int=0x99)}"
EPOCH = 1
BASE = EPOCH * 2**32
INSPECTION = inspection_id(ASSIGNMENT, ASSET)
ORIGIN = Origin("device", LINEAGE, ANNA, DEVICE, frozenset({SCOPE, "org", OWN}))


def record(kind: str, id_: UUID, data: dict[str, Any], scope: str = SCOPE, **more: Any) -> Record:
    return Record(kind, id_, scope, BASE + 1, data, more.pop("stamps", {}), **more)


RECORDS = {
    ASSET: record("asset", ASSET, {"site": str(SITE), "name": "核心数据库 01"}),
    ASSIGNMENT: record(
        "assignment",
        ASSIGNMENT,
        {
            "site": str(SITE),
            "state": "issued",
            "targets": [{"asset": str(ASSET), "template": str(TEMPLATE)}],
        },
    ),
}


def world(**more: Any) -> World:
    known: dict[str, Any] = {
        "epoch": EPOCH,
        "last_n": 0,
        "chain": START,
        "records": RECORDS,
        "states": {s: ScopeState(s, BASE + 7, 3, 11) for s in (SCOPE, OWN)},
        "rounds": {ASSIGNMENT: {}},
    }
    return World(**(known | more))


def op(n: int, **more: Any) -> dict[str, Any]:
    return {
        "n": n,
        "id": str(UUID(int=1000 + n)),
        "by": str(ANNA),
        "kind": "inspection",
        "record": str(INSPECTION),
        "base": 0,
        "made": {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))},
    } | more


def creation(n: int = 1, **more: Any) -> dict[str, Any]:
    fields = {
        "asset": str(ASSET),
        "template": str(TEMPLATE),
        "assignment": str(ASSIGNMENT),
        "inspector": str(ANNA),
        "inspector_name": "梁志豪",
    }
    return op(n, new=True, parent=str(ASSET), set=fields | more)


def lines(*ops: dict[str, Any] | bytes, first_n: int = 1) -> tuple[Parsed, ...]:
    sent = [o if isinstance(o, bytes) else json.dumps(o).encode() for o in ops]
    header = json.dumps({"epoch": EPOCH, "first_n": first_n}).encode()
    return read_push(b"\n".join([header, *sent]))[1]


def push(*ops: dict[str, Any] | bytes, known: World | None = None, origin: Origin = ORIGIN) -> Plan:
    first = next((o["n"] for o in ops if isinstance(o, dict)), 1)
    sent = lines(*ops, first_n=first)
    return plan_push(sent, first_n=first, origin=origin, world=known or world(), now=NOW)


def names(plan: Plan) -> list[str]:
    return [outcome.outcome for outcome in plan.outcomes]


def after(plan: Plan, id_: UUID) -> Record:
    return next(write.record for write in plan.writes if write.record.id == id_)


def field_of(outcome: Outcome) -> str:
    assert outcome.problem is not None
    return outcome.problem.errors[0].field


def test_a_creation_and_an_answer_are_applied_in_order() -> None:
    answer = op(2, set={"answers.fan_state": {"value": "pass"}}, base=0)
    plan = push(creation(), answer)
    assert names(plan) == ["applied", "applied"]
    made = after(plan, INSPECTION)
    assert made.data["answers"] == {"fan_state": {"value": "pass"}}
    assert made.scope == SCOPE
    assert plan.outcomes[1].seq == next(w.seq for w in plan.writes if w.record.id == INSPECTION)


def test_a_position_says_where_the_consequence_is_seen() -> None:
    plan = push(creation(), op(2, set={"nonsense.x": 1}))
    heads = {state.id: state.head for state in plan.states}
    assert plan.outcomes[0].scope == SCOPE
    assert plan.outcomes[1].scope == OWN
    assert all(o.seq is not None and o.seq <= heads[o.scope or ""] for o in plan.outcomes)


def test_one_bad_op_alone_is_rejected_and_its_field_named() -> None:
    bad = op(2, set={"answers.inlet_temp": {"value": {"deep": 1}}})
    plan = push(creation(), bad, op(3, set={"note": "ok"}))
    assert names(plan) == ["applied", "rejected", "applied"]
    assert field_of(plan.outcomes[1]) == "answers.inlet_temp"
    assert json.loads(plan.ops[1].payload) == bad


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"n": 2}',
        b'{"n": NaN}',
        b"\xff",
        b"[" * 9999,
        b'{"n":"\\ud800"}',
    ],
)
def test_a_line_that_is_no_op_is_kept_raw_under_its_place(line: bytes) -> None:
    plan = push(creation(), line, op(3, set={"note": "ok"}))
    assert names(plan) == ["applied", "rejected", "applied"]
    assert plan.ops[1].payload == line
    assert plan.outcomes[1].n == 2
    assert after(plan, INSPECTION).data["note"] == "ok"


@pytest.mark.parametrize("value", ["a\x00b", 2**63, [2**53]])
def test_what_a_database_cannot_hold_is_rejected_by_name(value: object) -> None:
    plan = push(creation(), op(2, set={"of_a_later_version": value}))
    assert names(plan) == ["applied", "rejected"]
    assert field_of(plan.outcomes[1]).startswith("of_a_later_version")


def test_a_field_of_a_later_version_is_kept() -> None:
    plan = push(creation(), op(2, set={"of_a_later_version": {"a": [1]}}))
    assert after(plan, INSPECTION).data["of_a_later_version"] == {"a": [1]}
    line = next(w.line for w in plan.writes if w.record.id == INSPECTION)
    assert json.loads(line or b"")["data"]["of_a_later_version"] == {"a": [1]}


def test_a_replay_is_answered_the_same_and_does_nothing() -> None:
    first = push(creation())
    stored = {1: StoredOp(1, UUID(int=1001), first.outcomes[0], DEVICE)}
    plan = push(creation(note="other bytes"), known=world(last_n=1, by_n=stored))
    assert plan.outcomes == first.outcomes
    assert not plan.writes
    assert not plan.ops


def test_another_op_under_a_used_number_means_a_clone() -> None:
    outcome = Outcome(n=1, id=UUID(int=77), outcome="applied")
    with pytest.raises(ClonedDevice):
        push(
            creation(), known=world(last_n=1, by_n={1: StoredOp(1, UUID(int=77), outcome, DEVICE)})
        )


def test_a_rescued_copy_under_another_number_happens_once() -> None:
    outcome = Outcome(n=9, id=UUID(int=1001), outcome="applied", scope=SCOPE, seq=5)
    plan = push(
        creation(), known=world(by_id={UUID(int=1001): StoredOp(9, UUID(int=1001), outcome, None)})
    )
    assert plan.outcomes == (msgspec.structs.replace(outcome, n=1),)
    assert not plan.writes
    assert plan.ops[0].id is None


def test_a_gap_is_recorded_and_never_waited_for() -> None:
    plan = push(op(5, new=True, parent=str(ASSET), set=creation()["set"]), known=world(last_n=2))
    assert [(gap.from_n, gap.to_n) for gap in plan.void] == [(3, 4)]
    assert plan.last_n == 5


def test_what_depends_on_a_refused_creation_is_held_behind_it() -> None:
    refused = creation(inspector="nobody")
    plan = push(refused, op(2, set={"note": "typed"}))
    assert names(plan) == ["rejected", "held"]
    told = next(w.record for w in plan.writes if w.record.data.get("outcome") == "held")
    assert told.data["cause"] == str(UUID(int=1001))
    assert plan.ops[1].open


def test_an_unknown_record_and_a_foreign_one_are_answered_alike() -> None:
    foreign = record("inspection", INSPECTION, {"asset": str(ASSET)}, FOREIGN)
    edit = op(1, set={"note": "typed"})
    unknown = push(edit, known=world(records={}))
    hidden = push(edit, known=world(records={INSPECTION: foreign}))
    assert unknown.outcomes == hidden.outcomes
    assert names(unknown) == ["review"]
    assert [w.line for w in unknown.writes] == [w.line for w in hidden.writes]


def test_two_engineers_who_begin_one_inspection_meet_on_it() -> None:
    theirs = record(
        "inspection",
        INSPECTION,
        {
            "asset": str(ASSET),
            "template": str(TEMPLATE),
            "inspector": str(OTHER),
            "inspector_name": "周立群",
            "answers": {"fan_state": {"value": "pass"}},
        },
    )
    answer: dict[str, Any] = {"answers.psu_state": {"value": "fail"}}
    mine = creation(**answer)
    plan = push(mine, known=world(records=RECORDS | {INSPECTION: theirs}))
    assert names(plan) == ["applied"]
    made = after(plan, INSPECTION)
    assert made.data["answers"] == {"fan_state": {"value": "pass"}, "psu_state": {"value": "fail"}}
    assert made.data["inspector_name"] == "周立群"


def test_a_conflict_keeps_both_values_and_tells_the_device() -> None:
    first = push(creation(), op(2, set={"note": "mine"}))
    stored = after(first, INSPECTION)
    other = Origin("device", OTHER, ANNA, DEVICE, ORIGIN.scopes)
    known = world(records=RECORDS | {INSPECTION: stored})
    plan = push(
        op(1, set={"note": "yours", "answers.fan_state": {"value": "pass"}}),
        known=known,
        origin=other,
    )
    assert names(plan) == ["conflict"]
    assert after(plan, INSPECTION).data["note"] == "mine"
    assert after(plan, INSPECTION).data["answers"] == {"fan_state": {"value": "pass"}}
    assert [(o.conflict.ours, o.conflict.theirs) for o in plan.conflicts] == [("mine", "yours")]
    told = next(w.record for w in plan.writes if w.record.kind == "disposition")
    assert told.data["fields"] == [{"path": "note", "theirs": "yours", "ours": "mine"}]


def accepted() -> Record:
    review = {"decision": "accepted", "round": 1}
    return record(
        "inspection",
        INSPECTION,
        {"asset": str(ASSET), "step": {"round": 1, "step": "submitted"}, "review": review},
    )


def test_an_edit_after_acceptance_waits_for_review() -> None:
    plan = push(
        op(1, set={"note": "late"}), known=world(records=RECORDS | {INSPECTION: accepted()})
    )
    assert names(plan) == ["review"]
    photo = op(
        1,
        kind="attachment",
        record=str(UUID(int=0xF0)),
        new=True,
        parent=str(INSPECTION),
        set={
            "parent": str(INSPECTION),
            "parent_kind": "inspection",
            "sha256": "0" * 64,
            "bytes": 1,
            "media_type": "image/jpeg",
        },
    )
    assert names(push(photo, known=world(records=RECORDS | {INSPECTION: accepted()}))) == ["review"]


def test_a_device_cannot_write_what_is_the_offices() -> None:
    plan = push(creation(), op(2, set={"review": {"decision": "accepted"}}))
    assert names(plan) == ["applied", "rejected"]
    assert field_of(plan.outcomes[1]) == "review"


def test_a_device_cannot_begin_the_next_round() -> None:
    plan = push(creation(), op(2, set={"step": {"round": 2, "step": "submitted"}}))
    assert names(plan) == ["applied", "rejected"]
    assert field_of(plan.outcomes[1]) == "step"


def test_nobody_speaks_for_somebody_else() -> None:
    plan = push(creation() | {"by": str(OTHER)})
    assert field_of(plan.outcomes[0]) == "by"


def test_a_draining_device_sends_into_review_only() -> None:
    draining = msgspec.structs.replace(ORIGIN, draining=True)
    assert names(push(creation(), origin=draining)) == ["review"]


def test_a_round_is_raised_by_its_inspections() -> None:
    started = push(creation())
    assert after(started, ASSIGNMENT).data["state"] == "started"
    done = push(creation(), op(2, set={"step": {"round": 1, "step": "submitted"}}))
    assert after(done, ASSIGNMENT).data["state"] == "done"


def tag_op(n: int, code: str, asset: UUID) -> dict[str, Any]:
    return op(
        n,
        kind="tag",
        record=str(tag_id(code)),
        new=True,
        parent=str(asset),
        set={"code": code, "asset": str(asset)},
    )


def test_a_tag_is_claimed_by_its_binding() -> None:
    plan = push(tag_op(1, "7K4M2P9D6", ASSET))
    assert names(plan) == ["applied"]
    assert plan.claims == (Claim("7K4M2P9D6", ASSET, SCOPE),)


def test_a_code_bound_at_another_site_conflicts_and_does_not_say_where() -> None:
    bound = Claim("7K4M2P9D6", UUID(int=0xBEEF), FOREIGN)
    there = record("tag", tag_id("7K4M2P9D6"), {"asset": str(UUID(int=0xBEEF))}, FOREIGN)
    known = world(records=RECORDS | {there.id: there}, claims={"7K4M2P9D6": bound})
    plan = push(tag_op(1, "7K4M2P9D6", ASSET), known=known)
    assert names(plan) == ["conflict"]
    told = b"".join(write.line or b"" for write in plan.writes)
    assert str(UUID(int=0xBEEF)).encode() not in told
    assert FOREIGN.encode() not in told


def test_a_withdrawn_photo_is_gone_and_what_comes_later_is_reviewed() -> None:
    photo = record("attachment", UUID(int=0xF0), {"parent": str(INSPECTION)}, mark=5)
    known = world(records=RECORDS | {photo.id: photo})
    leave = op(1, kind="attachment", record=str(photo.id), withdraw=True)
    caption = op(2, kind="attachment", record=str(photo.id), set={"caption": "late"})
    plan = push(leave, caption, known=known)
    assert names(plan) == ["applied", "review"]
    assert next(w for w in plan.writes if w.record.id == photo.id).line is None


def test_heads_and_digests_follow_the_bytes() -> None:
    plan = push(creation(), op(2, set={"note": "x"}))
    before = world().states[SCOPE]
    state = next(s for s in plan.states if s.id == SCOPE)
    mine = [w for w in plan.writes if w.record.scope == SCOPE]
    fresh = [w for w in mine if w.expected == 0]
    assert state.live == before.live + len(fresh)
    assert state.marks == (before.marks + sum(mark(w.line or b"") for w in mine)) % 2**64
    assert state.head == max(w.seq for w in mine)
    assert len({w.seq for w in mine}) == len(mine)


def test_a_scope_that_is_not_locked_is_asked_for_and_nothing_is_decided() -> None:
    plan = push(creation(), known=world(states={}))
    assert plan.needs
    assert not plan.outcomes


def test_the_chain_links_every_op_to_the_one_before() -> None:
    plan = push(creation(), op(2, set={"note": "x"}), op(3, set={"note": "y"}))
    assert len({row.chain for row in plan.ops}) == 3
    assert plan.chain == plan.ops[-1].chain
    other = push(creation(), op(2, set={"note": "z"}), op(3, set={"note": "y"}))
    assert other.chain != plan.chain
