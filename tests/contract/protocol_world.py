"""The company that the examples of docs/protocol.md play in. Rule: it only makes what they name."""

import json
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Row, Select, func, select, text

from schemas.base import SCOPES_PER_DEVICE_MAX, STREAMS_MAX, UPLOADS_PER_DEVICE_MAX
from schemas.events import Poke
from server.app import create_app
from server.audit import make_root
from server.database import Database
from server.pokes import Listener
from server.spool import held
from server.store import backups, bulk, grants
from server.store.backups import MadeBackup
from server.store.file_tables import uploads
from server.store.grants import StoredGrant
from server.store.kind_tables import KIND_TABLES
from server.store.seed import Seed, seed
from server.uploads import LIFETIME
from tests.fixtures.outages import be_ahead, be_behind, leave_no_room
from tests.fixtures.streams import streaming
from tests.integration.conftest import House
from tests.recorded.exchange import Bindings, Exchange, parse, play

# As they stand in the document.
SITE, OTHER = "019a9e00-0000-7000-8000-000000000051", "019a9e00-0000-7000-8000-000000000052"
PEOPLE = {
    "liang": "019a9e00-0000-7000-8000-00000000000a",
    "zhou": "019a9e00-0000-7000-8000-00000000000b",
}
OFFICE = "chen"
ASSET, ELSEWHERE = (UUID(f"019a9e00-0000-7000-8000-0000000000{end}") for end in ("a5", "f0"))


# Of the tablet that has one. Any key will do: who has its private half is who signed.
KEY = ec.generate_private_key(ec.SECP256R1())


