"""Pull: what changed in the device's scopes. Rule: the first line names every scope it has."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Raw

from schemas.base import (
    EPOCH_MAX,
    NAME_LENGTH_MAX,
    RECORDS_PER_PAGE_DEFAULT,
    RECORDS_PER_PAGE_MAX,
    SCOPES_PER_DEVICE_MAX,
    Count,
    Epoch,
    Id,
    Instant,
    Scope,
    Seq,
    Sha256,
    Version,
    Wire,
)
from schemas.push import Sealed

GoneReason = Literal["moved", "withdrawn", "archived"]
Digest = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]+:[0-9]+$",
        description="Count and sum of marks mod 2^64 of a scope's live records, as decimal text.",
    ),
]


class AnchorSeen(Wire, frozen=True, kw_only=True):
    """A root of the audit chains as the device was first told it."""

    epoch: Epoch
    day: date
    root: Sha256


class DeviceReport(Wire, frozen=True, kw_only=True):
    """How the device stands as it pulls: what the office shows of it.

    Of a draining device that holds nothing any more it is also its end.
    """

    app_version: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    unsent: Count  # Records with something that the server has not answered.
    unsent_since: Instant | None = None  # Of the oldest of them, by the device's clock.
    photos_left: Count  # Whose bytes the server does not hold.
    anchor: AnchorSeen | None = None  # The newest it holds, or the first that was contradicted.


class PullRequest(Wire, frozen=True, kw_only=True):
    """`token` null starts from zero; else it is the one that the last page ended with."""

    epoch: Annotated[int, Meta(ge=0, le=EPOCH_MAX)]
    token: Sealed | None = None
    last_acked: Sealed | None = None
    limit: Annotated[int, Meta(ge=1, le=RECORDS_PER_PAGE_MAX)] = RECORDS_PER_PAGE_DEFAULT
    report: DeviceReport | None = None


class ScopeState(Wire, frozen=True, kw_only=True):
    """One scope of the device. `left` counts the rows still to come after this page."""

    scope: Scope
    head: Seq
    left: Count = 0
    digest: Digest | None = None  # Given where this page reaches the head.


class Start(Wire, frozen=True, kw_only=True, tag_field="t", tag="start"):
    """First line. The device drops every scope that is not named in `scopes`."""

    epoch: Epoch
    server_time: Instant
    scopes: Annotated[tuple[ScopeState, ...], Meta(max_length=SCOPES_PER_DEVICE_MAX)]


class RecordLine(Wire, frozen=True, kw_only=True, tag_field="t", tag="record"):
    """A live record, whole. These bytes are encoded once, stored, and sent as they are."""

    scope: Scope
    seq: Seq
    kind: str
    id: Id
    version: Version
    data: Raw  # The kind's struct; members that this version does not know are kept.


class GoneLine(Wire, frozen=True, kw_only=True, tag_field="t", tag="gone"):
    """A record that left this scope. Removes only a copy that is in this scope."""

    scope: Scope
    seq: Seq
    kind: str
    id: Id
    version: Version
    reason: GoneReason


class End(Wire, frozen=True, kw_only=True, tag_field="t", tag="end"):
    """Last line; a page without it was cut and is not applied."""

    token: Sealed
    more: bool = False


PullLine = Start | RecordLine | GoneLine | End
