"""Equipment and what marks it: `asset tag`. Rule: a tag binds, an asset is."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import (
    LAST_INSPECTIONS_MAX,
    READING_KEY_LENGTH_MAX,
    READINGS_MAX,
    Id,
    Instant,
    Line,
    Name,
    Slug,
    Text,
    Wire,
)
from schemas.forms import Value
from schemas.kinds.fields import fixed, office, register, registers
from schemas.kinds.template import Category

Verdict = Literal["open", "normal", "warning", "abnormal", "na"]


class LastReading(Wire, frozen=True, kw_only=True):
    value: Value = None
    verdict: Verdict = "normal"


class LastInspection(Wire, frozen=True, kw_only=True):
    """The last accepted answers to one template, so that the previous value is there offline.

    Keys of `readings` are paths: `item` or `element.item`.
    """

    inspection: Id
    at: Instant
    by: Name
    readings: Annotated[
        Mapping[Annotated[str, Meta(max_length=READING_KEY_LENGTH_MAX)], LastReading],
        Meta(max_length=READINGS_MAX),
    ]


class Asset(Wire, frozen=True, kw_only=True):
    site: Annotated[Id, register()]
    room: Annotated[Id | None, register()] = None
    name: Annotated[Name, register()]
    number: Annotated[Line, register()] = ""  # The customer's asset number.
    category: Annotated[Category | None, register()] = None
    maker: Annotated[Line, register()] = ""
    model: Annotated[Line, register()] = ""
    serial: Annotated[Line, register()] = ""
    position: Annotated[Line, register()] = ""
    status: Annotated[
        Literal["in-use", "standby", "in-repair", "retired", "missing"], register()
    ] = "in-use"
    provisional: Annotated[bool, register()] = False  # Made on site; the office completes it.
    warranty_until: Annotated[date | None, register()] = None
    vendor_phone: Annotated[Line, register()] = ""
    responsible: Annotated[Line, register()] = ""
    note: Annotated[Text, register()] = ""
    attributes: Annotated[
        Mapping[Slug, Annotated[str, Meta(max_length=1_000)]], Meta(max_length=200), registers()
    ] = {}
    last: Annotated[
        Mapping[Slug, LastInspection], Meta(max_length=LAST_INSPECTIONS_MAX), office()
    ] = {}
    merged_into: Annotated[Id | None, office()] = None


class Tag(Wire, frozen=True, kw_only=True):
    """The binding of one printed code to one asset. Its id is UUIDv5 of the code."""

    code: Annotated[str, Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{9}$"), fixed()]
    asset: Annotated[Id, register()]
    bound_at: Annotated[Instant | None, register()] = None
    retired: Annotated[bool, register()] = False
