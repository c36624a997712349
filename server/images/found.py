"""What was found out about a file, and the names under which its copies are left.

Rule: what the process that looks at a file and the server both know; nothing here opens anything.
"""

from msgspec import Struct

from schemas.office_files import FileFault, PhotoPlace

BEGUN = "begun"  # Left before the file is opened: whatever ends the process after it, the file did.
FOUND, SMALL, LARGE, BARE = "found.json", "small", "large", "bare"

ASKED_BYTES_MAX = 16_384  # Two paths.
PID_BYTES = 8  # Of the process that watches, told over the line that it holds.


class Asked(Struct, frozen=True):
    """A file to be looked at, and the empty folder for what is found."""

    source: str
    folder: str


class Found(Struct, frozen=True, kw_only=True):
    """What a file is. `width` and `height` are upright; null place: it says nothing of any.

    `bare_type` is the type of the copy without its EXIF, where there is one; without one, the file
    itself holds nothing but the picture, or is none.
    """

    media_type: str
    fault: FileFault | None = None
    width: int = 0
    height: int = 0
    place: PhotoPlace | None = None
    has_thumbnails: bool = False
    bare_type: str | None = None
