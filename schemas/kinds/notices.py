"""What the server alone writes: `member disposition anchor key`. Rule: no device writes these."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Raw

from schemas.base import (
    FIELDS_PER_OP_MAX,
    Count,
    Epoch,
    Id,
    Instant,
    Line,
    Name,
    Sha256,
    Text,
    Wire,
)
from schemas.kinds.fields import office
from schemas.problems import Problem

Role = Literal["engineer", "supervisor", "desk", "quality", "project-manager", "administrator"]


class Member(Wire, frozen=True, kw_only=True):
    """A person granted at a site, as the others there see them. Id = UUIDv5 of site and person.

    Never withdrawn: whoever lost the last grant there is not `active` any more, without a phone,
    and comes back as the same record. The name stays, for the work that names it.
    """

    site: Annotated[Id, office()]
    person: Annotated[Id, office()]
    name: Annotated[Name, office()]
    role: Annotated[Role, office()]
    phone: Annotated[Line, office()] = ""
    active: Annotated[bool, office()] = True


class ConflictField(Wire, frozen=True, kw_only=True):
    """One field of a conflict: what the device wrote, and what stands."""

    path: Line
    theirs: Raw
    ours: Raw


class Settled(Wire, frozen=True, kw_only=True):
    how: Literal["applied", "replaced", "discarded", "decided"]
    at: Instant
    by_name: Line = ""
    words: Text = ""


class Disposition(Wire, frozen=True, kw_only=True):
    """What became of one op that was not simply applied. Id = UUIDv5 of device and op."""

    device: Annotated[Id, office()]
    op: Annotated[Id, office()]
    n: Annotated[int, Meta(ge=1), office()]
    outcome: Annotated[Literal["conflict", "review", "held", "rejected"], office()]
    record_kind: Annotated[Line, office()] = ""
    record: Annotated[Id | None, office()] = None
    problem: Annotated[Problem | None, office()] = None
    fields: Annotated[tuple[ConflictField, ...], Meta(max_length=FIELDS_PER_OP_MAX), office()] = ()
    cause: Annotated[Id | None, office()] = None  # The op that this one waits for.
    at: Annotated[Instant, office()]
    settled: Annotated[Settled | None, office()] = None


class Anchor(Wire, frozen=True, kw_only=True):
    """What all audit chains had come to on a day, so that every tablet is a witness of it.

    Id = UUIDv5 of installation, epoch and day. A device keeps the first root that it was told for
    an epoch and day for ever, whatever comes later.
    """

    epoch: Annotated[Epoch, office()]
    day: Annotated[date, office()]  # In UTC.
    root: Annotated[Sha256, office()]  # docs/protocol.md, Audit, says of what.
    previous: Annotated[Sha256, office()]  # The root before it; zeros of the first.
    writers: Annotated[Count, office()]  # Whose chains had gone on since that.


class Key(Wire, frozen=True, kw_only=True):
    """The public key that a device registered, so that every tablet is a witness of it.

    Id = UUIDv5 of the device: a device has one key for ever, and is another one when it is enrolled
    again. Written once, in the transaction that enrols it; never changed, never withdrawn.
    """

    device: Annotated[Id, office()]
    person: Annotated[Id, office()]
    public_key: Annotated[Line, office()]  # SPKI (RFC 5280, 4.1), base64url: as it was registered.
    thumbprint: Annotated[Line, office()] = ""  # RFC 7638, as seals name it; of a P-256 key alone.
    registered_at: Annotated[Instant, office()]
