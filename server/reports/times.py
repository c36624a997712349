"""Dates and times in the words of a report: with their year, 24 hours, at the site. Rule: pure."""

from datetime import date, datetime

from schemas.base import Language
from server.judging import zone_of
from server.reports.values import day_of


def day(value: date, language: Language) -> str:
    """Give a date with its year: `2026年11月18日`, `18 Nov 2026`."""
    both = day_of(value)
    return both.en if language == "en" else both.zh


def short_day(value: date, *, near: date | None, language: Language) -> str:
    """Give a date for a column: `11-21`, with its year where that is another than `near`'s."""
    text = f"{value.month:02}-{value.day:02}"
    if language == "en":
        both = day_of(value)
        return both.en if near is None or value.year != near.year else both.en[:-5]
    return text if near is not None and value.year == near.year else f"{value.year}-{text}"


def clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_of(zone)):%H:%M}"


def day_and_clock(at: datetime, zone: str, language: Language) -> str:
    """Give a day and a time at the site."""
    return f"{day(at.astimezone(zone_of(zone)).date(), language)} {clock(at, zone)}"


def between(begun: datetime, ended: datetime | None, zone: str, language: Language) -> str:
    """Give from when to when; the day once where it is the same."""
    first = day_and_clock(begun, zone, language)
    if ended is None:
        return first
    is_same = begun.astimezone(zone_of(zone)).date() == ended.astimezone(zone_of(zone)).date()
    last = clock(ended, zone) if is_same else day_and_clock(ended, zone, language)
    return f"{first}–{last}"


def days(begun: datetime, ended: datetime, zone: str, language: Language) -> str:
    """Give from which day to which."""
    first, last = (at.astimezone(zone_of(zone)).date() for at in (begun, ended))
    return (
        day(first, language) if first == last else f"{day(first, language)}–{day(last, language)}"
    )
