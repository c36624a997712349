"""How a tablet becomes a device. Rule: a ticket works once, a credential is shown once."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Epoch, Id, Instant, Language, Line, Name, Wire
from schemas.kinds.notices import Role


class Discovery(Wire, frozen=True, kw_only=True):
    """`GET /sync`: what a client must know before it speaks."""

    name: str
    protocols: tuple[int, ...]
    epoch: Epoch
    server_time: Instant
    app_version_min: str  # Older apps may send everything, but start no new work.


class EnrolRequest(Wire, frozen=True, kw_only=True):
    ticket: Annotated[str, Meta(min_length=8, max_length=200)]
    lineage: Id  # Minted by the device at its first enrolment, kept for ever.
    name: Name  # Of the device: "Tablet 03".
    public_key: Line | None = None  # SPKI, base64url; the device signs with it.
    # The ticket's bytes signed by the key that was registered for this lineage: ECDSA P-256 with
    # SHA-256, r and s, base64url. Without it a lineage that has a key is not taken up.
    proof: Line | None = None
    app_version: Line = ""
    language: Language = "zh-CN"


class EnrolAnswer(Wire, frozen=True, kw_only=True):
    device: Id
    credential: str  # Sent as `Authorization: Bearer …`; stored hashed by the server.
    person: Id
    person_name: Name
    role: Role
    # Under which the device writes. Another than it asked for where it did not prove that the
    # lineage is its own; then too the outbox keeps its ops and their numbers.
    lineage: Id
    epoch: Epoch
    next_n: int  # The first `n` that this lineage may use.
    server_time: Instant
