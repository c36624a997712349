"""Gather what ops touch, under the locks they need. Rule: one statement per step, in id order.

First without lock: which kind the named records are, and in which scopes. Then the scopes' rows
are locked, and only then, in statements of their own, the records are read: a single statement
would see a snapshot from before the lock. A record's kind never changes; one that was made
between the two is met as a second creation, and the transaction begins again.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_FIRST
from schemas.kinds import KINDS
from schemas.ops import Op
from server.store import conflicts, grants, ops, records, rounds, scopes, uploads
from server.store.records import Located
from sync.ids import unread_id
from sync.lines import Parsed, digest_in, read_kept
from sync.plan import Kept, Origin, StoredOp, World
from sync.record import Record
from sync.scopes import device_scope, site_scope

ID = msgspec.json.Decoder(UUID)
REFERENCES = ("assignment", "asset", "parent", "of", "site", "inspection")


async def gather(
    tx: AsyncConnection,
    origin: Origin,
    lines: Sequence[Parsed],
    *,
    epoch: int,
    needs: frozenset[str] = frozenset(),
) -> World:
    """The world that `plan_push` needs for `lines`, with the rows of its scopes locked."""
    sent = [line.op for line in lines if line.op is not None]
    lineage = await ops.lock_lineage(tx, origin.lineage)
    by_n, by_id = await ops.load_answered(
        tx,
        origin.lineage,
        from_n=lines[0].n if lines else 1,
        to_n=lines[-1].n if lines else 0,
        ids={op.id for op in sent},
    )
    named = {op.record for op in sent} | {id_ for op in sent for id_ in references(op)}
    located = await records.locate(tx, named)
    # What the planner needs beyond is its own to ask for: a place to tell others, an archive.
    wanted = scopes_of(origin, sent, located.values()) & writable(origin) | needs
    states = await scopes.lock(tx, wanted, epoch=epoch)
    found = await load_with_references(tx, located)
    found |= await load_moving(tx, origin, sent, located)
    waiting = await ops.load_waiting(tx, named - found.keys(), persons={origin.person})
    replaced, held = await load_waiting_ops(tx, origin, sent, waiting)
    if held or replaced:
        kept = [*replaced.values(), *held]
        found = await load_behind(tx, kept) | found
        made = {op.record for op in sent_of(kept)} | named
        persons = {one.person for one in kept if one.person is not None}
        waiting |= await ops.load_waiting(tx, made - found.keys(), persons=persons)
    witnesses = await load_witnesses(tx, origin, epoch=epoch)
    if witnesses:
        found = await load_behind(tx, witnesses) | found
    found |= await load_told_elsewhere(tx, origin, [*by_n.values(), *by_id.values()])
    return World(
        epoch=epoch,
        last_n=lineage.last_n,
        chain=lineage.chain,
        rooted=lineage.rooted,
        backed_up_to=lineage.backed_up_to,
        records=found,
        states=states,
        by_n=by_n,
        by_id=by_id,
        waiting=waiting,
        claims=await ops.load_claims(tx, set(codes(sent, found))),
        rounds=await rounds.load_states(
            tx, [id_ for id_, record in found.items() if record.kind == "assignment"]
        ),
        inspectors=await load_inspectors(tx, origin, sent),
        replaced=replaced,
        held=tuple(held),
        writers=await load_writers(tx, origin, held),
        witnesses=tuple(witnesses),
        here=await uploads.load_here(tx, set(bytes_of([*sent, *sent_of(held)]))),
    )


def writable(origin: Origin) -> frozenset[str]:
    """Scopes that this writer's ops can change at all: nothing else is ever locked."""
    own = {device_scope(origin.device)} if origin.device else set()
    return origin.scopes | own


def references(op: Op) -> Iterable[UUID]:
    """Records that the op names: its parent and what its home and round are."""
    if op.parent is not None:
        yield op.parent
    for name in REFERENCES:
        raw = op.set.get(name)
        if raw is None:
            continue
        try:
            yield ID.decode(raw)
        except msgspec.DecodeError:
            continue  # The planner names the field.


def scopes_of(origin: Origin, sent: Sequence[Op], located: Iterable[Located]) -> frozenset[str]:
    """Where the ops may write: where the named records are, sites of new ones, the device's own."""
    wanted = {place.scope for place in located}
    if origin.device is not None:
        wanted.add(device_scope(origin.device))
    for op in sent:
        kind = KINDS.get(op.kind)
        if kind and op.new and kind.home.by == "site" and op.parent is not None:
            wanted.add(site_scope(op.parent))
    return frozenset(wanted)


async def load_with_references(
    tx: AsyncConnection, located: dict[UUID, Located]
) -> dict[UUID, Record]:
    """The named records as they are under the lock, and those that they name themselves."""
    found = await records.load(tx, located)
    named = {
        value
        for record in found.values()
        for name in REFERENCES
        if isinstance(value := record.data.get(name), str)
    }
    further = {UUID(value) for value in named} - found.keys()
    return found | await records.load(tx, await records.locate(tx, further))


# --- What moves, and what waits ---


