"""Stamps at rest: whatever an op wrote, and however many wrote a record, comes back the same."""

from uuid import UUID

from server.store import stamps
from sync.record import Stamp

MADE = Stamp(2**32 + 1, UUID(int=0xA), 7, UUID(int=0xA7))
EDITED = Stamp(2**32 + 2, UUID(int=0xB), 3, UUID(int=0xB3))


def test_every_path_comes_back_with_the_op_that_wrote_it_last() -> None:
    kept = {"asset": MADE, "answers.fan": EDITED, "note": MADE, "elements.disk-1.name": EDITED}
    assert stamps.decode(stamps.encode(kept)) == kept
    assert stamps.decode(stamps.encode({})) == {}


def test_an_op_is_named_once_however_many_paths_it_wrote() -> None:
    kept = {f"answers.item-{i}": MADE for i in range(200)}
    assert stamps.encode(kept).count(str(MADE.op)) == 1
