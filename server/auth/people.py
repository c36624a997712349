"""A person in the office, by session cookie.

Rule: every write also brings the session's own CSRF token.
"""

import hmac
from datetime import timedelta
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from msgspec import Struct

from schemas.people import GrantSummary
from server.auth import secrets
from server.clock import Clock
from server.database import Database
from server.errors import CsrfRefused, NotAllowed, NotSignedIn
from server.settings import Settings
from server.store import grants, people, sessions
from server.store.grants import StoredGrant
from server.store.installation import Installation
from server.store.people import Person
from server.store.sessions import Session
from sync.access import Access, Action

CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class SignedIn(Struct, frozen=True):
    """Who is signed in, what they may, and their session."""

    person: Person
    access: Access
    grants: tuple[StoredGrant, ...]
    session: Session

    def demand(
        self,
        action: Action,
        *,
        site: UUID | None = None,
        customer: UUID | None = None,
        contract: UUID | None = None,
    ) -> None:
        """Raise `NotAllowed` unless this person may do it there."""
        if not self.access.may(action, site=site, customer=customer, contract=contract):
            raise NotAllowed(action)


def show_grant(grant: StoredGrant) -> GrantSummary:
    """Give a grant as the office sees it."""
    return GrantSummary(
        id=grant.id,
        role=grant.role,
        customer=grant.customer,
        contract=grant.contract,
        site=grant.site,
        granted_at=grant.granted_at,
    )


def cookie_name(settings: Settings) -> str:
    """Name the cookie; the prefix keeps other hosts from setting it (RFC 6265bis)."""
    return "__Host-xunjian" if settings.is_secure else "xunjian"


def session_cookie(settings: Settings, secret: str, *, max_age_seconds: int) -> Cookie:
    """Give the cookie of a session; no script can read it and no other site can send it along."""
    return Cookie(
        key=cookie_name(settings),
        value=secret,
        path="/",
        max_age=max_age_seconds,
        httponly=True,
        secure=settings.is_secure,
        samesite="lax",
    )


def new_session(clock: Clock, settings: Settings, person_id: UUID) -> tuple[str, Session]:
    """Make a session: the cookie's secret, and the row."""
    secret, now = secrets.deal(clock), clock.now()
    return secret, Session(
        hash=secrets.digest(secret),
        person_id=person_id,
        created_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
        csrf=secrets.deal(clock),
    )


def refuse_foreign_page(request: Request[object, object, State]) -> None:
    """Raise `CsrfRefused` when the browser says that another site's page sent this.

    For writes before there is a session (W3C Fetch Metadata, 2.4); a program sends no such header.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise CsrfRefused


async def provide_signed_in(
    request: Request[object, object, State],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    installation: NamedDependency[Installation],
) -> SignedIn:
    """Load who is signed in. Raises `NotSignedIn`, or `CsrfRefused` for a bare write."""
    # Named only so that it comes first: Litestar resolves at once what does not depend on one
    # another, and when one refuses it cancels the others; a cancelled query costs its connection.
    del installation
    secret = request.cookies.get(cookie_name(settings))
    if not secret:
        raise NotSignedIn
    async with database.read() as tx:
        session = await sessions.load(tx, secrets.digest(secret), now=clock.now())
        person = await people.load(tx, session.person_id) if session else None
        if session is None or person is None or not person.active:
            raise NotSignedIn
        if request.method not in SAFE_METHODS:
            given = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(given.encode(), session.csrf.encode()):
                raise CsrfRefused
        access = await grants.load_access(tx, person.id)
        held = await grants.load_grants(tx, [person.id])
    return SignedIn(person, access, tuple(held), session)
