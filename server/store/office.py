"""What the office reads: sites, rounds, inspections, in bulk. Rule: no statement for a single row.

Everything is limited to `Sites`, the sites that the reader may read; nothing else is ever counted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Words
from schemas.kinds.inspection import Step
from schemas.kinds.places import ContractSummary, CustomerSummary
from schemas.kinds.work import Target
from schemas.office import InspectionStep
from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import people
from sync.access import Access
from sync.scopes import archive_scope, site_scope

SITE, ROOM, ASSET = KIND_TABLES["site"], KIND_TABLES["room"], KIND_TABLES["asset"]
ASSIGNMENT, INSPECTION = KIND_TABLES["assignment"], KIND_TABLES["inspection"]
ATTACHMENT, TEMPLATE = KIND_TABLES["attachment"], KIND_TABLES["template"]

Sortable = ColumnElement[object] | ColumnElement[str] | ColumnElement[UUID]

IDS_PER_STATEMENT_MAX = 10_000

WORDS = msgspec.json.Decoder(Words)
TARGETS = msgspec.json.Decoder(tuple[Target, ...])
CUSTOMER = msgspec.json.Decoder(CustomerSummary)
CONTRACT = msgspec.json.Decoder(ContractSummary | None)
STEP = msgspec.json.Decoder(Step | None)


class Site(Struct, frozen=True):
    """What every row says of its site."""

    id: UUID
    version: int
    name: str
    city: str
    address: str
    time_zone: str
    customer: CustomerSummary
    contract: ContractSummary | None


class Sites(Struct, frozen=True):
    """The sites that a person may read, and the conditions that keep to them."""

    by_id: Mapping[UUID, Site]
    is_all: bool

    def at(self, column: ColumnElement[UUID]) -> ColumnElement[bool]:
        """Limit a column that holds a site's id."""
        return true() if self.is_all else column.in_(list(self.by_id))

    def within(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Limit a column that holds the scope of a site, at work or archived."""
        if self.is_all:
            return or_(column.startswith("site:"), column.startswith("archive:"))
        scopes = (site_scope, archive_scope)
        return column.in_([scope(site) for site in self.by_id for scope in scopes])

    def only(self, site: UUID) -> "Sites":
        """One of them alone; none when it is not among them."""
        return Sites({id_: one for id_, one in self.by_id.items() if id_ == site}, is_all=False)

    def of_scope(self, scope: str) -> Site | None:
        """The site whose scope or archive this is, if it may be read."""
        kind, _, id_ = scope.partition(":")
        return self.by_id.get(UUID(id_)) if kind in ("site", "archive") else None


async def load_sites(tx: AsyncConnection, access: Access) -> Sites:
    """Load the sites that this person may read."""
    readable = access.sites_where("read")
    query = select(
        SITE.c.id,
        SITE.c.version,
        SITE.c.name,
        SITE.c.city,
        SITE.c.address,
        SITE.c.time_zone,
        SITE.c.customer,
        SITE.c.contract,
    ).where(SITE.c.withdrawn.is_(False))
    if not access.is_administrator:
        query = query.where(SITE.c.id.in_(list(readable)))
    found = {
        row.id: Site(
            row.id,
            row.version,
            row.name,
            row.city,
            row.address or "",
            row.time_zone or "Asia/Shanghai",
            CUSTOMER.decode(row.customer),
            CONTRACT.decode(row.contract or "null"),
        )
        for row in await tx.execute(query)
    }
    return Sites(found, access.is_administrator)


# --- States, as SQL ---


def member(column: ColumnElement[str], name: str) -> ColumnElement[str]:
    """A member of a JSON column as text; both databases have `->>` (SQLite from 3.38)."""
    return column.op("->>", return_type=Text())(literal(name, Text()))


def round_of(column: ColumnElement[str]) -> ColumnElement[int]:
    return func.coalesce(cast(member(column, "round"), BigInteger), 1)


# The same as `sync.consequences.inspection_state`, which a test holds it to.
INSPECTION_STATE: ColumnElement[str] = case(
    (
        and_(
            member(INSPECTION.c.review, "decision") == "accepted",
            round_of(INSPECTION.c.review) == round_of(INSPECTION.c.step),
        ),
        "accepted",
    ),
    (
        and_(
            member(INSPECTION.c.review, "decision") == "returned",
            func.coalesce(member(INSPECTION.c.step, "step"), "draft") == "draft",
        ),
        "returned",
    ),
    (member(INSPECTION.c.step, "step") == "submitted", "submitted"),
    else_="draft",
)
SUBMITTED_AT = member(INSPECTION.c.step, "at")


# --- Rounds ---


class Round(Struct, frozen=True):
    id: UUID
    version: int
    site: UUID
    plan: UUID | None
    occurrence: date | None
    title: Words
    targets: tuple[Target, ...]
    starts_at: datetime
    due_at: datetime
    assignee: UUID | None
    backup: UUID | None
    state: str


ROUND_COLUMNS = tuple(ASSIGNMENT.c[name] for name in Round.__struct_fields__)
# A member that has its default value need not be stored.
ASSIGNMENT_STATE: ColumnElement[str] = func.coalesce(ASSIGNMENT.c.state, "planned")
ROUND_ORDERS: Mapping[str, Sequence[Sortable]] = {
    "due_at": (ASSIGNMENT.c.due_at,),
    "starts_at": (ASSIGNMENT.c.starts_at,),
    "state": (ASSIGNMENT_STATE, ASSIGNMENT.c.due_at),
    "site": (SITE.c.name, ASSIGNMENT.c.due_at),
}
OPEN_STATES = ("planned", "issued", "started")


def ordered(
    orders: Mapping[str, Sequence[Sortable]], name: str, last: ColumnElement[UUID]
) -> list[Sortable]:
    """The columns of an order; `-name` is the other way round, and ids settle what is equal."""
    columns = orders[name.removeprefix("-")]
    if name.startswith("-"):
        return [*(column.desc() for column in columns), last.desc()]
    return [*columns, last]


def plain(row: RowMapping) -> dict[str, object]:
    """A row by names that are nothing but text."""
    return {str(name): value for name, value in row.items()}


def round_row(row: Mapping[str, object]) -> Round:
    values = {name: row[name] for name in Round.__struct_fields__}
    values["title"] = WORDS.decode(str(values["title"]))
    values["targets"] = TARGETS.decode(str(values["targets"]))
    values["state"] = values["state"] or "planned"
    return msgspec.convert(values, Round)


async def load_rounds(
    tx: AsyncConnection,
    sites: Sites,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: str,
    limit: int,
    offset: int = 0,
) -> tuple[int, list[Round]]:
    """A page of the rounds that meet all conditions, and how many there are of them."""
    kept = [ASSIGNMENT.c.withdrawn.is_(False), sites.at(ASSIGNMENT.c.site), *conditions]
    joined = ASSIGNMENT.join(SITE, SITE.c.id == ASSIGNMENT.c.site)
    total = await tx.scalar(select(func.count()).select_from(joined).where(*kept))
    query = (
        select(*ROUND_COLUMNS)
        .select_from(joined)
        .where(*kept)
        .order_by(*ordered(ROUND_ORDERS, order, ASSIGNMENT.c.id))
        .limit(limit)
        .offset(offset)
    )
    return total or 0, [round_row(plain(row)) for row in (await tx.execute(query)).mappings()]


async def load_finished(
    tx: AsyncConnection, sites: Sites, *, since: str
) -> list[tuple[UUID, datetime]]:
    """Site and newest submission of rounds that are done, of those submitted to since a day.

    `since` is compared as text, so it has to lie two days before what is asked for.
    """
    joined = ASSIGNMENT.join(INSPECTION, INSPECTION.c.assignment == ASSIGNMENT.c.id)
    query = (
        select(ASSIGNMENT.c.id, ASSIGNMENT.c.site, SUBMITTED_AT)
        .select_from(joined)
        .where(ASSIGNMENT_STATE.in_(("done", "closed")), sites.at(ASSIGNMENT.c.site))
        .where(since <= SUBMITTED_AT)
    )
    newest: dict[UUID, tuple[UUID, datetime]] = {}
    for id_, site, text in await tx.execute(query):
        at = msgspec.convert(text, datetime)
        if id_ not in newest or at > newest[id_][1]:
            newest[id_] = (site, at)
    return list(newest.values())


# --- Inspections ---


class Inspected(Struct, frozen=True):
    """An inspection as lists need it; its answers are read only where nobody counted them yet."""

    id: UUID
    version: int
    scope_id: str
    asset: UUID
    template: UUID
    assignment: UUID | None
    inspector: UUID
    inspector_name: str
    started_at: datetime | None
    step: Step
    state: InspectionStep
    asset_version: int
    asset_name: str
    asset_number: str
    asset_serial: str
    position: str
    room_name: str
    assignment_title: Words | None


ORDERS: Mapping[str, Sequence[Sortable]] = {
    "submitted_at": (SUBMITTED_AT,),
    "started_at": (INSPECTION.c.started_at,),
    "asset": (ASSET.c.name,),
    "inspector": (INSPECTION.c.inspector_name,),
}
JOINED = (
    INSPECTION.join(ASSET, ASSET.c.id == INSPECTION.c.asset)
    .outerjoin(ROOM, ROOM.c.id == ASSET.c.room)
    .outerjoin(ASSIGNMENT, ASSIGNMENT.c.id == INSPECTION.c.assignment)
)
INSPECTED = select(
    INSPECTION.c.id,
    INSPECTION.c.version,
    INSPECTION.c.scope_id,
    INSPECTION.c.asset,
    INSPECTION.c.template,
    INSPECTION.c.assignment,
    INSPECTION.c.inspector,
    INSPECTION.c.inspector_name,
    INSPECTION.c.started_at,
    INSPECTION.c.step,
    INSPECTION_STATE.label("state"),
    ASSET.c.version.label("asset_version"),
    ASSET.c.name.label("asset_name"),
    func.coalesce(ASSET.c.number, "").label("asset_number"),
    func.coalesce(ASSET.c.serial, "").label("asset_serial"),
    func.coalesce(ASSET.c.position, "").label("position"),
    func.coalesce(ROOM.c.name, "").label("room_name"),
    ASSIGNMENT.c.title.label("assignment_title"),
).select_from(JOINED)


def inspected_row(row: Mapping[str, object]) -> Inspected:
    values = dict(row)
    values["step"] = STEP.decode(str(values["step"] or "null")) or Step()
    title = values["assignment_title"]
    values["assignment_title"] = WORDS.decode(str(title)) if title else None
    return msgspec.convert(values, Inspected)


async def load_inspected(
    tx: AsyncConnection,
    sites: Sites,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: str = "submitted_at",
    limit: int | None = None,
    offset: int = 0,
) -> list[Inspected]:
    """The inspections that meet all conditions, in order."""
    query = (
        INSPECTED.where(*visible(sites), *conditions)
        .order_by(*ordered(ORDERS, order, INSPECTION.c.id))
        .limit(limit)
        .offset(offset)
    )
    return [inspected_row(plain(row)) for row in (await tx.execute(query)).mappings()]


async def count_inspected(
    tx: AsyncConnection, sites: Sites, conditions: Sequence[ColumnElement[bool]]
) -> tuple[int, str | None]:
    """How many there are, and when the oldest of them was submitted, as text."""
    query = select(func.count(), func.min(SUBMITTED_AT)).select_from(JOINED)
    row = (await tx.execute(query.where(*visible(sites), *conditions))).one()
    return row[0], row[1]


def visible(sites: Sites) -> tuple[ColumnElement[bool], ...]:
    return (INSPECTION.c.withdrawn.is_(False), sites.within(INSPECTION.c.scope_id))


class Answered(Struct, frozen=True):
    """What was answered, as JSON."""

    answers: str | None
    elements: str | None


async def load_answers(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Answered]:
    query = select(INSPECTION.c.id, INSPECTION.c.answers, INSPECTION.c.elements)
    found: dict[UUID, Answered] = {}
    for some in batches(ids):
        rows = await tx.execute(query.where(INSPECTION.c.id.in_(some)))
        found |= {row.id: Answered(row.answers, row.elements) for row in rows}
    return found


async def load_readings(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, str]:
    """`asset.last` as JSON, of those assets that have it."""
    query = select(ASSET.c.id, ASSET.c.last).where(ASSET.c.last.is_not(None))
    found: dict[UUID, str] = {}
    for some in batches(assets):
        rows = await tx.execute(query.where(ASSET.c.id.in_(some)))
        found |= {row.id: row.last for row in rows}
    return found


async def count_waiting(tx: AsyncConnection, parents: Collection[UUID]) -> dict[UUID, int]:
    """How many attachments of each record are known by name only."""
    query = (
        select(ATTACHMENT.c.parent, func.count())
        .where(ATTACHMENT.c.received_at.is_(None), ATTACHMENT.c.withdrawn.is_(False))
        .group_by(ATTACHMENT.c.parent)
    )
    found: dict[UUID, int] = {}
    for some in batches(parents):
        rows = await tx.execute(query.where(ATTACHMENT.c.parent.in_(some)))
        found |= {row[0]: row[1] for row in rows}
    return found


def batches(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """Split ids into lists that one statement takes: both databases have a bound near 32,767."""
    every = list(ids)
    for start in range(0, len(every), IDS_PER_STATEMENT_MAX):
        yield every[start : start + IDS_PER_STATEMENT_MAX]


async def load_templates(
    tx: AsyncConnection, ids: Collection[UUID]
) -> dict[UUID, tuple[str, str, str]]:
    """Key, title and form of templates, the last two as JSON."""
    if not ids:
        return {}
    query = select(TEMPLATE.c.id, TEMPLATE.c.key, TEMPLATE.c.title, TEMPLATE.c.form)
    return {
        row.id: (row.key, row.title, row.form)
        for row in await tx.execute(query.where(TEMPLATE.c.id.in_(ids)))
    }


async def load_names(tx: AsyncConnection, persons: Collection[UUID]) -> dict[UUID, str]:
    """Names of people, those who left included."""
    if not persons:
        return {}
    query = select(people.c.id, people.c.name).where(people.c.id.in_(persons))
    return {row.id: row.name for row in await tx.execute(query)}
