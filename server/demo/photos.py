"""The demo's photos: which came over, and what each is. Rule: what says it is here, is here.

Rounds before the last but one were photographed with the system before this one: of those photos
only the descriptions came over, and a reviewer's reason says so.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.kinds.evidence import Attachment, Moment
from server.demo.drawing import encoded, exif_of
from server.demo.mint import ZONE, Mint
from server.demo.scenes import Subject, see

FIRST_ROUND = 1  # The first one with this system; the one before it is only described.
ROUTINE = ("test_page_photo",)  # Of every printer: of closed rounds these stayed behind.
PLACED_SHARE = 0.25  # Taken in full size, as the camera wrote it: with place and time in it.
# Where the camera thinks it is: a park in each city, north and east in degrees, metres high.
PARKS: Mapping[str, tuple[float, float, int]] = MappingProxyType(
    {
        "广州": (23.1291, 113.2644, 21),
        "深圳": (22.5410, 114.0550, 18),
        "珠海": (22.2707, 113.5767, 9),
        "佛山": (23.0215, 113.1214, 12),
        "肇庆": (23.0469, 112.4651, 15),
    }
)


class Picture(Struct, frozen=True):
    """Bytes that the server holds, and since when."""

    sha256: str
    content: bytes
    received_at: datetime


class Shot(Struct, frozen=True, kw_only=True):
    """One photo to be made: of what, when, and where it hangs."""

    name: str  # Unique, and the source of its chance.
    parent: UUID
    parent_kind: Literal["inspection", "finding"]
    path: str
    subject: Subject
    file: str
    city: str
    taken_at: datetime
    received_at: datetime | None  # Null: its bytes never came over.
    moment: Moment = ""
    caption: str = ""  # Where the name of the item does not fit the moment.


def is_brought(*, number: int, is_closed: bool, path: str) -> bool:
    """Whether the bytes of a round's photo came over."""
    return number >= FIRST_ROUND and not (is_closed and path in ROUTINE)


def take(mint: Mint, shot: Shot) -> tuple[Attachment, Picture | None]:
    """Give a photo's description, and its bytes where they are here."""
    picture, width, height = None, 1600, 1200
    chance = mint.chance(f"photo/{shot.name}")
    digest, length = sha256(shot.name.encode()).hexdigest(), chance.randint(180_000, 340_000)
    if shot.received_at is not None:
        image = see(shot.subject, chance)
        exif = None
        if chance.random() < PLACED_SHARE:
            north, east, high = PARKS[shot.city]
            off = chance.uniform(-0.004, 0.004)
            exif = exif_of(shot.taken_at.astimezone(ZONE), north + off, east - off, high)
        content = encoded(image, exif)
        digest, length = sha256(content).hexdigest(), len(content)
        width, height = image.size
        picture = Picture(digest, content, shot.received_at)
    record = Attachment(
        parent=shot.parent,
        parent_kind=shot.parent_kind,
        item=shot.path,
        sha256=digest,
        bytes=length,
        media_type="image/jpeg",
        name=shot.file,
        width=width,
        height=height,
        taken_at=shot.taken_at,
        moment=shot.moment,
        caption=shot.caption,
        received_at=shot.received_at,
    )
    return record, picture
