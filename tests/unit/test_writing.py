"""What one applied op entails: claims, rounds, rooms, bytes that came before, and what waited."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync.consequences import inspection_state
from sync.ids import conflict_id, inspection_id, tag_id
from sync.merge import Conflict
from sync.plan import Claim, Here, Kept, Opened, Origin, Plan, World
from sync.record import Record, Stamp
from sync.rounds import Round, Rounds
from tests.unit.test_mend import OFFICE, WRONG, later, mended, told
from tests.unit.test_push import (
    ASSET,
    ASSIGNMENT,
    BASE,
    FOREIGN,
    INSPECTION,
    LINEAGE,
    OTHER,
    RECORDS,
    SCOPE,
    SITE,
    after,
    creation,
    names,
    op,
    push,
    record,
    tag_op,
    world,
)

CODE = "7K4M2P9D6"
TAG, PHOTO, ROOM, ELSEWHERE, SECOND = tag_id(CODE), *(UUID(int=n) for n in range(0xF0, 0xF4))
AT = datetime(2026, 11, 18, 5, tzinfo=UTC)
MINE = record("inspection", INSPECTION, {"asset": str(ASSET), "assignment": str(ASSIGNMENT)})


def there(*more: Record, **known: Any) -> World:
    return world(records=RECORDS | {one.id: one for one in more}, **known)


def photo(n: int = 1, **more: Any) -> dict[str, Any]:
    fields = {
        "parent": str(INSPECTION),
        "parent_kind": "inspection",
        "sha256": "0" * 64,
        "bytes": 10,
        "media_type": "image/jpeg",
    }
    made = {"kind": "attachment", "record": str(PHOTO), "new": True, "set": fields}
    return op(n, **(made | more))


# --- Tags ---


@pytest.mark.parametrize("retired", [True, False])
def test_a_tag_that_is_retired_claims_nothing_more(retired: bool) -> None:  # noqa: FBT001
    tag = record("tag", TAG, {"code": CODE, "asset": str(ASSET), "retired": not retired})
    edit = op(1, kind="tag", record=str(TAG), base=BASE + 1, set={"retired": retired})
    by_office = push(edit | {"by": str(OFFICE.person)}, known=there(tag), origin=OFFICE)
    assert names(by_office) == ["applied"]
    assert by_office.claims == (Claim(CODE, ASSET, SCOPE, retired=retired),)


def test_a_claim_that_is_as_before_is_not_written_again() -> None:
    known = there(claims={CODE: Claim(CODE, ASSET, SCOPE)})
    assert push(tag_op(1, CODE, ASSET), known=known).claims == ()


def test_a_disputed_claim_opens_a_conflict_where_the_code_is_bound() -> None:
    bound = Claim(CODE, ELSEWHERE, FOREIGN)
    tag = record("tag", TAG, {"code": CODE, "asset": str(ELSEWHERE)}, FOREIGN)
    plan = push(tag_op(1, CODE, ASSET), known=there(tag, claims={CODE: bound}))
    assert plan.conflicts == (
        Opened(
            id=conflict_id(UUID(int=1001), "asset"),
            record=TAG,
            kind="tag",
            scope=FOREIGN,
            base=0,
            conflict=Conflict("asset", str(ELSEWHERE), str(ASSET), BASE + 1),
            op=UUID(int=1001),
            made_at=datetime(2026, 11, 18, 6, tzinfo=UTC),
        ),
    )
    assert told(plan, 1)["fields"] == [{"path": "asset", "theirs": str(ASSET), "ours": None}]
    assert plan.claims == ()


def test_a_conflict_is_opened_on_the_version_that_the_writer_saw() -> None:
    stamp = Stamp(BASE + 1, OTHER, 1, OTHER)
    here = record("inspection", INSPECTION, {"note": "ours"}, stamps={"note": stamp})
    plan = push(op(1, base=BASE, set={"note": "theirs"}), known=there(here))
    (opened,) = plan.conflicts
    assert (opened.base, opened.record, opened.kind, opened.scope) == (
        BASE,
        INSPECTION,
        "inspection",
        SCOPE,
    )
    assert opened.conflict == Conflict("note", "ours", "theirs", BASE + 1)
    assert opened.made_at == datetime(2026, 11, 18, 6, tzinfo=UTC)


# --- Moving ---


def moved(**set_: Any) -> Plan:
    """The office takes equipment that stands in a room to another site."""
    asset = record("asset", ASSET, {"site": str(SITE), "name": "x", "room": str(ROOM)})
    scope = f"site:{SECOND}"
    site = record("site", SECOND, {"name": "y"}, scope)
    states = dict(world().states)
    states[scope] = msgspec.structs.replace(states[SCOPE], id=scope)
    origin = Origin("office", OTHER, OFFICE.person, scopes=frozenset({SCOPE, scope}))
    edit = op(1, kind="asset", record=str(ASSET), base=BASE + 1, set={"site": str(SECOND)} | set_)
    known = there(asset, site, states=states)
    plan = push(edit | {"by": str(OFFICE.person)}, known=known, origin=origin)
    assert names(plan) == ["applied"]
    return plan


def test_equipment_that_moves_is_in_no_room_until_somebody_says_so() -> None:
    made = after(moved(), ASSET)
    assert "room" not in made.data
    assert made.stamps["room"] == made.stamps["site"]
    assert made.stamps["room"].lineage == OTHER
    assert after(moved(room=str(ELSEWHERE)), ASSET).data["room"] == str(ELSEWHERE)


def test_equipment_that_is_edited_where_it_is_leaves_what_hangs_on_it_alone() -> None:
    tag = record("tag", TAG, {"code": CODE, "asset": str(ASSET)})
    edit = op(1, kind="asset", record=str(ASSET), base=BASE + 1, set={"name": "y"})
    plan = push(edit, known=there(MINE, tag))
    assert [write.record.id for write in plan.writes] == [ASSET]
    assert plan.claims == ()


# --- Bytes that came before their record ---


@pytest.mark.parametrize(
    ("here", "is_received"),
    [
        ((Here(AT, lineage=LINEAGE),), True),
        ((Here(AT, scope=SCOPE),), True),
        ((Here(AT, lineage=OTHER), Here(AT, scope=FOREIGN)), False),
        ((Here(AT, scope=FOREIGN), Here(AT, scope=SCOPE)), True),
        ((), False),
    ],
)
def test_who_brought_the_bytes_or_is_shown_them_need_not_send_them(
    here: tuple[Here, ...],
    is_received: bool,  # noqa: FBT001
) -> None:
    made = after(push(photo(), known=there(MINE, here={"0" * 64: here})), PHOTO)
    assert made.data.get("received_at") == ("2026-11-18T05:00:00Z" if is_received else None)
    assert set(made.stamps) == set(made.data)
    if is_received:
        assert made.stamps["received_at"] == made.stamps["sha256"]


def test_of_a_photo_that_was_known_before_nothing_is_said_anew() -> None:
    known = there(
        MINE,
        record("attachment", PHOTO, {"parent": str(INSPECTION), "sha256": "0" * 64}),
        here={"0" * 64: (Here(AT, lineage=LINEAGE),)},
    )
    caption = op(1, kind="attachment", record=str(PHOTO), set={"caption": "x"})
    assert "received_at" not in after(push(caption, known=known), PHOTO).data


# --- Rounds ---


def test_a_round_is_raised_in_the_name_of_who_raised_it() -> None:
    made = after(push(creation()), ASSIGNMENT)
    assert made.data == dict(RECORDS[ASSIGNMENT].data) | {"state": "started"}
    assert made.version == BASE + 2
    assert made.stamps == {"state": Stamp(BASE + 2, LINEAGE, 1, UUID(int=1001))}


@pytest.mark.parametrize(
    ("now", "states", "then"),
    [
        ("issued", {}, None),
        ("issued", {ASSET: "draft"}, "started"),
        ("started", {ASSET: "draft"}, None),
        ("started", {ASSET: "submitted"}, "done"),
        ("started", {ASSET: "accepted"}, "done"),
        ("done", {ASSET: "returned"}, "started"),
        ("done", {ASSET: "submitted"}, None),
        ("closed", {ASSET: "draft"}, None),
        ("withdrawn", {ASSET: "submitted"}, None),
        ("started", {ELSEWHERE: "submitted"}, None),
    ],
)
def test_a_round_is_as_far_as_its_inspections(
    now: str, states: dict[UUID, Any], then: str | None
) -> None:
    round_ = Round(states)
    round_.read([{"asset": str(ASSET)}, {"asset": str(ROOM), "withdrawn": True}])
    assert round_.state_after(now) == then


def test_a_round_follows_its_inspections_and_covers_what_is_not_withdrawn() -> None:
    round_ = Round({})
    round_.read([{"asset": str(ASSET)}, {"asset": str(ROOM), "withdrawn": True}, "no target"])
    assert (round_.wanted, round_.recalled) == (frozenset({ASSET}), frozenset({str(ROOM)}))
    assert round_.missing == {ASSET}
    round_.follow(ASSET, "submitted")
    assert (round_.missing, round_.state_after("started")) == (set(), "done")
    round_.follow(ASSET, "returned")
    assert (round_.missing, round_.state_after("done")) == ({ASSET}, "started")
    round_.follow(ROOM, "draft")
    assert round_.missing == {ASSET}
    round_.read(None)
    assert (round_.wanted, round_.missing, round_.state_after("done")) == (
        frozenset(),
        set(),
        "started",
    )


def test_a_list_of_targets_is_read_again_when_it_is_another_one() -> None:
    rounds = Rounds({ASSIGNMENT: {ASSET: "submitted"}})
    first = rounds.of(RECORDS[ASSIGNMENT])
    assert (first.wanted, first.missing) == (frozenset({ASSET}), set())
    assert rounds.of(RECORDS[ASSIGNMENT]) is first
    more = record("assignment", ASSIGNMENT, {"targets": [{"asset": str(ROOM)}]})
    assert rounds.of(more) is first
    assert (first.wanted, first.missing) == (frozenset({ROOM}), {ROOM})
    nothing: tuple[dict[str, Any], ...] = ({}, {"targets": []})
    for targets in nothing:
        empty = Rounds({}).of(record("assignment", SECOND, targets))
        assert (empty.states, empty.wanted, empty.recalled, empty.missing) == (
            {},
            frozenset(),
            frozenset(),
            set(),
        )


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({}, "draft"),
        ({"step": {"step": "submitted"}}, "submitted"),
        ({"review": {"decision": "accepted"}}, "accepted"),
        ({"step": {"round": 2}, "review": {"decision": "accepted"}}, "draft"),
        ({"step": {"round": 2}, "review": {"decision": "accepted", "round": 2}}, "accepted"),
        ({"review": {"decision": "accepted", "round": 2}}, "draft"),
        ({"step": {"round": 2, "step": "draft"}, "review": {"decision": "returned"}}, "returned"),
        ({"step": {"round": 2}, "review": {"decision": "returned"}}, "returned"),
        ({"step": {"step": "submitted"}, "review": {"decision": "returned"}}, "submitted"),
        ({"step": {"step": "submitted"}, "review": {"decision": "other"}}, "submitted"),
        ({"step": "x", "review": "y"}, "draft"),
    ],
)
def test_an_inspection_stands_where_its_step_and_the_decision_over_that_round_say(
    data: dict[str, Any], state: str
) -> None:
    assert inspection_state(data) == state


def test_a_state_that_nobody_knows_becomes_nothing() -> None:
    data = dict(RECORDS[ASSIGNMENT].data) | {"state": "of a later version"}
    edit = op(1, kind="assignment", record=str(ASSIGNMENT), set={"state": "issued"})
    known = there(record("assignment", ASSIGNMENT, data))
    plan = push(edit | {"by": str(OFFICE.person)}, known=known, origin=OFFICE)
    assert names(plan) == ["rejected"]


def test_a_step_without_a_round_is_of_the_first() -> None:
    here = record("inspection", INSPECTION, {"asset": str(ASSET), "step": {"step": "draft"}})
    for round_, word in ((1, "applied"), (2, "rejected")):
        edit = op(1, set={"step": {"round": round_, "step": "submitted"}})
        assert names(push(edit, known=there(here))) == [word]


# --- Ids ---


def test_only_an_inspection_of_a_round_has_an_id_that_follows_from_it() -> None:
    free = creation() | {"record": str(SECOND)}
    del free["set"]["assignment"]
    assert names(push(free)) == ["applied"]
    fields = {
        "site": str(SITE),
        "engineer": str(UUID(int=0xA)),
        "engineer_name": "梁志豪",
        "started_at": "2026-11-18T05:00:00Z",
        "assignment": str(ASSIGNMENT),
    }
    visit = op(1, kind="visit", record=str(SECOND), new=True, parent=str(SITE), set=fields)
    assert names(push(visit)) == ["applied"]


def test_an_inspection_is_given_to_no_round_later_whose_id_it_has_not() -> None:
    here = record("inspection", SECOND, {"asset": str(ASSET)})
    edit = op(1, record=str(SECOND), base=BASE + 1, set={"assignment": str(ASSIGNMENT)})
    assert names(push(edit, known=there(here))) == ["rejected"]
    own = record("inspection", inspection_id(ASSIGNMENT, ASSET), {"asset": str(ASSET)})
    fitting = op(1, record=str(own.id), base=BASE + 1, set={"assignment": str(ASSIGNMENT)})
    assert names(push(fitting, known=there(own))) == ["applied"]


# --- What waited ---


def chain_of_three() -> tuple[Plan, World]:
    """A creation that failed; a photo of it, a caption of that, and what no rule allows."""
    caption = op(3, kind="attachment", record=str(PHOTO), set={"caption": "铭牌"})
    bad = op(4, set={"step": {"round": 9, "step": "draft"}})
    plan = push(creation(1, **WRONG), photo(2), caption, bad)
    assert names(plan) == ["rejected", "held", "held", "held"]
    causes = [told(plan, n)["cause"] for n in (2, 3, 4)]
    assert causes == [str(UUID(int=number)) for number in (1001, 1002, 1001)]
    return plan, later(plan)


def test_whatever_the_order_in_which_it_is_given_all_that_can_run_runs_once() -> None:
    _, known = chain_of_three()
    assert [one.n for one in known.held] == [2, 3, 4]
    forth = push(mended(5, of=1), known=known)
    back = push(
        mended(5, of=1), known=msgspec.structs.replace(known, held=tuple(reversed(known.held)))
    )
    for plan in (forth, back):
        assert after(plan, PHOTO).data["caption"] == "铭牌"
        assert {n for _, n in plan.settled} == {1, 2, 3}
        assert told(plan, 4)["outcome"] == "rejected"
        versions = {
            write.record.data["n"]: write.record.version
            for write in plan.writes
            if write.record.kind == "disposition"
        }
        assert versions == dict.fromkeys((1, 2, 3, 4), BASE + 2)


def test_what_was_refused_is_not_run_again_when_something_else_can() -> None:
    plan = push(
        creation(1, **WRONG), op(2, set={"note": "x"}), mended(3, of=1), op(4, by=str(OTHER))
    )
    assert names(plan) == ["rejected", "held", "applied", "rejected"]
    refused = next(w.record for w in plan.writes if w.record.data.get("n") == 4)
    assert refused.version == BASE + 1


def test_what_is_held_behind_nothing_that_came_is_left_alone() -> None:
    plan, known = chain_of_three()
    more = push(op(5, kind="asset", record=str(ASSET), set={"name": "y"}), known=known)
    assert names(more) == ["applied"]
    assert {write.record.kind for write in more.writes} == {"asset"}
    assert len(plan.writes) == 4


@pytest.mark.parametrize(
    "more",
    [
        {"set": {"note": "x"}},
        {"add": {"elements": {"port-1": {"group": "ports"}}}},
        {"remove": {"elements": ["port-1"]}},
    ],
)
def test_a_mend_that_changes_anything_is_no_discard(more: dict[str, Any]) -> None:
    first = push(op(1, set={"note": 7}), known=there(MINE))
    assert names(first) == ["rejected"]
    mend = op(2, replaces=str(UUID(int=1001)), orig_n=1, **more)
    second = push(mend, known=later(first, there(MINE)))
    assert names(second) == ["applied"]
    assert told(second, 1)["settled"]["how"] == "replaced"


@pytest.mark.parametrize("more", [{"withdraw": True}, {"new": True}])
def test_a_mend_that_withdraws_or_creates_is_no_discard(more: dict[str, Any]) -> None:
    picture = record("attachment", PHOTO, {"parent": str(INSPECTION)})
    known = there(MINE, picture)
    first = push(op(1, kind="attachment", record=str(PHOTO), set={"bytes": "x"}), known=known)
    mend = op(
        2,
        kind="attachment",
        record=str(PHOTO),
        replaces=str(UUID(int=1001)),
        orig_n=1,
        **more,
    )
    assert told(push(mend, known=later(first, known)), 1)["settled"]["how"] == "replaced"


def test_what_the_office_writes_in_place_of_an_edit_is_its_own_and_new() -> None:
    first = push(op(1, set={"note": 7}), known=there(MINE))
    wrote = op(3, set={"note": "由主管补"}, replaces=str(UUID(int=1001)))
    by_office = wrote | {"by": str(OFFICE.person), "id": str(UUID(int=5003))}
    plan = push(by_office, known=later(first, there(MINE)), origin=OFFICE)
    assert names(plan) == ["applied"]
    stamp = after(plan, INSPECTION).stamps["note"]
    assert (stamp.lineage, stamp.n, stamp.op) == (OFFICE.lineage, 3, UUID(int=5003))


def test_what_nobody_is_told_of_is_not_run() -> None:
    _, known = chain_of_three()
    silent = {id_: one for id_, one in known.records.items() if one.kind != "disposition"}
    plan = push(mended(5, of=1), known=msgspec.structs.replace(known, records=silent))
    assert PHOTO not in {write.record.id for write in plan.writes}
    closed: tuple[Kept, ...] = tuple(msgspec.structs.replace(one, open=False) for one in known.held)
    plan = push(mended(5, of=1), known=msgspec.structs.replace(known, held=closed))
    assert PHOTO not in {write.record.id for write in plan.writes}
