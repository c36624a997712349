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

from server.auth import secrets
from server.clock import Clock
from server.database import Database
from server.errors import CredentialRefused, DeviceDraining, DeviceEnded
from server.store import devices, grants
from server.store.devices import StoredDevice
from sync.plan import Origin

SEEN_EVERY = timedelta(minutes=1)
# All that a draining device may still do: send its ops and the bytes that they name.
SENDING = ("/sync/v1/push", "/files")


class Caller(Struct, frozen=True, kw_only=True):
    """The calling device; `origin` is what the planner needs of it."""

    id: UUID
    name: str
    app_version: str
    origin: Origin


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
) -> Caller:
    """Load the calling device and note, once a minute at most, that it was seen.

    Raises `CredentialRefused` for one that is unknown, `DeviceEnded` for one that was ended, and
    `DeviceDraining` where a draining one asks for anything but to send.
    """
    device_id, secret = parse_credential(request.headers.get("authorization", ""))
    async with database.read() as tx:
        stored = await devices.load(tx, device_id)
        scopes: tuple[str, ...] = ()
        if stored is not None and matches(stored, secret):
            scopes = await grants.load_scopes(tx, device_id=device_id, person_id=stored.person_id)
    if stored is None or not matches(stored, secret):
        raise CredentialRefused
    if stored.state == "dead":
        raise DeviceEnded
    draining = stored.state == "draining"
    if draining and not request.scope["path"].startswith(SENDING):
        raise DeviceDraining
    now = clock.now()
    if stored.seen_at is None or now - stored.seen_at >= SEEN_EVERY:
        async with database.write() as tx:
            await devices.save_seen(tx, stored.id, at=now)
    return Caller(
        id=stored.id,
        name=stored.name,
        app_version=stored.app_version,
        origin=Origin(
            "device",
            stored.lineage_id,
            stored.person_id,
            stored.id,
            frozenset(scopes),
            draining=draining,
        ),
    )
