"""What moves along: with equipment to another site, with a closed round into the archive."""

from typing import Any
from uuid import UUID

import pytest

from sync.ids import inspection_id, tag_id
from sync.plan import Claim, Left, Origin, Plan, World
from sync.record import Record, mark
from sync.scopes import ScopeState
from tests.unit.test_push import (
    ANNA,
    ASSET,
    ASSIGNMENT,
    BASE,
    DEVICE,
    INSPECTION,
    LINEAGE,
    OWN,
    RECORDS,
    SCOPE,
    SITE,
    TEMPLATE,
    after,
    field_of,
    names,
    op,
    push,
    world,
)

THERE = UUID(int=0x52)
OTHER_SCOPE = f"site:{THERE}"
ARCHIVE = f"archive:{SITE}"
TAG = tag_id("7K4M2P9D6")
PHOTO, FINDING, OLD, VISIT, SIGNATURE = (UUID(int=i) for i in (0x71, 0x72, 0x73, 0x74, 0x75))
SCOPES = frozenset({SCOPE, OTHER_SCOPE, ARCHIVE, "org", OWN})
BOTH = Origin("device", LINEAGE, ANNA, DEVICE, SCOPES - {ARCHIVE})
OFFICE = Origin("office", UUID(int=0x0F), ANNA, scopes=SCOPES)


def record(kind: str, id_: UUID, scope: str = SCOPE, **data: Any) -> Record:
    return Record(kind, id_, scope, BASE + 1, data, {}, mark=7)


def submitted(decision: str | None = None) -> dict[str, Any]:
    review = {"decision": decision, "round": 1} if decision else None
    step = {"round": 1, "step": "submitted"}
    return {"step": step} | ({"review": review} if review else {})


def inspection(id_: UUID = INSPECTION, **more: Any) -> Record:
    return record("inspection", id_, asset=str(ASSET), assignment=str(ASSIGNMENT), **more)


def family(**more: Any) -> dict[UUID, Record]:
    """Equipment with its tag, an open inspection with a photo, and an open finding."""
    return dict(RECORDS) | {
        ASSET: record("asset", ASSET, site=str(SITE), name="核心数据库 01", room="r"),
        TAG: record("tag", TAG, code="7K4M2P9D6", asset=str(ASSET)),
        INSPECTION: inspection(**more),
        PHOTO: record("attachment", PHOTO, parent=str(INSPECTION)),
        FINDING: record("finding", FINDING, asset=str(ASSET), inspection=str(INSPECTION)),
    }


def known(records: dict[UUID, Record], **more: Any) -> World:
    states = {s: ScopeState(s, BASE + 7, 9, 100) for s in SCOPES}
    return world(records=records, states=states, **more)


def move(n: int = 1, **more: Any) -> dict[str, Any]:
    return op(n, kind="asset", record=str(ASSET), set={"site": str(THERE)}, base=BASE + 1) | more


def scope_of(plan: Plan, id_: UUID) -> str:
    return after(plan, id_).scope


def left(plan: Plan) -> dict[UUID, Left]:
    return {one.record: one for one in plan.left}


def test_equipment_takes_its_open_work_along() -> None:
    claims = {"7K4M2P9D6": Claim("7K4M2P9D6", ASSET, SCOPE)}
    plan = push(move(), known=known(family(), claims=claims), origin=BOTH)
    assert names(plan) == ["applied"]
    moved = {ASSET, TAG, INSPECTION, PHOTO, FINDING}
    assert {write.record.id for write in plan.writes} == moved
    assert {scope_of(plan, id_) for id_ in moved} == {OTHER_SCOPE}
    assert left(plan).keys() == moved
    assert {(one.scope, one.reason) for one in plan.left} == {(SCOPE, "moved")}
    assert all(after(plan, id_).version > BASE + 1 for id_ in moved)
    assert plan.claims == (Claim("7K4M2P9D6", ASSET, OTHER_SCOPE),)
    assert "room" not in after(plan, ASSET).data


def test_what_moved_is_answered_with_its_own_place_and_not_with_that_of_what_followed() -> None:
    plan = push(move(), known=known(family()), origin=BOTH)
    (outcome,), places = plan.outcomes, {write.record.id: write.seq for write in plan.writes}
    assert (outcome.scope, outcome.seq) == (OTHER_SCOPE, places[ASSET])
    assert places[ASSET] < max(places.values())


