"""The small laws of a report: its codes, its gauges, its figures, its strokes, its photos."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from schemas.base import REPORT_CODE_LENGTH, Words
from schemas.forms import Limits, NumberItem
from server.reports import codes
from server.reports.facts import Both, Point, Reading, same
from server.reports.gauge import gauge_of, trend_of
from server.reports.page import strokes_svg
from server.reports.pdf import cleaned, unescaped
from server.reports.pictures import shrunk
from server.reports.tables import in_csv
from server.reports.times import between, short_day
from server.reports.values import bound, figure, shown, told
from server.reports.words import WORDS
from sync.forms import Reason
from sync.tags import ALPHABET

AT = datetime(2026, 11, 18, 1, 10, tzinfo=UTC)
SOURCE = Words(zh="国标", en="the norm")
chance = st.binary(min_size=codes.ENTROPY_BYTES, max_size=codes.ENTROPY_BYTES)


@given(chance)
def test_a_code_is_read_back_however_it_was_typed(entropy: bytes) -> None:
    code = codes.make(entropy)
    assert len(code) == REPORT_CODE_LENGTH and set(code) <= set(ALPHABET)
    typed = codes.display(code).lower().replace("0", "o").replace("1", "l")
    assert codes.read(f" {typed} ") == code == codes.read(code)


@given(chance, st.integers(0, REPORT_CODE_LENGTH - 1), st.integers(1, 31))
def test_every_wrong_symbol_of_a_code_is_noticed(entropy: bytes, place: int, by: int) -> None:
    code = codes.make(entropy)
    wrong = ALPHABET[(ALPHABET.index(code[place]) + by) % len(ALPHABET)]
    assert codes.read(code[:place] + wrong + code[place + 1 :]) is None


def reading(value: float, before: float | None, **limits: float) -> Reading:
    return Reading(
        asset="UPS-01",
        title=same("温度"),
        unit="°C",
        decimals=1,
        limits=Limits(source=SOURCE, **limits),
        value=value,
        verdict="normal",
        before=before,
    )


readings = st.floats(-1e6, 1e6, allow_nan=False)


@given(readings, st.none() | readings)
def test_every_mark_of_a_gauge_stands_on_its_track(value: float, before: float | None) -> None:
    for limits in (
        {"alarm_low": 18.0, "alarm_high": 27.0},
        {"alarm_low": 10.0, "warning_low": 15.0, "warning_high": 20.0, "alarm_high": 30.0},
        {"alarm_high": 80.0},
        {"warning_low": 0.0},
        {"alarm_low": 5.0, "alarm_high": 5.0},
    ):
        gauge = gauge_of(reading(value, before, **limits))
        marks = [gauge.now, *(one.at for one in gauge.marks), *(gauge.band or ())]
        marks += [] if gauge.before is None else [gauge.before]
        assert all(0 <= mark <= 1 for mark in marks)
        assert gauge.band is not None and gauge.band[0] <= gauge.band[1]


def test_a_reading_past_its_limit_stands_outside_the_band() -> None:
    gauge = gauge_of(reading(29.4, 24.1, alarm_low=18, alarm_high=27))
    assert gauge.band is not None
    assert gauge.now > gauge.band[1] and gauge.band[0] < (gauge.before or 0) < gauge.band[1]


def test_a_chart_needs_three_readings_and_ends_with_the_newest() -> None:
    limits = Limits(source=SOURCE, alarm_low=18, alarm_high=27)
    points = [Point(AT.replace(month=month), 20.0 + month, "normal") for month in (2, 5, 8)]
    assert trend_of(limits, points[:2]) is None
    trend = trend_of(limits, points)
    assert trend is not None and [dot.x for dot in trend.dots][0::2] == [0, 1]
    assert trend.dots[0].y < trend.dots[1].y < trend.dots[2].y


def test_figures_have_their_decimals_and_a_real_minus() -> None:
    assert [figure(-0.5, 1), figure(12, 2), bound(-14.4), bound(40_000)] == [
        *("\u22120.5", "12.00", "\u221214.4", "40000")
    ]


def test_times_are_those_of_the_site_and_say_their_year() -> None:
    until = AT.replace(hour=8, minute=20)
    assert between(AT, until, "Asia/Shanghai", "zh-CN") == "2026年11月18日 09:10–16:20"
    assert between(AT, until, "Asia/Shanghai", "en") == "18\u00a0Nov 2026 09:10–16:20"
    near = date(2026, 11, 18)
    assert short_day(date(2026, 11, 21), near=near, language="zh-CN") == "11-21"
    assert short_day(date(2027, 1, 5), near=near, language="zh-CN") == "2027-01-05"
    assert short_day(date(2026, 11, 21), near=near, language="en") == "21\u00a0Nov"


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    zh, en = WORDS["zh-CN"], WORDS["en"]
    assert zh.keys() == en.keys()
    for name in zh:
        if name.endswith(".head"):
            assert zh[name].count("|") == en[name].count("|"), name


def test_strokes_are_drawn_only_when_they_are_a_path() -> None:
    svg, ratio = strokes_svg("M12 44C20 18 30 16 34 40")
    assert 'd="M12 44C20 18 30 16 34 40"' in svg and ratio > 0
    for wrong in ("", "M", '"/><script>', "M1 1\n", "url(x)"):
        assert strokes_svg(wrong)[0] == ""


def test_text_loses_what_draws_nothing_and_keeps_what_somebody_wrote() -> None:
    assert cleaned("a\x00b\u202ec\u200bd\ue000 柜\u3000号\n") == "abcd\ue000 柜\u3000号\n"
    assert unescaped(r"x\u{e000}") == "x\ue000"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1"])
def test_no_cell_of_text_begins_as_a_formula_does(text: str) -> None:
    assert in_csv(text).startswith("'")


def test_a_photo_is_printed_within_its_share() -> None:
    file = BytesIO()
    Image.effect_noise((1600, 1200), 120).convert("RGB").save(file, "JPEG", quality=95)
    whole = file.getvalue()
    assert len(shrunk(whole, 180_000)) <= 180_000 < len(whole)


def test_a_span_of_time_is_told_in_words_in_chinese_and_by_its_symbol_in_english() -> None:
    video = Words(zh="录像保存", en="Video kept")
    kept = NumberItem(id="kept", title=video, unit="d", decimals=0)
    assert shown(kept, 95) == Both("95\u00a0天", "95\u00a0d")
    short = told(Reason(code="below-alarm-low", limit=90), kept)
    assert short == Both("低于下限 90\u00a0天", "below limit 90\u00a0d")
