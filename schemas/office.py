"""What the office reads and decides. Rule: rows name things by words, so that no list asks twice.

Every list is a page: `total` counts all that the filter leaves, `rows` are those from `offset` on.
Only sites that the reader may read are ever counted or named.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Raw

from schemas.base import (
    CHILDREN_PER_INSPECTION_MAX,
    ELEMENTS_MAX,
    FIELDS_PER_OP_MAX,
    INTEGER_MAX,
    Count,
    Id,
    Instant,
    Line,
    Name,
    Slug,
    Text,
    Version,
    Wire,
    Words,
)
from schemas.forms import Answer, Form, Limits, Number, Severity, Unit, Value
from schemas.kinds.asset import Asset, Verdict
from schemas.kinds.evidence import FollowUp
from schemas.kinds.inspection import Element, Remark, Replacement, Review
from schemas.kinds.notices import Settled
from schemas.kinds.template import Category
from schemas.kinds.work import Plan
from schemas.office_files import Photo, StillHeld
from schemas.ops import OutcomeName, Path
from schemas.problems import Problem
from schemas.signing import Signed, SignedNote

InspectionStep = Literal["draft", "returned", "submitted", "accepted"]
TargetStep = Literal["open", "draft", "returned", "submitted", "accepted"]
Tick = Literal["open", "started", "done", "abnormal", "na", "withdrawn"]
AssignmentState = Literal["planned", "issued", "started", "done", "closed", "withdrawn"]
FindingState = Literal["open", "planned", "fixed", "verified", "accepted-risk"]

# --- Places ---


class SiteRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    name: Name
    city: Name
    address: Line = ""
    time_zone: str
    customer: Id
    customer_name: Name
    contract: Id | None = None
    contract_number: Line = ""
    assets: Count = 0
    open_rounds: Count = 0
    open_findings: Count = 0


class SitePage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[SiteRow, ...]


class PersonName(Wire, frozen=True, kw_only=True):
    """Somebody who may inspect at a site: whom a round can be assigned to."""

    id: Id
    name: Name


# --- Rounds ---


class Progress(Wire, frozen=True, kw_only=True):
    """How far a round is. `ticks` are one per target, in the order of the targets.

    `done` counts submitted and accepted ones; withdrawn targets count nowhere.
    """

    total: Count
    done: Count = 0
    abnormal: Count = 0
    to_review: Count = 0
    returned: Count = 0
    photos_waiting: Count = 0  # Named by the answers, bytes not here yet.
    ticks: tuple[Tick, ...] = ()


class AssignmentRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    title: Words
    site: Id
    site_name: Name
    city: Name
    time_zone: str
    customer_name: Name
    state: AssignmentState
    assignee: Id | None = None
    assignee_name: Line = ""
    backup: Id | None = None
    backup_name: Line = ""
    starts_at: Instant
    due_at: Instant
    is_overdue: bool = False
    progress: Progress


class AssignmentPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[AssignmentRow, ...]


class TargetRow(Wire, frozen=True, kw_only=True):
    """One asset of a round. `inspection` is null while nothing was begun.

    `discarded`: a beginning that was not taken, and that somebody let go; it can be begun again.
    """

    asset: Id
    asset_name: Line = ""
    asset_number: Line = ""
    room_name: Line = ""
    position: Line = ""
    template: Id
    template_title: Words | None = None
    inspection: Id | None = None
    step: TargetStep = "open"
    tick: Tick = "open"
    inspector_name: Line = ""
    submitted_at: Instant | None = None
    abnormal: Count = 0
    warning: Count = 0
    photos_waiting: Count = 0
    discarded: Settled | None = None


class AssignmentDetail(Wire, frozen=True, kw_only=True):
    """`may` are the actions of the role table that the reader has at this site."""

    row: AssignmentRow
    note: Text = ""
    plan: Id | None = None
    occurrence: date | None = None
    targets: tuple[TargetRow, ...]
    visits: tuple["VisitRow", ...] = ()
    may: tuple[str, ...] = ()


# --- Review ---


class InspectionRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    asset: Id
    asset_name: Line = ""
    asset_number: Line = ""
    position: Line = ""
    room_name: Line = ""
    site: Id
    site_name: Name
    time_zone: str
    assignment: Id | None = None
    assignment_title: Words | None = None
    template: Id
    template_title: Words | None = None
    inspector: Id
    inspector_name: Name
    step: InspectionStep
    round: Count = 1
    started_at: Instant | None = None
    submitted_at: Instant | None = None
    abnormal: Count = 0
    warning: Count = 0
    photos_waiting: Count = 0
    conflicts: Count = 0
    signed: SignedNote | None = None  # Told where one asset's life is shown.


class InspectionPage(Wire, frozen=True, kw_only=True):
    """`oldest` is the submission that has waited longest, of all that the filter leaves."""

    total: Count
    offset: Count = 0
    oldest: Instant | None = None
    rows: tuple[InspectionRow, ...]


class Why(Wire, frozen=True, kw_only=True):
    """Why a verdict is not simply normal: `code` is one of `sync.forms`, `limit` in its unit."""

    code: str
    limit: Number | None = None
    source: Words | None = None
    rule: Line = ""
    words: Words | None = None


class Before(Wire, frozen=True, kw_only=True):
    """The same item at the last accepted inspection before this one."""

    value: Value = None
    verdict: Verdict = "normal"


class Judged(Wire, frozen=True, kw_only=True):
    """What one answer means. `path` is `item` or `group.element.item`; hidden items are left out.

    `change` is the reading minus the one before.
    """

    path: Line
    section: Slug
    verdict: Verdict
    value: Value = None
    asked: bool = False
    missing: bool = False
    incomplete: bool = False
    reasons: tuple[Why, ...] = ()
    limits: Limits | None = None
    unit: Unit = ""
    before: Before | None = None
    change: Number | None = None


class FindingRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    asset: Id
    asset_name: Line = ""
    site: Id
    site_name: Name
    inspection: Id | None = None
    item: Line = ""
    severity: Severity
    text: Text
    recommendation: Text = ""
    found_at: Instant
    round: Count = 1
    step: FindingState = "open"
    owner: Line = ""
    due_on: date | None = None
    is_overdue: bool = False
    signed: SignedNote | None = None  # Of the work that it was found in.
    follow_ups: Annotated[Mapping[Id, FollowUp], Meta(max_length=ELEMENTS_MAX)] = {}


class ConflictRow(Wire, frozen=True, kw_only=True):
    """A field that two people wrote; `ours` stands until somebody decides."""

    id: Id
    record: Id
    kind: str
    title: Line = ""  # Name of the asset or place that the record belongs to.
    site: Id | None = None
    path: Line
    ours: Raw
    theirs: Raw
    theirs_by: Line = ""
    made_at: Instant
    opened_at: Instant
    op: Id  # The change that brought it: there it is decided.


class HistoryRow(Wire, frozen=True, kw_only=True):
    """One op on this record or its children. `made_at` is the writer's clock, `at` the server's.

    `skew_ms` is by how much the writer's clock was ahead; null is unknown.
    """

    op: Id | None = None
    record: Id | None = None
    kind: str = ""
    person_name: Line = ""
    device_name: Line = ""
    is_office: bool = False
    paths: Annotated[tuple[Path, ...], Meta(max_length=3 * FIELDS_PER_OP_MAX)] = ()
    made_at: Instant | None = None
    at: Instant
    skew_ms: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | None = None
    outcome: OutcomeName
    replaces: Id | None = None  # The op that this one mends, discards or decides.
    words: Text = ""  # Why.
    is_late: bool = False  # By the office, into work that was accepted already.


class VisitRow(Wire, frozen=True, kw_only=True):
    """The presence on site that this inspection belongs to, with the customer's own problems."""

    id: Id
    engineer_name: Name
    started_at: Instant
    ended_at: Instant | None = None
    contact: Line = ""
    problems: tuple[Text, ...] = ()
    note: Text = ""
    signed: SignedNote | None = None  # By the customer's contact.


