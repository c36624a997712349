"""Everything that a report says. Rule: values alone, in both languages or in none; no I/O.

The digest of the facts is a report's basis: where it is the same, there is nothing new to print.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.base import Language, Words
from schemas.forms import Limits, Severity
from schemas.kinds.asset import Verdict
from schemas.signing import SealTold

FACTS_VERSION = 3  # Raised when the same records are to be told differently: then all is made anew.

OfKind = Literal["visit", "assignment"]
# Still on the tablet; here, and not looked at yet; here, and not fit to be shown; to be shown.
PhotoState = Literal["away", "unread", "unfit", "shown"]
DeviceState = Literal["normal", "warning", "abnormal", "na"]


class Both(Struct, frozen=True):
    """One text as it stands in each language; a text that nobody translated is the same twice."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Give the text in one of them."""
        return self.en if language == "en" else self.zh


NOTHING = Both("", "")


def same(text: str) -> Both:
    """Give what a person wrote, which is shown as it is in every language."""
    return Both(text, text)


def both(words: Words | None) -> Both:
    """Give a text of a template."""
    return Both(words.zh, words.en) if words else NOTHING


class Decided(Struct, frozen=True):
    """Who accepted work, and when the last of it."""

    name: str
    at: datetime


class Cover(Struct, frozen=True, kw_only=True):
    """Whose, where, when and by whom. Instants are UTC; `time_zone` is the site's."""

    operator: str
    title: Both  # Of the round; empty for a visit without one.
    customer: str
    contract: str = ""
    site: str
    city: str = ""
    address: str = ""
    time_zone: str
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    window_from: datetime | None = None  # Of the round.
    window_to: datetime | None = None
    engineers: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    accepted_by: tuple[Decided, ...] = ()
    to_review: int = 0  # Devices whose results nobody in the office has accepted yet.


class Counts(Struct, frozen=True, kw_only=True):
    """Devices, not items. `inspected` is the sum of the four after it; `missing` is the rest."""

    planned: int = 0
    inspected: int = 0
    normal: int = 0
    warning: int = 0
    abnormal: int = 0
    na: int = 0

    @property
    def missing(self) -> int:
        """Planned, and not inspected."""
        return self.planned - self.inspected


class CategoryCount(Struct, frozen=True, kw_only=True):
    """The counts of one class of equipment; without a category they are of everything else."""

    category: str
    counts: Counts


class Risk(Struct, frozen=True, kw_only=True):
    """A finding, or an abnormal answer or warning that nobody made a finding of."""

    severity: Severity | None  # None: a warning that nobody has weighed.
    asset: str
    text: Both
    advice: str = ""
    owner: str = ""
    due_on: date | None = None
    found_at: datetime | None = None
    step: str = "open"


class Point(Struct, frozen=True):
    """One reading of a series, the oldest first; the last point of a series is now."""

    at: datetime
    value: float
    verdict: Verdict


class Reading(Struct, frozen=True, kw_only=True):
    """A number beside its limits, its last value and those before."""

    asset: str
    title: Both
    unit: str
    decimals: int
    limits: Limits
    value: float
    verdict: Verdict
    before: float | None = None
    series: tuple[Point, ...] = ()


class Item(Struct, frozen=True, kw_only=True):
    """One answer of one device."""

    section: Both
    title: Both
    element: Both = NOTHING
    shown: Both  # The value with its unit.
    number: float | None = None
    unit: str = ""
    verdict: Verdict
    reasons: tuple[Both, ...] = ()
    note: str = ""
    before: Both = NOTHING
    is_rest: bool = False  # Given by "mark the rest normal".


class Result(Struct, frozen=True, kw_only=True):
    """One device that was inspected."""

    inspection: UUID
    asset: str
    number: str = ""
    serial: str = ""
    category: str = ""
    room: str = ""
    position: str = ""
    template: Both
    inspector: str
    at: datetime
    state: DeviceState
    is_accepted: bool
    note: str = ""
    items: tuple[Item, ...] = ()


class NotInspected(Struct, frozen=True, kw_only=True):
    asset: str
    number: str = ""
    category: str = ""
    room: str = ""
    position: str = ""
    is_begun: bool = False


class Photo(Struct, frozen=True, kw_only=True):
    """An attachment that is a picture. `pair`: photos of one matter that stand side by side."""

    sha256: str
    asset: str
    title: Both
    caption: str = ""
    taken_at: datetime | None = None
    when: Literal["", "before", "after"] = ""
    pair: str = ""
    state: PhotoState = "away"


class Replaced(Struct, frozen=True, kw_only=True):
    """A part that an engineer noted, or whose serial number is another than at the last visit."""

    asset: str
    part: Both  # Empty: the device itself.
    old: str  # Empty: not known.
    new: str  # Empty: not known.
    is_noted: bool = False


class Signed(Struct, frozen=True, kw_only=True):
    """A signature over a visit, or the reason why there is none."""

    role: Literal["device-user", "contact", "engineer"]
    name: str
    title: str
    strokes: str
    absent_reason: str
    at: datetime
    digest: str
    visit_day: date | None
    is_changed: bool  # What it covers was changed after it.
    is_added_to: bool  # A device, a photo or a problem came after it.
    added: int  # Devices of the visit that were handed in after it.
    returned: int  # Devices that it covers and that are being mended.
    seal: SealTold  # What the key of the device says of it.


class Facts(Struct, frozen=True, kw_only=True):
    """One report, whole."""

    version: int = FACTS_VERSION
    of: UUID
    of_kind: OfKind
    cover: Cover
    counts: Counts
    notes: tuple[str, ...] = ()  # What the engineers wrote of the whole, in their words.
    problems: tuple[str, ...] = ()  # The customer's own list.
    risks: tuple[Risk, ...] = ()
    categories: tuple[CategoryCount, ...] = ()
    readings: tuple[Reading, ...] = ()
    readings_left: int = 0  # More of them within their limits, not listed.
    photos: tuple[Photo, ...] = ()
    photos_left: int = 0  # More of them, kept and not printed.
    files: tuple[str, ...] = ()  # Names of what was attached and is no picture.
    replaced: tuple[Replaced, ...] = ()
    open_before: tuple[Risk, ...] = ()
    results: tuple[Result, ...] = ()
    missing: tuple[NotInspected, ...] = ()
    signatures: tuple[Signed, ...] = ()
    user_signatures: int = 0  # Of the users of single devices.
    sources: tuple[Both, ...] = ()  # The norms that limits come from.

    @property
    def at(self) -> datetime | None:
        """The newest instant of the work and of what was decided over it."""
        ends = [one.at for one in self.results] + [one.at for one in self.signatures]
        ends += [one.at for one in self.cover.accepted_by]
        ends += [at for at in (self.cover.begun_at, self.cover.ended_at) if at]
        return max(ends, default=self.cover.window_to)


def basis_of(facts: Facts) -> str:
    """Give the SHA-256 of the facts in hex: of their JSON with members in order."""
    return sha256(msgspec.json.encode(facts, order="sorted")).hexdigest()
