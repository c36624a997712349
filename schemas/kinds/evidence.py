"""What hangs on the work: `finding attachment signature`. Rule: evidence is never rewritten."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import (
    ATTACHMENT_BYTES_MAX,
    DOCUMENT_LENGTH_MAX,
    ELEMENTS_MAX,
    MEDIA_TYPE_LENGTH_MAX,
    STROKES_LENGTH_MAX,
    Id,
    Instant,
    Line,
    Name,
    Sha256,
    Text,
    Wire,
)
from schemas.forms import Severity
from schemas.kinds.fields import fixed, grow, office, register

# Of a photo: before or after what it shows was mended; empty where it is neither.
Moment = Literal["", "before", "after"]


class FindingStep(Wire, frozen=True, kw_only=True):
    round: Annotated[int, Meta(ge=1, le=1_000)] = 1
    step: Literal["open", "planned", "fixed", "verified", "accepted-risk"] = "open"


class FollowUp(Wire, frozen=True, kw_only=True):
    text: Text
    author: Id
    author_name: Name
    at: Instant | None = None


class Finding(Wire, frozen=True, kw_only=True):
    """A hidden danger (隐患), from an item or free."""

    asset: Annotated[Id, fixed()]
    inspection: Annotated[Id | None, fixed()] = None
    item: Annotated[Line, fixed()] = ""
    severity: Annotated[Severity, register()]
    text: Annotated[Text, register()]
    recommendation: Annotated[Text, register()] = ""
    found_at: Annotated[Instant, fixed()]
    step: Annotated[FindingStep, office()] = FindingStep()
    owner: Annotated[Line, office()] = ""
    due_on: Annotated[date | None, office()] = None
    reason: Annotated[Text, office()] = ""  # Why a risk was accepted.
    follow_ups: Annotated[Mapping[UUID, FollowUp], Meta(max_length=ELEMENTS_MAX), grow()] = {}


class Attachment(Wire, frozen=True, kw_only=True):
    """What a file is and where it belongs; its bytes travel apart, addressed by SHA-256."""

    parent: Annotated[Id, fixed()]
    parent_kind: Annotated[Literal["inspection", "visit", "finding", "asset"], fixed()]
    item: Annotated[Line, fixed()] = ""  # Path of the item it answers.
    sha256: Annotated[Sha256, fixed()]
    bytes: Annotated[int, Meta(ge=0, le=ATTACHMENT_BYTES_MAX), fixed()]
    media_type: Annotated[
        str,
        Meta(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=MEDIA_TYPE_LENGTH_MAX),
        fixed(),
    ]
    name: Annotated[Line, fixed()] = ""
    width: Annotated[int, Meta(ge=0, le=100_000), fixed()] = 0
    height: Annotated[int, Meta(ge=0, le=100_000), fixed()] = 0
    taken_at: Annotated[Instant | None, fixed()] = None
    caption: Annotated[Line, register()] = ""
    moment: Annotated[Moment, register()] = ""
    received_at: Annotated[Instant | None, office()] = None  # The server holds the bytes.


# The strokes of who signs without a pen, by the name that they typed: "/s/", as on papers.
TYPED_MARK = (
    "M40,180L90,40M168,88L148,80L132,88L130,102L142,112L162,120L170,134L164,150L146,156L128,148"
    "M200,180L250,40"
)


class Signature(Wire, frozen=True, kw_only=True):
    """One signature: over an inspection (of a device's user), or over a visit.

    `document` is the canonical text (RFC 8785) that the signer saw; `digest` is its SHA-256.
    `strokes` is SVG path data. Without strokes, `absent_reason` says why nobody signed.
    """

    of: Annotated[Id, fixed()]
    of_kind: Annotated[Literal["inspection", "visit"], fixed()]
    role: Annotated[Literal["device-user", "contact", "engineer"], fixed()]
    item: Annotated[Line, fixed()] = ""
    name: Annotated[Line, fixed()] = ""
    title: Annotated[Line, fixed()] = ""
    strokes: Annotated[
        str, Meta(max_length=STROKES_LENGTH_MAX, pattern=r"^[MLQCZ0-9 .,-]*$"), fixed()
    ] = ""
    absent_reason: Annotated[Text, fixed()] = ""
    document: Annotated[str, Meta(max_length=DOCUMENT_LENGTH_MAX), fixed()]
    digest: Annotated[Sha256, fixed()]
    signed_at: Annotated[Instant, fixed()]
    device_signature: Annotated[Line, fixed()] = ""
