"""The company into a database, once. Rule: one transaction, so a cut load leaves no row."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType

from msgspec import Struct, structs
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Language
from server.auth import secrets
from server.clock import Clock
from server.database import Database
from server.demo.company import Company
from server.demo.mint import Mint
from server.demo.tablets import APP_VERSION
from server.device_keys import record
from server.store import blobs, bulk, devices, files, grants, installation, ops, people
from server.store.devices import StoredDevice
from server.store.files import Known
from server.store.keys import load_unrecorded
from server.store.seed import Seed, bind_codes, seed
from server.store.tables import meta

SEED_KEY, TODAY_KEY = "demo_seed", "demo_today"

# What is told apart while loading, in this order, and which kinds it is.
PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "office": frozenset(("template", "customer", "contract", "plan")),
        "places": frozenset(("site", "room", "member")),
        "assets": frozenset(("asset", "tag")),
        "rounds": frozenset(("assignment", "visit", "inspection")),
        "evidence": frozenset(("attachment", "signature", "finding")),
    }
)


class Loaded(Struct, frozen=True):
    """Which company a database holds."""

    seed: int
    today: date


async def find(tx: AsyncConnection) -> Loaded | None:
    """Say which demo company is there, if one is."""
    query = select(meta.c.key, meta.c.value).where(meta.c.key.in_((SEED_KEY, TODAY_KEY)))
    rows = {row.key: row.value for row in await tx.execute(query)}
    if not rows:
        return None
    return Loaded(int(rows[SEED_KEY]), date.fromisoformat(rows[TODAY_KEY]))


async def load(
    database: Database,
    company: Company,
    clock: Clock,
    *,
    kept: Collection[Known],
    password_hash: str,
    language: Language | None = None,
    tell: Callable[[str, int], None] = lambda part, count: None,
) -> None:
    """Load everything; `tell` hears of each part of `PARTS`, and of the others, when it is in.

    `kept` is what the store holds already: the bytes of all pictures (`keeping`).

    The database must have its identity (`server.opening.prepare`) and no people yet. Everybody gets
    the same hash: it is one password, and printed. A language given is everybody's.
    """
    assert {one.sha256 for one in kept} == {one.sha256 for one in company.pictures}, "bytes first"
    mint = Mint(company.seed, company.today)
    lineage = mint.id("lineage", at=clock.now())
    async with database.write() as tx:
        made = await installation.load(tx)
        assert made is not None, "prepare the database first"
        marks = [(SEED_KEY, str(company.seed)), (TODAY_KEY, company.today.isoformat())]
        await bulk.insert(tx, meta, ("key", "value"), marks)
        await _load_people(tx, company, password_hash=password_hash, language=language)
        tell("people", len(company.people))
        await _load_tablets(tx, company, clock)
        await record(tx, clock, made.id, await load_unrecorded(tx), epoch=made.epoch)
        tell("tablets", len(company.tablets))
        await ops.begin_lineage(tx, lineage, origin="server")
        for part, kinds in PARTS.items():
            records: list[Seed] = [one for one in company.records if one.kind in kinds]
            await seed(tx, records, epoch=made.epoch, lineage=lineage)
            tell(part, len(records))
        await _note_pictures(tx, company, kept)
        tell("pictures", len(kept))
        await bind_codes(
            tx, ((one.code, one.asset, one.scope, one.batch) for one in company.claims)
        )
        tell("codes", len(company.claims))


async def _note_pictures(tx: AsyncConnection, company: Company, kept: Collection[Known]) -> None:
    since = {one.sha256: one.received_at for one in company.pictures}
    for known in kept:
        await blobs.save(tx, known.sha256, size=known.bytes, now=since[known.sha256])
        await files.save_known(tx, known)


async def _load_people(
    tx: AsyncConnection, company: Company, *, password_hash: str, language: Language | None
) -> None:
    for person in company.people:
        own = structs.replace(person, language=language) if language else person
        await people.save_new(tx, own, password_hash=password_hash)
    for grant in company.grants:
        await grants.save_new(tx, grant, granted_by=None)


async def _load_tablets(tx: AsyncConnection, company: Company, clock: Clock) -> None:
    """Register the tablets of before, as if each had been enrolled; nobody has their secrets."""
    for one in company.tablets:
        await ops.begin_lineage(tx, one.lineage, origin="device")
        device = StoredDevice(
            id=one.id,
            lineage_id=one.lineage,
            person_id=one.person,
            name=one.name,
            credential_hash=secrets.digest(secrets.deal(clock)),
            public_key=one.public_key,
            state="active",
            app_version=APP_VERSION,
            enrolled_at=one.enrolled_at,
            seen_at=one.seen_at,
            photos_left=one.photos_left,
        )
        await devices.save_new(tx, device)
