"""Work that is done once and then left alone: folders, digests, a lock between processes.

Whoever calls it says what the outcome depends on; nothing here knows Python packages or Node.
"""

import fcntl
import hashlib
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"


class UnableError(Exception):
    """Something is missing that only the person at the keyboard can give: what, and how."""


def say(text: str) -> None:
    """Tell the person at the keyboard, on stderr so that a command's own output stays clean."""
    print(f"./dev: {text}", file=sys.stderr, flush=True)


def digest(paths: Iterable[Path], *more: str) -> str:
    """Hash names and contents of files, and `more`. A missing file counts as empty."""
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        total.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        total.update(content)
    for text in more:
        total.update(f"\0{text}".encode())
    return total.hexdigest()


@contextmanager
def alone(name: str) -> Generator[None]:
    """Keep a second ./dev out while the block lasts. The system frees the lock on any death."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev to finish with the {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