def test_the_digests_of_both_scopes_follow_a_move() -> None:
    plan = push(move(), known=known(family()), origin=BOTH)
    states = {state.id: state for state in plan.states}
    assert states[SCOPE].live == 9 - 5
    assert states[SCOPE].marks == 100 - 5 * 7
    assert states[OTHER_SCOPE].live == 9 + 5
    lines = [write.line or b"" for write in plan.writes]
    assert states[OTHER_SCOPE].marks == (100 + sum(map(mark, lines))) % 2**64
    assert sorted(one.seq for one in plan.left) == list(range(BASE + 8, BASE + 13))
    assert states[SCOPE].head == BASE + 12


def test_what_moves_is_numbered_the_same_in_whatever_order_a_database_gave_it() -> None:
    backwards = dict(reversed(family().items()))
    one, other = (push(move(), known=known(of), origin=BOTH) for of in (family(), backwards))
    assert one.writes == other.writes
    assert one.left == other.left


def test_closed_history_stays_where_the_work_was_done() -> None:
    records = family(**submitted("accepted")) | {
        OLD: record("inspection", OLD, ARCHIVE, asset=str(ASSET))
    }
    plan = push(move(), known=known(records), origin=BOTH)
    assert {write.record.id for write in plan.writes} == {ASSET, TAG, FINDING}


def test_there_and_back_in_one_push_leaves_nothing_behind() -> None:
    back = move(2, set={"site": str(SITE)})
    plan = push(move(), back, known=known(family()), origin=BOTH)
    assert names(plan) == ["applied", "applied"]
    assert not plan.left
    assert scope_of(plan, PHOTO) == SCOPE
    states = {state.id: state for state in plan.states}
    assert states[SCOPE].live == 9
    assert OTHER_SCOPE not in states or states[OTHER_SCOPE].live == 9


def test_a_device_moves_nothing_to_where_it_may_not_be() -> None:
    only_here = Origin("device", LINEAGE, ANNA, DEVICE, frozenset({SCOPE, OWN}))
    plan = push(move(), known=known(family()), origin=only_here)
    assert names(plan) == ["review"]
    assert [write.record.kind for write in plan.writes] == ["disposition"]


def test_a_scope_that_is_not_locked_is_asked_for() -> None:
    states = {s: ScopeState(s, BASE + 7, 9, 100) for s in (SCOPE, OWN)}
    plan = push(move(), known=world(records=family(), states=states), origin=BOTH)
    assert plan.needs == {OTHER_SCOPE}


def test_a_tag_that_is_bound_to_other_equipment_moves_to_it() -> None:
    away = UUID(int=0xA9)
    records = family() | {away: record("asset", away, OTHER_SCOPE, site=str(THERE))}
    bind = op(1, kind="tag", record=str(TAG), set={"asset": str(away)}, base=BASE + 1)
    plan = push(bind, known=known(records), origin=BOTH)
    assert names(plan) == ["applied"]
    assert scope_of(plan, TAG) == OTHER_SCOPE
    assert left(plan).keys() == {TAG}


# --- The archive ---


def close(state: str = "closed") -> dict[str, Any]:
    return op(1, kind="assignment", record=str(ASSIGNMENT), set={"state": state}, base=BASE + 1)


def round_of(state: str, scope: str = SCOPE, **finding: Any) -> dict[UUID, Record]:
    work = {
        ASSET: record("asset", ASSET, site=str(SITE)),
        ASSIGNMENT: record(
            "assignment",
            ASSIGNMENT,
            scope,
            site=str(SITE),
            state=state,
            targets=[{"asset": str(ASSET), "template": str(TEMPLATE)}],
        ),
        INSPECTION: record(
            "inspection",
            INSPECTION,
            scope,
            asset=str(ASSET),
            assignment=str(ASSIGNMENT),
            **submitted("accepted"),
        ),
        PHOTO: record("attachment", PHOTO, scope, parent=str(INSPECTION)),
        VISIT: record("visit", VISIT, scope, site=str(SITE), assignment=str(ASSIGNMENT)),
        SIGNATURE: record("signature", SIGNATURE, scope, of=str(VISIT)),
    }
    found = record("finding", FINDING, asset=str(ASSET), inspection=str(INSPECTION), **finding)
    return work | {FINDING: found}


WORK = {ASSIGNMENT, INSPECTION, PHOTO, VISIT, SIGNATURE}


def test_a_closed_round_goes_to_the_archive_but_for_open_findings() -> None:
    plan = push(close(), known=known(round_of("done")), origin=OFFICE)
    assert names(plan) == ["applied"]
    assert {w.record.id for w in plan.writes} == WORK
    assert {scope_of(plan, id_) for id_ in WORK} == {ARCHIVE}
    assert {one.reason for one in plan.left} == {"archived"}


