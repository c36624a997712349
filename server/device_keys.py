"""The key of each device as a record that every tablet gets. Rule: written with the device itself.

So it is in a chain, in the roots and in the hands of others: who exchanges a key later, the
server's operator too, is found out, and what is sealed with the new one is not genuine.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID, uuid5

import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_PUSH_MAX
from schemas.office_writes import OfficeOp
from schemas.signing import SealVerdict
from server.clock import Clock
from server.database import Database
from server.keys import thumbprint
from server.office import write_in
from server.push import Busy, Restart, in_turn
from server.seals import Ring, look
from server.store import installation, keys, ops, signatures
from server.store.devices import load_lineage
from server.store.installation import Installation
from server.store.keys import Unrecorded
from sync.audit import Broken
from sync.ids import key_id
from sync.record import raws
from sync.scopes import ORG

log = structlog.get_logger()


def keys_lineage(installation_id: UUID) -> UUID:
    """The server's own lineage, under which it tells keys."""
    return uuid5(installation_id, "keys")


async def record(
    tx: AsyncConnection,
    clock: Clock,
    id_: UUID,
    new: Sequence[Unrecorded],
    *,
    epoch: int,
    needs: frozenset[str] = frozenset(),
) -> Mapping[str, int]:
    """Write the records of these keys, of installation `id_`; the heads that moved.

    In the transaction that makes the devices. Raises `Restart`.
    """
    heads: dict[str, int] = {}
    for start in range(0, len(new), OPS_PER_PUSH_MAX):
        plan = await write_in(
            tx,
            clock,
            [edit_of(one, clock) for one in new[start : start + OPS_PER_PUSH_MAX]],
            lineage=keys_lineage(id_),
            by=id_,
            scopes=frozenset({ORG}),
            epoch=epoch,
            origin="server",
            needs=needs | {ORG},
        )
        assert all(one.outcome == "applied" for one in plan.outcomes), "a device is made once"
        heads |= {state.id: state.head for state in plan.states}
    return heads


def edit_of(one: Unrecorded, clock: Clock) -> OfficeOp:
    values: Mapping[str, object] = {
        "device": one.device,
        "person": one.person,
        "public_key": one.public_key,
        "thumbprint": thumbprint(one.public_key) or "",
        "registered_at": one.enrolled_at,
    }
    return OfficeOp(
        id=clock.new_id(),
        kind="key",
        record=key_id(one.device),
        new=True,
        set=raws(values),
    )


async def record_before(database: Database, clock: Clock) -> int:
    """Record the keys of devices that were enrolled before keys were; how many. Raises `Busy`.

    Once, before the first record of a key is written, and never again: whoever puts a key into the
    database later would have it recorded by the next start. What is written is in a chain, so
    nobody makes it the first time again unnoticed.
    """
    async with database.read() as tx:
        made = await installation.load(tx)
        if made is None or await has_begun(tx, made) or not await keys.load_unrecorded(tx):
            return 0

    async def work(tx: AsyncConnection, needs: frozenset[str]) -> int:
        made = await installation.lock(tx)
        await ops.begin_lineage(tx, keys_lineage(made.id), origin="server")
        await ops.lock_lineage(tx, keys_lineage(made.id))
        if await has_begun(tx, made):  # Another process was faster.
            return 0
        old = await keys.load_unrecorded(tx)
        await record(tx, clock, made.id, old, epoch=made.epoch, needs=needs)
        return len(old)

    try:
        count = await in_turn(database, work)
    except Restart:
        raise Busy from None
    if count:
        log.info("keys.recorded", devices=count)
    return count


async def has_begun(tx: AsyncConnection, made: Installation) -> bool:
    """Whether any key was ever recorded."""
    known = await load_lineage(tx, keys_lineage(made.id))
    return known is not None and known[1] > 0


# --- Looking at them ---


async def compare(tx: AsyncConnection) -> AsyncIterator[Broken]:
    """Devices whose key is not the one that was recorded, or was never recorded."""
    for device in await keys.load_rekeyed(tx):
        yield Broken("rekeyed", device=device)
    for one in await keys.load_unrecorded(tx):
        yield Broken("unrecorded", device=one.device)


class Seals(Struct, frozen=True):
    """What the seals of all signatures are worth, how many of each."""

    worth: Mapping[SealVerdict, int]
    unrecorded: int  # By a key that is in no record of its device: among the broken.

    @property
    def total(self) -> int:
        return sum(self.worth.values())


async def count_seals(tx: AsyncConnection) -> Seals:
    """Look at the seal of every signature, a few in memory at a time."""
    ring, worth, unrecorded = Ring(await keys.load_keys(tx)), Counter[SealVerdict](), 0
    async for some in signatures.page(tx):
        came = await signatures.load_received(tx, [one.id for one in some])
        for one in some:
            sealed = look(one, signatures.made_by(came.get(one.id, ())), ring)
            worth[sealed.verdict] += 1
            unrecorded += "key-not-recorded" in sealed.faults
    return Seals(worth, unrecorded)
