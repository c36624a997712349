"""What `./dev check` and `./dev test` run, in which order, and what they say at the end.

A failing gate does not hide the next one: all of them run, and the closing line names those that
failed. The tests start only when every gate is open, for they take minutes and the gates seconds.
"""

import subprocess
import sys
import time
from collections.abc import Callable

from tools import app, browser
from tools.once import ROOT, UnableError, say

PYTHON = [sys.executable, "-m"]
CODE = ("schemas", "sync", "server", "tests", "tools", "benchmarks", "conformance")
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


Step = tuple[str, Callable[[], int]]

GATES: tuple[Step, ...] = (
    ("format", lambda: python("ruff", "format", "--quiet", "--check", ".")),
    ("lint", lambda: python("ruff", "check", "--quiet", ".")),
    ("types", types),
    ("layers", layers),
    ("house rules", lambda: python("pytest", "-q", "--no-header", "tests/test_tidy.py")),
    ("wire", lambda: python("schemas.export", "--check")),
    ("app: types and lint", lambda: app_script("check")),
)
REPAIRS: tuple[Step, ...] = (
    ("lint, repaired", lambda: python("ruff", "check", "--quiet", "--fix", "--exit-zero", ".")),
    ("format, repaired", lambda: python("ruff", "format", "--quiet", ".")),
    ("wire, written anew", lambda: python("schemas.export")),
    ("app, repaired", lambda: app_script("format")),
)
BEFORE_TESTS: tuple[Step, ...] = (
    ("app: unit tests", lambda: app_script("test")),
    ("app: build", lambda: app_script("build")),
    ("browser", find_browser),
)


def failed(steps: tuple[Step, ...]) -> list[str]:
    """Run every step, and name those that did not go well."""
    names = []
    for name, step in steps:
        say(name)
        began = time.monotonic()
        if step() != 0:
            names.append(name)
            say(f"{name}: FAILED after {time.monotonic() - began:.0f} s")
    return names


def check(arguments: list[str]) -> int:
    """Run the gates; with --fix, first repair what a program can."""
    if arguments not in ([], ["--fix"]):
        say("check takes --fix and nothing else")
        return 2
    if arguments:
        failed(REPAIRS)
    broken = failed(GATES)
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
    broken = failed(BEFORE_TESTS[1:] if chosen else GATES + BEFORE_TESTS)
    if broken:
        say(f"test failed before pytest: {', '.join(broken)}")
        return 1
    say("tests")
    return pytest(arguments)


def main(arguments: list[str]) -> int:
    """Do `check` or `test`; an interrupted run says so in one line."""
    try:
        return {"check": check, "test": test}[arguments[0]](arguments[1:])
    except UnableError as reason:
        say(str(reason))
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
