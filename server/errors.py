"""Errors of the server. Rule: they know no framework; every command begins by reading this.

A broken rule is a `SyncError`, with its problem as class data; `server.problems` answers it.
`UnableError` is for the command line alone: one line, never a trace. Every type has its section in
docs/problems.md, which a test checks both ways.
"""

import re
from collections.abc import Mapping

from msgspec import structs

from schemas.base import LINE_LENGTH_MAX
from schemas.problems import FieldProblem, Problem
from schemas.protocol import PROTOCOL_VERSIONS
from sync.errors import SyncError

# How msgspec ends a message about a member: "Expected `str`, got `int` - at `$.name`".
MEMBER = re.compile(r"^(?P<detail>.*?)(?: - at (?:`key` in )?`\$?\.?(?P<path>.*)`)?$", re.DOTALL)
# How it names one that is missing or unknown: "Object missing required field `name`".
NAMED = re.compile(r"(?:required|unknown) field `(?P<name>[^`]*)`")


class UnableError(Exception):
    """A command cannot do what was asked, for a reason that the person can mend."""


class ServerError(SyncError):
    """A rule of the server, outside the protocol, was broken."""

    def headers(self) -> Mapping[str, str]:
        """Give the headers that belong to the answer."""
        return {}


class InvalidRequest(ServerError):
    slug = "invalid-request"
    title = "The request is not what this address takes"
    status = 400


class NotFound(ServerError):
    slug = "not-found"
    title = "There is nothing at this address"
    status = 404


class MethodNotAllowed(ServerError):
    slug = "method-not-allowed"
    title = "This address does not take that method"
    status = 405


class BodyTooLarge(ServerError):
    slug = "body-too-large"
    title = "The body is larger than this address takes"
    status = 413


class UnsupportedMediaType(ServerError):
    slug = "unsupported-media-type"
    title = "The body is of a type or encoding that this address does not take"
    status = 415


class UnsupportedProtocol(ServerError):
    slug = "unsupported-protocol"
    title = "The server does not speak this version of the protocol"
    status = 404

    def problem(self) -> Problem:
        """Name the versions that are spoken."""
        return structs.replace(super().problem(), supported=PROTOCOL_VERSIONS)


class TooManyAttempts(ServerError):
    """Raised before anything is looked up, so it says nothing about what was tried."""

    slug = "too-many-attempts"
    title = "Too many attempts; wait before the next one"
    status = 429

    def __init__(self, *, retry_seconds: int) -> None:
        super().__init__(f"try again in {retry_seconds} s")
        self.retry_seconds = retry_seconds

    def headers(self) -> Mapping[str, str]:
        """Say when to come back (RFC 9110, 10.2.3), in seconds."""
        return {"Retry-After": str(self.retry_seconds)}


class Unexpected(ServerError):
    slug = "unexpected"
    title = "The server failed"
    status = 500


class NotReady(ServerError):
    slug = "not-ready"
    title = "The server cannot work yet"
    status = 503

    def headers(self) -> Mapping[str, str]:
        """Ask again soon."""
        return {"Retry-After": "5"}


class StorageFull(ServerError):
    """Nothing was kept; it may be sent again as it is, and what is there may still be read."""

    slug = "storage-full"
    title = "The server has no room to keep this; send it again later"
    status = 507

    def headers(self) -> Mapping[str, str]:
        """Leave somebody the time to make room."""
        return {"Retry-After": "30"}


class CredentialRefused(ServerError):
    slug = "credential-refused"
    title = "The server does not know this device's credential"
    status = 401

    def headers(self) -> Mapping[str, str]:
        """Name the scheme (RFC 6750, 3)."""
        return {"WWW-Authenticate": "Bearer"}


class DeviceEnded(CredentialRefused):
    slug = "device-ended"
    title = "This device was ended; enrol it again to go on"


class DeviceDraining(ServerError):
    slug = "device-draining"
    title = "This device may still send what it holds, and receives nothing new"
    status = 403


class AppTooOld(ServerError):
    """On pull alone: whatever an old app has made is always taken."""

    slug = "app-too-old"
    title = "This version of the app may send what it holds, and begins nothing new"
    status = 426


class NotSignedIn(ServerError):
    slug = "not-signed-in"
    title = "Sign in first"
    status = 401


class WrongLogin(ServerError):
    """Said alike of a name that nobody has, a wrong password and a person who left."""

    slug = "wrong-login"
    title = "Name or password is wrong"
    status = 401


class CsrfRefused(ServerError):
    slug = "csrf-refused"
    title = "The request did not come from a page of this server"
    status = 403


class NotAllowed(ServerError):
    slug = "not-allowed"
    title = "Your roles do not allow this"
    status = 403


class TicketUnknown(ServerError):
    slug = "ticket-unknown"
    title = "This enrolment link is not known here"
    status = 404


class TicketUsed(ServerError):
    slug = "ticket-used"
    title = "This enrolment link was used before; each works once"
    status = 410


class TicketExpired(ServerError):
    slug = "ticket-expired"
    title = "This enrolment link has expired"
    status = 410


class LineageTaken(ServerError):
    slug = "lineage-taken"
    title = "This installation's history belongs to somebody else"
    status = 409


class LoginTaken(ServerError):
    slug = "login-taken"
    title = "Somebody has this login name already"
    status = 409


class PasswordTooWeak(ServerError):
    slug = "password-too-weak"
    title = "The password is too easy to guess"
    status = 422


def field_problem(message: str, *, key: str = "") -> FieldProblem:
    """Read the member's path out of what msgspec says; `key` is where the message applies."""
    match = MEMBER.match(message)
    assert match is not None
    parts = [key, match["path"] or ""]
    if named := NAMED.search(match["detail"]):
        parts.append(named["name"])
    # Litestar calls the body `data`, after the handler's parameter; nobody outside knows that.
    path = re.sub(r"^data(\.|$)", "", ".".join(part for part in parts if part)) or "body"
    return FieldProblem(field=path[:LINE_LENGTH_MAX], detail=match["detail"][:LINE_LENGTH_MAX])
