"""A sample of mutants: the same for one seed, of what was asked for, and what it says of all."""

import json
from pathlib import Path

import pytest

from tools.alterations import kinds_in
from tools.mutants import bounds, by_kind, drawn, score

EVERY = [f"sync.{module}.x_{n}" for module in ("lines", "merge") for n in range(50)]


def test_a_seed_always_draws_the_same_and_another_one_others() -> None:
    first = drawn(EVERY, [], count=10, seed=1)
    assert first == drawn(list(reversed(EVERY)), [], count=10, seed=1)
    assert len(set(first)) == 10
    assert set(first) <= set(EVERY)
    assert first != drawn(EVERY, [], count=10, seed=2)


def test_a_sample_is_of_what_was_named_and_never_more_than_there_is() -> None:
    assert drawn(EVERY, ["sync.merge*"], count=99, seed=1) == sorted(EVERY[50:])
    assert drawn(EVERY, ["sync.none*"], count=9, seed=1) == []


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_bounds_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    # The last row: R. G. Newcombe, Statistics in Medicine 17 (1998), table I.
    assert bounds(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_only_what_was_drawn_counts(tmp_path: Path) -> None:
    codes = {"a": 1, "b": 0, "c": 33, "d": None, "e": 1, "f": 24}
    (tmp_path / "sync").mkdir()
    meta = tmp_path / "sync" / "merge.py.meta"
    meta.write_text(json.dumps({"exit_code_by_key": codes}))
    whole, _ = score(tmp_path)
    assert " ".join(whole.split()) == "sync/merge.py 3 of 5 60.0 % 1 survived, 1 met no test"
    *_, every, sure = score(tmp_path, ["a", "b", "d"])
    assert " ".join(every.split()) == "all 1 of 2 50.0 % 1 survived, 0 met no test"
    assert sure == "95 % sure: the score of the whole is 9.5% to 90.5%"
    assert score(tmp_path, ["d"]) == ["nothing was tried"]


ALTERED = """
def x_f__mutmut_orig(a, b=1):
    \"\"\"Say it.\"\"\"
    if not a.partition("x") or b < 5:
        return g(a, key=b, deep=True)
    return b

def x_f__mutmut_{n}(a, b=1):
    \"\"\"Say it.\"\"\"
    if {condition}:
        return {call}
    return b
"""
CONDITION, CALL = 'not a.partition("x") or b < 5', "g(a, key=b, deep=True)"


@pytest.mark.parametrize(
    ("condition", "call", "kind"),
    [
        (CONDITION, "g(None, key=b, deep=True)", "None in its place"),
        (CONDITION, "g(key=b, deep=True)", "an argument left out"),
        (CONDITION, "g(a, key=b, )", "an argument left out"),
        (CONDITION, "g(a, key=b, deep=False)", "true for false"),
        ('not a.partition("XXxXX") or b < 5', CALL, "another text"),
        ('not a.partition("x") or b <= 5', CALL, "another sign"),
        ('not a.partition("x") and b < 5', CALL, "another sign"),
        ('not a.partition("x") or b < 6', CALL, "another number"),
        ('a.partition("x") or b < 5', CALL, "a sign more or less"),
        ('not a.rpartition("x") or b < 5', CALL, "another method"),
        ("b[0]", CALL, "something else"),
    ],
)
def test_the_kind_of_an_alteration_is_told_from_what_differs(
    tmp_path: Path, condition: str, call: str, kind: str
) -> None:
    file = tmp_path / "sync" / "merge.py"
    file.parent.mkdir()
    file.write_text(ALTERED.format(n=12, condition=condition, call=call))
    assert kinds_in(file) == {"x_f__mutmut_12": kind}
    codes = {"sync.merge.x_f__mutmut_12": 0}
    file.with_suffix(".py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (line,) = by_kind(tmp_path)
    assert " ".join(line.split()) == f"{kind} 0 of 1 0.0 % 1 survived, 0 met no test"
    assert by_kind(tmp_path, ["another"]) == []
