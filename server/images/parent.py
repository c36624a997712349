"""The program of which every looking process is a copy: `python -m server.images.parent`.

What looking needs is loaded here once. Rule: it opens no file that somebody sent. For each one that
it is asked about it makes a process that does, and another that ends that one as soon as it is done
or nobody waits for it any more. It goes when the server does.
"""

import gc
import os
import select
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from server.images.found import ASKED_BYTES_MAX, PID_BYTES, Asked
from server.images.look import look_within_limits
from server.images.picture import prepare

AUTOGROUP = Path("/proc/self/autogroup")
PRIORITY = 10  # A tenth of the processor where others want all of it (sched(7), weights of CFS).


def step_back() -> None:
    """Have everything else go first, here and in all processes that are made here.

    Where Linux shares the processor among sessions, it is the session that has a priority, and not
    the process in it (sched(7), autogroup): this one has to have a session of its own.
    """
    os.nice(PRIORITY)
    with suppress(OSError):
        AUTOGROUP.write_text(str(PRIORITY))


def serve(look: Callable[[Path, Path], None]) -> None:
    """Make a process for each file that is asked about, until whoever asks is gone."""
    step_back()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Who watches is waited for by nobody.
    gc.freeze()  # Else collecting would copy all that is shared.
    with socket.socket(fileno=0) as line:
        while True:
            message, (*ends,), _, _ = socket.recv_fds(line, ASKED_BYTES_MAX, 1)
            if not message:
                return
            watching = os.fork()
            if watching == 0:
                with leaving():
                    os.dup2(1, 0)  # Whoever opens files is not to speak with the server.
                    watch(msgspec.json.decode(message, type=Asked), ends[0], look)
            with suppress(OSError):  # It may be done by now, or whoever asked be gone.
                os.setpgid(watching, watching)  # Before it is told: who ends it ends the group.
                os.write(ends[0], watching.to_bytes(PID_BYTES, "big"))
            os.close(ends[0])


@contextmanager
def leaving() -> Generator[None]:
    """End this process with the block: it is a copy, and what follows is not its own to do."""
    try:
        yield
    finally:
        os._exit(0)


def watch(asked: Asked, end: int, look: Callable[[Path, Path], None]) -> None:
    """Have a process look, and end it once it is done, or nobody waits for it any more."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    over, held = os.pipe()
    child = os.fork()
    if child == 0:
        with leaving():
            os.close(end)
            os.close(over)
            look(Path(asked.source), Path(asked.folder))
    os.close(held)
    select.select([end, over], [], [])
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    prepare()
    serve(look_within_limits)
