"""What the lines of a push say, read one by one. Rule: each limit is tried on both of its sides."""

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import DEPTH_MAX, FIELDS_PER_OP_MAX, INTEGER_MAX, OP_BYTES_MAX, OPS_PER_PUSH_MAX
from schemas.ops import Op
from sync import lines
from sync.errors import HeaderUnreadable, TooManyOps
from tests.unit.test_push import op

DIGEST = "ab" * 32


def raw(**more: Any) -> bytes:
    return json.dumps(op(1) | more).encode()


def attachment(**more: Any) -> bytes:
    return raw(kind="attachment", set={"sha256": DIGEST} | more)


def read(line: bytes) -> Op:
    kept = lines.read_kept(line)
    assert kept is not None
    return kept


def said(line: bytes) -> tuple[str, str, str]:
    problem = lines.read_line(line, 1).problem
    assert problem is not None
    (field,) = problem.errors
    return field.field, field.detail, problem.detail


# --- What is remembered of paths ---


@pytest.mark.parametrize(
    "line",
    [
        raw(set={"note": "x"}),
        raw(set={"answers.fan": {"value": 1}, "note": None}),
        raw(set={"Note": 1}),
        raw(set={"note": "x", "no path": 1}),
        raw(set={f"answers.i{n}": 1 for n in range(FIELDS_PER_OP_MAX)}),
        raw(set={f"answers.i{n}": 1 for n in range(FIELDS_PER_OP_MAX + 1)}),
        raw(set=[]),
        b"\xff",
    ],
)
def test_a_line_is_read_the_same_whatever_came_before(line: bytes) -> None:
    def told(reader: lines.OpReader) -> object:
        try:
            return msgspec.json.encode(reader.read(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return str(error)

    reader = lines.OpReader()
    assert told(reader) == told(reader) == told(lines.OPS)


def test_an_op_that_is_read_again_is_equal_to_itself() -> None:
    reader, line = lines.OpReader(), raw(set={"note": "x"})
    assert reader.read(line) == reader.read(line)


def test_what_is_remembered_of_paths_is_bounded_and_what_comes_late_is_remembered_too() -> None:
    reader = lines.OpReader()
    for start in range(0, 2 * lines.PATHS_KEPT, 100):
        reader.read(raw(set={f"answers.i{n}": 1 for n in range(start, start + 100)}))
        assert len(reader.known) <= lines.PATHS_KEPT + FIELDS_PER_OP_MAX
    reader.read(raw(set={"answers.late": 1}))
    assert "answers.late" in reader.known


# --- A push ---


def sent(*those: bytes, header: Any = None) -> bytes:
    first = {"epoch": 1, "first_n": 5} if header is None else header
    return b"\n".join([json.dumps(first).encode(), *those])


def test_a_push_is_a_header_and_lines_that_are_numbered_from_its_first() -> None:
    header, parsed = lines.read_push(sent(raw(n=5), b"{", raw(n=7), b""))
    assert (header.epoch, header.first_n, header.last_acked) == (1, 5, None)
    assert [(line.n, line.raw, line.op is None) for line in parsed] == [
        (5, raw(n=5), False),
        (6, b"{", True),
        (7, raw(n=7), False),
    ]
    assert [line.problem is None for line in parsed] == [True, False, True]
    assert lines.read_push(sent()) == (header, ())
    assert len(lines.read_push(sent(b"", b""))[1]) == 1


def test_a_push_whose_header_cannot_be_read_names_what_is_wrong_in_it() -> None:
    for first, field in (({"epoch": "x"}, "epoch"), ({"epoch": 1}, "first_n"), ([], "$")):
        with pytest.raises(HeaderUnreadable) as told:
            lines.read_push(sent(header=first))
        (problem,) = told.value.fields
        assert problem.field == field
        assert problem.detail == told.value.detail
    for body in (b"", b"\xff", b"{"):
        with pytest.raises(HeaderUnreadable):
            lines.read_push(body)


def test_a_push_holds_as_many_lines_as_it_may_and_no_more() -> None:
    assert len(lines.read_push(sent(*[b"{"] * OPS_PER_PUSH_MAX))[1]) == OPS_PER_PUSH_MAX
    assert len(lines.read_push(sent(*[b"{"] * OPS_PER_PUSH_MAX, b""))[1]) == OPS_PER_PUSH_MAX
    for count in (OPS_PER_PUSH_MAX + 1, 2 * OPS_PER_PUSH_MAX):
        with pytest.raises(TooManyOps) as told:
            lines.read_push(sent(*[b"{"] * count))
        assert told.value.detail == f"more than {OPS_PER_PUSH_MAX} ops"


def test_the_numbers_of_a_push_are_numbers_that_there_are() -> None:
    last = {"epoch": 1, "first_n": INTEGER_MAX - 1}
    assert lines.read_push(sent(b"{", header=last))[1][0].n == INTEGER_MAX - 1
    with pytest.raises(HeaderUnreadable) as told:
        lines.read_push(sent(b"{", b"{", header=last))
    assert told.value.detail == "first_n is beyond the numbers there are"


def test_an_op_stands_at_its_number() -> None:
    parsed = lines.read_line(raw(n=1), 2)
    assert (parsed.n, parsed.raw, parsed.op) == (2, raw(n=1), None)
    assert parsed.problem is not None
    assert (parsed.problem.type, parsed.problem.detail) == (
        "/problems/invalid-op",
        "n is not the position",
    )
    assert [(one.field, one.detail) for one in parsed.problem.errors] == [
        ("n", "is 1, but its place is 2")
    ]


@pytest.mark.parametrize(
    "line", [raw().ljust(OP_BYTES_MAX + 1), b"[" * 400, b"{", raw(kind="a\x00b")]
)
def test_a_line_that_is_refused_is_kept_whole_under_its_number(line: bytes) -> None:
    parsed = lines.read_line(line, 9)
    assert (parsed.n, parsed.raw, parsed.op) == (9, line, None)
    assert parsed.problem is not None
    assert parsed.problem.type == "/problems/unreadable-line"


def test_a_kind_that_holds_nul_is_named() -> None:
    assert said(raw(kind="a\x00b")) == (
        "kind",
        "holds NUL - at `$.kind`",
        "holds NUL - at `$.kind`",
    )


# --- Which member is wrong ---


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"[]", "$"),
        (b"{}", "id"),
        (raw(n="1"), "n"),
        (raw(made={"wall": "2026-11-18T06:00:00Z"}), "made.session"),
        (raw(made={"wall": "x", "session": str(UUID(int=5))}), "made.wall"),
        (raw(add={"elements": [1]}), "add[...]"),
    ],
)
def test_a_line_that_is_no_op_names_the_member_that_is_wrong(line: bytes, field: str) -> None:
    named, detail, whole = said(line)
    assert (named, detail) == (field, whole)


