"""A report's answers as a table, given as CSV (RFC 4180, UTF-8 with BOM); XLSX: `workbook`.

Rule: what people wrote is text in every program that opens it, never a formula.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO

from schemas.base import REPORT_ROWS_MAX, Language
from server.errors import ServerError
from server.judging import zone_of
from server.reports.facts import Facts, Item, NotInspected, Replaced, Result
from server.reports.values import unit_words
from server.reports.words import say

Cell = str | float | datetime | None

BOM = "\ufeff"
# A cell that begins so is run by a spreadsheet (OWASP, CSV Injection); a quote before it is shown.
FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ROWS_PER_CHUNK = 500

HEADS: dict[Language, tuple[str, ...]] = {
    "zh-CN": (
        *("房间", "设备", "资产编号", "序列号", "位置", "检查表", "分区", "部位", "检查项"),
        *("结果", "值", "数值", "单位", "上次", "原因", "说明", "工程师", "时间", "审核"),
    ),
    "en": (
        *("Room", "Device", "Asset no.", "Serial no.", "Position", "Checklist", "Section"),
        *("Part", "Check", "Result", "Value", "Number", "Unit", "Last", "Reasons", "Note"),
        *("Engineer", "Time", "Reviewed"),
    ),
}
ACCEPTED: dict[Language, tuple[str, str]] = {
    "zh-CN": ("待审核", "已接受"),
    "en": ("to review", "accepted"),
}


class ReportTableTooLarge(ServerError):
    slug = "report-table-too-large"
    title = "The table has more rows than one file may have"
    status = 413


def rows_of(facts: Facts, language: Language) -> Iterator[tuple[Cell, ...]]:
    """One row for each answer, for each part replaced, and for each device not inspected.

    Times are those of the site, without their zone. Raises `ReportTableTooLarge`.
    """
    count = (
        len(facts.missing)
        + len(facts.replaced)
        + sum(max(len(one.items), 1) for one in facts.results)
    )
    if count > REPORT_ROWS_MAX:
        raise ReportTableTooLarge(f"{count} rows; {REPORT_ROWS_MAX} at most")
    zone = zone_of(facts.cover.time_zone)
    for result in facts.results:
        at = result.at.astimezone(zone).replace(tzinfo=None)
        for item in result.items or (None,):
            yield row_of(result, item, at, language)
    for part in facts.replaced:
        yield replaced(part, language)
    for one in facts.missing:
        yield absent(one, language)


def row_of(result: Result, item: Item | None, at: datetime, language: Language) -> tuple[Cell, ...]:
    comma = "，" if language == "zh-CN" else ", "
    asked: tuple[Cell, ...] = ("", "", "", say(language, f"verdict.{result.state}"), *[None] * 6)
    if item is not None:
        asked = (
            item.section.in_(language),
            item.element.in_(language),
            item.title.in_(language),
            say(language, f"verdict.{item.verdict}"),
            item.shown.in_(language),
            item.number,
            unit_words(item.unit).in_(language),
            item.before.in_(language),
            comma.join(reason.in_(language) for reason in item.reasons),
            item.note,
        )
    return (
        result.room,
        result.asset,
        result.number,
        result.serial,
        result.position,
        result.template.in_(language),
        *asked,
        result.inspector,
        at,
        ACCEPTED[language][result.is_accepted],
    )


def replaced(one: Replaced, language: Language) -> tuple[Cell, ...]:
    """The new serial number is the value, the old one the last."""
    part = one.part.in_(language) or say(language, "replaced.device")
    unknown = say(language, "unknown")
    row: tuple[Cell, ...] = ("", one.asset, "", "", "", "", say(language, "replaced"), part, "", "")
    return (*row, one.new or unknown, None, "", one.old or unknown, "", "", "", None, "")


def absent(one: NotInspected, language: Language) -> tuple[Cell, ...]:
    said = say(language, "begun" if one.is_begun else "not-begun")
    place = (one.room, one.asset, one.number, "", one.position, "")
    return (*place, "", "", "", say(language, "missing"), *[None] * 5, said, "", None, "")


def csv_of(facts: Facts, language: Language) -> Iterator[bytes]:
    """Give the table in pieces. Raises `ReportTableTooLarge` before the first."""
    rows = rows_of(facts, language)
    lines = [HEADS[language]]
    first = True
    for row in rows:
        lines.append(tuple(in_csv(cell) for cell in row))
        if len(lines) >= ROWS_PER_CHUNK:
            yield written(lines, first=first)
            lines, first = [], False
    yield written(lines, first=first)


def in_csv(cell: Cell) -> str:
    """A figure as it is; a text so that no spreadsheet runs it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, float):
        return f"{cell:g}" if abs(cell) < 1e15 else repr(cell)
    text = CONTROL.sub("", cell)
    return f"'{text}" if FORMULA.match(text) else text


def written(lines: Sequence[Sequence[str]], *, first: bool) -> bytes:
    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(lines)
    return ((BOM if first else "") + file.getvalue()).encode("utf-8", "replace")
