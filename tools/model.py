"""Check the model of the protocol (docs/model) with Spin, and that each known bug in it is caught.

Rule: a model passes when every state was visited and none is wrong; a mutant passes when a wrong
state is found. Anything else (a depth that was cut, memory that ran out, a compiler that complains)
is a failure. `./dev model` only looks for Spin and a C compiler; the long tier of the tests
installs them, as it does the browser.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.browser import apt_install
from tools.once import ROOT, UnableError, alone, say

HERE = ROOT / "docs" / "model"
COMPILERS = ("cc", "gcc", "clang")
WAY_OUT = (
    "the model needs Spin 6 and a C compiler: install them (Debian: apt-get install spin gcc "
    "libc6-dev) or name them: SPIN=/path/to/spin CC=/path/to/cc ./dev model"
)
WHAT = "Let Spin visit every state of docs/model, and catch every mutant of it."
# Steps of the deepest path, megabytes of states, and seconds for one model.
DEPTH_MAX, MEMORY_MAX, SECONDS_MAX = 1_000_000, 6_000, 900
BUG = re.compile(r"^#if(?:n?def) (BUG_\w+)", re.MULTILINE)
STATES = re.compile(r"^ *(\d+) states, stored", re.MULTILINE)
DEPTH = re.compile(r"depth reached (\d+)")
ERRORS = re.compile(r"errors: (\d+)")
FOUND = re.compile(r"^pan:\d+: (.*?)(?: \(at depth|$)", re.MULTILINE)


@dataclass(frozen=True)
class Model:
    """One way to run a model: its bounds, as -D options, and whether its LTL formula is meant."""

    name: str
    options: tuple[str, ...] = ()
    is_fair: bool = False

    def __str__(self) -> str:
        return " ".join([self.name, *(option.removeprefix("-D") for option in self.options)])


@dataclass(frozen=True)
class Result:
    """What the checker found: `wrong` names the first property that did not hold."""

    wrong: str | None
    states: int
    depth: int
    seconds: float


# Small enough for a minute, and complete within their bounds.
QUICK = (
    Model("pull", ("-DCHANGES=3", "-DGRANTS=0")),
    Model("pull", ("-DCHANGES=2", "-DGRANTS=2")),
    Model("push"),
    Model("lock"),
    Model("lock", ("-DSECOND=0",)),
    Model("settle"),
    Model("rewind", ("-DREVOKE", "-DNO_LATE_PUSH", "-DNO_LATE_PAGE")),
    Model("rewind", ("-DSILENT", "-DNO_LATE_PUSH", "-DNO_LATE_PAGE")),
)
FULL = (
    Model("pull", ("-DCHANGES=3", "-DGRANTS=2")),
    Model("pull", ("-DRECORDS=3", "-DCHANGES=2", "-DGRANTS=1")),
    Model("push", ("-DFAIR",), is_fair=True),
    Model("lock", ("-DEDITS=2",)),
    Model("settle", ("-DMOVES=5", "-DGRANTS=4")),
    Model("rewind"),
    Model("rewind", ("-DSILENT", "-DNO_LATE_PAGE")),
    Model("rewind", ("-DSILENT", "-DNO_LATE_PUSH")),
    Model("rewind", ("-DSILENT", "-DRESTORES=2", "-DNO_LATE_PAGE", "-DNO_LATE_PUSH")),
)
# In which bounds a mutant must be caught; the models as they are, if it is not named here.
CAUGHT_IN = {
    "pull": ("-DCHANGES=2", "-DGRANTS=2"),
    "rewind": ("-DNO_LATE_PAGE", "-DNO_LATE_PUSH"),
    "BUG_EPOCH_NOT_ABOVE_BOTH": ("-DSILENT", "-DRESTORES=2", "-DNO_LATE_PAGE", "-DNO_LATE_PUSH"),
    "BUG_LAST_ACKED_NOT_LOOKED_AT": ("-DSILENT", "-DNO_LATE_PAGE", "-DNO_LATE_PUSH"),
    "BUG_LOWER_VERSION_IGNORED": ("-DSILENT", "-DNO_LATE_PAGE", "-DNO_LATE_PUSH"),
    "BUG_LATE_ANSWER_TAKEN": ("-DNO_LATE_PAGE",),
    "BUG_PAGE_OF_ANOTHER_EPOCH": ("-DNO_LATE_PUSH",),
    "BUG_REVOCATION_FORGOTTEN": ("-DREVOKE", "-DNO_LATE_PAGE", "-DNO_LATE_PUSH"),
}


class BrokenError(Exception):
    """The check itself could not be done."""


def find() -> tuple[str, str] | None:
    """Name Spin and the compiler, if both are there."""
    spin = shutil.which(os.environ.get("SPIN") or "spin")
    named = os.environ.get("CC")
    compiler = next(filter(None, map(shutil.which, [named] if named else COMPILERS)), None)
    return (spin, compiler) if spin and compiler else None


def find_or_install() -> tuple[str, str]:
    """Name both, after installing them where this machine lets us."""
    with alone("model"):
        found = find()
        if found is None and apt_install("spin", "gcc", "libc6-dev", purpose="the model"):
            found = find()
        if found is None:
            raise UnableError(WAY_OUT)
        return found


def run(command: list[str], place: Path) -> str:
    done = subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
    )
    if done.returncode != 0:
        raise BrokenError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(model: Model, *more: str, programs: tuple[str, str]) -> Result:
    """Make the checker of one model and let it visit every state. Raises `BrokenError`."""
    spin, compiler = programs
    source = HERE / f"{model.name}.pml"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run([spin, "-a", *model.options, *more, str(source)], place)
        kind = ["-DCOLLAPSE"] if model.is_fair else ["-DSAFETY", "-DCOLLAPSE"]
        # A mutant is caught soon: its checker is not worth the compiler's time.
        options = ["-O0" if more else "-O2", "-w", *kind, f"-DMEMLIM={MEMORY_MAX}"]
        run([compiler, *options, "-o", "pan", "pan.c"], place)
        search = ["-a", "-f"] if model.is_fair else []
        began = time.monotonic()
        said = run(["./pan", f"-m{DEPTH_MAX}", *search], place)
        seconds = time.monotonic() - began
    return read(said, seconds)


def read(said: str, seconds: float) -> Result:
    """Read the checker's report; what it did not visit wholly counts as not checked."""
    errors, states, depth = ERRORS.search(said), STATES.search(said), DEPTH.search(said)
    if errors is None or states is None or depth is None or "max search depth too small" in said:
        raise BrokenError(said)
    found = FOUND.search(said)
    wrong = found[1] if errors[1] != "0" and found else None
    if wrong is None and (errors[1] != "0" or "Search not completed" in said):
        raise BrokenError(said)
    return Result(wrong, int(states[1]), int(depth[1]), seconds)