def test_what_is_no_json_names_no_member() -> None:
    problem = lines.read_line(b"{", 1).problem
    assert problem is not None
    assert problem.errors == ()
    assert problem.detail


def test_a_member_is_named_from_what_msgspec_says_of_it() -> None:
    for detail, field in {
        "Expected `str` - at `key` in `$.set`": "set",
        "Expected `str` - at `$.set[...].XX`": "set[...].XX",
        "Object missing required field `wall` - at `$.made`": "made.wall",
        "Expected `object`, got `array`": "$",
        "Expected `str` - at `$.Xy`": "Xy",
    }.items():
        (problem,) = lines.fields_of(detail)
        assert (problem.field, problem.detail) == (field, detail)
    assert lines.fields_of("JSON is malformed: trailing characters (byte 3)") == ()


def test_what_is_said_of_a_line_is_as_long_as_a_problem_may_be() -> None:
    long = "Expected `int` - at `$." + "x" * 2_000 + "`"
    (problem,) = lines.fields_of(long)
    assert (problem.field, problem.detail) == ("x" * 1_000, long[:1_000])
    refused = lines.refused(b"", 1, long)
    assert refused.problem is not None
    assert refused.problem.detail == long[:1_000]


# --- Limits ---


def test_the_longest_line_is_read_and_a_longer_one_is_not() -> None:
    assert lines.read_line(raw().ljust(OP_BYTES_MAX), 1).op is not None
    problem = lines.read_line(raw().ljust(OP_BYTES_MAX + 1), 1).problem
    assert problem is not None
    assert problem.detail == f"{OP_BYTES_MAX + 1} bytes, at most {OP_BYTES_MAX}"


def nested(levels: int) -> Any:
    return [] if levels == 1 else [nested(levels - 1)]


def test_the_deepest_line_is_read_and_a_deeper_one_is_not() -> None:
    # The op and its `set` are two levels themselves.
    beside: list[Any] = [[]] * DEPTH_MAX
    deepest = raw(set={"note": nested(DEPTH_MAX - 2), "beside": beside})
    assert lines.read_line(deepest, 1).op is not None
    problem = lines.read_line(raw(set={"note": nested(DEPTH_MAX - 1)}), 1).problem
    assert problem is not None
    assert problem.detail == f"nested deeper than {DEPTH_MAX}"


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(depth_of, inner), default=0)


