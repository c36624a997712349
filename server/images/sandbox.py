"""Looks at each file in a process of its own, which may take so long and no longer.

Rule: whatever becomes of that process, the server is told what the file is, or that it could not be
looked at; nothing that a file does reaches further than that process.
"""

import asyncio
import os
import socket
import sys
from pathlib import Path
from subprocess import DEVNULL, Popen

import msgspec

from server.images.found import BEGUN, FOUND, Asked, Found
from server.images.sniff import OCTETS

PROGRAM = "server.images.parent"
ROOT = Path(__file__).parents[2]  # Where the packages are.
# By the clock on the wall: everything else goes first. Of the processor it gets less (`look`).
SECONDS_MAX = 300.0
FOUND_BYTES_MAX = 4_096
# Neither secrets nor settings of ours; only what starting a program needs.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
EXHAUSTED = Found(media_type=OCTETS, fault="exhausting")


class Unstarted(Exception):
    """The process could not set itself up."""


class Sandbox:
    """The looking of one server. Its program is begun by the first file, and goes when this does.

    What is loaded takes longer than most looking, so each process begins as a copy of the program.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = program
        self._parent: Parent | None = None

    async def look_at(self, source: Path, folder: Path, *, seconds: float = SECONDS_MAX) -> Found:
        """Tell what a file is; thumbnails and bare copy are left in the folder (names: `found`).

        A file that ends its process, or outlasts it, is `exhausting`. Raises `OSError` or
        `Unstarted` when no process can be made: that is not the file's doing.
        """
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._alive().ask(source, folder, theirs)
            ours.settimeout(0)
            try:
                async with asyncio.timeout(seconds):
                    await loop.sock_recv(ours, 1)
            except TimeoutError:
                pass
            finally:  # It ends when we hang up, and then hangs up in turn.
                ours.shutdown(socket.SHUT_WR)
                await loop.sock_recv(ours, 1)
        return read_found(folder)

    def _alive(self) -> "Parent":
        if self._parent is None or not self._parent.is_alive():
            self._parent = Parent(self._program)
        return self._parent


class Parent:
    """The program of which the processes are copies. It goes when nobody has this any more."""

    def __init__(self, program: str) -> None:
        self._line, given = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with given:
            self._process = Popen(  # noqa: S603  # A program of ours, told a socket alone.
                [sys.executable, "-s", "-m", program],
                cwd=ROOT,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
                stdin=given.fileno(),
                stdout=DEVNULL,
                stderr=DEVNULL,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, source: Path, folder: Path, line: socket.socket) -> None:
        """Have a process look at a file. It holds this end of the line for as long as it lives."""
        asked = Asked(str(source.resolve()), str(folder.resolve()))
        socket.send_fds(self._line, [msgspec.json.encode(asked)], [line.fileno()])

    def __del__(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()


def read_found(folder: Path) -> Found:
    """Read what the process wrote; it is not believed any more than the file was."""
    if not (folder / BEGUN).exists():
        raise Unstarted(f"{PROGRAM} ended before the file was opened")
    try:
        with (folder / FOUND).open("rb") as opened:
            return msgspec.json.decode(opened.read(FOUND_BYTES_MAX), type=Found)
    except (OSError, msgspec.MsgspecError):
        return EXHAUSTED
