"""When a plan falls due: RRULE → occurrences → one window per site. Pure: zones are given.

Rule: an id follows from plan, site and occurrence alone, so generating twice makes nothing twice.

The rules are those of RFC 5545, 3.3.10, over whole days. They are worked out here, period by
period up to the end that was asked for, and not by `dateutil.rrule`: a rule that never holds
(`FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`) keeps that one searching until the year 9999, and a plan
comes from outside. The tests hold the two against each other.
"""

import calendar
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile, zip_longest
from typing import Literal, get_args
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from schemas.base import INTERVAL_MAX, OCCURRENCES_PER_PLAN_MAX, SCHEDULE_DAYS_MAX
from schemas.kinds.work import Plan
from schemas.problems import FieldProblem

DUE_AT = time(18, 0)  # Local time on the last day of a window.

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TOO_OFTEN = ("HOURLY", "MINUTELY", "SECONDLY")
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
NUMBER = re.compile(r"[+-]?\d{1,6}", re.ASCII)
DAY = timedelta(days=1)
# A plan's start lies between these, so that no sum of days leaves the calendar.
EARLIEST, LATEST = date(1900, 1, 1), date(9000, 1, 1)


class Rule(Struct, frozen=True, kw_only=True):
    """A recurrence over whole days, read and found in order.

    `weekdays` pairs the ordinal (0: every one) with the day, Monday = 0. `until` is inclusive.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


class Planned(Struct, frozen=True):
    """One assignment that a plan asks for: instants in UTC."""

    id: UUID
    site: UUID
    occurrence: date
    starts_at: datetime
    due_at: datetime


def assignment_id(plan: UUID, site: UUID, occurrence: date) -> UUID:
    """Name the round of a plan at a site; the same for ever, whoever generates it."""
    return uuid5(plan, f"{site}:{occurrence.isoformat()}")


def parse_rule(text: str) -> Rule | FieldProblem:
    """Read an RRULE (with or without `RRULE:` before it), or say why it cannot be a plan's.

    BYWEEKNO, BYYEARDAY and everything below a day are refused, and so is what the RFC forbids.
    """
    parts: dict[str, str] = {}
    for piece in text.strip().removeprefix("RRULE:").split(";"):
        name, found, value = piece.partition("=")
        if not found or not value:
            return _problem(f"`{piece}` is not NAME=VALUE")
        if name not in PARTS:
            return _problem(f"`{name}` is not one of {', '.join(PARTS)}")
        if name in parts:
            return _problem(f"`{name}` is there twice")
        parts[name] = value
    try:
        return _checked(_read(parts))
    except ValueError as error:
        return _problem(str(error))


def occurrences(
    rule: Rule, *, starts_on: date, first: date, last: date
) -> tuple[date, ...] | FieldProblem:
    """List the days from `first` to `last`, both included, on which the rule holds.

    `starts_on` anchors the rule (DTSTART); it is an occurrence only if the rule says so. Refused
    are more than SCHEDULE_DAYS_MAX days after it and more than OCCURRENCES_PER_PLAN_MAX results.
    """
    if not EARLIEST <= starts_on <= LATEST:
        return FieldProblem(field="starts_on", detail=f"lies between {EARLIEST} and {LATEST}")
    if (last - starts_on).days > SCHEDULE_DAYS_MAX:
        detail = f"looks more than {SCHEDULE_DAYS_MAX} days ahead of the plan's start"
        return FieldProblem(field="starts_on", detail=detail)
    end = min(last, rule.until or last)
    found: list[date] = []
    for day in takewhile(lambda day: day <= end, _days(rule, starts_on, end)):
        if day < first:
            continue
        found.append(day)
        if len(found) > OCCURRENCES_PER_PLAN_MAX:
            return _problem(f"falls due more than {OCCURRENCES_PER_PLAN_MAX} times in that span")
    return tuple(found)


def window(
    occurrence: date, *, days: int, zone: tzinfo, before: date | None = None
) -> tuple[datetime, datetime]:
    """Give start and due in UTC: from midnight to 18:00 on the last of `days` days, site's time.

    A window ends before the day `before`, where the next one begins: what is late stays visible
    as late, instead of running into the round after it.
    """
    last_day = occurrence + (days - 1) * DAY
    if before is not None and last_day >= before:
        last_day = before - DAY
    starts_at = datetime.combine(occurrence, time(), zone)
    return starts_at.astimezone(UTC), datetime.combine(last_day, DUE_AT, zone).astimezone(UTC)


def generate(
    plan_id: UUID,
    plan: Plan,
    *,
    zones: Mapping[UUID, tzinfo],
    first: date,
    last: date,
    known: Collection[UUID] = (),
) -> tuple[Planned, ...] | FieldProblem:
    """Give the rounds that `plan` asks for from `first` to `last`, by occurrence, less the known.

    `zones` holds the time zone of each of the plan's sites; a site that is not there is passed
    over. A paused plan asks for nothing.
    """
    rule = parse_rule(plan.rrule)
    if isinstance(rule, FieldProblem):
        return rule
    if plan.paused:
        return ()
    # Looked further than asked, so that a window is cut at the next one wherever `last` falls.
    end = _earlier(last, plan.ends_on)
    beyond = _earlier(min(end, LATEST) + plan.window_days * DAY, plan.ends_on)
    days = occurrences(rule, starts_on=plan.starts_on, first=first, last=beyond)
    if isinstance(days, FieldProblem):
        return days
    found = []
    for day, following in zip_longest(days, days[1:]):
        for site in plan.sites if day <= end else ():
            made = assignment_id(plan_id, site, day)
            if site in zones and made not in known:
                dates = window(day, days=plan.window_days, zone=zones[site], before=following)
                found.append(Planned(made, site, day, *dates))
    return tuple(found)


def _problem(detail: str) -> FieldProblem:
    return FieldProblem(field="rrule", detail=detail)


def _earlier(day: date, other: date | None) -> date:
    return day if other is None else min(day, other)


def _numbers(parts: Mapping[str, str], name: str, *, most: int) -> tuple[int, ...]:
    """Read a list of numbers from -most to most without zero; ValueError says what is wrong."""
    texts = parts[name].split(",") if name in parts else []
    numbers = tuple(int(text) if NUMBER.fullmatch(text) else 0 for text in texts)
    if not all(1 <= abs(number) <= most for number in numbers):
        raise ValueError(f"`{name}` takes numbers from 1 to {most}, or the same from the end")
    return tuple(sorted(set(numbers)))


def _positive(parts: Mapping[str, str], name: str, *, most: int) -> int | None:
    numbers = _numbers(parts, name, most=most)
    if name in parts and (len(numbers) != 1 or numbers[0] < 1):
        raise ValueError(f"`{name}` takes one number from 1 to {most}")
    return numbers[0] if numbers else None


def _read(parts: Mapping[str, str]) -> Rule:
    frequency = parts.get("FREQ", "")
    if frequency in TOO_OFTEN:
        raise ValueError(f"`{frequency}` is more often than a plan can fall due: DAILY at most")
    if frequency not in get_args(Frequency):
        raise ValueError(f"`FREQ` is one of {', '.join(get_args(Frequency))}")
    months = _numbers(parts, "BYMONTH", most=12)
    if any(month < 1 for month in months):
        raise ValueError("`BYMONTH` takes numbers from 1 to 12")
    if parts.get("WKST", "MO") not in WEEKDAYS:
        raise ValueError(f"`WKST` is one of {', '.join(WEEKDAYS)}")
    return Rule(
        frequency=msgspec.convert(frequency, Frequency),
        interval=_positive(parts, "INTERVAL", most=INTERVAL_MAX) or 1,
        count=_positive(parts, "COUNT", most=SCHEDULE_DAYS_MAX),
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        months=months,
        month_days=_numbers(parts, "BYMONTHDAY", most=31),
        weekdays=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        positions=_numbers(parts, "BYSETPOS", most=366),
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
    )


def _until(text: str) -> date:
    """Read a DATE. A plan starts on a date, and then the RFC allows no time of day here."""
    if re.fullmatch(r"\d{8}", text, re.ASCII) is None:
        raise ValueError("`UNTIL` is a date such as 20271231")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError(f"`UNTIL`: there is no day {text}") from None


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for piece in text.split(","):
        match = BY_DAY.fullmatch(piece)
        if match is None:
            raise ValueError("`BYDAY` takes days such as MO, or with their ordinal 2MO, -1FR")
        if match[1] is not None and not 1 <= abs(int(match[1])) <= 53:
            raise ValueError("`BYDAY` counts from 1 to 53, or the same from the end")
        found.append((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(sorted(set(found)))


def _checked(rule: Rule) -> Rule:
    """Give the rule back; ValueError for a combination that RFC 5545, 3.3.10 forbids."""
    is_ordinal = any(ordinal for ordinal, _ in rule.weekdays)
    if rule.count is not None and rule.until is not None:
        raise ValueError("`COUNT` and `UNTIL` exclude each other")
    if is_ordinal and rule.frequency not in ("MONTHLY", "YEARLY"):
        raise ValueError("`BYDAY` takes ordinals with MONTHLY and YEARLY only")
    if rule.month_days and rule.frequency == "WEEKLY":
        raise ValueError("`BYMONTHDAY` does not go with WEEKLY")
    if rule.positions and not (rule.months or rule.month_days or rule.weekdays):
        raise ValueError("`BYSETPOS` chooses among days that another BY… part names")
    return rule


def _days(rule: Rule, starts_on: date, end: date) -> Iterator[date]:
    """Yield the rule's days in order from `starts_on`; stops at the period after `end`."""
    left = rule.count
    for start, stop in _periods(rule, starts_on, end):
        span = (date.fromordinal(n) for n in range(start.toordinal(), stop.toordinal() + 1))
        days = [day for day in span if _holds(rule, day, starts_on)]
        if rule.positions:
            chosen = {p - 1 if p > 0 else len(days) + p for p in rule.positions}
            days = [day for place, day in enumerate(days) if place in chosen]
        for day in days:
            if day < starts_on:
                continue
            if left is not None:
                if left == 0:
                    return
                left -= 1
            yield day