def mutants() -> Iterator[tuple[Model, str]]:
    """Name every bug that a model knows, with the bounds in which it must be caught."""
    for source in sorted(HERE.glob("*.pml")):
        for bug in sorted(set(BUG.findall(source.read_text()))):
            options = CAUGHT_IN.get(bug, CAUGHT_IN.get(source.stem, ()))
            yield Model(source.stem, options), bug


def check_models(models: tuple[Model, ...], programs: tuple[str, str]) -> int:
    print(f"{'model':<52} {'states':>10} {'depth':>6} {'seconds':>7}  result")
    failed = 0
    for model in models:
        result = check(model, programs=programs)
        failed += result.wrong is not None
        verdict = f"WRONG: {result.wrong}" if result.wrong else "holds"
        numbers = f"{result.states:>10,} {result.depth:>6,} {result.seconds:>7.1f}"
        print(f"{model!s:<52} {numbers}  {verdict}", flush=True)
    return failed


def check_mutants(programs: tuple[str, str]) -> int:
    print(f"\n{'mutant':<52} {'states':>10} {'depth':>6} {'seconds':>7}  caught by")
    failed = 0
    for model, bug in mutants():
        result = check(model, f"-D{bug}", programs=programs)
        failed += result.wrong is None
        numbers = f"{result.states:>10,} {result.depth:>6,} {result.seconds:>7.1f}"
        named = f"{model.name}: {bug.removeprefix('BUG_').replace('_', ' ').lower()}"
        verdict = (result.wrong or "NOT CAUGHT").removeprefix("assertion violated ")
        print(f"{named:<52} {numbers}  {verdict[:80]}", flush=True)
    return failed


def main(arguments: list[str]) -> int:
    """Check the models and the mutants; with --full in larger bounds too."""
    parser = argparse.ArgumentParser(prog="./dev model", description=WHAT)
    parser.add_argument("--full", action="store_true", help="the large bounds too: minutes, 3 GB")
    asked = parser.parse_args(arguments)
    programs = find()
    if programs is None:
        say(WAY_OUT)
        return 2
    try:
        failed = check_models(QUICK + (FULL if asked.full else ()), programs)
        failed += check_mutants(programs)
    except (BrokenError, OSError, subprocess.TimeoutExpired) as reason:
        print(f"could not check: {reason}", file=sys.stderr)
        return 2
    print(f"\n{failed} failed" if failed else "\nevery model holds, every mutant is caught")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
