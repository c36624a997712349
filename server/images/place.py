"""Where and when a picture says it was taken, read from its EXIF. Rule: the absurd is left out.

It is kept beside the file, in the house. What leaves the house is stripped of it (`bare`), unless
the customer's contract says that photos keep their place.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import SupportsFloat

from PIL import ExifTags, Image

from schemas.office_files import PhotoPlace

# What reading a hostile EXIF raises in Pillow, besides its own `OSError`s.
ABSURD = (ValueError, TypeError, KeyError, IndexError, ArithmeticError, OSError, SyntaxError)
DATE_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
ALTITUDE_M_MAX = 20_000  # Also below zero: a mine is nearer.
YEARS = range(1990, 2200)

Tags = Mapping[int, object]


def orientation_in(image: Image.Image) -> int:
    """Give which way is up, 1 … 8; 1 where the picture does not say, or says nonsense."""
    try:
        said = image.getexif().get(ExifTags.Base.Orientation, 1)
    except ABSURD:
        return 1
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def place_in(image: Image.Image) -> PhotoPlace | None:
    """Give what the picture says of where and when; None where it says neither."""
    try:
        exif = image.getexif()
        own, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except ABSURD:
        return None
    latitude = degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, most=90)
    longitude = degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, most=180)
    is_somewhere = latitude is not None and longitude is not None
    taken = taken_in(own)
    if not is_somewhere and not taken:
        return None
    return PhotoPlace(
        latitude=latitude if is_somewhere else None,
        longitude=longitude if is_somewhere else None,
        altitude_m=altitude_in(gps) if is_somewhere else None,
        taken=taken,
    )


def degrees(gps: Tags, place: int, sign: int, *, most: int) -> float | None:
    """Give an angle in degrees, west and south below zero, to seven places: a centimetre."""
    parts, side = gps.get(place), gps.get(sign)
    if not isinstance(parts, tuple) or len(parts) != 3 or not isinstance(side, str):
        return None
    angles = [number(part) for part in parts]
    found = [angle for angle in angles if angle is not None and angle >= 0]
    if len(found) != 3 or found[1] > 60 or found[2] > 60:
        return None
    angle = found[0] + found[1] / 60 + found[2] / 3600
    if angle > most or side[:1] not in ("N", "S", "E", "W"):
        return None
    return round(-angle if side[:1] in ("S", "W") else angle, 7)


def altitude_in(gps: Tags) -> float | None:
    """Give the height over the sea in metres."""
    height = number(gps.get(ExifTags.GPS.GPSAltitude))
    if height is None or not 0 <= height <= ALTITUDE_M_MAX:
        return None
    is_below = gps.get(ExifTags.GPS.GPSAltitudeRef) in (b"\x01", 1)
    return round(-height if is_below else height, 1)


def number(value: object) -> float | None:
    """Give a rational as a number; None for a zero below the line, and for what is none."""
    if not isinstance(value, SupportsFloat):
        return None
    try:
        found = float(value)
    except ABSURD:
        return None
    return found if math.isfinite(found) else None


def taken_in(own: Tags) -> str:
    """Give when it was taken: ISO 8601, with an offset where the camera knew one; else empty."""
    said, offset = (
        own.get(ExifTags.Base.DateTimeOriginal),
        own.get(ExifTags.Base.OffsetTimeOriginal),
    )
    match = DATE_TIME.match(said) if isinstance(said, str) else None
    if match is None or int(match[1]) not in YEARS:
        return ""
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # The camera's own.
    except ValueError:
        return ""
    zone = offset if isinstance(offset, str) and OFFSET.fullmatch(offset) else ""
    return at.isoformat() + zone
