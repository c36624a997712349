"""What waits for the office: conflicts, and changes that were not applied. Rule: both values told.

Only what the reader may read is named. A change on a record that is nobody's business here is told
like one on a record that does not exist.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, UnsetType

from schemas.base import (
    CONFLICTS_PER_OP_MAX,
    FIELDS_PER_OP_MAX,
    WAITING_ITEMS_MAX,
    Count,
    Id,
    Instant,
    Line,
    Text,
    Version,
    Wire,
    Words,
)
from schemas.forms import FormItem
from schemas.office import Versions
from schemas.ops import Path
from schemas.problems import Problem
from schemas.signing import SignedNote

WaitingKind = Literal["conflict", "review", "rejected", "held"]
# Why it waits: two wrote it; the tag is bound at another site; the work was accepted; the round
# was withdrawn or covers it no longer; the record was withdrawn; no such record here; the sender
# did not hold the site; the sender's device was being emptied; a restore took it away; the change
# that it mends had been settled; the change before it waits; a rule was broken.
WaitingReason = Literal[
    "conflict",
    "tag-elsewhere",
    "accepted",
    "recalled",
    "withdrawn",
    "unknown",
    "not-held",
    "draining",
    "witness",
    "settled-before",
    "held",
    "rule",
]
WaitingChoice = Literal["decide", "apply", "discard"]


class WaitingItem(Wire, frozen=True, kw_only=True):
    """A question of a checklist that a change answers; `element` is the disk, port or battery."""

    title: Words
    element: Line = ""


class WaitingRow(Wire, frozen=True, kw_only=True):
    """One change that waits. `made_at` is the tablet's clock, `at` the server's.

    `op` names it; `paths` are what it would write; `items` are the questions that the first of them
    answer; `behind` counts what waits for it.
    """

    op: Id
    kind: WaitingKind
    reason: WaitingReason
    record_kind: Line = ""
    record: Id | None = None  # Only where the reader may read it.
    title: Line = ""  # Name of the asset or place that the record belongs to.
    site: Id | None = None
    site_name: Line = ""
    time_zone: str = ""
    person_name: Line = ""
    device_name: Line = ""
    made_at: Instant | None = None
    at: Instant
    paths: Annotated[tuple[Path, ...], Meta(max_length=3 * FIELDS_PER_OP_MAX)] = ()
    items: Annotated[tuple[WaitingItem, ...], Meta(max_length=WAITING_ITEMS_MAX)] = ()
    behind: Count = 0


class WaitingSite(Wire, frozen=True, kw_only=True):
    """How much waits at one site."""

    site: Id
    name: Line
    count: Count


class WaitingPage(Wire, frozen=True, kw_only=True):
    """The one that has waited longest first; `kinds` and `sites` count before the filter."""

    total: Count
    offset: Count = 0
    kinds: Mapping[WaitingKind, Count] = {}
    sites: tuple[WaitingSite, ...] = ()
    rows: tuple[WaitingRow, ...] = ()


class Wrote(Wire, frozen=True, kw_only=True):
    """Who wrote a value, when by the writer's clock, and when it arrived."""

    person_name: Line = ""
    device_name: Line = ""
    is_office: bool = False
    made_at: Instant | None = None
    at: Instant | None = None


class WaitingField(Wire, frozen=True, kw_only=True):
    """One path that the change would write: what stood at its base, what stands, what it wants.

    An absent value is unknown, or not the reader's to know; null is that there is none. With
    `conflict` a person has to decide it. `item` is the question of an answer.
    """

    path: Line
    conflict: Id | None = None
    before: Raw | UnsetType = UNSET
    before_by: Wrote | None = None
    ours: Raw | UnsetType = UNSET
    ours_by: Wrote | None = None
    theirs: Raw | UnsetType = UNSET
    is_removed: bool = False
    item: FormItem | None = None
    element: Line = ""


class WaitingDetail(Wire, frozen=True, kw_only=True):
    """One change that waits, whole. `seen` goes back with what is decided over it.

    `obstacle` says why it cannot be applied here. `needs_words`: the work was accepted, so it
    is not changed without a reason. `may` are the decisions that this reader has.
    """

    row: WaitingRow
    base: Version = 0
    is_new: bool = False
    is_withdrawal: bool = False
    fields: tuple[WaitingField, ...] = ()
    problem: Problem | None = None
    inspection: Id | None = None  # Whose result it concerns.
    cause: Id | None = None  # The change that this one waits for.
    behind: tuple[WaitingRow, ...] = ()
    names: Mapping[Id, Line] = {}  # Of what values name by id, as far as the reader may read it.
    seen: Versions = {}
    obstacle: Literal["", "unknown", "withdrawn", "elsewhere", "own", "held", "unread"] = ""
    needs_words: bool = False
    signed: SignedNote | None = None  # For what it would change.
    may: tuple[WaitingChoice, ...] = ()


class Taken(Wire, frozen=True, kw_only=True):
    """What is taken of one conflict: what stands, what the change wanted, or `value`."""

    id: Id
    take: Literal["ours", "theirs", "value"]
    value: Raw | UnsetType = UNSET


class WaitingDecision(Wire, frozen=True, kw_only=True):
    """`POST /office/waiting/{op}/decide`: one of `conflicts`, `apply` or `discard`.

    `values` stand in place of what the change would write at these paths.
    """

    seen: Versions = {}
    conflicts: Annotated[tuple[Taken, ...], Meta(max_length=CONFLICTS_PER_OP_MAX)] = ()
    apply: bool = False
    discard: bool = False
    values: Annotated[Mapping[Path, Raw], Meta(max_length=FIELDS_PER_OP_MAX)] = {}
    words: Text = ""


class WaitingDecided(Wire, frozen=True, kw_only=True):
    """`left` conflicts of it are still open."""

    op: Id
    left: Count = 0
