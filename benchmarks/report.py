"""The figures as a table and as JSON, with the machine that they are from.

Rule: in docs/benchmarks.md only what stands between the two marks is written by a program.
"""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from benchmarks.figures import Figure
from benchmarks.peers import BATCHES, Done
from tests.fixtures.postgres import find_binaries

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = (
    "<!-- written by ./dev bench{}: begin -->\n",
    "<!-- written by ./dev bench{}: end -->\n",
)
PEERS_HEAD = ("server", "push 1,000", "push 100", "first sync, 20,000", "pull of one change")
KEYS = ("id", "name", "value", "unit", "floor", "ratio", "target", "met")
HEAD = ("#", "what", "ours", "floor", "unit", "ratio", "target", "met")


def cells(figure: Figure) -> tuple[str, ...]:
    least = figure.bound[-1] + (" +" if figure.bound == "added ≤" else " ")
    return (
        figure.id,
        figure.name,
        number(figure.value),
        "" if figure.floor is None else number(figure.floor),
        figure.unit,
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        "" if figure.target is None else f"{least}{figure.target:,g}",
        {True: "yes", False: "no", None: ""}[figure.met],
    )


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:.1f}"


def table(figures: Sequence[Figure]) -> str:
    """All figures, a line each."""
    return aligned([HEAD, *(cells(figure) for figure in figures)])


def peers_table(found: Sequence[Done | str]) -> str:
    """What the peers did, and in words why one did nothing."""
    rows = [
        (
            one.name,
            *(f"{one.push[batch]:,.0f} records/s" for batch in BATCHES),
            f"{one.first_sync:,.0f} records/s",
            f"{one.change_ms:.1f} ms",
        )
        for one in found
        if not isinstance(one, str)
    ]
    words = "".join(f"\n{one}\n" for one in found if isinstance(one, str))
    return aligned([PEERS_HEAD, *rows]) + words


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up in a terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [" | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    rule = " | ".join("-" * width for width in widths)
    return "".join(f"| {line} |\n" for line in (lines[0], rule, *lines[1:]))


def processor() -> str:
    """The processor's name (proc(5)), where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def postgres_version() -> str:
    said = subprocess.run(
        [find_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[2]


def machine(at: datetime, command: str, loads: tuple[float, float]) -> str:
    """Where and when; the load tells how much else was going on. Ours alone makes about 1.5."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"`{command}`, {at:%Y-%m-%d %H:%M} UTC. {os.cpu_count()} cores of {processor()}, "
        f"{memory:.0f} GiB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL {postgres_version()}. "
        f"Load average {loads[0]:.1f} before and {loads[1]:.1f} after.\n"
    )


def write_docs(figures: Sequence[Figure], where: str) -> None:
    write_between("", f"{where}\n{table(figures)}")


def write_peers(found: Sequence[Done | str], where: str) -> None:
    write_between(" --peers", f"{where}\n{peers_table(found)}")


def write_between(option: str, text: str) -> None:
    """Put `text` in place of what this command wrote before."""
    begin, end = BEGIN.format(option), END.format(option)
    before, _, rest = DOCS.read_text().partition(begin)
    after = rest.partition(end)[2]
    DOCS.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def write_json(figures: Sequence[Figure], file: Path) -> None:
    """A list of `{id, name, value, unit, floor, ratio, target, met}`."""
    rows = [{name: getattr(one, name) for name in KEYS} for one in figures]
    file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")
