"""A server in memory: the same pure core, the same wire bytes, and dictionaries for a database.

A transaction is one method, so it happens whole or not at all. What a backup holds is `State`;
what survives a restore beside it is on the server itself: grants, ended devices, the seal key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import msgspec

from schemas.enrol import EnrolAnswer
from schemas.ops import Op, Outcome
from schemas.pull import End, GoneLine, PullRequest, Start
from schemas.push import PushAnswer
from server.store.seed import stamps
from sync.access import Duty, Grant, Place, device_scopes
from sync.chain import START
from sync.consequences import inspection_state
from sync.errors import SyncError
from sync.ids import unread_id
from sync.lines import Parsed, read_kept, read_push
from sync.plan import Claim, Disputed, InspectionState, Kept, Opened, Origin, Plan, StoredOp, World
from sync.position import Acked, Position, seal, unseal
from sync.pull import plan_page, plan_pull
from sync.push import plan_push
from sync.record import Record, Stamp, encode_line, mark
from sync.rewind import has_pulled_further, is_answered_further, next_epoch
from sync.scopes import ScopeState, device_scope, site_scope
from tests.simulation.broken import hold
from tests.simulation.company import (
    CHIEF,
    KEY,
    OFFICE_LINEAGE,
    OFFICE_SCOPES,
    SEED_LINEAGE,
    Company,
    assignments,
    seeds,
)

RESTARTS_MAX = 12


class Answer(NamedTuple):
    """What comes back: `ok` or the slug of a problem, and the body."""

    said: str
    body: bytes = b""


class FeedRow(NamedTuple):
    seq: int
    kind: str
    version: int
    gone: str | None
    body: bytes | None


class OpStored(NamedTuple):
    """A row of the ops, as the database has it."""

    lineage: UUID
    n: int
    id: UUID | None
    device: UUID | None
    person: UUID
    record: UUID | None
    payload: bytes
    outcome: Outcome
    outcome_bytes: bytes
    open: bool
    chain: bytes


class Device(NamedTuple):
    id: UUID
    lineage: UUID
    person: UUID
    state: str = "active"


@dataclass
class State:
    """The database."""

    epoch: int = 1
    records: dict[UUID, Record] = field(default_factory=dict)
    scopes: dict[str, ScopeState] = field(default_factory=dict)
    feed: dict[tuple[str, UUID], FeedRow] = field(default_factory=dict)
    ops: dict[tuple[UUID, int], OpStored] = field(default_factory=dict)  # As they came.
    by_id: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    disputes: dict[UUID, tuple[Opened, str | None]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    chains: dict[UUID, bytes] = field(default_factory=dict)
    last_n: dict[UUID, int] = field(default_factory=dict)
    devices: dict[UUID, Device] = field(default_factory=dict)

    def copy(self) -> "State":
        """Values never change, so the dictionaries alone are copied."""
        made = State(self.epoch)
        for name, value in vars(self).items():
            setattr(made, name, dict(value) if isinstance(value, dict) else value)
        return made


class MemoryServer:
    """Answers requests one after the other."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.state = State()
        self.on_commit: list[Callable[[Origin, Plan], None]] = []
        self.seeded = seeds(company)
        for seeded in self.seeded:
            floor, scope = 1 << 32, seeded.scope
            before = self.state.scopes.get(scope, ScopeState(scope, floor, 0, 0))
            stamp = Stamp(floor + 1, SEED_LINEAGE, 1, seeded.id)
            made = stamps(seeded.kind, seeded.data, stamp)
            record = Record(seeded.kind, seeded.id, scope, floor + 1, seeded.data, made)
            self.keep(record, before.head + 1)
            line = self.state.feed[seeded.scope, seeded.id].body or b""
            self.state.scopes[seeded.scope] = before.after(
                seq=before.head + 1, live=1, marks=mark(line)
            )
        self.backup = self.state.copy()
        self.ended: dict[UUID, str] = {}

    def keep(self, record: Record, seq: int) -> None:
        line = encode_line(record, seq)
        kept = msgspec.structs.replace(record, mark=mark(line))
        self.state.records[record.id] = kept
        self.state.feed[record.scope, record.id] = FeedRow(
            seq, record.kind, record.version, None, line
        )

    def compare(self) -> None:
        """There is nothing beside it; `databases.DatabaseServer` has."""

    # --- Who ---

    def enrol(self, person: UUID, lineage: UUID) -> EnrolAnswer:
        state = self.state
        device = Device(self.company.new_id(), lineage, person)
        state.devices[device.id] = device
        return EnrolAnswer(
            device=device.id,
            credential="",
            person=person,
            person_name="x",
            role="engineer",
            lineage=lineage,
            epoch=state.epoch,
            next_n=state.last_n.get(lineage, 0) + 1,
            server_time=self.company.now(),
        )

    def scopes(self, device: Device) -> frozenset[str]:
        held = self.company.grants.get(device.person, set())
        duties = [
            Duty(
                UUID(str(data["site"])),
                str(data.get("state")),
                person_in(data.get("assignee")),
                person_in(data.get("backup")),
            )
            for _, withdrawn, data in assignments(self.state.records)
            if not withdrawn
        ]
        return frozenset(
            device_scopes(
                device.id,
                device.person,
                grants=[Grant("engineer", site=site) for site in held],
                places=[Place(site=site) for site in held],
                duties=duties,
            )
        )

    def end(self, device: UUID, how: str) -> None:
        known = self.state.devices.get(device)
        if known is not None and known.state != "dead":
            self.state.devices[device] = known._replace(state=how)
            self.ended[device] = how

    # --- Backups ---

    def back_up(self) -> None:
        self.backup = self.state.copy()

    def restore(self, *, notice: bool) -> None:
        """The database is as it was at the last backup. Without notice nobody knows yet."""
        epoch = self.state.epoch
        self.state = self.backup.copy()
        for device, how in self.ended.items():  # Kept beside the database.
            if device in self.state.devices:
                self.state.devices[device] = self.state.devices[device]._replace(state=how)
        if notice:
            self.state.epoch = epoch + 1

    # --- Push ---

    def push(self, device_id: UUID, body: bytes) -> Answer:
        device = self.state.devices.get(device_id)
        if device is None or device.state == "dead":
            return Answer("credential-refused" if device is None else "device-ended")
        header, lines = read_push(body)
        acked = self.heed(device, header.epoch, header.last_acked)
        if is_answered_further(
            acked, epoch=self.state.epoch, last_n=self.state.last_n.get(device.lineage, 0)
        ):
            self.state.epoch += 1
        if header.epoch != self.state.epoch:
            seal_ = seal(Acked(device.lineage, self.state.epoch, 0), KEY)
            other = PushAnswer(epoch=self.state.epoch, last_acked=seal_)
            return Answer("ok", msgspec.json.encode(other))
        origin = Origin(
            kind="device",
            lineage=device.lineage,
            person=device.person,
            device=device.id,
            scopes=self.scopes(device),
            draining=device.state == "draining",
        )
        try:
            plan = self.write(origin, lines, header.first_n)
        except SyncError as error:
            return Answer(error.slug)
        answer = PushAnswer(
            epoch=self.state.epoch,
            outcomes=plan.outcomes,
            heads={one.id: one.head for one in plan.states},
            last_acked=seal(Acked(device.lineage, self.state.epoch, plan.last_n), KEY),
            backed_up_to=self.backup.last_n.get(device.lineage) or None,
            void=plan.void,
        )
        return Answer("ok", msgspec.json.encode(answer))

    def office(self, ops: Sequence[dict[str, object]]) -> tuple[Outcome, ...]:
        """Edits of the office: numbered here, and decided by the same planner."""
        origin = Origin("office", OFFICE_LINEAGE, CHIEF, scopes=OFFICE_SCOPES, name="陈国栋")
        first = self.state.last_n.get(OFFICE_LINEAGE, 0) + 1
        made = [op | {"n": first + place} for place, op in enumerate(ops)]
        header = {"epoch": self.state.epoch, "first_n": first}
        body = b"\n".join(map(msgspec.json.encode, [header, *made]))
        return self.write(origin, read_push(body)[1], first).outcomes

    def heed(self, device: Device, claimed: int, last_acked: str | None) -> Acked | None:
        acked = unseal(last_acked, KEY, Acked) if last_acked else None
        if acked is not None and acked.lineage != device.lineage:
            acked = None
        later = next_epoch(self.state.epoch, claimed=claimed, sealed=acked.epoch if acked else 0)
        self.state.epoch = later or self.state.epoch
        return acked

    def write(self, origin: Origin, lines: Sequence[Parsed], first_n: int) -> Plan:
        """Plan and apply; begins again where more scopes are to be locked."""
        own = frozenset({device_scope(origin.device)} if origin.device else ())
        wanted = own if first_n % 4 == 0 else origin.scopes | own
        for _ in range(RESTARTS_MAX):
            plan = plan_push(
                lines,
                first_n=first_n,
                origin=origin,
                world=self.world(origin, lines, wanted),
                now=self.company.now(),
            )
            if not plan.needs:
                self.apply(origin, plan)
                return plan
            assert not plan.needs & wanted, "asks for what is locked already"
            wanted = wanted | plan.needs
        raise AssertionError("the plan asks for ever more scopes")

    def world(self, origin: Origin, lines: Sequence[Parsed], wanted: frozenset[str]) -> World:
        state = self.state
        floor = state.epoch << 32
        sent = [line.op for line in lines if line.op is not None]
        replaced = self.replaced(origin, sent)
        persons = {origin.person, *(one.person for one in replaced.values())}
        known = [row for row in state.ops.values() if row.open and row.person in persons]
        waiting: dict[UUID, UUID] = {}
        for row in known:
            op = read_kept(row.payload) if row.outcome.outcome != "conflict" else None
            if op and op.new and row.id and row.record and row.record not in state.records:
                waiting.setdefault(row.record, row.id)
        places = {line.n: (origin.lineage, line.n) for line in lines}
        answered = {n: as_stored(state.ops[at]) for n, at in places.items() if at in state.ops}
        return World(
            epoch=state.epoch,
            last_n=state.last_n.get(origin.lineage, 0),
            chain=state.chains.get(origin.lineage, START),
            records=state.records,
            states={s: state.scopes.get(s, ScopeState(s, floor, 0, 0)) for s in wanted},
            by_n=answered,
            by_id={
                op.id: as_stored(state.ops[state.by_id[op.id]])
                for op in sent
                if op.id in state.by_id
            },
            waiting=waiting,
            claims=state.claims,
            rounds=self.rounds(),
            inspectors={
                person: frozenset(map(site_scope, sites))
                for person, sites in self.company.grants.items()
            },
            replaced=replaced,
            writers={
                device.person: self.scopes(device)
                for device in state.devices.values()
                if device.person in persons and device.person != origin.person
            },
            witnesses=tuple(
                self.as_kept(row)
                for row in known
                if origin.device and b'"witness":true' in row.payload
            ),
            held=tuple(self.as_kept(r) for r in known if r.outcome.outcome == "held"),
        )

    def replaced(self, origin: Origin, sent: Sequence[Op]) -> dict[UUID, Kept]:
        """The ops that these ones mend: by id, or by number where none could be read."""
        found = {}
        for op in sent:
            if op.replaces is None:
                continue
            place = self.state.by_id.get(op.replaces) or (origin.lineage, op.orig_n or 0)
            row = self.state.ops.get(place)
            if row is not None:
                found[op.replaces] = self.as_kept(row)
        return found

    def as_kept(self, row: OpStored) -> Kept:
        disputed = tuple(
            Disputed(id_, one.conflict.path, one.conflict.ours, one.conflict.theirs)
            for id_, (one, decision) in self.state.disputes.items()
            if one.op == row.id and decision is None
        )
        return Kept(
            row.lineage,
            row.n,
            row.id or unread_id(row.lineage, row.n),
            row.person,
            row.device,
            row.outcome.outcome,
            row.open,
            row.payload,
            disputed,
        )

    def rounds(self) -> dict[UUID, dict[UUID, InspectionState]]:
        found: dict[UUID, dict[UUID, InspectionState]] = {}
        for record in self.state.records.values():
            if record.kind == "assignment":
                found.setdefault(record.id, {})
            elif record.kind == "inspection" and not record.withdrawn:
                round_ = found.setdefault(UUID(str(record.data["assignment"])), {})
                round_[UUID(str(record.data["asset"]))] = inspection_state(record.data)
        return found

    def apply(self, origin: Origin, plan: Plan) -> None:
        state = self.state
        for row in plan.ops:
            place = (origin.lineage, row.n)
            hold(1, f"number {row.n} is answered twice", that=place not in state.ops)
            state.ops[place] = OpStored(
                origin.lineage,
                row.n,
                row.id,
                origin.device,
                origin.person,
                row.record,
                row.payload,
                row.outcome,
                row.outcome_bytes,
                row.open,
                row.chain,
            )
            if row.id is not None:
                hold(1, f"op {row.id} is stored twice", that=row.id not in state.by_id)
                state.by_id[row.id] = place
        for write in plan.writes:
            now = state.records.get(write.record.id)
            moved_on = (now.version if now else 0) != write.expected
            hold(1, f"{write.record.id} moved on meanwhile", that=not moved_on)
            state.records[write.record.id] = msgspec.structs.replace(write.record, mark=write.mark)
            state.feed[write.record.scope, write.record.id] = FeedRow(
                write.seq,
                write.record.kind,
                write.record.version,
                None if write.line else "withdrawn",
                write.line,
            )
        for left in plan.left:
            row_ = FeedRow(left.seq, left.kind, left.version, left.reason, None)
            state.feed[left.scope, left.record] = row_
        for place in plan.settled:
            if place in state.ops:
                state.ops[place] = state.ops[place]._replace(open=False)
        state.disputes |= {one.id: (one, None) for one in plan.conflicts}
        for one in plan.decided:
            state.disputes[one.id] = (state.disputes[one.id][0], one.decision)
        state.claims |= {claim.code: claim for claim in plan.claims}
        state.scopes |= {one.id: one for one in plan.states}
        state.chains[origin.lineage], state.last_n[origin.lineage] = plan.chain, plan.last_n
        for tell in self.on_commit:
            tell(origin, plan)

    # --- Pull ---

    def pull(self, device_id: UUID, body: bytes) -> Answer:
        device = self.state.devices.get(device_id)
        if device is None or device.state == "dead":
            return Answer("credential-refused" if device is None else "device-ended")
        asked = msgspec.json.decode(body, type=PullRequest)
        acked = self.heed(device, asked.epoch, asked.last_acked)
        if is_answered_further(
            acked, epoch=self.state.epoch, last_n=self.state.last_n.get(device.lineage, 0)
        ):
            self.state.epoch += 1
        if asked.epoch != self.state.epoch:
            return self.other_epoch()
        if device.state == "draining":
            if asked.report is not None and asked.report.unsent == 0:
                self.end(device.id, "dead")
                return Answer("device-ended")
            return Answer("device-draining")
        epoch = self.state.epoch
        before = Position(device_id, epoch, {})
        if asked.token:
            before = unseal(asked.token, KEY, Position)
            if before.device != device_id or before.epoch != epoch:
                return Answer("token-refused")
        if has_pulled_further(before, self.state.scopes):
            self.state.epoch += 1
            return self.other_epoch()
        return self.page(device, before, asked.limit)

    def other_epoch(self) -> Answer:
        start = Start(epoch=self.state.epoch, server_time=self.company.now(), scopes=())
        return Answer("ok", msgspec.json.encode(start) + b"\n")

    def page(self, device: Device, before: Position, limit: int) -> Answer:
        held = sorted(self.scopes(device))
        wanted = plan_pull(held, before.scopes, self.state.scopes)
        rows: list[tuple[str, int, bytes]] = []
        left: dict[str, int] = {}
        for one in wanted:
            of_scope = sorted(
                (row.seq, row.body or gone(scope, id_, row))
                for (scope, id_), row in self.state.feed.items()
                if scope == one.scope
                and row.seq > one.pos
                and (row.gone is None or row.seq > one.live_until)
            )
            taken = of_scope[: limit - len(rows)]
            rows += [(one.scope, seq, line) for seq, line in taken]
            if len(taken) < len(of_scope):
                left[one.scope] = len(of_scope) - len(taken)
        sent = {scope: seq for scope, seq, _ in rows}
        page = plan_page(held, before.scopes, self.state.scopes, wanted, sent=sent, left=left)
        start = Start(epoch=self.state.epoch, server_time=self.company.now(), scopes=page.scopes)
        token = seal(Position(device.id, self.state.epoch, dict(page.places)), KEY)
        end = End(token=token, more=page.more)
        whole = [msgspec.json.encode(start), *(row[2] for row in rows), msgspec.json.encode(end)]
        return Answer("ok", b"\n".join(whole) + b"\n")


def as_stored(row: OpStored) -> StoredOp:
    unread = row.payload if row.id is None and row.outcome.id is None else None
    return StoredOp(row.n, row.id, row.outcome, row.device, row.person, unread)


def gone(scope: str, id_: UUID, row: FeedRow) -> bytes:
    line = {"scope": scope, "seq": row.seq, "kind": row.kind, "id": id_, "version": row.version}
    return msgspec.json.encode(msgspec.convert(line | {"reason": row.gone}, GoneLine))


def person_in(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
