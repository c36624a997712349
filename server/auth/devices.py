"""A device, by its credential `<device id>.<secret>`.

Rule: only who has the right secret is told what became of the device.
"""

import hmac
from datetime import timedelta
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import Struct

from schemas.people import DeviceState
from server.auth import secrets
from server.clock import Clock
from server.database import Database
from server.errors import CredentialRefused, DeviceDraining, DeviceEnded
from server.store import devices
from server.store.devices import StoredDevice
from server.store.installation import Installation

SEEN_EVERY = timedelta(minutes=1)


class Device(Struct, frozen=True, kw_only=True):
    """The calling device."""

    id: UUID
    lineage: UUID
    person: UUID
    name: str
    state: DeviceState
    app_version: str

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


async def provide_device(
    request: Request[object, object, State],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    installation: NamedDependency[Installation],
) -> Device:
    """Load the calling device and note, once a minute at most, that it was seen.

    Raises `CredentialRefused` for one that is unknown and `DeviceEnded` for one that was ended.
    """
    # Named only so that it comes first: Litestar resolves at once what does not depend on one
    # another, and when one refuses it cancels the others; a cancelled query costs its connection.
    del installation
    device_id, secret = parse_credential(request.headers.get("authorization", ""))
    async with database.read() as tx:
        stored = await devices.load(tx, device_id)
    if stored is None or not matches(stored, secret):
        raise CredentialRefused
    if stored.state == "dead":
        raise DeviceEnded
    now = clock.now()
    if stored.seen_at is None or now - stored.seen_at >= SEEN_EVERY:
        async with database.write() as tx:
            await devices.save_seen(tx, stored.id, at=now)
    return Device(
        id=stored.id,
        lineage=stored.lineage_id,
        person=stored.person_id,
        name=stored.name,
        state=stored.state,
        app_version=stored.app_version,
    )
