"""POST /sync/v1/pull. Rule: one snapshot for scopes, rows and digests; bytes as stored."""

from collections.abc import Mapping

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import PULL_BYTES_MAX
from schemas.pull import End, GoneLine, PullRequest, Start
from server.auth.attempts import Attempts
from server.auth.devices import CALLED, Device, claimed_epoch, is_older, take_report
from server.clock import Clock
from server.database import Database
from server.encoding import compressed
from server.errors import AppTooOld, InvalidRequest, field_problem
from server.marker import Marker
from server.rewind import answered_to
from server.settings import Settings
from server.store.installation import Installation
from server.store.pull import Sent, Sizes, fitting, load_page
from server.store.pull import survey as load_survey
from server.taken_back import begin_after, heeded
from sync.errors import TokenRefused
from sync.position import Position, seal, unseal
from sync.pull import Page, Wanted, plan_page, plan_pull
from sync.rewind import Rewound, has_pulled_further, is_answered_further
from sync.scopes import ScopeState

NDJSON = "application/x-ndjson"


@post(
    "/sync/v1/pull",
    operation_id="pull",
    status_code=HTTP_200_OK,
    dependencies=CALLED,
    request_max_body_size=PULL_BYTES_MAX + 400_000,
    media_type=NDJSON,
)
async def pull(
    request: Request[object, object, State],
    device: NamedDependency[Device],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    installation: NamedDependency[Installation],
    marker: NamedDependency[Marker],
    claims: NamedDependency[Attempts],
    settings: NamedDependency[Settings],
    sizes: NamedDependency[Sizes],
) -> Response[bytes]:
    """Send what changed in the device's scopes since its token, a page at a time, as NDJSON.

    What the device reports of itself is kept first, in a short transaction of its own and only
    where it is news; the page is read in another, which writes nothing. Problems:
    `device-draining`, `device-ended`, `app-too-old`.
    """
    try:
        asked = msgspec.json.decode(await request.body(), type=PullRequest)
    except msgspec.DecodeError as error:
        raise InvalidRequest(fields=(field_problem(str(error)),)) from None
    acked = answered_to(asked.last_acked, device.lineage, installation)
    installation = await heeded(
        database,
        clock,
        marker,
        installation,
        claimed=claimed_epoch(device, claims, asked.epoch, installation=installation, acked=acked),
        sealed=acked.epoch if acked else 0,
    )
    if is_answered_further(acked, epoch=installation.epoch, last_n=device.last_n):
        installation = await begin_after(database, clock, marker, installation)
    if asked.epoch != installation.epoch:
        # Also to one that is draining: it offers its ops again before it may be done.
        return respond(request, other_epoch(installation, clock))
    before = position(asked.token, device, installation)
    if asked.report is not None:
        await take_report(database, device, asked.report, now=clock.now())
    device.demand_active()
    version = asked.report.app_version if asked.report else ""
    if is_older(version or device.report.app_version, settings.app_version_min):
        raise AppTooOld(f"install {settings.app_version_min} or newer")
    try:
        page, rows = await read_page(database, device, before, sizes, limit=asked.limit)
    except Rewound:
        installation = await begin_after(database, clock, marker, installation)
        return respond(request, other_epoch(installation, clock))
    return respond(request, lines(page, rows, device, installation, clock))


def other_epoch(installation: Installation, clock: Clock) -> list[bytes]:
    """Nothing is told under another epoch than the device's but which one it is now."""
    start = Start(epoch=installation.epoch, server_time=clock.now(), scopes=())
    return [msgspec.json.encode(start)]


async def read_page(
    database: Database, device: Device, before: Position, sizes: Sizes, *, limit: int
) -> tuple[Page, list[Sent]]:
    """One page, all of one moment. Raises `Rewound` where the device has pulled further."""
    if not is_within_first_sync(before):
        async with database.ask() as tx:  # Mostly nothing is new: no transaction for that.
            held, states, wanted = await survey(tx, device, before)
        if not wanted:
            return plan_page(held, before.scopes, states, (), sent={}, left={}), []
    async with database.read() as tx:
        held, states, wanted = await survey(tx, device, before)
        limit = await fitting(tx, wanted, limit=limit)
        rows = await load_page(tx, wanted, limit=limit) if wanted else []
        left = await sizes.left(tx, wanted, rows) if len(rows) >= limit else {}
    sent = {row.scope: row.seq for row in rows}
    return plan_page(held, before.scopes, states, wanted, sent=sent, left=left), rows


def is_within_first_sync(before: Position) -> bool:
    """Whether the device surely lacks something: a scope that it has not had whole yet."""
    return not before.scopes or any(p.pos < p.live_until for p in before.scopes.values())


async def survey(
    tx: AsyncConnection, device: Device, before: Position
) -> tuple[tuple[str, ...], Mapping[str, ScopeState], tuple[Wanted, ...]]:
    """The scopes that the device holds, how far all that concern it are, and what is new."""
    held, states = await load_survey(
        tx, device_id=device.id, person_id=device.person, places=before.scopes
    )
    if has_pulled_further(before, states):
        raise Rewound
    return held, states, plan_pull(held, before.scopes, states)


def position(token: str | None, device: Device, installation: Installation) -> Position:
    """Where the token says that the device is. Raises `TokenRefused` if it is another's."""
    if token is None:
        return Position(device.id, installation.epoch, {})
    place = unseal(token, installation.seal_key, Position)
    if place.device != device.id or place.epoch != installation.epoch:
        raise TokenRefused
    return place


def lines(
    page: Page, rows: list[Sent], device: Device, installation: Installation, clock: Clock
) -> list[bytes]:
    """The page: what it covers, the rows, and the token that comes after."""
    start = Start(epoch=installation.epoch, server_time=clock.now(), scopes=page.scopes)
    after = Position(device.id, installation.epoch, dict(page.places))
    end = End(token=seal(after, installation.seal_key), more=page.more)
    body = [row.body if row.body is not None else gone(row) for row in rows]
    return [msgspec.json.encode(start), *body, msgspec.json.encode(end)]


def gone(row: Sent) -> bytes:
    line = msgspec.convert(
        {
            "scope": row.scope,
            "seq": row.seq,
            "kind": row.kind,
            "id": row.record,
            "version": row.version,
            "reason": row.gone,
        },
        GoneLine,
    )
    return msgspec.json.encode(line)


def respond(request: Request[object, object, State], body: list[bytes]) -> Response[bytes]:
    content, headers = compressed(request.headers, b"\n".join([*body, b""]))
    return Response(content, media_type=NDJSON, headers=headers)
