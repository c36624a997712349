"""A data folder is its owner's alone, and one server's at a time. Asked of the program itself."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import UnableError
from server.folder import held
from server.settings import Settings, load_settings
from tests.fixtures.process import Program

ROOT = Path(__file__).parents[2]
OPEN_MASK = 0o022  # The usual one of a shell: everybody may read.
PASSWORD = "correct horse battery"
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("XUNJIAN_")
} | {"PYTHONUTF8": "1", "LANG": "en_GB.UTF-8"}


def serve(home: Path) -> Program:
    return Program(
        [sys.executable, "-m", "server", "serve", "--data", home, "--port", "0"],
        ready=lambda line: line.startswith("READY "),
        seconds_max=120,
        cwd=ROOT,
        env=ENVIRONMENT,
        umask=OPEN_MASK,
    )


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run a command to its end, and give its exit code and what it said of faults."""
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        umask=OPEN_MASK,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_a_server_keeps_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "data"
    server = serve(home)
    try:
        there = {path.name: mode(path) for path in home.iterdir()}
        assert {"xunjian.db", "xunjian.db-wal", "xunjian.db-shm"} <= set(there)
        assert set(there.values()) == {0o600}
        assert mode(home) == 0o700
    finally:
        assert server.end() == 0


def test_a_second_server_on_the_same_folder_says_so_and_stops(tmp_path: Path) -> None:
    home = tmp_path / "data"
    server = serve(home)
    try:
        code, said = run("serve", "--data", home, "--port", "0")
        assert (code, said.count("\n")) == (2, 1), said
        assert f"in use by process {server.process.pid}" in said
        assert said.rstrip().endswith("--data")
        code, said = run("demo", "--data", home)
        assert (code, said.count("\n")) == (2, 1), said
        assert "in use by process" in said
        code, said = run("migrate", "--data", home)
        assert code == 2
        assert "in use by process" in said
    finally:
        assert server.end() == 0


def test_people_and_links_are_made_beside_a_running_server(tmp_path: Path) -> None:
    home, password = tmp_path / "data", tmp_path / "password"
    password.write_text(PASSWORD)
    server = serve(home)
    try:
        assert run("init", "anna", "--data", home, "--password-file", password) == (0, "")
        assert run("enrol", "anna", "--data", home) == (0, "")
    finally:
        assert server.end() == 0


def test_a_server_that_was_killed_leaves_the_folder_free(tmp_path: Path) -> None:
    home = tmp_path / "data"
    assert serve(home).end(signal.SIGKILL) == -signal.SIGKILL
    assert serve(home).end() == 0


def test_several_processes_may_serve_one_postgresql(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql+asyncpg://host/base")
    with held(settings) as one, held(settings) as two:
        assert one
        assert two
    assert not list(tmp_path.iterdir())


def test_one_sqlite_file_is_one_servers_by_whatever_folder_it_is_named(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}"
    one = Settings(data_dir=tmp_path / "one", database_url=url)
    two = load_settings(data_dir=tmp_path / "two", database_url=url)
    with held(one), pytest.raises(UnableError, match=r"with XUNJIAN_DATABASE_URL$"), held(two):
        raise AssertionError("both hold it")
    with held(two) as is_ours:
        assert is_ours
