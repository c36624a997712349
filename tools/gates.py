"""What `./dev check` and `./dev test` run, in which order, and what they say at the end.

A failing gate does not hide the next one: all of them run, and the closing line names those that
failed. The tests start only when every gate is open, for they take minutes and the gates seconds.
Gates that use one core each run side by side, the app's beside Python's; what one of them says is
shown in one piece when it is done.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from tools import app, browser
from tools.once import ROOT, UnableError, say

PYTHON = [sys.executable, "-m"]
CODE = ("schemas", "sync", "server", "tests", "tools", "benchmarks", "conformance")
HOUSE_RULES = "tests/test_tidy.py"
LAYERS = "from importlinter.cli import lint_imports_command as run; run()"


def run(*command: str) -> int:
    """Run a program in the checkout and return its exit code."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def python(*arguments: str) -> int:
    """Run one of Python's modules."""
    return run(*PYTHON, *arguments)


def types() -> int:
    """Check the types of every package that is there."""
    return python("mypy", *(name for name in CODE if (ROOT / name).is_dir()))


def layers() -> int:
    """Check who may import whom; the tool speaks only when a rule is broken."""
    command = [sys.executable, "-c", LAYERS, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return done.returncode


def app_script(*script: str) -> int:
    """Run a script of the app's package.json."""
    return app.main([*script])


def find_browser() -> int:
    """Have a browser before the tests ask for one."""
    return browser.main()


def house_rules() -> int:
    """Look at every file; no test of these needs what the others are given."""
    return python("pytest", "-q", "--no-header", "--noconftest", HOUSE_RULES)


Steps = dict[str, Callable[[], int]]

PYTHON_GATES: Steps = {
    "format": lambda: python("ruff", "format", "--quiet", "--check", "."),
    "lint": lambda: python("ruff", "check", "--quiet", "."),
    "types": types,
    "layers": layers,
    "house rules": house_rules,
    "wire": lambda: python("schemas.export", "--check"),
}
APP_GATES: Steps = {"app: types and lint": lambda: app_script("check")}
REPAIRS: Steps = {
    "lint, repaired": lambda: python("ruff", "check", "--quiet", "--fix", "--exit-zero", "."),
    "format, repaired": lambda: python("ruff", "format", "--quiet", "."),
    "wire, written anew": lambda: python("schemas.export"),
    "app, repaired": lambda: app_script("format"),
}
# Beside the gates of Python: what the tests need.
BUILD: Steps = {"app: build": lambda: app_script("build"), "browser": find_browser}
# Uses every core by itself.
APP_TESTS: Steps = {"app: unit tests": lambda: app_script("test")}
EVERY: Steps = PYTHON_GATES | APP_GATES | REPAIRS | BUILD | APP_TESTS


def failed(steps: Steps) -> list[str]:
    """Run every step, and name those that did not go well."""
    names = []
    for name, step in steps.items():
        say(name)
        began = time.monotonic()
        if step() != 0:
            names.append(name)
            say(f"{name}: FAILED after {time.monotonic() - began:.0f} s")
    return names


def failed_side_by_side(*lanes: Steps) -> list[str]:
    """Run the steps of each lane in their order, the lanes at once, and name those that failed."""
    interrupted = Event()

    def run_lane(steps: Steps) -> list[str]:
        return [name for name in steps if not interrupted.is_set() and fails_apart(name)]

    with ThreadPoolExecutor(len(lanes)) as threads:
        running = [threads.submit(run_lane, lane) for lane in lanes]
        try:
            return [name for lane in running for name in lane.result()]
        except KeyboardInterrupt:
            interrupted.set()
            raise


def fails_apart(name: str) -> bool:
    """Run a step in a process of its own, then show at once what it said."""
    began = time.monotonic()
    done = subprocess.run(
        [*PYTHON, "tools.gates", "step", name],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    ending = f": FAILED after {time.monotonic() - began:.0f} s" if done.returncode else ""
    said = f"\n{done.stdout.rstrip()}" if done.stdout.strip() else ""
    say(f"{name}{ending}{said}")
    return done.returncode != 0


def check(arguments: list[str]) -> int:
    """Run the gates; with --fix, first repair what a program can."""
    if arguments not in ([], ["--fix"]):
        say("check takes --fix and nothing else")
        return 2
    if arguments:
        failed(REPAIRS)
    broken = failed_side_by_side(PYTHON_GATES, APP_GATES)
    say(f"check failed: {', '.join(broken)}" if broken else "check passed")
    return 1 if broken else 0


def pytest(arguments: list[str]) -> int:
    """Run the Python tests on every core, the browser's on one of them."""
    if not any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        arguments = ["-n", "auto", *arguments]
    return python("pytest", *arguments)


def test(arguments: list[str]) -> int:
    """Run everything, pytest last; with pytest's own arguments, only what they choose."""
    chosen = [argument for argument in arguments if argument != "--full"]
    if chosen:
        broken = failed(BUILD)
    else:
        broken = failed_side_by_side(PYTHON_GATES, APP_GATES | BUILD) + failed(APP_TESTS)
        arguments = [*arguments, f"--ignore={HOUSE_RULES}"]  # They were a gate.
    if broken:
        say(f"test failed before pytest: {', '.join(broken)}")
        return 1
    say("tests")
    return pytest(arguments)


def main(arguments: list[str]) -> int:
    """Do `check`, `test` or one step; an interrupted run says so in one line."""
    try:
        if arguments[0] == "step":
            return EVERY[arguments[1]]()
        return {"check": check, "test": test}[arguments[0]](arguments[1:])
    except UnableError as reason:
        say(str(reason))
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
