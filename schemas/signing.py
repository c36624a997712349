"""Signatures as the office reads them, and the link by which one is given later.

Rule: words for people stand in the app; here are the codes that they are made from. What a
stranger with a link is shown is exactly what they sign.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import (
    DOCUMENT_LENGTH_MAX,
    ELEMENTS_MAX,
    SECRET_LENGTH_MAX,
    STROKES_LENGTH_MAX,
    TARGETS_PER_ASSIGNMENT_MAX,
    Count,
    Id,
    Instant,
    Language,
    Line,
    Name,
    Sha256,
    Slug,
    Text,
    Version,
    Wire,
)
from schemas.forms import Answer, Form
from schemas.kinds.inspection import Element, Replacement

# genuine: sealed with a device's key, and whole. older: an app of before sealed the document alone.
# by-link: given by a link on the signer's own phone, for which no device's key stands.
# unsealed: no device sealed it. broken: it does not verify; the faults say why.
SealVerdict = Literal["genuine", "older", "by-link", "unsealed", "broken"]

# digest: the document's bytes are not those of the digest. form: it is not canonical (RFC 8785).
# subject: it speaks of something or somebody else than the record. op: the record is not what was
# received. key: nobody registered that key. seal: the key did not seal this. key-not-recorded: the
# key stands beside a device, and in no record of that device, which its enrolment would have made.
SealFault = Literal["digest", "form", "subject", "op", "key", "seal", "key-not-recorded"]

# A verdict in one word, for a report: what is broken by an unrecorded key alone says so.
SealTold = SealVerdict | Literal["key-not-recorded"]

SignedRole = Literal["device-user", "contact", "engineer"]

# What stands beside work that was signed: as it was, changed since, or only grown since.
Standing = Literal["signed", "changed-after", "added-after"]


class Signed(Wire, frozen=True, kw_only=True):
    """A signature over an inspection, or over a visit.

    `changed_after`: an answer, a finding or a photo that it covers is not what it was when signed;
    `added_after`: something came after it that it does not cover. `superseded`: a later one
    stands in its place; it is kept. `sealed_by` is the device whose key sealed it.
    """

    id: Id
    version: Version
    of: Id | None = None
    of_kind: Literal["inspection", "visit"]
    role: SignedRole
    item: Line = ""
    name: Line = ""
    title: Line = ""
    strokes: str = ""
    absent_reason: Text = ""
    digest: Sha256
    signed_at: Instant
    changed_after: bool = False
    added_after: bool = False
    superseded: bool = False
    seal: SealVerdict = "unsealed"
    faults: tuple[SealFault, ...] = ()
    sealed_by: Line = ""


class SignedNote(Wire, frozen=True, kw_only=True):
    """Beside a piece of work in a list: who signed for it, and whether that still stands."""

    signature: Id
    name: Line = ""
    at: Instant
    standing: Standing = "signed"


# --- As signed ---


class Counted(Wire, frozen=True, kw_only=True):
    """What was counted when it was signed."""

    inspected: Count = 0
    normal: Count = 0
    abnormal: Count = 0
    not_inspected: Count = 0


class ListedAbnormal(Wire, frozen=True, kw_only=True):
    """One thing that was out of order, in the words that the signer read."""

    asset: Line = ""
    severity: Line = ""
    text: Text = ""


class Stated(Wire, frozen=True, kw_only=True):
    """What a document says, read from its own text alone. Another client's may say less."""

    site: Line = ""
    engineer: Line = ""
    started_at: Instant | None = None
    signed_at: Instant | None = None
    statement: tuple[Text, ...] = ()
    counts: Counted | None = None
    abnormal: Annotated[tuple[ListedAbnormal, ...], Meta(max_length=20_000)] = ()
    problems: Annotated[tuple[Text, ...], Meta(max_length=ELEMENTS_MAX)] = ()
    not_inspected: Annotated[tuple[Line, ...], Meta(max_length=TARGETS_PER_ASSIGNMENT_MAX)] = ()
    photos: Count | None = None


class AsAnswered(Wire, frozen=True, kw_only=True):
    """The answers of an inspection at one moment."""

    answers: Mapping[Slug, Answer | None] = {}
    elements: Mapping[str, Element] = {}
    replacements: Mapping[Id, Replacement] = {}
    note: Text = ""


