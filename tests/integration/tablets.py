"""Tablets that speak with the whole application over its routes, by the reference client."""

from dataclasses import dataclass
from uuid import UUID

import httpx
import msgspec

from schemas.enrol import EnrolAnswer
from server.store.seed import Seed, seed
from sync.client import BaseRow, Client
from sync.ids import inspection_id
from tests.integration.conftest import House

TEMPLATE, ASSIGNMENT = UUID(int=0x7E), UUID(int=0xA6)
ASSETS = [UUID(int=0x100 + i) for i in range(30)]


@dataclass
class Tablet:
    """An enrolled device: its client, its credential, its way to the server."""

    house: House
    client: Client
    device: UUID
    http: httpx.AsyncClient

    async def pull(self, *, limit: int = 1_000) -> int:
        """Pull to the heads; how many pages it took."""
        for page in range(1, 200):
            request = self.client.pull_request(limit=limit)
            answer = await self.http.post("/sync/v1/pull", content=request)
            assert answer.status_code == 200, answer.text
            if not self.client.pull_answered(request, answer.content):
                return page
        raise AssertionError("never at the heads")

    async def push(self) -> list[str]:
        body = self.client.push_request()
        assert body is not None
        answer = await self.http.post("/sync/v1/push", content=body)
        assert answer.status_code == 200, answer.text
        self.client.push_answered(body, answer.content)
        return [outcome["outcome"] for outcome in answer.json().get("outcomes", [])]

    @property
    def shared(self) -> dict[UUID, BaseRow]:
        """What others hold as well: all but what this tablet alone is told."""
        rows = self.client.base.items()
        return {id_: row for id_, row in rows if not row.scope.startswith("device:")}

    def inspect(self, asset: UUID, **fields: object) -> None:
        record = inspection_id(ASSIGNMENT, asset)
        new = record not in self.client.base
        whole: dict[str, object] = {
            "asset": str(asset),
            "template": str(TEMPLATE),
            "assignment": str(ASSIGNMENT),
            "inspector": str(self.client.person),
            "inspector_name": "梁志豪",
        }
        self.client.edit(
            "inspection",
            record,
            id_=self.house.clock.new_id(),
            session=self.device,
            at=self.house.clock.now(),
            new=new,
            parent=asset if new else None,
            set_=(whole if new else {}) | fields,
        )


async def enrol(house: House, person: UUID) -> Tablet:
    ticket, lineage = await house.add_ticket(person), house.clock.new_id()
    async with house.client() as http:
        body = {"ticket": ticket, "lineage": str(lineage), "name": "平板 03"}
        answer = await http.post("/enrol", json=body)
    assert answer.status_code == 201, answer.text
    made = msgspec.json.decode(answer.content, type=EnrolAnswer)
    client = Client(lineage, person, epoch=made.epoch, next_n=made.next_n)
    http = house.client(authorization=f"Bearer {made.credential}")
    return Tablet(house, client, made.device, http)


async def add_round(house: House) -> UUID:
    """A site with a round of 30 assets."""
    made = await house.add_site()
    here = {"site": str(made)}
    round_ = here | {
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "state": "issued",
        "targets": [{"asset": str(asset), "template": str(TEMPLATE)} for asset in ASSETS],
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T10:00:00Z",
    }
    scope = f"site:{made}"
    async with house.database.write() as tx:
        seeds = [Seed("asset", a, scope, here | {"name": f"设备 {a.int}"}) for a in ASSETS]
        seeds.append(Seed("assignment", ASSIGNMENT, scope, round_))
        await seed(tx, seeds, epoch=1, lineage=UUID(int=1))
    return made


async def two(house: House, site: UUID) -> tuple[Tablet, Tablet]:
    people = [await house.add_person(name, ("engineer", site)) for name in ("liang", "zhou")]
    return await enrol(house, people[0]), await enrol(house, people[1])
