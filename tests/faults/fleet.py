"""Tablets at work: the reference client over real connections, as stubborn as the protocol says.

Rule: a tablet tries again after every failure and never gives up; it remembers every outcome that
it was told, and would notice another one for the same op.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import httpx
import msgspec

from schemas.ops import Outcome
from schemas.push import PushAnswer
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, enrol

OPS_PER_BATCH = 5
PATIENCE_SECONDS = 0.03  # Between two attempts.
SECONDS_MAX = 1_200  # Of everything that one test waits for; a hundred kills take long.
PASSING = (503, 507)  # What a client tries again after.
Key = tuple[UUID, int]


class Fleet:
    """Tablets of one site that write until they are told that it is over, and then drain."""

    def __init__(self, tablets: list[Tablet], site: UUID) -> None:
        self.tablets, self.site = tablets, site
        self.told: dict[Key, Outcome] = {}
        self.failures: Counter[str] = Counter()
        self.answered = 0  # Batches.
        self.is_over = False
        self._moved = asyncio.Condition()

    async def moved(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def reach(self, *, batches: int = 0, failures: int = 0, of: str = "") -> None:
        """Wait until so many more batches were answered, or attempts failed in this way."""
        begun = self.answered, self.count(of)
        async with self._moved:
            await self._moved.wait_for(
                lambda: (
                    self.answered >= begun[0] + batches and self.count(of) >= begun[1] + failures
                )
            )

    def count(self, of: str) -> int:
        return self.failures[of] if of else self.failures.total()

    async def work(self, tablet: Tablet, number: int, origin: str) -> None:
        """Edit, push and pull until it is over; then until nothing is left."""
        headers = {"authorization": tablet.http.headers["authorization"]}
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=30) as http:
            turn = 0
            while not self.is_over:
                for _ in range(OPS_PER_BATCH):
                    n = tablet.client.next_n
                    asset = ASSETS[n % len(ASSETS)]
                    tablet.inspect(asset, **{f"answers.t{number}": {"value": n}})
                await self.push(tablet, http)
                turn += 1
                if turn % 3 == 0:
                    await self.pull(tablet, http)
            await self.push(tablet, http)

    async def push(self, tablet: Tablet, http: httpx.AsyncClient) -> None:
        """Send until everything is answered."""
        while (body := tablet.client.push_request()) is not None:
            answer = await self.ask(http, "/sync/v1/push", body)
            for outcome in msgspec.json.decode(answer, type=PushAnswer).outcomes:
                key = (tablet.client.lineage, outcome.n)
                assert self.told.setdefault(key, outcome) == outcome
            tablet.client.push_answered(body, answer)
            self.answered += 1
            await self.moved()

    async def pull(self, tablet: Tablet, http: httpx.AsyncClient) -> None:
        """Pull until at the heads."""
        while True:
            asked = tablet.client.pull_request(limit=20)
            page = await self.ask(http, "/sync/v1/pull", asked)
            if not tablet.client.pull_answered(asked, page):
                return

    async def ask(self, http: httpx.AsyncClient, path: str, body: bytes) -> bytes:
        """Ask until there is an answer. What refuses for now says so in a problem, with a time."""
        while True:
            try:
                answer = await http.post(path, content=body)
            except httpx.HTTPError as error:
                self.failures[type(error).__name__] += 1
            else:
                if answer.status_code == 200:
                    return answer.content
                assert answer.status_code in PASSING, answer.text
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["retry-after"]) > 0
                self.failures[answer.json()["type"].rpartition("/")[2]] += 1
            await self.moved()
            with suppress(TimeoutError):  # Any other tablet's news is as good a moment as any.
                async with asyncio.timeout(PATIENCE_SECONDS), self._moved:
                    await self._moved.wait()


async def assemble(house: House, site: UUID, count: int) -> Fleet:
    people = [await house.add_person(f"p{i}", ("engineer", site)) for i in range(count)]
    return Fleet([await enrol(house, person) for person in people], site)


@asynccontextmanager
async def working(fleet: Fleet, *origins: str) -> AsyncGenerator[None]:
    """Tablets at work, spread over the servers, while the block does harm; then they drain."""
    async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as tasks:
        for number, tablet in enumerate(fleet.tablets):
            origin = origins[number % len(origins)]
            tasks.create_task(fleet.work(tablet, number, origin))
        yield
        fleet.is_over = True
    # Only now has everybody sent everything: what is pulled from here on is all there is.
    headers = [{"authorization": t.http.headers["authorization"]} for t in fleet.tablets]
    async with asyncio.timeout(SECONDS_MAX):
        for tablet, header in zip(fleet.tablets, headers, strict=True):
            async with httpx.AsyncClient(base_url=origins[-1], headers=header, timeout=30) as http:
                for _ in range(2):
                    await fleet.push(tablet, http)
                    await fleet.pull(tablet, http)
