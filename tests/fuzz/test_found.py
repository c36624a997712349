"""What was found by throwing, each as one request. Rule: a line stays here for ever."""

import tracemalloc
from typing import Any

import pytest

from schemas.base import DEPTH_MAX, PUSH_BYTES_UNPACKED_MAX
from sync.errors import TooManyOps
from sync.lines import depth, read_line, read_push
from tests.fuzz.bombs import MEBIBYTE
from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import written
from tests.fuzz.laws import demand_documented, dump


async def test_text_that_is_not_utf_8_is_the_senders_fault(stage: Stage) -> None:
    names = ("token", "ticket", "login", "last_acked")
    texts = b",".join(b'"%b":"\xff"' % name.encode() for name in names)
    for path in ("/sync/v1/push", "/sync/v1/pull", "/enrol", "/office/login"):
        answer = await stage.post(path, b'{"epoch":1,"first_n":1,' + texts + b"}")
        assert answer.status == 400, path
        demand_documented(answer.json(), answer.status)


async def test_the_member_that_makes_a_request_unreadable_is_named(stage: Stage) -> None:
    for path, body, field in (
        ("/sync/v1/push", b'{"epoch":"1","first_n":1}', "epoch"),
        ("/sync/v1/push", b'{"epoch":1}', "first_n"),
        ("/sync/v1/push", b"[]", "$"),
        ("/sync/v1/pull", b'{"epoch":1,"limit":0}', "limit"),
        ("/sync/v1/pull", b'{"epoch":1,"report":{"unsent":1}}', "report.photos_left"),
    ):
        answer = await stage.post(path, body)
        assert answer.status == 400
        assert [error["field"] for error in answer.json()["errors"]] == [field], body


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"n":1}', "id"),
        (b"3", "$"),
        (b'{"n":1,"id":"x"}', "id"),
        (b'{"n":1,"set":{"A":1}}', "set"),
    ],
)
def test_the_member_that_makes_a_line_unreadable_is_named(line: bytes, field: str) -> None:
    problem: Any = read_line(line, 1).problem
    assert [error.field for error in problem.errors] == [field]


@pytest.mark.parametrize("ends", [b"\n" * (PUSH_BYTES_UNPACKED_MAX - 100), b"\r\n" * 10_000])
def test_line_ends_alone_are_no_list_of_millions(ends: bytes) -> None:
    body = b'{"epoch":1,"first_n":1}' + ends
    tracemalloc.start()
    with pytest.raises(TooManyOps):
        read_push(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(body) + MEBIBYTE


@pytest.mark.parametrize(("ops", "end"), [(0, b""), (0, b"\n"), (1_000, b""), (1_000, b"\n")])
def test_as_many_ops_as_a_push_may_hold_are_read(ops: int, end: bytes) -> None:
    _, lines = read_push(b'{"epoch":1,"first_n":1}' + b"\n{}" * ops + end)
    assert [line.n for line in lines] == [*range(1, ops + 1)]


@pytest.mark.parametrize(
    ("raw", "deep"),
    [
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), DEPTH_MAX + 1),
        (b'{"a":' * DEPTH_MAX + b"1" + b"}" * DEPTH_MAX, 0),
        (b"[" + b"[],{}," * 50 + b"1]", 2),
        (b'["' + b"[" * 50 + b'"]', 1),
        (b'["\\"' + b"[" * 50 + b'\\\\",[]' + b"]", 2),
        (b"[[" * 100, 200),
        (b"[" * 10_000 + b"]" * 10_000, DEPTH_MAX + 1),
        (b"]" * 50 + b"[" * 50, 50),
    ],
)
def test_depth_is_counted_in_brackets_outside_of_strings(raw: bytes, deep: int) -> None:
    assert depth(raw) == deep


async def test_a_token_has_one_spelling(stage: Stage) -> None:
    token = stage.world.tablet.token
    for end in ("A", "=", "==", "\n", "!", " "):
        answer = await stage.post("/sync/v1/pull", written({"epoch": 1, "token": f"{token}{end}"}))
        assert (answer.status, answer.slug) == (400, "token-refused"), end


async def test_a_report_beside_a_forged_token_is_not_kept(stage: Stage) -> None:
    report = {"app_version": "0.2.0", "unsent": 7, "photos_left": 7}
    before = await dump(stage.house.database)
    asked = {"epoch": 1, "token": "forged", "report": report}
    answer = await stage.post("/sync/v1/pull", written(asked))
    assert (answer.status, answer.slug) == (400, "token-refused")
    assert await dump(stage.house.database) == before
