"""Whole worlds from a seed each: tablets, a server, the office, and a network that does its worst.

What may happen is in `world.py`, what must hold in `promises.py` and `outcome.py`. A failing seed
is a complete bug report, and says how to run it once more.
"""

from collections import Counter

import pytest

from tests.simulation.world import Simulation, simulate

SEEDS = 500
FOUND = (3_019_728,)  # So many pushes as only it needs: docs/simulation.md.


@pytest.mark.parametrize("seed", [*range(SEEDS), *FOUND])
def test_every_promise_holds_whatever_befalls(seed: int) -> None:
    simulate(seed)


def test_what_is_to_befall_does_happen() -> None:
    """Worlds in which nothing goes wrong would hold every promise too."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        simulation = Simulation(seed)
        lived = simulation.run()
        seen.update({name: value for name, value in vars(lived).items() if value})
        state = simulation.server.state
        seen.update(row.outcome.outcome for row in state.ops.values())
        seen.update(row.gone for row in state.feed.values() if row.gone)
        settled = (r.data.get("settled") for r in state.records.values())
        seen.update(str(how["how"]) for how in settled if isinstance(how, dict))
        seen.update(decision for _, decision in state.disputes.values() if decision)
    wanted = {"ops", "rewinds", "clones", "enrolled_again", "rescued", "ended"}
    wanted |= {"applied", "conflict", "review", "held", "rejected"}
    wanted |= {"moved", "withdrawn", "archived", "replaced", "discarded", "decided"}
    assert wanted | {"ours", "theirs"} <= seen.keys(), wanted - seen.keys()


@pytest.mark.parametrize("seed", range(1_000, 1_020))
def test_no_clock_decides_anything(seed: int) -> None:
    """With every clock right, and with clocks that are days off, the same comes of the same."""
    ends = []
    for skewed in (True, False):
        simulation = Simulation(seed, skewed=skewed)
        simulation.run()
        state = simulation.server.state
        ends.append(
            [
                {op: state.ops[place].outcome for op, place in state.by_id.items()},
                {id_: (r.scope, r.version, r.data) for id_, r in state.records.items()},
            ]
        )
    assert ends[0] == ends[1]
