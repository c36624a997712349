"""The whole application on a real database, and a small company to ask it about."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from schemas.kinds.notices import Role
from server.app import furnish, route
from server.auth.passwords import Passwords
from server.auth.tickets import new_ticket
from server.clock import ManualClock
from server.database import Database
from server.fonts import Fonts
from server.routes import office
from server.settings import Settings
from server.store import grants, installation, people, tickets
from server.store.grants import StoredGrant
from server.store.people import Person
from server.store.seed import Seed, seed

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
# The least there is. That the program takes the standard's: tests/integration/test_login.py.
PASSWORD_MEMORY_KIB = 8


@dataclass
class House:
    """One installation: its parts, and ways to fill it that no route offers."""

    settings: Settings
    database: Database
    clock: ManualClock
    app: Litestar

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A client of its own, with its own cookies; it stays on this event loop."""
        # Litestar's scope is narrower than httpx's.
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    async def add_site(self, *, customer: UUID | None = None) -> UUID:
        """A site of a customer; both are made unless the customer is given."""
        site, owner = self.clock.new_id(), customer or self.clock.new_id()
        name = {"name": "某银行", "short_name": "某行"}
        made = [
            Seed(
                "site",
                site,
                f"site:{site}",
                {"name": "主机房", "city": "珠海", "customer": {"id": str(owner), **name}},
            )
        ]
        if customer is None:
            made.append(Seed("customer", owner, "office", {**name}))
        async with self.database.write() as tx:
            await seed(tx, made, epoch=1, lineage=UUID(int=1))
        return site

    async def add_person(
        self, login: str, *held: tuple[Role, UUID | None], password: str | None = PASSWORD
    ) -> UUID:
        """A person with a password, and grants as role and site."""
        now = self.clock.now()
        person = Person(id=self.clock.new_id(), login=login, name=login.title(), created_at=now)
        hasher = Passwords(self.clock, memory_kib=PASSWORD_MEMORY_KIB)
        hashed = hasher.hash_now(password) if password else None
        async with self.database.write() as tx:
            await people.save_new(tx, person, password_hash=hashed)
            for role, site in held:
                grant = StoredGrant(
                    id=self.clock.new_id(),
                    person=person.id,
                    role=role,
                    customer=None,
                    contract=None,
                    site=site,
                    granted_at=now,
                )
                await grants.save_new(tx, grant, granted_by=None)
        return person.id

    async def add_ticket(self, person: UUID) -> str:
        """A ticket as it stands behind `#` in a link."""
        link, ticket = new_ticket(self.clock, self.settings, person, created_by=None)
        async with self.database.write() as tx:
            await tickets.save_new(tx, ticket)
        return link.partition("#")[2]

    @asynccontextmanager
    async def signed_in(
        self, login: str, *, password: str = PASSWORD
    ) -> AsyncGenerator[httpx.AsyncClient]:
        """A client with a session, whose every request carries the CSRF token."""
        async with self.client() as client:
            answer = await client.post("/office/login", json={"login": login, "password": password})
            assert answer.status_code == 200, answer.text
            client.headers["x-csrf-token"] = answer.json()["csrf"]
            yield client


@cache
def routes(name: str) -> Litestar:
    """The routes, which cost more than most tests: one test after the other works with them."""
    return route(name)


@pytest.fixture
async def house(
    database: Database, tmp_path: Path, fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> House:
    """An installation that has been begun and is otherwise empty; its clock stands still."""
    monkeypatch.setattr(office, "fonts_in", lambda _: fonts)
    app_dir = tmp_path / "dist"
    (app_dir / "assets").mkdir(parents=True)
    (app_dir / "index.html").write_text("<!doctype html><title>the app</title>")
    (app_dir / "sign.html").write_text("<!doctype html><title>sign</title>")
    (app_dir / "sw.js").write_text("// the worker")
    (app_dir / "assets" / "main-AbCd1234.js").write_text("export const a = 1;\n" * 200)
    settings = Settings(data_dir=tmp_path, app_dir=app_dir)
    clock = ManualClock(BEGIN, seed="house")
    async with database.write() as tx:
        await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(32))
    app = furnish(routes(settings.name), settings, database, clock)
    app.state.passwords = Passwords(clock, memory_kib=PASSWORD_MEMORY_KIB)
    return House(settings, database, clock, app)
