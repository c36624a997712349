"""The server as a process of its own. Rule: every setting that matters is the default."""

import os
import re
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.fixtures.process import Program

READY = re.compile(r"READY (\d+)")
ROOT = Path(__file__).parents[1]


class Served(Struct, frozen=True):
    """A running server: where it listens, and how much memory it holds."""

    port: int
    pid: int

    def resident_mib(self) -> float:
        """Resident memory now (proc(5), VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def most_resident_mib(self) -> float:
        """The most resident memory since it began (proc(5), VmHWM)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def served(url: str) -> Generator[Served]:
    """Serve the database at `url` while the block runs."""
    with tempfile.TemporaryDirectory(prefix="xunjian-bench-") as folder:
        settings = {
            "XUNJIAN_DATABASE_URL": url,
            "XUNJIAN_DATA_DIR": folder,
            "XUNJIAN_PORT": "0",
        }
        program = Program(
            [sys.executable, "-m", "benchmarks.served"],
            ready=lambda line: READY.match(line) is not None,
            cwd=ROOT,
            env={**os.environ, **settings},
        )
        try:
            # It may have said more since: what an earlier run left is gone on with at once.
            (found,) = filter(None, map(READY.match, program.said))
            yield Served(int(found[1]), program.process.pid)
        finally:
            program.end()
