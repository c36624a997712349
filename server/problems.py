"""The one place where errors become problem documents (RFC 9457).

Rule: a broken rule is answered as its class says; anything else is a defect, logged whole and
answered as a bare 500.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import SQLAlchemyError, StatementError

from schemas.base import FIELDS_TOLD_MAX, VERSION_DIGITS_MAX
from schemas.problems import FieldProblem, Problem
from schemas.protocol import PROTOCOL_VERSIONS
from server.errors import (
    BodyTooLarge,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    NotReady,
    NotSignedIn,
    ServerError,
    StorageFull,
    Unexpected,
    UnsupportedMediaType,
    UnsupportedProtocol,
    field_problem,
)
from server.outages import is_away, is_full, is_refusal
from sync.errors import SyncError

PROBLEM_TYPE = "application/problem+json"
VERSION_PATH = re.compile(r"/sync/v(\d+)(?:/|$)")
# What Litestar raises, as an error of ours, when the other side goes away before its body is here.
CLIENT_LEFT = "client disconnected prematurely"

log = structlog.get_logger()

# What Litestar itself raises, by status.
BY_STATUS: Mapping[int, type[ServerError]] = {
    401: NotSignedIn,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    503: NotReady,
}


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
