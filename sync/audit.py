"""Whether what is kept is what was received: chains, and what they came to each day. Pure.

Each writer's ops are linked (`sync.chain`), so that none can be altered, taken out or put in
without every later link being another. A day's root covers the chains that had gone on and the
root before it, so that a root which somebody outside holds vouches for all before it.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from schemas.audit import ChainFault
from sync.chain import START, joined

TAG = b"xunjian root 1\n"
NO_ROOT = bytes(32)  # Before the first.
WINDOW = 1_000  # How far an op may stand from where its number says: a push is no larger.


class Broken(Struct, frozen=True):
    """A place that is not what it was.

    - `altered`: op `n`, its outcome or its link; or one before it was taken out.
    - `missing`: the numbers before `n` are gone, and were not left out by the device.
    - `cut`: after op `n` the chain does not end as its writer's row says.
    - `stranger`: ops of a writer who has no row.
    - `root`: the root of `day` is not the digest of what it names, or not what was told of it.
    - `rewritten`: the chain is another than it was on `day`.
    - `witness`: the device, or whoever is outside, holds another root of `day`.
    - `changed`: the row of `record` is not what the chains say was written; `field` is the first
      that differs, empty where that cannot be told.
    - `unwritten`: no chain says that anybody wrote `record`.
    - `gone`: the row of `record` was taken out.
    - `unrooted`: what was received before the root of `day` was made is in neither it nor the next.
    - `rekeyed`: key or person of `device` are not what its record of kind `key` says; or that
      record was written again, or is not the only one.
    - `unrecorded`: `device` has a key, and there is no record of it.
    """

    fault: ChainFault
    lineage: UUID | None = None
    n: int | None = None
    day: date | None = None
    device: UUID | None = None
    kind: str = ""
    record: UUID | None = None
    field: str = ""


class Linked(Struct, frozen=True):
    """An op as it is kept: the digests that its link was made of, and the link."""

    n: int
    payload: bytes
    outcome: bytes
    chain: bytes
    after: str = ""  # The place of the newest root then; before the first it is empty.


class Head(Struct, frozen=True):
    """How far one writer had come."""

    lineage: UUID
    n: int
    link: bytes


class Root(Struct, frozen=True):
    """A day's root, as it is kept."""

    epoch: int
    day: date
    root: bytes
    previous: bytes
    heads: tuple[Head, ...]


def place_of(epoch: int, day: date) -> str:
    """A root's place among all: by epoch, then by day. Before the first it is empty."""
    return f"{epoch:010} {day}"


def root_of(epoch: int, day: date, previous: bytes, heads: Iterable[Head]) -> bytes:
    """SHA-256 over a tag, epoch, day, the root before, and each head by the writer's id."""
    digest = sha256(TAG + epoch.to_bytes(8) + day.isoformat().encode() + previous)
    for head in sorted(heads, key=lambda head: head.lineage.int):
        digest.update(head.lineage.bytes + head.n.to_bytes(8) + head.link)
    return digest.digest()


