"""A program that has the server imported, and starts real server processes from there by fork.

Rule: only the imports are shared; each is the program as `python -m server serve` runs it. So one
starts in a fraction of a second, and can be killed often. Commands are lines of JSON on stdin.
"""

import json
import os
import signal
import sys
from typing import Any

from server.__main__ import main
from tests.fixtures.process import die_with_parent


def start(environment: dict[str, str]) -> int:
    """Begin a server; it says READY and its address on our stdout."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent()
        os.umask(0o077)
        os.environ.update(environment)
        code = main(["serve"])
    finally:
        os._exit(code)


def end(pid: int, number: int) -> int:
    """Send a signal and wait until the process is no more: its port and its locks are free."""
    os.kill(pid, number)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def serve_commands() -> None:
    """Do what the lines say, and kill whatever runs at their end."""
    running: set[int] = set()
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        if "start" in command:
            pid = start(command["start"])
            running.add(pid)
            said = {"pid": pid}
        else:
            running.discard(command["end"])
            said = {"ended": end(command["end"], command["signal"])}
        sys.stdout.write(f"{json.dumps(said)}\n")
        sys.stdout.flush()
    for pid in running:
        end(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve_commands()
