"""An installation to be measured: one site, its assets and rounds, an engineer, two devices.

Rule: filled once for each kind of database; every run begins with a copy.
"""

import asyncio
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

from benchmarks import work
from server import migrate
from server.auth import secrets
from server.auth.devices import credential_of
from server.clock import SystemClock
from server.database import Database
from server.store import devices, grants, installation, ops, people
from server.store.devices import StoredDevice
from server.store.grants import StoredGrant
from server.store.people import Person
from server.store.seed import Seed, seed
from tests.fixtures.postgres import Postgres, running_postgres

TEMPLATE = "template"
SECRET = "only-for-measuring"  # noqa: S105
# Unlike in the tests, what was committed is on disk.
DURABLE = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}


def credential(sender: work.Sender) -> str:
    return credential_of(sender.device, SECRET)


def seeds(records: int) -> list[Seed]:
    """What the office has prepared: the site, its assets, and a round for each 200 results."""
    customer = {"id": str(work.CUSTOMER), "name": "某某银行股份有限公司", "short_name": "某行"}
    site: dict[str, object] = {"name": "珠海主机房", "city": "珠海", "customer": customer}
    at = str(work.SITE)
    assets: list[dict[str, object]] = [
        {"site": at, "name": f"服务器 {i:03}", "serial": f"SN{i:08}", "maker": "Inspur"}
        for i in range(work.ASSETS)
    ]
    targets = [{"asset": str(id_), "template": str(work.TEMPLATE)} for id_ in work.ASSET_IDS]
    round_: dict[str, object] = {
        "site": at,
        "title": {"zh": "季度巡检", "en": "Quarterly inspection"},
        "targets": targets,
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2027-11-30T10:00:00Z",
        "assignee": str(work.PERSON),
        "state": "issued",
    }
    return [
        Seed("site", work.SITE, work.SCOPE, site),
        *(
            Seed("asset", id_, work.SCOPE, asset)
            for id_, asset in zip(work.ASSET_IDS, assets, strict=True)
        ),
        *(Seed("assignment", id_, work.SCOPE, round_) for id_ in work.assignment_ids(records)),
    ]


async def fill(url: str, records: int) -> None:
    """Migrate the database and put the installation into it, as its own routes would."""
    clock, database = SystemClock(), Database(url)
    now = clock.now()
    await migrate.upgrade(database)
    async with database.write() as tx:
        await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(32))
        engineer = Person(id=work.PERSON, login="engineer", name="梁志豪", created_at=now)
        await people.save_new(tx, engineer, password_hash=None)
        await grants.save_new(tx, site_grant(clock.new_id(), engineer), granted_by=None)
        for sender in (work.FIRST, work.SECOND):
            await ops.begin_lineage(tx, sender.lineage, origin="device")
            device = StoredDevice(
                id=sender.device,
                lineage_id=sender.lineage,
                person_id=engineer.id,
                name="tablet",
                credential_hash=secrets.digest(SECRET),
                public_key=None,
                state="active",
                app_version="0.1.0",
                enrolled_at=now,
            )
            await devices.save_new(tx, device)
        await seed(tx, seeds(records), epoch=work.EPOCH, lineage=UUID(int=1))
    await database.close()


def site_grant(id_: UUID, person: Person) -> StoredGrant:
    return StoredGrant(
        id=id_,
        person=person.id,
        role="engineer",
        customer=None,
        contract=None,
        site=work.SITE,
        granted_at=person.created_at,
    )


class Store(ABC):
    """One kind of database, and where its filled template is copied from."""

    name: str

    @abstractmethod
    def copy(self) -> str:
        """A fresh copy of the filled installation; gives its address."""


class SqliteStore(Store):
    name = "SQLite"

    def __init__(self, folder: Path, records: int) -> None:
        self._folder, self._numbers = folder, count(1)
        asyncio.run(fill(f"sqlite+aiosqlite:///{folder / TEMPLATE}.db", records))

    def copy(self) -> str:
        file = self._folder / f"copy-{next(self._numbers)}.db"
        shutil.copy(self._folder / f"{TEMPLATE}.db", file)
        return f"sqlite+aiosqlite:///{file}"


class PostgresStore(Store):
    name = "PostgreSQL"

    def __init__(self, postgres: Postgres, records: int) -> None:
        self._postgres, self._numbers = postgres, count(1)
        asyncio.run(fill(postgres.create(TEMPLATE), records))

    def copy(self) -> str:
        return self._postgres.create(f"copy_{next(self._numbers)}", template=TEMPLATE)


@contextmanager
def sqlite_store(records: int) -> Generator[Store]:
    with tempfile.TemporaryDirectory(prefix="xunjian-bench-") as folder:
        yield SqliteStore(Path(folder), records)


@contextmanager
def postgres_store(records: int) -> Generator[Store]:
    with running_postgres(DURABLE) as postgres:
        yield PostgresStore(postgres, records)
