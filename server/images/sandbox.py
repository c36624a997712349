"""Looks at a file in a process of its own, which may take so long and no longer.

Rule: whatever becomes of that process, the server is told what the file is, or that it could not be
looked at; nothing that a file does reaches further than that process.
"""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from server.images.found import BEGUN, FOUND, Found
from server.images.sniff import OCTETS

PROGRAM = "server.images.look"
ROOT = Path(__file__).parents[2]  # Where the packages are.
SECONDS_MAX = 90.0  # By the clock on the wall; of the processor it gets less (`look`).
FOUND_BYTES_MAX = 4_096
# Neither secrets nor settings of ours; only what starting a program needs.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
EXHAUSTED = Found(media_type=OCTETS, fault="exhausting")


class Unstarted(Exception):
    """The process could not set itself up."""


async def look_at(source: Path, folder: Path, *, seconds: float = SECONDS_MAX) -> Found:
    """Tell what a file is; thumbnails and bare copy are left in the folder, by the names in `look`.

    A file that ends the process, or outlasts it, is `exhausting`. Raises `OSError` or `Unstarted`
    when no process can be made: that is not the file's doing.
    """
    process = await asyncio.create_subprocess_exec(
        *command(source, folder),
        cwd=ROOT,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            code = await process.wait()
    except TimeoutError:
        return EXHAUSTED
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read_found(folder, code)


def command(source: Path, folder: Path) -> list[str]:
    """Give the command that looks at a file, whatever folder it is started in."""
    names = (str(path.resolve()) for path in (source, folder))
    return [sys.executable, "-s", "-m", PROGRAM, *names]


def read_found(folder: Path, code: int) -> Found:
    """Read what the process wrote; it is not believed any more than the file was."""
    if not (folder / BEGUN).exists():
        raise Unstarted(f"{PROGRAM} ended with {code} before it opened the file")
    if code != 0:
        return EXHAUSTED
    try:
        with (folder / FOUND).open("rb") as opened:
            return msgspec.json.decode(opened.read(FOUND_BYTES_MAX), type=Found)
    except (OSError, msgspec.MsgspecError):
        return EXHAUSTED
