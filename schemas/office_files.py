"""Files as the office sees them. Rule: whether a file is here, and what it really is, told apart.

What a tablet announced is in the attachment; what the bytes are was found out by the server.
"""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Wire

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