async def load_moving(
    tx: AsyncConnection, origin: Origin, sent: Sequence[Op], located: Mapping[UUID, Located]
) -> dict[UUID, Record]:
    """What goes along with equipment that moves, and with a round that is closed or reopened."""
    own = [op for op in sent if op.record in located and located[op.record].scope in origin.scopes]
    assets = {op.record for op in own if op.kind == "asset" and "site" in op.set}
    closing = {op.record for op in own if op.kind == "assignment" and "state" in op.set}
    found: dict[UUID, Record] = {}
    if assets:
        found |= await rounds.load_family(tx, assets)
    if closing:
        found |= await rounds.load_work(tx, closing)
    return found


async def load_waiting_ops(
    tx: AsyncConnection, origin: Origin, sent: Sequence[Op], waiting: Mapping[UUID, UUID]
) -> tuple[dict[UUID, Kept], list[Kept]]:
    """The ops that these ones mend, by the id that they name, and what may be held behind them."""
    mending = [op for op in sent if op.replaces is not None]
    if not mending and not any(op.new and op.record in waiting for op in sent):
        return {}, []
    numbers = {op.orig_n for op in mending if op.orig_n is not None}
    ids = {op.replaces for op in mending if op.replaces is not None}
    kept = await ops.load_kept(tx, ids, lineage=origin.lineage, numbers=numbers)
    if missing := ids - {one.id for one in kept}:
        kept += await ops.load_unread(tx, missing)
    disputed = await conflicts.load_disputed(tx, [one.id for one in kept])
    kept = [msgspec.structs.replace(one, disputed=disputed.get(one.id, ())) for one in kept]
    by_id = {one.id: one for one in kept}
    # A line that could not be read is known by its number alone.
    unread = {one.n: one for one in kept if one.lineage == origin.lineage}
    replaced: dict[UUID, Kept] = {}
    for op in mending:
        first = by_id.get(op.replaces or op.id) or unread.get(op.orig_n or 0)
        if op.replaces is not None and first is not None:
            replaced[op.replaces] = first
    persons = {origin.person, *(one.person for one in kept if one.person is not None)}
    return replaced, await ops.load_held(tx, persons)


async def load_writers(
    tx: AsyncConnection, origin: Origin, held: Sequence[Kept]
) -> dict[UUID, frozenset[str]]:
    """What other people whose ops are held may write now: these run as theirs."""
    return {
        person: frozenset(await grants.load_scopes(tx, device_id=device, person_id=person))
        for person, device in {one.person: one.device for one in held}.items()
        if person is not None and device is not None and person != origin.person
    }


async def load_witnesses(tx: AsyncConnection, origin: Origin, *, epoch: int) -> Sequence[Kept]:
    """Open witnesses of this person: there are none where nothing was ever restored."""
    if origin.device is None or epoch == EPOCH_FIRST:
        return ()
    return await ops.load_witnesses(tx, origin.person)


async def load_behind(tx: AsyncConnection, kept: Sequence[Kept]) -> dict[UUID, Record]:
    """What kept ops write and name, and what was told of them."""
    sent = sent_of(kept)
    named = {op.record for op in sent} | {id_ for op in sent for id_ in references(op)}
    told = await records.load_by(tx, "disposition", "op", [one.id for one in kept])
    return told | await load_with_references(tx, await records.locate(tx, named))


def sent_of(kept: Sequence[Kept]) -> list[Op]:
    """Those of kept ops that could be read."""
    return [op for one in kept if (op := read_kept(one.raw)) is not None]


async def load_told_elsewhere(
    tx: AsyncConnection, origin: Origin, answered: Sequence[StoredOp]
) -> dict[UUID, Record]:
    """What was told to another device of the person of ops that this one sends again."""
    if origin.device is None:
        return {}
    elsewhere = {
        one.id or one.outcome.id or unread_id(origin.lineage, one.n)
        for one in answered
        if one.outcome.outcome != "applied"
        and one.device != origin.device
        and one.person in (None, origin.person)
    }
    return await records.load_by(tx, "disposition", "op", elsewhere)


async def load_inspectors(
    tx: AsyncConnection, origin: Origin, sent: Sequence[Op]
) -> dict[UUID, frozenset[str]]:
    """Where people may inspect, asked only when a device hands a round over."""
    hands_over = any(op.kind == "assignment" and "assignee" in op.set for op in sent)
    if origin.kind != "device" or not hands_over:
        return {}
    return {
        person: frozenset(map(site_scope, access.sites_where("inspect")))
        for person, access in (await grants.load_all_access(tx)).items()
    }


def bytes_of(ops_: Sequence[Op]) -> Iterable[str]:
    """The bytes that new attachments name; they may have come before them."""
    for op in ops_:
        if op.kind == "attachment" and op.new and (named := digest_in(op)) is not None:
            yield named


def codes(sent: Sequence[Op], found: dict[UUID, Record]) -> Iterable[str]:
    """Printed codes that the ops claim or rebind."""
    for op in sent:
        if op.kind != "tag":
            continue
        record = found.get(op.record)
        if record is not None:
            yield str(record.data.get("code"))
        if "code" in op.set:
            try:
                yield msgspec.json.decode(op.set["code"], type=str)
            except msgspec.DecodeError:
                continue
