"""What every list of the office rests on: sites, states, names. Rule: nothing beyond `Sites`.

Everything is limited to the sites that the reader may read, nothing else is ever counted, and
there is no statement for a single row.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar
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
from schemas.kinds.places import TIME_ZONE_DEFAULT, ContractSummary, CustomerSummary
from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import people
from sync.access import Access
from sync.scopes import archive_scope, site_scope

SITE, ROOM, ASSET = KIND_TABLES["site"], KIND_TABLES["room"], KIND_TABLES["asset"]
ASSIGNMENT, INSPECTION = KIND_TABLES["assignment"], KIND_TABLES["inspection"]
TEMPLATE = KIND_TABLES["template"]

Named = TypeVar("Named", UUID, str)

IDS_PER_STATEMENT_MAX = 10_000

WORDS = msgspec.json.Decoder(Words)
CUSTOMER = msgspec.json.Decoder(CustomerSummary)
CONTRACT = msgspec.json.Decoder(ContractSummary | None)


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
        SITE.c.withdrawn,
    )
    if not access.is_administrator:
        query = query.where(SITE.c.id.in_(list(readable)))
    rows = (await tx.execute(query)).all()
    found = {
        row.id: Site(
            row.id,
            row.version,
            row.name,
            row.city,
            row.address or "",
            row.time_zone or TIME_ZONE_DEFAULT,
            CUSTOMER.decode(row.customer),
            CONTRACT.decode(row.contract or "null"),
        )
        for row in rows
        if not row.withdrawn
    }
    # What is at a withdrawn site is listed nowhere, so its scope has to be left out by name.
    return Sites(found, access.is_administrator and len(found) == len(rows))


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
# A member that has its default value need not be stored.
ASSIGNMENT_STATE: ColumnElement[str] = func.coalesce(ASSIGNMENT.c.state, "planned")
# Of rounds whose work is not all handed in: they are late once they are past due. It is another
# question what a tablet holds (`sync.access.HELD_STATES`): nothing planned, and what is done too.
UNDONE_STATES = ("planned", "issued", "started")


# --- Rows and names ---


def plain(row: RowMapping) -> dict[str, object]:
    """A row by names that are nothing but text."""
    return {str(name): value for name, value in row.items()}


def batches(ids: Collection[Named]) -> Iterator[list[Named]]:
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
