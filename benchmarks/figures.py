"""One figure of the table, and how it is judged. Rule: the median of the runs decides."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

from msgspec import Struct

# What `target` bounds: the ratio to the floor, the value itself, or the value less the floor.
Bound = Literal["ratio ≥", "ratio ≤", "value ≥", "value ≤", "added ≤"]


class Figure(Struct, frozen=True):
    """One row of performance figures. `ratio` is ours to the floor, the median of each run's own.

    `target` is of the ratio, unless `bound` says otherwise.
    """

    id: str
    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    target: float | None
    met: bool | None
    bound: Bound = "ratio ≥"


class Sample(Struct, frozen=True):
    """What one run of one row gave: ours, and the floor of that run where it has one."""

    value: float
    floor: float | None = None

    @property
    def ratio(self) -> float:
        return self.value / self.floor if self.floor else 0.0


class Size(Struct, frozen=True):
    """How much is measured."""

    records: int
    runs: int
    quiet_requests: int
    pulls: int  # Of one change.
    large: int  # Records in a large database.
    crowd_records: int  # Of each of the eight clients.
    memory_records: int
    devices: int
    seconds: float  # With all of them connected.
    photos: int
    upload_bytes: int  # Of one large file.

    @property
    def pages(self) -> tuple[int, int]:
        """Rows of a page: the usual, and the most."""
        return min(1_000, self.records), min(5_000, self.records)


FULL = Size(
    records=20_000,
    runs=3,
    quiet_requests=300,
    pulls=100,
    large=1_000_000,
    crowd_records=2_000,
    memory_records=200_000,
    devices=10_000,
    seconds=60,
    photos=40,
    upload_bytes=2 * 2**30,
)
QUICK = Size(
    records=200,
    runs=1,
    quiet_requests=5,
    pulls=3,
    large=1_000,
    crowd_records=100,
    memory_records=400,
    devices=40,
    seconds=1,
    photos=4,
    upload_bytes=8 * 2**20,
)


def figure(
    id_: str,
    name: str,
    unit: str,
    samples: Sequence[Sample],
    *,
    target: float,
    bound: Bound = "ratio ≥",
) -> Figure:
    floors = [one.floor for one in samples if one.floor is not None]
    ratio = median(one.ratio for one in samples) if floors else None
    value = median(one.value for one in samples)
    floor = median(floors) if floors else None
    added = median(one.value - (one.floor or 0) for one in samples)
    judged = added if bound == "added ≤" else value if bound.startswith("value") else ratio or 0
    is_least = bound.endswith("≥")
    return Figure(
        id=id_,
        name=name,
        value=round(value, 2),
        unit=unit,
        floor=None if floor is None else round(floor, 2),
        ratio=None if ratio is None else round(ratio, 3),
        target=target,
        met=judged >= target if is_least else judged <= target,
        bound=bound,
    )


def p99(seconds: Sequence[float]) -> float:
    """The 99th percentile, in milliseconds."""
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * 99 // 100)] * 1_000
