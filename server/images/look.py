"""Looks at one file, in the process that `parent` made for it.

Rule: it is told a file and an empty folder, and knows nothing else: no settings, no secrets, no
network. Its limits are set before the file is opened; what it found goes into the folder, last.
"""

import resource
from pathlib import Path

import msgspec
from msgspec import structs

from schemas.base import IMAGE_BYTES_MAX
from server.images.bare import Broken, bare
from server.images.found import BARE, BEGUN, FOUND, LARGE, SMALL, Found
from server.images.picture import Damaged, TooLarge, read_picture, whole_again
from server.images.sniff import SHOWN_TYPES, sniff

CPU_SECONDS_MAX = 40
MEMORY_BYTES_MAX = 1_280 * 1024 * 1024
WRITTEN_BYTES_MAX = 2 * IMAGE_BYTES_MAX
FILES_MAX = 32


def limit() -> None:
    """Take away from this process what a hostile file could use up (setrlimit(2))."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS_MAX),
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES_MAX),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(source: Path, folder: Path) -> Found:
    """Tell what a file is; of a sound picture, write its thumbnails and its bare copy."""
    size = source.stat().st_size
    with source.open("rb") as file:
        sniffed = sniff(file, size)
    found = Found(media_type=sniffed.media_type, fault=sniffed.fault)
    if found.fault is not None or found.media_type not in SHOWN_TYPES:
        return found
    if size > IMAGE_BYTES_MAX:
        return structs.replace(found, fault="too-large")
    try:
        picture = read_picture(source, found.media_type)
        bare_type = write_bare(source, folder, found.media_type, picture.orientation)
    except TooLarge:
        return structs.replace(found, fault="too-large")
    except Damaged:
        return structs.replace(found, fault="broken")
    except MemoryError:
        return structs.replace(found, fault="exhausting")
    (folder / SMALL).write_bytes(picture.small)
    (folder / LARGE).write_bytes(picture.large)
    return structs.replace(
        found,
        width=picture.width,
        height=picture.height,
        place=picture.place,
        has_thumbnails=True,
        bare_type=bare_type,
    )


def write_bare(source: Path, folder: Path, media_type: str, orientation: int) -> str | None:
    """Write the copy without EXIF; without one where the file has none to begin with.

    A format that is not taken apart is decoded, and is a JPEG from there on. Raises as pictures do.
    """
    data = source.read_bytes()
    try:
        copy = bare(data, media_type, orientation=orientation)
    except Broken:
        copy = None  # Decoders forgive more than we do.
    if copy == data:
        return None
    bare_type = media_type if copy is not None else "image/jpeg"
    (folder / BARE).write_bytes(copy if copy is not None else whole_again(source, media_type))
    return bare_type


def look_within_limits(source: Path, folder: Path) -> None:
    """Look at a file, and leave what was found in the folder."""
    limit()
    (folder / BEGUN).touch()
    found = look(source, folder)
    (folder / FOUND).write_bytes(msgspec.json.encode(found))