class Walk:
    """One writer's chain, followed op by op.

    Ops come in the order in which they were received. Those of one instant, or of a clock that went
    back, may stand the other way round; the links themselves say which comes next.

    `watched` are the links that `has` will be asked for; of a million ops the others are not kept.
    """

    def __init__(
        self,
        lineage: UUID,
        left_out: Sequence[tuple[int, int]] = (),
        watched: Collection[bytes] = (),
    ) -> None:
        self.lineage = lineage
        self.at = START
        self.count = 0
        self.broken: list[Broken] = []
        self._left_out = left_out  # Numbers that the device never sent: from, to.
        self._last_n = 0
        self._watched = frozenset(watched)
        self._seen: dict[bytes, int] = {START: 0}  # After how many ops.
        self._after: dict[str, int] = {}  # How many there were before the next root was made.
        self._waiting: list[Linked] = []

    def take(self, op: Linked) -> None:
        """Follow to one op more."""
        self._waiting.append(op)
        self._follow()
        if len(self._waiting) > WINDOW:
            self._break()

    def end(self, last: bytes | None) -> None:
        """All were taken; `last` is the link in the writer's row, None where there is no row."""
        while self._waiting:
            self._break()
        if last is None:
            self.broken.append(Broken("stranger", self.lineage))
        elif last != self.at:
            self.broken.append(Broken("cut", self.lineage, self._last_n))

    def has(self, link_: bytes) -> bool:
        """Whether the chain was ever at this link, which is watched."""
        return link_ in self._seen

    def reached(self, link_: bytes) -> int:
        """After how many ops the chain was at this link; 0 where it never was."""
        return self._seen.get(link_, 0)

    def received(self) -> Mapping[str, int]:
        """After how many ops the last one came that says of a root that it was the newest."""
        return self._after

    def _follow(self) -> None:
        """Go on while any op that waits is the next one."""
        while True:
            found = next((one for one in self._waiting if self._is_next(one)), None)
            if found is None:
                return
            self._waiting.remove(found)
            self._go(found)

    def _is_next(self, op: Linked) -> bool:
        return joined(self.at, op.payload, op.outcome) == op.chain

    def _go(self, op: Linked) -> None:
        self.at = op.chain
        self.count += 1
        self._last_n = max(self._last_n, op.n)
        self._after[op.after] = self.count
        if op.chain in self._watched:
            self._seen[op.chain] = self.count

    def _break(self) -> None:
        """Nothing follows: name the first op that waits, and go on behind it."""
        first = self._waiting.pop(0)
        lacks = range(self._last_n + 1, first.n)
        told = all(any(low <= n <= high for low, high in self._left_out) for n in lacks[:WINDOW])
        self.broken.append(Broken("altered" if told else "missing", self.lineage, first.n))
        self._go(first)
        self._follow()


def check_root(
    one: Root, previous: bytes, told: str | None, has: Callable[[UUID, bytes], bool]
) -> list[Broken]:
    """Compare a root with itself, the one before, what was `told` of it in hex, and the chains.

    A root that was told to nobody was not made by a server: one of a day that is far off would keep
    all later ones from being made.
    """
    digest = root_of(one.epoch, one.day, previous, one.heads)
    broken = []
    if one.previous != previous or one.root != digest or one.root.hex() != told:
        broken.append(Broken("root", day=one.day))
    return broken + [
        Broken("rewritten", head.lineage, head.n, one.day)
        for head in one.heads
        if not has(head.lineage, head.link)
    ]


def is_among(places: Sequence[tuple[int, date]], named: str) -> bool:
    """Whether it is the place of one of these roots, which are in their order."""
    at = bisect_left(places, named, key=lambda place: place_of(*place))
    return at < len(places) and place_of(*places[at]) == named


def unrooted(
    walk: Walk, places: Sequence[tuple[int, date]], named: Mapping[int, Collection[bytes]]
) -> Broken | None:
    """The first root that covers too little, as does the next: what had come before it was made.

    Each op says which root was the newest when it was received, so no clock is believed, which may
    have been put forward or back. One that names no root that there is came before all, so that
    none escapes by what it says. `places` are the epochs and days of all roots, the oldest first,
    `named` the links of this writer in each. The next one may cover what one does not: a push that
    began before a root was made may end after it.
    """
    received = sorted(
        (after if is_among(places, after) else "", count)
        for after, count in walk.received().items()
    )
    covered = due = position = 0
    for at, place in enumerate(places):
        covered = max(covered, *(walk.reached(link_) for link_ in named.get(at, ())), 0)
        if covered < due:
            return Broken("unrooted", walk.lineage, day=places[at - 1][1])
        while position < len(received) and received[position][0] < place_of(*place):
            due = max(due, received[position][1])
            position += 1
    return None


class Witness(Struct, frozen=True):
    """A root that somebody outside holds."""

    epoch: int
    day: date
    root: bytes
    device: UUID | None = None


def check_witnesses(
    known: Mapping[tuple[int, date], bytes], witnesses: Iterable[Witness], *, epoch: int
) -> tuple[list[Broken], int]:
    """Compare the roots, by epoch and day, with what is held outside.

    Also how many of those a restore took away: it begins a new epoch, and what was rooted after the
    backup only the devices know then.
    """
    broken, forgotten = [], 0
    for one in witnesses:
        here = known.get((one.epoch, one.day))
        if here is None and one.epoch < epoch:
            forgotten += 1
        elif here != one.root:
            broken.append(Broken("witness", day=one.day, device=one.device))
    return broken, forgotten
