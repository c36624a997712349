"""Words to the person at the terminal. Rule: results to stdout, faults and the log to stderr."""

import sys


def say(text: str) -> None:
    """Write a line at once: another program may be waiting for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write the one line of a fault."""
    sys.stderr.write(f"xunjian: {' '.join(text.split())}\n")
    sys.stderr.flush()
