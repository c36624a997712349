"""Pokes: who listens is told that a scope has something new. Rule: told after the commit, no data.

One hub per process. What a process writes it tells its own listeners at once; on PostgreSQL it
also sends NOTIFY over one connection that listens at the same time, so that every other process
tells its own. When that connection is lost, nothing is known any more: as soon as there is
another one, everybody is told the heads as they are, which makes them look. A reader that is
slow holds one number per scope, never a queue.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from schemas.base import STREAMS_MAX, STREAMS_PER_READER_MAX
from schemas.events import Poke
from server.database import Database
from server.errors import ServerError
from server.listening import Hearing, listen
from server.store import scopes
from sync.scopes import ORG

CHANNEL = "xunjian_pokes"
SCOPES_PER_NOTE_MAX = 80  # PostgreSQL takes 8,000 bytes in one NOTIFY.
NOTES_WAITING_MAX = 10_000
CONNECTION_CHECK_SECONDS = 30.0

log = structlog.get_logger()


class TooManyStreams(ServerError):
    slug = "too-many-streams"
    title = "The server keeps no more open connections for changes; ask now and then instead"
    status = 503

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "60"}


class Note(Struct, frozen=True, array_like=True):
    """What processes tell each other. `readers` are told whatever scopes they named."""

    heads: dict[str, int]
    readers: tuple[UUID, ...] = ()


NOTES = msgspec.json.Decoder(Note)


class Listener:
    """One open connection of a device or a person, and what it was not told yet.

    `wanted` names its scopes; None is every scope (an administrator reads all).
    """

    def __init__(self, reader: UUID, wanted: Collection[str] | None) -> None:
        self.reader = reader
        self.wanted = None if wanted is None else frozenset(wanted)
        self.is_over = False
        self.is_leaving = False
        self._news: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._wake = asyncio.Event()

    def hear(self, heads: Mapping[str, int], *, anyway: bool = False) -> None:
        """Keep what concerns it; `anyway` also of scopes that it did not name."""
        for scope, head in heads.items():
            concerns = anyway or self.wanted is None or scope in self.wanted
            if concerns and head > self._told.get(scope, -1):
                self._told[scope] = self._news[scope] = head
        if self._news:
            self._wake.set()

    def forget(self) -> None:
        """Let everything be told again: something may have been missed."""
        self._told.clear()

    def leave(self) -> None:
        """End after what it has heard so far: its scopes have changed, let it come back."""
        self.is_leaving = True
        self._wake.set()

    def end(self) -> None:
        self.is_over = True
        self._wake.set()

    async def news(self, *, within_seconds: float) -> tuple[Poke, ...]:
        """Wait for news; nothing after `within_seconds`, or when it is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._wake.wait()
        self._wake.clear()
        news, self._news = self._news, {}
        return tuple(Poke(scope=scope, head=head) for scope, head in news.items())


class Pokes:
    """The hub. `running` has to be entered for other processes to be heard and told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: OrderedDict[int, Listener] = OrderedDict()
        self._notes: asyncio.Queue[str] = asyncio.Queue(NOTES_WAITING_MAX)
        self._unsent: str | None = None  # Taken from the queue, and not sent for certain.
        self._is_over = False

    def tell(self, heads: Mapping[str, int], *, readers: Collection[UUID] = ()) -> None:
        """Tell, after a commit, the heads that it moved. Never waits and never fails.

        `readers` (devices, people) hold other scopes from now on. They are told these heads
        although they may not have named them, and then their streams end: who comes back is
        asked anew what it holds, and hears nothing more of what it lost.
        """
        if not heads and not readers:
            return
        self._tell_here(heads, readers)
        if self._database.is_sqlite:
            return
        for some in portions(heads) if heads else ({},):
            note = msgspec.json.encode(Note(some, tuple(readers))).decode()
            try:
                self._notes.put_nowait(note)
            except asyncio.QueueFull:  # The database was away for long; readers ask by themselves.
                log.warning("pokes.dropped")
                return

    def _tell_here(self, heads: Mapping[str, int], readers: Collection[UUID]) -> None:
        for listener in self._listeners.values():
            listener.hear(heads, anyway=listener.reader in readers)
            if listener.reader in readers:
                listener.leave()

    def demand_room(self, reader: UUID) -> None:
        """Raise `TooManyStreams` when there is room for no other reader: before an answer begins.

        One reader's streams make room for each other: the oldest ends.
        """
        own = [one for one in self._listeners.values() if one.reader == reader]
        if not own and len(self._listeners) >= STREAMS_MAX:
            raise TooManyStreams
        for one in own[: max(0, len(own) + 1 - STREAMS_PER_READER_MAX)]:
            one.end()

    @asynccontextmanager
    async def listen(
        self, reader: UUID, wanted: Collection[str] | None
    ) -> AsyncGenerator[Listener]:
        """Be told until the block ends.

        It begins with the heads as they are, so that nothing falls between the reader's last
        look and the first poke.
        """
        listener = Listener(reader, wanted)
        self._listeners[id(listener)] = listener
        try:
            async with self._database.read() as tx:
                states = await scopes.states(tx, {ORG} if wanted is None else wanted)
            listener.hear({id_: state.head for id_, state in states.items()})
            if self._is_over:
                listener.end()
            yield listener
        finally:
            self._listeners.pop(id(listener), None)

    @asynccontextmanager
    async def running(self, stopping: asyncio.Event) -> AsyncGenerator[None]:
        """Hear and tell other processes while the block runs; on SQLite there are none.

        Every stream ends when `stopping` is set, or the server would wait for its readers.
        """
        tasks = [asyncio.create_task(self._end_all(stopping))]
        if not self._database.is_sqlite:
            hearing = listen(
                self._database,
                CHANNEL,
                heard=self._heard,
                begun=self._tell_heads,
                serve=self._send_notes,
            )
            tasks.append(asyncio.create_task(hearing))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _end_all(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._is_over = True
        for listener in self._listeners.values():
            listener.end()

    async def _tell_heads(self) -> None:
        """Poke everybody with the heads as they are: what was missed is unknown."""
        asked = {ORG}.union(*(one.wanted or () for one in self._listeners.values()))
        async with self._database.read() as tx:
            states = await scopes.states(tx, asked)
        for listener in self._listeners.values():
            listener.forget()
            listener.hear({id_: state.head for id_, state in states.items()})

    async def _send_notes(self, hearing: Hearing) -> None:
        """Send what is queued until the connection is lost; a silent loss is noticed by asking."""
        lost = asyncio.create_task(hearing.lost.wait())
        waiting: asyncio.Task[str] | None = None
        try:
            while not lost.done():
                if self._unsent is not None:
                    await hearing.notify(self._unsent)
                    self._unsent = None
                waiting = waiting or asyncio.create_task(self._notes.get())
                done, _ = await asyncio.wait(
                    (lost, waiting),
                    timeout=CONNECTION_CHECK_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if waiting in done:
                    self._unsent, waiting = waiting.result(), None
                elif not done:
                    await hearing.check()
        finally:
            lost.cancel()
            if waiting is not None:
                waiting.cancel()

    def _heard(self, payload: str) -> None:
        """Tell the listeners here what another process (or this one) told."""
        with suppress(msgspec.DecodeError):
            note = NOTES.decode(payload)
            self._tell_here(note.heads, note.readers)


def portions(heads: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Split heads into what one NOTIFY takes."""
    items = sorted(heads.items())
    for start in range(0, len(items), SCOPES_PER_NOTE_MAX):
        yield dict(items[start : start + SCOPES_PER_NOTE_MAX])
