"""The audit: a root of all chains a day, told to every tablet; and whether all is as it was.

Rule: a root is written once and told in the same transaction. Looking changes nothing, needs no
lock, and goes on behind what it finds, so that every broken place is named. A record is what the
chains say was written (`sync.vouching`): its row is compared with that, not believed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid5

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from schemas.office_writes import OfficeOp
from server.clock import Clock
from server.database import Database
from server.device_keys import Seals, compare, count_seals
from server.office import write_in
from server.push import Busy, Restart, in_turn
from server.store import audit as store
from server.store import compared, installation
from server.store.installation import Installation
from server.store.vouched import Vouched, vouched
from sync.audit import (
    NO_ROOT,
    Broken,
    Head,
    Root,
    Walk,
    Witness,
    check_root,
    check_witnesses,
    root_of,
    unrooted,
)
from sync.record import raws
from sync.scopes import ORG

KIND = "make-root"
EVERY = timedelta(hours=1)  # How often it is looked whether a day has ended.
OPS_PER_WORD = 5_000  # After so many it is told how far a look has come.

OnProgress = Callable[[int], Awaitable[None]]


class Audit(Struct, frozen=True):
    """What was looked at, and every place that is not what it was."""

    writers: int
    ops: int
    records: int
    roots: int
    witnesses: int
    forgotten: int  # Roots that only devices know since a restore.
    seals: Seals
    broken: tuple[Broken, ...]


def audit_lineage(installation_id: UUID) -> UUID:
    """The server's own lineage, under which it tells roots."""
    return uuid5(installation_id, "audit")


def anchor_id(installation_id: UUID, epoch: int, day: str) -> UUID:
    return uuid5(installation_id, f"anchor {epoch} {day}")


def rooting(
    database: Database, clock: Clock, tell_all: Callable[[Mapping[str, int]], None]
) -> Callable[[object], Awaitable[None]]:
    """The handler of the job that makes roots; `tell_all` pokes those who get them."""

    async def work(_: object) -> None:
        tell_all(await make_root(database, clock))

    return work


async def make_root(database: Database, clock: Clock) -> Mapping[str, int]:
    """Make the root of the day that ended last, unless it is there; the heads that moved.

    None is made of a day in which nobody wrote anything. All that grows with the house is read
    before anything is locked: what the roots so far name, which never changes, and how far each
    chain is; what comes meanwhile is covered by the next root. Raises `Busy`.
    """
    async with database.read() as tx:
        newest = await store.load_newest(tx)
        if await due(tx, clock, newest) is None:
            return {}
        heads = await store.load_heads(tx, await store.load_named(tx))
    try:
        return await in_turn(
            database, lambda tx, needs: root_in(tx, clock, needs, newest=newest, heads=heads)
        )
    except Restart:
        raise Busy from None


async def due(
    tx: AsyncConnection, clock: Clock, newest: tuple[int, date, bytes] | None
) -> tuple[Installation, date] | None:
    """Whose root is to be made and of which day, if one is."""
    made = await installation.load(tx)
    assert made is not None
    day = clock.now().date() - timedelta(days=1)
    return None if newest is not None and (made.epoch, day) <= newest[:2] else (made, day)


async def root_in(
    tx: AsyncConnection,
    clock: Clock,
    needs: frozenset[str],
    *,
    newest: tuple[int, date, bytes] | None,
    heads: tuple[Head, ...],
) -> Mapping[str, int]:
    """The same, inside `tx`, unless another server was faster. Raises `Restart`."""
    found = await due(tx, clock, newest)
    if found is None or await store.load_newest(tx) != newest:
        return {}
    made, day = found
    own = audit_lineage(made.id)
    if all(head.lineage == own for head in heads):
        return {}
    previous = store.previous_of(newest)
    root = Root(made.epoch, day, root_of(made.epoch, day, previous, heads), previous, heads)
    await store.save_root(tx, root, at=clock.now())
    return await tell(tx, clock, made.id, root, needs)


async def tell(
    tx: AsyncConnection, clock: Clock, id_: UUID, root: Root, needs: frozenset[str]
) -> Mapping[str, int]:
    """Write the record that every tablet gets; the heads that moved."""
    values: Mapping[str, object] = {
        "epoch": root.epoch,
        "day": root.day,
        "root": root.root.hex(),
        "previous": root.previous.hex(),
        "writers": len(root.heads),
    }
    edit = OfficeOp(
        id=clock.new_id(),
        kind="anchor",
        record=anchor_id(id_, root.epoch, root.day.isoformat()),
        new=True,
        set=raws(values),
    )
    plan = await write_in(
        tx,
        clock,
        [edit],
        lineage=audit_lineage(id_),
        by=id_,
        scopes=frozenset({ORG}),
        epoch=root.epoch,
        origin="server",
        needs=needs | {ORG},
    )
    assert plan.outcomes[0].outcome == "applied", "the server may tell what it has rooted"
    return {state.id: state.head for state in plan.states}


async def unheard(_: int) -> None:
    """Nobody asked how far it is."""


