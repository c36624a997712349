"""A device, by its credential `<device id>.<secret>`.

Rule: only who has the right secret is told what became of the device.
"""

import hmac
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from msgspec import Struct, structs
from sqlalchemy.exc import SQLAlchemyError

from schemas.people import DeviceState
from schemas.pull import DeviceReport
from server.auth import secrets
from server.auth.attempts import Attempts
from server.clock import Clock
from server.database import Database
from server.errors import (
    CredentialRefused,
    DeviceDraining,
    DeviceEnded,
    InvalidRequest,
    NotReady,
)
from server.marker import Marker
from server.outages import is_full
from server.store import devices, installation
from server.store.devices import StoredDevice
from server.store.installation import Installation
from sync.changes import is_placed
from sync.lines import storable
from sync.position import Acked

SEEN_EVERY = timedelta(minutes=1)
VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


class Device(Struct, frozen=True, kw_only=True):
    """The calling device."""

    id: UUID
    lineage: UUID
    person: UUID
    name: str
    state: DeviceState
    report: DeviceReport  # As it last said.
    last_n: int = 0  # Of its lineage.

    @property
    def is_draining(self) -> bool:
        """Whether it may only send what it holds, into review."""
        return self.state == "draining"

    def demand_active(self) -> None:
        """Raise `DeviceDraining` where only an active device is served: on pull and events."""
        if self.is_draining:
            raise DeviceDraining


def credential_of(device_id: UUID, secret: str) -> str:
    """Give what the device sends as `Authorization: Bearer …`."""
    return f"{device_id}.{secret}"


def parse_credential(header: str) -> tuple[UUID, str]:
    """Read an `Authorization` header (RFC 6750, 2.1). Raises `CredentialRefused`."""
    scheme, _, credential = header.partition(" ")
    name, _, secret = credential.strip().partition(".")
    if scheme.lower() != "bearer" or not secret:
        raise CredentialRefused
    try:
        return UUID(name), secret
    except ValueError:
        raise CredentialRefused from None


def matches(stored: StoredDevice, secret: str) -> bool:
    """Compare in constant time. Device ids are no secret: every op of a device may name it."""
    return hmac.compare_digest(secrets.digest(secret), stored.credential_hash)


class Caller(Struct, frozen=True):
    """Who calls, and the installation that answers: one question for both."""

    device: Device
    installation: Installation


async def provide_caller(
    request: Request[object, object, State],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    marker: NamedDependency[Marker],
) -> Caller:
    """Load the calling device and note, once a minute at most, that it was seen.

    Raises `CredentialRefused` for one that is unknown and `DeviceEnded` for one that was ended.
    """
    device_id, secret = parse_credential(request.headers.get("authorization", ""))
    async with database.ask() as tx:
        calling = await devices.load_calling(tx, device_id)
        if calling is None and await installation.load(tx) is None:
            raise NotReady("nothing was set up in this database yet")
    if calling is None or not matches(calling.device, secret):
        raise CredentialRefused
    stored = calling.device
    if stored.state == "dead":
        raise DeviceEnded
    # Another process may have raised the epoch: our own marker has to know it before we answer.
    await marker.reach(calling.installation, calling.installation.epoch)
    now = clock.now()
    if stored.seen_at is None or now - stored.seen_at >= SEEN_EVERY:
        with going_without_room():
            async with database.write() as tx:
                await devices.save_seen(tx, stored.id, at=now)
    device = Device(
        id=stored.id,
        lineage=stored.lineage_id,
        person=stored.person_id,
        name=stored.name,
        state=stored.state,
        last_n=calling.last_n,
        report=stored.report,
    )
    return Caller(device, calling.installation)


def provide_device(caller: NamedDependency[Caller]) -> Device:
    """Give the calling device."""
    return caller.device


def of_caller(caller: NamedDependency[Caller]) -> Installation:
    """Give the installation as it was when the device was looked up."""
    return caller.installation


@contextmanager
def going_without_room() -> Generator[None]:
    """Let a note about a device fall away where the disk is full: it may still read its work."""
    try:
        yield
    except SQLAlchemyError as error:
        if not is_full(error):
            raise


# For handlers that a device calls: not asked for a second time.
CALLED: Mapping[str, Provide] = {"installation": Provide(of_caller, sync_to_thread=False)}


def claimed_epoch(
    device: Device, claims: Attempts, said: int, *, installation: Installation, acked: Acked | None
) -> int:
    """The epoch that a device says it was told of, where it has no seal to show for it; else 0.

    The epochs are many and not without end: nobody may use them up by saying so again and again.
    Raises `TooManyAttempts`.
    """
    if device.is_draining or said <= max(installation.epoch, acked.epoch if acked else 0):
        return 0
    claims.begin(name=str(device.id), address="")
    return said


async def take_report(
    database: Database, device: Device, report: DeviceReport, *, now: datetime
) -> None:
    """Keep what a device says of itself, where it is news.

    A draining device that holds nothing is done: it is dead from here on. Raises `DeviceEnded`
    then, by which it knows that it may erase itself, and `InvalidRequest` for what cannot be kept.
    """
    if problem := storable(report.app_version, "report.app_version"):
        raise InvalidRequest(fields=(problem,))
    since = report.unsent_since
    if since is not None:  # A clock that is ahead must not say that work waits since tomorrow.
        since = min(since, now) if is_placed(since) else None
    version = report.app_version or device.report.app_version
    anchor = report.anchor or device.report.anchor
    told = structs.replace(report, app_version=version, unsent_since=since, anchor=anchor)
    is_done = device.is_draining and told.unsent == told.photos_left == 0
    if is_done:
        async with database.write() as tx:
            await devices.save_report(tx, device.id, told)
            await devices.end(tx, device.id, state="dead", at=now)
        raise DeviceEnded
    if told != device.report:
        with going_without_room():
            async with database.write() as tx:
                await devices.save_report(tx, device.id, told)


def is_older(version: str, least: str) -> bool:
    """Whether an app's version comes before `least`; one that does not say it is taken as it is."""
    said, wanted = VERSION.match(version), VERSION.match(least)
    if said is None or wanted is None:
        return False
    return [int(part) for part in said.groups()] < [int(part) for part in wanted.groups()]