def signed(key: ec.EllipticCurvePrivateKey, ticket: str) -> str:
    """The proof of a lineage: r and s over the ticket's bytes, base64url."""
    r, s = decode_dss_signature(key.sign(ticket.encode(), ec.ECDSA(SHA256())))
    return padless(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def padless(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Stage:
    """One installation, and everybody who speaks with it, by name."""

    house: House
    bindings: Bindings = field(default_factory=Bindings)
    credentials: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    after: ExitStack = field(default_factory=ExitStack)  # What a story leaves behind.

    def headers(self, name: str) -> dict[str, str]:
        credential = self.credentials.get(name)
        return {"authorization": f"Bearer {credential}"} if credential else {}

    @asynccontextmanager
    async def http(self, name: str) -> AsyncGenerator[httpx.AsyncClient]:
        """A client as a device, or as whoever sits in the office."""
        if name == OFFICE:
            async with self.house.signed_in(name) as office:
                yield office
        else:
            async with self.house.client(**self.headers(name)) as http:
                yield http

    async def hear(self, event: Poke, name: str) -> None:
        """Listen as a device until it is told of this."""
        scope = json.loads(self.bindings.applied(json.dumps(event.scope)))
        async with streaming(self.house.app, "/sync/v1/events", self.headers(name)) as stream:
            head = await stream.event("poke", scope)
        assert self.bindings.bind(event.head, head), f"the head of {scope} is {head}"

    async def play(self, exchange: Exchange, name: str) -> Any:
        """Play an exchange as a device; who enrols has its credential from then on."""
        async with self.http(name) as http:
            answer = await play(exchange, http, self.bindings)
        if exchange.path == "/enrol" and exchange.status == 201:
            self.credentials[name], self.devices[name] = answer["credential"], answer["device"]
        return answer


async def company(house: House) -> Stage:
    """One customer with two sites; Liang holds the first, Zhou both, Chen sits in the office."""
    stage = Stage(house)
    spki = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    stage.bindings.bind("PUBLIC-KEY", padless(spki))
    here, there = await house.add_site(), await house.add_site()
    seeds = [
        Seed("asset", ASSET, f"site:{here}", {"site": str(here), "name": "UPS 1"}),
        Seed("asset", ELSEWHERE, f"site:{there}", {"site": str(there), "name": "UPS 2"}),
    ]
    async with house.database.write() as tx:
        await seed(tx, seeds, epoch=1, lineage=UUID(int=1))
    for name, sites in {"liang": (here,), "zhou": (here, there)}.items():
        person = await house.add_person(name, *(("engineer", site) for site in sites))
        stage.bindings.bind(PEOPLE[name], str(person))
        for number in (1, 2, 3):
            ticket = await house.add_ticket(person)
            stage.bindings.bind(f"TICKET-{number}-OF-{name.upper()}", ticket)
            stage.bindings.bind(f"PROOF-{number}-OF-{name.upper()}", signed(KEY, ticket))
    await house.add_person(OFFICE, ("administrator", None), ("supervisor", here))
    for written, site in ((SITE, here), (OTHER, there)):
        stage.bindings.bind(written, str(site))
    return stage


# --- What happens between two exchanges ---


async def rows_of(stage: Stage, query: Select[Any]) -> Sequence[Row[Any]]:
    async with stage.house.database.read() as tx:
        rows: Sequence[Row[Any]] = (await tx.execute(query)).all()
        return rows


async def end(stage: Stage, name: str, state: str) -> None:
    async with stage.http(OFFICE) as office:
        path = f"/office/devices/{stage.devices[name]}/end"
        answer = await office.post(path, json={"state": state})
        assert answer.status_code == 204, answer.text


async def drain(stage: Stage, name: str) -> None:
    """The office takes the device out of service."""
    await end(stage, name, "draining")


async def kill(stage: Stage, name: str) -> None:
    """The office ends the device at once."""
    await end(stage, name, "dead")


async def raise_least_version(stage: Stage, _: str) -> None:
    """The server demands a newer app."""
    settings = stage.house.settings.model_copy(update={"app_version_min": "9.0.0"})
    stage.house.app = create_app(settings, stage.house.database, stage.house.clock)


async def wait(stage: Stage, _: str) -> None:
    """Three days and an hour pass."""
    stage.house.clock.advance(timedelta(days=3, hours=1))


async def fill_the_disk(stage: Stage, _: str) -> None:
    """The database's disk is full."""
    await leave_no_room(stage.house.database)


async def lose_a_table(stage: Stage, _: str) -> None:
    """Something breaks that nobody thought of."""
    async with stage.house.database.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE feed RENAME TO feed_elsewhere")


async def lose_the_database(stage: Stage, _: str) -> None:
    """The database is away: nobody listens where it was."""
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    stage.house.app = create_app(stage.house.settings, away, stage.house.clock)


async def grant_all(stage: Stage, name: str) -> None:
    """Somebody is granted a customer with more sites than a tablet may hold."""
    clock = stage.house.clock
    owner, ids = clock.new_id(), [clock.new_id() for _ in range(SCOPES_PER_DEVICE_MAX)]
    customer = {"id": str(owner), "name": "某银行", "short_name": "某行"}
    made = [Seed("site", id_, f"site:{id_}", {"name": "x", "customer": customer}) for id_ in ids]
    grant = StoredGrant(
        id=clock.new_id(),
        person=UUID(json.loads(stage.bindings.known[json.dumps(PEOPLE[name])])),
        role="engineer",
        customer=owner,
        contract=None,
        site=None,
        granted_at=clock.now(),
    )
    async with stage.house.database.write() as tx:
        await seed(tx, made, epoch=1, lineage=UUID(int=1))
        await grants.save_new(tx, grant, granted_by=None)


async def be_faster(stage: Stage, _: str) -> None:
    """Somebody else writes every asset first, however often the server begins again."""
    await be_ahead(stage.house.database, KIND_TABLES["asset"].name)


async def be_slower(stage: Stage, _: str) -> None:
    """Nobody does any more."""
    await be_behind(stage.house.database, KIND_TABLES["asset"].name)


async def fill_the_streams(stage: Stage, _: str) -> None:
    """Others listen, as many as one process takes."""
    for number in range(STREAMS_MAX):
        stage.house.app.state.pokes._listeners[number] = Listener(UUID(int=number), ())


async def stand_at(stage: Stage, version: str) -> None:
    async with stage.house.database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": version})


async def go_ahead(stage: Stage, _: str) -> None:
    """A newer program migrates the database."""
    await stand_at(stage, "9999")


async def stay_behind(stage: Stage, _: str) -> None:
    """The program is newer than the database."""
    await stand_at(stage, "0001")


async def write_uploads(stage: Stage, _: str) -> None:
    """Another process writes every upload that was begun, until the story ends."""
    folder = stage.house.app.state.blobs.root / "uploads"
    for (id_,) in await rows_of(stage, select(uploads.c.id)):
        number = held(folder / str(id_))
        assert number is not None
        stage.after.callback(os.close, number)


async def begin_uploads(stage: Stage, name: str) -> None:
    """A device announces as many uploads as it may, and finishes none."""
    ((begun,),) = await rows_of(stage, select(func.count()).select_from(uploads))
    now, names = stage.house.clock.now(), tuple(uploads.c.keys())
    device, until = UUID(stage.devices[name]), now + LIFETIME
    rows = []
    for number in range(begun, UPLOADS_PER_DEVICE_MAX):
        said = {"id": UUID(int=number), "device_id": device, "sha256": f"{number:064x}"}
        said |= {"bytes": 1, "offset": 0, "refusals": 0, "metadata": "", "parts": "[]"}
        said |= {"created_at": now, "expires_at": until}
        rows.append([said.get(column) for column in names])
    async with stage.house.database.write() as tx:
        await bulk.insert(tx, uploads, names, rows)


async def wait_for_uploads(stage: Stage, _: str) -> None:
    """Two weeks pass."""
    stage.house.clock.advance(LIFETIME)


async def look_into_files(stage: Stage, _: str) -> None:
    """The server finds time for what came."""
    await stage.house.app.state.jobs.run_due()


async def lose_the_store(stage: Stage, _: str) -> None:
    """The folder of the bytes is no folder any more."""
    root = stage.house.app.state.blobs.root
    root.rename(root.with_name("elsewhere"))
    root.touch()


async def back_up(stage: Stage, _: str) -> None:
    """All that is here is in a whole backup."""
    now = stage.house.clock.now()
    async with stage.house.database.write() as tx:
        facts = await backups.load_facts(tx)
        made = MadeBackup(
            id=stage.house.clock.new_id(),
            epoch=facts.epoch,
            begun_at=now,
            ended_at=now,
            place="elsewhere",
            bytes=1,
            lineages=len(facts.lineages),
            ops=facts.ops,
        )
        assert await backups.save_made(tx, made, facts.lineages)


async def root_the_day(stage: Stage, _: str) -> None:
    """A day ends, and the server vouches for it."""
    stage.house.clock.advance(timedelta(days=1))
    assert await make_root(stage.house.database, stage.house.clock)


async def guess_tickets(stage: Stage, _: str) -> None:
    """Somebody tries tickets until the server has had enough."""
    async with stage.house.client() as http:
        for number in range(200):
            asked = {"ticket": f"guess-{number:05}", "lineage": str(UUID(int=number)), "name": "x"}
            if (await http.post("/enrol", json=asked)).status_code == 429:
                return
    raise AssertionError("nobody counted")


ACTIONS: dict[str, Callable[[Stage, str], Awaitable[None]]] = {
    "drain": drain,
    "end": kill,
    "demand a newer app": raise_least_version,
    "guess tickets": guess_tickets,
    "wait": wait,
    "fill the disk": fill_the_disk,
    "break something": lose_a_table,
    "lose the database": lose_the_database,
    "grant everything": grant_all,
    "be faster": be_faster,
    "be slower": be_slower,
    "fill the streams": fill_the_streams,
    "go ahead with the schema": go_ahead,
    "stay behind with the schema": stay_behind,
    "write the uploads": write_uploads,
    "begin uploads": begin_uploads,
    "wait two weeks": wait_for_uploads,
    "look into files": look_into_files,
    "lose the store": lose_the_store,
    "make a root": root_the_day,
    "make a backup": back_up,
}


# --- Stories ---

# A story begins a company anew; `as` names who speaks, `hears` who is told something; `do` is
# what happens in between.
STEP = re.compile(
    r"<!-- story: (?P<story>.+?) -->|<!-- do: (?P<action>.+?) \((?P<whom>\w+)\) -->"
    r"|<!-- as: (?P<who>\w+) -->\s*```http\n(?P<block>.*?)\n```|(?P<stray>```http)"
    r"|<!-- hears: (?P<ear>\w+) -->\s*```\nevent: poke\ndata: (?P<poke>.*?)\n```",
    re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    who: str
    exchange: Exchange | None = None
    action: str = ""
    poke: Poke | None = None


def read_stories(text: str) -> dict[str, list[Step]]:
    stories: dict[str, list[Step]] = {}
    now: list[Step] = []
    for found in STEP.finditer(text):
        assert not found["stray"], f"nobody plays {text[found.start() :][:200]}"
        if found["story"]:
            assert found["story"] not in stories
            now = stories.setdefault(found["story"], [])
        elif found["action"]:
            now.append(Step(found["whom"], action=found["action"]))
        elif found["ear"]:
            poke = msgspec.json.decode(found["poke"], type=Poke)
            now.append(Step(found["ear"], poke=poke))
        else:
            now.append(Step(found["who"], parse(found["block"])))
    return stories


async def play_story(stage: Stage, steps: list[Step]) -> None:
    """Play one story from its beginning to its end."""
    with stage.after:
        for step in steps:
            if step.exchange is not None:
                await stage.play(step.exchange, step.who)
            elif step.poke is not None:
                await stage.hear(step.poke, step.who)
            else:
                await ACTIONS[step.action](stage, step.who)
