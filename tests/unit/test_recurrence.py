"""Recurrence rules: the examples of RFC 5545, 3.8.5.3, and what is said of a rule that is refused.

Rule: each limit is tried on both of its sides, and each refusal in the words that people read.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from schemas.base import INTERVAL_MAX, OCCURRENCES_PER_PLAN_MAX, SCHEDULE_DAYS_MAX
from schemas.problems import FieldProblem
from sync.schedule import (
    EARLIEST,
    LATEST,
    PARTS,
    Planned,
    Rule,
    assignment_id,
    generate,
    occurrences,
    parse_rule,
    window,
)
from tests.unit.test_schedule import PLAN_ID, QUARTERLY, SHANGHAI, SITE

NOWHERE, SECOND = UUID(int=1), UUID(int=2)
DAY = timedelta(days=1)


def read(text: str) -> Rule:
    rule = parse_rule(text)
    assert isinstance(rule, Rule), rule
    return rule


def days(text: str, start: str, *, first: str = "", last: str) -> str:
    """The days of a rule, each as six figures."""
    begin, end = date.fromisoformat(start), date.fromisoformat(last)
    since = date.fromisoformat(first) if first else begin
    found = occurrences(read(text), starts_on=begin, first=since, last=end)
    assert isinstance(found, tuple), found
    return " ".join(f"{day:%y%m%d}" for day in found)


# Rule, start and the last day looked at; below it the days that it gives.
STANDARD = """
FREQ=DAILY;COUNT=3 1997-09-02 1997-12-31
  970902 970903 970904
FREQ=DAILY;UNTIL=19970904 1997-09-02 1997-12-31
  970902 970903 970904
FREQ=DAILY;INTERVAL=2 1997-09-02 1997-09-08
  970902 970904 970906 970908
FREQ=DAILY;INTERVAL=10;COUNT=5 1997-09-02 1997-12-31
  970902 970912 970922 971002 971012
FREQ=DAILY;BYMONTH=1;UNTIL=19980102 1997-12-30 1998-12-31
  980101 980102
FREQ=WEEKLY;COUNT=3 1997-09-02 1997-12-31
  970902 970909 970916
FREQ=WEEKLY;INTERVAL=2;WKST=SU 1997-09-02 1997-10-28
  970902 970916 970930 971014 971028
FREQ=WEEKLY;COUNT=5;WKST=SU;BYDAY=TU,TH 1997-09-02 1997-12-31
  970902 970904 970909 970911 970916
FREQ=WEEKLY;INTERVAL=2;UNTIL=19971001;WKST=SU;BYDAY=MO,WE,FR 1997-09-01 1997-12-31
  970901 970903 970905 970915 970917 970919 970929 971001
FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO 1997-08-05 1997-12-31
  970805 970810 970819 970824
FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU 1997-08-05 1997-12-31
  970805 970817 970819 970831
FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU 1997-08-05 1997-12-31
  970805 970810 970819 970824
FREQ=MONTHLY;COUNT=4;BYDAY=1FR 1997-09-05 1998-12-31
  970905 971003 971107 971205
FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1SU,-1SU 1997-09-07 1998-12-31
  970907 970928 971102 971130 980104 980125
FREQ=MONTHLY;COUNT=6;BYDAY=-2MO 1997-09-22 1998-12-31
  970922 971020 971117 971222 980119 980216
FREQ=MONTHLY;BYMONTHDAY=-3 1997-09-28 1998-02-28
  970928 971029 971128 971229 980129 980226
FREQ=MONTHLY;COUNT=4;BYMONTHDAY=2,15 1997-09-02 1998-12-31
  970902 970915 971002 971015
FREQ=MONTHLY;COUNT=6;BYMONTHDAY=1,-1 1997-09-30 1998-12-31
  970930 971001 971031 971101 971130 971201
FREQ=MONTHLY;INTERVAL=18;COUNT=4;BYMONTHDAY=10,11,12 1997-09-10 1999-12-31
  970910 970911 970912 990310
FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5 2007-01-15 2007-12-31
  070115 070130 070215 070315 070330
FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13 1997-09-02 2000-12-31
  980213 980313 981113 990813 001013
FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3 1997-09-04 1998-12-31
  970904 971007 971106
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2 1997-09-29 1997-12-31
  970929 971030 971127 971230
