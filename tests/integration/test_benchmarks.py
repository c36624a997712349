"""`./dev bench` measures what it says. Rule: the sizes are tiny; no figure is looked at."""

from pathlib import Path

import msgspec
import pytest

from benchmarks import __main__ as bench
from benchmarks.figures import QUICK
from benchmarks.house import sqlite_store
from benchmarks.measure import ROWS, measure

KEYS = ["id", "name", "value", "unit", "floor", "ratio", "target", "met"]


def test_a_push_a_poke_and_a_packed_first_sync_are_measured() -> None:
    with sqlite_store() as store:
        found = {figure.id: figure for figure in measure(store, QUICK, frozenset({"3b", "7"}))}
    assert found.keys() == {"3b.sqlite.speed", "3b.sqlite.bytes", "7.sqlite"}
    assert all(figure.value > 0 for figure in found.values())


def test_a_row_that_is_unknown_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["--rows", "1,99"])
    assert "no row 99" in capsys.readouterr().err


@pytest.mark.full
def test_every_row_is_measured_on_both_databases(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    assert bench.main(["--quick", "--json", str(file)]) == 0
    figures = msgspec.json.decode(file.read_bytes(), type=list[dict[str, object]])
    assert {str(one["id"]).partition(".")[0] for one in figures} == set(ROWS)
    assert all(list(one) == KEYS and one["met"] in (True, False) for one in figures)
