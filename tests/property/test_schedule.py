"""The laws of plans. Rule: dates are checked against `dateutil`, which is not our own."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Words
from schemas.kinds.work import Plan
from schemas.problems import FieldProblem
from sync.schedule import DUE_AT, Planned, assignment_id, generate, occurrences, parse_rule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SITES = tuple(UUID(int=number) for number in range(1, 4))
# With and without summer time, also where midnight itself is skipped (Cairo, Asunción).
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Asuncion")
DATES = st.dates(date(2020, 1, 1), date(2032, 12, 31))
SOME_DAYS = st.lists(st.integers(-31, 31).filter(bool), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A rule within what a plan may say."""
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 8))}")
    limit = draw(st.sampled_from(("", "COUNT", "UNTIL")))
    if limit:
        value = draw(st.integers(1, 30)) if limit == "COUNT" else f"{draw(DATES):%Y%m%d}"
        parts.append(f"{limit}={value}")
    named = []
    if draw(st.booleans()):
        months = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True))
        named.append(f"BYMONTH={','.join(map(str, months))}")
    if frequency != "WEEKLY" and draw(st.booleans()):
        named.append(f"BYMONTHDAY={','.join(map(str, draw(SOME_DAYS)))}")
    if draw(st.booleans()):
        # All with an ordinal or none: dateutil looks for days that are both, the RFC for either.
        with_ordinals = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
        ordinals = ("1", "2", "-1", "+3", "5") if with_ordinals else ("",)
        pairs = st.tuples(st.sampled_from(ordinals), st.sampled_from(WEEKDAYS))
        chosen = draw(st.lists(pairs, min_size=1, max_size=3, unique=True))
        named.append(f"BYDAY={','.join(ordinal + day for ordinal, day in chosen)}")
    # In a first week that is not whole, dateutil counts positions from DTSTART, the RFC does not.
    if named and frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        named.append(f"BYSETPOS={draw(st.integers(-3, 3).filter(bool))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    return ";".join(parts + named)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return Plan(
        title=Words(zh="巡检", en="Round"),
        contract=UUID(int=99),
        sites=SITES[: draw(st.integers(1, 3))],
        categories=("server",),
        templates={},
        rrule=draw(rules()),
        starts_on=draw(DATES),
        ends_on=draw(st.none() | DATES),
        window_days=draw(st.integers(1, 366)),
    )


ZONINGS = st.fixed_dictionaries({site: st.sampled_from(ZONES).map(ZoneInfo) for site in SITES})


def rounds(plan: Plan, zones: dict[UUID, ZoneInfo], first: date, last: date) -> list[Planned]:
    made = generate(UUID(int=7), plan, zones=zones, first=first, last=last)
    assert not isinstance(made, FieldProblem), made
    return list(made)


@given(text=rules(), starts_on=DATES, span=st.integers(0, 900))
def test_days_are_those_of_another_implementation(text: str, starts_on: date, span: int) -> None:
    rule = parse_rule(text)
    assert not isinstance(rule, FieldProblem), rule
    last = starts_on + timedelta(days=span)
    found = occurrences(rule, starts_on=starts_on, first=starts_on, last=last)
    # `UNTIL` beyond our span keeps dateutil from searching to the year 9999.
    bounded = text if "COUNT" in text or "UNTIL" in text else f"{text};UNTIL={last:%Y%m%d}"
    theirs = rrulestr(bounded, dtstart=datetime.combine(starts_on, time()))
    assert found == tuple(takewhile(lambda day: day <= last, (one.date() for one in theirs)))


@given(plan=plans(), zones=ZONINGS, first=DATES, spans=st.tuples(*[st.integers(0, 400)] * 2))
def test_generating_again_and_further_changes_nothing_that_was_made(
    plan: Plan, zones: dict[UUID, ZoneInfo], first: date, spans: tuple[int, int]
) -> None:
    near, far = (first + timedelta(days=span) for span in sorted(spans))
    made = rounds(plan, zones, first, near)
    further = rounds(plan, zones, first, far)
    assert [one for one in further if one.occurrence <= near] == made
    known = {one.id for one in made}
    again = generate(UUID(int=7), plan, zones=zones, first=first, last=near, known=known)
    assert again == ()


@given(plan=plans(), zones=ZONINGS, first=DATES, span=st.integers(0, 400))
def test_every_round_is_named_by_plan_site_and_day_and_lies_within_what_was_asked(
    plan: Plan, zones: dict[UUID, ZoneInfo], first: date, span: int
) -> None:
    last = first + timedelta(days=span)
    made = rounds(plan, zones, first, last)
    assert len({one.id for one in made}) == len(made)
    for one in made:
        assert one.id == assignment_id(UUID(int=7), one.site, one.occurrence)
        assert first <= one.occurrence <= last
        assert plan.starts_on <= one.occurrence
        assert plan.ends_on is None or one.occurrence <= plan.ends_on


@given(plan=plans(), zones=ZONINGS, first=DATES, span=st.integers(0, 400))
def test_windows_of_a_site_follow_one_another_and_end_at_18_00_there(
    plan: Plan, zones: dict[UUID, ZoneInfo], first: date, span: int
) -> None:
    made = rounds(plan, zones, first, first + timedelta(days=span))
    for site in plan.sites:
        own = [one for one in made if one.site == site]
        assert all(one.due_at < later.starts_at for one, later in pairwise(own))
        for one in own:
            local_start, local_due = (
                at.astimezone(zones[site]) for at in (one.starts_at, one.due_at)
            )
            assert one.starts_at < one.due_at
            assert one.starts_at.tzinfo is one.due_at.tzinfo is UTC
            assert local_start.date() == one.occurrence
            assert local_due.time() == DUE_AT
            assert (local_due.date() - one.occurrence).days < plan.window_days


@given(text=st.text(max_size=60) | st.text("FREQ=DAILYWK;BMONTH0123-,+S", max_size=60))
def test_any_text_is_a_rule_or_a_reason(text: str) -> None:
    found = parse_rule(text)
    if isinstance(found, FieldProblem):
        assert found.field == "rrule"
        assert found.detail
