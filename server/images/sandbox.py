"""Looks at each file in a process of its own, which may take so long and no longer.

Rule: whatever becomes of that process, the server is told what the file is, or that it could not be
looked at; nothing that a file does reaches further than that process.
"""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, Popen

import msgspec

from server.images.found import BEGUN, FOUND, PID_BYTES, Asked, Found
from server.images.sniff import OCTETS

PROGRAM = "server.images.parent"
ROOT = Path(__file__).parents[2]  # Where the packages are.
# By the clock on the wall: everything else goes first. Of the processor it gets less (`look`).
SECONDS_MAX = 300.0
ENDING_SECONDS_MAX = 10.0  # From hanging up until nothing of the process is left.
FOUND_BYTES_MAX = 4_096
# Neither secrets nor settings of ours; only what starting a program needs.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
EXHAUSTED = Found(media_type=OCTETS, fault="exhausting")


class Unstarted(Exception):
    """The process could not set itself up."""


class Unended(Exception):
    """The process went on when nobody waited for it any more, and was killed."""


class Sandbox:
    """The looking of one server. Its program is begun by the first file, and goes when this does.

    What is loaded takes longer than most looking, so each process begins as a copy of the program.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = program
        self._parent: Parent | None = None

    async def look_at(
        self,
        source: Path,
        folder: Path,
        *,
        seconds: float = SECONDS_MAX,
        ending: float = ENDING_SECONDS_MAX,
    ) -> Found:
        """Tell what a file is; thumbnails and bare copy are left in the folder (names: `found`).

        A file that ends its process, or outlasts it, is `exhausting`. Raises `OSError` or
        `Unstarted` when no process can be made, and `Unended` when what watches it does not answer
        within `ending`: that is not the file's doing.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._alive().ask(source, folder, theirs)
            ours.settimeout(0)
            line = Line(ours)
            try:
                await line.is_over(within=seconds)
            finally:  # It ends when we hang up, and then hangs up in turn.
                ours.shutdown(socket.SHUT_WR)
                is_over = await line.is_over(within=ending)
                if not is_over:
                    self._kill(line.watching)
        if not is_over:
            raise Unended(f"what watches went on for {ending} s after it was told to end")
        return read_found(folder)

    def _kill(self, watching: int) -> None:
        """End a process with the one that it watches; where there is none yet, their program."""
        if watching == 0:
            self._parent = None
            return
        with suppress(ProcessLookupError):
            os.killpg(watching, signal.SIGKILL)

    def _alive(self) -> "Parent":
        if self._parent is None or not self._parent.is_alive():
            self._parent = Parent(self._program)
        return self._parent


class Line:
    """Our end of the line that the process which watches holds for as long as it lives."""

    def __init__(self, ours: socket.socket) -> None:
        self._ours = ours
        self.watching = 0  # That process, once it is told: nobody else has its number till then.

    async def is_over(self, *, within: float) -> bool:
        """Whether the other end is hung up within so many seconds.

        It is read when there is something to read, and not awaited: who gives up at that moment
        would have lost the number that comes once. And it is asked by who has given up, where
        `asyncio.timeout` raises `CancelledError` in the place of its own (Python before 3.11.3).
        """
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def end() -> None:
            if not ended.done():
                ended.set_result(None)

        def read() -> None:
            if self._is_hung_up():
                end()

        loop.add_reader(self._ours, read)
        late = loop.call_later(within, end)
        try:
            await ended
        finally:
            late.cancel()
            loop.remove_reader(self._ours)
        return self._is_hung_up()

    def _is_hung_up(self) -> bool:
        """Read what there is."""
        with suppress(BlockingIOError):
            while told := self._ours.recv(PID_BYTES):
                self.watching = int.from_bytes(told, "big")
            return True
        return False


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