JSON = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\x', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('[]{}"\\x', max_size=4), inner, max_size=4)
    ),
    max_leaves=40,
)


@given(JSON)
def test_depth_counts_brackets_that_are_nested_and_none_that_stand_in_strings(value: Any) -> None:
    text = json.dumps(value).encode()
    few = text.count(b"{") + text.count(b"[") <= DEPTH_MAX
    assert lines.depth(text) == (0 if few else min(depth_of(value), DEPTH_MAX + 1))


def test_many_levels_side_by_side_are_no_deeper_than_one() -> None:
    assert lines.depth(json.dumps([nested(3)] * 40).encode()) == 4
    assert lines.depth(json.dumps([{"]": '"['}] * 40).encode()) == 2
    assert lines.depth(json.dumps([{"]": "["}] * 40).encode()) == 2
    assert lines.depth(b"[" + b"[]" * 40 + b'["]]') == 2


def test_brackets_that_nothing_closes_are_deeper_than_any_op() -> None:
    assert lines.depth(b"[" * 400) == 400
    assert lines.depth(b"[" * 400 + b"]" * 390) == DEPTH_MAX + 1
    assert lines.depth(b"[" * 3 + b"[]" * DEPTH_MAX) == 4


# --- What a line names ---


def test_a_line_that_is_no_op_is_known_by_the_id_in_it_else_by_its_bytes() -> None:
    id_ = UUID(int=77)
    assert lines.named_in(b'{"id":"%s","n":-1}' % str(id_).encode()) == id_
    for line in (b"{}", b"[]", b"\xff", b'{"id":7}'):
        assert lines.named_in(line) == line


def test_a_line_that_is_too_long_or_too_deep_is_not_looked_into() -> None:
    named = json.dumps({"id": str(UUID(int=77))}).encode()
    assert lines.named_in(named.ljust(OP_BYTES_MAX)) == UUID(int=77)
    assert lines.named_in(named.ljust(OP_BYTES_MAX + 1)) == named.ljust(OP_BYTES_MAX + 1)
    for levels, is_read in ((DEPTH_MAX - 1, True), (DEPTH_MAX, False)):
        beside: list[Any] = [[]] * DEPTH_MAX
        deep = json.dumps({"id": str(UUID(int=77)), "x": nested(levels), "y": beside}).encode()
        assert lines.named_in(deep) == (UUID(int=77) if is_read else deep)


def test_the_bytes_of_an_attachment_alone_are_pinned() -> None:
    assert lines.digest_in(read(attachment())) == DIGEST
    assert lines.pinned("attachment", attachment()) == DIGEST
    other = raw(kind="finding", set={"sha256": DIGEST})
    assert lines.digest_in(read(other)) is None
    assert lines.pinned("finding", other) is None


@pytest.mark.parametrize("value", [None, 7, "x", DIGEST.upper(), DIGEST + "0"])
def test_an_attachment_that_names_no_bytes_pins_none(value: object) -> None:
    assert lines.digest_in(read(attachment(sha256=value))) is None
    assert lines.pinned("attachment", attachment(sha256=value)) is None
    assert lines.pinned("attachment", raw(kind="attachment")) is None
    assert lines.pinned("attachment", b"{") is None


def test_of_a_line_that_could_not_be_read_the_bytes_are_pinned_that_it_seems_to_name() -> None:
    broken = b'{"kind":"attachment","set":{"sha256" : "%s"}' % DIGEST.encode()
    assert lines.pinned("", broken) == DIGEST
    assert lines.pinned("", b'{"sha256":"x"}') is None
    assert lines.pinned("finding", broken) is None


# --- What a database can hold ---


@pytest.mark.parametrize(
    ("value", "field", "detail"),
    [
        ({"a": ["x", "a\x00b"]}, "note.a[1]", "holds NUL"),
        ({"a": {"b\x00": 1}}, "note.a", "has a name that holds NUL"),
        ([0, [INTEGER_MAX + 1]], "note[1][0]", "is beyond the integers there are"),
        (-INTEGER_MAX - 1, "note", "is beyond the integers there are"),
    ],
)
def test_what_no_database_holds_is_named_by_its_path(value: Any, field: str, detail: str) -> None:
    problem = lines.storable(value, "note")
    assert problem is not None
    assert (problem.field, problem.detail) == (field, detail)


@pytest.mark.parametrize(
    "value", [None, True, 1.5e300, "x", [INTEGER_MAX, -INTEGER_MAX], {"a": []}]
)
def test_everything_else_is_held(value: Any) -> None:
    assert lines.storable(value, "note") is None
