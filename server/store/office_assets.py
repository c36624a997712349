"""Equipment, sites and tags as the office lists them. Rule: as in `store.office`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.kind_tables import KIND_TABLES
from server.store.listed import Sortable, ordered
from server.store.office import (
    ASSET,
    ASSIGNMENT,
    ASSIGNMENT_STATE,
    ROOM,
    SITE,
    UNDONE_STATES,
    Sites,
    member,
)
from server.store.office_evidence import FINDING, FINDING_IS_OPEN
from server.store.tables import claims

TAG = KIND_TABLES["tag"]


class StoredAsset(Struct, frozen=True):
    id: UUID
    version: int
    site: UUID
    room: UUID | None
    room_name: str | None
    name: str
    number: str | None
    category: str | None
    maker: str | None
    model: str | None
    serial: str | None
    position: str | None
    status: str | None
    provisional: bool | None


COLUMNS = tuple(ASSET.c[name] for name in StoredAsset.__struct_fields__ if name != "room_name")
JOINED = ASSET.join(SITE, SITE.c.id == ASSET.c.site).outerjoin(ROOM, ROOM.c.id == ASSET.c.room)
ORDERS: Mapping[str, Sequence[Sortable]] = {
    "name": (ASSET.c.name,),
    "number": (ASSET.c.number,),
    "serial": (ASSET.c.serial,),
    "category": (ASSET.c.category, ASSET.c.name),
    "site": (SITE.c.name, ASSET.c.name),
}


def matching(text: str) -> ColumnElement[bool]:
    """Name, number, serial, maker, model or position holds the text, or a tag's code begins so."""
    like = f"%{escaped(text)}%"
    columns = (ASSET.c[n] for n in ("name", "number", "serial", "maker", "model", "position"))
    code = escaped(text.upper().replace("-", "").replace(" ", "")) + "%"
    bound = and_(TAG.c.asset == ASSET.c.id, TAG.c.withdrawn.is_(False))
    tagged = exists().where(bound, TAG.c.code.like(code, escape="\\"))
    return or_(*(func.lower(one).like(like.lower(), escape="\\") for one in columns), tagged)


def escaped(text: str) -> str:
    """The text as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class AssetFilter(Struct, frozen=True, kw_only=True):
    """Which equipment is asked for; what is not said limits nothing. `text`: see `matching`."""

    ids: Collection[UUID] | None = None
    text: str = ""
    site: UUID | None = None
    room: UUID | None = None
    category: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        asked: list[ColumnElement[bool] | None] = [
            ASSET.c.id.in_(self.ids) if self.ids is not None else IS_ONE,
            matching(self.text) if self.text else None,
            ASSET.c.site == self.site if self.site else None,
            ASSET.c.room == self.room if self.room else None,
            ASSET.c.category == self.category if self.category else None,
        ]
        return [condition for condition in asked if condition is not None]


def visible(sites: Sites) -> tuple[ColumnElement[bool], ...]:
    return (ASSET.c.withdrawn.is_(False), sites.at(ASSET.c.site))


# A duplicate that was merged is counted and listed no more; by its id it is still found.
IS_ONE = ASSET.c.merged_into.is_(None)


async def load_assets(
    tx: AsyncConnection,
    sites: Sites,
    asked: AssetFilter,
    *,
    order: str = "name",
    limit: int,
    offset: int = 0,
) -> tuple[int, list[StoredAsset]]:
    """A page of the assets that are asked for, and how many there are of them."""
    kept = (*visible(sites), *asked.conditions())
    total = await tx.scalar(select(func.count()).select_from(JOINED).where(*kept))
    query = (
        select(*COLUMNS, ROOM.c.name.label("room_name"))
        .select_from(JOINED)
        .where(*kept)
        .order_by(*ordered(ORDERS, order, ASSET.c.id))
        .limit(limit)
        .offset(offset)
    )
    rows = await tx.execute(query)
    return total or 0, [msgspec.convert(row, StoredAsset, from_attributes=True) for row in rows]


async def load_places(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Name, number, room and position of assets, as text."""
    if not assets:
        return {}
    query = (
        select(ASSET.c.id, ASSET.c.name, ASSET.c.number, ASSET.c.position, ROOM.c.name)
        .select_from(JOINED)
        .where(ASSET.c.id.in_(assets))
    )
    names = ("name", "number", "position", "room_name")
    return {
        row[0]: dict(zip(names, (text or "" for text in row[1:]), strict=True))
        for row in await tx.execute(query)
    }


class StoredTag(Struct, frozen=True):
    id: UUID
    version: int
    asset: UUID
    code: str
    bound_at: datetime | None
    retired: bool | None


async def load_tags(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, list[StoredTag]]:
    """The tags of each asset, the newest binding first; retired ones too."""
    if not assets:
        return {}
    columns = [TAG.c[name] for name in StoredTag.__struct_fields__]
    query = (
        select(*columns)
        .where(TAG.c.asset.in_(assets), TAG.c.withdrawn.is_(False))
        .order_by(TAG.c.bound_at.desc(), TAG.c.id)
    )
    found: dict[UUID, list[StoredTag]] = {}
    for row in await tx.execute(query):
        tag = msgspec.convert(row, StoredTag, from_attributes=True)
        found.setdefault(tag.asset, []).append(tag)
    return found


