"""A real database in step with the server in memory: each answer must be the same.

The simulated server answers; then the same request goes through the program's own gathering,
planning, storing and reading, and whatever differs is told. So every promise that holds of the one
holds of the other, and the simulation's dictionaries are what the store is measured by.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.enrol import EnrolAnswer
from schemas.ops import Outcome
from schemas.pull import PullRequest
from schemas.push import PushAnswer
from server.audit import look
from server.clock import ManualClock
from server.database import Database
from server.push import Pushed, Resolve, push
from server.store import devices, grants, installation, ops, people, records
from server.store import scopes as scope_rows
from server.store.devices import StoredDevice
from server.store.grants import StoredGrant
from server.store.people import Person
from server.store.people_tables import people as people_table
from server.store.pull import Sent, count_left, load_page
from server.store.seed import seed
from server.store.tables import conflicts, feed, lineages
from server.store.tables import ops as op_rows
from sync.errors import ClonedDevice
from sync.lines import read_push
from sync.plan import Origin
from sync.position import Position, unseal
from sync.pull import plan_page, plan_pull
from tests.simulation.company import (
    BEGIN,
    CHIEF,
    ENGINEERS,
    KEY,
    OFFICE_LINEAGE,
    OFFICE_SCOPES,
    SEED_LINEAGE,
    Company,
)
from tests.simulation.memory import Answer, FeedRow, MemoryServer, gone

Result = TypeVar("Result")
KEPT_APART = {"people", "grants"}  # A restore takes the rest back.
TABLES = [t for t in people_table.metadata.sorted_tables if t.name not in KEPT_APART]
Backup = Mapping[str, Sequence[dict[str, object]]]


class DatabaseServer(MemoryServer):
    """`MemoryServer`, and beside it the program's own store on `database`."""

    def __init__(self, company: Company, database: Database, runner: asyncio.Runner) -> None:
        super().__init__(company)
        self.database, self.runner = database, runner
        self.clock = ManualClock(BEGIN)
        self.granted: dict[tuple[UUID, UUID], UUID] = {}
        self.epoch = 1
        self.run(self.begin())
        self.rows = self.run(self.read_all())

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        return self.runner.run(work)

    async def begin(self) -> None:
        async with self.database.write() as tx:
            await installation.begin(tx, id_=UUID(int=1), seal_key=KEY)
            for person in (*ENGINEERS, CHIEF):
                made = Person(id=person, login=str(person), name="x", created_at=BEGIN)
                await people.save_new(tx, made, password_hash=None)
            await ops.begin_lineage(tx, OFFICE_LINEAGE, origin="office")
            await seed(tx, self.seeded, epoch=1, lineage=SEED_LINEAGE)

    # --- Who ---

    async def follow(self) -> None:
        """Bring clock, grants and epoch to where the company is."""
        self.clock.advance(self.company.now() - self.clock.now())
        wanted = {(person, site) for person, sites in self.company.grants.items() for site in sites}
        if wanted == self.granted.keys() and self.epoch == self.state.epoch:
            return
        async with self.database.write() as tx:
            await self.grant(tx, wanted)
            await installation.raise_epoch(tx, self.state.epoch)
        self.epoch = self.state.epoch

    async def grant(self, tx: AsyncConnection, wanted: set[tuple[UUID, UUID]]) -> None:
        for place in self.granted.keys() - wanted:
            await grants.revoke(tx, self.granted.pop(place), at=self.clock.now())
        for person, site in sorted(wanted - self.granted.keys()):
            grant = StoredGrant(
                id=self.clock.new_id(),
                person=person,
                role="engineer",
                customer=None,
                contract=None,
                site=site,
                granted_at=self.clock.now(),
            )
            await grants.save_new(tx, grant, granted_by=None)
            self.granted[person, site] = grant.id

    def enrol(self, person: UUID, lineage: UUID) -> EnrolAnswer:
        made = super().enrol(person, lineage)

        async def work() -> int:
            async with self.database.write() as tx:
                await ops.begin_lineage(tx, lineage, origin="device")
                stored = StoredDevice(
                    id=made.device,
                    lineage_id=lineage,
                    person_id=person,
                    name="x",
                    credential_hash=made.device.bytes,
                    public_key=None,
                    state="active",
                    app_version="",
                    enrolled_at=self.clock.now(),
                )
                await devices.save_new(tx, stored)
                known = await devices.load_lineage(tx, lineage)
                return known[1] + 1 if known else 0

        assert self.run(work()) == made.next_n
        return made

    def end(self, device: UUID, how: str) -> None:
        super().end(device, how)

        async def work() -> None:
            async with self.database.write() as tx:
                await self.end_there(tx, device, how)

        self.run(work())

    async def end_there(self, tx: AsyncConnection, device: UUID, how: str) -> None:
        now = self.clock.now()
        if how == "dead":
            await devices.end(tx, device, state="dead", at=now)
        else:
            await devices.end(tx, device, state="draining", at=now)

    # --- Backups ---

    async def read_all(self) -> Backup:
        async with self.database.read() as tx:
            return {
                table.name: [dict(row) for row in (await tx.execute(select(table))).mappings()]
                for table in TABLES
            }

    def back_up(self) -> None:
        super().back_up()

        async def work() -> Backup:
            async with self.database.write() as tx:
                reached = update(lineages).values(backed_up_to=lineages.c.last_n)
                await tx.execute(reached)
            return await self.read_all()

        self.rows = self.run(work())

    def restore(self, *, notice: bool) -> None:
        super().restore(notice=notice)

        async def work() -> None:
            async with self.database.write() as tx:
                for table in reversed(TABLES):
                    await tx.execute(table.delete())
                for table in TABLES:
                    if self.rows[table.name]:
                        await tx.execute(table.insert(), self.rows[table.name])
                for device, how in self.ended.items():
                    await self.end_there(tx, device, how)

        self.run(work())
        self.epoch = 0

    # --- Push ---

    def push(self, device_id: UUID, body: bytes) -> Answer:
        answer = super().push(device_id, body)
        header, _ = read_push(body)
        is_clone = answer.said == ClonedDevice.slug
        if answer.said != "ok" and not is_clone:
            return answer
        expected = PushAnswer(epoch=header.epoch)
        if not is_clone:
            expected = msgspec.json.decode(answer.body, type=PushAnswer)
        if expected.epoch != header.epoch:
            return answer
        device = self.state.devices[device_id]

        async def resolve(tx: AsyncConnection) -> Origin:
            held = await grants.load_scopes(tx, device_id=device_id, person_id=device.person)
            return Origin(
                kind="device",
                lineage=device.lineage,
                person=device.person,
                device=device_id,
                scopes=frozenset(held),
                draining=device.state == "draining",
            )

        try:
            done = self.run(self.send(resolve, body))
        except ClonedDevice:
            same(ClonedDevice.slug, answer.said)
            return answer
        same("ok", answer.said)
        same(done.outcomes, expected.outcomes)
        same((done.heads, done.void), (expected.heads, expected.void))
        same(done.backed_up_to or None, expected.backed_up_to)
        return answer

    async def send(self, resolve: Resolve, body: bytes) -> Pushed:
        header, lines = read_push(body)
        await self.follow()
        return await push(
            self.database,
            self.clock,
            resolve,
            lines,
            first_n=header.first_n,
            epoch=self.state.epoch,
        )

    def office(self, sent: Sequence[dict[str, object]]) -> tuple[Outcome, ...]:
        first = self.state.last_n.get(OFFICE_LINEAGE, 0) + 1
        header = {"epoch": self.state.epoch, "first_n": first}
        made = [op | {"n": first + place} for place, op in enumerate(sent)]
        body = b"\n".join(map(msgspec.json.encode, [header, *made]))
        outcomes = super().office(sent)

        async def resolve(_: AsyncConnection) -> Origin:
            return Origin("office", OFFICE_LINEAGE, CHIEF, scopes=OFFICE_SCOPES, name="陈国栋")

        same(self.run(self.send(resolve, body)).outcomes, outcomes)
        return outcomes

    # --- Pull ---

    def pull(self, device_id: UUID, body: bytes) -> Answer:
        answer = super().pull(device_id, body)
        lines = answer.body.splitlines()
        if answer.said == "ok" and len(lines) > 1:
            asked = msgspec.json.decode(body, type=PullRequest)
            same(self.run(self.read_page(device_id, asked)), lines[1:-1])
        return answer

    async def read_page(self, device_id: UUID, asked: PullRequest) -> list[bytes]:
        """The rows of the page, read as the route reads them."""
        device, epoch = self.state.devices[device_id], self.state.epoch
        before = Position(device_id, epoch, {})
        if asked.token:
            before = unseal(asked.token, KEY, Position)
        await self.follow()
        async with self.database.read() as tx:
            held = await grants.load_device_scopes(tx, device_id=device_id, person_id=device.person)
            states = await scope_rows.states(tx, held)
            wanted = plan_pull(held, before.scopes, states)
            rows = await load_page(tx, wanted, limit=asked.limit) if wanted else []
            sent = {row.scope: row.seq for row in rows}
            left = await count_left(tx, wanted, sent)
            plan_page(held, before.scopes, states, wanted, sent=sent, left=left)
        return [as_line(row) for row in rows]

    # --- The end ---

    def compare(self) -> None:
        """What the tables hold is what the dictionaries do."""
        self.run(self.compare_tables())

    async def compare_tables(self) -> None:
        state = self.state
        async with self.database.read() as tx:
            at = await records.locate(tx, state.records)
            found = await records.load(tx, at)
            kept = (await tx.execute(select(op_rows))).all()
            rows = (await tx.execute(select(feed))).all()
            disputes = (await tx.execute(select(conflicts.c.id, conflicts.c.decision))).all()
            known = await scope_rows.states(tx, state.scopes)
        for id_, record in state.records.items():
            whole = {name: value for name, value in record.data.items() if value is not None}
            same(found[id_].data, msgspec.json.decode(msgspec.json.encode(whole)))
            same(found[id_].stamps, record.stamps)
            same((found[id_].scope, found[id_].version), (record.scope, record.version))
        sent = [row for row in kept if (row.lineage_id, row.n) in state.ops]
        same(
            {
                (row.lineage_id, row.n): (row.payload, told_in(row.outcome), row.open)
                for row in sent
            },
            {at: (row.payload, row.outcome_bytes, row.open) for at, row in state.ops.items()},
        )
        same(
            {(row.scope_id, row.record_id): (row.seq, row.gone, row.body) for row in rows},
            {at: (row.seq, row.gone, row.body) for at, row in state.feed.items()},
        )
        same(
            {row.id: row.decision for row in disputes},
            {id_: decision for id_, (_, decision) in state.disputes.items()},
        )
        same(known, {id_: one for id_, one in state.scopes.items() if id_ in known})
        # Whatever has happened here, each row is what some chain says was written.
        same((await look(self.database)).broken, ())


def told_in(outcome: bytes) -> bytes:
    """An outcome without what the store alone adds to it: the digests of its rows."""
    told, wrote, _ = outcome.partition(b',"wrote":')
    return told + b"}" if wrote else told


def as_line(row: Sent) -> bytes:
    if row.body is not None:
        return row.body
    record = row.record
    assert isinstance(record, UUID)
    return gone(row.scope, record, FeedRow(row.seq, row.kind, row.version, row.gone, None))


def same(found: object, wanted: object) -> None:
    """The database answers what the memory did."""
    assert found == wanted, f"the database: {found}\nin memory: {wanted}"
