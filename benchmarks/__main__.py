"""`python -m benchmarks`. Rule: the documentation gets the figures of the whole work alone."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from benchmarks.house import postgres_store, sqlite_store
from benchmarks.measure import Figure, measure
from benchmarks.report import machine, table, write_docs, write_json
from server.clock import SystemClock

RECORDS = 20_000
RUNS = 3


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure against the floor, on both databases. What it means: "
        "docs/benchmarks.md, which is rewritten unless less than the whole work is measured.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--records", type=int, default=RECORDS, help=f"default {RECORDS}")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each row; default {RUNS}")
    return parser


def main(arguments: list[str]) -> int:
    """Measure every row; exit code 0 whether the targets are met or not."""
    given = make_parser().parse_args(arguments)
    load, figures = os.getloadavg()[0], list[Figure]()
    for make in (postgres_store, sqlite_store):
        with make(given.records) as store:
            for figure in measure(store, given.records, given.runs):
                print(f"{figure.name}: {figure.value:,.0f} {figure.unit}", flush=True)
                figures.append(figure)
    figures.sort(key=lambda one: one.id.partition(".")[0])  # Stable: as measured within a row.
    where = machine(
        SystemClock().now(), shlex.join(["./dev", "bench", *arguments]), (load, os.getloadavg()[0])
    )
    print(f"\n{where}\n{table(figures)}")
    if given.json:
        write_json(figures, given.json)
    if (given.records, given.runs) == (RECORDS, RUNS):
        write_docs(figures, where)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
