"""People, their grants and devices, as the office sees them. Rule: a secret is answered once."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import (
    INTEGER_MAX,
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    Id,
    Instant,
    Language,
    Line,
    Name,
    Wire,
)
from schemas.kinds.notices import Role

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


class NewPerson(Wire, frozen=True, kw_only=True):
    """Without a password the person can only use a device."""

    login: LoginName
    name: Name
    phone: Line = ""
    email: Line = ""
    language: Language = "zh-CN"
    password: NewPassword | None = None


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
    unsent: Annotated[int, Meta(ge=0, le=INTEGER_MAX)] = 0  # As the device last said.
    unsent_since: Instant | None = None


class DeviceEnd(Wire, frozen=True, kw_only=True):
    """`draining` lets it send what it holds; `dead` refuses it at once."""

    state: Literal["draining", "dead"]