def _periods(rule: Rule, starts_on: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of every period up to `end`, from that of `starts_on`.

    No period begins after `end`.
    """
    ordinal, last_ordinal = starts_on.toordinal(), end.toordinal()
    match rule.frequency:
        case "DAILY" | "WEEKLY":
            length = 7 if rule.frequency == "WEEKLY" else 1
            ordinal -= (starts_on.weekday() - rule.week_start) % 7 if length == 7 else 0
            for one in range(ordinal, last_ordinal + 1, length * rule.interval):
                yield date.fromordinal(one), date.fromordinal(one + length - 1)
        case "MONTHLY":
            begin, stop = (day.year * 12 + day.month - 1 for day in (starts_on, end))
            for month in range(begin, stop + 1, rule.interval):
                year, number = divmod(month, 12)
                length = calendar.monthrange(year, number + 1)[1]
                yield date(year, number + 1, 1), date(year, number + 1, length)
        case "YEARLY":
            for year in range(starts_on.year, end.year + 1, rule.interval):
                yield date(year, 1, 1), date(year, 12, 31)


def _holds(rule: Rule, day: date, starts_on: date) -> bool:
    """Whether a day passes every BY… part; what no part says is taken from `starts_on`."""
    months, month_days, weekdays = rule.months, rule.month_days, rule.weekdays
    if not month_days and not weekdays:
        if rule.frequency == "WEEKLY":
            weekdays = ((0, starts_on.weekday()),)
        elif rule.frequency != "DAILY":
            month_days = (starts_on.day,)
            if rule.frequency == "YEARLY":
                months = months or (starts_on.month,)
    if months and day.month not in months:
        return False
    from_end = day.day - calendar.monthrange(day.year, day.month)[1] - 1
    if month_days and day.day not in month_days and from_end not in month_days:
        return False
    return not weekdays or any(
        number == day.weekday() and (ordinal == 0 or ordinal in _ordinals(rule, day))
        for ordinal, number in weekdays
    )


def _ordinals(rule: Rule, day: date) -> tuple[int, int]:
    """Count which one of its weekday a day is, from both ends of its month or year."""
    if rule.frequency == "YEARLY" and not rule.months:
        place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    else:
        place, length = day.day, calendar.monthrange(day.year, day.month)[1]
    return (place - 1) // 7 + 1, -((length - place) // 7 + 1)
