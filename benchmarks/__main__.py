"""`python -m benchmarks`. Rule: the documentation gets the figures of the whole work alone."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from msgspec import structs

from benchmarks import stages, waits
from benchmarks.figures import FULL, QUICK, Figure
from benchmarks.house import postgres_store, sqlite_store
from benchmarks.measure import ROWS, measure
from benchmarks.peers import Done, all_peers
from benchmarks.report import (
    aligned,
    machine,
    peers_table,
    table,
    write_between,
    write_docs,
    write_json,
    write_peers,
)
from server.clock import SystemClock


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure against the floor, on both databases. What it means: "
        "docs/benchmarks.md, which is rewritten where the whole work is measured.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--rows", type=rows, default=frozenset(ROWS), metavar="1,2,…", help=", ".join(ROWS)
    )
    parser.add_argument(
        "--quick", action="store_true", help="measure next to nothing: does it all run?"
    )
    parser.add_argument(
        "--peers", action="store_true", help="measure other servers that sync, and nothing else"
    )
    parser.add_argument(
        "--profile", action="store_true", help="show where a push's time goes, and nothing else"
    )
    parser.add_argument("--records", type=int, help=f"instead of {FULL.records}")
    parser.add_argument("--runs", type=int, help=f"of each row, instead of {FULL.runs}")
    return parser


def rows(text: str) -> frozenset[str]:
    named = frozenset(text.split(","))
    if unknown := named - set(ROWS):
        raise argparse.ArgumentTypeError(f"no row {', '.join(sorted(unknown))}")
    return named


def main(arguments: list[str]) -> int:
    """Measure every wanted row; exit code 0 whether the targets are met or not."""
    given = make_parser().parse_args(arguments)
    if given.peers:
        return compare(arguments)
    if given.profile:
        return profile(arguments)
    size = QUICK if given.quick else FULL
    size = structs.replace(
        size, records=given.records or size.records, runs=given.runs or size.runs
    )
    load, figures = os.getloadavg()[0], list[Figure]()
    for make in (postgres_store, sqlite_store):
        with make() as store:
            for figure in measure(store, size, given.rows):
                print(f"{figure.name}: {figure.value:,.1f} {figure.unit}", flush=True)
                figures.append(figure)
    figures.sort(key=lambda one: ROWS.index(one.id.partition(".")[0]))  # Stable within a row.
    where = machine(
        SystemClock().now(), shlex.join(["./dev", "bench", *arguments]), (load, os.getloadavg()[0])
    )
    print(f"\n{where}\n{table(figures)}")
    if given.json:
        write_json(figures, given.json)
    if size == FULL and given.rows == frozenset(ROWS):
        write_docs(figures, where)
    return 0


def compare(arguments: list[str]) -> int:
    """Install and measure the peers; exit code 1 where one could not be."""
    load, found = os.getloadavg()[0], list[Done | str]()
    for one in all_peers():
        print(one if isinstance(one, str) else one.name, flush=True)
        found.append(one)
    at, command = SystemClock().now(), shlex.join(["./dev", "bench", *arguments])
    where = machine(at, command, (load, os.getloadavg()[0]))
    write_peers(found, where)
    print(f"\n{where}\n{peers_table(found)}")
    return int(any(isinstance(one, str) for one in found))


def profile(arguments: list[str]) -> int:
    """Take a push apart on both databases, and look at what eight clients wait for."""
    load, found, crowd = os.getloadavg()[0], dict[str, dict[str, float]](), list[tuple[str, ...]]()
    for make in (sqlite_store, postgres_store):
        with make() as store:
            found |= stages.stages(store)
            if store.name == "PostgreSQL":
                crowd = waits.rows_of(store)
    at, command = SystemClock().now(), shlex.join(["./dev", "bench", *arguments])
    where = machine(at, command, (load, os.getloadavg()[0]))
    tables = f"{aligned(stages.rows_of(found))}\n{aligned(crowd)}"
    write_between(" --profile", f"{where}\n{tables}")
    print(f"\n{where}\n{tables}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
