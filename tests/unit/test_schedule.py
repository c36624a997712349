"""Plans as people make them, and rules that are refused. Rule: every refusal says why."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from schemas.base import OCCURRENCES_PER_PLAN_MAX, Words
from schemas.kinds.work import Plan
from schemas.problems import FieldProblem
from sync.schedule import Planned, assignment_id, generate, occurrences, parse_rule, window

PLAN_ID = UUID("01990000-0000-7000-8000-000000000001")
SITE = UUID("01990000-0000-7000-8000-000000000002")
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUARTERLY = Plan(
    title=Words(zh="机房季度巡检", en="Quarterly server room round"),
    contract=UUID("01990000-0000-7000-8000-000000000003"),
    sites=(SITE,),
    categories=("server-room",),
    templates={},
    rrule="FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO",
    starts_on=date(2026, 2, 1),
)


def days(text: str, *, starts_on: date, last: date) -> list[str]:
    rule = parse_rule(text)
    assert not isinstance(rule, FieldProblem), rule
    found = occurrences(rule, starts_on=starts_on, first=starts_on, last=last)
    assert not isinstance(found, FieldProblem), found
    return [day.isoformat() for day in found]


def of_2026(plan: Plan, known: Collection[UUID] = ()) -> tuple[Planned, ...]:
    found = generate(
        PLAN_ID,
        plan,
        zones={SITE: SHANGHAI},
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        known=known,
    )
    assert not isinstance(found, FieldProblem), found
    return found


def test_a_quarterly_plan_gives_one_window_a_quarter_in_the_sites_time() -> None:
    made = of_2026(QUARTERLY)
    assert [one.occurrence.isoformat() for one in made] == [
        "2026-02-02",
        "2026-05-04",
        "2026-08-03",
        "2026-11-02",
    ]
    assert made[0].starts_at == datetime(2026, 2, 1, 16, tzinfo=UTC)
    assert made[0].due_at == datetime(2026, 2, 15, 10, tzinfo=UTC)
    assert made[0].id == assignment_id(PLAN_ID, SITE, date(2026, 2, 2))


def test_the_id_of_a_round_never_changes() -> None:
    # In databases and on tablets: this value is fixed for ever.
    expected = UUID("4b5e8f85-0497-5442-ae9d-e1f38cde6f66")
    assert assignment_id(PLAN_ID, SITE, date(2026, 2, 2)) == expected


def test_what_is_known_is_not_made_again() -> None:
    known = {one.id for one in of_2026(QUARTERLY)}
    assert len(known) == 4
    assert of_2026(QUARTERLY, known=known) == ()


def test_a_paused_or_ended_plan_asks_for_nothing_more() -> None:
    assert of_2026(msgspec.structs.replace(QUARTERLY, paused=True)) == ()
    ended = of_2026(msgspec.structs.replace(QUARTERLY, ends_on=date(2026, 5, 4)))
    assert [one.occurrence.month for one in ended] == [2, 5]


def test_a_window_that_is_too_long_ends_before_the_next_begins() -> None:
    weekly = msgspec.structs.replace(QUARTERLY, rrule="FREQ=WEEKLY", window_days=30)
    # The last one asked for is cut too, although the one after it is not asked for.
    made = generate(
        PLAN_ID, weekly, zones={SITE: SHANGHAI}, first=date(2026, 2, 1), last=date(2026, 2, 9)
    )
    assert not isinstance(made, FieldProblem)
    local = [one.due_at.astimezone(SHANGHAI) for one in made]
    assert [due.strftime("%m-%d %H:%M") for due in local] == ["02-07 18:00", "02-14 18:00"]


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    [
        # The clocks go forward between the two instants: the window is an hour shorter.
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 16, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), datetime(2026, 10, 25, 17, tzinfo=UTC)),
        ("Asia/Urumqi", date(2026, 3, 29), datetime(2026, 3, 29, 12, tzinfo=UTC)),
    ],
)
def test_due_is_18_00_on_the_clock_at_the_site(zone: str, day: date, due: datetime) -> None:
    assert window(day, days=1, zone=ZoneInfo(zone))[1] == due


def test_a_month_without_the_day_is_passed_over() -> None:
    found = days("FREQ=MONTHLY", starts_on=date(2026, 1, 31), last=date(2026, 6, 30))
    assert found == ["2026-01-31", "2026-03-31", "2026-05-31"]


def test_the_last_working_day_of_each_half_year_is_found() -> None:
    text = "RRULE:FREQ=YEARLY;BYMONTH=6,12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    found = days(text, starts_on=date(2026, 1, 1), last=date(2027, 12, 31))
    assert found == ["2026-12-31", "2027-12-31"]
    text = "FREQ=MONTHLY;INTERVAL=6;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    found = days(text, starts_on=date(2026, 6, 1), last=date(2027, 12, 31))
    assert found == ["2026-06-30", "2026-12-31", "2027-06-30", "2027-12-31"]


def test_days_with_and_without_an_ordinal_may_be_named_together() -> None:
    found = days("FREQ=MONTHLY;BYDAY=MO,-1SU", starts_on=date(2026, 6, 1), last=date(2026, 6, 30))
    assert found == [
        "2026-06-01",
        "2026-06-08",
        "2026-06-15",
        "2026-06-22",
        "2026-06-28",
        "2026-06-29",
    ]


def test_a_rule_that_never_holds_is_answered_at_once() -> None:
    text = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    assert days(text, starts_on=date(2026, 1, 1), last=date(2125, 12, 31)) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "NAME=VALUE"),
        ("every three months", "NAME=VALUE"),
        ("FREQ=SECONDLY", "DAILY at most"),
        ("FREQ=MINUTELY;INTERVAL=1440", "DAILY at most"),
        ("FREQ=HOURLY", "DAILY at most"),
        ("FREQ=FORTNIGHTLY", "FREQ"),
        ("INTERVAL=3", "FREQ"),
        ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "exclude"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270230", "20270230"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=٣", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=WEEKLY;BYDAY=1MO", "ordinals"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "WEEKLY"),
        ("FREQ=MONTHLY;BYDAY=54MO", "53"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;WKST=XX", "WKST"),
        ("FREQ=DAILY\nFREQ=DAILY", "FREQ"),
    ],
)
def test_a_rule_that_cannot_be_a_plans_says_why(text: str, word: str) -> None:
    problem = parse_rule(text)
    assert isinstance(problem, FieldProblem), problem
    assert problem.field == "rrule"
    assert word in problem.detail


def test_a_plan_never_gives_more_than_the_limit() -> None:
    rule = parse_rule("FREQ=DAILY")
    assert not isinstance(rule, FieldProblem)
    start = date(2026, 1, 1)
    last = date.fromordinal(start.toordinal() + OCCURRENCES_PER_PLAN_MAX - 1)
    whole = occurrences(rule, starts_on=start, first=start, last=last)
    assert not isinstance(whole, FieldProblem)
    assert len(whole) == OCCURRENCES_PER_PLAN_MAX
    more = date.fromordinal(last.toordinal() + 1)
    assert isinstance(occurrences(rule, starts_on=start, first=start, last=more), FieldProblem)
    for starts_on, last in ((start, date(2300, 1, 1)), (date(1, 1, 1), start)):
        refused = occurrences(rule, starts_on=starts_on, first=start, last=last)
        assert isinstance(refused, FieldProblem)
        assert refused.field == "starts_on"
