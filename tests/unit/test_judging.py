"""What a list says of an inspection is of the day on which it was done, not of what came later."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from schemas.forms import Form
from schemas.kinds.asset import LastInspection, LastReading
from schemas.kinds.inspection import Step
from server.judging import Known, Tally, has_counter, tally
from server.store.office_inspections import Answered, Inspected

NOW = datetime(2026, 5, 14, 2, tzinfo=UTC)
KEY, THIS, OTHER = "ups", UUID(int=1), UUID(int=2)
FORM = msgspec.convert(
    {
        "sections": [
            {
                "id": "run",
                "title": {"zh": "运行", "en": "Running"},
                "items": [
                    {"type": "counter", "id": "hours", "title": {"zh": "小时", "en": "Hours"}}
                ],
            }
        ]
    },
    Form,
)


def row() -> Inspected:
    return Inspected(
        id=THIS,
        version=1,
        scope_id="site:x",
        asset=UUID(int=3),
        template=UUID(int=4),
        assignment=None,
        inspector=UUID(int=5),
        inspector_name="梁志豪",
        started_at=NOW - timedelta(hours=1),
        step=Step(step="submitted", at=NOW),
        state="accepted",
        asset_version=1,
        asset_name="UPS 1",
        asset_number="",
        asset_serial="",
        position="",
        room_name="",
        assignment_title=None,
    )


@pytest.mark.parametrize(
    ("inspection", "days", "abnormal"), [(OTHER, -90, 1), (OTHER, 90, 0), (THIS, 0, 0)]
)
def test_a_counter_is_compared_with_what_was_read_before_it(
    inspection: UUID, days: int, abnormal: int
) -> None:
    """The asset goes on: a later visit reads more, and the old one did not go down by that."""
    assert has_counter(FORM)
    known = Known(key=KEY, title=FORM.sections[0].title, form=FORM, counts=True)
    last = LastInspection(
        inspection=inspection,
        at=NOW + timedelta(days=days),
        by="周婉婷",
        readings={"hours": LastReading(value=900)},
    )
    text = msgspec.json.encode({KEY: last}).decode()
    answered = Answered('{"hours": {"value": 500}}', "{}")
    assert tally(row(), answered, known, text, date(2026, 5, 14)) == Tally(abnormal)
