"""A house, its site, and the starter of servers. Rule: every test owns its database."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

import pytest

from tests.faults.servers import Served, Starter, running_starter
from tests.integration.conftest import House
from tests.integration.conftest import house as house
from tests.integration.tablets import add_round

Tier = Literal["short", "full"]


class Serve(Protocol):
    """Has a server while the block lasts; a folder of its own for each `name`."""

    def __call__(self, name: str = ...) -> AbstractAsyncContextManager[Served]: ...


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Generator[Starter]:
    with running_starter(tmp_path_factory.mktemp("servers") / "log") as started:
        yield started


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


@pytest.fixture
def serve(house: House, starter: Starter, tmp_path: Path) -> Serve:
    @asynccontextmanager
    async def serving(name: str = "one") -> AsyncGenerator[Served]:
        served = Served(starter, house, tmp_path / name)
        await served.start()
        try:
            yield served
        finally:
            await served.stop()

    return serving


@pytest.fixture
def tier(request: pytest.FixtureRequest) -> Tier:
    return "full" if request.config.getoption("--full") else "short"
