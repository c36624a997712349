"""The reference client: a device's outbox, base layer and overlay. Pure: bytes in, bytes out.

Simulation, load and conformance run it; whoever writes another client can read it beside
docs/protocol.md. It performs no I/O: the caller carries the bytes, or loses them.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from schemas.base import OPS_PER_PUSH_MAX
from schemas.ops import Made, Op, Outcome
from schemas.pull import End, GoneLine, PullLine, PullRequest, RecordLine, Start
from schemas.push import PushAnswer, PushHeader
from sync.changes import read_changes
from sync.errors import InvalidOp
from sync.merge import Writer, merge
from sync.record import Json, Record, mark

LINE = msgspec.json.Decoder(PullLine)
ANSWER = msgspec.json.Decoder(PushAnswer)


class BaseRow(Struct, frozen=True):
    """A record as pulled, and the mark of its line."""

    scope: str
    seq: int
    kind: str
    version: int
    data: Mapping[str, Json]
    mark: int


class Sent(Struct):
    """An op in the outbox; answered once it has an outcome."""

    op: Op
    raw: bytes
    outcome: Outcome | None = None
    settled: bool = False


class Client:
    """One installation. `base` is written by pull alone; the outbox lies over it until settled."""

    def __init__(self, lineage: UUID, person: UUID, *, epoch: int, next_n: int = 1) -> None:
        self.lineage, self.person = lineage, person
        self.epoch, self.next_n = epoch, next_n
        self.base: dict[UUID, BaseRow] = {}
        self.heads: dict[str, int] = {}  # Scopes of which everything up to here is in the base.
        self.held: set[str] | None = None  # None: no page was ever applied.
        self.outbox: list[Sent] = []
        self.token: str | None = None
        self.last_acked: str | None = None
        self.mismatches = 0

    # --- Editing ---

    def edit(
        self,
        kind: str,
        record: UUID,
        *,
        id_: UUID,
        session: UUID,
        at: datetime,
        new: bool = False,
        parent: UUID | None = None,
        set_: Mapping[str, Json] = {},
        add: Mapping[str, Mapping[str, Json]] = {},
        remove: Mapping[str, tuple[str, ...]] = {},
    ) -> Op:
        """Put one edit into the outbox, on the version that is on the screen."""
        row = self.base.get(record)
        op = Op(
            n=self.next_n,
            id=id_,
            by=self.person,
            kind=kind,
            record=record,
            base=row.version if row else 0,
            made=Made(wall=at, session=session),
            new=new,
            parent=parent,
            set={path: raw(value) for path, value in set_.items()},
            add={p: {key: raw(v) for key, v in e.items()} for p, e in add.items()},
            remove=remove,
        )
        self.outbox.append(Sent(op, msgspec.json.encode(op)))
        self.next_n += 1
        return op

    def view(self, record: UUID) -> Mapping[str, Json] | None:
        """What the person sees: the base with everything unsettled on top."""
        row = self.base.get(record)
        shown = Record(row.kind, record, row.scope, row.version, row.data, {}) if row else None
        for sent in self.outbox:
            if sent.settled or sent.op.record != record:
                continue
            if shown is None:
                shown = Record(sent.op.kind, record, "", 0, {}, {})
            writer = Writer(self.lineage, sent.op.n, sent.op.id, shown.version, shown.version + 1)
            try:
                changes = read_changes(sent.op, from_device=True)
            except InvalidOp:
                continue  # The server will refuse it; it is shown beside, as one that needs you.
            shown = merge(shown, changes, writer).record
        return shown.data if shown else None

    # --- Push ---

    def push_request(self) -> bytes | None:
        """The next batch, or None when everything was answered."""
        waiting = [sent for sent in self.outbox if sent.outcome is None][:OPS_PER_PUSH_MAX]
        if not waiting:
            return None
        header = PushHeader(epoch=self.epoch, first_n=waiting[0].op.n, last_acked=self.last_acked)
        return b"\n".join([msgspec.json.encode(header), *(sent.raw for sent in waiting)])

    def push_answered(self, body: bytes) -> None:
        """Take the outcomes. An answer that comes twice changes nothing."""
        answer = ANSWER.decode(body)
        if answer.epoch != self.epoch:
            self.rewind(answer.epoch)
            return
        by_n = {outcome.n: outcome for outcome in answer.outcomes}
        for sent in self.outbox:
            if sent.outcome is None and sent.op.n in by_n:
                sent.outcome = by_n[sent.op.n]
        self.last_acked = answer.last_acked or self.last_acked
        self.settle()

    def rewind(self, epoch: int) -> None:
        """The server's history is another one: offer everything again, then pull from zero."""
        self.epoch, self.token, self.last_acked = epoch, None, None
        for sent in self.outbox:
            sent.outcome, sent.settled = None, False

    # --- Pull ---

    def pull_request(self, *, limit: int = 1_000) -> bytes:
        return msgspec.json.encode(
            PullRequest(epoch=self.epoch, token=self.token, last_acked=self.last_acked, limit=limit)
        )

    def pull_answered(self, request: bytes, body: bytes) -> bool:
        """Apply a page, whole or not at all; whether more is to come.

        A page that was cut, or that answers an older request, is passed over.
        """
        asked = msgspec.json.decode(request, type=PullRequest)
        if asked.token != self.token or asked.epoch != self.epoch:
            return True
        rows = body.split(b"\n")[:-1]
        decoded = [LINE.decode(row) for row in rows]
        start, end = (decoded[0], decoded[-1]) if decoded else (None, None)
        if isinstance(start, Start) and start.epoch != self.epoch:
            self.rewind(start.epoch)
            return True
        if not isinstance(start, Start) or not isinstance(end, End):
            return True
        self.drop({state.scope for state in start.scopes})
        for row, line in zip(rows, decoded, strict=True):
            self.apply(row, line)
        self.token = end.token
        for state in start.scopes:
            if state.digest is not None:
                self.heads[state.scope] = state.head
                self.mismatches += self.digest(state.scope) != state.digest
        self.settle()
        return end.more

    def drop(self, held: set[str]) -> None:
        """Scopes that are not named any more leave the base; unsent work on them stays."""
        self.held = held
        self.base = {id_: row for id_, row in self.base.items() if row.scope in held}
        self.heads = {scope: head for scope, head in self.heads.items() if scope in held}

    def apply(self, row: bytes, line: PullLine) -> None:
        if isinstance(line, RecordLine):
            data = msgspec.json.decode(line.data, type=dict[str, object])
            self.base[line.id] = BaseRow(
                line.scope, line.seq, line.kind, line.version, data, mark(row)
            )
        elif isinstance(line, GoneLine):
            known = self.base.get(line.id)
            if known is not None and known.scope == line.scope:
                del self.base[line.id]

    def digest(self, scope: str) -> str:
        marks = [row.mark for row in self.base.values() if row.scope == scope]
        return f"{len(marks)}:{sum(marks) % 2**64}"

    def settle(self) -> None:
        """An op leaves the overlay when the base has reached its outcome's position."""
        for sent in self.outbox:
            outcome = sent.outcome
            if outcome is None or sent.settled:
                continue
            if outcome.scope is None or outcome.seq is None:
                sent.settled = True
            elif self.held is not None:
                reached = self.heads.get(outcome.scope, 0) >= outcome.seq
                sent.settled = reached or outcome.scope not in self.held


def raw(value: Json) -> Raw:
    return Raw(msgspec.json.encode(value))
