"""Real server processes for the tests: started, killed, started again at the same address."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from server.settings import ROOT
from tests.fixtures.process import die_with_parent, free_port
from tests.integration.conftest import House


class Starter:
    """The process from which servers are forked; see `tests.faults.starter`."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.starter"],
                cwd=ROOT,
                env={n: v for n, v in os.environ.items() if not n.startswith("XUNJIAN_")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=die_with_parent,
            )

    def hear(self) -> str:
        assert self.process.stdout is not None
        for said in iter(self.process.stdout.readline, ""):
            if said.startswith(("READY ", "{")):  # What it says on its way out is for people.
                return said
        raise AssertionError(f"the servers' starter ended: {self.log.read_text()[-2000:]}")

    def tell(self, command: dict[str, object]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(command)}\n")
        self.process.stdin.flush()

    def start(self, environment: dict[str, str]) -> int:
        """Start a server, wait until it is ready, and give its process."""
        self.tell({"start": environment})
        said = sorted([self.hear(), self.hear()])  # Whichever of the two processes is faster.
        assert said[0].startswith("READY "), f"it never was: {self.log.read_text()[-2000:]}"
        return int(json.loads(said[1])["pid"])

    def end(self, pid: int, with_signal: signal.Signals) -> int:
        self.tell({"end": pid, "signal": with_signal.value})
        return int(json.loads(self.hear())["ended"])

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=120)
        self.process.stdout.close()


class Served:
    """The program itself on a house's database. Nobody starts it again by hand but a kill's test,
    as a system's supervisor would.
    """

    def __init__(self, starter: Starter, house: House, folder: Path) -> None:
        self.starter = starter
        self.port = free_port()
        url = house.database.engine.url.render_as_string(hide_password=False)
        self.environment = {
            "XUNJIAN_DATABASE_URL": url,
            "XUNJIAN_DATA_DIR": str(folder),
            "XUNJIAN_PORT": str(self.port),
            "XUNJIAN_APP_DIR": str(house.settings.app_dir),
        }
        self.origin = f"http://127.0.0.1:{self.port}"
        self.pid = 0

    async def start(self) -> None:
        self.pid = await asyncio.to_thread(self.starter.start, self.environment)

    async def kill(self) -> None:
        pid, self.pid = self.pid, 0
        assert await asyncio.to_thread(self.starter.end, pid, signal.SIGKILL) == -signal.SIGKILL

    async def stop(self) -> None:
        """Tell it to stop, as a person would; it does so without complaint."""
        if self.pid:
            pid, self.pid = self.pid, 0
            assert await asyncio.to_thread(self.starter.end, pid, signal.SIGTERM) == 0


@contextmanager
def running_starter(log: Path) -> Generator[Starter]:
    starter = Starter(log)
    try:
        yield starter
    finally:
        starter.close()
