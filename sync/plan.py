"""What a push knows and decides, as values. Pure. Rule: the server gathers World, applies Plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.ops import Outcome, OutcomeName
from schemas.pull import GoneReason
from schemas.push import Gap
from sync.merge import Conflict
from sync.record import Json, Record
from sync.scopes import ScopeState

InspectionState = Literal["draft", "submitted", "accepted", "returned"]


class Origin(Struct, frozen=True):
    """Who sends. `scopes` are those held now; a draining device may only send into review.

    `name` is the person's, told to those whose work they settle.
    """

    kind: Literal["device", "office"]
    lineage: UUID
    person: UUID
    device: UUID | None = None
    scopes: frozenset[str] = frozenset()
    draining: bool = False
    name: str = ""


class StoredOp(Struct, frozen=True):
    """An op that was answered before. `id` is null where the line could not be read.

    Then `raw` is that line; else it is null, for an op is known by its id.
    """

    n: int
    id: UUID | None
    outcome: Outcome
    device: UUID | None
    person: UUID | None = None
    raw: bytes | None = None


class Disputed(Struct, frozen=True):
    """An open conflict that an op brought: the path, what stood there, and what it wanted."""

    id: UUID
    path: str
    ours: Json
    theirs: Json


class Kept(Struct, frozen=True):
    """An op that is kept and was not applied, and whether anything is still to become of it."""

    lineage: UUID
    n: int
    id: UUID  # Of a line that could not be read: `unread_id` of its lineage and number.
    person: UUID | None
    device: UUID | None
    outcome: OutcomeName
    open: bool
    raw: bytes
    disputed: tuple[Disputed, ...] = ()


class Claim(Struct, frozen=True):
    """Which asset a printed code is bound to, and where; a blank tag has neither."""

    code: str
    asset: UUID | None
    scope: str | None
    retired: bool = False


class Here(Struct, frozen=True):
    """Bytes that are stored since `at`: a lineage that brought them, or a scope that shows them."""

    at: datetime
    lineage: UUID | None = None
    scope: str | None = None


class World(Struct, frozen=True):
    """All that the planner may look at. `states` holds the scopes that are locked.

    `records` are loaded after the lock. `waiting` maps a record that does not exist yet to
    the op of this person that would have made it. `rounds` tells per assignment how far each
    asset is, `inspectors` who of the people that ops name may inspect, and in which scopes.
    `replaced` are the ops that these ones mend, by the id that they name; `held` those that
    wait for a record which may come to be now, in the order in which they were made. What
    was told of either is among `records`. `writers` says which scopes other people hold now,
    whose ops these are. `here` are the stored ones of the bytes that new attachments name.
    """

    epoch: int
    last_n: int
    chain: bytes
    records: Mapping[UUID, Record]
    states: Mapping[str, ScopeState]
    by_n: Mapping[int, StoredOp] = {}
    by_id: Mapping[UUID, StoredOp] = {}
    waiting: Mapping[UUID, UUID] = {}
    claims: Mapping[str, Claim] = {}
    rounds: Mapping[UUID, Mapping[UUID, InspectionState]] = {}
    inspectors: Mapping[UUID, frozenset[str]] = {}
    replaced: Mapping[UUID, Kept] = {}
    backed_up_to: int = 0
    held: tuple[Kept, ...] = ()
    writers: Mapping[UUID, frozenset[str]] = {}
    witnesses: tuple[Kept, ...] = ()  # Of this person, and still open.
    here: Mapping[str, tuple[Here, ...]] = {}
    rooted: str = ""  # The place of the newest root of the audit chains.


class OpRow(Struct, frozen=True):
    """An op as it is kept: as received, with its outcome, and its link of the audit chain."""

    n: int
    id: UUID | None
    kind: str
    record: UUID | None
    scope: str | None
    payload: bytes
    outcome: Outcome
    outcome_bytes: bytes
    replaces: UUID | None
    open: bool
    chain: bytes


class Opened(Struct, frozen=True):
    """A conflict to be opened: the record, the op that brought it, and when that was made."""

    id: UUID
    record: UUID
    kind: str
    scope: str
    base: int
    conflict: Conflict
    op: UUID
    made_at: datetime


class Written(Struct, frozen=True):
    """A record to store: the version expected before (0: none), its seq, and its line."""

    record: Record
    expected: int
    seq: int
    line: bytes | None  # None: withdrawn, and gone for the devices.
    mark: int


class Left(Struct, frozen=True):
    """A record that is in another scope now: `seq` is of the scope that it left."""

    scope: str
    record: UUID
    seq: int
    kind: str
    version: int
    reason: GoneReason


class Decided(Struct, frozen=True):
    """A conflict that a person decided."""

    id: UUID
    decision: Literal["ours", "theirs", "other"]


class Plan(Struct, frozen=True):
    """What is to be written, all or nothing. With `needs`, nothing: lock these too, ask again."""

    needs: frozenset[str] = frozenset()
    outcomes: tuple[Outcome, ...] = ()
    ops: tuple[OpRow, ...] = ()
    writes: tuple[Written, ...] = ()
    left: tuple[Left, ...] = ()
    settled: tuple[tuple[UUID, int], ...] = ()  # Lineage and number; nothing more becomes of it.
    decided: tuple[Decided, ...] = ()
    conflicts: tuple[Opened, ...] = ()
    claims: tuple[Claim, ...] = ()
    states: tuple[ScopeState, ...] = ()
    void: tuple[Gap, ...] = ()
    backed_up_to: int = 0  # Up to this number a restore loses nothing of the lineage.
    last_n: int = 0
    previous: bytes = b""  # The writer's newest link before this.
    chain: bytes = b""
