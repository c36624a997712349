"""The clock that tests and the demo are given: it behaves like one, and only when told to."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import ManualClock, SystemClock

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_manual_clock_moves_only_when_it_is_moved() -> None:
    clock = ManualClock(BEGIN)
    assert clock.now() == clock.now() == BEGIN
    assert clock.advance(timedelta(seconds=90)) == BEGIN + timedelta(seconds=90)
    assert clock.monotonic() == 90


def test_a_manual_clock_never_goes_back() -> None:
    with pytest.raises(AssertionError):
        ManualClock(BEGIN).advance(timedelta(seconds=-1))


def test_every_instant_is_utc_and_knows_it() -> None:
    shanghai = datetime(2026, 11, 20, 8, tzinfo=timezone(timedelta(hours=8)))
    assert ManualClock(shanghai).now() == BEGIN
    assert ManualClock(shanghai).now().tzinfo is UTC
    assert SystemClock().now().tzinfo is UTC


@given(counts=st.lists(st.integers(0, 100), max_size=10), seed=st.text(max_size=10))
def test_the_same_seed_deals_the_same_chance(counts: list[int], seed: str) -> None:
    one, other = ManualClock(BEGIN, seed=seed), ManualClock(BEGIN, seed=seed)
    dealt = [one.entropy(count) for count in counts]
    assert dealt == [other.entropy(count) for count in counts]
    assert [len(part) for part in dealt] == counts


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock(BEGIN)], ids=["system", "manual"])
def test_no_two_ids_are_the_same(clock: SystemClock | ManualClock) -> None:
    made = [clock.new_id() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    assert {one.version for one in made} == {7}


def test_ids_sort_by_the_time_at_which_they_were_made() -> None:
    clock = ManualClock(BEGIN)
    made = []
    for _ in range(100):
        made.append(clock.new_id())
        clock.advance(timedelta(milliseconds=1))
    assert made == sorted(made)
    assert made[0].int >> 80 == int(BEGIN.timestamp() * 1000)
