"""Positions that the server hands out sealed: nobody can forge one or use another's. Pure.

The seal is HMAC-SHA-256 (RFC 2104) under the installation's key, cut to 16 bytes (RFC 2104, 5).
A position goes with every pull, so its body is packed: 33 bytes for each scope, 44 as text, and one
of `SCOPES_PER_DEVICE_MAX` scopes stays below `TOKEN_LENGTH_MAX`.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.base import TOKEN_LENGTH_MAX
from sync.errors import TokenRefused

MARK = b"P1"  # No JSON begins so: what was sealed by an older program is told apart.
HEAD = struct.Struct(">2s16sI")  # Mark, device, epoch.
PLACE = struct.Struct(">B16sQQ")  # Kind of scope, its id, `pos`, `live_until`.
# A scope is one of these words alone, or with an id behind it (`schemas.base.Scope`).
KINDS = ("org", "office", "site:", "office:", "device:", "archive:")
CODES = {kind: code for code, kind in enumerate(KINDS)}
NO_ID = bytes(16)


class Acked(Struct, frozen=True, tag="a"):
    """The newest number that was answered to a lineage, and in which epoch."""

    lineage: UUID
    epoch: int
    n: int


class Place(Struct, frozen=True):
    """Up to `pos` the device has a scope; below `live_until` only live rows were sent."""

    pos: int
    live_until: int


class Position(Struct, frozen=True):
    """Where a device is in each of its scopes."""

    device: UUID
    epoch: int
    scopes: Mapping[str, Place]


Sealable = TypeVar("Sealable", Acked, Position)


def seal(value: Acked | Position, key: bytes) -> str:
    """Make a token of it, in base64url without padding (RFC 4648, 5)."""
    body = packed(value) if isinstance(value, Position) else msgspec.json.encode(value)
    return urlsafe_b64encode(signature(body, key) + body).decode().rstrip("=")


def unseal(token: str, key: bytes, type_: type[Sealable]) -> Sealable:
    """Open a token. Raises `TokenRefused` when it is not whole, or not of this installation."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise TokenRefused
    try:
        sealed = urlsafe_b64decode(token + "==")  # As much as any lacks; more is passed over.
    except (Base64Error, ValueError):
        raise TokenRefused from None
    # Base64 passes over what it does not know, and over the last bits: one token, one spelling.
    if urlsafe_b64encode(sealed).rstrip(b"=") != token.encode():
        raise TokenRefused
    said, body = sealed[:16], sealed[16:]
    if not hmac.compare_digest(said, signature(body, key)):
        raise TokenRefused
    try:
        found = unpacked(body) if body.startswith(MARK) else msgspec.json.decode(body, type=Acked)
    except (struct.error, LookupError, msgspec.DecodeError):
        raise TokenRefused from None
    if not isinstance(found, type_):
        raise TokenRefused
    return found


def signature(body: bytes, key: bytes) -> bytes:
    """The seal of a body."""
    return hmac.new(key, body, sha256).digest()[:16]


def packed(position: Position) -> bytes:
    """The position in `HEAD` and one `PLACE` for each scope."""
    head = HEAD.pack(MARK, position.device.bytes, position.epoch)
    return b"".join((head, *rows(position.scopes)))


def rows(places: Mapping[str, Place]) -> Iterator[bytes]:
    """Each scope and the device's place in it."""
    for scope, place in places.items():
        word, colon, id_ = scope.partition(":")
        raw = UUID(id_).bytes if colon else NO_ID
        yield PLACE.pack(CODES[word + colon], raw, place.pos, place.live_until)


def unpacked(body: bytes) -> Position:
    """The position of a body that was sealed. Raises `struct.error` or `LookupError` if none."""
    _, device, epoch = HEAD.unpack_from(body)
    places = {}
    for code, raw, pos, live_until in PLACE.iter_unpack(body[HEAD.size :]):
        kind = KINDS[code]
        places[f"{kind}{UUID(bytes=raw)}" if kind.endswith(":") else kind] = Place(pos, live_until)
    return Position(UUID(bytes=device), epoch, places)
