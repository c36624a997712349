"""A server in memory: the same pure core, the same wire bytes, no database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from schemas.base import RECORDS_PER_PAGE_DEFAULT
from schemas.pull import End, PullRequest, Start
from schemas.push import PushAnswer
from sync.chain import START
from sync.consequences import inspection_state
from sync.lines import read_push
from sync.plan import Claim, Origin, StoredOp, World
from sync.position import Acked, Position, seal, unseal
from sync.pull import plan_page, plan_pull
from sync.push import plan_push
from sync.record import Record, encode_line, mark
from sync.scopes import ScopeState, device_scope

NOW = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
KEY = b"k" * 32
EPOCH = 1


class Server:
    """Applies plans to dictionaries; `lines` holds the newest bytes per scope and record."""

    def __init__(self, records: Mapping[UUID, Record], held: Mapping[UUID, frozenset[str]]) -> None:
        self.records: dict[UUID, Record] = dict(records)
        self.held = held  # Scopes per device.
        self.states: dict[str, ScopeState] = {}
        self.lines: dict[tuple[str, UUID], tuple[int, bytes | None]] = {}
        self.ops: dict[UUID, dict[int, StoredOp]] = {}
        self.waiting: dict[UUID, UUID] = {}
        self.kept: list[tuple[str, object]] = []  # Conflicts: path and the value that was kept.
        self.payloads: dict[UUID, bytes] = {}
        self.claims: dict[str, Claim] = {}
        self.chains: dict[UUID, bytes] = {}
        self.last_n: dict[UUID, int] = {}
        for seq, record in enumerate(records.values(), start=(EPOCH << 32) + 1):
            line = encode_line(record, seq)
            state = self.states.get(record.scope, ScopeState(record.scope, 0, 0, 0))
            self.states[record.scope] = state.after(seq=seq, live=1, marks=mark(line))
            self.lines[record.scope, record.id] = (seq, line)
            self.records[record.id] = msgspec.structs.replace(record, mark=mark(line))

    def push(self, device: UUID, lineage: UUID, person: UUID, body: bytes) -> bytes:
        header, lines = read_push(body)
        by_n = self.ops.setdefault(lineage, {})
        origin = Origin("device", lineage, person, device, self.held[device])
        plan = plan_push(
            lines,
            first_n=header.first_n,
            origin=origin,
            world=self.world(lineage, origin, by_n),
            now=NOW,
        )
        assert not plan.needs
        for row in plan.ops:
            by_n[row.n] = StoredOp(row.n, row.id, row.outcome, device)
            if row.id is not None:
                self.payloads[row.id] = row.payload
            if row.record is not None and row.record not in self.records and row.id is not None:
                self.waiting.setdefault(row.record, row.id)
        for write in plan.writes:
            self.records[write.record.id] = msgspec.structs.replace(write.record, mark=write.mark)
            self.lines[write.record.scope, write.record.id] = (write.seq, write.line)
        self.states |= {state.id: state for state in plan.states}
        self.kept += [(one.conflict.path, one.conflict.theirs) for one in plan.conflicts]
        self.chains[lineage], self.last_n[lineage] = plan.chain, plan.last_n
        acked = seal(Acked(lineage, EPOCH, plan.last_n), KEY)
        return msgspec.json.encode(
            PushAnswer(epoch=EPOCH, outcomes=plan.outcomes, last_acked=acked)
        )

    def world(self, lineage: UUID, origin: Origin, by_n: dict[int, StoredOp]) -> World:
        rounds: dict[UUID, dict[UUID, object]] = {
            id_: {} for id_, record in self.records.items() if record.kind == "assignment"
        }
        for record in self.records.values():
            if record.kind == "inspection":
                assignment = UUID(str(record.data["assignment"]))
                asset = UUID(str(record.data["asset"]))
                rounds[assignment][asset] = inspection_state(record.data)
        scopes = origin.scopes | {device_scope(origin.device or lineage)}
        return World(
            epoch=EPOCH,
            last_n=self.last_n.get(lineage, 0),
            chain=self.chains.get(lineage, START),
            records=self.records,
            states={s: self.states.get(s, ScopeState(s, EPOCH << 32, 0, 0)) for s in scopes},
            by_n=by_n,
            by_id={
                stored.id: stored
                for answered in self.ops.values()
                for stored in answered.values()
                if stored.id is not None
            },
            waiting={k: v for k, v in self.waiting.items() if k not in self.records},
            claims=self.claims,
            rounds=rounds,  # type: ignore[arg-type]
        )

    def pull(self, device: UUID, body: bytes) -> bytes:
        asked = msgspec.json.decode(body, type=PullRequest)
        held = self.held[device] | {device_scope(device)}
        before = unseal(asked.token, KEY, Position) if asked.token else Position(device, EPOCH, {})
        wanted = plan_pull(held, before.scopes, self.states)
        rows: list[tuple[str, int, bytes]] = []
        left: dict[str, int] = {}
        limit = min(asked.limit, RECORDS_PER_PAGE_DEFAULT)
        for one in wanted:
            of_scope = sorted(
                (seq, line or b"")
                for (scope, _), (seq, line) in self.lines.items()
                if scope == one.scope and seq > one.pos
            )
            taken = of_scope[: limit - len(rows)]
            rows += [(one.scope, seq, line) for seq, line in taken]
            if len(taken) < len(of_scope):
                left[one.scope] = len(of_scope) - len(taken)
        sent = {scope: seq for scope, seq, _ in rows}
        page = plan_page(held, before.scopes, self.states, wanted, sent=sent, left=left)
        start = Start(epoch=EPOCH, server_time=NOW, scopes=page.scopes)
        token = seal(Position(device, EPOCH, dict(page.places)), KEY)
        end = End(token=token, more=page.more)
        whole = [msgspec.json.encode(start), *(row[2] for row in rows), msgspec.json.encode(end)]
        return b"\n".join(whole) + b"\n"

    def digest(self, scope: str) -> str:
        live = [
            line for (of, _), (_, line) in self.lines.items() if of == scope and line is not None
        ]
        return f"{len(live)}:{sum(mark(line) for line in live) % 2**64}"
