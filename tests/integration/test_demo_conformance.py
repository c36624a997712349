"""The conformance kit against the demo, as anybody plays it who has just started one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.__main__ import main
from conformance.stage import PROMISES
from tests.fixtures.demo_company import Home
from tests.fixtures.process import Program

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 180
SERVER = (sys.executable, "-m", "server")


@pytest.fixture(params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder, and the environment to start a demo in: loaded before, or at its first start."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("XUNJIAN_")}
    if request.param == "sqlite":
        home: Home = request.getfixturevalue("own_home")
        return home.folder, known
    environment = known | {"XUNJIAN_DATABASE_URL": request.getfixturevalue("fresh_postgres_url")}
    subprocess.run([*SERVER, "migrate"], cwd=ROOT, env=environment, check=True)
    return tmp_path, environment


def test_the_demo_keeps_every_promise_on_both_databases(
    demo: tuple[Path, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    home, environment = demo
    program = Program(
        [*SERVER, "demo", "--port", "0", "--data", home],
        ready=lambda line: line.startswith("READY"),
        seconds_max=START_SECONDS_MAX,
        cwd=ROOT,
        env=environment,
    )
    try:
        facts, results = home / "demo.json", home / "results.json"
        code = main(["--demo", str(facts), "--json", str(results)])
        said = capsys.readouterr().out
        assert code == 0, said
        assert "0 failed" in said
        found = json.loads(results.read_bytes())["results"]
        assert {one["promise"] for one in found} == set(PROMISES)
        # The demo has one link for each person; to be enrolled again takes two.
        not_tested = [one["why"] for one in found if one["state"] == "not tested"]
        assert not_tested == ["needs two tickets of one person"]
        assert main(["--demo", str(facts)]) == 2, "tickets work once, so it cannot begin"
    finally:
        assert program.end(signal.SIGTERM) == 0
