"""Positions that the server hands out sealed: nobody can forge one or use another's. Pure.

The seal is HMAC-SHA-256 (RFC 2104) under the installation's key; the body is readable, so
that a person can look at it, and useless without the seal.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.base import TOKEN_LENGTH_MAX
from sync.errors import TokenRefused


class Acked(Struct, frozen=True, tag="a"):
    """The newest number that was answered to a lineage, and in which epoch."""

    lineage: UUID
    epoch: int
    n: int


class Place(Struct, frozen=True, array_like=True):
    """Up to `pos` the device has a scope; below `live_until` only live rows were sent."""

    pos: int
    live_until: int


class Position(Struct, frozen=True, tag="p"):
    """Where a device is in each of its scopes."""

    device: UUID
    epoch: int
    scopes: dict[str, Place]


Sealable = TypeVar("Sealable", Acked, Position)


def seal(value: Acked | Position, key: bytes) -> str:
    body = msgspec.json.encode(value)
    signature = hmac.new(key, body, sha256).digest()[:16]
    return urlsafe_b64encode(signature + body).decode().rstrip("=")


def unseal(token: str, key: bytes, type_: type[Sealable]) -> Sealable:
    """Open a token. Raises `TokenRefused` when it is not whole, or not of this installation."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise TokenRefused("too long")
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Base64Error, ValueError):
        raise TokenRefused("not whole") from None
    signature, body = sealed[:16], sealed[16:]
    if not hmac.compare_digest(signature, hmac.new(key, body, sha256).digest()[:16]):
        raise TokenRefused("not sealed here")
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.DecodeError:
        raise TokenRefused("of another kind") from None