FREQ=YEARLY;COUNT=4;BYMONTH=6,7 1997-06-10 2000-12-31
  970610 970710 980610 980710
FREQ=YEARLY;INTERVAL=2;COUNT=4;BYMONTH=1,2,3 1997-03-10 2003-12-31
  970310 990110 990210 990310
FREQ=YEARLY;BYDAY=20MO 1997-05-19 1999-12-31
  970519 980518 990517
FREQ=YEARLY;BYMONTH=3;BYDAY=TH 1997-03-13 1998-03-12
  970313 970320 970327 980305 980312
FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8 1996-11-05 2004-12-31
  961105 001107 041102
"""
# Not of the RFC: the last weekday of a leap year, the 53rd where there is one, days of leap years.
BEYOND = """
FREQ=YEARLY;BYDAY=-1TU 2023-01-01 2024-12-31
  231226 241231
FREQ=YEARLY;BYDAY=53MO 2023-01-01 2025-12-31
  241230
FREQ=YEARLY;BYDAY=-53MO 2023-01-01 2025-12-31
  240101
FREQ=YEARLY 2024-02-29 2028-12-31
  240229 280229
FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2,12 2026-01-01 2027-12-31
  261231 271231
FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO 2026-01-01 2027-12-31
  260525 270531
FREQ=DAILY;BYDAY=MO;BYSETPOS=1 2026-01-01 2026-01-12
  260105 260112
FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1 2026-01-01 2026-01-09
  260102 260109
