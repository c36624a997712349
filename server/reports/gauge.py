"""Where the marks of a gauge and of a small chart stand, as shares of their width. Rule: pure.

The limits make the scale, not the reading, so that one item looks the same in every place: as the
app's `ui/kit/gauge-scale.ts` has it.
"""

from collections.abc import Sequence

from msgspec import Struct

from schemas.forms import Limits
from server.reports.facts import Point, Reading
from server.reports.values import bound

BELOW, ABOVE = 0.45, 0.75  # Room outside the limits, as a share of the distance between them.
BEYOND = 0.3  # The same with limits on one side only, of half the limit.
AIR = 0.12
CROWDED = 0.17  # Figures nearer than this share stand on one another.
CHART_AIR = 0.14


class Mark(Struct, frozen=True):
    at: float
    label: str


class Gauge(Struct, frozen=True):
    """Shares from 0 to 1: the allowed band, the limits, last time (if known) and now."""

    band: tuple[float, float] | None
    marks: tuple[Mark, ...]
    before: float | None
    now: float
    verdict: str


class Dot(Struct, frozen=True):
    x: float
    y: float
    verdict: str


class Trend(Struct, frozen=True):
    """A line of readings; `y` from 0 at the foot to 1 at the top, as are the limits."""

    band: tuple[float, float] | None
    limits: tuple[float, ...]
    dots: tuple[Dot, ...]


def bounds_of(limits: Limits) -> list[float]:
    """The limits that there are, from the least."""
    every = (limits.alarm_low, limits.warning_low, limits.warning_high, limits.alarm_high)
    return [value for value in every if value is not None]


def inner_of(limits: Limits) -> tuple[float | None, float | None]:
    """The bounds of what is allowed without a warning."""
    low = limits.warning_low if limits.warning_low is not None else limits.alarm_low
    high = limits.warning_high if limits.warning_high is not None else limits.alarm_high
    return low, high


def span(limits: Limits, seen: Sequence[float]) -> tuple[float, float]:
    """The values at both ends of the track."""
    lows = [v for v in (limits.alarm_low, limits.warning_low) if v is not None]
    highs = [v for v in (limits.warning_high, limits.alarm_high) if v is not None]
    low, high = min(lows, default=None), max(highs, default=None)
    if low is not None and high is not None:
        width = (high - low) or 1.0
        return widened(low - BELOW * width, high + ABOVE * width, seen)
    width = max(abs(low if low is not None else high or 0.0) / 2, 1.0)
    if low is not None:
        best = max(low, *seen)
        most = max(low + width, best + AIR * (best - low))
        return widened(low - BEYOND * width, most, seen)
    top = high or 0.0
    best = min(top, *seen)
    least = min(top - width, best - AIR * (top - best))
    return widened(least, top + BEYOND * width, seen)


def widened(least: float, most: float, seen: Sequence[float]) -> tuple[float, float]:
    """A reading near the scale widens it, by up to half its width; further out it is clamped."""
    reach = (most - least) / 2
    near = [value for value in seen if least - reach < value < most + reach]
    return min([least, *near]), max([most, *near])


def share(value: float, least: float, most: float) -> float:
    """Where a value stands between two others, kept within 0 and 1."""
    return min(max((value - least) / ((most - least) or 1.0), 0.0), 1.0)


def gauge_of(reading: Reading) -> Gauge:
    """Lay out limits, last value and this one."""
    seen = [reading.value, *([] if reading.before is None else [reading.before])]
    least, most = span(reading.limits, seen)
    low, high = inner_of(reading.limits)
    alarms = (reading.limits.alarm_low, reading.limits.alarm_high)
    named = sorted(bounds_of(reading.limits), key=lambda value: value not in alarms)
    marks = [Mark(share(value, least, most), bound(value)) for value in named]
    return Gauge(
        band=(
            share(least if low is None else low, least, most),
            share(most if high is None else high, least, most),
        )
        if marks
        else None,
        marks=tuple(uncrowded(marks)),
        before=None if reading.before is None else share(reading.before, least, most),
        now=share(reading.value, least, most),
        verdict=reading.verdict,
    )


def uncrowded(marks: Sequence[Mark]) -> list[Mark]:
    """Take away figures that would stand on an earlier one's; the mark itself stays."""
    found: list[Mark] = []
    for mark in marks:
        is_near = any(one.label and abs(one.at - mark.at) < CROWDED for one in found)
        found.append(Mark(mark.at, "" if is_near else mark.label))
    return found


def trend_of(limits: Limits, points: Sequence[Point]) -> Trend | None:
    """Lay out a series over time; nothing of fewer than three points, which say no more than a
    gauge."""
    if len(points) < 3:
        return None
    low, high = inner_of(limits)
    values = [one.value for one in points] + [v for v in (low, high) if v is not None]
    least, most = min(values), max(values)
    air = ((most - least) or abs(most) or 1.0) * CHART_AIR
    least, most = least - air, most + air
    begun, ended = points[0].at.timestamp(), points[-1].at.timestamp()
    return Trend(
        band=(
            share(least if low is None else low, least, most),
            share(most if high is None else high, least, most),
        )
        if low is not None or high is not None
        else None,
        limits=tuple(share(v, least, most) for v in (low, high) if v is not None),
        dots=tuple(
            Dot(
                share(one.at.timestamp(), begun, ended),
                share(one.value, least, most),
                one.verdict,
            )
            for one in points
        ),
    )
