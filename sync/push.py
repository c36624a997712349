"""Decide what a push does. Pure: no clock, no chance, no I/O; the server gathers and applies.

For each op, in order: is it a replay; may it be written; does it depend on something that
is not there; merge it. One outcome each, and nothing about one op touches another's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from schemas.base import EPOCH_SPAN
from schemas.kinds import KINDS, Kind
from schemas.ops import Op, Outcome, OutcomeName
from schemas.problems import Problem
from schemas.push import Gap
from sync.chain import link
from sync.changes import invalid, missing_fields, overgrown, read_changes
from sync.consequences import assignment_state, inspection_state, is_accepted
from sync.errors import ClonedDevice, InvalidOp, NotPermitted, SyncError
from sync.ids import disposition_id, inspection_id, tag_id
from sync.lines import Parsed
from sync.merge import Change, Conflict, Put, Writer, merge
from sync.plan import Claim, Opened, OpRow, Origin, Plan, StoredOp, World, Written
from sync.record import Json, Record, Stamp, encode_line, mark
from sync.scopes import ScopeState, device_scope, fixed_scope, home_record


class NeedsScope(Exception):
    """The plan needs a scope that is not locked. Caught in `plan_push` alone."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


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
    except NeedsScope as need:
        return Plan(needs=frozenset({need.scope}))
    return planner.done(first_n)


