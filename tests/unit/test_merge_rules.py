"""What one merge makes of a record: each rule with its record, stamps and conflicts written out."""

from typing import Any
from uuid import UUID

import pytest

from sync.merge import Add, Change, Conflict, Fill, Merge, Put, Remove, Writer, merge, rank
from sync.record import Record, Stamp, same

RECORD, US, THEM, OP = (UUID(int=number) for number in range(1, 5))
SEEN, UNSEEN = Stamp(5, THEM, 1, UUID(int=9)), Stamp(8, THEM, 2, UUID(int=9))
OLD, LATE = Stamp(8, US, 3, UUID(int=9)), Stamp(8, US, 30, UUID(int=9))
WRITER = Writer(lineage=US, n=10, op=OP, base=5, version=12)
OURS = Stamp(12, US, 10, OP)
DISK = {"group": "disks", "answers": {"life": {"value": 1}}}


def record(data: dict[str, Any], stamps: dict[str, Stamp], kind: str = "inspection") -> Record:
    return Record(kind, RECORD, "site:x", 9, data, stamps, withdrawn=False, mark=77)


def merged(before: Record, *changes: Change) -> tuple[dict[str, Any], dict[str, Stamp]]:
    """The data and the stamps after a merge without a conflict."""
    result = merge(before, changes, WRITER)
    assert result.conflicts == ()
    return dict(result.record.data), dict(result.record.stamps)


def test_a_merge_keeps_what_it_does_not_touch_and_stamps_what_it_writes() -> None:
    before = record({"note": "old", "kept": 1}, {"note": SEEN, "kept": UNSEEN})
    assert merge(before, (Put(("note",), "new"),), WRITER) == Merge(
        Record(
            "inspection",
            RECORD,
            "site:x",
            12,
            {"note": "new", "kept": 1},
            {"note": OURS, "kept": UNSEEN},
            withdrawn=False,
            mark=77,
        ),
        (),
    )
    gone = Record("inspection", RECORD, "site:x", 9, {}, {}, withdrawn=True)
    assert merge(gone, (Put(("note",), "new"),), WRITER).record.withdrawn


def test_what_changes_nothing_gives_back_the_same_record() -> None:
    before = record({"note": "x", "answers": {"a": 1}}, {})
    for change in (Put(("note",), "x"), Put(("answers", "a"), 1), Fill("answers", {"a": 1})):
        assert merge(before, (change,), WRITER).record is before
    assert merge(before, (Remove("elements", "none"),), WRITER).record is before
    assert merge(before, (), WRITER).record is before


def test_a_conflict_says_both_values_and_the_version_of_the_one_that_stands() -> None:
    before = record({"note": "ours", "answers": {"a": 1}}, {"note": UNSEEN, "answers.a": UNSEEN})
    result = merge(before, (Put(("note",), "theirs"), Put(("answers", "a"), 2)), WRITER)
    assert result == Merge(
        before, (Conflict("note", "ours", "theirs", 8), Conflict("answers.a", 1, 2, 8))
    )


@pytest.mark.parametrize(
    ("stamp", "value"), [(SEEN, "new"), (OLD, "new"), (LATE, "old"), (None, "new")]
)
def test_a_register_is_written_over_what_was_seen_or_is_older_of_its_own(
    stamp: Stamp | None, value: str
) -> None:
    stamps = {"note": stamp} if stamp else {}
    assert merged(record({"note": "old"}, stamps), Put(("note",), "new"))[0] == {"note": value}


def test_of_two_values_that_one_op_gives_a_path_the_first_stands() -> None:
    data, _ = merged(record({}, {}), Put(("note",), "first"), Put(("note",), "second"))
    assert data == {"note": "first"}
    data, _ = merged(record({}, {}), Put(("answers", "a"), 1), Fill("answers", {"a": 2, "b": 2}))
    assert data == {"answers": {"a": 1, "b": 2}}