class Tally:
    """How many ops and records were looked at; now and again somebody hears of it."""

    def __init__(self, told: OnProgress) -> None:
        self.ops = self.records = self._heard = 0
        self._told = told

    async def add(self, *, ops: int = 0, records: int = 0) -> None:
        self.ops, self.records = self.ops + ops, self.records + records
        done = self.ops + self.records
        if done // OPS_PER_WORD > self._heard:
            self._heard = done // OPS_PER_WORD
            await self._told(done)


async def look(
    database: Database, outside: Iterable[Witness] = (), *, told: OnProgress = unheard
) -> Audit:
    """Walk every chain, compare every root, every record's row and every device's key.

    All in one snapshot; the seals of signatures are looked at beside it, and counted.

    `outside` are roots that were brought from tablets by hand; what devices said last is compared
    too. `told` hears now and again how many ops and records were looked at.
    """
    tally = Tally(told)
    async with database.read() as tx:
        made = await installation.load(tx)
        with vouched() as said:
            places = await note_roots(tx, said)
            writers, broken = await walk_chains(tx, said, places, tally)
            known, differing = await compare_roots(tx, said)
            rows = [one async for one in compare_records(tx, said, tally)]
        keys, seals = [one async for one in compare(tx)], await count_seals(tx)
        witnesses = [*await store.load_witnesses(tx), *outside]
    elsewhere, forgotten = check_witnesses(known, witnesses, epoch=made.epoch if made else 0)
    return Audit(
        writers=writers,
        ops=tally.ops,
        records=tally.records,
        roots=len(known),
        witnesses=len(witnesses),
        forgotten=forgotten,
        seals=seals,
        broken=(*broken, *differing, *rows, *keys, *elsewhere),
    )


async def note_roots(tx: AsyncConnection, said: Vouched) -> list[tuple[int, date]]:
    """Note what each root names; epochs and days of all of them, the oldest first."""
    places: list[tuple[int, date]] = []
    async for root in store.stream_roots(tx):
        said.name(len(places), root.heads)
        places.append((root.epoch, root.day))
    return places


async def walk_chains(
    tx: AsyncConnection, said: Vouched, places: Sequence[tuple[int, date]], tally: Tally
) -> tuple[int, list[Broken]]:
    """Walk the chain of every writer, one after the other; how many, and where they are broken."""
    left_out, writers = await store.load_left_out(tx), await store.load_writers(tx)
    broken: list[Broken] = []
    for lineage, last in sorted(writers.items()):
        named = said.named(lineage)
        links = {link for some in named.values() for link in some}
        walk = Walk(lineage, left_out.get(lineage, []), links)
        async for op in store.stream_chain(tx, lineage, said):
            walk.take(op)
            await tally.add(ops=1)
        walk.end(last)
        if walk.broken:
            other = await walk_by_number(tx, said, Walk(lineage, left_out.get(lineage, []), links))
            other.end(last)
            walk = min(walk, other, key=lambda one: len(one.broken))
        known = [link for link in links if walk.has(link)]
        said.reach(lineage, known)
        broken += walk.broken
        if not walk.broken and len(known) == len(links):  # Of another chain enough is said.
            left = unrooted(walk, places, named)
            broken += [left] if left else []
    return len(writers), broken


async def walk_by_number(tx: AsyncConnection, said: Vouched, walk: Walk) -> Walk:
    """Where the clock went back for long, only their numbers tell how ops followed each other."""
    async for op in store.stream_chain(tx, walk.lineage, said, by_number=True):
        walk.take(op)
    return walk


async def compare_roots(
    tx: AsyncConnection, said: Vouched
) -> tuple[dict[tuple[int, date], bytes], list[Broken]]:
    """Compare each root with the one before, what was told, and the chains; all of them, by day."""
    known: dict[tuple[int, date], bytes] = {}
    broken, previous = list[Broken](), NO_ROOT
    told = await store.load_anchored(tx)
    async for root in store.stream_roots(tx):
        broken += check_root(root, previous, told.get((root.epoch, root.day)), said.has)
        previous = known[root.epoch, root.day] = root.root
    return known, broken


async def compare_records(
    tx: AsyncConnection, said: Vouched, tally: Tally
) -> AsyncIterator[Broken]:
    """Records that are not what the chains say was written last, in no more than was written."""
    for kind in KINDS:
        astray: set[UUID] = set()  # Their rows are elsewhere, which is told once.
        async for some in compared.stream_rows(tx, kind):
            known = said.see([one.id for one in some])
            await tally.add(records=len(some))
            for one in some:
                wrote = known.get(one.id)
                if one.seq is None:
                    astray.add(one.id)
                if wrote is None or wrote.kind != kind:
                    yield Broken("unwritten", kind=kind, record=one.id)
                elif (field := compared.differs(one, wrote)) is not None:
                    yield Broken("changed", kind=kind, record=one.id, field=field)
        async for id_ in compared.stream_strays(tx, kind):
            if id_ not in astray:
                yield Broken("changed", kind=kind, record=id_, field="feed")
    for wrote in said.unseen():
        yield Broken("gone", kind=wrote.kind, record=wrote.record)