def test_a_verified_finding_goes_along_and_an_open_one_follows_when_it_is() -> None:
    verified: dict[str, Any] = {"step": {"round": 1, "step": "verified"}}
    plan = push(close(), known=known(round_of("done", **verified)), origin=OFFICE)
    assert scope_of(plan, FINDING) == ARCHIVE
    records = round_of("closed", ARCHIVE, step={"round": 1, "step": "fixed"})
    verify = op(1, kind="finding", record=str(FINDING), set=verified, base=BASE + 1)
    plan = push(verify, known=known(records), origin=OFFICE)
    assert scope_of(plan, FINDING) == ARCHIVE
    assert left(plan)[FINDING].reason == "archived"


def test_a_round_takes_no_finding_of_other_work_along() -> None:
    verified: dict[str, Any] = {"step": {"round": 1, "step": "verified"}}
    other = record("finding", OLD, asset=str(ASSET), inspection=str(UUID(int=0x76)), **verified)
    plan = push(close(), known=known(round_of("done") | {OLD: other}), origin=OFFICE)
    assert {w.record.id for w in plan.writes} == WORK


def test_a_reopened_round_comes_back_to_its_site() -> None:
    plan = push(close("done"), known=known(round_of("closed", ARCHIVE)), origin=OFFICE)
    assert names(plan) == ["applied"]
    assert {scope_of(plan, id_) for id_ in WORK} == {SCOPE}
    assert {one.reason for one in plan.left} == {"moved"}


def test_a_reopened_finding_comes_back_to_its_site() -> None:
    records = round_of("closed", ARCHIVE) | {
        FINDING: record(
            "finding",
            FINDING,
            ARCHIVE,
            asset=str(ASSET),
            inspection=str(INSPECTION),
            step={"round": 1, "step": "verified"},
        )
    }
    step = {"step": {"round": 2, "step": "open"}}
    again = op(1, kind="finding", record=str(FINDING), set=step, base=BASE + 1)
    assert scope_of(push(again, known=known(records), origin=OFFICE), FINDING) == SCOPE


# --- States move along their ways ---


@pytest.mark.parametrize(
    ("now", "then"),
    [("planned", "done"), ("issued", "closed"), ("started", "closed"), ("closed", "issued")],
)
def test_a_round_takes_no_state_out_of_turn(now: str, then: str) -> None:
    scope = ARCHIVE if now == "closed" else SCOPE
    plan = push(close(then), known=known(round_of(now, scope)), origin=OFFICE)
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "state"


@pytest.mark.parametrize(
    ("now", "then", "field"),
    [
        ((1, "fixed"), (1, "open"), "step"),
        ((1, "verified"), (1, "fixed"), "step"),
        ((1, "open"), (1, "accepted-risk"), "reason"),
        ((1, "verified"), (3, "open"), "step"),
        ((1, "verified"), (2, "fixed"), "step"),
    ],
)
def test_a_finding_takes_no_step_out_of_turn(
    now: tuple[int, str], then: tuple[int, str], field: str
) -> None:
    records = round_of("done", step={"round": now[0], "step": now[1]})
    step = {"step": {"round": then[0], "step": then[1]}}
    wrote = op(1, kind="finding", record=str(FINDING), set=step, base=BASE + 1)
    plan = push(wrote, known=known(records), origin=OFFICE)
    assert field_of(plan.outcomes[0]) == field


def test_a_withdrawn_target_takes_no_more_work() -> None:
    records = family()
    records[ASSIGNMENT] = record(
        "assignment",
        ASSIGNMENT,
        site=str(SITE),
        state="started",
        targets=[{"asset": str(ASSET), "template": str(TEMPLATE), "withdrawn": True}],
    )
    late = op(1, set={"note": "x"}, base=BASE + 1)
    assert names(push(late, known=known(records), origin=BOTH)) == ["review"]


def test_a_round_is_given_to_an_inspection_only_when_it_is_made() -> None:
    loose = UUID(int=0x1A)
    records = family() | {loose: record("inspection", loose, asset=str(ASSET))}
    join = op(1, record=str(loose), set={"assignment": str(ASSIGNMENT)}, base=BASE + 1)
    plan = push(join, known=known(records), origin=BOTH)
    assert field_of(plan.outcomes[0]) == "record"
    assert inspection_id(ASSIGNMENT, ASSET) != loose
