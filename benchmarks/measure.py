"""All rows, on both databases. Rule: a row is measured where it is asked for, and nothing else."""

from collections.abc import Iterator

from benchmarks import poked, pulls, pushes, reports, uploads
from benchmarks.figures import Figure, Size
from benchmarks.house import Store

ROWS = ("1", "2", "2b", "2c", "3", "3b", "4", "5", "6", "7", "8", "9", "10", "13")


def measure(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """The wanted rows on one kind of database."""
    for part in (
        pushes.serial,
        pushes.crowd,
        pulls.measure,
        pulls.large,
        uploads.measure,
        poked.latency,
        poked.connected,
        reports.measure,
    ):
        yield from part(store, size, wanted)
