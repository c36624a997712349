"""When a database was taken back, and which epoch comes next."""

from uuid import UUID

import pytest

from schemas.base import EPOCH_LEAP_MAX, EPOCH_MAX
from sync.position import Acked, Place, Position
from sync.rewind import has_pulled_further, is_answered_further, next_epoch
from sync.scopes import ScopeState

LINEAGE, DEVICE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("epoch", "claimed", "sealed", "then"),
    [
        (1, 1, 0, None),
        (2, 1, 1, None),
        (1, 2, 0, 3),
        (1, 1, 5, 6),
        (1, 3, 5, 6),
        (1, 1 + EPOCH_LEAP_MAX, 0, 2 + EPOCH_LEAP_MAX),
        (1, 2 + EPOCH_LEAP_MAX, 0, None),
        (1, EPOCH_MAX, EPOCH_MAX, EPOCH_MAX),
    ],
)
def test_the_epoch_rises_above_what_a_device_was_told(
    epoch: int, claimed: int, sealed: int, then: int | None
) -> None:
    assert next_epoch(epoch, claimed=claimed, sealed=sealed) == then


def test_an_answer_beyond_the_database_is_noticed_in_its_own_epoch_alone() -> None:
    acked = Acked(LINEAGE, 2, 9)
    assert is_answered_further(acked, epoch=2, last_n=8)
    assert not is_answered_further(acked, epoch=2, last_n=9)
    assert not is_answered_further(acked, epoch=3, last_n=0)
    assert not is_answered_further(None, epoch=2, last_n=0)


def test_a_position_beyond_a_head_is_noticed_also_of_a_scope_that_is_gone() -> None:
    position = Position(DEVICE, 1, {"org": Place(5, 5), "site:x": Place(0, 0)})
    assert not has_pulled_further(position, {"org": ScopeState("org", 5, 0, 0)})
    assert has_pulled_further(position, {"org": ScopeState("org", 4, 0, 0)})
    assert has_pulled_further(position, {})
