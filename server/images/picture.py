"""Pictures decoded: upright, in plain colours, in two sizes, with nothing but pixels in them.

Rule: only ever called in the process that `sandbox` made, which a hostile picture may end.
"""

import struct
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import pillow_heif
from msgspec import Struct
from PIL import Image, ImageCms

from schemas.base import PIXELS_MAX, THUMBNAIL_LARGE_PX_MAX, THUMBNAIL_SMALL_PX_MAX
from schemas.office_files import PhotoPlace
from server.images.place import orientation_in, place_in

BOMB = (Image.DecompressionBombWarning, Image.DecompressionBombError)
# What decoders raise for data that is not what it should be.
DAMAGED = (
    *(OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError),
    *(ArithmeticError, AttributeError, RuntimeError, NotImplementedError, struct.error),
)
THUMBNAIL_QUALITY, WHOLE_QUALITY = 82, 92
FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "image/jpeg": ("JPEG", "MPO"),
        "image/png": ("PNG",),
        "image/webp": ("WEBP",),
        "image/heic": ("HEIF",),
        "image/heif": ("HEIF", "AVIF"),
        "image/avif": ("AVIF",),
    }
)
# EXIF 3.0, 4.6.5.1.6: what to do to see it upright.
TURNS: Mapping[int, Image.Transpose] = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class TooLarge(Exception):
    """It has more than PIXELS_MAX pixels; nothing of it was decoded."""


class Damaged(Exception):
    """It cannot be decoded to its end."""


class Picture(Struct, frozen=True):
    """A picture as it is seen: its size upright, and both thumbnails as JPEG."""

    width: int
    height: int
    orientation: int
    place: PhotoPlace | None
    small: bytes
    large: bytes


def prepare() -> None:
    """Set Pillow up: a picture beyond the limit is an error before it is decoded, not a warning."""
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_picture(path: Path, media_type: str) -> Picture:
    """Decode a picture; of a moving one the first frame. Raises `TooLarge`, `Damaged`."""
    with open_picture(path, media_type) as image:
        width, height = image.size
        orientation, place = orientation_in(image), place_in(image)
        # A JPEG can be decoded at an eighth to a half of its size, in that part of the time.
        image.draft(None, (THUMBNAIL_LARGE_PX_MAX, THUMBNAIL_LARGE_PX_MAX))
        large = seen(image, orientation, edge=THUMBNAIL_LARGE_PX_MAX)
    if orientation >= 5:
        width, height = height, width
    small = reduced(large, THUMBNAIL_SMALL_PX_MAX)
    made = encoded(large, quality=THUMBNAIL_QUALITY)
    return Picture(
        width=width,
        height=height,
        orientation=orientation,
        place=place,
        small=made if small is large else encoded(small, quality=THUMBNAIL_QUALITY),
        large=made,
    )


def whole_again(path: Path, media_type: str) -> bytes:
    """Give the whole picture as a JPEG of its pixels alone. Raises as `read_picture`."""
    with open_picture(path, media_type) as image:
        return encoded(seen(image, orientation_in(image)), quality=WHOLE_QUALITY)


@contextmanager
def open_picture(path: Path, media_type: str) -> Generator[Image.Image]:
    """Open a picture by the one format that it is. Raises `TooLarge`, `Damaged`.

    What a decoder raises within the block is a damaged picture; a lack of memory is not.
    """
    try:
        with Image.open(path, formats=FORMATS[media_type]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise TooLarge
            yield image
    except BOMB:
        raise TooLarge from None
    except DAMAGED as error:
        raise Damaged(type(error).__name__) from None


def seen(image: Image.Image, orientation: int, *, edge: int | None = None) -> Image.Image:
    """Give the pixels as they are seen: upright, in sRGB, on white where they are see-through."""
    image.load()
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):  # Sixteen bits of grey and more.
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    elif image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if edge is not None:
        image = reduced(image, edge)
    image = in_srgb(image, profile)
    if image.mode in ("RGBA", "LA", "La", "RGBa"):
        front = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", front.size, "white"), front)
    turn = TURNS.get(orientation)
    upright = image.convert("RGB")
    return upright.transpose(turn) if turn is not None else upright


def in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Give a picture with its colours as a screen shows them that is told nothing of them."""
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        shown = ImageCms.profileToProfile(image, own, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, *DAMAGED):
        return image  # A profile that makes no sense: the pixels are still a picture.
    return shown or image


def reduced(image: Image.Image, edge: int) -> Image.Image:
    """Give a picture whose longer edge has `edge` pixels at most; it is never made larger."""
    most = max(image.size)
    if most <= edge:
        return image
    size = (max(1, image.width * edge // most), max(1, image.height * edge // most))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def encoded(image: Image.Image, *, quality: int) -> bytes:
    """Give a picture as JPEG that holds nothing but its pixels."""
    image.info.clear()
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()
