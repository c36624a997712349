"""Write one op into the world, or say why not. Pure: no clock, no chance, no I/O.

Rule: an op's verdict depends on the op, its writer and the world; how it is told is `sync.push`'s.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.kinds import KINDS, Kind
from schemas.ops import Op, OutcomeName
from schemas.problems import Problem
from sync import rules
from sync.changes import invalid, maps_of, missing_fields, overgrown, read_changes
from sync.consequences import follow_finding, follow_round, inspection_state, move_along
from sync.errors import InvalidOp
from sync.ids import conflict_id, read_id
from sync.ledger import Ledger
from sync.merge import Change, Conflict, Writer, merge
from sync.plan import Claim, Opened, Origin, World
from sync.record import Json, Record, Stamp
from sync.scopes import fixed_scope, home_record


class Place(Struct, frozen=True):
    """Where an op stands in the order of its writer: a mended one where the first one stood."""

    lineage: UUID
    n: int


class Verdict(Struct, frozen=True):
    """What becomes of one op. `record` holds it, where it was applied."""

    outcome: OutcomeName
    record: Record | None = None
    problem: Problem | None = None
    conflicts: tuple[Conflict, ...] = ()
    cause: UUID | None = None


class Writing:
    """The world being written: records, claims of tags, rounds, and what waits to be made."""

    def __init__(self, world: World) -> None:
        self.ledger = Ledger(world)
        self.inspectors = world.inspectors
        self.claims = dict(world.claims)
        self.waiting = dict(world.waiting)
        self.opened: list[Opened] = []
        self.here = world.here
        self.has_stirred = False  # Something that others waited for is there, or never will be.

    def decide(self, op: Op, origin: Origin, place: Place) -> Verdict:
        """Apply one readable op. Raises `SyncError` where it is rejected."""
        kind = KINDS.get(op.kind)
        if kind is None:
            raise invalid("kind", f"there is no kind `{op.kind}`")
        changes = read_changes(op, from_device=origin.kind == "device")
        values = rules.values_of(changes)
        record = self.ledger.records.get(op.record)
        if record is None:
            cause = self.waiting.get(op.record)
            if cause is not None and not op.new:
                return Verdict("held", cause=cause)
            if not op.new:
                return Verdict("review", problem=rules.unknown())
            blank = self.blank(kind, op, values, origin)
            if isinstance(blank, UUID):
                return Verdict("held", cause=blank)
            record = blank
        return self.write(op, kind, record, changes, values, origin, place)

    def blank(self, kind: Kind, op: Op, data: Mapping[str, Json], origin: Origin) -> Record | UUID:
        """The empty record that `op` makes, or the op that its home record waits for."""
        if origin.kind == "device" and not kind.device_creates:
            raise invalid("kind", f"`{kind.name}` is made by the office alone")
        if problems := missing_fields(kind, data):
            raise InvalidOp("the new record is not whole", fields=problems)
        rules.check_id(kind, op.record, data)
        home = home_record(kind.name, data)
        if op.parent is not None and home is not None and op.parent != home:
            raise invalid("parent", f"is not what `{kind.home.field}` names")
        if home in self.waiting and fixed_scope(kind.name, op.record, data) is None:
            return self.waiting[home]
        scope = rules.home_of(self.ledger, kind, op.record, data)
        return Record(kind.name, op.record, scope, 0, {}, {})

    def write(
        self,
        op: Op,
        kind: Kind,
        record: Record,
        changes: tuple[Change, ...],
        values: Mapping[str, Json],
        origin: Origin,
        place: Place,
    ) -> Verdict:
        """Merge into a record that exists, or into a blank one. `values`: of the whole fields."""
        binds = op.new and kind.name == record.kind == "tag" and not origin.draining
        if binds and rules.is_claimed_elsewhere(origin, self.claims, record, values):
            return self.dispute_claim(op, record, values)
        if record.scope not in origin.scopes or origin.draining:
            return Verdict("review", problem=rules.unknown())
        if record.kind != kind.name:
            raise invalid("kind", "is not the record's kind")
        is_device = origin.kind == "device"
        if record.withdrawn or (is_device and rules.is_closed(self.ledger, record, values)):
            return Verdict("review")
        self.ledger.need(record.scope)
        rules.check_steps(origin, record, values)
        rules.check_hand_over(origin, self.inspectors, record, values)
        rules.check_signer(kind.name, values)
        if op.withdraw:
            return self.withdraw(kind, record, origin)
        writer = Writer(
            lineage=place.lineage,
            n=place.n,
            op=op.id,
            base=op.base,
            version=self.ledger.version_after(record),
            new=op.new,
        )
        merged = merge(record, changes, writer)
        if merged.record is not record:
            after = self.placed(kind, record, merged.record, values, origin, writer)
            if after is None:
                return Verdict("review")
            self.keep(after, record, writer)
        if merged.conflicts:
            self.open(op, record, merged.conflicts)
            return Verdict("conflict", conflicts=merged.conflicts)
        return Verdict("applied", self.ledger.records[record.id])

    def placed(
        self,
        kind: Kind,
        before: Record,
        after: Record,
        values: Mapping[str, Json],
        origin: Origin,
        writer: Writer,
    ) -> Record | None:
        """What was merged, in the scope where it now belongs; None where `origin` does not hold it.

        Raises `InvalidOp` where it would hold too much, or be another than its id says.
        """
        if path := overgrown(maps_of(kind.name), before.data, after.data):
            raise invalid(path, "would hold more entries than there may be")
        if before.version:
            rules.check_same_id(kind, before, after)
            scope = self.moved_to(kind, before, after)
            if scope not in origin.scopes:
                return None
            after = self.at_home(after, scope, values, writer)
        return self.received(after, before, origin, writer)

    def put(self, record: Record) -> None:
        self.ledger.put(record)
        self.forget(record.id)

    def forget(self, record: UUID) -> None:
        """Nothing has to wait for `record` any more."""
        if self.waiting.pop(record, None) is not None:
            self.has_stirred = True

    def withdraw(self, kind: Kind, record: Record, origin: Origin) -> Verdict:
        if origin.kind == "device" and not kind.device_withdraws:
            raise invalid("withdraw", f"`{kind.name}` is withdrawn by the office alone")
        if record.version == 0:
            raise invalid("withdraw", "a record that does not exist cannot be withdrawn")
        version = self.ledger.version_after(record)
        after = msgspec.structs.replace(record, version=version, withdrawn=True)
        self.put(after)
        return Verdict("applied", after)

    # --- Moving ---

    def moved_to(self, kind: Kind, before: Record, after: Record) -> str:
        """Where the record belongs now: it moves only when its home was written."""
        home = home_record(kind.name, after.data)
        if home == home_record(kind.name, before.data):
            return before.scope
        return rules.home_of(self.ledger, kind, after.id, after.data)

    def at_home(
        self, after: Record, scope: str, values: Mapping[str, Json], writer: Writer
    ) -> Record:
        """The record in `scope`; moved equipment is in no room there until somebody says so."""
        if scope == after.scope:
            return after
        data, stamps = after.data, after.stamps
        if after.kind == "asset" and "room" in data and "room" not in values:
            data = {name: value for name, value in data.items() if name != "room"}
            stamps = {**stamps, "room": writer.stamp()}
        return msgspec.structs.replace(after, scope=scope, data=data, stamps=stamps)

    def received(self, after: Record, before: Record, origin: Origin, writer: Writer) -> Record:
        """Say of a new attachment that its bytes came before it: where its writer may know that.

        They brought them, or hold a scope that shows them. Who knows no more than the digest is
        told nothing, and sends them.
        """
        if before.version or after.kind != "attachment":
            return after
        for one in self.here.get(str(after.data["sha256"]), ()):
            if one.lineage == writer.lineage or one.scope in origin.scopes:
                data = {**after.data, "received_at": msgspec.to_builtins(one.at)}
                stamps = {**after.stamps, "received_at": writer.stamp()}
                return msgspec.structs.replace(after, data=data, stamps=stamps)
        return after

    # --- Consequences ---

    def keep(self, record: Record, before: Record, writer: Writer) -> None:
        """Keep a written record, and what its writing entails."""
        self.put(record)
        if before.version and record.scope != before.scope:
            move_along(self.ledger, record, record.scope, before.scope)
            self.claim_again(record)
        match record.kind:
            case "tag":
                self.claim(record)
            case "inspection":
                self.follow_inspection(record, writer)
            case "assignment":
                self.follow_assignment(record, writer)
                follow_round(self.ledger, self.ledger.records[record.id])
            case "finding":
                follow_finding(self.ledger, record)

    def claim(self, tag: Record) -> None:
        code, asset = str(tag.data["code"]), read_id(str(tag.data["asset"]))
        self.claims[code] = Claim(code, asset, tag.scope, tag.data.get("retired") is True)

    def claim_again(self, asset: Record) -> None:
        """The tags of equipment that moved are claimed where it is now."""
        for child in self.ledger.children(asset.id):
            if child.kind == "tag":
                self.claim(child)

    def follow_inspection(self, record: Record, writer: Writer) -> None:
        assignment = rules.assignment_of(self.ledger, record.data)
        if assignment is None or assignment.scope != record.scope:
            return
        round_ = self.ledger.rounds.of(assignment)
        round_.follow(read_id(str(record.data["asset"])), inspection_state(record.data))
        self.follow_assignment(assignment, writer)

    def follow_assignment(self, assignment: Record, writer: Writer) -> None:
        """Raise the state of a round as far as its inspections have come."""
        now = assignment.data.get("state", "planned")
        state = self.ledger.rounds.of(assignment).state_after(now)
        if state is None:
            return
        version = self.ledger.version_after(assignment)
        stamp = Stamp(version, writer.lineage, writer.n, writer.op)
        self.put(
            msgspec.structs.replace(
                assignment,
                version=version,
                data={**assignment.data, "state": state},
                stamps={**assignment.stamps, "state": stamp},
            )
        )

    # --- Conflicts ---

    def dispute_claim(self, op: Op, record: Record, values: Mapping[str, Json]) -> Verdict:
        """The code is bound at another site. Which one is not told: `ours` stays empty."""
        code = rules.code_of(values)
        assert code is not None  # Else it could be bound nowhere.
        claim = self.claims[code]
        assert claim.scope is not None  # What is bound is bound somewhere.
        theirs = values.get("asset")
        kept = Conflict("asset", str(claim.asset), theirs, record.version)
        self.open(op, msgspec.structs.replace(record, scope=claim.scope), (kept,))
        return Verdict("conflict", conflicts=(Conflict("asset", None, theirs, 0),))

    def open(self, op: Op, record: Record, conflicts: Sequence[Conflict]) -> None:
        self.opened += [
            Opened(
                id=conflict_id(op.id, conflict.path),
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

    def changed_claims(self, before: Mapping[str, Claim]) -> tuple[Claim, ...]:
        return tuple(claim for code, claim in self.claims.items() if before.get(code) != claim)