Versions = Annotated[Mapping[Id, Version], Meta(max_length=CHILDREN_PER_INSPECTION_MAX)]


class InspectionDetail(Wire, frozen=True, kw_only=True):
    """One result, whole. `seen` goes back with the decision: it is taken over these versions.

    `order` lists the shown paths, what is abnormal first. `obstacles` are why it cannot be
    accepted now, without or with a reason; `may` are the decisions that this reader has.
    """

    row: InspectionRow
    asset: Asset
    codes: tuple[str, ...] = ()  # Of the tags bound to it, retired ones left out.
    template_key: Slug
    form: Form
    answers: Mapping[Slug, Answer | None] = {}
    elements: Mapping[str, Element] = {}
    judged: tuple[Judged, ...] = ()
    order: tuple[Line, ...] = ()
    before_at: Instant | None = None
    before_by: Line = ""
    remarks: Mapping[Id, Remark] = {}
    replacements: Mapping[Id, Replacement] = {}
    note: Text = ""
    review: Review | None = None
    photos: tuple[Photo, ...] = ()
    still_held: tuple[StillHeld, ...] = ()  # What of them has not arrived, by tablet.
    signatures: tuple[Signed, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    visits: tuple[VisitRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    seen: Versions
    obstacles: tuple[Problem, ...] = ()
    may: tuple[Literal["accept", "return", "undo"], ...] = ()


# --- Assets ---


class AssetRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    name: Name
    number: Line = ""
    category: Category | None = None
    maker: Line = ""
    model: Line = ""
    serial: Line = ""
    position: Line = ""
    status: str = "in-use"
    provisional: bool = False
    site: Id
    site_name: Name
    room: Id | None = None
    room_name: Line = ""
    codes: tuple[str, ...] = ()  # Of the tags bound to it, retired ones left out.
    open_findings: Count = 0


class AssetPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[AssetRow, ...]


class BoundTag(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    code: str
    bound_at: Instant | None = None
    retired: bool = False


class AssetDetail(Wire, frozen=True, kw_only=True):
    """An asset with its life: tags, last readings (in `asset.last`), inspections, findings."""

    row: AssetRow
    time_zone: str
    asset: Asset
    tags: tuple[BoundTag, ...] = ()
    inspections: tuple[InspectionRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    photos: tuple[Photo, ...] = ()  # Of itself, its findings and these inspections; newest first.
    titles: Mapping[Slug, Words] = {}  # Of the templates that `asset.last` speaks of, by key.
    merged_into: AssetRow | None = None  # It is a duplicate of that one.
    merged: tuple[AssetRow, ...] = ()  # Its duplicates; their tags and work are shown as its own.
    open_rounds: tuple[Words, ...] = ()  # Titles of the rounds at its site that still ask for it.
    may: tuple[str, ...] = ()


# --- Today ---


class SeverityCount(Wire, frozen=True, kw_only=True):
    severity: Severity
    open: Count = 0
    overdue: Count = 0


class DeviceRow(Wire, frozen=True, kw_only=True):
    """A device that holds work which has not arrived, as it said itself, or files it announced."""

    id: Id
    name: Name
    person_name: Name
    unsent: Count
    unsent_since: Instant | None = None
    seen_at: Instant | None = None
    held: StillHeld | None = None


class Today(Wire, frozen=True, kw_only=True):
    """Counts are of rounds, `to_review` of inspections. Days are those of each site."""

    at: Instant
    due_today: Count = 0
    overdue: Count = 0
    done_today: Count = 0
    to_review: Count = 0
    open_rounds: Count = 0
    rounds: tuple[AssignmentRow, ...] = ()  # Due today or overdue, the longest overdue first.
    findings: tuple[SeverityCount, ...] = ()
    devices: tuple[DeviceRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
    conflicts_total: Count = 0
    waiting: Count = 0  # Changes that the office has to decide over, conflicts among them.
    altered: Count = 0  # Places that the last look at the chains found; told to who may audit.
    lost: Count = 0  # Stored files that are lost; told to them too.
    backup_late: bool = False  # No backup was made in time; told to them too.


# --- Plans ---


class PlanRow(Wire, frozen=True, kw_only=True):
    id: Id
    version: Version
    plan: Plan


class PlanPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[PlanRow, ...]


# --- Contracts ---


class ContractRow(Wire, frozen=True, kw_only=True):
    """A contract, with whether photos that leave the house keep where they were taken."""

    id: Id
    version: Version
    customer: Id
    customer_name: Name
    number: Line
    title: Line = ""
    starts_on: date
    ends_on: date
    photo_place: Literal["stripped", "kept"] = "stripped"


class ContractPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[ContractRow, ...]


# --- Tags and labels ---


class TagAnswer(Wire, frozen=True, kw_only=True):
    """`GET /office/tags/{code}`. A code that is bound where the reader may not read is unknown."""

    code: str
    state: Literal["bound", "blank", "unknown"]
    asset: Id | None = None
    merged_from: Id | None = None  # The duplicate that the tag is on; `asset` is what it became.
    batch: Line = ""
