"""Devices and their lineages. Rule: a device is ended, never deleted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Label, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.people import DeviceState
from schemas.pull import AnchorSeen, DeviceReport
from server.store import installation
from server.store.among import among
from server.store.installation import Installation
from server.store.listed import Sortable, holds, ordered, sought
from server.store.people_tables import devices, people
from server.store.tables import lineages, meta


class StoredDevice(Struct, frozen=True, kw_only=True):
    id: UUID
    lineage_id: UUID
    person_id: UUID
    name: str
    credential_hash: bytes
    public_key: str | None
    state: DeviceState
    app_version: str
    enrolled_at: datetime
    seen_at: datetime | None = None
    ended_at: datetime | None = None
    unsent: int = 0
    unsent_since: datetime | None = None
    photos_left: int = 0
    anchor_epoch: int | None = None
    anchor_day: date | None = None
    anchor_root: str | None = None

    @property
    def report(self) -> DeviceReport:
        """What it last said of itself."""
        held = None
        if self.anchor_epoch is not None and self.anchor_day is not None and self.anchor_root:
            held = AnchorSeen(epoch=self.anchor_epoch, day=self.anchor_day, root=self.anchor_root)
        return DeviceReport(
            app_version=self.app_version,
            unsent=self.unsent,
            unsent_since=self.unsent_since,
            photos_left=self.photos_left,
            anchor=held,
        )


def _stored(row: object) -> StoredDevice:
    return msgspec.convert(row, StoredDevice, from_attributes=True)


async def load(tx: AsyncConnection, device_id: UUID) -> StoredDevice | None:
    row = (await tx.execute(select(devices).where(devices.c.id == device_id))).one_or_none()
    return _stored(row) if row else None


class Calling(Struct, frozen=True):
    """A device that calls, the newest number of its lineage, and the installation of now."""

    device: StoredDevice
    last_n: int
    installation: Installation


def _known(key: str) -> Label[str]:
    return select(meta.c.value).where(meta.c.key == key).scalar_subquery().label(key)


# Made once: SQLAlchemy needs longer to put a query together than the database to answer it.
CALLING = (
    select(
        devices,
        lineages.c.last_n,
        *(_known(key) for key in ("installation", "epoch", "seal_key")),
    )
    .join(lineages, lineages.c.id == devices.c.lineage_id)
    .where(devices.c.id == bindparam("device"))
)


async def load_calling(tx: AsyncConnection, device_id: UUID) -> Calling | None:
    """Who calls, and what every answer needs, in one question; None of a device unknown here."""
    row = (await tx.execute(CALLING, {"device": device_id})).one_or_none()
    if row is None:
        return None
    made = installation.made_of(row.installation, row.epoch, row.seal_key)
    return Calling(_stored(row), row.last_n, made)


async def load_all(tx: AsyncConnection) -> list[StoredDevice]:
    """Every device that was ever enrolled, the newest first."""
    rows = await tx.execute(select(devices).order_by(*NEWEST_FIRST))
    return [_stored(row) for row in rows]


ORDERS: Mapping[str, Sequence[Sortable]] = {
    "enrolled": (devices.c.enrolled_at,),
    "name": (devices.c.name,),
    "person": (people.c.name,),
    "state": (devices.c.unsent + devices.c.photos_left,),
    "seen": (devices.c.seen_at,),
}
NEWEST_FIRST = (devices.c.enrolled_at.desc(), devices.c.id.desc())
LISTED = devices.join(people, people.c.id == devices.c.person_id)


async def load_page(
    tx: AsyncConnection,
    text: str,
    *,
    whose: Collection[UUID] | None,
    order: str,
    limit: int,
    offset: int,
) -> tuple[int, list[tuple[StoredDevice, str]]]:
    """A page of the devices of which `text` is part of its name or its person's, and how many.

    Each with its person's name. `whose` limits it to the devices of some people; None to nobody's.
    """
    wanted = [or_(holds(devices.c.sought, text), holds(people.c.sought, text))]
    wanted += [among(devices.c.person_id, whose)] if whose is not None else []
    total = await tx.scalar(select(func.count()).select_from(LISTED).where(*wanted))
    query = (
        select(devices, people.c.name.label("person_name"))
        .select_from(LISTED)
        .where(*wanted)
        .order_by(*ordered(ORDERS, order, *NEWEST_FIRST))
        .limit(limit)
        .offset(offset)
    )
    return total or 0, [(_stored(row), row.person_name) for row in await tx.execute(query)]


async def save_new(tx: AsyncConnection, device: StoredDevice) -> None:
    await tx.execute(
        devices.insert(),
        {name: getattr(device, name) for name in StoredDevice.__struct_fields__}
        | {"sought": sought(device.name)},
    )


async def load_lineage_owners(tx: AsyncConnection, lineage_id: UUID) -> frozenset[UUID]:
    """Name the people whose devices wrote under this lineage: none for a new one."""
    return frozenset(
        await tx.scalars(select(devices.c.person_id).where(devices.c.lineage_id == lineage_id))
    )


async def load_lineage(tx: AsyncConnection, lineage_id: UUID) -> tuple[str, int] | None:
    """Load the origin (`device`, `office`, `server`) and last `n` of a lineage, if it is known."""
    query = select(lineages.c.origin, lineages.c.last_n).where(lineages.c.id == lineage_id)
    row = (await tx.execute(query)).one_or_none()
    return (row.origin, row.last_n) if row else None


async def save_seen(tx: AsyncConnection, device_id: UUID, *, at: datetime) -> None:
    await tx.execute(devices.update().where(devices.c.id == device_id), {"seen_at": at})


async def save_report(tx: AsyncConnection, device_id: UUID, report: DeviceReport) -> None:
    """Keep what a device says that it holds; of a root that it held once, silence takes nothing."""
    held = report.anchor
    values: dict[str, object] = {
        "app_version": report.app_version,
        "unsent": report.unsent,
        "unsent_since": report.unsent_since,
        "photos_left": report.photos_left,
    }
    if held is not None:
        values |= {"anchor_epoch": held.epoch, "anchor_day": held.day, "anchor_root": held.root}
    await tx.execute(devices.update().where(devices.c.id == device_id), values)


async def load_lineage_key(tx: AsyncConnection, lineage_id: UUID) -> str | None:
    """Load the public key that was registered first for a lineage; None where none was."""
    query = (
        select(devices.c.public_key)
        .where(devices.c.lineage_id == lineage_id, devices.c.public_key.is_not(None))
        .order_by(devices.c.enrolled_at, devices.c.id)
        .limit(1)
    )
    return await tx.scalar(query)


async def load_active_of(tx: AsyncConnection, person_id: UUID) -> list[UUID]:
    """Name the devices in use of somebody: those that hear of changes."""
    query = select(devices.c.id).where(
        devices.c.person_id == person_id, devices.c.state == "active"
    )
    return list(await tx.scalars(query))


async def drain_all(tx: AsyncConnection, person_id: UUID, *, at: datetime) -> None:
    """Let every device in use of somebody only send from now on."""
    await tx.execute(
        devices.update().where(devices.c.person_id == person_id, devices.c.state == "active"),
        {"state": "draining", "ended_at": at},
    )


async def end(
    tx: AsyncConnection, device_id: UUID, *, state: Literal["draining", "dead"], at: datetime
) -> bool:
    """Take a device out of service; whether that changed anything. A dead one stays dead."""
    done = await tx.execute(
        devices.update().where(devices.c.id == device_id, devices.c.state.notin_(("dead", state))),
        {"state": state, "ended_at": at},
    )
    return done.rowcount == 1
