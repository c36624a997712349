"""What was taken away, in a file beside the database: so that no restore gives it back.

Rule: kept after the commit that did it, and done again where the database was taken back, before
anything is answered under its new epoch. Doing it again changes nothing where the database knows
it. A device's end, a ticket's use and a grant's end are for ever; somebody who left may come back,
so there the later word counts.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_FIRST, EPOCH_MAX
from server import members
from server.clock import Clock
from server.database import Database
from server.folder import OWNER_ONLY, sync_folder
from server.marker import Marker, locked
from server.store import devices, grants, installation, links, people, sessions, tickets

FILE = "revocations.ndjson"

Instant = Annotated[datetime, Meta(tz=True)]

log = structlog.get_logger()


class EndedDevice(Struct, frozen=True, kw_only=True, tag="device"):
    id: UUID
    state: Literal["draining", "dead"]
    at: Instant


class UsedTicket(Struct, frozen=True, kw_only=True, tag="ticket"):
    """`hash` is the SHA-256 of the ticket, in hexadecimal digits."""

    hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    device: UUID
    at: Instant


class RevokedGrant(Struct, frozen=True, kw_only=True, tag="grant"):
    id: UUID
    by: UUID
    at: Instant


class ChangedPerson(Struct, frozen=True, kw_only=True, tag="person"):
    """Somebody left, or came back."""

    id: UUID
    active: bool
    by: UUID
    at: Instant


class WithdrawnLink(Struct, frozen=True, kw_only=True, tag="link"):
    """A link by which somebody was to sign later, and may not any more."""

    id: UUID
    at: Instant


Entry = EndedDevice | UsedTicket | RevokedGrant | ChangedPerson | WithdrawnLink
ENTRY = msgspec.json.Decoder(Entry)


class Revocations:
    """The file of one data folder. Lines are only ever added, each on disk before it counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._waiting: list[Entry] = []  # What could not be written yet.

    async def keep(self, *entries: Entry) -> None:
        """Add what was committed. Where there is no room it is told, and added with the next."""
        self._waiting += entries
        if not self._waiting:
            return
        some, self._waiting = self._waiting, []
        try:
            await asyncio.to_thread(self.append, some)
        except OSError as error:
            self._waiting = some + self._waiting
            log.exception("revocations.unkept", waiting=len(self._waiting), exc_info=error)

    def append(self, entries: Iterable[Entry]) -> None:
        """Write lines at the end, on the disk when this returns. One cut by a crash stays cut."""
        content = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        with locked(self.folder):
            number = os.open(self.folder / FILE, flags, OWNER_ONLY)
            try:
                end = os.fstat(number).st_size
                is_cut = end > 0 and os.pread(number, 1, end - 1) != b"\n"
                write_all(number, b"\n" + content if is_cut else content)
                os.fsync(number)
            finally:
                os.close(number)
            sync_folder(self.folder)

    def read(self) -> Sequence[Entry]:
        """Every line that can be read, in the order kept. Raises `OSError`."""
        try:
            content = (self.folder / FILE).read_bytes()
        except FileNotFoundError:
            return ()
        found: list[Entry] = []
        unread = 0
        for line in content.split(b"\n"):
            try:
                found += [ENTRY.decode(line)] if line else []
            except msgspec.DecodeError:
                unread += 1
        if unread:
            log.warning("revocations.unread", file=str(self.folder / FILE), lines=unread)
        return found


def write_all(number: int, content: bytes) -> None:
    """Write every byte: near the end of the room the system takes only some (write(2))."""
    while content:
        content = content[os.write(number, content) :]


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """What has to hold in the end: of each person the latest word alone."""
    told: dict[UUID, ChangedPerson] = {}
    lasting: list[Entry] = []
    for entry in entries:
        if not isinstance(entry, ChangedPerson):
            lasting.append(entry)
        elif entry.id not in told or entry.at >= told[entry.id].at:
            told[entry.id] = entry
    return [*lasting, *told.values()]


async def apply_again(
    database: Database,
    clock: Clock,
    marker: Marker,
    entries: Sequence[Entry],
    *,
    epoch: int = EPOCH_FIRST,
) -> Mapping[str, int]:
    """Do again, in one transaction, what the database does not know; how much, by what it is.

    Where it had forgotten anything it was taken back, so its epoch rises, to `epoch` at least.
    Raises `Busy` where other processes are faster at every attempt.
    """
    wanted = newest(entries)

    async def whole(tx: AsyncConnection, needs: frozenset[str]) -> Mapping[str, int]:
        done: Counter[str] = Counter()
        touched: dict[UUID, UUID] = {}
        for entry in wanted:
            done[str(type(entry).__struct_config__.tag)] += await apply(tx, entry, touched)
        if done.total():
            begun = await begin_epoch(tx, marker, epoch)
            for person, by in sorted(touched.items()):
                await people.lock(tx, person)
                await members.refresh(tx, clock, by=by, epoch=begun, person=person, needs=needs)
        return {name: count for name, count in done.items() if count}

    done = await members.change(database, whole) if wanted else {}
    if done:
        log.warning("revocations.applied", **done)
        async with database.read() as tx:
            if not await people.has_administrator(tx):
                log.warning("people.unadministered", way_out="`init` makes an administrator")
    return done


async def begin_epoch(tx: AsyncConnection, marker: Marker, least: int) -> int:
    """The epoch in which it is done again: above the one that was forgotten in."""
    made = await installation.lock(tx)
    later = min(max(made.epoch + 1, least), EPOCH_MAX)
    await marker.reach(made, later)
    return (await installation.raise_epoch(tx, later)).epoch


async def apply(tx: AsyncConnection, entry: Entry, touched: dict[UUID, UUID]) -> bool:
    """Do one again; whether it was news. `touched` gets whose grants changed, and by whom."""
    match entry:
        case EndedDevice():
            return await devices.end(tx, entry.id, state=entry.state, at=entry.at)
        case UsedTicket():
            digest = bytes.fromhex(entry.hash)
            return await tickets.take_again(tx, digest, device_id=entry.device, used_at=entry.at)
        case WithdrawnLink():
            return await links.withdraw(tx, entry.id, at=entry.at)
        case RevokedGrant():
            revoked = await grants.revoke(tx, entry.id, at=entry.at)
            if revoked is not None:
                touched[revoked.person] = entry.by
            return revoked is not None
        case ChangedPerson():
            return await change_person(tx, entry, touched)


async def change_person(
    tx: AsyncConnection, entry: ChangedPerson, touched: dict[UUID, UUID]
) -> bool:
    """Let somebody leave, or come back, unless the database knows of it or of what came after."""
    person = await people.lock(tx, entry.id)
    known = await people.load_active_at(tx, entry.id)
    if person is None or (known is not None and known >= entry.at):
        return False
    await people.save_active(tx, entry.id, active=entry.active, at=entry.at)
    if person.active == entry.active:
        return False
    touched[entry.id] = entry.by
    if not entry.active:
        await sessions.end_all(tx, entry.id, now=entry.at)
        await devices.drain_all(tx, entry.id, at=entry.at)
    return True
