"""A small company for the office's tests: two sites, a round, people of each role, a tablet.

Rule: what is there before is loaded as an import would; everything after goes through routes.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from schemas.base import Words
from schemas.forms import (
    Check,
    Counter,
    Form,
    Group,
    Limits,
    NumberItem,
    PhotoItem,
    Place,
    Section,
    TextItem,
)
from server.store.seed import Seed, seed
from sync.ids import inspection_id
from tests.integration.conftest import House

SERVER = UUID(int=1)
LINEAGE = UUID(int=0x77)
OTHER_LINEAGE = UUID(int=0x78)
KEY = "ups"
PLAN, CONTRACT = UUID(int=600), UUID(int=601)


def words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


FORM = Form(
    sections=(
        Section(
            id="main",
            title=words("主机", "Unit"),
            items=(
                Check(id="fan", title=words("风扇", "Fan"), photo_on_fail=False),
                NumberItem(
                    id="temp",
                    title=words("温度", "Temperature"),
                    unit="°C",
                    limits=Limits(alarm_low=18, alarm_high=27, source=words("国标", "the norm")),
                ),
                Counter(id="hours", title=words("小时", "Hours"), required=False),
                TextItem(id="said", title=words("备注", "Note"), required=False),
                PhotoItem(id="plate", title=words("铭牌", "Plate"), required=False, count_min=0),
                Group(
                    id="cells",
                    title=words("电池", "Cells"),
                    element=words("节", "Cell"),
                    places=(Place(id="c1", title=words("一", "One")),),
                    items=(NumberItem(id="volt", title=words("电压", "Voltage"), required=False),),
                ),
            ),
        ),
    )
)
GOOD: Mapping[str, Any] = {"fan": {"value": "pass"}, "temp": {"value": 24.5}}


@dataclass
class Tablet:
    """A device that counts its own ops, and can push and pull."""

    client: httpx.AsyncClient
    person: UUID
    clock: Any
    n: int = 0
    token: str | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)

    def op(self, kind: str, record: UUID, **more: Any) -> dict[str, Any]:
        self.n += 1
        made = {"wall": self.clock.now().isoformat(), "session": str(LINEAGE)}
        return {
            "n": self.n,
            "id": str(self.clock.new_id()),
            "by": str(self.person),
            "kind": kind,
            "record": str(record),
            "made": made,
            **more,
        }

    async def push(self, *ops: dict[str, Any]) -> list[str]:
        """Send ops; the name of each outcome."""
        header = {"epoch": 1, "first_n": ops[0]["n"]}
        body = "\n".join(json.dumps(line) for line in (header, *ops))
        answer = await self.client.post("/sync/v1/push", content=body)
        assert answer.status_code == 200, answer.text
        return [one["outcome"] for one in answer.json()["outcomes"]]

    async def pull(self) -> dict[str, dict[str, Any]]:
        """What changed since the last pull: data by record id."""
        asked = {"epoch": 1, **({"token": self.token} if self.token else {})}
        answer = await self.client.post("/sync/v1/pull", json=asked)
        assert answer.status_code == 200, answer.text
        lines = [json.loads(line) for line in answer.text.splitlines()]
        self.token = lines[-1]["token"]
        return {one["id"]: one for one in lines if one["t"] == "record"}


@dataclass
class World:
    """The company, by name, and the people's browsers."""

    house: House
    site: UUID
    foreign_site: UUID
    asset: UUID
    second_asset: UUID
    foreign_asset: UUID
    template: UUID
    assignment: UUID
    engineer: UUID
    supervisor: UUID
    office: httpx.AsyncClient
    stranger: httpx.AsyncClient
    tablet: Tablet

    @property
    def inspection(self) -> UUID:
        return inspection_id(self.assignment, self.asset)

    def begin(
        self, tablet: Tablet | None = None, *, asset: UUID | None = None, **more: Any
    ) -> dict[str, Any]:
        """The op that makes the inspection; `more` are its fields."""
        device, of = tablet or self.tablet, asset or self.asset
        data = {
            "asset": str(of),
            "template": str(self.template),
            "assignment": str(self.assignment),
            "inspector": str(device.person),
            "inspector_name": "梁志豪",
            "started_at": self.house.clock.now().isoformat().replace("+00:00", "Z"),
            **more,
        }
        record = inspection_id(self.assignment, of)
        return device.op("inspection", record, new=True, parent=str(of), set=data)

    def submit(self, *, round: int = 1, tablet: Tablet | None = None) -> dict[str, Any]:  # noqa: A002
        step = {"round": round, "step": "submitted", "at": self.at()}
        device = tablet or self.tablet
        return device.op("inspection", self.inspection, base=2**33, set={"step": step})

    def at(self) -> str:
        return self.house.clock.now().isoformat().replace("+00:00", "Z")

    def photo(self, *, item: str = "plate") -> dict[str, Any]:
        """The op of a photo whose bytes stay on the tablet."""
        data = {
            "parent": str(self.inspection),
            "parent_kind": "inspection",
            "item": item,
            "sha256": "ab" * 32,
            "bytes": 1000,
            "media_type": "image/jpeg",
        }
        record = self.house.clock.new_id()
        return self.tablet.op("attachment", record, new=True, parent=str(self.inspection), set=data)

    async def done(self, answers: Mapping[str, Any] = GOOD) -> None:
        """The engineer fills the inspection in and submits it."""
        outcomes = await self.tablet.push(self.begin(answers=dict(answers)), self.submit())
        assert outcomes == ["applied", "applied"]

    async def detail(self) -> dict[str, Any]:
        answer = await self.office.get(f"/office/inspections/{self.inspection}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def decide(self, decision: str, **more: Any) -> httpx.Response:
        """Decide over what is there now, unless `seen` says otherwise."""
        seen = more.pop("seen", None) or (await self.detail())["seen"]
        return await self.office.post(
            f"/office/inspections/{self.inspection}/decision",
            json={"decision": decision, "seen": seen, **more},
        )


def plan_of(world: World, id_: UUID = PLAN, **more: object) -> Seed:
    """A plan of every month at the site, if nothing else is said."""
    rule = {
        "title": {"zh": "月检", "en": "Monthly"},
        "contract": str(CONTRACT),
        "sites": [str(world.site)],
        "categories": ["ups"],
        "templates": {"ups": str(world.template)},
        "rrule": "FREQ=MONTHLY",
        "starts_on": "2026-01-01",
    }
    return Seed("plan", id_, "office", {**rule, **more})


async def load(world: World, *made: Seed) -> None:
    """Put records there as an import would."""
    async with world.house.database.write() as tx:
        await seed(tx, made, epoch=1, lineage=SERVER)


@asynccontextmanager
async def company(house: House) -> AsyncGenerator[World]:
    """Make the company and let everybody sign in."""
    async with AsyncExitStack() as stack:
        yield await build(house, stack)


async def build(house: House, stack: AsyncExitStack) -> World:
    clock = house.clock
    site, foreign = await house.add_site(), await house.add_site()
    asset, second, theirs = clock.new_id(), clock.new_id(), clock.new_id()
    template, assignment = clock.new_id(), clock.new_id()
    engineer = await house.add_person("liang", ("engineer", site), password=None)
    supervisor = await house.add_person("chen", ("supervisor", site))
    await house.add_person("wang", ("supervisor", foreign))
    now = clock.now()
    targets = [{"asset": str(one), "template": str(template)} for one in (asset, second)]
    made = [
        Seed("asset", asset, f"site:{site}", {"site": str(site), "name": "UPS-01"}),
        Seed("asset", second, f"site:{site}", {"site": str(site), "name": "UPS-02"}),
        Seed("asset", theirs, f"site:{foreign}", {"site": str(foreign), "name": "别家"}),
        Seed(
            "template",
            template,
            "org",
            {
                "key": KEY,
                "version_no": 1,
                "title": {"zh": "不间断电源", "en": "UPS"},
                "category": "ups",
                "form": msgspec.to_builtins(FORM),
                "published_at": "2026-01-01T00:00:00Z",
            },
        ),
        Seed(
            "assignment",
            assignment,
            f"site:{site}",
            {
                "site": str(site),
                "title": {"zh": "季度巡检", "en": "Quarterly round"},
                "targets": targets,
                "starts_at": (now - timedelta(days=2)).isoformat(),
                "due_at": (now + timedelta(hours=4)).isoformat(),
                "assignee": str(engineer),
                "state": "issued",
            },
        ),
    ]
    async with house.database.write() as tx:
        await seed(tx, made, epoch=1, lineage=SERVER)
    return World(
        house=house,
        site=site,
        foreign_site=foreign,
        asset=asset,
        second_asset=second,
        foreign_asset=theirs,
        template=template,
        assignment=assignment,
        engineer=engineer,
        supervisor=supervisor,
        office=await stack.enter_async_context(house.signed_in("chen")),
        stranger=await stack.enter_async_context(house.signed_in("wang")),
        tablet=await enrol(house, engineer, LINEAGE),
    )


async def enrol(house: House, person: UUID, lineage: UUID) -> Tablet:
    """A tablet of this person."""
    ticket = await house.add_ticket(person)
    client = house.client()
    answer = await client.post(
        "/enrol", json={"ticket": ticket, "lineage": str(lineage), "name": "平板 03"}
    )
    assert answer.status_code == 201, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['credential']}"
    return Tablet(client, person, house.clock)
