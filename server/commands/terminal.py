"""Words to the person at the terminal. Rule: results to stdout, faults and the log to stderr."""

import argparse
import os
import sys
from typing import NoReturn

from server.errors import UnableError

DIGITS = 12
PORT_MAX = 65_535


class NobodyReads(Exception):
    """Whoever read our words has left. No `OSError`: it is no fault of a database or a file."""


class Parser(argparse.ArgumentParser):
    """Reads a command line; what it cannot read is a fault of one line, like every other."""

    def error(self, message: str) -> NoReturn:
        """Raise `UnableError` instead of writing the whole usage."""
        told = message.removeprefix("argument ")
        raise UnableError(f"{told}; {self.prog} --help tells what it takes")


def whole_number(text: str, *, most: int) -> int:
    """Read a whole number from 0 to `most`, for an option of the command line."""
    # Python's own reading takes signs and underlines; `DIGITS` are more than any number here has.
    value = int(text) if text.isdecimal() and len(text) < DIGITS else -1
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {most}")
    return value


def say(text: str) -> None:
    """Write a line at once: another program may be waiting for it. Raises `NobodyReads`."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise NobodyReads from None


def say_last(text: str) -> None:
    """Write a line on the way out: whoever read our words may have left, or their disk be full."""
    try:
        say(text)
    except (OSError, NobodyReads):
        fall_silent()


def fall_silent() -> None:
    """Write nothing from here on: the interpreter would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Write the one line of a fault."""
    sys.stderr.write(f"xunjian: {' '.join(text.split())}\n")
    sys.stderr.flush()
