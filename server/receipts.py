"""Attachments learn whether their bytes are here. Rule: by an op of the server, like any record.

Only those that the device which brought the bytes may know of: at its sites, or made by itself. Who
made one elsewhere with the same bytes brings them too, and is told then.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID, uuid5

import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_PUSH_MAX
from schemas.office_writes import OfficeOp
from server.clock import Clock
from server.office import write_in
from server.store import grants, ops, records, scopes, uploads
from sync.plan import Plan
from sync.record import Record, raws

log = structlog.get_logger()


class Sender(Struct, frozen=True, kw_only=True):
    """The device that brings bytes, or asks about them."""

    device: UUID
    lineage: UUID
    person: UUID
    epoch: int
    is_draining: bool = False


def receipts_lineage(lineage: UUID) -> UUID:
    """The server's lineage for what the devices of one lineage brought: they share no lock."""
    return uuid5(lineage, "received")


async def load_held(tx: AsyncConnection, sender: Sender) -> frozenset[str]:
    """Scopes that the device may be told of; none where it only hands in what it has."""
    if sender.is_draining:
        return frozenset()
    return frozenset(await grants.load_scopes(tx, device_id=sender.device, person_id=sender.person))


async def load_known(
    tx: AsyncConnection, sender: Sender, waiting: Mapping[UUID, str]
) -> Mapping[UUID, str]:
    """Those of these attachments that the device may know of: in its scopes, or its own."""
    if not waiting:
        return {}
    held = await load_held(tx, sender)
    elsewhere = [id_ for id_, scope in waiting.items() if scope not in held]
    own = await uploads.load_made(tx, elsewhere, lineage=sender.lineage)
    return {id_: scope for id_, scope in waiting.items() if scope in held or id_ in own}


async def note_received(
    tx: AsyncConnection,
    clock: Clock,
    sender: Sender,
    sha256s: Collection[str],
    *,
    needs: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Write `received_at` of the attachments that wait for these bytes; the heads that moved.

    May be repeated. Raises `Restart`. The device's own lineage is locked first: a push of the same
    device that makes such an attachment is over, or sees the bytes.
    """
    await ops.lock_lineage(tx, sender.lineage)
    waiting = await load_known(tx, sender, await uploads.load_waiting(tx, sha256s))
    if not waiting:
        return {}
    lineage = receipts_lineage(sender.lineage)
    await ops.begin_lineage(tx, lineage, origin="server")
    await ops.lock_lineage(tx, lineage)
    await scopes.lock(tx, frozenset(waiting.values()) | needs, epoch=sender.epoch)
    found = await records.load(tx, await records.locate(tx, waiting))
    due = [one for one in found.values() if not one.withdrawn and "received_at" not in one.data]
    heads: dict[str, int] = {}
    for start in range(0, len(due), OPS_PER_PUSH_MAX):
        some = due[start : start + OPS_PER_PUSH_MAX]
        heads |= await write(tx, clock, sender, some, needs=needs)
    return heads


async def write(
    tx: AsyncConnection,
    clock: Clock,
    sender: Sender,
    due: Collection[Record],
    *,
    needs: frozenset[str],
) -> Mapping[str, int]:
    """Plan and apply the receipts of these attachments, as they are under the lock."""
    plan = await say_received(
        tx,
        clock,
        {one.id: one.version for one in due},
        clock.now(),
        lineage=receipts_lineage(sender.lineage),
        by=sender.person,
        scopes=frozenset(one.scope for one in due),
        epoch=sender.epoch,
        needs=needs,
    )
    for outcome in plan.outcomes:
        if outcome.outcome != "applied":  # A defect: it must not keep the bytes from being kept.
            log.error("receipt.refused", n=outcome.n, outcome=outcome.outcome)
    return {state.id: state.head for state in plan.states}


async def say_received(
    tx: AsyncConnection,
    clock: Clock,
    versions: Mapping[UUID, int],
    at: datetime | None,
    *,
    lineage: UUID,
    by: UUID,
    scopes: frozenset[str],
    epoch: int,
    needs: frozenset[str],
) -> Plan:
    """Say of attachments, by their versions, when their bytes came; None: they are not here.

    As the server, in one of its own lineages. Raises `Restart`.
    """
    edits = [
        OfficeOp(
            id=clock.new_id(),
            kind="attachment",
            record=id_,
            base=version,
            set=raws({"received_at": at}),
        )
        for id_, version in versions.items()
    ]
    return await write_in(
        tx,
        clock,
        edits,
        lineage=lineage,
        by=by,
        scopes=scopes,
        epoch=epoch,
        origin="server",
        needs=needs,
    )
