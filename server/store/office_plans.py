"""Plans as the office lists them, and the equipment they cover. Rule: as in `store.office`."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.office import ASSET

PLAN = KIND_TABLES["plan"]
IN_USE = ("in-use", "standby")
SITES = msgspec.json.Decoder(tuple[UUID, ...])


async def load_plan_sites(tx: AsyncConnection) -> dict[UUID, tuple[UUID, ...]]:
    """The sites of every plan, plans by id. The rest of a plan is read for a page of them only."""
    query = select(PLAN.c.id, PLAN.c.sites).where(PLAN.c.withdrawn.is_(False)).order_by(PLAN.c.id)
    return {row.id: SITES.decode(row.sites) for row in await tx.execute(query)}


class Coverable(Struct, frozen=True):
    """Equipment that a plan can ask to inspect."""

    id: UUID
    site: UUID
    category: str


async def load_coverable(
    tx: AsyncConnection, *, sites: Collection[UUID], categories: Collection[str]
) -> Mapping[UUID, list[Coverable]]:
    """What of these categories stands at each site in use, by name; merged ones are not."""
    query = (
        select(ASSET.c.id, ASSET.c.site, ASSET.c.category)
        .where(ASSET.c.site.in_(sites), ASSET.c.category.in_(categories))
        .where(ASSET.c.withdrawn.is_(False), ASSET.c.merged_into.is_(None))
        .where(ASSET.c.status.is_(None) | ASSET.c.status.in_(IN_USE))
        .order_by(ASSET.c.name, ASSET.c.id)
    )
    found: dict[UUID, list[Coverable]] = {site: [] for site in sites}
    for row in await tx.execute(query):
        found[row.site].append(Coverable(row.id, row.site, row.category))
    return found
