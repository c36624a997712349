"""The Python side of ./dev: uv in .tools/, packages in .venv/, locks in requirements/.

Everything that is installed is named in requirements/*.txt with its hash. What is already there
is not touched.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.once import ROOT, TOOLS, UnableError, alone, digest, say
from tools.registry import pip_settings, uv_environment

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed.json"
REQUIREMENTS = ROOT / "requirements"
LOCKS = ("run", "test", "uv", "node", "swift", "mutants")
BASE = getattr(sys, "_base_executable", sys.executable)
VERSION = ".".join(map(str, sys.version_info[:3]))


def lock_of(name: str) -> Path:
    """Name the file of pinned requirements."""
    return REQUIREMENTS / f"{name}.txt"


def find_pip() -> list[str]:
    """Give a command that is pip: the system's own, else one in a small environment of its own."""
    own = [BASE, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    place = TOOLS / "pip"
    pip = [str(place / "bin" / "python"), "-m", "pip"]
    if not (place / "bin" / "pip").exists():
        shutil.rmtree(place, ignore_errors=True)
        made = subprocess.run([BASE, "-m", "venv", str(place)], capture_output=True, check=False)
        if made.returncode != 0:
            shutil.rmtree(place, ignore_errors=True)
            raise UnableError(
                f"{BASE} has neither pip nor venv. On Debian or Ubuntu: apt-get install "
                "python3-venv; elsewhere install pip for it, or name another: PYTHON=... ./dev"
            )
    return pip


def fetch(name: str, *, instead: str = "") -> Path:
    """Install requirements/NAME.txt into a folder of its own in .tools/, whole or not at all.

    Who comes second waits: tests in several processes need it at once. `instead` is what a person
    may do where that cannot be had.
    """
    place = TOOLS / f"{name}-{digest([lock_of(name)])[:12]}"
    if place.exists():
        return place
    with alone(name):
        if place.exists():
            return place
        say(f"fetching {name} (once)")
        fresh = TOOLS / f"{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        pip = [*find_pip(), "install", "-qq", "--no-deps", "--only-binary", ":all:"]
        quiet = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        arguments = ["--require-hashes", "-r", str(lock_of(name)), "--target", str(fresh)]
        done = subprocess.run([*pip, *arguments], env=os.environ | quiet, check=False)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise UnableError(f"could not fetch {name}: pip says above what it lacked{instead}")
        fresh.rename(place)
    return place


class Uv:
    """The pinned uv, run with the settings pip has on this machine."""

    def __init__(self) -> None:
        self.program = fetch("uv") / "bin" / "uv"
        self.settings = pip_settings(find_pip())

    def run(self, *arguments: str | Path) -> bool:
        """Run uv; if an additional index of this machine stands in the way, run it again without.

        Returns whether it went well; uv itself has then said what did not.
        """
        command = [str(self.program), *map(str, arguments)]
        with_extras = uv_environment(self.settings, extras=True)
        without = uv_environment(self.settings, extras=False)
        first = subprocess.run(command, env=with_extras, check=False, cwd=ROOT)
        if first.returncode == 0 or with_extras == without:
            return first.returncode == 0
        say("trying again without this machine's additional package indexes")
        return subprocess.run(command, env=without, check=False, cwd=ROOT).returncode == 0


def recorded() -> dict[str, str]:
    """Read what .venv/ was last filled from; nothing when it is not there or not whole."""
    try:
        content = json.loads(INSTALLED.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in content.items()} if PYTHON.exists() else {}


def missing(names: tuple[str, ...]) -> bool:
    """Say whether .venv/ is not what these locks and this Python ask for."""
    there = recorded()
    wanted = {name: digest([lock_of(name)]) for name in names} | {"python": VERSION}
    return any(there.get(name) != value for name, value in wanted.items())


def install(level: str) -> None:
    """Make .venv/ hold what `level` ("run" or "test") needs.

    A run never removes what the tests brought. May be repeated, also by two at once.
    """
    names = ("run",) if level == "run" else ("run", "test")
    if not missing(names):
        return
    with alone("packages"):
        if not missing(names):
            return
        there = recorded()
        if "test" in there:
            names = ("run", "test")
        say("installing Python packages (once for each change of requirements/)")
        uv = Uv()
        if there.get("python") != VERSION and not uv.run(
            "venv", "-q", "--clear", "--python", BASE, VENV
        ):
            raise UnableError(f"could not make .venv/ with {BASE}")
        INSTALLED.unlink(missing_ok=True)
        locks = [lock_of(name) for name in names]
        if not uv.run("pip", "sync", "-q", "--python", PYTHON, "--require-hashes", *locks):
            raise UnableError("could not install the Python packages: uv says above what it lacked")
        stamp = {name: digest([lock_of(name)]) for name in names} | {"python": VERSION}
        INSTALLED.write_text(json.dumps(stamp))


def compile_locks(options: list[str]) -> None:
    """Write requirements/*.txt anew from *.in: newest versions, every platform, no address."""
    uv = Uv()
    for name in LOCKS:
        say(f"locking {name}")
        flags = ("--universal", "--generate-hashes", "--no-header", "--python-version", "3.11")
        where = (f"requirements/{name}.in", "-o", f"requirements/{name}.txt")
        if not uv.run("pip", "compile", "-q", "--upgrade", *flags, *where, *options):
            raise UnableError(f"could not lock {name}: uv says above why")


def main(arguments: list[str]) -> int:
    """Do what ./dev asks for; say in one line what is in the way."""
    try:
        if arguments[0] == "lock":
            compile_locks(arguments[1:])
        else:
            install(arguments[0])
    except UnableError as reason:
        say(str(reason))
        return 2
    except OSError as error:
        say(f"cannot write here: {error.strerror}: {error.filename}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
