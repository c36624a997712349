"""Unit: what an accepted inspection leaves on its asset fits there, and nothing of it is lost."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from schemas.base import READING_KEY_LENGTH_MAX, READINGS_MAX
from schemas.forms import Form
from schemas.kinds.asset import LastInspection
from sync.record import Record
from sync.review import Case, judge, last_inspection, readings_by_path

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ID = UUID("0195c000-0000-7000-8000-000000000001")
LONGEST_ITEM, LONGEST_ELEMENT = "i" * 64, "e" * 132
WORDS = {"zh": "盘", "en": "Disk"}


def form_of(items: list[str]) -> Form:
    inner = [{"type": "text", "id": item, "title": WORDS} for item in items]
    group = {"type": "group", "id": "disks", "title": WORDS, "element": WORDS, "items": inner}
    section = {"id": "main", "title": WORDS, "items": [group]}
    return msgspec.convert({"sections": [section]}, Form)


def left_by(form: Form, elements: dict[str, Any]) -> LastInspection:
    data = {"inspector_name": "Li", "elements": elements}
    case = Case(
        inspection=Record("inspection", ID, "site:", 1, data, {}),
        asset=Record("asset", ID, "site:", 1, {}, {}),
        template="disks",
        form=form,
        children={},
        today=date(2026, 3, 1),
    )
    left = last_inspection(case, judge(case), NOW)
    return msgspec.json.decode(msgspec.json.encode(left), type=LastInspection)


def element(items: list[str]) -> dict[str, Any]:
    return {"group": "disks", "answers": {item: {"value": "A"} for item in items}}


def test_the_reading_with_the_longest_ids_is_there_the_next_time() -> None:
    form = form_of([LONGEST_ITEM])
    left = left_by(form, {LONGEST_ELEMENT: element([LONGEST_ITEM])})
    assert len(next(iter(left.readings))) <= READING_KEY_LENGTH_MAX
    assert set(readings_by_path(left, form)) == {f"disks.{LONGEST_ELEMENT}.{LONGEST_ITEM}"}


def test_more_readings_than_an_asset_keeps_do_not_make_it_unacceptable() -> None:
    items = [f"i{place}" for place in range(6)]
    left = left_by(form_of(items), {f"e{place}": element(items) for place in range(1_000)})
    assert len(left.readings) == READINGS_MAX
