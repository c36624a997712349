"""The bytes of one request on their way into an upload. Rule: one request at a time writes one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from server.spool import LOT_BYTES, PART_BYTES, Spooled
from sync import upload
from sync.upload import Append
from sync.upload_headers import Digesting

IDLE_SECONDS = 60.0  # Between two pieces of one request; then it is as good as cut.


class Turn:
    """The request that writes an upload. Another may ask it to stop."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.is_wanted = False
        self._waiting: asyncio.Timeout | None = None

    def give_way(self) -> None:
        """Stop reading, now or after the piece that is being written."""
        self.is_wanted = True
        if self._waiting is not None:
            with suppress(RuntimeError):  # It ended by itself just now.
                self._waiting.reschedule(asyncio.get_running_loop().time())

    async def pieces(self, body: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """The pieces of a body as they come. Raises `TimeoutError` when it has to stop."""
        while not self.is_wanted:
            async with asyncio.timeout(IDLE_SECONDS) as self._waiting:
                try:
                    piece = await anext(body)
                except StopAsyncIteration:
                    return
            yield piece
        raise TimeoutError


class Taking:
    """The bytes of one request on their way into the spool, in lots."""

    def __init__(self, spooled: Spooled, append: Append, checking: Digesting | None) -> None:
        self._spooled, self._append, self._checking = spooled, append, checking
        self._lot: list[bytes] = []
        self._lot_bytes = self._unkept = 0
        self.count = 0

    async def take(self, piece: bytes) -> None:
        """Raise `PastTheEnd` where it is too much; then nothing of this request counts."""
        try:
            upload.demand_room(self._append, self.count + len(piece))
        except upload.PastTheEnd:
            await self._spooled.cut(self._append.offset)
            raise
        self.count += len(piece)
        self._lot.append(piece)
        self._lot_bytes += len(piece)
        if self._lot_bytes >= LOT_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits. What a checksum vouches for is not counted on before its end."""
        if not self._lot:
            return
        lot, self._lot = self._lot, []
        self._unkept += self._lot_bytes
        self._lot_bytes = 0
        await self._spooled.write(lot, self._checking)
        if self._checking is None and self._unkept >= PART_BYTES:
            await self._spooled.keep()
            self._unkept = 0