async def count_open_findings(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, int]:
    if not assets:
        return {}
    query = select(FINDING.c.asset, func.count()).where(
        FINDING_IS_OPEN, FINDING.c.asset.in_(assets)
    )
    return {row[0]: row[1] for row in await tx.execute(query.group_by(FINDING.c.asset))}


async def count_by_site(tx: AsyncConnection, sites: Sites) -> dict[str, dict[UUID, int]]:
    """Assets, open rounds and open findings of each site; three statements for all of them."""
    queries: Mapping[str, Select[UUID, int]] = {
        "assets": select(ASSET.c.site, func.count()).where(*visible(sites), IS_ONE),
        "open_rounds": select(ASSIGNMENT.c.site, func.count()).where(
            ASSIGNMENT.c.withdrawn.is_(False),
            sites.at(ASSIGNMENT.c.site),
            ASSIGNMENT_STATE.in_(UNDONE_STATES),
        ),
        "open_findings": select(ASSET.c.site, func.count())
        .select_from(FINDING.join(ASSET, ASSET.c.id == FINDING.c.asset))
        .where(FINDING_IS_OPEN, sites.at(ASSET.c.site)),
    }
    found: dict[str, dict[UUID, int]] = {}
    for name, query in queries.items():
        column = query.selected_columns[0]
        rows = await tx.execute(query.group_by(column))
        found[name] = {row[0]: row[1] for row in rows}
    return found


# --- Duplicates ---

MERGED_MAX = 50  # Of one asset; nobody enters one thing that often.


async def load_merged(tx: AsyncConnection, asset: UUID) -> list[UUID]:
    """What was merged into an asset, and into that in turn."""
    found: list[UUID] = []
    generation = [asset]
    while generation and len(found) < MERGED_MAX:
        query = select(ASSET.c.id).where(ASSET.c.merged_into.in_(generation))
        rows = await tx.scalars(query.order_by(ASSET.c.id).limit(MERGED_MAX))
        generation = [id_ for id_ in rows if id_ != asset and id_ not in found]
        found += generation
    return found


async def load_winner(tx: AsyncConnection, asset: UUID) -> UUID:
    """What an asset is by now: itself, or what it was merged into in the end."""
    seen = {asset}
    while True:
        into = await tx.scalar(select(ASSET.c.merged_into).where(ASSET.c.id == asset))
        if into is None or into in seen:
            return asset
        asset = into
        seen.add(into)


def bare(column: ColumnElement[str]) -> ColumnElement[str]:
    """What a maker wrote, whatever its case, spaces and dashes."""
    text: ColumnElement[str] = func.lower(func.coalesce(column, ""))
    for mark in (" ", "-", "_", "/", "."):
        text = func.replace(text, mark, "")
    return text


async def load_duplicates(
    tx: AsyncConnection, sites: Sites, *, limit: int, offset: int
) -> tuple[int, list[list[UUID]]]:
    """Assets of one customer with the same maker and serial number, and how many such groups."""
    read = (
        select(
            ASSET.c.id,
            member(SITE.c.customer, "id").label("customer"),
            bare(ASSET.c.maker).label("maker"),
            bare(ASSET.c.serial).label("serial"),
        )
        .select_from(JOINED)
        .where(*visible(sites), IS_ONE, ASSET.c.serial.is_not(None))
        .cte("read")
    )
    alike = (read.c.customer, read.c.maker, read.c.serial)
    groups = select(*alike).where(read.c.serial != "").group_by(*alike).having(func.count() > 1)
    total = await tx.scalar(select(func.count()).select_from(groups.subquery())) or 0
    page = groups.order_by(*alike).limit(limit).offset(offset).subquery()
    same = (page.c.customer, page.c.maker, page.c.serial)
    joined = read.join(page, and_(*(one == other for one, other in zip(alike, same, strict=True))))
    query = select(read.c.id, *alike).select_from(joined).order_by(*alike, read.c.id)
    found: dict[tuple[str, str, str], list[UUID]] = {}
    for row in await tx.execute(query):
        found.setdefault((row.customer, row.maker, row.serial), []).append(row.id)
    return total, list(found.values())


# --- Printed tags ---


class StoredClaim(Struct, frozen=True):
    code: str
    asset_id: UUID | None
    scope_id: str | None
    batch: str | None
    retired: bool


async def load_claim(tx: AsyncConnection, code: str) -> StoredClaim | None:
    columns = [claims.c[name] for name in StoredClaim.__struct_fields__]
    row = (await tx.execute(select(*columns).where(claims.c.code == code))).one_or_none()
    return msgspec.convert(row, StoredClaim, from_attributes=True) if row else None


async def save_blank(
    tx: AsyncConnection, codes: Sequence[str], *, batch: str, at: datetime
) -> None:
    """Claim codes for tags that are printed before anything is bound to them.

    Raises SQLAlchemy's `IntegrityError` when one of them was dealt before.
    """
    names = ("code", "asset_id", "scope_id", "batch", "printed_at", "retired")
    await bulk.insert(tx, claims, names, [(code, None, None, batch, at, False) for code in codes])


async def save_printed(tx: AsyncConnection, codes: Collection[str], *, at: datetime) -> None:
    await tx.execute(update(claims).where(claims.c.code.in_(codes)).values(printed_at=at))
