"""A company with a tablet that throws things at its server, and one more to be thrown at."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.fuzz.laws import Answer, ask
from tests.integration.conftest import House
from tests.integration.conftest import house as house
from tests.integration.office_world import World, company


@dataclass(repr=False)
class Stage:
    """Who throws, and what a good request of theirs would be."""

    world: World
    bearer: str
    first_n: int = 1

    def __repr__(self) -> str:
        return "the stage"  # Hypothesis prints it with each failure.

    @property
    def house(self) -> House:
        return self.world.house

    async def epoch(self) -> int:
        """As the server tells it: what is thrown may have raised it."""
        return int((await ask(self.house, "GET", "/sync")).json()["epoch"])

    async def post(
        self,
        path: str,
        body: bytes,
        headers: Mapping[str, str | bytes] = {},
        *,
        address: str = "127.0.0.1",
    ) -> Answer:
        """Send a body as the tablet does."""
        given = {"content-type": "application/json", "authorization": self.bearer, **headers}
        return await ask(self.house, "POST", path, headers=given, body=body, address=address)

    def op(self, n: int, **more: Any) -> dict[str, Any]:
        """A good op: a finding on an asset of the tablet's site."""
        data = {
            "asset": str(self.world.asset),
            "severity": "minor",
            "text": "滤网积尘",
            "found_at": "2026-11-18T06:00:00Z",
        }
        return {
            "n": n,
            "id": str(self.house.clock.new_id()),
            "by": str(self.world.engineer),
            "kind": "finding",
            "record": str(self.house.clock.new_id()),
            "base": 0,
            "made": {
                "wall": "2026-11-18T06:00:00Z",
                "session": str(UUID(int=5)),
                "monotonic_ms": 1,
            },
            "new": True,
            "parent": str(self.world.asset),
            "set": data,
        }


@pytest.fixture
async def stage(house: House) -> AsyncGenerator[Stage]:
    async with company(house) as world:
        await world.tablet.pull()  # Seen just now: that is noted once a minute.
        yield Stage(world, world.tablet.client.headers["authorization"])