def test_entries_of_a_map_are_written_each_on_its_own() -> None:
    before = record({"answers": {"a": 1, "b": 1}}, {"answers.a": SEEN, "answers.b": SEEN})
    data, stamps = merged(before, Put(("answers", "a"), 2), Fill("answers", {"c": 3, "b": 1}))
    assert data == {"answers": {"a": 2, "b": 1, "c": 3}}
    assert stamps == {"answers.a": OURS, "answers.b": SEEN, "answers.c": OURS}
    assert merged(record({}, {}), Put(("answers", "a"), 2))[0] == {"answers": {"a": 2}}
    assert merged(record({"answers": None}, {}), Fill("answers", {"a": 2}))[0] == {
        "answers": {"a": 2}
    }


def test_a_field_that_nobody_knows_yet_is_a_register() -> None:
    data, stamps = merged(record({}, {}), Put(("of_later",), [1]), Put(("map_of_later", "a"), 2))
    assert data == {"of_later": [1], "map_of_later": {"a": 2}}
    assert set(stamps) == {"of_later", "map_of_later.a"}


def test_a_fixed_field_keeps_its_first_value() -> None:
    before = record({"inspector_name": "梁志豪"}, {})
    assert merge(before, (Put(("inspector_name",), "other"),), WRITER) == Merge(before, ())
    assert merged(record({"inspector_name": None}, {}), Put(("inspector_name",), "x")) == (
        {"inspector_name": "x"},
        {"inspector_name": OURS},
    )


# --- Steps ---


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (None, (1, 0)),
        ("submitted", (1, 0)),
        ({}, (1, 0)),
        ({"round": 3}, (3, 0)),
        ({"step": "submitted"}, (1, 1)),
        ({"round": 2, "step": "draft"}, (2, 0)),
        ({"round": 2, "step": "of a later version"}, (2, 0)),
        ({"round": "x", "step": "submitted"}, (1, 1)),
    ],
)
def test_a_step_that_nobody_knows_is_the_first_of_its_round(
    step: object, expected: tuple[int, int]
) -> None:
    assert rank(step) == expected


def test_a_step_goes_on_whoever_wrote_it_and_stamps_it() -> None:
    draft, submitted = {"round": 1, "step": "draft"}, {"round": 1, "step": "submitted"}
    assert merged(record({"step": draft}, {"step": UNSEEN}), Put(("step",), submitted)) == (
        {"step": submitted},
        {"step": OURS},
    )
    before = record({"step": submitted}, {"step": UNSEEN})
    assert merge(before, (Put(("step",), submitted | {"at": "later"}),), WRITER).record is before


# --- Elements ---


def test_an_element_is_added_leaf_by_leaf() -> None:
    data, stamps = merged(record({}, {}), Add("elements", "disk-a", DISK))
    assert data == {"elements": {"disk-a": DISK}}
    assert stamps == dict.fromkeys(
        ("elements.disk-a", "elements.disk-a.group", "elements.disk-a.answers.life"), OURS
    )
    assert merged(record({}, {}), Add("elements", "disk-a", {})) == (
        {"elements": {"disk-a": {}}},
        {"elements.disk-a": OURS},
    )


def test_two_who_add_one_element_are_united() -> None:
    stamps = {"elements.disk-a": UNSEEN, "elements.disk-a.answers.life": UNSEEN}
    here = {"elements": {"disk-a": {"answers": {"life": {"value": 9}}}}}
    wear = DISK | {"answers": {"wear": {"value": 2}}}
    data, after = merged(record(here, stamps), Add("elements", "disk-a", wear))
    both = {"life": {"value": 9}, "wear": {"value": 2}}
    assert data == {"elements": {"disk-a": {"group": "disks", "answers": both}}}
    assert after["elements.disk-a"] == UNSEEN
    result = merge(record(here, stamps), (Add("elements", "disk-a", DISK),), WRITER)
    life = Conflict("elements.disk-a.answers.life", {"value": 9}, {"value": 1}, 8)
    assert result.conflicts == (life,)


@pytest.mark.parametrize(("stamp", "is_back"), [(SEEN, True), (OLD, True), (LATE, False)])
def test_a_removed_element_comes_back_by_whoever_saw_that(
    stamp: Stamp,
    is_back: bool,  # noqa: FBT001
) -> None:
    before = record({"elements": {}}, {"elements.disk-a": stamp})
    data, stamps = merged(before, Add("elements", "disk-a", DISK))
    assert ("disk-a" in data["elements"]) == is_back
    assert stamps["elements.disk-a"] == (OURS if is_back else stamp)


