"""Notice that a database was taken back, and name the epoch to go on with. Pure.

A device knows how far it was answered (`last_acked`), how far it has pulled (its token), and in
which epoch. Where it knows of more than the database does, the database was restored. Rule: the
epoch then rises above all that anybody knows, and a claim that nobody sealed moves it a little
at most.
"""

from collections.abc import Mapping

from schemas.base import EPOCH_LEAP_MAX, EPOCH_MAX
from sync.position import Acked, Position
from sync.scopes import ScopeState


class Rewound(Exception):
    """The device was answered, in this epoch, further than the database goes."""


def next_epoch(epoch: int, *, claimed: int, sealed: int = 0) -> int | None:
    """The epoch to raise to, where a device was told of a later one than the server's.

    `sealed` is the epoch in what the server itself handed out; `claimed` is what the device
    says: it needs no seal where it is near, for a device that has only just learned of an epoch
    has nothing else to show.
    """
    known = max(sealed, claimed if claimed <= epoch + EPOCH_LEAP_MAX else 0)
    return min(known + 1, EPOCH_MAX) if known > epoch else None


def is_answered_further(acked: Acked | None, *, epoch: int, last_n: int) -> bool:
    """Whether the device was answered, in this epoch, more than is known of its lineage."""
    return acked is not None and acked.epoch == epoch and acked.n > last_n


def has_pulled_further(position: Position, states: Mapping[str, ScopeState]) -> bool:
    """Whether the device has been told of changes that the scopes have not had."""
    return any(
        place.pos > (states[scope].head if scope in states else 0)
        for scope, place in position.scopes.items()
    )
