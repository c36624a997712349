"""How the office decides a conflict, path by path, and as whom runs what then waits no longer."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync.plan import Plan, World
from sync.record import Record, Stamp
from tests.unit.test_mend import NOTE, OFFICE, WRONG, disputed, later, office, told
from tests.unit.test_push import (
    ANNA,
    BASE,
    INSPECTION,
    LINEAGE,
    OWN,
    RECORDS,
    SCOPE,
    after,
    creation,
    names,
    op,
    push,
    world,
)

OTHER = Stamp(BASE + 5, UUID(int=2), 1, UUID(int=3))
PASS, FAIL = {"value": "pass"}, {"value": "fail"}
PORT = {"group": "ports", "name": "A"}


def met(here: dict[str, Any], stamps: dict[str, Stamp], **more: Any) -> World:
    """The world after an engineer wrote what another lineage had written unseen."""
    record = Record("inspection", INSPECTION, SCOPE, BASE + 5, here, stamps)
    known = world(records=RECORDS | {INSPECTION: record})
    plan = push(op(1, base=BASE + 1, **more), known=known)
    assert names(plan) == ["conflict"]
    return later(plan, known)


def met_twice() -> World:
    here = {"note": "正常", "answers": {"fan": FAIL}}
    stamps = {"note": OTHER, "answers.fan": OTHER}
    return met(here, stamps, set=NOTE | {"answers.fan": PASS})


def decide(known: World, *ops: dict[str, Any]) -> Plan:
    first = {"base": BASE + 5, "replaces": str(UUID(int=1001))}
    return push(
        *(office(n, **first, **one) for n, one in enumerate(ops, 1)), known=known, origin=OFFICE
    )


def test_what_the_office_writes_is_its_own_and_stands() -> None:
    plan = decide(disputed()[1], {"set": {"note": "两者都是"}, "words": "都看过"})
    made = after(plan, INSPECTION)
    assert made.data["note"] == "两者都是"
    assert (made.stamps["note"].lineage, made.stamps["note"].n) == (OFFICE.lineage, 1)
    assert told(plan, 1)["settled"]["words"] == "都看过"


def test_a_conflict_of_two_paths_is_settled_when_both_are_decided() -> None:
    half = decide(met_twice(), {"set": NOTE})
    assert [one.decision for one in half.decided] == ["theirs"]
    assert not half.settled
    whole = decide(met_twice(), {"set": NOTE}, {"set": {"answers.fan": FAIL}})
    assert [one.decision for one in whole.decided] == ["theirs", "ours"]
    assert whole.settled == ((LINEAGE, 1),)


@pytest.mark.parametrize(
    ("wrote", "decision"),
    [
        ({"add": {"elements": {"port-1": PORT}}}, "theirs"),
        ({"add": {"elements": {"port-1": PORT | {"name": "B"}}}}, "other"),
        ({"remove": {"elements": ["port-1"]}}, "ours"),
    ],
)
def test_an_element_is_decided_by_adding_or_removing_it(
    wrote: dict[str, Any], decision: str
) -> None:
    known = met({"elements": {}}, {"elements.port-1": OTHER}, add={"elements": {"port-1": PORT}})
    plan = decide(known, wrote)
    assert names(plan) == ["applied"]
    assert [one.decision for one in plan.decided] == [decision]
    assert plan.settled == ((LINEAGE, 1),)


def test_a_decision_is_seen_where_its_record_is_else_where_the_device_is_told() -> None:
    known = disputed()[1]
    assert decide(known, {}).outcomes[0].scope == SCOPE
    there = {id_: one for id_, one in known.records.items() if id_ != INSPECTION}
    gone = msgspec.structs.replace(known, records=there)
    assert decide(gone, {}).outcomes[0].scope == OWN


def mended_by_office(*held: dict[str, Any], **more: Any) -> Plan:
    """The office writes the creation that failed; what was held behind it runs."""
    known = msgspec.structs.replace(later(push(creation(1, **WRONG), *held)), **more)
    made = creation()
    whole = {name: made[name] for name in ("kind", "record", "new", "parent", "set")}
    return decide_creation(known, whole)


def decide_creation(known: World, whole: dict[str, Any]) -> Plan:
    wrote = office(9, replaces=str(UUID(int=1001)), **whole)
    return push(wrote, known=known, origin=OFFICE)


def test_what_was_held_runs_under_the_rules_for_a_device() -> None:
    next_round = op(2, set={"step": {"round": 2, "step": "draft"}})
    plan = mended_by_office(next_round, op(3, set=NOTE), writers={ANNA: frozenset({SCOPE})})
    assert told(plan, 2)["outcome"] == "rejected"
    assert told(plan, 3)["settled"]["how"] == "applied"
    assert after(plan, INSPECTION).stamps["note"] == Stamp(
        after(plan, INSPECTION).stamps["note"].version, LINEAGE, 3, UUID(int=1003)
    )


def test_what_was_held_goes_to_review_where_its_writer_may_write_nowhere_any_more() -> None:
    plan = mended_by_office(op(2, set=NOTE), writers={})
    assert told(plan, 2)["outcome"] == "review"
    assert "note" not in after(plan, INSPECTION).data


def test_what_nobody_is_known_to_have_written_goes_on_waiting() -> None:
    known = later(push(creation(1, **WRONG), op(2, set=NOTE)))
    (held,) = known.held
    nobodys = msgspec.structs.replace(held, person=None)
    plan = mended_by_office(op(2, set=NOTE), held=(nobodys,), writers={ANNA: frozenset({SCOPE})})
    assert not [w for w in plan.writes if w.record.data.get("n") == 2]