"""


def examples() -> list[tuple[str, str, str, str]]:
    """Every rule with its start, its last day and its days."""
    lines = (STANDARD + BEYOND).replace("\n\n", "\n").strip().split("\n")
    found = []
    for head, expected in zip(lines[::2], lines[1::2], strict=True):
        text, start, last = head.split(" ")
        found.append((text, start, last, expected.strip()))
    return found


@pytest.mark.parametrize(("text", "start", "last", "expected"), examples())
def test_a_rule_gives_the_days_of_the_standard(
    text: str, start: str, last: str, expected: str
) -> None:
    assert days(text, start, last=last) == expected


def test_what_was_due_before_the_first_day_asked_for_is_counted_and_not_given() -> None:
    found = days("FREQ=DAILY;COUNT=4", "2026-01-01", first="2026-01-03", last="2026-12-31")
    assert found == "260103 260104"
    assert days("FREQ=DAILY", "2026-01-01", first="2026-01-05", last="2026-01-04") == ""


def test_a_rule_is_read_into_what_it_says_in_order_and_each_once() -> None:
    assert read("FREQ=DAILY") == Rule(frequency="DAILY")
    text = "FREQ=YEARLY;INTERVAL=4;COUNT=7;BYMONTH=12,1,12;BYMONTHDAY=3,-2,3"
    text += ";BYDAY=TU,-1MO,+2MO,TU;BYSETPOS=2,-1;WKST=SU"
    assert read(f" RRULE:{text}\n") == Rule(
        frequency="YEARLY",
        interval=4,
        count=7,
        months=(1, 12),
        month_days=(-2, 3),
        weekdays=((-1, 0), (0, 1), (2, 0)),
        positions=(-1, 2),
        week_start=6,
    )
    assert read("FREQ=WEEKLY;UNTIL=20271231").until == date(2027, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        f"FREQ=DAILY;INTERVAL={INTERVAL_MAX}",
        f"FREQ=DAILY;COUNT={SCHEDULE_DAYS_MAX}",
        "FREQ=DAILY;BYMONTH=1,12",
        "FREQ=MONTHLY;BYMONTHDAY=1,-1,31,-31",
        "FREQ=MONTHLY;BYDAY=53MO,-53MO,1SU",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=1,-1,366,-366",
        "FREQ=YEARLY;BYMONTH=1;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=1",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=DAILY;BYMONTHDAY=1",
    ],
)
def test_a_rule_at_its_limits_is_read(text: str) -> None:
    assert isinstance(parse_rule(text), Rule)


def numbers(name: str, most: int) -> str:
    return f"`{name}` takes numbers from 1 to {most}, or the same from the end"


DAYS = "`BYDAY` takes days such as MO, or with their ordinal 2MO, -1FR"
COUNTED = "`BYDAY` counts from 1 to 53, or the same from the end"
SETPOS = "`BYSETPOS` chooses among days that another BY… part names"
UNTIL = "`UNTIL` is a date such as 20271231"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "`` is not NAME=VALUE"),
        ("FREQ=DAILY;", "`` is not NAME=VALUE"),
        ("FREQ=", "`FREQ=` is not NAME=VALUE"),
        ("BYHOUR=1", f"`BYHOUR` is not one of {', '.join(PARTS)}"),
        ("FREQ=DAILY;FREQ=DAILY", "`FREQ` is there twice"),
        ("FREQ=HOURLY", "`HOURLY` is more often than a plan can fall due: DAILY at most"),
        ("INTERVAL=3", "`FREQ` is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=daily", "`FREQ` is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        (f"FREQ=DAILY;INTERVAL={INTERVAL_MAX + 1}", numbers("INTERVAL", INTERVAL_MAX)),
        ("FREQ=DAILY;INTERVAL=-1", f"`INTERVAL` takes one number from 1 to {INTERVAL_MAX}"),
        ("FREQ=DAILY;INTERVAL=1,2", f"`INTERVAL` takes one number from 1 to {INTERVAL_MAX}"),
        ("FREQ=DAILY;COUNT=0", numbers("COUNT", SCHEDULE_DAYS_MAX)),
        ("FREQ=DAILY;COUNT=-1", f"`COUNT` takes one number from 1 to {SCHEDULE_DAYS_MAX}"),
        (f"FREQ=DAILY;COUNT={SCHEDULE_DAYS_MAX + 1}", numbers("COUNT", SCHEDULE_DAYS_MAX)),
        ("FREQ=DAILY;COUNT=1;UNTIL=20270101", "`COUNT` and `UNTIL` exclude each other"),
        ("FREQ=DAILY;UNTIL=2027010", UNTIL),
        ("FREQ=DAILY;UNTIL=٢٠٢٧٠١٠١", UNTIL),
        ("FREQ=DAILY;UNTIL=20270230", "`UNTIL`: there is no day 20270230"),
        ("FREQ=DAILY;BYMONTH=13", numbers("BYMONTH", 12)),
        ("FREQ=DAILY;BYMONTH=0", numbers("BYMONTH", 12)),
        ("FREQ=DAILY;BYMONTH=1,", numbers("BYMONTH", 12)),
        ("FREQ=DAILY;BYMONTH=-12", "`BYMONTH` takes numbers from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", numbers("BYMONTHDAY", 31)),
        ("FREQ=MONTHLY;BYMONTHDAY=1_0", numbers("BYMONTHDAY", 31)),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=367", numbers("BYSETPOS", 366)),
        ("FREQ=YEARLY;BYSETPOS=1", SETPOS),
        ("FREQ=MONTHLY;BYDAY=54MO", COUNTED),
        ("FREQ=MONTHLY;BYDAY=0MO", COUNTED),
        ("FREQ=MONTHLY;BYDAY=-54MO", COUNTED),
        ("FREQ=MONTHLY;BYDAY=MO,XX", DAYS),
        ("FREQ=MONTHLY;BYDAY=٢MO", DAYS),
        ("FREQ=DAILY;BYDAY=1MO", "`BYDAY` takes ordinals with MONTHLY and YEARLY only"),
        ("FREQ=WEEKLY;BYDAY=TU,-1MO", "`BYDAY` takes ordinals with MONTHLY and YEARLY only"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "`BYMONTHDAY` does not go with WEEKLY"),
        ("FREQ=DAILY;WKST=XX", "`WKST` is one of MO, TU, WE, TH, FR, SA, SU"),
    ],
)
def test_a_rule_that_is_refused_is_refused_in_words(text: str, said: str) -> None:
    assert parse_rule(text) == FieldProblem(field="rrule", detail=said)


def asked(text: str, starts_on: date, first: date, last: date) -> tuple[date, ...] | FieldProblem:
    return occurrences(read(text), starts_on=starts_on, first=first, last=last)


def test_a_plan_starts_within_the_years_that_are_looked_at() -> None:
    said = FieldProblem(field="starts_on", detail="lies between 1900-01-01 and 9000-01-01")
    for day, before in ((EARLIEST, EARLIEST - DAY), (LATEST, LATEST + DAY)):
        assert asked("FREQ=DAILY", day, day, day) == (day,)
        assert asked("FREQ=DAILY", before, before, before) == said


def test_nobody_looks_further_ahead_than_the_limit() -> None:
    start = date(2026, 1, 1)
    last = start + SCHEDULE_DAYS_MAX * DAY
    assert asked("FREQ=DAILY", start, last, last) == (last,)
    said = f"looks more than {SCHEDULE_DAYS_MAX} days ahead of the plan's start"
    refused = FieldProblem(field="starts_on", detail=said)
    assert asked("FREQ=DAILY", start, last, last + DAY) == refused
    until = f"FREQ=DAILY;UNTIL={start:%Y%m%d}"
    assert asked(until, start, start, last) == (start,)


def test_nothing_falls_due_more_often_than_the_limit() -> None:
    start = date(2026, 1, 1)
    last = start + OCCURRENCES_PER_PLAN_MAX * DAY
    said = f"falls due more than {OCCURRENCES_PER_PLAN_MAX} times in that span"
    refused = FieldProblem(field="rrule", detail=said)
    assert asked("FREQ=DAILY", start, start, last) == refused
    found = asked("FREQ=DAILY", start, start + DAY, last)
    assert isinstance(found, tuple)
    assert len(found) == OCCURRENCES_PER_PLAN_MAX


# --- Rounds ---


def test_rounds_come_by_day_and_then_by_site_and_a_site_without_a_zone_by_itself() -> None:
    plan = msgspec.structs.replace(
        QUARTERLY, sites=(SECOND, NOWHERE, SITE), rrule="FREQ=WEEKLY", window_days=3
    )
    zones = {SITE: SHANGHAI, SECOND: ZoneInfo("Europe/Berlin")}
    first, second = date(2026, 2, 1), date(2026, 2, 8)
    made = generate(PLAN_ID, plan, zones=zones, first=first, last=second)
    assert isinstance(made, tuple)
    assert [(one.occurrence, one.site) for one in made] == [
        (first, SECOND),
        (first, SITE),
        (second, SECOND),
        (second, SITE),
    ]
    assert made[0] == Planned(
        assignment_id(PLAN_ID, SECOND, first),
        SECOND,
        first,
        datetime(2026, 1, 31, 23, tzinfo=UTC),
        datetime(2026, 2, 3, 17, tzinfo=UTC),
    )
    known = {made[0].id}
    assert generate(PLAN_ID, plan, zones=zones, first=first, last=second, known=known) == made[1:]


def test_a_window_ends_the_day_before_the_next_one_and_never_later() -> None:
    day = date(2026, 2, 2)
    for before, due in ((None, 6), (date(2026, 2, 7), 6), (date(2026, 2, 6), 5), (day + DAY, 2)):
        start, end = window(day, days=5, zone=ZoneInfo("UTC"), before=before)
        assert start == datetime(2026, 2, 2, tzinfo=UTC)
        assert end == datetime(2026, 2, due, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"rrule": "FREQ=X"}, "rrule"), ({"starts_on": date(1, 1, 1)}, "starts_on")],
)
def test_a_plan_that_cannot_be_one_says_so_also_while_it_is_paused(
    more: dict[str, object], field: str
) -> None:
    plan = msgspec.structs.replace(QUARTERLY, **more)
    first, last = date(2026, 1, 1), date(2026, 2, 1)
    found = generate(PLAN_ID, plan, zones={SITE: SHANGHAI}, first=first, last=last)
    assert isinstance(found, FieldProblem)
    assert found.field == field
    resting = msgspec.structs.replace(plan, paused=True)
    paused = generate(PLAN_ID, resting, zones={}, first=first, last=last)
    assert isinstance(paused, FieldProblem) == (field == "rrule")


def test_a_plan_that_ended_cuts_no_window_for_what_does_not_come() -> None:
    plan = msgspec.structs.replace(
        QUARTERLY, rrule="FREQ=WEEKLY", window_days=30, ends_on=date(2026, 2, 8)
    )
    made = generate(
        PLAN_ID, plan, zones={SITE: SHANGHAI}, first=date(2026, 2, 8), last=date(2026, 3, 31)
    )
    assert isinstance(made, tuple)
    (one,) = made
    assert one.due_at == datetime(2026, 3, 9, 10, tzinfo=UTC)
