"""A TCP proxy that cuts connections after so many bytes, in either direction."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fixtures.process import free_port

CHUNK = 4096
UP_BYTES_MAX = 6_000  # A request of a batch is about half of it, so that some get through.
DOWN_BYTES_MAX = 12_000


@dataclass
class Proxy:
    """Every connection gets two limits by chance, until `is_calm`."""

    upstream: int
    chance: random.Random
    up_bytes_max: int = UP_BYTES_MAX
    port: int = field(default_factory=free_port)
    is_calm: bool = False
    cuts: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.carry(reader, far_writer, self.up_bytes_max))
                tasks.create_task(self.carry(far_reader, writer, DOWN_BYTES_MAX))
        except* (ConnectionError, EOFError):
            """One way has ended, so the other one did."""
        finally:
            # Not closed but reset: as a network does it, in the middle of whatever was said.
            writer.transport.abort()
            far_writer.transport.abort()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bytes_max: int
    ) -> None:
        """Carry bytes one way. Ends by an error, so that the other way ends too."""
        left = self.chance.randrange(bytes_max)
        while data := await reader.read(CHUNK):
            if not self.is_calm and len(data) > left:
                writer.write(data[:left])
                await writer.drain()
                self.cuts += 1
                raise EOFError
            left -= len(data)
            writer.write(data)
            await writer.drain()
        raise EOFError


@asynccontextmanager
async def cutting(
    upstream: int, *, seed: int, up_bytes_max: int = UP_BYTES_MAX
) -> AsyncGenerator[Proxy]:
    proxy = Proxy(upstream, random.Random(seed), up_bytes_max)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", proxy.port)
    try:
        yield proxy
    finally:
        server.close()
