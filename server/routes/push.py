"""POST /sync/v1/push. Rule: only what concerns the whole request is an HTTP error."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import PUSH_BYTES_MAX
from schemas.ops import Outcome
from schemas.push import PushAnswer
from server.auth.attempts import Attempts
from server.auth.devices import CALLED, Device, claimed_epoch
from server.clock import Clock
from server.database import Database
from server.encoding import compressed, unpacked
from server.jobs import Jobs
from server.marker import Marker
from server.pokes import Pokes
from server.push import Resolve
from server.push import push as push_ops
from server.reports.making import watch
from server.rewind import answered_to
from server.store import grants
from server.store.installation import Installation
from server.taken_back import begin_after, heeded
from server.telemetry import Metrics
from sync.lines import Parsed, read_push
from sync.plan import Origin
from sync.position import Acked, seal
from sync.rewind import Rewound


@post(
    "/sync/v1/push",
    operation_id="push",
    status_code=HTTP_200_OK,
    dependencies=CALLED,
    request_max_body_size=PUSH_BYTES_MAX,
    media_type="application/json",
)
async def push(
    request: Request[object, object, State],
    device: NamedDependency[Device],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
    marker: NamedDependency[Marker],
    claims: NamedDependency[Attempts],
    metrics: NamedDependency[Metrics],
    jobs: NamedDependency[Jobs],
) -> Response[bytes]:
    """Take a device's ops, NDJSON: a header line, then one op a line.

    Safe to repeat. Under another epoch than the server's nothing is processed.
    """
    header, lines = read_push(unpacked(request.headers, await request.body()))
    acked = answered_to(header.last_acked, device.lineage, installation)
    installation = await heeded(
        database,
        clock,
        marker,
        installation,
        claimed=claimed_epoch(device, claims, header.epoch, installation=installation, acked=acked),
        sealed=acked.epoch if acked else 0,
    )
    if header.epoch != installation.epoch:
        return answer(request, other_epoch(device, installation))
    try:
        done = await push_ops(
            database,
            clock,
            sender(device),
            lines,
            first_n=header.first_n,
            epoch=installation.epoch,
            acked=acked,
        )
    except Rewound:
        installation = await begin_after(database, clock, marker, installation)
        return answer(request, other_epoch(device, installation))
    pokes.tell(done.heads)
    if visits := visits_written(lines, done.outcomes):
        # A device that is not answered sends them again, so that no end of a visit is missed.
        async with database.write() as tx:
            for id_ in visits:
                await watch(jobs, tx, id_, "visit")
    for name, count in Counter(outcome.outcome for outcome in done.outcomes).items():
        metrics.outcomes.labels(name).inc(count)
    return answer(
        request,
        PushAnswer(
            epoch=installation.epoch,
            outcomes=done.outcomes,
            heads=done.heads,
            last_acked=sealed_n(device, installation, done.last_n),
            backed_up_to=done.backed_up_to or None,
            void=done.void,
        ),
    )


def visits_written(lines: Sequence[Parsed], outcomes: Sequence[Outcome]) -> set[UUID]:
    """The visits that were written: one that has ended may have its report now."""
    return {
        line.op.record
        for line, outcome in zip(lines, outcomes, strict=False)
        if line.op is not None and line.op.kind == "visit" and outcome.outcome == "applied"
    }


def other_epoch(device: Device, installation: Installation) -> PushAnswer:
    """Nothing was processed. The device goes on from the first number, with a seal to show."""
    return PushAnswer(epoch=installation.epoch, last_acked=sealed_n(device, installation, 0))


def sealed_n(device: Device, installation: Installation, n: int) -> str:
    return seal(Acked(device.lineage, installation.epoch, n), installation.seal_key)


def sender(device: Device) -> Resolve:
    """The device as a writer, with the scopes that it holds at the moment it is asked."""

    async def resolve(tx: AsyncConnection) -> Origin:
        held = await grants.load_scopes(tx, device_id=device.id, person_id=device.person)
        return Origin(
            kind="device",
            lineage=device.lineage,
            person=device.person,
            device=device.id,
            scopes=frozenset(held),
            draining=device.is_draining,
        )

    return resolve


def answer(request: Request[object, object, State], body: PushAnswer) -> Response[bytes]:
    content, headers = compressed(request.headers, msgspec.json.encode(body))
    return Response(content, media_type="application/json", headers=headers)
