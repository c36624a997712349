"""Alter `sync/` in every small way, one at a time, and see which alterations no test notices.

Rule: mutmut alters and runs; here stands only how it is called, and the score of each module. What
was found: docs/mutants.md. It takes an hour or more; a NAME (`sync.merge*`) takes some of them.
"""

import json
import os
import subprocess
import sys
from collections import Counter

from tools.environment import fetch
from tools.once import ROOT, UnableError, say

SCRATCH = ROOT / "mutants"
KILLED, SURVIVED, UNTESTED = 1, 0, 33  # mutmut's own exit codes of one mutant.


def main(arguments: list[str]) -> int:
    """Run mutmut, then print the score; exit code 1 where it could not run."""
    try:
        place = fetch("mutants")
    except UnableError as reason:
        say(str(reason))
        return 2
    path = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "mutmut", "run", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, check=False)
    for line in score():
        print(line)
    return done.returncode


def score() -> list[str]:
    """A line for each module: mutants that were noticed, of those that were tried."""
    lines, all_of = [], Counter[int | None]()
    for file in sorted(SCRATCH.glob("sync/**/*.meta")):
        codes = Counter(json.loads(file.read_text())["exit_code_by_key"].values())
        if tried(codes):
            name = file.relative_to(SCRATCH).with_suffix("").as_posix()
            lines.append(line_of(name, codes))
        all_of += codes
    return [*lines, line_of("all", all_of)] if lines else ["nothing was tried"]


def tried(codes: Counter[int | None]) -> int:
    return sum(count for code, count in codes.items() if code is not None)


def line_of(name: str, codes: Counter[int | None]) -> str:
    noticed = tried(codes) - codes[SURVIVED] - codes[UNTESTED]
    share = 100 * noticed / max(tried(codes), 1)
    rest = f"{codes[SURVIVED]} survived, {codes[UNTESTED]} met no test"
    return f"{name:32} {noticed:5} of {tried(codes):5}  {share:5.1f} %  {rest}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
