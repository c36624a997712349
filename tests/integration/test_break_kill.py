"""A server that is killed while tablets push: what it answered is there, once."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from server.settings import ROOT
from server.store import records, scopes
from server.store.tables import feed, ops
from sync.ids import inspection_id
from sync.record import mark
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, TEMPLATE, Tablet, add_round, enrol

TABLETS = 6
BATCHES = 12
KILLS = 4
OPS_PER_BATCH = 5


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


@asynccontextmanager
async def served(
    house: House, folder: Path
) -> AsyncGenerator[tuple[str, asyncio.subprocess.Process]]:
    """The program itself on the house's database; its address and its process."""
    url = house.database.engine.url.render_as_string(hide_password=False)
    given = {"DATABASE_URL": url, "DATA_DIR": str(folder), "PORT": "0", "HOST": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "serve",
        cwd=ROOT,
        env={**os.environ, **{f"XUNJIAN_{name}": value for name, value in given.items()}},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            said = b""
            while not said.startswith(b"READY"):
                said = await process.stdout.readline()
                assert said, "it ended before it was ready"
        yield said.decode().split()[1], process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


class Sender:
    """A tablet that sends its batches in order, each until it is answered."""

    def __init__(self, tablet: Tablet, number: int, progress: asyncio.Event) -> None:
        self.tablet, self.number, self.progress = tablet, number, progress
        self.next_batch = 0
        self.answers: dict[int, list[dict[str, object]]] = {}

    def batch(self, index: int) -> bytes:
        """The same bytes at every attempt. Tablets meet on each inspection, and on its note."""
        first = 1 + index * OPS_PER_BATCH
        lines = [json.dumps({"epoch": 1, "first_n": first})]
        for n in range(first, first + OPS_PER_BATCH):
            asset = ASSETS[n % len(ASSETS)]
            values = {
                "asset": str(asset),
                "template": str(TEMPLATE),
                "assignment": str(ASSIGNMENT),
                "inspector": str(self.tablet.client.person),
                "inspector_name": "梁志豪",
                f"answers.t{self.number}_{n}": {"value": n},
                "note": f"{self.number}",
            }
            op = {
                "n": n,
                "id": str(UUID(int=(self.number + 1) << 32 | n)),
                "by": str(self.tablet.client.person),
                "kind": "inspection",
                "record": str(inspection_id(ASSIGNMENT, asset)),
                "made": {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))},
                "new": True,
                "parent": str(asset),
                "set": values,
            }
            lines.append(json.dumps(op))
        return "\n".join(lines).encode()

    async def send_all(self, origin: str) -> None:
        """Go on until everything was answered, or the server is gone."""
        headers = {"authorization": self.tablet.http.headers["authorization"]}
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=30) as http:
            while self.next_batch < BATCHES:
                body = self.batch(self.next_batch)
                try:
                    answer = await http.post("/sync/v1/push", content=body)
                except httpx.HTTPError:
                    return
                if answer.status_code == 503:
                    continue
                assert answer.status_code == 200, answer.text
                self.answers[self.next_batch] = answer.json()["outcomes"]
                self.next_batch += 1
                self.progress.set()


@pytest.mark.full
async def test_what_was_answered_before_a_kill_is_there_and_nothing_twice(
    house: House, site: UUID, tmp_path: Path
) -> None:
    people = [await house.add_person(f"p{i}", ("engineer", site)) for i in range(TABLETS)]
    progress = asyncio.Event()
    senders = [Sender(await enrol(house, one), i, progress) for i, one in enumerate(people)]
    for turn in range(KILLS + 1):
        async with served(house, tmp_path) as (origin, process):
            work = [asyncio.create_task(sender.send_all(origin)) for sender in senders]
            if turn < KILLS:
                goal = min(BATCHES * TABLETS, (turn + 1) * BATCHES * TABLETS // (KILLS + 1))
                while sum(s.next_batch for s in senders) < goal:
                    progress.clear()
                    await progress.wait()
                process.send_signal(signal.SIGKILL)
            await asyncio.gather(*work)
    assert all(sender.next_batch == BATCHES for sender in senders)
    await assert_whole(house, senders)
    # Everything is offered once more, and nothing changes.
    before = await feed_rows(house)
    async with served(house, tmp_path) as (origin, _):
        answered = [sender.answers for sender in senders]
        for sender in senders:
            sender.next_batch, sender.answers = 0, {}
        await asyncio.gather(*(sender.send_all(origin) for sender in senders))
        assert [sender.answers for sender in senders] == answered
    assert await feed_rows(house) == before


async def feed_rows(house: House) -> list[tuple[object, ...]]:
    async with house.database.read() as tx:
        found = await tx.execute(
            select(feed.c.scope_id, feed.c.record_id, feed.c.seq, feed.c.body).order_by(
                feed.c.scope_id, feed.c.record_id
            )
        )
        return [tuple(row) for row in found]


async def assert_whole(house: House, senders: list[Sender]) -> None:
    """Each op is kept once with the outcome that was answered; digests, feed and values agree."""
    async with house.database.read() as tx:
        theirs = ops.c.lineage_id.in_({one.tablet.client.lineage for one in senders})
        sent = select(ops.c.id, ops.c.n, ops.c.outcome).where(ops.c.id.is_not(None), theirs)
        kept = (await tx.execute(sent)).all()  # The server writes too: the root of a day.
        ids = {inspection_id(ASSIGNMENT, asset) for asset in ASSETS}
        stored = await records.load(tx, await records.locate(tx, ids))
    assert Counter(row.id for row in kept).most_common(1)[0][1] == 1
    assert len(kept) == TABLETS * BATCHES * OPS_PER_BATCH
    answered = [one for sender in senders for batch in sender.answers.values() for one in batch]
    told = {UUID(str(one["id"])): one for one in answered}
    for row in kept:
        outcome = json.loads(row.outcome)
        beside = {name: outcome.pop(name) for name in ("at", "after", "wrote") if name in outcome}
        assert {"at", "after"} <= beside.keys(), "when it was received is kept with it"
        assert outcome == told[row.id]
    maps = [record.data["answers"] for record in stored.values()]
    answers = {key for found in maps if isinstance(found, dict) for key in found}
    wanted = {f"t{s.number}_{n}" for s in senders for n in range(1, 1 + BATCHES * OPS_PER_BATCH)}
    assert answers == wanted
    rows = await feed_rows(house)
    async with house.database.read() as tx:
        states = await scopes.states(tx, {str(row[0]) for row in rows})
    for scope, state in states.items():
        live = [row[3] for row in rows if row[0] == scope and isinstance(row[3], bytes)]
        assert (state.live, state.marks) == (len(live), sum(map(mark, live)) % 2**64)
        seqs = [row[2] for row in rows if row[0] == scope]
        assert len(set(seqs)) == len(seqs)
