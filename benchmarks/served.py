"""The server as it is served, with two routes more: what a request costs that does nothing, and
what it costs to write a body to a file.

Rule: `python -m benchmarks.served` differs from `python -m server serve` by these routes alone.
"""

import asyncio
import os
from pathlib import Path

from litestar import Request, Response, get, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from schemas.base import ATTACHMENT_BYTES_MAX
from server.app import create_app
from server.auth.devices import Device
from server.clock import SystemClock
from server.commands.terminal import say
from server.opening import opened, prepare, run_loop
from server.runner import Server, configure, listen
from server.settings import Settings, load_settings
from server.telemetry import configure_logging

CONSTANT = "/constant"
PLAIN = "/plain"
LOT_BYTES = 1024 * 1024


@get(CONSTANT, media_type="application/octet-stream")
async def constant(device: NamedDependency[Device]) -> bytes:
    """Answer every device the same, after the same check of which one it is."""
    return device.id.bytes


@put(f"{PLAIN}/{{number:int}}", status_code=204, request_max_body_size=ATTACHMENT_BYTES_MAX)
async def plain(
    number: FromPath[int],
    request: Request[object, object, State],
    device: NamedDependency[Device],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """Write a body to a file as it comes, in lots of 1 MiB, and have it on the disk."""
    folder = settings.data_dir / "plain"
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    draft = folder / f"{device.id}-{number}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    lot: list[bytes] = []
    waiting = 0
    async for piece in request.stream():
        lot.append(piece)
        waiting += len(piece)
        if waiting >= LOT_BYTES:
            await asyncio.to_thread(os.writev, handle, lot)
            lot, waiting = [], 0
    await asyncio.to_thread(finish, handle, lot, draft, draft.with_suffix(""))
    return Response(None, status_code=204)


def finish(handle: int, lot: list[bytes], draft: Path, file: Path) -> None:
    os.writev(handle, lot)
    os.fsync(handle)
    os.close(handle)
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


async def main() -> int:
    settings, clock = load_settings(), SystemClock()
    configure_logging(settings)
    async with opened(settings) as database:
        await prepare(settings, database, clock)
        with listen(settings) as listening:
            port = listening.getsockname()[1]
            app = create_app(settings, database, clock)
            app.register(constant)
            app.register(plain)
            server = Server(
                configure(app, settings),
                stopping=app.state.stopping,
                on_ready=lambda: say(f"READY {port}"),
            )
            await server.serve(sockets=[listening])
    return 0


if __name__ == "__main__":
    run_loop(main())
