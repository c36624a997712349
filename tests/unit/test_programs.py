"""Programs that tests start are waited for, heard out, and never outlive the tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.process import Program

SERVES_UNTIL_TOLD = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("warming up", flush=True)
print("READY", flush=True)
signal.sigwait({signal.SIGTERM})
print("good night", flush=True)
"""
# Starts a program of its own as the fixtures do, names it, and dies without a word.
DIES_AT_ONCE = """
import os
import signal
import sys
from tests.fixtures.process import Program
child = Program([sys.executable, "-c", sys.argv[1]], ready=lambda line: line == "READY\\n")
print(child.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
# Holds the writing end of a pipe open while it lives; writes to it only if it lives too long.
LIVES_ON = """
import signal
alive = open({path!r}, "w")
print("READY", flush=True)
signal.sigtimedwait({{signal.SIGINT}}, 20)
alive.write("outlived")
"""
# More than a pipe holds, so that a reader that stops would block it.
CHATTERS = 'print("READY")\nfor n in range(100_000): print(n)'


def is_ready(line: str) -> bool:
    return line == "READY\n"


def start(source: str) -> Program:
    return Program([sys.executable, "-c", source], ready=is_ready, seconds_max=120)


def test_a_program_is_ready_when_it_says_so_and_ends_when_told() -> None:
    program = start(SERVES_UNTIL_TOLD)
    assert program.said == ["warming up\n", "READY\n"]
    assert program.end(signal.SIGTERM) == 0
    assert program.said[-1] == "good night\n"
    assert program.end(signal.SIGTERM) == 0


def test_a_program_that_talks_much_is_heard_to_its_end() -> None:
    program = start(CHATTERS)
    program.process.wait(timeout=120)
    program.end()
    assert program.said[-1] == "99999\n"


def test_a_program_that_fails_to_start_shows_what_it_said() -> None:
    with pytest.raises(AssertionError, match="no such luck"):
        start('print("no such luck")')


def test_a_program_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    command = [sys.executable, "-c", DIES_AT_ONCE, LIVES_ON.format(path=str(fifo))]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with fifo.open() as alive:
        assert alive.read() == ""
    assert parent.wait(timeout=120) == -signal.SIGKILL
