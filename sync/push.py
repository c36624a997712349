"""Decide what a push does. Pure: no clock, no chance, no I/O; the server gathers and applies.

For each op, in order: is it a replay; does it mend another; may it be written; does it depend on
something that is not there; merge it. One outcome each, and nothing about one op touches
another's. Last, what was held behind an op that is mended now is run at its own place.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from schemas.kinds.notices import Settled
from schemas.ops import Op, Outcome
from schemas.problems import Problem
from schemas.push import Gap
from sync import rules, told
from sync.chain import link
from sync.changes import invalid
from sync.errors import ClonedDevice, SyncError
from sync.ids import disposition_id, unread_id
from sync.ledger import NeedsScope
from sync.lines import Parsed, named_in, read_kept
from sync.plan import Decided, Disputed, Kept, OpRow, Origin, Plan, StoredOp, World
from sync.record import Json, Record, Stamp, same
from sync.scopes import device_scope
from sync.vouching import kept_outcome, tell_beside
from sync.writing import Place, Verdict, Writing

NOWHERE: frozenset[str] = frozenset()


def plan_push(
    lines: Sequence[Parsed],
    *,
    first_n: int,
    origin: Origin,
    world: World,
    now: datetime,
    refuse: Mapping[int, Problem] = {},
) -> Plan:
    """Fold `lines` into `world`. `refuse`: ops by `n` that alone break the database.

    Raises `ClonedDevice` when one of these numbers was used by another op.
    """
    planner = Planner(origin, world, now)
    try:
        for line in lines:
            planner.take(line, refuse.get(line.n))
        planner.release()
        planner.close_witnesses()
        return planner.done(first_n)
    except NeedsScope as need:
        return Plan(needs=frozenset({need.scope}))


class Planner:
    """One push being planned: what was answered so far, and what is told of it."""

    def __init__(self, origin: Origin, world: World, now: datetime) -> None:
        self.origin, self.world, self.now = origin, world, now
        self.writing = Writing(world)
        self.ledger = self.writing.ledger
        self.outcomes: list[Outcome] = []
        self.ops: list[OpRow] = []
        self.seen: dict[UUID, Outcome] = {}
        self.kept: dict[UUID, Kept] = {}  # Of this push, and not applied.
        self.settled: dict[UUID, tuple[UUID, int]] = {}
        self.decided: dict[UUID, Decided] = {}
        self.last_n, self.chain = world.last_n, world.chain
        self.beside = tell_beside(now, world.rooted)

    # --- One op ---

    def take(self, line: Parsed, refused: Problem | None) -> None:
        """Answer one line and remember the answer."""
        stored = self.world.by_n.get(line.n)
        if stored is not None:
            self.replay(line, stored)
            return
        op = line.op
        if op is None or refused is not None:
            problem = refused or line.problem
            self.record_op(line, self.answer(line, Verdict("rejected", problem=problem)))
            return
        if self.is_anothers(op.id):
            problem = invalid("id", "was used before").problem()
            verdict = Verdict("rejected", problem=problem)
            self.record_op(line, self.answer(line, verdict), copy=True)
            return
        known = self.seen.get(op.id) or self.outcome_of(op.id)
        if known is not None:  # A rescued copy: the same op came under another number before.
            self.tell_again(op.id, known)
            self.record_op(line, msgspec.structs.replace(known, n=line.n), copy=True)
            return
        try:
            verdict = self.decide(op)
        except SyncError as error:
            verdict = Verdict("rejected", problem=error.problem())
        self.record_op(line, self.answer(line, verdict))

    def is_anothers(self, op: UUID) -> bool:
        """Whether somebody else's op has this id: its outcome would tell where that was."""
        stored = self.world.by_id.get(op)
        return stored is not None and stored.person not in (None, self.origin.person)

    def outcome_of(self, op: UUID) -> Outcome | None:
        stored = self.world.by_id.get(op)
        return stored.outcome if stored else None

    def replay(self, line: Parsed, stored: StoredOp) -> None:
        """Answer as before. Another op under this number means that the installation was copied.

        So does a line that can be read where none could, or the other way round; one that cannot
        be read is known by the id in it, where there is one, else by its bytes.
        """
        id_ = stored.id or stored.outcome.id  # A copy's row has none of its own.
        is_same = (line.op.id if line.op else None) == id_
        if id_ is None and line.op is None and stored.raw is not None:
            is_same = named_in(line.raw) == named_in(stored.raw)
        if not is_same:
            raise ClonedDevice(f"number {line.n} was used by another change")
        self.tell_again(id_ or unread_id(self.origin.lineage, line.n), stored.outcome)
        self.outcomes.append(stored.outcome)

    def decide(self, op: Op) -> Verdict:
        """The verdict over one op that was never seen. Raises `SyncError` where it is rejected."""
        if op.by != self.origin.person:
            raise invalid("by", "is not the person of this device")
        if op.orig_n is not None and op.orig_n >= op.n:
            raise invalid("orig_n", "is of no op before this one")
        if op.witness:
            return self.witness(op)
        if op.replaces is not None:
            return self.mend(op, op.replaces)
        if op.orig_n is not None:
            raise invalid("orig_n", "goes with `replaces`")
        return self.writing.decide(op, self.origin, Place(self.origin.lineage, op.n))

    # --- Mending, discarding, deciding ---

    def mend(self, op: Op, replaced: UUID) -> Verdict:
        """An op that stands in place of one that was not applied; without any change it discards.

        Where the first one was applied meanwhile, or settled by somebody, this one is reviewed.
        """
        first = self.kept.get(replaced) or self.world.replaced.get(replaced)
        is_device = self.origin.kind == "device"
        if replaced in self.seen and first is None:
            return Verdict("review")
        if first is None or (is_device and first.person != self.origin.person):
            raise invalid("replaces", "names no change of yours that waits")
        if op.orig_n is not None and (op.orig_n, self.origin.lineage) != (first.n, first.lineage):
            raise invalid("orig_n", "is not the number of the change that it replaces")
        if not first.open or first.id in self.settled:
            return Verdict("review")
        if is_device and (first.disputed or first.outcome == "conflict"):
            raise invalid("replaces", "is decided by the office")
        if first.disputed:
            return self.decide_conflict(op, first)
        if rules.is_empty(op):
            self.settle(first, "discarded", op.words)
            return Verdict("applied", self.newest_told(first.id))
        # A creation stands where the first one stood, whoever mends it: its maker's later edits
        # are later than it. What the office writes on a record that is there is new.
        at_first = is_device or op.new
        place = Place(first.lineage, first.n) if at_first else Place(self.origin.lineage, op.n)
        self.settle(first, "replaced", op.words)
        return self.writing.decide(op, self.origin, place)

    def decide_conflict(self, op: Op, first: Kept) -> Verdict:
        """The office decides paths of a conflict by writing them; by writing none, all stand."""
        added = {f"{path}.{key}" for path, elements in op.add.items() for key in elements}
        gone = {f"{path}.{key}" for path, keys in op.remove.items() for key in keys}
        written = set(op.set) | added | gone
        ours = self.ledger.records.get(op.record)
        verdict = Verdict("applied", ours or self.newest_told(first.id))
        if not rules.is_empty(op):
            verdict = self.writing.decide(op, self.origin, Place(self.origin.lineage, op.n))
        if verdict.outcome != "applied":
            return verdict
        for one in first.disputed:
            if one.id in self.decided:
                continue
            if rules.is_empty(op):
                self.decided[one.id] = Decided(one.id, "ours")
            elif one.path in written:
                self.decided[one.id] = Decided(one.id, decision_of(op, one))
        if all(one.id in self.decided for one in first.disputed):
            self.settle(first, "decided", op.words)
        return verdict

    def settle(
        self,
        first: Kept,
        how: Literal["applied", "replaced", "discarded", "decided"],
        words: str = "",
    ) -> None:
        """Nothing more becomes of `first`: every device that was told of it is told so."""
        self.settled[first.id] = (first.lineage, first.n)
        op = read_kept(first.raw)
        if op is not None and self.writing.waiting.get(op.record) == first.id:
            self.writing.forget(op.record)
        what = Settled(how=how, at=self.now, by_name=self.origin.name, words=words)
        self.rewrite(first, {"settled": msgspec.to_builtins(what)})

    def rewrite(self, first: Kept, fields: Mapping[str, Json]) -> None:
        for record in self.told_of(first.id):
            stamp = self.stamp(self.ledger.version_after(record), first.n, first.id)
            self.ledger.put(told.rewrite(record, stamp, fields))

    # --- Witnesses ---

    def witness(self, op: Op) -> Verdict:
        """What a device had pulled and a restore took away. Its answer is always the same."""
        if self.origin.kind != "device" or op.new or op.add or op.remove or op.withdraw:
            raise invalid("witness", "says what was there, and changes nothing")
        return Verdict("review")

    def close_witnesses(self) -> None:
        """A witness has done its part when the record holds again all that it saw."""
        sent = (one for one in self.kept.values() if one.outcome == "review")
        for one in (*self.world.witnesses, *sent):
            op = read_kept(one.raw)
            if op is None or not op.witness or one.id in self.settled:
                continue
            record = self.ledger.records.get(op.record)
            if record is None or record.withdrawn or record.scope not in self.origin.scopes:
                continue
            seen = ((path, msgspec.json.decode(raw)) for path, raw in op.set.items())
            if all(same(value, record.data.get(path)) for path, value in seen):
                self.settle(one, "applied")

    # --- What was held ---

    def release(self) -> None:
        """Run what was held behind a record that is there now, until nothing more can run."""
        if not self.writing.has_stirred:
            return
        known = (*self.world.held, *self.kept.values())
        queue = [one for one in known if one.open and self.still_waits(one)]
        while queue:
            waiting = [one for one in queue if not self.run(one)]
            if len(waiting) == len(queue):
                return
            queue = waiting

    def still_waits(self, held: Kept) -> bool:
        """Whether an op is held by now: what was told last says so."""
        return held.id not in self.settled and any(
            record.data.get("outcome") == "held" for record in self.told_of(held.id)
        )

    def run(self, held: Kept) -> bool:
        """Run one held op at its own place; whether it no longer waits for another op."""
        op = read_kept(held.raw)
        if op is None or held.person is None:
            return False
        is_own = held.person == self.origin.person
        origin = msgspec.structs.replace(
            self.origin,
            kind="device",
            lineage=held.lineage,
            person=held.person,
            device=held.device,
            scopes=self.origin.scopes if is_own else self.world.writers.get(held.person, NOWHERE),
        )
        try:
            verdict = self.writing.decide(op, origin, Place(held.lineage, held.n))
        except SyncError as error:
            verdict = Verdict("rejected", problem=error.problem())
        if verdict.outcome == "held":
            return False
        if verdict.outcome == "applied":
            self.settle(held, "applied")
            return True
        self.rewrite(held, fields_of(verdict))
        return True

    # --- Telling ---

    def stamp(self, version: int, n: int, op: UUID) -> Stamp:
        return Stamp(version, self.origin.lineage, n, op)

    def told_of(self, op: UUID) -> list[Record]:
        """What each device of the person was told of one op."""
        return [
            record
            for record in self.ledger.records.values()
            if record.kind == "disposition" and record.data.get("op") == str(op)
        ]

    def newest_told(self, op: UUID) -> Record | None:
        return next(iter(self.told_of(op)), None)

    def tell_again(self, op: UUID, outcome: Outcome) -> None:
        """Another device of the person sends it again: it is told there too what became of it."""
        device = self.origin.device
        if device is None or outcome.outcome == "applied":
            return
        if disposition_id(device, op) in self.ledger.records:
            return
        source = self.newest_told(op)
        if source is not None:
            self.ledger.put(told.retold(source, device))

    def answer(self, line: Parsed, verdict: Verdict) -> Outcome:
        """The outcome of a verdict; for anything but `applied` with the record that tells it."""
        op = line.op
        if verdict.outcome == "applied":
            held_by = verdict.record
            return Outcome(
                n=line.n,
                id=op.id if op else None,
                outcome="applied",
                scope=held_by.scope if held_by else None,
                seq=self.ledger.seq_of(held_by) if held_by else None,
                version=held_by.version if held_by else None,
            )
        waits = op is not None and op.new and verdict.outcome != "conflict"
        if op is not None and waits and op.record not in self.ledger.records:
            self.writing.waiting[op.record] = op.id
        device = self.origin.device
        outcome = Outcome(
            n=line.n, id=op.id if op else None, outcome=verdict.outcome, problem=verdict.problem
        )
        if device is None:
            return outcome
        op_id = op.id if op else unread_id(self.origin.lineage, line.n)
        record = told.tell(
            self.stamp(self.ledger.floor + 1, line.n, op_id),
            device=device,
            op=op_id,
            n=line.n,
            about=(op.kind, op.record) if op else ("", None),
            verdict=fields_of(verdict),
            at=self.now,
        )
        self.ledger.put(record)
        seq = self.ledger.seqs[record.id]
        return msgspec.structs.replace(outcome, scope=device_scope(device), seq=seq)

    def record_op(self, line: Parsed, outcome: Outcome, *, copy: bool = False) -> None:
        """Keep the line as received; a copy of an op that came before keeps no id of its own."""
        op = line.op
        encoded = kept_outcome(outcome, self.beside)
        self.chain = link(self.chain, line.raw, encoded)
        self.last_n = max(self.last_n, line.n)
        self.outcomes.append(outcome)
        is_open = not copy and outcome.outcome != "applied"
        if op is not None:
            self.seen[op.id] = outcome
        if is_open:
            id_ = op.id if op else unread_id(self.origin.lineage, line.n)
            self.kept[id_] = Kept(
                lineage=self.origin.lineage,
                n=line.n,
                id=id_,
                person=self.origin.person,
                device=self.origin.device,
                outcome=outcome.outcome,
                open=True,
                raw=line.raw,
            )
        known = self.ledger.records  # What was not made yet is at home where its parent is.
        record = known.get(op.record) or known.get(op.parent or op.record) if op else None
        self.ops.append(
            OpRow(
                n=line.n,
                id=None if copy or op is None else op.id,
                kind=op.kind if op else "",
                record=op.record if op else None,
                scope=record.scope if record else None,
                payload=line.raw,
                outcome=outcome,
                outcome_bytes=encoded,
                replaces=op.replaces if op else None,
                open=is_open,
                chain=self.chain,
            )
        )

    def done(self, first_n: int) -> Plan:
        """All that is to be written. What was settled in this push is not left open by it."""
        writes, left = self.ledger.writes()
        gap = (Gap(from_n=self.world.last_n + 1, to_n=first_n - 1),)
        return Plan(
            outcomes=tuple(self.outcomes),
            ops=tuple(self.ops),
            writes=writes,
            left=left,
            settled=tuple(self.settled.values()),
            decided=tuple(self.decided.values()),
            conflicts=tuple(self.writing.opened),
            claims=self.writing.changed_claims(self.world.claims),
            states=self.ledger.changed_states(),
            void=gap if first_n > self.world.last_n + 1 else (),
            backed_up_to=self.world.backed_up_to,
            last_n=max(self.last_n, first_n - 1),
            previous=self.world.chain,
            chain=self.chain,
        )


def fields_of(verdict: Verdict) -> dict[str, Json]:
    return told.verdict_fields(
        verdict.outcome, problem=verdict.problem, conflicts=verdict.conflicts, cause=verdict.cause
    )


def decision_of(op: Op, one: Disputed) -> Literal["ours", "theirs", "other"]:
    """Whose value the office wrote."""
    field, _, element = one.path.partition(".")
    raw = op.set.get(one.path) or op.add.get(field, {}).get(element)
    value: Json = None if raw is None else msgspec.json.decode(raw)
    if same(value, one.theirs):
        return "theirs"
    return "ours" if same(value, one.ours) else "other"