def test_an_element_that_was_removed_unseen_stays_away_in_a_conflict() -> None:
    before = record({"elements": {}}, {"elements.disk-a": UNSEEN})
    result = merge(before, (Add("elements", "disk-a", DISK), Put(("note",), "x")), WRITER)
    assert result.conflicts == (Conflict("elements.disk-a", None, DISK, 8),)
    assert result.record.data == {"elements": {}, "note": "x"}


def test_a_leaf_of_an_element_is_a_register() -> None:
    before = record({"elements": {"disk-a": DISK}}, {})
    data, stamps = merged(
        before,
        Put(("elements", "disk-a", "group"), "other"),
        Put(("elements", "disk-a", "answers", "wear"), {"value": 2}),
    )
    answers = DISK["answers"] | {"wear": {"value": 2}} if isinstance(DISK["answers"], dict) else 0
    assert data == {"elements": {"disk-a": {"group": "other", "answers": answers}}}
    assert set(stamps) == {"elements.disk-a.group", "elements.disk-a.answers.wear"}
    assert before.data["elements"] == {"disk-a": DISK}


@pytest.mark.parametrize(("stamps", "version"), [({}, 0), ({"elements.disk-a.group": SEEN}, 5)])
def test_a_leaf_of_an_element_that_is_not_there_is_kept_in_a_conflict(
    stamps: dict[str, Stamp], version: int
) -> None:
    without: tuple[dict[str, Any], ...] = ({}, {"elements": {}}, {"elements": {"disk-b": {}}})
    for data in without:
        before = record(data, stamps)
        change = Put(("elements", "disk-a", "group"), "x")
        lost = Conflict("elements.disk-a.group", None, "x", version)
        assert merge(before, (change,), WRITER) == Merge(before, (lost,))


def removed(**stamps: Stamp) -> Merge:
    """Remove `disk-a`, whose leaves were written by these; `disk-ab` stands beside it."""
    data = {"elements": {"disk-a": DISK, "disk-ab": {"group": "x"}}}
    named = {path.replace("__", ".").replace("_", "-"): stamp for path, stamp in stamps.items()}
    return merge(record(data, named), (Remove("elements", "disk-a"),), WRITER)


def test_an_element_is_removed_with_its_stamps_and_no_other_is() -> None:
    result = removed(
        elements__disk_a=SEEN,
        elements__disk_a__group=OLD,
        elements__disk_ab__group=UNSEEN,
    )
    assert result.conflicts == ()
    assert result.record.data == {"elements": {"disk-ab": {"group": "x"}}}
    assert result.record.stamps == {"elements.disk-a": OURS, "elements.disk-ab.group": UNSEEN}
    assert result.record.version == 12


def test_an_element_in_which_somebody_else_wrote_unseen_stays() -> None:
    result = removed(elements__disk_a=SEEN, elements__disk_a__group=UNSEEN)
    assert result.conflicts == (Conflict("elements.disk-a", DISK, None, 5),)
    assert result.record.version == 9
    both = removed(elements__disk_a=LATE, elements__disk_a__group=UNSEEN)
    assert len(both.conflicts) == 1


def test_an_element_in_which_the_same_writer_wrote_later_stays() -> None:
    result = removed(elements__disk_a__group=LATE)
    assert (result.conflicts, result.record.version) == ((), 9)


# --- Equal ---


@pytest.mark.parametrize(
    ("a", "b", "is_same"),
    [
        (None, None, True),
        (None, 0, False),
        ("x", "x", True),
        ("x", None, False),
        ("1", 1, False),
        (1, "1", False),
        (True, True, True),
        (True, 1, False),
        (0, False, False),
        (1, 1.0, True),
        ([1, "x"], (1, "x"), True),
        ([1], [1, 2], False),
        ([True], [1], False),
        ([], {}, False),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
    ],
)
def test_values_are_the_same_as_json_is(
    a: object,
    b: object,
    is_same: bool,  # noqa: FBT001
) -> None:
    assert same(a, b) is is_same
    assert same(b, a) is is_same