class Planner:
    """One push being planned: the world as it is after the ops so far."""

    def __init__(self, origin: Origin, world: World, now: datetime) -> None:
        self.origin, self.world, self.now = origin, world, now
        self.records = dict(world.records)
        self.states = dict(world.states)
        self.claims = dict(world.claims)
        self.waiting = dict(world.waiting)
        self.rounds = {id_: dict(round_) for id_, round_ in world.rounds.items()}
        self.seqs: dict[UUID, int] = {}
        self.outcomes: list[Outcome] = []
        self.ops: list[OpRow] = []
        self.opened: list[Opened] = []
        self.seen: dict[UUID, Outcome] = {}
        self.last_n, self.chain = world.last_n, world.chain

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
            self.record_op(line, self.dispose(line, "rejected", problem=problem))
            return
        if self.is_anothers(op.id):
            problem = invalid("id", "was used before").problem()
            self.record_op(line, self.dispose(line, "rejected", problem=problem), copy=True)
            return
        known = self.seen.get(op.id) or self.outcome_of(op.id)
        if known is not None:  # A rescued copy: the same op came under another number before.
            self.record_op(line, msgspec.structs.replace(known, n=line.n), copy=True)
            return
        try:
            outcome = self.decide(line, op)
        except SyncError as error:
            outcome = self.dispose(line, "rejected", problem=error.problem())
        self.record_op(line, outcome)

    def is_anothers(self, op: UUID) -> bool:
        """Whether somebody else's op has this id: its outcome would tell where that was."""
        stored = self.world.by_id.get(op)
        return stored is not None and stored.person not in (None, self.origin.person)

    def outcome_of(self, op: UUID) -> Outcome | None:
        stored = self.world.by_id.get(op)
        return stored.outcome if stored else None

    def replay(self, line: Parsed, stored: StoredOp) -> None:
        """Answer as before. Another op under this number means that the installation was copied."""
        id_ = stored.id or stored.outcome.id  # A copy's row has none of its own.
        if line.op is not None and id_ is not None and line.op.id != id_:
            raise ClonedDevice(f"number {line.n} was used by another change")
        self.outcomes.append(stored.outcome)

    def decide(self, line: Parsed, op: Op) -> Outcome:
        """Apply one readable op that was never seen. Raises `SyncError` where it is rejected."""
        if op.by != self.origin.person:
            raise invalid("by", "is not the person of this device")
        if op.orig_n is not None and op.orig_n >= op.n:
            raise invalid("orig_n", "is of no op before this one")
        kind = KINDS.get(op.kind)
        if kind is None:
            raise invalid("kind", f"there is no kind `{op.kind}`")
        changes = read_changes(op, from_device=self.origin.kind == "device")
        record = self.records.get(op.record)
        if record is None:
            cause = self.waiting.get(op.record)
            if cause is not None and not op.new:
                return self.dispose(line, "held", cause=cause)
            if not op.new:
                return self.dispose(line, "review", problem=unknown())
            blank = self.blank(kind, op, changes)
            if isinstance(blank, UUID):
                return self.dispose(line, "held", cause=blank)
            record = blank
        return self.write(line, op, kind, record, changes)

    def blank(self, kind: Kind, op: Op, changes: tuple[Change, ...]) -> Record | UUID:
        """The empty record that `op` makes, or the op that its home record waits for."""
        if self.origin.kind == "device" and not kind.device_creates:
            raise invalid("kind", f"`{kind.name}` is made by the office alone")
        data = values_of(changes)
        if problems := missing_fields(kind, data):
            raise InvalidOp("the new record is not whole", fields=problems)
        check_id(kind, op.record, data)
        home = home_record(kind.name, data)
        if op.parent is not None and home is not None and op.parent != home:
            raise invalid("parent", f"is not what `{kind.home.field}` names")
        scope = fixed_scope(kind.name, op.record, data)
        if scope is None:
            assert home is not None, "a home field is required and an id"
            if home in self.waiting:
                return self.waiting[home]
            parent = self.records.get(home)
            # Where nothing can be found, it is reviewed like a record of a foreign scope.
            scope = "" if parent is None or parent.withdrawn else parent.scope
        return Record(kind.name, op.record, scope, 0, {}, {})

    def write(
        self, line: Parsed, op: Op, kind: Kind, record: Record, changes: tuple[Change, ...]
    ) -> Outcome:
        """Merge into a record that exists, or into a blank one."""
        is_tag = kind.name == record.kind == "tag"
        if is_tag and op.new and self.claimed_elsewhere(record, changes):
            return self.conflict_of_claim(line, op, record, changes)
        if record.scope not in self.origin.scopes or self.origin.draining:
            return self.dispose(line, "review", problem=unknown())
        if record.kind != kind.name:
            raise invalid("kind", "is not the record's kind")
        if record.withdrawn or (self.origin.kind == "device" and self.is_closed(record, changes)):
            return self.dispose(line, "review")
        self.need(record.scope)
        self.check_forward(record, op)
        self.check_hand_over(record, changes)
        if op.withdraw:
            return self.withdraw(line, op, kind, record)
        writer = Writer(
            lineage=self.origin.lineage,
            n=op.orig_n or op.n,
            op=op.id,
            base=op.base,
            version=max(record.version, self.world.epoch * EPOCH_SPAN) + 1,
            new=op.new,
        )
        merged = merge(record, changes, writer)
        if merged.record is not record:
            if path := overgrown(kind.fields, record.data, merged.record.data):
                raise invalid(path, "would hold more entries than there may be")
            if self.moved(kind, merged.record):
                return self.dispose(line, "review")
            self.put(merged.record)
            self.follow(merged.record, writer)
        elif record.version == 0:
            self.put(msgspec.structs.replace(record, version=writer.version))
        if merged.conflicts:
            self.open(op, record, merged.conflicts)
            return self.dispose(line, "conflict", conflicts=merged.conflicts)
        return self.applied(line, op.id, self.records[record.id])

    def applied(self, line: Parsed, op: UUID, record: Record) -> Outcome:
        seq = self.seqs.get(record.id, self.states[record.scope].head)
        return Outcome(
            n=line.n,
            id=op,
            outcome="applied",
            scope=record.scope,
            seq=seq,
            version=record.version,
        )

    # --- Rules ---

    def is_closed(self, record: Record, changes: tuple[Change, ...]) -> bool:
        """Accepted work, and what hangs on it, changes only through a review; so does late work."""
        data = {
            **values_of(changes),
            **record.data,
        }  # A blank record says by its changes what it is of.
        if record.kind in ("attachment", "signature"):
            home = home_record(record.kind, data)
            parent = self.records.get(home) if home else None
            return parent is not None and (parent.withdrawn or is_accepted(parent))
        if record.kind != "inspection":
            return False
        return is_accepted(record) or self.round_is_withdrawn(record.scope, data)

    def round_is_withdrawn(self, scope: str, data: Mapping[str, Json]) -> bool:
        """A round of another scope decides nothing: its state is nobody's business here."""
        assignment = self.assignment_of(data)
        if assignment is None or assignment.scope != scope:
            return False
        return assignment.withdrawn or assignment.data.get("state") == "withdrawn"

    def assignment_of(self, data: Mapping[str, Json]) -> Record | None:
        named = data.get("assignment")
        return self.records.get(UUID(named)) if isinstance(named, str) else None

    def check_forward(self, record: Record, op: Op) -> None:
        """A device moves on within its round; the next round is the office's to begin."""
        raw = op.set.get("step")
        if raw is None or self.origin.kind != "device" or record.kind != "inspection":
            return
        ours = record.data.get("step")
        round_now = ours.get("round", 1) if isinstance(ours, Mapping) else 1
        theirs = msgspec.json.decode(raw)
        if isinstance(theirs, Mapping) and theirs.get("round", 1) > round_now:
            raise invalid("step", "names a round that the office has not begun")

    def check_hand_over(self, record: Record, changes: tuple[Change, ...]) -> None:
        """Who is given a round holds its site: its assignee alone gives it, to an inspector."""
        if self.origin.kind != "device" or record.kind != "assignment":
            return
        values = values_of(changes)
        if "assignee" not in values or values["assignee"] == record.data.get("assignee"):
            return
        if record.data.get("assignee") != str(self.origin.person):
            raise invalid("assignee", "is handed over by the assignee alone")
        named = values["assignee"]
        known = self.world.inspectors.get(UUID(named), ()) if isinstance(named, str) else ()
        if record.scope not in known:
            raise invalid("assignee", "is nobody who inspects here")

    def moved(self, kind: Kind, record: Record) -> bool:
        """Whether the record would leave its scope; moving is decided in the office."""
        scope = fixed_scope(kind.name, record.id, record.data)
        if scope is None:
            home = home_record(kind.name, record.data)
            parent = self.records.get(home) if home else None
            # One that is not there is answered like one that is elsewhere.
            scope = parent.scope if parent else ""
        return scope != record.scope

    def claimed_elsewhere(self, record: Record, changes: tuple[Change, ...]) -> bool:
        claim = self.claims.get(code_of(changes) or "")
        if claim is None or claim.asset is None or claim.retired:
            return False
        return claim.scope != record.scope or record.scope not in self.origin.scopes

    def conflict_of_claim(
        self, line: Parsed, op: Op, record: Record, changes: tuple[Change, ...]
    ) -> Outcome:
        """The code is bound at another site. Which one is not told: `ours` stays empty."""
        claim = self.claims[code_of(changes) or ""]
        theirs = next(
            (c.value for c in changes if isinstance(c, Put) and c.path == ("asset",)), None
        )
        kept = Conflict("asset", str(claim.asset), theirs, record.version)
        self.open(op, msgspec.structs.replace(record, scope=claim.scope or ""), (kept,))
        hidden = Conflict("asset", None, theirs, 0)
        return self.dispose(line, "conflict", conflicts=(hidden,))

    def withdraw(self, line: Parsed, op: Op, kind: Kind, record: Record) -> Outcome:
        if self.origin.kind == "device" and not kind.device_withdraws:
            raise invalid("withdraw", f"`{kind.name}` is withdrawn by the office alone")
        if record.version == 0:
            raise invalid("withdraw", "a record that does not exist cannot be withdrawn")
        version = max(record.version, self.world.epoch * EPOCH_SPAN) + 1
        after = msgspec.structs.replace(record, version=version, withdrawn=True)
        self.put(after)
        return self.applied(line, op.id, after)

    # --- Consequences ---

    def follow(self, record: Record, writer: Writer) -> None:
        """What the write entails: the claim of a tag, the state of a round."""
        if record.kind == "tag":
            code, asset = str(record.data["code"]), UUID(str(record.data["asset"]))
            retired = record.data.get("retired") is True
            self.claims[code] = Claim(code, asset, record.scope, retired)
        assignment = self.assignment_of(record.data) if record.kind == "inspection" else None
        if assignment is None or assignment.scope != record.scope:
            return
        round_ = self.rounds.setdefault(assignment.id, {})
        round_[UUID(str(record.data["asset"]))] = inspection_state(record.data)
        state = assignment_state(assignment, round_)
        if state is not None:
            version = max(assignment.version, self.world.epoch * EPOCH_SPAN) + 1
            stamp = Stamp(version, writer.lineage, writer.n, writer.op)
            self.put(
                msgspec.structs.replace(
                    assignment,
                    version=version,
                    data={**assignment.data, "state": state},
                    stamps={**assignment.stamps, "state": stamp},
                )
            )

    # --- Keeping ---

    def need(self, scope: str) -> ScopeState:
        state = self.states.get(scope)
        if state is None:
            raise NeedsScope(scope)
        return state

    def put(self, record: Record) -> None:
        """Take the next seq of its scope for `record`."""
        state = self.need(record.scope)
        seq = max(state.head, self.world.epoch * EPOCH_SPAN) + 1
        self.states[record.scope] = msgspec.structs.replace(state, head=seq)
        self.records[record.id] = record
        self.waiting.pop(record.id, None)
        self.seqs[record.id] = seq

    def open(self, op: Op, record: Record, conflicts: Sequence[Conflict]) -> None:
        self.opened += [
            Opened(
                id=uuid5(op.id, conflict.path),
                record=record.id,
                kind=record.kind,
                scope=record.scope,
                base=op.base,
                conflict=conflict,
                op=op.id,
                made_at=op.made.wall,
            )
            for conflict in conflicts
        ]

    def dispose(
        self,
        line: Parsed,
        outcome: OutcomeName,
        *,
        problem: Problem | None = None,
        conflicts: Sequence[Conflict] = (),
        cause: UUID | None = None,
    ) -> Outcome:
        """An outcome that is not `applied`, with the record of it in the device's own scope."""
        op = line.op
        if op is not None and op.new and outcome != "conflict" and op.record not in self.records:
            self.waiting[op.record] = op.id
        if self.origin.device is None:
            return Outcome(n=line.n, id=op.id if op else None, outcome=outcome, problem=problem)
        op_id = op.id if op else uuid5(self.origin.lineage, str(line.n))
        data: dict[str, Json] = {
            "device": str(self.origin.device),
            "op": str(op_id),
            "n": line.n,
            "outcome": outcome,
            "record_kind": op.kind if op else "",
            "record": str(op.record) if op else None,
            "problem": msgspec.to_builtins(problem),
            "fields": [{"path": c.path, "theirs": c.theirs, "ours": c.ours} for c in conflicts],
            "cause": str(cause) if cause else None,
            "at": msgspec.to_builtins(self.now),
        }
        version = self.world.epoch * EPOCH_SPAN + 1
        stamp = Stamp(version, self.origin.lineage, line.n, op_id)
        told = Record(
            kind="disposition",
            id=disposition_id(self.origin.device, op_id),
            scope=device_scope(self.origin.device),
            version=version,
            data={name: value for name, value in data.items() if value is not None},
            stamps={name: stamp for name, value in data.items() if value is not None},
        )
        self.put(told)
        return Outcome(
            n=line.n,
            id=op.id if op else None,
            outcome=outcome,
            scope=told.scope,
            seq=self.seqs[told.id],
            problem=problem,
        )

    def record_op(self, line: Parsed, outcome: Outcome, *, copy: bool = False) -> None:
        """Keep the line as received; a copy of an op that came before keeps no id of its own."""
        op = line.op
        encoded = msgspec.json.encode(outcome)
        self.chain = link(self.chain, line.raw, encoded)
        self.last_n = max(self.last_n, line.n)
        self.outcomes.append(outcome)
        if op is not None:
            self.seen[op.id] = outcome
        record = self.records.get(op.record) if op else None
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
                open=not copy and outcome.outcome not in ("applied", "rejected"),
                chain=self.chain,
            )
        )

    def done(self, first_n: int) -> Plan:
        """Encode each changed record once, at its newest state, and settle heads and digests."""
        writes = []
        for id_, seq in sorted(self.seqs.items(), key=lambda item: item[1]):
            record, before = self.records[id_], self.world.records.get(id_)
            line = None if record.withdrawn else encode_line(record, seq)
            new_mark = mark(line) if line else 0
            was_live = before is not None and not before.withdrawn
            state = self.states[record.scope]
            self.states[record.scope] = state.after(
                seq=state.head,
                live=int(line is not None) - int(was_live),
                marks=new_mark - (before.mark if before and was_live else 0),
            )
            expected = before.version if before else 0
            writes.append(Written(record, expected, seq, line, new_mark))
        gap = (Gap(from_n=self.world.last_n + 1, to_n=first_n - 1),)
        return Plan(
            outcomes=tuple(self.outcomes),
            ops=tuple(self.ops),
            writes=tuple(writes),
            conflicts=tuple(self.opened),
            claims=tuple(c for code, c in self.claims.items() if self.world.claims.get(code) != c),
            states=tuple(s for id_, s in self.states.items() if self.world.states.get(id_) != s),
            void=gap if first_n > self.world.last_n + 1 else (),
            last_n=max(self.last_n, first_n - 1),
            chain=self.chain,
        )


def unknown() -> Problem:
    """Said alike of a record that does not exist and of one that this device may not see."""
    return NotPermitted("It waits for the office to look at it.").problem()


def values_of(changes: tuple[Change, ...]) -> dict[str, Json]:
    """The whole fields that are written."""
    return {c.path[0]: c.value for c in changes if isinstance(c, Put) and len(c.path) == 1}


def check_id(kind: Kind, id_: UUID, data: Mapping[str, Json]) -> None:
    """Where an id follows from the record, two who make it offline meet on it. Raises."""
    derived = id_
    if kind.name == "tag":
        derived = tag_id(str(data["code"]))
    elif kind.name == "inspection" and data.get("assignment") is not None:
        derived = inspection_id(UUID(str(data["assignment"])), UUID(str(data["asset"])))
    if id_ != derived:
        raise invalid("record", "is not the id that follows from what it is of")


def code_of(changes: tuple[Change, ...]) -> str | None:
    """The printed code that a new tag names."""
    for change in changes:
        if isinstance(change, Put) and change.path == ("code",) and isinstance(change.value, str):
            return change.value
    return None
