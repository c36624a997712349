"""What became of a rescue file in the office. Rule: every line of the file is counted once."""

from typing import Annotated

from msgspec import Meta

from schemas.base import (
    INTEGER_MAX,
    NAME_LENGTH_MAX,
    RESCUE_TOLD_MAX,
    TEXT_LENGTH_MAX,
    Count,
    Id,
    Instant,
    Sha256,
    Wire,
)
from schemas.ops import OutcomeName


class RescueHead(Wire, frozen=True, kw_only=True):
    """The first line of a rescue file: whose work it is, of which device, made when."""

    format: Annotated[str, Meta(pattern="^xunjian-rescue$")]
    version: Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
    made: Instant
    person: Id
    device: Id
    person_name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    device_name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    lineage: Id | None = None  # Absent: the device did not know it any more.
    is_partial: bool = False  # Only what was on the screen: the device could not be read.


class RescueWaiting(Wire, frozen=True, kw_only=True):
    """A change of the file that waits: `/office/waiting/{op}` shows it to those who decide."""

    op: Id
    kind: Annotated[str, Meta(max_length=64)]
    outcome: OutcomeName


class RescueRefused(Wire, frozen=True, kw_only=True):
    """A line that was not taken, counted from 1, and why; `sha256` where it was of a photo."""

    line: Count
    detail: Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
    sha256: Sha256 | None = None


class RescueAnswer(Wire, frozen=True, kw_only=True):
    """`POST /office/rescue`: how many changes and photos of the file came to what.

    `known` are the changes that had come before, by the device or by the same file; `rejected`
    ones are kept with their problem, or are among `refused` where they could not even be kept.
    """

    person: Id
    person_name: str
    device_name: str
    made: Instant
    applied: Count = 0
    waiting: Count = 0
    rejected: Count = 0
    known: Count = 0
    photos_taken: Count = 0
    photos_known: Count = 0
    photos_wrong: Count = 0
    whole: bool = False  # Its last line was there.
    partial: bool = False
    waits: Annotated[tuple[RescueWaiting, ...], Meta(max_length=RESCUE_TOLD_MAX)] = ()
    refused: Annotated[tuple[RescueRefused, ...], Meta(max_length=RESCUE_TOLD_MAX)] = ()
