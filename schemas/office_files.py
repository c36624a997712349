"""Files as the office sees them. Rule: whether a file is here, and what it really is, told apart.

What a tablet announced is in the attachment; what the bytes are was found out by the server.
"""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Count, Id, Instant, Line, Name, Sha256, Version, Wire
from schemas.kinds.evidence import Moment

FileFault = Literal[
    "empty",
    "active",
    "polyglot",
    "broken",
    "too-large",
    "exhausting",
    "mislabelled",
]
"""Why a file is kept and never shown: no bytes at all; something that a browser would run; two
things at once; a picture that cannot be decoded; of more pixels than are decoded; one that used up
the time or memory for looking at it; not what the tablet announced (only told of an attachment)."""

Degrees = Annotated[float, Meta(ge=-180, le=180)]


class PhotoPlace(Wire, frozen=True, kw_only=True):
    """Where and when a picture itself says it was taken, in degrees (WGS 84) and metres.

    `taken` is the camera's own time, ISO 8601, with an offset where the camera knew it.
    """

    latitude: Degrees | None = None
    longitude: Degrees | None = None
    altitude_m: float | None = None
    taken: str = ""


class Photo(Wire, frozen=True, kw_only=True):
    """An attachment. `waiting`: its bytes are not here, whatever else has arrived.

    `announced_at`, the device and the person say which tablet told of it, and when that arrived.
    `found_type` is what its bytes are; null while nobody has looked. Only where it is `shown` are
    there thumbnails.
    """

    id: Id
    version: Version
    parent: Id
    item: Line = ""
    sha256: Sha256
    bytes: Count
    media_type: str
    name: Line = ""
    width: Count = 0
    height: Count = 0
    taken_at: Instant | None = None
    caption: Line = ""
    moment: Moment = ""
    received_at: Instant | None = None
    waiting: bool = False
    announced_at: Instant | None = None
    device: Id | None = None
    device_name: Line = ""
    person_name: Line = ""
    found_type: str | None = None
    fault: FileFault | None = None
    shown: bool = False
    place: PhotoPlace | None = None  # Only where the customer's contract keeps it.


class StillHeld(Wire, frozen=True, kw_only=True):
    """Files that a tablet has announced and still holds; `since` is when the first was told of."""

    device: Id
    device_name: Name
    person_name: Line = ""
    files: Count
    bytes: Count
    since: Instant
    seen_at: Instant | None = None
