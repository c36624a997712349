"""The reference client: a device's outbox, base layer and overlay. Pure: bytes in, bytes out.

Simulation, load and conformance run it; whoever writes another client can read it beside
docs/protocol.md. It performs no I/O: the caller carries the bytes, or loses them, and may deliver
an answer twice, late, or cut. Each method is one local transaction: what `save` gives before and
after it is all that may ever be found on the disk.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from schemas.base import OPS_PER_PUSH_MAX
from schemas.enrol import EnrolAnswer
from schemas.ops import Made, Op, Outcome
from schemas.pull import (
    AnchorSeen,
    DeviceReport,
    End,
    GoneLine,
    PullLine,
    PullRequest,
    RecordLine,
    Start,
)
from schemas.push import PushAnswer, PushHeader
from sync.changes import read_changes
from sync.errors import InvalidOp
from sync.merge import Writer, merge
from sync.record import Json, Record, mark, raw
from sync.roots import TOLD_ROOT, ToldRoot, to_say
from sync.scopes import device_scope

LINE: msgspec.json.Decoder[PullLine] = msgspec.json.Decoder(PullLine)
ANSWER = msgspec.json.Decoder(PushAnswer)
HEADER = msgspec.json.Decoder(PushHeader)
REQUEST = msgspec.json.Decoder(PullRequest)


class Sort(Struct, frozen=True):
    """What sort of line of a page it is."""

    t: str


SORT = msgspec.json.Decoder(Sort)
SORTS = frozenset(str(sort.__struct_config__.tag) for sort in get_args(PullLine))


class BaseRow(Struct, frozen=True):
    """A record as pulled, and the mark of its line."""

    scope: str
    seq: int
    kind: str
    version: int
    data: Mapping[str, Json]
    mark: int


class Sent(Struct):
    """An op in the outbox; answered once it has an outcome, settled once the base shows it."""

    op: Op
    raw: bytes
    lineage: UUID
    outcome: Outcome | None = None
    settled: bool = False
    is_missed: bool = False  # At the heads, what the outcome points at was not there.


class Saved(Struct):
    """Everything that a device keeps on its disk."""

    lineage: UUID
    person: UUID
    device: UUID | None
    epoch: int
    next_n: int
    begun_n: int
    token: str | None
    last_acked: str | None
    acked_n: int
    backed_up_to: int
    held: set[str] | None
    heads: dict[str, int]
    base: dict[UUID, BaseRow]
    stale: set[UUID]
    is_witness: bool
    outbox: list[Sent]
    mismatches: int
    anchors: dict[str, AnchorSeen]
    previous: dict[str, str]
    contradicted: set[str]


class Client:
    """One installation. `base` is written by pull alone; the outbox lies over it until settled."""

    def __init__(self, lineage: UUID, person: UUID, *, epoch: int, next_n: int = 1) -> None:
        self.lineage, self.person = lineage, person
        self.device: UUID | None = None  # Known from enrolling.
        self.epoch, self.next_n = epoch, next_n
        self.begun_n = next_n  # The first number of this lineage that is its own.
        self.base: dict[UUID, BaseRow] = {}
        self.stale: set[UUID] = set()  # Rows that a pull from zero has not sent again yet.
        self.is_witness = False  # What that takes away may be known to this device alone.
        self.heads: dict[str, int] = {}  # Scopes of which everything up to here is in the base.
        self.held: set[str] | None = None  # None: no page was ever applied.
        self.outbox: list[Sent] = []
        self.token: str | None = None
        self.last_acked: str | None = None
        self.acked_n = 0  # The newest number in the answer that brought it.
        self.backed_up_to = 0  # Own ops up to this number survive any restore of the server.
        self.mismatches = 0
        # The roots of the audit chains as they were told first, whatever is told later.
        self.anchors: dict[str, AnchorSeen] = {}  # By epoch and day, as the next two.
        self.previous: dict[str, str] = {}
        self.contradicted: set[str] = set()  # Another root was told of these later.

    # --- What the disk holds ---

    def save(self) -> bytes:
        names = Saved.__struct_fields__
        return msgspec.json.encode({name: getattr(self, name) for name in names})

    @classmethod
    def load(cls, saved: bytes) -> "Client":
        """The installation as it was when `saved` was given; whatever was under way is gone."""
        kept, client = msgspec.json.decode(saved, type=Saved), cls.__new__(cls)
        for name in Saved.__struct_fields__:
            setattr(client, name, getattr(kept, name))
        return client

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
        withdraw: bool = False,
        replaces: Sent | None = None,
        words: str = "",
    ) -> Op:
        """Put one edit into the outbox, on the version that is on the screen.

        `replaces` is an op of this outbox that was not applied: this one stands in its place,
        or discards it where it changes nothing.
        """
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
            withdraw=withdraw,
            replaces=replaces.op.id if replaces else None,
            # Numbers are counted per lineage: under another one it would name another op.
            orig_n=replaces.op.n if replaces and replaces.lineage == self.lineage else None,
            words=words,
        )
        self.put(op, msgspec.json.encode(op))
        return op

    def rescue(self, ops: Sequence[Op]) -> None:
        """Take over what another installation of this person could not send, ids and all."""
        known = {sent.op.id for sent in self.outbox}
        for op in ops:
            if op.id not in known:
                moved = msgspec.structs.replace(op, n=self.next_n, orig_n=None)
                self.put(moved, msgspec.json.encode(moved))

    def put(self, op: Op, encoded: bytes) -> None:
        """The number is taken in the transaction that writes the outbox row."""
        self.outbox.append(Sent(op, encoded, self.lineage))
        self.next_n += 1

    def view(self, record: UUID) -> Mapping[str, Json] | None:
        """What the person sees: the base with everything unsettled on top."""
        row = self.base.get(record)
        shown = Record(row.kind, record, row.scope, row.version, row.data, {}) if row else None
        for sent in self.outbox:
            if sent.settled or sent.op.record != record or sent.op.witness:
                continue
            if sent.op.withdraw:
                shown = None
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

    @property
    def unsent(self) -> list[Sent]:
        """What the server has not answered."""
        return [sent for sent in self.outbox if sent.outcome is None]

    def push_request(self, *, limit: int = OPS_PER_PUSH_MAX) -> bytes | None:
        """The next batch, or None when everything was answered.

        The k-th line has number `first_n + k`, so a batch ends where the numbers have a gap.
        """
        batch: list[Sent] = []
        for sent in self.unsent:
            if len(batch) == limit or (batch and sent.op.n != batch[-1].op.n + 1):
                break
            batch.append(sent)
        if not batch:
            return None
        header = PushHeader(epoch=self.epoch, first_n=batch[0].op.n, last_acked=self.last_acked)
        return b"\n".join([msgspec.json.encode(header), *(sent.raw for sent in batch)])

    def push_answered(self, request: bytes, body: bytes) -> None:
        """Take the outcomes. An answer that comes twice changes nothing, nor does an old one."""
        asked, answer = HEADER.decode(request.partition(b"\n")[0]), ANSWER.decode(body)
        if asked.epoch != self.epoch:
            return  # Of a history that we have left.
        if answer.epoch != self.epoch:
            self.rewind(answer.epoch)
            self.last_acked = answer.last_acked
            return
        by_n = {outcome.n: outcome for outcome in answer.outcomes}
        for sent in self.outbox:
            outcome = by_n.get(sent.op.n)
            # Without an id the line could not be read, and the number is all there is.
            if sent.outcome is None and outcome and outcome.id in (None, sent.op.id):
                sent.outcome = outcome
        newest = max(by_n, default=0)
        if newest >= self.acked_n:  # A late answer must not take back what shows how far we were.
            self.acked_n, self.last_acked = newest, answer.last_acked or self.last_acked
        self.backed_up_to = max(self.backed_up_to, answer.backed_up_to or 0)

    def rewind(self, epoch: int) -> None:
        """The server's history is another one: offer everything again, then pull from zero."""
        self.epoch, self.last_acked, self.acked_n = epoch, None, 0
        self.is_witness = True
        for sent in self.outbox:
            sent.outcome, sent.settled, sent.is_missed = None, False, False
        self.start_over()

    def enrolled(self, answer: EnrolAnswer) -> None:
        """Go on as another device of the same person, with the outbox and its numbers.

        What was not applied is offered again, so that this device is told of it too.
        """
        self.device = answer.device
        if answer.lineage != self.lineage:
            self.last_acked, self.acked_n, self.backed_up_to = None, 0, 0
            self.begun_n = max(self.next_n, answer.next_n)
        self.lineage, self.next_n = answer.lineage, max(self.next_n, answer.next_n)
        if answer.epoch != self.epoch:
            self.rewind(answer.epoch)
            return
        for sent in self.outbox:
            if sent.outcome is not None and sent.outcome.outcome != "applied":
                sent.outcome = None
        self.start_over()

    # --- Pull ---

    @property
    def anchor_to_say(self) -> AnchorSeen | None:
        """What this device vouches for with its reports."""
        return to_say(self.anchors, self.previous, self.contradicted)

    def pull_request(self, *, limit: int = 1_000, report: DeviceReport | None = None) -> bytes:
        asked = PullRequest(
            epoch=self.epoch,
            token=self.token,
            last_acked=self.last_acked,
            limit=limit,
            report=report,
        )
        return msgspec.json.encode(asked)

    def pull_answered(self, request: bytes, body: bytes) -> bool:
        """Apply a page, whole or not at all; whether more is to come.

        A page that was cut, or that answers an older request, is passed over.
        """
        asked = REQUEST.decode(request)
        if asked.token != self.token or asked.epoch != self.epoch:
            return True
        rows = body.split(b"\n")[:-1]
        decoded = [read_line(row) for row in rows]
        start, end = (decoded[0], decoded[-1]) if decoded else (None, None)
        if isinstance(start, Start) and start.epoch != self.epoch:
            self.rewind(start.epoch)
            return True
        if not isinstance(start, Start) or not isinstance(end, End):
            return True
        named = {state.scope for state in start.scopes}
        if self.device is not None and device_scope(self.device) not in named:
            return True  # Of the device that we were before.
        self.drop(named)
        for row, line in zip(rows, decoded, strict=True):
            self.apply(row, line, start.server_time)
        self.token = end.token
        is_whole = True
        for state in start.scopes:
            if state.digest is not None:
                self.sweep(state.scope, start.server_time)
                self.heads[state.scope] = state.head
                is_whole = is_whole and self.digest(state.scope) == state.digest
        if not is_whole:
            self.mismatches += 1
            self.is_witness = True
            self.start_over()
            return True
        if not end.more:
            self.settle()
            self.is_witness = False
            self.offer_missing()
            self.trim()
        return end.more

    def start_over(self) -> None:
        """Pull from zero. The base stays on the screen; what is not sent again is swept."""
        self.token, self.heads = None, {}
        self.stale = set(self.base)

    def drop(self, held: set[str]) -> None:
        """Scopes that are not named any more leave the base; unsent work on them stays."""
        self.held = held
        self.base = {id_: row for id_, row in self.base.items() if row.scope in held}
        self.heads = {scope: head for scope, head in self.heads.items() if scope in held}

    def apply(self, row: bytes, line: PullLine | None, now: datetime) -> None:
        if isinstance(line, RecordLine):
            known = self.base.get(line.id)
            is_new = known is None or known.version < line.version or known.mark == mark(row)
            if line.id in self.stale and not is_new:
                self.bear_witness(line.id, now)
            self.stale.discard(line.id)
            if line.kind == "anchor":
                self.hear(TOLD_ROOT.decode(line.data))
            data = msgspec.json.decode(line.data, type=dict[str, object])
            self.base[line.id] = BaseRow(
                line.scope, line.seq, line.kind, line.version, data, mark(row)
            )
        elif isinstance(line, GoneLine):
            known = self.base.get(line.id)
            if known is not None and known.scope == line.scope:
                del self.base[line.id]

    def hear(self, told: ToldRoot) -> None:
        """Keep the first root that was told of an epoch and day, and whether another was."""
        if self.anchors.setdefault(told.key, told.seen).root != told.root:
            self.contradicted.add(told.key)
        self.previous.setdefault(told.key, told.previous)

    def sweep(self, scope: str, now: datetime) -> None:
        """Remove what a pull from zero has not sent again."""
        gone = {id_ for id_ in self.stale if id_ in self.base and self.base[id_].scope == scope}
        self.stale -= gone
        for id_ in gone:
            self.bear_witness(id_, now)
            del self.base[id_]

    def bear_witness(self, record: UUID, now: datetime) -> None:
        """Offer a row that a repair takes away: the server may have lost what it once told."""
        row = self.base[record]
        if not self.is_witness or row.scope.startswith("device:"):
            return
        op = Op(
            n=self.next_n,
            id=uuid5(self.lineage, f"witness {self.next_n}"),
            by=self.person,
            kind=row.kind,
            record=record,
            base=row.version,
            made=Made(wall=now, session=self.lineage),
            set={name: raw(value) for name, value in row.data.items()},
            witness=True,
        )
        self.put(op, msgspec.json.encode(op))

    def digest(self, scope: str) -> str:
        marks = [row.mark for row in self.base.values() if row.scope == scope]
        return f"{len(marks)}:{sum(marks) % 2**64}"

    # --- What becomes of answered ops ---

    def settle(self) -> None:
        """An op leaves the overlay when the base has reached its outcome's position.

        Only on a last page, when base and heads are of one snapshot: before it the record may be
        on its way from another scope, and the rest of a conflict in the record's own.
        """
        for sent in self.outbox:
            outcome = sent.outcome
            if outcome is None or sent.settled:
                continue
            if outcome.scope is None or outcome.seq is None:
                sent.settled = True
            elif self.held is not None:
                reached = self.heads.get(outcome.scope, 0) >= outcome.seq
                sent.settled = reached or outcome.scope not in self.held

    def offer_missing(self) -> None:
        """Offer an op again where the heads lack its position, or what tells of it.

        Only at the second look: the answer may have overtaken the page.
        """
        rows = [row.data for row in self.base.values() if row.kind == "disposition"]
        unread = {data.get("n") for data in rows if not data.get("record_kind")}
        told = unread | {data.get("op") for data in rows}
        for sent in self.outbox:
            outcome = sent.outcome
            if outcome is None:
                continue
            name = str(outcome.id) if outcome.id else sent.op.n
            is_untold = outcome.outcome != "applied" and name not in told
            is_ahead = (outcome.seq or 0) > self.heads.get(outcome.scope or "", outcome.seq or 0)
            if not (is_untold or is_ahead):
                sent.is_missed = False
            elif sent.is_missed:
                sent.outcome, sent.is_missed = None, False
            else:
                sent.is_missed = True

    def trim(self) -> None:
        """Forget what no restore can lose, from the front only; what needs the person stays."""
        over = {
            row.data.get("op")
            for row in self.base.values()
            if row.kind == "disposition" and row.data.get("settled")
        }
        while self.outbox:
            sent = self.outbox[0]
            is_done = sent.outcome is not None and sent.settled and not sent.is_missed
            is_over = sent.outcome is not None and sent.outcome.outcome == "applied"
            # What was answered under an earlier lineage is in each backup that has a number of
            # this one.
            needed = sent.op.n if sent.lineage == self.lineage else self.begun_n
            if not is_done or self.backed_up_to < needed:
                return
            if not is_over and str(sent.op.id) not in over:
                return
            self.outbox.pop(0)


def read_line(row: bytes) -> PullLine | None:
    """One line of a page; None of a sort that a later version sends, which is passed over."""
    if SORT.decode(row).t not in SORTS:
        return None
    return LINE.decode(row)
