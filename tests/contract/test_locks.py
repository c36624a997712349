"""What is installed is pinned by hash; no lock says from where, which is each machine's affair."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PACKAGE_LOCK = ROOT / "static" / "pwa" / "package-lock.json"
ADDRESS = re.compile(r"\w+://|--(extra-)?index-url|--find-links|--trusted-host|\bregistry\b")
PINNED = re.compile(r"^(?P<name>[\w.-]+)(\[[\w,.-]+\])?==(?P<version>[^\s;]+)")


def requirements(lock: Path) -> list[str]:
    """Read a lock's requirements, each with its continuation lines; comments are left out."""
    lines = [line for line in lock.read_text().splitlines() if not line.strip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip()]


def pins(lock: Path) -> dict[str, set[str]]:
    """Read which versions a lock allows of each package; more than one where a marker decides."""
    found: dict[str, set[str]] = {}
    for requirement in requirements(lock):
        pin = PINNED.match(requirement)
        assert pin is not None, requirement
        found.setdefault(pin["name"], set()).add(pin["version"])
    return found


def test_every_list_of_wishes_has_its_lock() -> None:
    wishes = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert wishes == {path.stem for path in LOCKS}
    assert {"run", "test"} <= wishes


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_has_a_version_and_a_hash(lock: Path) -> None:
    for requirement in requirements(lock):
        assert PINNED.match(requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_where_packages_come_from(lock: Path) -> None:
    assert not ADDRESS.search(lock.read_text())


def test_the_tests_run_on_the_versions_that_the_program_runs_on() -> None:
    run = pins(ROOT / "requirements" / "run.txt")
    test = pins(ROOT / "requirements" / "test.txt")
    differ = {name for name in run.keys() & test.keys() if run[name] != test[name]}
    assert not differ


def test_the_app_is_pinned_by_hash_and_without_addresses() -> None:
    packages = json.loads(PACKAGE_LOCK.read_text())["packages"]
    assert len(packages) > 1
    for name, package in packages.items():
        assert "resolved" not in package, name
        if name:
            assert package["version"], name
            assert package["integrity"].startswith("sha512-"), name
