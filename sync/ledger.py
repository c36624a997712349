"""The records while a push is planned: what each is by now, where, and at which seq. Pure.

Rule: it keeps places, positions and sums; whether something may be written is asked elsewhere.
"""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter, itemgetter
from uuid import UUID

import msgspec

from schemas.base import EPOCH_SPAN
from sync.plan import Left, World, Written
from sync.record import Record, encode_line, mark
from sync.rounds import Rounds
from sync.scopes import ScopeState, home_record, is_archive


class NeedsScope(Exception):
    """The plan needs a scope that is not locked. Caught in `plan_push` alone."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class Ledger:
    """The world of records as it is after the ops so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.floor = world.epoch * EPOCH_SPAN
        self.records = dict(world.records)
        self.states = dict(world.states)
        self.seqs: dict[UUID, int] = {}
        self.rounds = Rounds(world.rounds)
        # What the digests gain and lose, summed up by `writes`.
        self.live, self.marks = Counter[str](), Counter[str]()

    def version_after(self, record: Record) -> int:
        return max(record.version, self.floor) + 1

    def need(self, scope: str) -> ScopeState:
        """The scope's state; it must be locked. Raises `NeedsScope`."""
        state = self.states.get(scope)
        if state is None:
            raise NeedsScope(scope)
        return state

    def put(self, record: Record) -> None:
        """Keep `record` as it is now, at the next seq of its scope."""
        before = self.records.get(record.id)
        if before is not None and before.scope != record.scope and before.version:
            self.need(before.scope)
        self.seqs[record.id] = self.next_seq(record.scope)
        self.records[record.id] = record

    def next_seq(self, scope: str) -> int:
        state = self.need(scope)
        seq = max(state.head, self.floor) + 1
        self.states[scope] = ScopeState(scope, seq, state.live, state.marks)
        return seq

    def move(self, record: Record, scope: str) -> None:
        """Take a record to another scope as it is; a move raises its version."""
        version = self.version_after(record)
        self.put(msgspec.structs.replace(record, scope=scope, version=version))

    def seq_of(self, record: Record) -> int:
        """The position at which a device will hold the record as it is now."""
        return self.seqs.get(record.id) or self.need(record.scope).head

    def children(self, parent: UUID) -> Iterator[Record]:
        """Live records whose home is `parent`: of those that were gathered, so only of a move.

        By id, so that what is decided does not hang on the order in which a database gave them.
        """
        for record in self.in_order():
            if not record.withdrawn and home_record(record.kind, record.data) == parent:
                yield record

    def in_order(self) -> list[Record]:
        """Every record that is known, by id."""
        return sorted(self.records.values(), key=attrgetter("id"))

    def writes(self) -> tuple[tuple[Written, ...], tuple[Left, ...]]:
        """Encode each changed record once, at its newest state; settle heads and digests."""
        written, left = [], []
        for id_, seq in sorted(self.seqs.items(), key=itemgetter(1)):
            record, before = self.records[id_], self.world.records.get(id_)
            line = None if record.withdrawn else encode_line(record, seq)
            new_mark = mark(line) if line else 0
            self.count(record.scope, live=int(line is not None), marks=new_mark)
            if before is not None and not before.withdrawn:
                self.count(before.scope, live=-1, marks=-before.mark)
            if before is not None and before.scope != record.scope:
                left.append(self.leave(before, record))
            written.append(Written(record, before.version if before else 0, seq, line, new_mark))
        for scope, live in self.live.items():
            state = self.states[scope]
            self.states[scope] = state.after(seq=state.head, live=live, marks=self.marks[scope])
        return tuple(written), tuple(left)

    def count(self, scope: str, *, live: int, marks: int) -> None:
        self.live[scope] += live
        self.marks[scope] += marks

    def leave(self, before: Record, record: Record) -> Left:
        """What the scope that the record left is told."""
        return Left(
            scope=before.scope,
            record=record.id,
            seq=self.next_seq(before.scope),
            kind=record.kind,
            version=record.version,
            reason="archived" if is_archive(record.scope) else "moved",
        )

    def changed_states(self) -> tuple[ScopeState, ...]:
        return tuple(s for id_, s in self.states.items() if self.world.states.get(id_) != s)
