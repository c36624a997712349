"""Of bytes that are lost for good nobody is told that they are here. Rule: by ops of the server.

Who holds such a photo still is asked for it again: `have` says no, its attachment waits, and the
office sees on which tablet. What is on no tablet either is in the list, for people.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_PUSH_MAX
from server.backups.manifest import KeptBlob
from server.backups.pool import NAMED_MAX
from server.blob_inspect import KIND as INSPECT_BLOB
from server.clock import Clock
from server.database import Database
from server.folder import write_whole
from server.jobs import Jobs
from server.push import Busy, Restart, in_turn
from server.receipts import say_received
from server.store import installation
from server.store import lost as store
from server.store.installation import Installation
from server.store.lost import Naming

log = structlog.get_logger()


class Lost(Struct, frozen=True):
    """A line of the list: bytes that are missing, and what named them."""

    sha256: str
    bytes: int
    attachments: tuple[Naming, ...]
    reports: tuple[UUID, ...]


def lost_lineage(installation_id: UUID) -> UUID:
    """The server's own lineage, under which it takes back that it holds bytes."""
    return uuid5(installation_id, "lost")


async def count_lost(tx: AsyncConnection) -> int:
    """How many stored files are lost: a backup missed them, or a restore did not bring them."""
    made = await installation.load(tx)
    assert made is not None
    return await store.count_lost(tx, lost_lineage(made.id))


async def forget(database: Database, clock: Clock, missing: Sequence[KeptBlob]) -> None:
    """Have no row say that these bytes are stored; what is made from others is made again."""
    gone = {one.key[-64:] for one in missing if not one.is_derived}
    again = {one.key.partition("-")[0][-64:] for one in missing if one.is_derived} - gone
    jobs = Jobs(database, clock)
    async with database.write() as tx:
        await store.forget_bytes(tx, gone)
        for sha256 in sorted(again):
            await jobs.add(tx, INSPECT_BLOB, sha256)


async def take_back(
    database: Database, clock: Clock, made: Installation, missing: Sequence[KeptBlob]
) -> tuple[Lost, ...]:
    """Write of each attachment of these bytes that it waits for them; what was lost, for the list.

    Raises `Busy`.
    """
    found: list[Lost] = []
    for one in missing:
        if one.is_derived:
            continue
        sha256 = one.key[-64:]
        async with database.read() as tx:
            naming, reports = await store.load_naming(tx, sha256)
        received = [named for named in naming if named.received_at is not None]
        for start in range(0, len(received), OPS_PER_PUSH_MAX):
            await write(database, clock, made, received[start : start + OPS_PER_PUSH_MAX])
        log.error("backup.lost", sha256=sha256, attachments=len(naming))
        found.append(Lost(sha256, one.bytes, naming, reports))
    return tuple(found)


async def write(
    database: Database, clock: Clock, made: Installation, waiting: Sequence[Naming]
) -> None:
    """Take back that these attachments were received, all of them or none."""

    async def work(tx: AsyncConnection, needs: frozenset[str]) -> None:
        plan = await say_received(
            tx,
            clock,
            {one.id: one.version for one in waiting},
            None,
            lineage=lost_lineage(made.id),
            by=made.id,
            scopes=frozenset(one.scope_id for one in waiting),
            epoch=made.epoch,
            needs=needs,
        )
        for outcome in plan.outcomes:
            assert outcome.outcome == "applied", "the server may say what it does not hold"

    try:
        await in_turn(database, work)
    except Restart:
        raise Busy from None


def write_list(folder: Path, epoch: int, lost: Sequence[Lost]) -> Path:
    """Keep the list in the data folder, a line for each, after those of this epoch; where it is."""
    file = folder / f"missing-{epoch}.ndjson"
    before = file.read_bytes() if file.exists() else b""
    write_whole(file, before + b"".join(msgspec.json.encode(one) + b"\n" for one in lost))
    return file


def told(lost: Sequence[Lost], file: Path) -> list[str]:
    """What a person is told of them: the first, and where all of them stand."""
    some = [words(one) for one in lost[:NAMED_MAX]]
    return [*some, f"{len(lost):,} photos and files are missing; all of them: {file}"]


def words(one: Lost) -> str:
    """One of them, for a person."""
    names = [f"{named.parent_kind} {named.parent} {describe(named)}" for named in one.attachments]
    names += [f"report {id_}" for id_ in one.reports]
    return f"missing {one.sha256}, {one.bytes:,} bytes: {'; '.join(names) or 'nothing names it'}"


def describe(named: Naming) -> str:
    parts = [named.item or "", named.name or "", day_of(named.taken_at)]
    return " ".join(part for part in parts if part)


def day_of(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def read_list(file: Path) -> list[Lost]:
    """What stands in the list."""
    decoder = msgspec.json.Decoder(Lost)
    return [decoder.decode(line) for line in file.read_bytes().splitlines()]
