"""Bad lines beside good ones. Rule: what becomes of a good op is the same without them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import Mutation, examples, garbage, mutations, written
from tests.fuzz.laws import demand_no_fault

SCOPES = ("site", "device")


def good_lines(stage: Stage) -> list[dict[str, Any]]:
    """Ops of every outcome that a tablet meets, without numbers: `n` follows from the place."""
    made = stage.op(0)
    edit = {**stage.op(0), "record": made["record"], "new": False, "set": {"text": "已清洗"}}
    unknown = {**edit, "id": str(stage.house.clock.new_id()), "record": made["id"]}
    wrong = {**stage.op(0), "set": {"severity": 7}}
    behind = {**edit, "id": str(stage.house.clock.new_id()), "record": wrong["record"]}
    last = {**stage.op(0), "set": {**made["set"], "text": "电"}}
    for one in (edit, unknown, behind):
        del one["parent"]
    return [made, edit, unknown, wrong, behind, last]


async def push(
    stage: Stage, lines: list[dict[str, Any] | Mutation | bytes]
) -> list[dict[str, Any]]:
    """What became of the good ones, in their order, without what counts the others too."""
    first_n = stage.first_n
    stage.first_n += len(lines)
    sent = [written({"epoch": await stage.epoch(), "first_n": first_n})]
    for n, line in enumerate(lines, first_n):
        if isinstance(line, dict):
            sent.append(written({**line, "n": n}))
        else:
            bad = line if isinstance(line, bytes) else line(stage.op(n))
            sent.append(bad.replace(b"\n", b" "))
    answer = await stage.post("/sync/v1/push", b"\n".join(sent) + b"\n")
    demand_no_fault(answer)
    outcomes = answer.json()["outcomes"]
    assert len(outcomes) == len(lines)
    told = [
        {**outcome, "scope": outcome["scope"].partition(":")[0]}
        for outcome, line in zip(outcomes, lines, strict=True)
        if isinstance(line, dict)
    ]
    good = [line for line in lines if isinstance(line, dict)]
    assert [outcome["id"] for outcome in told] == [line["id"] for line in good]
    places = {
        scope: sorted(one["seq"] for one in told if one["scope"] == scope) for scope in SCOPES
    }
    return [
        {**one, "seq": places[one["scope"]].index(one["seq"]), "n": 0, "id": ""} for one in told
    ]


@examples(30)
@given(
    bad=st.lists(
        st.tuples(st.integers(0, 6), st.one_of(mutations, garbage)), min_size=1, max_size=5
    )
)
async def test_a_bad_line_changes_nothing_for_the_good_ones(
    stage: Stage, bad: list[tuple[int, Mutation | bytes]]
) -> None:
    alone: list[dict[str, Any] | Mutation | bytes] = [*good_lines(stage)]
    expected = await push(stage, alone)
    assert [one["outcome"] for one in expected] == [
        *("applied", "applied", "review", "rejected", "held", "applied")
    ]
    beside: list[dict[str, Any] | Mutation | bytes] = [*good_lines(stage)]
    for place, line in bad:
        beside.insert(place, line)
    assert await push(stage, beside) == expected
