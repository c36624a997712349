"""What a device is told of its ops, and how a problem is said. Rule: records stand written out."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Raw

from schemas.kinds.notices import Settled
from schemas.problems import Difference, FieldProblem, Problem
from sync import told
from sync.errors import InvalidOp, VersionMovedOn
from sync.ids import disposition_id
from sync.merge import Conflict
from sync.record import Record, Stamp

DEVICE, NEXT, OP, ABOUT, LINEAGE = (UUID(int=number) for number in range(1, 6))
NOW = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
FIRST, LATER = Stamp(7, LINEAGE, 1, OP), Stamp(9, LINEAGE, 2, UUID(int=99))


def rejected() -> Record:
    problem = InvalidOp("no", fields=(FieldProblem(field="note", detail="is wrong"),)).problem()
    fields = told.verdict_fields("rejected", problem=problem, cause=UUID(int=8))
    return told.tell(
        FIRST, device=DEVICE, op=OP, n=3, about=("finding", ABOUT), verdict=fields, at=NOW
    )


def test_a_device_is_told_of_its_op_in_its_own_scope() -> None:
    assert rejected() == Record(
        kind="disposition",
        id=disposition_id(DEVICE, OP),
        scope=f"device:{DEVICE}",
        version=7,
        data={
            "device": str(DEVICE),
            "op": str(OP),
            "n": 3,
            "record_kind": "finding",
            "record": str(ABOUT),
            "outcome": "rejected",
            "problem": {
                "type": "/problems/invalid-op",
                "title": InvalidOp.title,
                "status": 422,
                "detail": "no",
                "errors": ({"field": "note", "detail": "is wrong"},),
            },
            "fields": [],
            "cause": str(UUID(int=8)),
            "at": "2026-11-18T06:02:00Z",
        },
        stamps=dict.fromkeys(rejected().data, FIRST),
    )


def test_what_is_not_there_is_not_said() -> None:
    fields = told.verdict_fields("conflict", conflicts=(Conflict("note", "mine", "yours", 4),))
    record = told.tell(
        FIRST, device=DEVICE, op=OP, n=3, about=("finding", None), verdict=fields, at=NOW
    )
    assert not {"record", "problem", "cause"} & set(record.data)
    assert record.data["fields"] == [{"path": "note", "theirs": "yours", "ours": "mine"}]
    assert set(record.stamps) == set(record.data)


def test_a_later_word_takes_back_what_it_leaves_out_and_keeps_the_rest() -> None:
    before = rejected()
    after = told.rewrite(before, LATER, told.verdict_fields("applied"))
    assert after.version == 9
    assert after.data == {
        name: value for name, value in before.data.items() if name not in ("problem", "cause")
    } | {"outcome": "applied"}
    assert after.stamps["outcome"] == after.stamps["problem"] == LATER
    assert after.stamps["op"] == FIRST


def test_what_became_of_it_is_said_beside_the_outcome_that_never_changes() -> None:
    what = Settled(how="replaced", at=NOW, by_name="周立群", words="量错了")
    after = told.settled(rejected(), LATER, what)
    said = {"how": "replaced", "at": "2026-11-18T06:02:00Z", "by_name": "周立群", "words": "量错了"}
    assert after.data == {**rejected().data, "settled": said}
    assert (after.stamps["settled"], after.version) == (LATER, 9)


def test_another_device_of_the_lineage_is_told_the_same_as_a_record_of_its_own() -> None:
    before = Record(
        **{name: getattr(rejected(), name) for name in ("kind", "id", "scope")},
        version=7,
        data=rejected().data,
        stamps=rejected().stamps,
        mark=5,
    )
    after = told.retold(before, NEXT)
    assert (after.id, after.scope) == (disposition_id(NEXT, OP), f"device:{NEXT}")
    assert after.data == {**before.data, "device": str(NEXT)}
    assert (after.version, after.mark, after.stamps) == (7, 0, before.stamps)


def test_an_edit_of_an_old_version_is_answered_with_both_values() -> None:
    differences = (Difference(record=ABOUT, path="note", ours=Raw(b'"a"'), theirs=Raw(b'"b"')),)
    fields = (FieldProblem(field="note", detail="was written"),)
    error = VersionMovedOn("is 5 by now", fields=fields, differences=differences)
    assert str(error) == "is 5 by now"
    assert error.problem() == Problem(
        type="/problems/version-moved-on",
        title=VersionMovedOn.title,
        status=409,
        detail="is 5 by now",
        errors=fields,
        differences=differences,
    )
    assert VersionMovedOn().problem().detail == ""
