"""Pictures for the demo, as a tablet's camera takes them. Rule: from a name's own chance, nothing
of this machine: no font, no clock; the same seed draws the same bytes with the same Pillow.
"""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from functools import cache
from io import BytesIO
from math import cos, sin
from random import Random

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SIZE = (1280, 960)  # Drawn twice as large as it is kept: that is what smooths the edges.
QUALITY = 42
TILT, NEAR = 0.04, 0.94  # Radians either way, and how much of the scene is in the picture.
AFFINE = Image.Transform.AFFINE
GRAIN = 4  # Of 255, at most.
GRAINS = bytes(level % GRAIN for level in range(256))

Ink = tuple[int, int, int]
Box = tuple[float, float, float, float]

# The segments of a digit: top, top right, bottom right, bottom, bottom left, top left, middle.
SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
    "-": "g",
    " ": "",
    "F": "aefg",
    "E": "adefg",
}
BLACK, WHITE = (18, 20, 22), (244, 244, 240)
GREEN, AMBER, RED, DARK = (70, 220, 110), (255, 176, 32), (240, 62, 48), (48, 52, 56)


class Scene:
    """A picture that is being drawn. `chance` deals what differs from one to the next."""

    def __init__(self, wall: Ink, chance: Random) -> None:
        self.chance = chance
        shade = chance.uniform(0.82, 1.0)
        low = tuple(int(part * shade * 0.72) for part in wall)
        high = tuple(int(part * shade) for part in wall)
        # As wide as a dot first: light from above is the same all along.
        column = Image.new("RGB", (1, SIZE[1]), (low[0], low[1], low[2]))
        column.paste((high[0], high[1], high[2]), mask=from_above())
        self.image = column.resize(SIZE, Image.Resampling.NEAREST)
        self._draw = ImageDraw.Draw(self.image)

    def box(
        self, at: Box, fill: Ink, *, edge: Ink = BLACK, round_: int = 6, width: int = 3
    ) -> None:
        self._draw.rounded_rectangle(at, radius=round_, fill=fill, outline=edge, width=width)

    def line(self, points: Iterable[tuple[float, float]], ink: Ink, width: int = 4) -> None:
        self._draw.line(list(points), fill=ink, width=width, joint="curve")

    def ring(self, x: float, y: float, radius: float, fill: Ink | None, edge: Ink = BLACK) -> None:
        at = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(at, fill=fill, outline=edge, width=3)

    def lamp(self, x: float, y: float, ink: Ink, radius: float = 11) -> None:
        """Draw a light; what is lit shines on what is around it."""
        if ink != DARK:
            shine = shining(round(radius))
            left, top = round(x) - shine.width // 2, round(y) - shine.height // 2
            self.image.paste(ink, (left, top), shine)
        self.ring(x, y, radius, ink)

    def text(self, x: float, y: float, said: str, ink: Ink = BLACK, size: int = 34) -> None:
        """Write what Pillow's own font has: Latin letters, digits, plain marks."""
        self._draw.text((x, y), said, fill=ink, font=font(size))

    def digits(self, x: float, y: float, said: str, ink: Ink, height: float = 150) -> None:
        """Show a reading on seven segments."""
        width, thick = height * 0.5, max(6, int(height / 10))
        for mark in said:
            if mark == ".":
                self.ring(x - width * 0.12, y + height, thick * 0.7, ink, ink)
                continue
            ends = {
                "a": ((x, y), (x + width, y)),
                "b": ((x + width, y), (x + width, y + height / 2)),
                "c": ((x + width, y + height / 2), (x + width, y + height)),
                "d": ((x, y + height), (x + width, y + height)),
                "e": ((x, y + height / 2), (x, y + height)),
                "f": ((x, y), (x, y + height / 2)),
                "g": ((x, y + height / 2), (x + width, y + height / 2)),
            }
            for one in SEGMENTS[mark]:
                self.line(ends[one], ink, thick)
            x += width * 1.5

    def label(self, x: float, y: float, said: str) -> None:
        """Stick the asset's number on, as it is on every device."""
        wide = 44 + len(said) * 20
        self.box((x, y, x + wide, y + 56), WHITE, round_=4, width=2)
        self.text(x + 20, y + 8, said)

    def taken(self) -> Image.Image:
        """Hold the camera a little askew, and give what it sees: dim corners, soft, with grain."""
        (width, height), angle = SIZE, self.chance.uniform(-TILT, TILT)
        # Turned round the middle, and so near that no corner lies outside: one step, not two. While
        # it is large, for then dots need not be mixed twice.
        across, along = NEAR * cos(angle), NEAR * sin(angle)
        x = width / 2 * (1 - across) + height / 2 * along
        y = height / 2 * (1 - across) - width / 2 * along
        matrix = (across, -along, x, along, across, y)
        seen = self.image.transform(SIZE, AFFINE, matrix, Image.Resampling.NEAREST).reduce(2)
        dim = ImageChops.multiply(seen, corners(seen.size))
        return ImageChops.add(dim, self._grain(seen.size), 1, -GRAIN // 2)

    def _grain(self, size: tuple[int, int]) -> Image.Image:
        coarse = (size[0] // 4, size[1] // 4)
        noise = self.chance.randbytes(coarse[0] * coarse[1]).translate(GRAINS)
        even = Image.frombytes("L", coarse, noise).resize(size, Image.Resampling.BILINEAR)
        return Image.merge("RGB", (even,) * 3)


# What all pictures share is made once.


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own."""
    return ImageFont.load_default(size)


@cache
def from_above() -> Image.Image:
    """Light that falls from above, one dot wide."""
    fall = Image.linear_gradient("L").resize((1, SIZE[1]))
    return fall.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


@cache
def corners(size: tuple[int, int]) -> Image.Image:
    """How much light a lens lets through, less in the corners."""
    even = ImageChops.invert(Image.radial_gradient("L").resize(size))
    even = even.point([min(255, 120 + level) for level in range(256)])
    return Image.merge("RGB", (even,) * 3)


@cache
def shining(radius: int) -> Image.Image:
    """The shine around a light."""
    glow = radius * 3
    shine = Image.new("L", (glow * 4, glow * 4))
    ImageDraw.Draw(shine).ellipse((glow, glow, glow * 3, glow * 3), fill=90)
    return shine.filter(ImageFilter.BoxBlur(glow / 2))


def encoded(image: Image.Image, exif: Image.Exif | None) -> bytes:
    file = BytesIO()
    if exif is None:
        image.save(file, "JPEG", quality=QUALITY)
    else:
        image.save(file, "JPEG", quality=QUALITY, exif=exif)
    return file.getvalue()


def exif_of(taken: datetime, latitude: float, longitude: float, altitude_m: int) -> Image.Exif:
    """Say where and when, as a tablet's camera does (EXIF 3.0, 4.6.6); `taken` with its zone."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Xunjian", "Demo tablet"
    exif[ExifTags.Base.Orientation] = 1
    own = exif.get_ifd(ExifTags.IFD.Exif)
    own[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    zone = f"{taken:%z}"
    own[ExifTags.Base.OffsetTimeOriginal] = f"{zone[:3]}:{zone[3:]}"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", degrees(latitude)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", degrees(longitude)
    gps[ExifTags.GPS.GPSAltitudeRef] = b"\x00"
    gps[ExifTags.GPS.GPSAltitude] = Fraction(altitude_m)
    return exif


def degrees(angle: float) -> tuple[Fraction, Fraction, Fraction]:
    """Give an angle north or east in degrees, minutes, and seconds to a hundredth."""
    hundredths = round(angle * 360_000)
    minutes, seconds = divmod(hundredths, 6_000)
    return Fraction(minutes // 60), Fraction(minutes % 60), Fraction(seconds, 100)
