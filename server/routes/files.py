"""tus 1.0.0 at /files, and POST /files/have. Rule: headers in, headers out; what is decided is not
decided here.

https://tus.io/protocols/resumable-upload (1.0.0): core, creation, creation-with-upload, checksum,
expiration, termination. A body is taken as it comes, and never as a whole.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from litestar import Request, Response, Router, post, route
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.enums import HttpMethod, MediaType
from litestar.params import FromPath, JSONBody
from litestar.status_codes import (
    HTTP_200_OK,
    HTTP_201_CREATED,
    HTTP_204_NO_CONTENT,
)

from schemas.base import ATTACHMENT_BYTES_MAX
from schemas.files import HaveAnswer, HaveRequest
from schemas.problems import Problem
from server.auth.devices import CALLED, Device
from server.bodies import ClientLeft, body_of, left_problem
from server.errors import (
    MethodNotAllowed,
    ServerError,
    UnsupportedMediaType,
)
from server.pokes import Pokes
from server.problems import respond
from server.receipts import Sender
from server.store.installation import Installation
from server.uploads import Progress, Uploads
from sync.errors import SyncError
from sync.upload import OffsetDiffers
from sync.upload_headers import (
    ALGORITHMS,
    EXTENSIONS,
    VERSION,
    read_checksum,
    read_count,
    read_length,
    read_metadata,
)

BYTES_TYPE = "application/offset+octet-stream"
SPOKEN = {"Tus-Resumable": VERSION}
OFFERED = {
    **SPOKEN,
    "Tus-Version": VERSION,
    "Tus-Extension": ",".join(EXTENSIONS),
    "Tus-Max-Size": str(ATTACHMENT_BYTES_MAX),
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}
OVERRIDE = "x-http-method-override"

Asked = Request[object, object, State]


class TusVersion(ServerError):
    slug = "tus-version"
    title = "This version of the upload protocol is not spoken here"
    status = 412

    def headers(self) -> Mapping[str, str]:
        """Name those that are (tus 1.0.0, Tus-Version)."""
        return {"Tus-Version": VERSION}


def upload_problem(_: Asked, error: SyncError) -> Response[Problem]:
    """Answer a broken rule, with the offset from which to go on where that is the question."""
    headers = dict(error.headers()) if isinstance(error, ServerError) else {}
    if isinstance(error, OffsetDiffers):
        headers["Upload-Offset"] = str(error.offset)
    return respond(error.problem(), {**SPOKEN, **headers})


def demand_spoken(request: Asked) -> None:
    """Raise `TusVersion` where a request does not say the one version that is spoken."""
    if request.headers.get("tus-resumable") != VERSION:
        raise TusVersion(f"send `Tus-Resumable: {VERSION}`")


def demand_bytes(request: Asked) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BYTES_TYPE:
        raise UnsupportedMediaType(f"send `{BYTES_TYPE}`")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("bytes are sent as they are, without packing")


def sender_of(device: Device, installation: Installation) -> Sender:
    return Sender(
        device=device.id,
        lineage=device.lineage,
        person=device.person,
        epoch=installation.epoch,
        is_draining=device.is_draining,
    )


def answer(progress: Progress, status: int, **more: str) -> Response[None]:
    headers = {
        **SPOKEN,
        "Upload-Offset": str(progress.offset),
        "Upload-Expires": expiry(progress.expires_at),
        **more,
    }
    return Response(None, media_type=MediaType.TEXT, status_code=status, headers=headers)


def expiry(at: datetime) -> str:
    """An instant as HTTP writes it (RFC 9110, 5.6.7)."""
    return format_datetime(at.replace(microsecond=0), usegmt=True)


@route(["/", "/{upload:uuid}"], http_method=[HttpMethod.OPTIONS])
async def offer() -> Response[None]:
    """Say which version and extensions of tus are spoken; anybody may ask."""
    return Response(
        None, media_type=MediaType.TEXT, status_code=HTTP_204_NO_CONTENT, headers=OFFERED
    )


@post(
    "/",
    operation_id="createUpload",
    status_code=HTTP_201_CREATED,
    dependencies=CALLED,
    request_max_body_size=ATTACHMENT_BYTES_MAX,
)
async def create(
    request: Asked,
    device: NamedDependency[Device],
    installation: NamedDependency[Installation],
    uploads: NamedDependency[Uploads],
    pokes: NamedDependency[Pokes],
) -> Response[None]:
    """Announce bytes by their length and SHA-256; the first of them may come along.

    The same bytes are announced once: who does it again is told how far they are.
    """
    demand_spoken(request)
    length = read_length(request.headers)
    announced = read_metadata(request.headers.get("upload-metadata", ""))
    has_body = request.headers.get("content-length", "0") != "0" or has_chunks(request)
    body: AsyncIterator[bytes] | None = None
    if has_body:
        demand_bytes(request)
        body = body_of(request)
    checksum = read_checksum(request.headers)
    done = await uploads.create(
        sender_of(device, installation), announced, length, body, checksum=checksum
    )
    pokes.tell(done.heads)
    return answer(done, HTTP_201_CREATED, Location=f"/files/{done.id}")


def has_chunks(request: Asked) -> bool:
    return "transfer-encoding" in request.headers


async def ask(
    request: Asked, sender: Sender, upload: UUID, uploads: Uploads, pokes: Pokes
) -> Response[None]:
    """How far an upload is."""
    found = await uploads.resume(sender, upload)
    pokes.tell(found.heads)
    more = {"Upload-Length": str(found.bytes), "Cache-Control": "no-store"}
    if found.metadata:
        more["Upload-Metadata"] = found.metadata
    return answer(found, HTTP_200_OK, **more)


async def append(
    request: Asked, sender: Sender, upload: UUID, uploads: Uploads, pokes: Pokes
) -> Response[None]:
    """Take the bytes that follow."""
    demand_bytes(request)
    offset = read_count(request.headers, "Upload-Offset")
    length = None if has_chunks(request) else read_count(request.headers, "Content-Length")
    done = await uploads.append(
        sender,
        upload,
        body_of(request),
        offset=offset,
        length=length,
        checksum=read_checksum(request.headers),
    )
    pokes.tell(done.heads)
    return answer(done, HTTP_204_NO_CONTENT)


async def terminate(
    _: Asked, sender: Sender, upload: UUID, uploads: Uploads, __: Pokes
) -> Response[None]:
    """Forget an upload."""
    await uploads.terminate(sender, upload)
    return Response(
        None, media_type=MediaType.TEXT, status_code=HTTP_204_NO_CONTENT, headers=SPOKEN
    )


Act = Callable[[Asked, Sender, UUID, Uploads, Pokes], Awaitable[Response[None]]]
ACTS: Mapping[str, Act] = {"HEAD": ask, "PATCH": append, "DELETE": terminate}


@route(
    "/{upload:uuid}",
    http_method=[HttpMethod.HEAD, HttpMethod.PATCH, HttpMethod.DELETE, HttpMethod.POST],
    status_code=HTTP_204_NO_CONTENT,
    dependencies=CALLED,
    request_max_body_size=ATTACHMENT_BYTES_MAX,
)
async def act(
    request: Asked,
    upload: FromPath[UUID],
    device: NamedDependency[Device],
    installation: NamedDependency[Installation],
    uploads: NamedDependency[Uploads],
    pokes: NamedDependency[Pokes],
) -> Response[None]:
    """Ask how far an upload is (HEAD), go on with it (PATCH), or forget it (DELETE).

    Where a client's library cannot say PATCH, it says POST and `X-HTTP-Method-Override`.
    """
    demand_spoken(request)
    method = request.headers.get(OVERRIDE, str(request.method)).upper()
    if method not in ACTS:
        raise MethodNotAllowed
    return await ACTS[method](request, sender_of(device, installation), upload, uploads, pokes)


@post("/have", operation_id="haveFiles", status_code=HTTP_200_OK, dependencies=CALLED)
async def have(
    data: JSONBody[HaveRequest],
    device: NamedDependency[Device],
    installation: NamedDependency[Installation],
    uploads: NamedDependency[Uploads],
    pokes: NamedDependency[Pokes],
) -> HaveAnswer:
    """Name those bytes that need not be sent, and keep them for a while.

    Bytes that this device neither brought nor may see are not named, whether they are here or not.
    """
    found, until, heads = await uploads.have(sender_of(device, installation), set(data.sha256))
    pokes.tell(heads)
    return HaveAnswer(
        have=tuple(one for one in dict.fromkeys(data.sha256) if one in found),
        leased_until=until if found else None,
    )


def files_router() -> Router:
    """All of it."""
    return Router(
        "/files",
        route_handlers=[offer, create, act, have],
        exception_handlers={SyncError: upload_problem, ClientLeft: left_problem},
    )
