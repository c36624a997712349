"""Alter `sync/` in every small way, one at a time, and see which alterations no test notices.

Rule: mutmut alters and runs; here stands only how it is called, and the score of each module. What
was found: docs/mutants.md. All of it takes many hours; a NAME (`sync.merge*`) takes some of them,
`--sample N` so many drawn at random, which is enough to estimate the score of the whole.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from fnmatch import fnmatch
from math import sqrt
from pathlib import Path
from random import Random

from tools.alterations import kinds_in
from tools.environment import fetch
from tools.once import ROOT, UnableError, say

SCRATCH = ROOT / "mutants"
KILLED, SURVIVED, UNTESTED = 1, 0, 33  # mutmut's own exit codes of one mutant.
FEWEST = "sync.chain*"  # To try these makes all the others too, so that some can be drawn.
SURE = 1.96  # Standard deviations to each side that hold 95 %.


def main(arguments: list[str]) -> int:
    """Run mutmut, then print the score; exit code 1 where it could not run."""
    parser = argparse.ArgumentParser(prog="./dev mutants", allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of mutants; * stands for any")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of them, at random")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which ones (1)")
    asked = parser.parse_args(arguments)
    try:
        place = fetch("mutants")
    except UnableError as reason:
        say(str(reason))
        return 2
    if asked.sample is None:
        code, only = run(place, asked.names), None
    else:
        if code := run(place, [FEWEST]):
            return code
        only = drawn(made(), asked.names, count=asked.sample, seed=asked.seed)
        code = run(place, only)
    for line in (*by_kind(SCRATCH, only), "", *score(SCRATCH, only)):
        print(line)
    return code


def run(place: Path, names: Collection[str]) -> int:
    """Let mutmut, which lies at `place`, try these; all where none is named."""
    path = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "mutmut", "run", *names]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, check=False
    ).returncode


def results(scratch: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """Each module with what became of each of its mutants; None of one that was never tried."""
    for file in sorted(scratch.glob("sync/**/*.meta")):
        name = file.relative_to(scratch).with_suffix("").as_posix()
        yield name, json.loads(file.read_text())["exit_code_by_key"]


def made() -> list[str]:
    """The names of all mutants there are."""
    return [name for _, codes in results(SCRATCH) for name in codes]


def drawn(every: Collection[str], names: Collection[str], *, count: int, seed: int) -> list[str]:
    """So many of the mutants that are named (of all, where none is): the same for one seed."""
    asked = sorted(one for one in every if not names or any(fnmatch(one, name) for name in names))
    chance = Random(seed)  # noqa: S311 - nothing secret hangs on which ones are tried
    return sorted(chance.sample(asked, min(count, len(asked))))


def by_kind(scratch: Path, only: Collection[str] | None = None) -> list[str]:
    """A line for each kind of alteration, the most frequent first: noticed, of those tried."""
    wanted = None if only is None else frozenset(only)
    counted: dict[str, Counter[int | None]] = {}
    for module, codes in results(scratch):
        kinds = kinds_in(scratch / module)
        for name, code in codes.items():
            if wanted is None or name in wanted:
                counted.setdefault(kinds[name.rpartition(".")[2]], Counter())[code] += 1
    found = [(kind, codes) for kind, codes in counted.items() if tried(codes)]
    found.sort(key=lambda one: -tried(one[1]))
    return [line_of(kind, codes) for kind, codes in found]


def score(scratch: Path, only: Collection[str] | None = None) -> list[str]:
    """A line for each module: mutants that were noticed, of those that were tried.

    `only` are those of a sample: what was tried earlier is left aside, and the last line says
    between which bounds the score of the whole lies.
    """
    lines, all_of = [], Counter[int | None]()
    wanted = None if only is None else frozenset(only)
    for module, codes in results(scratch):
        counted = Counter(code for name, code in codes.items() if wanted is None or name in wanted)
        if tried(counted):
            lines.append(line_of(module, counted))
        all_of += counted
    if not lines:
        return ["nothing was tried"]
    lines.append(line_of("all", all_of))
    if wanted is not None:
        low, high = bounds(noticed(all_of), tried(all_of))
        lines.append(f"95 % sure: the score of the whole is {low:.1%} to {high:.1%}")
    return lines


def tried(codes: Counter[int | None]) -> int:
    return sum(count for code, count in codes.items() if code is not None)


def noticed(codes: Counter[int | None]) -> int:
    return tried(codes) - codes[SURVIVED] - codes[UNTESTED]


def line_of(name: str, codes: Counter[int | None]) -> str:
    share = 100 * noticed(codes) / max(tried(codes), 1)
    rest = f"{codes[SURVIVED]} survived, {codes[UNTESTED]} met no test"
    return f"{name:32} {noticed(codes):5} of {tried(codes):5}  {share:5.1f} %  {rest}"


def bounds(hits: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, 95 % sure (Wilson's interval), of a sample."""
    share, spread = hits / of, SURE**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = SURE * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return middle - half, middle + half


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
