"""An installation to be measured: at each site its assets and rounds, an engineer, devices.

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

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

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


def seeds(yard: work.Yard, records: int) -> list[Seed]:
    """What the office has prepared: the site, its assets, and a round for each 200 results."""
    customer = {"id": str(work.CUSTOMER), "name": "某某银行股份有限公司", "short_name": "某行"}
    site: dict[str, object] = {"name": "珠海主机房", "city": "珠海", "customer": customer}
    at = str(yard.site)
    assets: list[dict[str, object]] = [
        {"site": at, "name": f"服务器 {i:03}", "serial": f"SN{i:08}", "maker": "Inspur"}
        for i in range(work.ASSETS)
    ]
    targets = [{"asset": str(id_), "template": str(work.TEMPLATE)} for id_ in yard.assets]
    round_: dict[str, object] = {
        "site": at,
        "title": {"zh": "季度巡检", "en": "Quarterly inspection"},
        "targets": targets,
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2027-11-30T10:00:00Z",
        "assignee": str(yard.person),
        "state": "issued",
    }
    return [
        Seed("site", yard.site, yard.scope, site),
        *(
            Seed("asset", id_, yard.scope, asset)
            for id_, asset in zip(yard.assets, assets, strict=True)
        ),
        *(Seed("assignment", id_, yard.scope, round_) for id_ in yard.rounds(records)),
    ]


class Plot(Struct, frozen=True):
    """What there is to be: so many results at each of so many sites, with so many devices."""

    records: int
    sites: int = 1
    devices: int = 2

    def yards(self) -> list[work.Yard]:
        return [work.Yard(number) for number in range(self.sites)]


async def fill(url: str, plot: Plot) -> None:
    """Migrate the database and put the installation into it, as its own routes would."""
    clock, database = SystemClock(), Database(url)
    await migrate.upgrade(database)
    async with database.write() as tx:
        await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(32))
        for yard in plot.yards():
            await fill_yard(tx, clock, yard, plot)
    await database.close()


async def fill_yard(tx: AsyncConnection, clock: SystemClock, yard: work.Yard, plot: Plot) -> None:
    """One site, its engineer, and the devices of that engineer."""
    now = clock.now()
    login = f"engineer-{yard.number}"
    engineer = Person(id=yard.person, login=login, name="梁志豪", created_at=now)
    await people.save_new(tx, engineer, password_hash=None)
    await grants.save_new(tx, site_grant(clock.new_id(), yard, engineer), granted_by=None)
    for sender in (yard.sender(place) for place in range(1, plot.devices + 1)):
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
    await seed(tx, seeds(yard, plot.records), epoch=work.EPOCH, lineage=UUID(int=1))


def site_grant(id_: UUID, yard: work.Yard, person: Person) -> StoredGrant:
    return StoredGrant(
        id=id_,
        person=person.id,
        role="engineer",
        customer=None,
        contract=None,
        site=yard.site,
        granted_at=person.created_at,
    )


class Store(ABC):
    """One kind of database, where installations are filled once and copied for every run."""

    name: str

    def __init__(self) -> None:
        self._numbers = count(1)
        self._filled: dict[Plot, str] = {}

    def copy(self, plot: Plot) -> str:
        """A fresh copy of a filled installation; gives its address."""
        if plot not in self._filled:
            self._filled[plot] = f"{TEMPLATE}_{len(self._filled)}"
            asyncio.run(fill(self._create(self._filled[plot]), plot))
        return self._copy(self._filled[plot], f"copy_{next(self._numbers)}")

    @abstractmethod
    def _create(self, name: str) -> str:
        """Make an empty database."""

    @abstractmethod
    def _copy(self, template: str, name: str) -> str:
        """Copy a database that nobody uses."""


class SqliteStore(Store):
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _create(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self._folder / name}.db"

    def _copy(self, template: str, name: str) -> str:
        shutil.copy(self._folder / f"{template}.db", self._folder / f"{name}.db")
        return self._create(name)


class PostgresStore(Store):
    name = "PostgreSQL"

    def __init__(self, postgres: Postgres) -> None:
        super().__init__()
        self._postgres = postgres

    def _create(self, name: str) -> str:
        return self._postgres.create(name)

    def _copy(self, template: str, name: str) -> str:
        return self._postgres.create(name, template=template)


@contextmanager
def sqlite_store() -> Generator[Store]:
    with tempfile.TemporaryDirectory(prefix="xunjian-bench-") as folder:
        yield SqliteStore(Path(folder))


@contextmanager
def postgres_store() -> Generator[Store]:
    with running_postgres(DURABLE) as postgres:
        yield PostgresStore(postgres)
