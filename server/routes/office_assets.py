"""Equipment and sites in the office. Rule: a list is found by what people know of a thing."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import convert, structs
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import (
    INSPECTORS_PER_LIST_MAX,
    ROWS_PER_LIST_DEFAULT,
    ROWS_PER_LIST_MAX,
    Words,
)
from schemas.duplicates import DuplicateGroup, DuplicatePage
from schemas.kinds.asset import Asset
from schemas.kinds.template import Category
from schemas.office import (
    AssetDetail,
    AssetPage,
    AssetRow,
    BoundTag,
    PersonName,
    SitePage,
)
from server.auth.people import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.judging import Judge, local_day
from server.office_detail import finding_row
from server.office_files import photos_of
from server.office_lists import actions, with_words
from server.office_rows import site_row
from server.paging import Limit, Offset, Search
from server.signatures import load_notes
from server.store import (
    grants,
    office,
    office_assets,
    office_evidence,
    office_inspections,
    office_rounds,
    records,
)
from server.store.office import UNDONE_STATES, Sites
from server.store.office_assets import AssetFilter, StoredAsset, StoredTag
from server.store.office_inspections import InspectionFilter
from server.store.office_rounds import RoundFilter
from sync.access import MAY, Access

Sort = Literal[
    "name",
    "-name",
    "number",
    "-number",
    "serial",
    "-serial",
    "category",
    "-category",
    "site",
    "-site",
]
LIFE_ROWS_MAX = 100


def asset_row(
    asset: StoredAsset, sites: Sites, tags: list[StoredTag], open_findings: int
) -> AssetRow:
    return AssetRow(
        id=asset.id,
        version=asset.version,
        name=asset.name,
        number=asset.number or "",
        category=convert(asset.category, Category | None),
        maker=asset.maker or "",
        model=asset.model or "",
        serial=asset.serial or "",
        position=asset.position or "",
        status=asset.status or "in-use",
        provisional=asset.provisional or False,
        site=asset.site,
        site_name=sites.by_id[asset.site].name,
        room=asset.room,
        room_name=asset.room_name or "",
        codes=tuple(tag.code for tag in tags if not tag.retired),
        open_findings=open_findings,
    )


async def asset_rows(
    tx: AsyncConnection, assets: list[StoredAsset], sites: Sites
) -> tuple[AssetRow, ...]:
    ids = {asset.id for asset in assets}
    tags = await office_assets.load_tags(tx, ids)
    findings = await office_assets.count_open_findings(tx, ids)
    return tuple(
        asset_row(asset, sites, tags.get(asset.id, []), findings.get(asset.id, 0))
        for asset in assets
        if asset.site in sites.by_id
    )


@get("/office/assets", operation_id="listAssets", summary="Assets")
async def list_assets(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    q: Search = None,
    site: FromQuery[UUID | None] = None,
    room: FromQuery[UUID | None] = None,
    category: FromQuery[Category | None] = None,
    sort: FromQuery[Sort] = "name",
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> AssetPage:
    """List assets; `q` is part of a name, number, serial, maker, model or position, or a code."""
    wanted = AssetFilter(text=(q or "").strip(), site=site, room=room, category=category)
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        total, found = await office_assets.load_assets(
            tx, sites, wanted, order=sort, limit=limit, offset=offset
        )
        rows = await asset_rows(tx, found, sites)
    return AssetPage(total=total, offset=offset, rows=rows)


@get("/office/assets/{asset_id:uuid}", operation_id="showAsset", summary="One asset, its life")
async def show_asset(
    asset_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    judge: NamedDependency[Judge],
) -> AssetDetail:
    """Show an asset with its tags, last readings, inspections and findings, the newest first."""
    now = clock.now()
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        _, found = await office_assets.load_assets(tx, sites, AssetFilter(ids=(asset_id,)), limit=1)
        if not found or found[0].site not in sites.by_id:
            raise NotFound
        site = sites.by_id[found[0].site]
        record = (await records.load(tx, await records.locate(tx, {asset_id})))[asset_id]
        merged = await office_assets.load_merged(tx, asset_id)
        own = {asset_id, *merged}
        tags = await office_assets.load_tags(tx, own)
        inspected = await office_inspections.load_inspected(
            tx, sites, InspectionFilter(assets=own), order="-started_at", limit=LIFE_ROWS_MAX
        )
        inspections = await with_words(tx, judge, inspected, sites, clock)
        findings = await office_evidence.load_findings(tx, sites, assets=own, limit=LIFE_ROWS_MAX)
        notes = await load_notes(tx, sites, {one.id for one in inspected})
        evidence = {*own, *(one.id for one in findings), *(one.id for one in inspected)}
        photos = await photos_of(tx, sites, evidence)
        (row,) = await asset_rows(tx, found, sites)
        winner = await office_assets.load_winner(tx, asset_id)
        others = await rows_by_id(tx, sites, {*merged, winner} - {asset_id})
        open_rounds = await load_open_rounds(tx, sites, asset_id, site.id)
        templates = await judge.templates(tx, {one.template for one in inspected})
    return AssetDetail(
        row=row,
        time_zone=site.time_zone,
        asset=convert(record.data, Asset),
        tags=tuple(bound_tag(tag) for id_ in (asset_id, *merged) for tag in tags.get(id_, [])),
        inspections=tuple(structs.replace(one, signed=notes.get(one.id)) for one in inspections),
        findings=tuple(
            finding_row(
                one,
                sites,
                local_day(now, site.time_zone),
                notes.get(one.inspection) if one.inspection else None,
            )
            for one in findings
        ),
        photos=photos,
        titles={known.key: known.title for known in templates.values()},
        merged_into=others.get(winner),
        merged=tuple(others[id_] for id_ in merged if id_ in others),
        open_rounds=open_rounds,
        may=actions(signed_in.access, site.id),
    )


async def rows_by_id(
    tx: AsyncConnection, sites: Sites, ids: Collection[UUID]
) -> dict[UUID, AssetRow]:
    """Rows of those of these assets that may be read."""
    if not ids:
        return {}
    _, found = await office_assets.load_assets(
        tx, sites, AssetFilter(ids=ids), limit=len(ids) + ROWS_PER_LIST_MAX
    )
    return {row.id: row for row in await asset_rows(tx, found, sites)}


async def load_open_rounds(
    tx: AsyncConnection, sites: Sites, asset: UUID, site: UUID
) -> tuple[Words, ...]:
    """Titles of the rounds at a site that still ask for an asset: they do not move with it."""
    wanted = RoundFilter(site=site, states=UNDONE_STATES)
    _, rounds = await office_rounds.load_rounds(tx, sites, wanted, limit=ROWS_PER_LIST_MAX)
    return tuple(
        one.title
        for one in rounds
        if any(target.asset == asset and not target.withdrawn for target in one.targets)
    )


@get("/office/assets/duplicates", operation_id="listDuplicates", summary="Assets entered twice")
async def list_duplicates(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> DuplicatePage:
    """List groups of assets of one customer with the same maker and serial number.

    Case, spaces and dashes are passed over; only assets at sites that this person may read.
    """
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        total, groups = await office_assets.load_duplicates(tx, sites, limit=limit, offset=offset)
        rows = await rows_by_id(tx, sites, {id_ for group in groups for id_ in group})
    return DuplicatePage(
        total=total,
        offset=offset,
        groups=tuple(group_of([rows[id_] for id_ in group if id_ in rows]) for group in groups),
    )


def group_of(assets: list[AssetRow]) -> DuplicateGroup:
    """Ids are made in the order of time, so the first has been here longest."""
    return DuplicateGroup(maker=assets[0].maker, serial=assets[0].serial, assets=tuple(assets))


def bound_tag(tag: StoredTag) -> BoundTag:
    return BoundTag(
        id=tag.id,
        version=tag.version,
        code=tag.code,
        bound_at=tag.bound_at,
        retired=tag.retired or False,
    )


@get("/office/sites", operation_id="listSites", summary="Sites")
async def list_sites(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    limit: Limit = ROWS_PER_LIST_MAX,
    offset: Offset = 0,
) -> SitePage:
    """List the sites that this person may read, by city and name, with what is open there."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        counts = await office_assets.count_by_site(tx, sites)
    ordered = sorted(sites.by_id.values(), key=lambda site: (site.city, site.name, site.id))
    return SitePage(
        total=len(ordered),
        offset=offset,
        rows=tuple(
            site_row(
                site,
                assets=counts["assets"].get(site.id, 0),
                open_rounds=counts["open_rounds"].get(site.id, 0),
                open_findings=counts["open_findings"].get(site.id, 0),
            )
            for site in ordered[offset : offset + limit]
        ),
    )


@get(
    "/office/sites/{site_id:uuid}/inspectors",
    operation_id="listInspectors",
    summary="Who may inspect at a site",
)
async def list_inspectors(
    site_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
) -> list[PersonName]:
    """List the people to whom a round at this site can be given, by name: the first of them."""
    if not may_read(signed_in.access, site_id):
        raise NotFound
    async with database.read() as tx:
        found = await grants.load_named_at(
            tx, site_id, MAY["inspect"], limit=INSPECTORS_PER_LIST_MAX
        )
    return [PersonName(id=id_, name=name) for id_, name in found]


def may_read(access: Access, site: UUID) -> bool:
    return access.may("read", site=site)
