"""Which step may follow which, and who may withdraw what: every pair, by a table written out."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from schemas.kinds import KINDS
from sync.ids import tag_id
from sync.plan import Claim, Origin, Plan
from sync.record import Record, Stamp
from tests.unit.test_push import (
    ASSET,
    ASSIGNMENT,
    BASE,
    FOREIGN,
    INSPECTION,
    LINEAGE,
    ORIGIN,
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

OFFICE = Origin("office", LINEAGE, ORIGIN.person, scopes=ORIGIN.scopes)
FINDING, PHOTO, ROUND = UUID(int=0xF1), UUID(int=0xF2), UUID(int=0xF3)


def detail_of(plan: Plan) -> str:
    problem = plan.outcomes[0].problem
    assert problem is not None
    return problem.errors[0].detail


# --- Rounds ---

STATES = ("planned", "issued", "started", "done", "closed", "withdrawn")
MAY_BECOME = {
    ("planned", "issued"),
    ("planned", "withdrawn"),
    ("issued", "planned"),
    ("issued", "withdrawn"),
    ("started", "withdrawn"),
    ("done", "closed"),
    ("done", "withdrawn"),
    ("closed", "done"),
    ("withdrawn", "planned"),
    ("withdrawn", "issued"),
}


@pytest.mark.parametrize(("now", "then"), [*product(STATES, STATES)])
def test_a_round_becomes_what_may_follow_and_nothing_else(now: str, then: str) -> None:
    data = dict(RECORDS[ASSIGNMENT].data) | {"state": now}
    known = world(records=dict(RECORDS) | {ASSIGNMENT: record("assignment", ASSIGNMENT, data)})
    archive = frozenset({f"archive:{SITE}"})
    office = Origin("office", LINEAGE, ORIGIN.person, scopes=ORIGIN.scopes | archive)
    edit = op(1, kind="assignment", record=str(ASSIGNMENT), base=BASE + 1, set={"state": then})
    plan = push(edit, known=known, origin=office)
    if plan.needs:
        assert (now, then) == ("done", "closed"), "only closing takes a round elsewhere"
        return
    may = then == now or (now, then) in MAY_BECOME
    assert names(plan) == ["applied" if may else "rejected"]
    if not may:
        assert field_of(plan.outcomes[0]) == "state"
        assert detail_of(plan) == f"cannot become `{then}` while it is `{now}`"


def test_a_round_that_says_no_state_is_planned() -> None:
    data = {name: value for name, value in RECORDS[ASSIGNMENT].data.items() if name != "state"}
    known = world(records=dict(RECORDS) | {ASSIGNMENT: record("assignment", ASSIGNMENT, data)})
    edit = op(1, kind="assignment", record=str(ASSIGNMENT), base=BASE + 1)
    assert names(push(edit | {"set": {"state": "issued"}}, known=known, origin=OFFICE)) == [
        "applied"
    ]
    plan = push(edit | {"set": {"state": "closed"}}, known=known, origin=OFFICE)
    assert names(plan) == ["rejected"]
    assert detail_of(plan) == "cannot become `closed` while it is `planned`"


@pytest.mark.parametrize("state", STATES)
def test_a_new_round_is_planned_or_issued(state: str) -> None:
    fields = {
        "site": str(SITE),
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "state": state,
        "targets": [{"asset": str(ASSET), "template": str(UUID(int=0x7E))}],
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T00:00:00Z",
    }
    made = op(1, kind="assignment", record=str(ROUND), new=True, parent=str(SITE), set=fields)
    plan = push(made, origin=OFFICE)
    assert names(plan) == ["applied" if state in ("planned", "issued") else "rejected"]
    if names(plan) == ["rejected"]:
        assert field_of(plan.outcomes[0]) == "state"
        assert detail_of(plan) == "of a new round is `planned` or `issued`"


# --- Findings ---

STEPS = ("open", "planned", "fixed", "verified", "accepted-risk")


def finding(**data: Any) -> Record:
    whole = {"asset": str(ASSET), "severity": "major", "text": "x", "found_at": "2026-11-18T06:00Z"}
    return record("finding", FINDING, whole | data)


def step(now: object, then: object, **set_: Any) -> Plan:
    data = {} if now is None else {"step": now}
    known = world(records=dict(RECORDS) | {FINDING: finding(**data)})
    edit = op(1, kind="finding", record=str(FINDING), base=BASE + 1, set={"step": then} | set_)
    return push(edit, known=known, origin=OFFICE)


@pytest.mark.parametrize(("now", "then"), [*product(STEPS, STEPS)])
def test_a_finding_moves_on_within_its_round_until_it_is_over(now: str, then: str) -> None:
    place = {name: number for number, name in enumerate(STEPS)}
    is_over = now in ("verified", "accepted-risk")
    may = now == then or (not is_over and (then == "accepted-risk" or place[then] > place[now]))
    plan = step({"round": 2, "step": now}, {"round": 2, "step": then}, reason="客户接受")
    assert names(plan) == ["applied" if may else "rejected"]
    if not may:
        assert field_of(plan.outcomes[0]) == "step"
        assert detail_of(plan) == f"cannot go from `{now}` to `{then}` in one round"


@pytest.mark.parametrize("then", STEPS)
@pytest.mark.parametrize("round_", [1, 3, 4])
def test_a_finding_opens_again_as_open_in_the_next_round_alone(round_: int, then: str) -> None:
    now = {"round": 2, "step": "verified"}
    plan = step(now, {"round": round_, "step": then}, reason="又出现")
    assert names(plan) == ["applied" if (round_, then) == (3, "open") else "rejected"]
    if names(plan) == ["rejected"]:
        assert field_of(plan.outcomes[0]) == "step"
        assert detail_of(plan) == "opens again as `open` in the next round"


def test_a_finding_that_says_no_step_is_open_in_its_first_round() -> None:
    for now in (None, {}, {"round": 1}, {"step": "open"}):
        assert names(step(now, {"round": 1, "step": "planned"})) == ["applied"]
        assert names(step(now, {"round": 2, "step": "open"})) == ["applied"]
        assert names(step(now, {"round": 2, "step": "fixed"})) == ["rejected"]


def test_a_risk_is_accepted_with_a_reason_written_now_or_before() -> None:
    plan = step({"step": "open"}, {"step": "accepted-risk"})
    assert (names(plan), field_of(plan.outcomes[0])) == (["rejected"], "reason")
    assert detail_of(plan) == "says why the risk is accepted"
    assert names(step({"step": "open"}, {"step": "accepted-risk"}, reason="x")) == ["applied"]
    known = world(records=dict(RECORDS) | {FINDING: finding(reason="x", step={"step": "open"})})
    edit = {"step": {"step": "accepted-risk"}}
    late = op(1, kind="finding", record=str(FINDING), base=BASE + 1, set=edit)
    assert names(push(late, known=known, origin=OFFICE)) == ["applied"]


# --- The steps of an inspection ---


@pytest.mark.parametrize(
    ("now", "then", "outcome"),
    [
        (None, {"round": 1, "step": "submitted"}, "applied"),
        (None, {"step": "submitted"}, "applied"),
        (None, {"round": 2, "step": "draft"}, "rejected"),
        ({"round": 2, "step": "draft"}, {"round": 2, "step": "submitted"}, "applied"),
        ({"round": 2, "step": "draft"}, {"round": 1, "step": "submitted"}, "applied"),
        ({"round": 2, "step": "draft"}, {"round": 3, "step": "draft"}, "rejected"),
    ],
)
def test_a_device_moves_on_within_the_round_that_the_office_began(
    now: object, then: object, outcome: str
) -> None:
    before = after(push(creation()), INSPECTION)
    data = dict(before.data) | ({} if now is None else {"step": now})
    stamps = {"step": Stamp(BASE + 1, UUID(int=9), 1, UUID(int=9))} if now else {}
    known = Record("inspection", INSPECTION, SCOPE, BASE + 1, data, stamps)
    edit = op(2, base=BASE + 1, set={"step": then})
    plan = push(edit, known=world(records=dict(RECORDS) | {INSPECTION: known}, last_n=1))
    assert names(plan) == [outcome]
    if outcome == "rejected":
        assert field_of(plan.outcomes[0]) == "step"
        assert detail_of(plan) == "names a round that the office has not begun"


# --- Withdrawing ---


@pytest.mark.parametrize("kind", ["attachment", "finding", "room", "visit", "signature", "asset"])
@pytest.mark.parametrize("origin", [ORIGIN, OFFICE], ids=["device", "office"])
def test_a_device_withdraws_leaves_alone_and_the_office_anything(kind: str, origin: Origin) -> None:
    id_ = UUID(int=0xEE)
    there = record(kind, id_, {"site": str(SITE), "asset": str(ASSET), "parent": str(ASSET)})
    known = world(records=dict(RECORDS) | {id_: there})
    edit = op(1, kind=kind, record=str(id_), base=BASE + 1, withdraw=True)
    plan = push(edit, known=known, origin=origin)
    may = origin is OFFICE or KINDS[kind].device_withdraws
    assert names(plan) == ["applied" if may else "rejected"]
    if not may:
        assert field_of(plan.outcomes[0]) == "withdraw"
        assert detail_of(plan) == f"`{kind}` is withdrawn by the office alone"
        return
    gone = after(plan, id_)
    assert gone.withdrawn
    assert gone.version > there.version
    assert plan.outcomes[0].version == gone.version


def test_what_does_not_exist_is_not_withdrawn() -> None:
    fields = {
        "parent": str(ASSET),
        "parent_kind": "asset",
        "sha256": "0" * 64,
        "bytes": 1,
        "media_type": "image/jpeg",
    }
    made = op(1, kind="attachment", record=str(PHOTO), new=True, parent=str(ASSET), set=fields)
    plan = push(made | {"withdraw": True})
    assert names(plan) == ["rejected"]
    assert field_of(plan.outcomes[0]) == "withdraw"
    assert detail_of(plan) == "a record that does not exist cannot be withdrawn"


# --- Claims ---


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        (Claim("7K4M2P9D6", None, None), "applied"),
        (Claim("7K4M2P9D6", UUID(int=9), FOREIGN), "conflict"),
        (Claim("7K4M2P9D6", UUID(int=9), SCOPE), "applied"),
        (Claim("7K4M2P9D6", UUID(int=9), FOREIGN, retired=True), "applied"),
    ],
)
def test_a_code_is_free_retired_of_this_site_or_disputed(claim: Claim, outcome: str) -> None:
    id_ = tag_id(claim.code)
    fields = {"code": claim.code, "asset": str(ASSET)}
    made = op(1, kind="tag", record=str(id_), new=True, parent=str(ASSET), set=fields)
    plan = push(made, known=world(claims={claim.code: claim}))
    assert names(plan) == [outcome]
    if outcome == "applied":
        (kept,) = plan.claims
        assert (kept.asset, kept.scope, kept.retired) == (ASSET, SCOPE, False)
        return
    (opened,) = plan.conflicts
    assert (opened.record, opened.kind, opened.scope) == (id_, "tag", FOREIGN)
    assert (opened.conflict.path, opened.conflict.ours) == ("asset", str(claim.asset))
    assert (opened.conflict.theirs, opened.conflict.ours_version) == (str(ASSET), 0)
    told = next(w.record.data for w in plan.writes if w.record.kind == "disposition")
    assert told["fields"] == [{"path": "asset", "theirs": str(ASSET), "ours": None}]
