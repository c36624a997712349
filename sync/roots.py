"""Roots of the audit chains, as a device was told them. Rule: the first of a day stays for ever.

What differs from it later is a reason for alarm (docs/protocol.md, Audit). The app's own is
`core/anchors.ts`.
"""

from collections.abc import Container, Mapping

import msgspec

from schemas.pull import AnchorSeen
from sync.audit import NO_ROOT, place_of


class ToldRoot(AnchorSeen, frozen=True, kw_only=True):
    """What a record of kind `anchor` tells: a root, and the one that it says it goes on from."""

    previous: str

    @property
    def key(self) -> str:
        """Its place among all: by epoch, then by day."""
        return place_of(self.epoch, self.day)

    @property
    def seen(self) -> AnchorSeen:
        return AnchorSeen(epoch=self.epoch, day=self.day, root=self.root)


TOLD_ROOT = msgspec.json.Decoder(ToldRoot)


def to_say(
    anchors: Mapping[str, AnchorSeen], previous: Mapping[str, str], contradicted: Container[str]
) -> AnchorSeen | None:
    """Give what goes with a report: the newest root, which vouches for all before it.

    Or the first that was contradicted, also by the day behind it when that goes on from a root
    that was told to nobody: else a rewritten history were forgotten with the next root.
    """
    roots = {NO_ROOT.hex(), *(one.root for one in anchors.values())}
    days = sorted(anchors)
    for at, day in enumerate(days, 1):
        is_left = any(previous[behind] not in roots for behind in days[at : at + 1])
        if day in contradicted or is_left:
            return anchors[day]
    return anchors[days[-1]] if days else None
