"""A few worlds, for `./dev mutants`, where each alteration is tried by all tests that meet it.

They are among those of `test_promises.py`; chosen so that together they live through most.
"""

import pytest

from tests.simulation.world import simulate

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds_in_a_few_worlds(seed: int) -> None:
    simulate(seed)
