"""What is stored comes back, and heads, digests and guards hold on both databases."""

from uuid import UUID

import msgspec
from alembic.script import ScriptDirectory
from sqlalchemy import select

from server import migrate, schema_version
from server.database import Database
from server.store import records, scopes
from server.store.seed import Seed, seed
from server.store.tables import feed
from sync.record import mark

SITE = UUID(int=5)
SCOPE = f"site:{SITE}"
ASSET = UUID(int=9)
SERVER = UUID(int=1)
ASSETS = [
    Seed(
        "asset",
        ASSET,
        SCOPE,
        {
            "site": str(SITE),
            "name": "核心数据库 01",
            "warranty_until": "2027-03-01",
            "attributes": {"ip": "10.0.0.1"},
            "of_a_later_version": [1, {"a": None}],
        },
    ),
    Seed(
        "visit",
        UUID(int=10),
        SCOPE,
        {
            "site": str(SITE),
            "engineer": str(UUID(int=3)),
            "engineer_name": "梁志豪",
            "started_at": "2026-11-18T01:10:00Z",
            "problems": {str(UUID(int=4)): {"text": "慢"}},
        },
    ),
]


async def test_tables_and_migrations_agree(database: Database) -> None:
    await migrate.difference(database)


def test_the_versions_by_name_are_those_that_migrations_go_through() -> None:
    script = ScriptDirectory.from_config(migrate.config())
    gone_through = [one.revision for one in script.walk_revisions()]
    assert list(schema_version.VERSIONS) == gone_through[::-1]
    assert script.get_current_head() == schema_version.NEEDED


async def test_what_is_stored_comes_back_whole(database: Database) -> None:
    async with database.write() as tx:
        await seed(tx, ASSETS, epoch=1, lineage=SERVER)
    async with database.read() as tx:
        located = await records.locate(tx, {one.id for one in ASSETS} | {UUID(int=77)})
        found = await records.load(tx, located)
    assert {id_: dict(record.data) for id_, record in found.items()} == {
        one.id: one.data for one in ASSETS
    }
    assert set(found[UUID(int=10)].stamps) >= {f"problems.{UUID(int=4)}.text", "engineer"}


async def test_a_digest_is_the_count_and_sum_of_the_marks_of_the_bytes(database: Database) -> None:
    async with database.write() as tx:
        await seed(tx, ASSETS, epoch=3, lineage=SERVER)
    async with database.read() as tx:
        bodies = list(await tx.scalars(select(feed.c.body).where(feed.c.scope_id == SCOPE)))
        state = (await scopes.states(tx, [SCOPE]))[SCOPE]
    assert len(bodies) == state.live == len(ASSETS)
    assert sum(mark(body) for body in bodies if body) % (1 << 64) == state.marks
    assert state.head == 3 * 2**32 + len(ASSETS)


async def test_a_record_that_moved_on_is_not_overwritten(database: Database) -> None:
    async with database.write() as tx:
        await seed(tx, ASSETS, epoch=1, lineage=SERVER)
    async with database.write() as tx:
        located = await records.locate(tx, {ASSET})
        before = (await records.load(tx, located))[ASSET]
        after = msgspec.structs.replace(before, version=before.version + 1)
        assert await records.save(tx, [records.Write(after, before.version)])
        assert not await records.save(tx, [records.Write(after, before.version)])
