"""Words to the person at the terminal. Rule: results to stdout, faults and the log to stderr."""

import argparse
import sys
from typing import NoReturn

from server.errors import UnableError


class Parser(argparse.ArgumentParser):
    """Reads a command line; what it cannot read is a fault of one line, like every other."""

    def error(self, message: str) -> NoReturn:
        """Raise `UnableError` instead of writing the whole usage."""
        raise UnableError(f"{message}; {self.prog} --help tells what it takes")


def say(text: str) -> None:
    """Write a line at once: another program may be waiting for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write the one line of a fault."""
    sys.stderr.write(f"xunjian: {' '.join(text.split())}\n")
    sys.stderr.flush()
