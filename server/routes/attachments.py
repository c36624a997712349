"""The bytes of attachments. Rule: nothing is told of a file that may not be read; then a stream.

Who may not read an attachment, and who asks for one that there is not, get the same answer.
"""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

import structlog
from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK, HTTP_206_PARTIAL_CONTENT, HTTP_304_NOT_MODIFIED
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from server.auth.devices import Device, provide_caller
from server.auth.people import SignedIn, provide_signed_in
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.downloads import (
    BytesNotHere,
    Rendition,
    Size,
    Span,
    bare_of,
    headers_of,
    names_it,
    original_of,
    span_of,
    thumbnail_of,
)
from server.errors import NotAllowed, NotFound
from server.marker import Marker
from server.settings import Settings
from server.store import files, grants
from server.store.files import Known, StoredFile
from server.store.installation import Installation

# From here on a browser is sent to the store itself, where the store can be asked by a link.
REDIRECT_BYTES_MIN = 8 * 1024 * 1024

Form = Literal["exact"]

log = structlog.get_logger()


class Reader(Struct, frozen=True):
    """Who wants to read: a device, or a person in the office."""

    device: Device | None
    person: SignedIn | None


async def provide_reader(
    request: Request[object, object, State],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    marker: NamedDependency[Marker],
    installation: NamedDependency[Installation],
) -> Reader:
    """Find out who calls: by the credential where there is one, else by the session.

    Raises what either raises.
    """
    if "authorization" in request.headers:
        caller = await provide_caller(request, database, clock, marker)
        caller.device.demand_active()
        return Reader(caller.device, None)
    person = await provide_signed_in(request, database, clock, settings, installation)
    return Reader(None, person)


class Readable(Struct, frozen=True):
    """A file that the reader may read, and how."""

    file: StoredFile
    known: Known
    keeps_place: bool
    may_audit: bool


async def load_readable(tx: AsyncConnection, id_: UUID, reader: Reader) -> Readable:
    """Load what may be read. Raises `NotFound`, then `BytesNotHere`."""
    file = await files.load_file(tx, id_)
    if file is None:
        raise NotFound
    keeps_place, may_audit = True, True
    if reader.person is not None:
        kind, _, place = file.scope_id.partition(":")
        site = UUID(place) if kind in ("site", "archive") else None
        if site is None or not reader.person.access.may("read", site=site):
            raise NotFound
        keeps_place = await files.keeps_place(tx, site)
        may_audit = reader.person.access.may("audit", site=site)
    elif reader.device is not None:
        device = reader.device
        held = await grants.load_device_scopes(tx, device_id=device.id, person_id=device.person)
        is_own = file.scope_id in held
        if not is_own and not await files.has_delivered(tx, file.sha256, device=device.id):
            raise NotFound
    known = (await files.load_known(tx, {file.sha256})).get(file.sha256)
    # Bytes that came for somebody else are none of this attachment's: whoever only knew their
    # digest could name them, and read what is shown at another site.
    if known is None or file.received_at is None:
        raise BytesNotHere
    return Readable(file, known, keeps_place, may_audit)


def rendition_of(found: Readable, size: Size | None, form: Form | None) -> Rendition:
    """Choose in which form it is handed out. Raises `NotAllowed`, and what the forms raise."""
    if size is not None:
        return thumbnail_of(found.file, found.known, size)
    if form == "exact" and not found.may_audit:
        raise NotAllowed("audit")
    if form == "exact" or found.keeps_place:
        return original_of(found.file, found.known)
    return bare_of(found.file, found.known, may_audit=found.may_audit)


@route(
    "/attachments/{attachment_id:uuid}/bytes",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    summary="The bytes of an attachment, or a thumbnail",
    status_code=HTTP_200_OK,
    dependencies={"reader": Provide(provide_reader)},
)
async def read_bytes(
    attachment_id: FromPath[UUID],
    request: Request[object, object, State],
    reader: NamedDependency[Reader],
    database: NamedDependency[Database],
    blobs: NamedDependency[Blobs],
    size: FromQuery[Size | None] = None,
    form: FromQuery[Form | None] = None,
) -> Response[bytes] | Stream:
    """Send bytes to a device by its scopes, or to a person in the office by role and site.

    `size` asks for a thumbnail, a JPEG of 640 or 1,600 pixels at most. Without it come the bytes of
    the file; to the office without where a picture was taken, unless the contract says otherwise,
    or `form=exact` is asked by somebody who may audit. One range is taken. Problems: `not-found`,
    `bytes-not-here`, `file-not-ready`, `file-not-shown`, `not-allowed`, `range-not-satisfiable`.
    """
    async with database.read() as tx:
        found = await load_readable(tx, attachment_id, reader)
    rendition = rendition_of(found, size, form)
    headers = headers_of(rendition)
    if names_it(request.headers.get("if-none-match", ""), rendition.etag):
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    length = await blobs.size(rendition.key)
    if length is None:
        log.error("attachments.lost", key=rendition.key)
        raise BytesNotHere
    if length >= REDIRECT_BYTES_MIN and is_opened(request, reader, rendition, found):
        link = await blobs.signed_url(rendition.key)
        if link is not None:
            return redirect(link)
    return send(request, blobs, rendition, headers, length)


def send(
    request: Request[object, object, State],
    blobs: Blobs,
    rendition: Rendition,
    headers: dict[str, str],
    length: int,
) -> Stream:
    """Stream what is asked for. Raises `RangeNotSatisfiable`."""
    span, status = span_asked(request, rendition, length), HTTP_206_PARTIAL_CONTENT
    if span is None:
        span, status = Span(0, length), HTTP_200_OK
    else:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{length}"
    headers["Content-Length"] = str(span.end - span.start)
    return Stream(
        chunks(blobs, rendition.key, span),
        status_code=status,
        headers=headers,
        media_type=rendition.media_type,
    )


async def chunks(blobs: Blobs, key: str, span: Span) -> AsyncIterator[bytes]:
    """Give the bytes as the store gives them: a megabyte at most at once."""
    async for chunk in blobs.read(key, span.start, span.end):
        yield chunk


def span_asked(
    request: Request[object, object, State], rendition: Rendition, length: int
) -> Span | None:
    """What part is asked for, if the asker still means these bytes (RFC 9110, 13.1.5, 14.2)."""
    asked, of = request.headers.get("range"), request.headers.get("if-range")
    if asked is None or request.method != HttpMethod.GET or (of and of != rendition.etag):
        return None
    return span_of(asked, length)


def is_opened(
    request: Request[object, object, State],
    reader: Reader,
    rendition: Rendition,
    found: Readable,
) -> bool:
    """Whether a browser opens the original as a page: only that may be answered from elsewhere.

    (Our policy lets no picture and no fetch reach another host, W3C CSP 3.) What the store holds is
    stripped of nothing, and what it sends bears no name: so never what a place was taken out of.
    """
    is_original = rendition.etag == f'"{found.known.sha256}"'
    is_page = request.headers.get("sec-fetch-mode") == "navigate"
    return is_original and is_page and reader.person is not None and request.method == "GET"


def redirect(link: str) -> Response[bytes]:
    """Send a browser to the store, by a link that ends soon and is kept by nobody."""
    headers = {"Location": link, "Cache-Control": "no-store"}
    return Response(b"", status_code=307, headers=headers)
