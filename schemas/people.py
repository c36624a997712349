"""People, their grants and devices, as the office sees them. Rule: a secret is answered once."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import (
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    ROWS_PER_LIST_MAX,
    Count,
    Id,
    Instant,
    Language,
    Line,
    Name,
    Wire,
    Words,
)
from schemas.kinds.notices import Role
from schemas.office_files import StillHeld

LoginName = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9._@-]{1,63}$", description="Lower case; one person each."),
]
NewPassword = Annotated[str, Meta(min_length=PASSWORD_LENGTH_MIN, max_length=PASSWORD_LENGTH_MAX)]
DeviceState = Literal["active", "draining", "dead"]


class LoginRequest(Wire, frozen=True, kw_only=True):
    """`POST /office/login`. Any text is taken here, so that the answer is the same for all."""

    login: Line
    password: Annotated[str, Meta(max_length=PASSWORD_LENGTH_MAX)]


class PasswordChange(Wire, frozen=True, kw_only=True):
    current: Annotated[str, Meta(max_length=PASSWORD_LENGTH_MAX)]
    new: NewPassword


class LanguageChange(Wire, frozen=True, kw_only=True):
    language: Language


class GrantSummary(Wire, frozen=True, kw_only=True):
    """A role at a customer, a contract or a site; an administrator's names none of them."""

    id: Id
    role: Role
    customer: Id | None = None
    contract: Id | None = None
    site: Id | None = None
    granted_at: Instant


class NewGrant(Wire, frozen=True, kw_only=True):
    """Exactly one place is named, or none for an administrator."""

    role: Role
    customer: Id | None = None
    contract: Id | None = None
    site: Id | None = None


class Me(Wire, frozen=True, kw_only=True):
    """`GET /office/me`. `csrf` goes into the header `X-CSRF-Token` of every write."""

    person: Id
    login: LoginName
    name: Name
    language: Language
    grants: tuple[GrantSummary, ...]
    may: tuple[str, ...]  # What this person may do at any place: shows or hides, never decides.
    csrf: str
    expires_at: Instant


class PersonSummary(Wire, frozen=True, kw_only=True):
    id: Id
    login: LoginName
    name: Name
    phone: Line = ""
    email: Line = ""
    language: Language = "zh-CN"
    active: bool = True
    grants: tuple[GrantSummary, ...] = ()
    devices: Count = 0  # In use: those that are neither draining nor dead.


class PersonPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[PersonSummary, ...]


class NewPerson(Wire, frozen=True, kw_only=True):
    """Without a password the person can only use a device."""

    login: LoginName
    name: Name
    phone: Line = ""
    email: Line = ""
    language: Language = "zh-CN"
    password: NewPassword | None = None


class PersonChange(Wire, frozen=True, kw_only=True):
    """What is not named stays as it is."""

    name: Name | None = None
    phone: Line | None = None
    email: Line | None = None


class HandOver(Wire, frozen=True, kw_only=True):
    """An open round that still names somebody who left."""

    assignment: Id
    site: Id
    site_name: Line = ""
    title: Words | None = None
    due_at: Instant | None = None
    backup: bool = False  # Named as the backup; else as the one who does it.


class Deactivated(Wire, frozen=True, kw_only=True):
    """Nothing of the person's work is touched; `rounds` wait for somebody else, soonest first."""

    person: PersonSummary
    rounds: Annotated[tuple[HandOver, ...], Meta(max_length=ROWS_PER_LIST_MAX)] = ()
    rounds_total: Count = 0
    devices_draining: Count = 0


class NewTicket(Wire, frozen=True, kw_only=True):
    person: Id


class TicketAnswer(Wire, frozen=True, kw_only=True):
    """The link is shown once: the server keeps only its hash."""

    person: Id
    person_name: Name
    link: str  # `https://host/enrol#<ticket>`
    qr_svg: str
    expires_at: Instant


class DeviceSummary(Wire, frozen=True, kw_only=True):
    id: Id
    name: Name
    person: Id
    person_name: Name
    state: DeviceState
    app_version: Line = ""
    enrolled_at: Instant
    seen_at: Instant | None = None
    ended_at: Instant | None = None
    # As the device last said: records with something unsent, since when by its clock, and photos
    # whose bytes are still on it.
    unsent: Count = 0
    unsent_since: Instant | None = None
    photos_left: Count = 0
    held: StillHeld | None = None  # Files that it announced, and the server lacks.


class DevicePage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[DeviceSummary, ...]


class DeviceEnd(Wire, frozen=True, kw_only=True):
    """`draining` lets it send what it holds; `dead` refuses it at once."""

    state: Literal["draining", "dead"]
