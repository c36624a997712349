"""Errors of the server, and the one place where errors become problem details (RFC 9457).

Rule: a broken rule is a `SyncError`, with its problem as class data; anything else is a defect,
logged whole and answered as a bare 500. `UnableError` is for the command line alone: one
line, never a trace. Every type has its section in docs/problems.md, which a test checks both ways.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import structs
from sqlalchemy.exc import DataError, SQLAlchemyError, StatementError

from schemas.base import FIELDS_TOLD_MAX, LINE_LENGTH_MAX, VERSION_DIGITS_MAX
from schemas.problems import FieldProblem, Problem
from schemas.protocol import PROTOCOL_VERSIONS
from server.outages import is_away, is_full
from sync.errors import SyncError

PROBLEM_TYPE = "application/problem+json"
VERSION_PATH = re.compile(r"/sync/v(\d+)(?:/|$)")
DATA_REFUSED = ("22", "54")  # SQLSTATE: data exceptions; limits of the program.
# What a database's driver says of a value that it cannot take.
REFUSALS = (ValueError, TypeError, ArithmeticError)
# How msgspec ends a message about a member: "Expected `str`, got `int` - at `$.name`".
MEMBER = re.compile(r"^(?P<detail>.*?)(?: - at (?:`key` in )?`\$?\.?(?P<path>.*)`)?$", re.DOTALL)
# How it names one that is missing or unknown: "Object missing required field `name`".
NAMED = re.compile(r"(?:required|unknown) field `(?P<name>[^`]*)`")
# What Litestar raises, as an error of ours, when the other side goes away before its body is here.
CLIENT_LEFT = "client disconnected prematurely"

log = structlog.get_logger()


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


# What Litestar itself raises, by status.
BY_STATUS: Mapping[int, type[ServerError]] = {
    401: NotSignedIn,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    503: NotReady,
}


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


def respond(body: Problem, headers: Mapping[str, str] | None = None) -> Response[Problem]:
    """Answer with a problem document."""
    return Response(
        body, status_code=body.status, media_type=PROBLEM_TYPE, headers=dict(headers or {})
    )


def sync_problem(_: Request[Any, Any, Any], error: SyncError) -> Response[Problem]:
    """Answer a broken rule."""
    return respond(error.problem(), error.headers() if isinstance(error, ServerError) else None)


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Answer what the framework refused: no such address, method, size, or an unreadable body."""
    if error.detail == CLIENT_LEFT:
        # No defect: tablets lose the network in the middle of a request, and nobody hears this.
        log.info("client left", path=request.scope["path"])
        return respond(Unexpected().problem())
    if error.status_code >= 500 and error.status_code not in BY_STATUS:
        return unexpected_problem(request, error)
    version = VERSION_PATH.match(request.scope["path"])
    if error.status_code == 404 and version and version[1] not in map(str, PROTOCOL_VERSIONS):
        said = version[1][:VERSION_DIGITS_MAX]
        return sync_problem(request, UnsupportedProtocol(f"version {said}"))
    kind = BY_STATUS.get(error.status_code, InvalidRequest)
    fields = told_fields(error) if kind is InvalidRequest else ()
    headers = {"Allow": allowed_methods(request)} if kind is MethodNotAllowed else error.headers
    return respond(kind(fields=fields).problem(), headers)


def allowed_methods(request: Request[Any, Any, Any]) -> str:
    """List what the address does take (RFC 9110, 15.5.6)."""
    found = {
        method
        for route in request.app.routes
        if re.fullmatch(
            re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(route.path_format)), request.scope["path"]
        )
        for method in getattr(route, "methods", ())
    }
    return ", ".join(sorted(found))


def told_fields(error: HTTPException) -> tuple[FieldProblem, ...]:
    """Name the members that are wrong; Litestar has them in `extra`, msgspec in its message."""
    told = error.extra if isinstance(error.extra, list) else []
    found = [
        field_problem(str(item.get("message", "")), key=str(item.get("key", "")))
        for item in told[:FIELDS_TOLD_MAX]
        if isinstance(item, dict)
    ]
    cause = error.__cause__
    while not found and cause is not None:
        if cause.__cause__ is None:
            found = [field_problem(str(cause))]
        cause = cause.__cause__
    return tuple(found)


def is_refusal(error: StatementError) -> bool:
    """Whether a value is at fault, so that asking again never helps.

    A lost connection or a full disk is not, and may pass. asyncpg refuses what it cannot encode
    with an error that is a `ValueError` too; the dialect keeps it as the cause.
    """
    told = (error.orig, error.orig.__cause__ if error.orig else None)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return (
        isinstance(error, DataError)
        or any(isinstance(one, REFUSALS) for one in told)
        or state.startswith(DATA_REFUSED)
    )


def database_problem(request: Request[Any, Any, Any], error: StatementError) -> Response[Problem]:
    """Answer a value that no database can hold, such as NUL in text, as the request's fault."""
    if not is_refusal(error):
        return passing_problem(request, error)
    return sync_problem(
        request, InvalidRequest("it holds a value that cannot be kept or looked up")
    )


def passing_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer what passes by itself so that it is sent again: no room, a database that is away."""
    if is_full(error):
        log.error("storage.full", path=request.scope["path"], reason=type(error).__name__)
        return sync_problem(request, StorageFull())
    if is_away(error):
        log.warning("database.away", path=request.scope["path"], reason=type(error).__name__)
        return sync_problem(request, NotReady("the database cannot be used just now"))
    return unexpected_problem(request, error)


def nesting_problem(request: Request[Any, Any, Any], _: RecursionError) -> Response[Problem]:
    """Answer JSON that is nested deeper than anything that is read here."""
    return sync_problem(request, InvalidRequest("it is nested too deep"))


def encoding_problem(request: Request[Any, Any, Any], _: UnicodeDecodeError) -> Response[Problem]:
    """Answer text that is not UTF-8, as JSON must be (RFC 8259, 8.1); msgspec tells it apart."""
    return sync_problem(request, InvalidRequest("its text is not UTF-8"))


def unexpected_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Log a defect whole, and tell only the number under which it was logged."""
    number = request.scope.get("state", {}).get("request_id", "")
    log.error("unexpected", path=request.scope["path"], exc_info=error)
    return respond(Unexpected(f"request {number}" if number else "").problem())


EXCEPTION_HANDLERS: Mapping[int | type[Exception], Any] = {
    SyncError: sync_problem,
    HTTPException: http_problem,
    StatementError: database_problem,
    SQLAlchemyError: passing_problem,
    OSError: passing_problem,
    RecursionError: nesting_problem,
    UnicodeDecodeError: encoding_problem,
    Exception: unexpected_problem,
}