class FindingSince(Wire, frozen=True, kw_only=True):
    """A finding that is not as it was signed; `was` or `now` is null where there was, is none."""

    id: Id
    was: ListedAbnormal | None = None
    now: ListedAbnormal | None = None


class CoveredInspection(Wire, frozen=True, kw_only=True):
    """An inspection that a document covers: as it was signed, and as it is.

    `was` is put together from the history and is exactly what was signed: its digest is the
    signed one. It is null where that could not be found. `changed` are the paths that differ,
    `findings` those of its findings that do, where the document says what they were.
    """

    id: Id
    asset_name: Line = ""
    template: Id | None = None
    was: AsAnswered | None = None
    now: AsAnswered | None = None
    changed: tuple[Line, ...] = ()
    findings: tuple[FindingSince, ...] = ()
    photos: Count = 0  # That were signed for.
    photos_gone: Count = 0
    photos_added: Count = 0


class SignatureDetail(Wire, frozen=True, kw_only=True):
    """One signature whole: what was signed, and what has become of it."""

    signed: Signed
    time_zone: str
    site_name: Line = ""
    document: Annotated[str, Meta(max_length=DOCUMENT_LENGTH_MAX)]
    stated: Stated
    sealed_at: Instant | None = None  # When that key was registered.
    received_at: Instant | None = None
    covered: tuple[CoveredInspection, ...] = ()
    covered_total: Count = 0
    forms: Mapping[Id, Form] = {}


# --- A visit in the office ---


class SignLink(Wire, frozen=True, kw_only=True):
    """A link that was made; what it is, is shown this once: the server keeps only its hash."""

    id: Id
    link: str  # `https://host/sign#<secret>`
    qr_svg: str
    expires_at: Instant


class SignLinkRow(Wire, frozen=True, kw_only=True):
    """A link that was made for a visit, and what became of it."""

    id: Id
    created_by_name: Line = ""
    created_at: Instant
    expires_at: Instant
    state: Literal["open", "used", "expired", "withdrawn"]
    at: Instant | None = None  # When it was used or withdrawn.


class VisitDetail(Wire, frozen=True, kw_only=True):
    """One presence on site with what was signed over it. `may` has `link` and `withdraw`."""

    id: Id
    version: Version
    site: Id
    site_name: Name
    time_zone: str
    assignment: Id | None = None
    engineer_name: Name
    started_at: Instant
    ended_at: Instant | None = None
    contact: Line = ""
    problems: tuple[Text, ...] = ()
    note: Text = ""
    inspected: Count = 0
    signatures: tuple[Signed, ...] = ()
    links: tuple[SignLinkRow, ...] = ()
    may: tuple[Literal["link"], ...] = ()


# --- For who has a link ---

Secret = Annotated[str, Meta(min_length=1, max_length=SECRET_LENGTH_MAX)]


class SignLook(Wire, frozen=True, kw_only=True):
    """`POST /sign/look`: what is behind a link, in the signer's language."""

    secret: Secret
    language: Language = "zh-CN"


class ToSign(Wire, frozen=True, kw_only=True):
    """What is to be signed, as it is shown. `content` is its digest, which goes back with it."""

    content: Sha256
    time_zone: str
    site: Line
    engineer: Line
    started_at: Instant
    ended_at: Instant | None = None
    statement: tuple[Text, ...]
    counts: Counted
    abnormal: tuple[ListedAbnormal, ...] = ()
    not_inspected: tuple[Line, ...] = ()
    problems: tuple[Text, ...] = ()
    photos: Count = 0


class SignGive(Wire, frozen=True, kw_only=True):
    """`POST /sign/give`: the signature. `strokes` is path data, in thousandths of the width.

    Who has no pen signs by the typed name: `strokes` is then the mark that stands for it.
    """

    secret: Secret
    language: Language = "zh-CN"
    content: Sha256
    name: Name
    title: Line = ""
    strokes: Annotated[
        str, Meta(min_length=1, max_length=STROKES_LENGTH_MAX, pattern=r"^M[MLQCZ0-9 .,-]*$")
    ]


class SignReceipt(Wire, frozen=True, kw_only=True):
    """It is signed. `digest` names the document for ever: who signed may keep it."""

    digest: Sha256
    signed_at: Instant
    time_zone: str
