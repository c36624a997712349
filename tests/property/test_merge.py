"""What must hold for every merge, whoever edits what. Written without the core's own helpers."""

import json
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sync.merge import Add, Change, Fill, Put, Remove, Writer, merge
from sync.record import Record, Stamp

RECORD, US, THEM = UUID(int=1), UUID(int=2), UUID(int=3)
ITEMS = ("lamp", "fan", "temp")
ELEMENTS = ("disk-a", "disk-b")


def as_json(value: object) -> str:
    """Values are compared as JSON: in Python, True == 1."""
    return json.dumps(value, sort_keys=True)


values = st.none() | st.booleans() | st.integers(0, 2) | st.text("ab", max_size=2)
answers = st.fixed_dictionaries({"value": values})
stamps = st.builds(
    Stamp,
    st.integers(1, 9),
    st.sampled_from([US, THEM]),
    st.integers(1, 9),
    st.uuids(),
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """An inspection at version 9 in which every value has a stamp, as every record has."""
    data: dict[str, Any] = {"note": draw(values), "answers": {}, "elements": {}}
    marked = {"note": draw(stamps)}
    for item in draw(st.sets(st.sampled_from(ITEMS))):
        data["answers"][item] = draw(answers)
        marked[f"answers.{item}"] = draw(stamps)
    for element in ELEMENTS:
        if draw(st.booleans()):
            leaf = draw(answers)
            data["elements"][element] = {"group": "disks", "answers": {"life": leaf}}
            marked[f"elements.{element}"] = draw(stamps)
            marked[f"elements.{element}.group"] = draw(stamps)
            marked[f"elements.{element}.answers.life"] = draw(stamps)
        elif draw(st.booleans()):
            marked[f"elements.{element}"] = draw(stamps)  # Was there, and was removed.
    return Record("inspection", RECORD, "site:x", 9, data, marked)


changes = st.one_of(
    st.builds(lambda v: Put(("note",), v), values),
    st.builds(lambda i, v: Put(("answers", i), v), st.sampled_from(ITEMS), answers),
    st.builds(
        lambda e, v: Put(("elements", e, "answers", "life"), v),
        st.sampled_from(ELEMENTS),
        answers,
    ),
    st.builds(
        lambda e, v: Add("elements", e, {"group": "disks", "answers": {"life": v}}),
        st.sampled_from(ELEMENTS),
        answers,
    ),
    st.builds(lambda e: Remove("elements", e), st.sampled_from(ELEMENTS)),
    st.builds(
        lambda entries: Fill("answers", entries),
        st.dictionaries(st.sampled_from(ITEMS), answers, min_size=1),
    ),
)
batches = st.lists(changes, min_size=1, max_size=4).map(tuple)
writers = st.builds(
    Writer,
    lineage=st.just(US),
    n=st.integers(10, 20),
    op=st.uuids(),
    base=st.integers(0, 9),
    version=st.just(10),
)


def leaves(data: object, path: str = "") -> dict[str, str]:
    """Every value of a record by its path, as JSON; an answer is one value."""
    if isinstance(data, dict) and not {"value"} & data.keys():
        found: dict[str, str] = {}
        for key, inner in data.items():
            found |= leaves(inner, f"{path}.{key}".lstrip("."))
        return found
    return {path: as_json(data)}


def written(change: Change) -> dict[str, str]:
    """What the person typed, by path."""
    match change:
        case Put(path, value):
            return {".".join(path): as_json(value)}
        case Add(field, element, value):
            return leaves(dict(value), f"{field}.{element}")
        case Fill(field, entries):
            return leaves(dict(entries), field)
        case Remove():
            return {}


@given(records(), changes, writers)
def test_no_typed_value_is_lost(record: Record, change: Change, writer: Writer) -> None:
    result = merge(record, (change,), writer)
    stands = leaves(dict(result.record.data))
    kept = [leaves(c.theirs, c.path) for c in result.conflicts]
    for path, value in written(change).items():
        assert stands.get(path, as_json(None)) == value or any(k.get(path) == value for k in kept)


@given(records(), batches, writers)
def test_only_what_this_writer_saw_is_overwritten(
    record: Record, batch: tuple[Change, ...], writer: Writer
) -> None:
    before = leaves(dict(record.data))
    after = leaves(dict(merge(record, batch, writer).record.data))
    for path, value in before.items():
        if after.get(path) != value and path in record.stamps:
            stamp = record.stamps[path]
            assert stamp.version <= writer.base or stamp.lineage == writer.lineage


@given(records(), batches, writers)
def test_only_an_unseen_write_of_another_conflicts(
    record: Record, batch: tuple[Change, ...], writer: Writer
) -> None:
    for conflict in merge(record, batch, writer).conflicts:
        assert as_json(conflict.ours) != as_json(conflict.theirs)
        below = [s for p, s in record.stamps.items() if (p + ".").startswith(conflict.path + ".")]
        unseen = [s for s in below if s.version > writer.base and s.lineage == THEM]
        removed = conflict.path.startswith("elements.") and conflict.ours is None
        assert unseen or removed


@given(records(), batches, writers)
def test_an_edit_of_one_path_leaves_all_others_alone(
    record: Record, batch: tuple[Change, ...], writer: Writer
) -> None:
    before, after = (
        leaves(dict(record.data)),
        leaves(dict(merge(record, batch, writer).record.data)),
    )
    touched = {path for change in batch for path in written(change)}
    removed = {f"{c.field}.{c.element}" for c in batch if isinstance(c, Remove)}
    for path in before.keys() - touched:
        if not any(path.startswith(element + ".") for element in removed):
            assert after[path] == before[path]


@given(records(), batches, writers)
def test_a_second_merge_changes_nothing(
    record: Record, batch: tuple[Change, ...], writer: Writer
) -> None:
    last = {p: c for c in batch for p in written(c)}
    if len(last) < sum(len(written(c)) for c in batch):
        return  # One op that says two things of one path is settled by its own order.
    if any(isinstance(c, Remove) for c in batch):
        return
    once = merge(record, batch, writer)
    twice = merge(once.record, batch, writer)
    assert twice.record is once.record
    assert [as_json(c.theirs) for c in twice.conflicts] == [
        as_json(c.theirs) for c in once.conflicts
    ]


@given(records(), batches, writers)
def test_the_input_is_never_changed(
    record: Record, batch: tuple[Change, ...], writer: Writer
) -> None:
    before = as_json(record.data), dict(record.stamps)
    merge(record, batch, writer)
    assert (as_json(record.data), dict(record.stamps)) == before


def stamped(version: int, lineage: UUID, n: int) -> Record:
    stamp = Stamp(version, lineage, n, UUID(int=9))
    return Record("inspection", RECORD, "site:x", 9, {"note": "ours"}, {"note": stamp})


def note_of(record: Record, value: object, *, base: int, n: int = 10) -> tuple[Any, int]:
    writer = Writer(lineage=US, n=n, op=UUID(int=4), base=base, version=10)
    result = merge(record, (Put(("note",), value),), writer)
    return result.record.data["note"], len(result.conflicts)


def test_the_version_that_was_seen_is_no_conflict_and_the_next_is() -> None:
    assert note_of(stamped(5, THEM, 1), "theirs", base=5) == ("theirs", 0)
    assert note_of(stamped(6, THEM, 1), "theirs", base=5) == ("ours", 1)


def test_a_writer_never_conflicts_with_itself() -> None:
    assert note_of(stamped(9, US, 3), "theirs", base=0, n=4) == ("theirs", 0)


def test_an_own_older_op_that_comes_late_is_history() -> None:
    assert note_of(stamped(9, US, 7), "theirs", base=0, n=4) == ("ours", 0)


def test_a_value_that_two_wrote_alike_is_no_conflict() -> None:
    assert note_of(stamped(9, THEM, 1), "ours", base=0) == ("ours", 0)


def test_true_is_not_one() -> None:
    one = Record("inspection", RECORD, "s", 9, {"note": 1}, {"note": Stamp(9, THEM, 1, RECORD)})
    assert note_of(one, value=True, base=0) == (1, 1)


def forward(ours: dict[str, Any] | None, theirs: dict[str, Any]) -> object:
    data = {"step": ours} if ours else {}
    record = Record("inspection", RECORD, "s", 9, data, {})
    writer = Writer(lineage=US, n=1, op=UUID(int=4), base=0, version=10)
    return merge(record, (Put(("step",), theirs),), writer).record.data["step"]


def test_a_step_goes_on_and_never_back() -> None:
    draft, submitted = {"round": 1, "step": "draft"}, {"round": 1, "step": "submitted"}
    assert forward(None, draft) == draft
    assert forward(draft, submitted) == submitted
    assert forward(submitted, draft) == submitted


def test_a_step_of_an_older_round_has_no_effect() -> None:
    returned = {"round": 2, "step": "draft"}
    assert forward(returned, {"round": 1, "step": "submitted"}) == returned
    assert forward({"round": 1, "step": "submitted"}, returned) == returned
