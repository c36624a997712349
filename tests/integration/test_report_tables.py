"""The answers behind a report as CSV and XLSX: typed, complete, and never a formula."""

import csv
from collections.abc import AsyncGenerator
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from server.reports import tables
from tests.integration.conftest import House
from tests.integration.office_world import World
from tests.integration.reports_world import inspect, leave, reporting, visit

EVIL = "=HYPERLINK(1)\x01"


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with reporting(house) as built:
        yield built


async def table(world: World, of: UUID, kind: str, language: str = "zh-CN") -> Any:
    asked = {"of": str(of), "of_kind": "visit", "format": kind, "language": language}
    return await world.office.get("/office/reports/table", params=asked)


async def inspected(world: World) -> UUID:
    id_ = await visit(world)
    answers = {"fan": {"value": "fail", "note": EVIL}, "temp": {"value": -3.5}}
    await inspect(world, world.asset, answers)
    await leave(world, id_)
    return id_


async def test_a_spreadsheet_opens_it_in_chinese_and_runs_nothing(world: World) -> None:
    answer = await table(world, await inspected(world), "csv")
    assert answer.status_code == 200 and answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    by_item = {row["检查项"]: row for row in rows}
    assert by_item["风扇"]["说明"] == "'=HYPERLINK(1)"
    assert by_item["风扇"]["结果"] == "异常"
    assert by_item["温度"]["数值"] == "-3.5"
    assert by_item["温度"]["原因"].startswith("低于下限")
    assert [row["设备"] for row in rows if row["结果"] == "未检"] == ["UPS-02"]
    assert "attachment" in answer.headers["content-disposition"]


async def test_a_workbook_has_types_and_a_frozen_head(world: World) -> None:
    answer = await table(world, await inspected(world), "xlsx", "en")
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None and sheet.freeze_panes == "C2" and sheet.auto_filter.ref
    rows = list(sheet.iter_rows())
    head = [cell.value for cell in rows[0]]
    cells = {row[head.index("Check")].value: dict(zip(head, row, strict=True)) for row in rows[1:]}
    note = cells["Fan"]["Note"]
    assert (note.value, note.data_type) == ("=HYPERLINK(1)", "s")
    assert cells["Temperature"]["Number"].value == -3.5
    assert isinstance(cells["Fan"]["Time"].value, datetime)
    assert cells["Fan"]["Result"].value == "Abnormal"


async def test_a_table_beyond_its_limit_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await inspected(world)
    monkeypatch.setattr(tables, "REPORT_ROWS_MAX", 1)
    for kind in ("csv", "xlsx"):
        answer = await table(world, id_, kind)
        assert answer.status_code == 413
        assert answer.json()["type"].endswith("/report-table-too-large")
