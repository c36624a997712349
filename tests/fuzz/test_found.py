"""What was found by throwing, each as one request. Rule: a line stays here for ever."""

from typing import Any

import pytest

from sync.lines import read_line
from tests.fuzz.conftest import Stage
from tests.fuzz.laws import demand_documented


@pytest.mark.parametrize("path", ["/sync/v1/push", "/sync/v1/pull", "/enrol", "/office/login"])
async def test_text_that_is_not_utf_8_is_the_senders_fault(stage: Stage, path: str) -> None:
    body = (
        b'{"epoch":1,"first_n":1,"token":"\xff","ticket":"\xff","login":"\xff","last_acked":"\xff"}'
    )
    answer = await stage.post(path, body)
    assert answer.status == 400
    demand_documented(answer.json(), answer.status)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/sync/v1/push", b'{"epoch":"1","first_n":1}', "epoch"),
        ("/sync/v1/push", b'{"epoch":1}', "first_n"),
        ("/sync/v1/push", b"[]", "$"),
        ("/sync/v1/pull", b'{"epoch":1,"limit":0}', "limit"),
        ("/sync/v1/pull", b'{"epoch":1,"report":{"unsent":1}}', "report.photos_left"),
    ],
)
async def test_the_member_that_makes_a_request_unreadable_is_named(
    stage: Stage, path: str, body: bytes, field: str
) -> None:
    answer = await stage.post(path, body)
    assert answer.status == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"{}", "n"),
        (b"3", "$"),
        (b'{"n":1,"id":"x"}', "id"),
        (b'{"n":1,"set":{"A":1}}', "set"),
    ],
)
def test_the_member_that_makes_a_line_unreadable_is_named(line: bytes, field: str) -> None:
    problem: Any = read_line(line, 1).problem
    assert [error.field for error in problem.errors] == [field]
