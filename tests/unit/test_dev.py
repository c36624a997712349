"""./dev says in one line what is in the way, and passes pip's settings on to uv."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.app import npm_quietly
from tools.once import UnableError
from tools.registry import pip_settings, uv_environment

ROOT = Path(__file__).parents[2]
DEV = ROOT / "dev"
COMMANDS = re.findall(r"^do_(\w+)\(\)", DEV.read_text(), re.MULTILINE)


def dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = {"PATH": "/usr/bin:/bin"} | environment
    return subprocess.run(
        [DEV, *arguments], capture_output=True, text=True, env=path, check=False, timeout=300
    )


def test_help_names_every_command_and_each_one_is_reached() -> None:
    told = dev("help").stdout
    assert {"demo", "serve", "test", "check", "bench", "migrate", "wire", "help"} <= set(COMMANDS)
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", told, re.MULTILINE), command
    reached = re.search(r"^  (demo \| .*)\) \"do_\$name\"", DEV.read_text(), re.MULTILINE)
    assert reached is not None
    assert set(reached[1].split(" | ")) == set(COMMANDS)


@pytest.mark.parametrize("slip", ["tset", "", "do_help", ".*"])
def test_an_unknown_command_is_answered_in_one_line(slip: str) -> None:
    answer = dev(slip)
    assert answer.returncode == 2
    assert answer.stderr == f"./dev: there is no command '{slip}'; ./dev help lists them\n"


def test_a_python_that_does_not_fit_is_answered_in_one_line() -> None:
    answer = dev("check", PYTHON="/nowhere/python3")
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer" in answer.stderr


def test_what_python_compiled_is_kept_whatever_the_shell_asks_for(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "${PYTHONDONTWRITEBYTECODE-kept}"\n')
    python.chmod(0o700)
    assert dev("app", PYTHON=str(python), PYTHONDONTWRITEBYTECODE="1").stdout == "kept\nkept\n"


@pytest.fixture
def talking_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Node that fits and an npm that talks much; it fails when there is a file beside it."""
    for name, does in {"node": "echo v22.20.0", "npm": f"seq 60; [ ! -e {tmp_path}/fail ]"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_what_npm_says_is_told_only_when_it_fails(
    talking_npm: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    npm_quietly("run", "build", lacking="could not build the app")
    assert capfd.readouterr() == ("", "")
    (talking_npm / "fail").touch()
    with pytest.raises(UnableError, match=r"^could not build the app: npm says above why$"):
        npm_quietly("run", "build", lacking="could not build the app")
    assert capfd.readouterr() == ("", "".join(f"{n}\n" for n in range(1, 61)))


def bare_path(folder: Path) -> dict[str, str]:
    """A machine on which nothing is installed but what `./dev` itself is read with."""
    for name in ("sh", "dirname", "sed"):
        (folder / name).symlink_to(shutil.which(name) or name)
    # Whatever would be fetched is asked of a port at which nobody answers.
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": str(folder),
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": nowhere,
        "PIP_RETRIES": "0",
        "PLAYWRIGHT_DOWNLOAD_HOST": nowhere,
    }


def test_a_machine_without_python_is_answered_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    # A checkout of its own: ours has a Python in .venv/.
    shutil.copy(DEV, tmp_path / "dev")
    answer = subprocess.run(
        [tmp_path / "dev", "demo"],
        capture_output=True,
        text=True,
        env=bare_path(tmp_path / "path"),
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer. Install it" in answer.stderr


def test_a_machine_without_a_browser_is_told_how_to_get_one(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tools.browser"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=bare_path(tmp_path),
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stdout == ""
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("./dev: the browser tests need Chromium or Chrome: install one")
    assert "CHROMIUM=" in last
    assert "Traceback" not in answer.stderr


def test_a_machine_without_node_that_cannot_fetch_one_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    environment = bare_path(tmp_path / "path") | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", NO_NODE, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("./dev: could not fetch node: ")
    assert last.endswith("or install Node 22.12 or newer")


NO_NODE = """
import sys
from pathlib import Path
from tools import app, environment
environment.TOOLS = Path(sys.argv[1])
sys.exit(app.main(["check"]))
"""


def test_a_python_with_neither_pip_nor_venv_is_answered_with_the_way_out(tmp_path: Path) -> None:
    # A checkout of its own, with nothing fetched yet, and modules that fail as missing ones do.
    for name in ("dev", "tools", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    for module in ("pip", "venv"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit(1)")
    command = [sys.executable, "-c", NOTHING_FETCHED, str(tmp_path)]
    environment = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert answer.returncode == 2
    assert "has neither pip nor venv" in answer.stderr
    assert "apt-get install python3-venv" in answer.stderr
    assert "Traceback" not in answer.stderr


NOTHING_FETCHED = """
import sys
from pathlib import Path
from tools import environment
environment.TOOLS = Path(sys.argv[1])
environment.VENV = environment.TOOLS / "venv"
environment.PYTHON = environment.VENV / "bin" / "python"
environment.INSTALLED = environment.VENV / "installed.json"
sys.exit(environment.main(["run"]))
"""


PIP = """#!/bin/sh
# A Python whose pip takes until another one was begun, or would have been.
[ "$3" = --version ] && exit 0
echo begun >> "$LOG"
for last; do :; done
mkdir -p "$last" && sleep 0.3 && touch "$last/whole"
"""
FETCHING = """
import sys
from pathlib import Path
from tools import environment, once
environment.TOOLS = once.TOOLS = Path(sys.argv[1])
environment.BASE = sys.argv[2]
assert (environment.fetch("swift") / "whole").exists()
"""


def test_what_two_processes_need_at_once_is_fetched_once(tmp_path: Path) -> None:
    """In a fresh clone the tests of the S3 store begin side by side."""
    python, log = tmp_path / "python", tmp_path / "log"
    python.write_text(PIP)
    python.chmod(0o700)
    command = [sys.executable, "-c", FETCHING, str(tmp_path / "tools"), str(python)]
    both = [subprocess.Popen(command, env={"LOG": str(log), **os.environ}) for _ in range(3)]
    assert [one.wait() for one in both] == [0, 0, 0]
    assert log.read_text() == "begun\n"


def test_pips_settings_become_uvs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "simple"
    there.mkdir()
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    settings = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": f"{there.as_uri()}\n{(tmp_path / 'gone').as_uri()}",
        "proxy": "http://proxy.example:3128",
        "cert": "/etc/ssl/company.pem",
    }
    told = uv_environment(settings, extras=True)
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert told["UV_INDEX"] == there.as_uri()
    assert told["ALL_PROXY"] == "http://proxy.example:3128"
    assert told["SSL_CERT_FILE"] == "/etc/ssl/company.pem"
    assert told["UV_PYTHON_DOWNLOADS"] == "never"
    assert "UV_INDEX" not in uv_environment(settings, extras=False)


def test_what_was_set_for_uv_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "https://own.example/simple")
    told = uv_environment({"index-url": "https://mirror.example/simple"}, extras=True)
    assert "UV_DEFAULT_INDEX" not in told
    assert told["UV_INDEX_URL"] == "https://own.example/simple"


def test_pips_environment_goes_before_its_files(tmp_path: Path) -> None:
    pip = tmp_path / "pip"
    pip.write_text(
        "#!/bin/sh\n"
        "echo \":env:.index-url='https://environment.example'\"\n"
        "echo \"global.index-url='https://file.example'\"\n"
        "echo \"global.trusted_host='file.example'\"\n"
    )
    pip.chmod(0o755)
    settings = pip_settings([str(pip)])
    assert settings == {
        "index-url": "https://environment.example",
        "trusted-host": "file.example",
    }
