"""What a device says of the roots that it was told, so that no history is rewritten unseen."""

from datetime import date
from uuid import UUID

import pytest

from sync.client import Client
from sync.roots import ToldRoot


def told(*days: tuple[int, str, str]) -> Client:
    """A client that was told these, in this order: day, root, the root before it."""
    client = Client(UUID(int=1), UUID(int=2), epoch=9)
    for day, root, previous in days:
        client.hear(
            ToldRoot(epoch=9, day=date(2026, 11, day), root=root * 64, previous=previous * 64)
        )
    return client


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([(1, "a", "0"), (2, "b", "a"), (3, "c", "b")], 3),
        ([(3, "c", "b"), (1, "a", "0"), (2, "b", "a")], 3),  # In whatever order they come.
        ([(1, "a", "0"), (2, "b", "a"), (3, "c", "b"), (2, "b", "a")], 3),
        ([(1, "a", "0"), (2, "b", "a"), (2, "x", "a"), (3, "c", "x")], 2),
        ([(1, "a", "0"), (2, "b", "a"), (3, "c", "b"), (3, "x", "b"), (1, "x", "0")], 1),
        ([(1, "a", "0"), (2, "b", "a"), (3, "c", "x")], 2),  # The second was made anew, silently.
        ([(1, "a", "0"), (2, "b", "a"), (3, "c", "x"), (4, "d", "c")], 2),
        ([(5, "e", "d"), (6, "f", "e")], 6),  # Enrolled late: what came before was never told.
    ],
)
def test_the_newest_root_is_said_or_the_first_that_was_contradicted(
    days: list[tuple[int, str, str]], said: int
) -> None:
    client = told(*days)
    assert client.anchor_to_say is not None
    assert client.anchor_to_say.day == date(2026, 11, said)
    first = next(root for day, root, _ in days if day == said)
    assert client.anchor_to_say.root == first * 64
    assert Client.load(client.save()).anchor_to_say == client.anchor_to_say
