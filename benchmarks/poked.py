"""What others learn of a push: how soon (row 7), and ten thousand devices at once (row 9).

Rule: real sockets to one server process, from a client that does nothing but wait and count.
"""

import asyncio
import re
import resource
import threading
import time
from collections.abc import Iterator, Sequence

import uvloop

from benchmarks import work
from benchmarks.figures import Figure, Sample, Size, figure, p99
from benchmarks.house import Plot, Store, credential
from benchmarks.process import Served, served
from benchmarks.pulls import END, pull, pull_all
from benchmarks.pushes import PUSH_MS_MAX, Push, middle
from benchmarks.wire import Connection, Events

DEVICES_PER_SITE = 100
SPARE_FILES = 200  # That a process has open besides its connections.
CONNECTING_AT_ONCE = 64
POKE_SECONDS_MAX = 10.0  # A poke that has not come by then is missed.
HEAD = re.compile(rb'"head":(\d+)')


def latency(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 7: from the first byte of a push to the last byte of another device's pull."""
    if "7" not in wanted:
        return
    yard = work.HOME
    url = store.copy(Plot(size.pulls))
    seconds = []
    with (
        served(url) as server,
        Connection(server.port, credential(yard.second)) as http,
        Events(server.port, credential(yard.second)) as events,
    ):
        *_, token = pull_all(http, 5_000)
        events.next()  # That it listens.
        for number, op in enumerate(work.first_ops(yard, size.pulls)):
            push = Push(yard.first, [work.body([op], number + 1)])
            sending = threading.Thread(target=push.send, args=[server])
            begun = time.perf_counter()
            sending.start()
            body = b""
            while body.count(b"\n") < 3:  # A server that has just begun pokes once for nothing.
                while b"event: poke" not in events.next():
                    pass
                body = pull(http, token, 1_000)
            seconds.append(time.perf_counter() - begun)
            sending.join()
            token = END.decode(body[body.rfind(b"\n", 0, -1) + 1 :]).token
    yield figure(
        f"7.{store.name.lower()}",
        f"push, poke, pulled by another device, {store.name}",
        "ms",
        [Sample(middle(seconds))],
        target=15,
        bound="value ≤",
    )


# --- Ten thousand devices ---


class Ear(asyncio.Protocol):
    """One device that listens: the last head that it was told of."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.is_listening, self.is_closed = loop.create_future(), loop.create_future()
        self.transport: asyncio.BaseTransport | None = None
        self.head = 0
        self.told = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.is_listening.done() and b": listening" in data:
            self.is_listening.set_result(None)
        for found in HEAD.findall(data):
            self.head = max(self.head, int(found))
            self.told.set()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.is_listening.done():
            self.is_listening.set_exception(ConnectionError("the server closed the stream"))
        self.is_closed.set_result(None)

    async def hang_up(self) -> None:
        """Close the stream, and wait until it is: the loop must not end before."""
        if self.transport is not None:
            self.transport.close()
            await self.is_closed

    async def beyond(self, head: int) -> None:
        """Wait for a later head than this one."""
        while self.head <= head:
            self.told.clear()
            await self.told.wait()


def fitting(devices: int) -> int:
    """How many devices this machine lets one process hold; the limit is raised for that."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = most if most != resource.RLIM_INFINITY else devices + SPARE_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
    return min(devices, soft - SPARE_FILES)


async def connect(port: int, senders: Sequence[work.Sender]) -> list[Ear]:
    """Open an event stream for each device, some at a time."""
    loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one(sender: work.Sender) -> Ear:
        request = (
            "GET /sync/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {credential(sender)}\r\n\r\n"
        )
        async with turn:
            transport, ear = await loop.create_connection(Ear, "127.0.0.1", port)
            transport.write(request.encode())
            await ear.is_listening
        return ear

    return list(await asyncio.gather(*map(one, senders)))


class Connected:
    """What was seen while all were connected."""

    def __init__(self) -> None:
        self.seconds: list[float] = []  # Of each push.
        self.missed = 0
        self.resident_mib = 0.0


async def listen_and_push(
    server: Served, plot: Plot, every_seconds: float, for_seconds: float
) -> Connected:
    """All listen; at each turn a device of the next site pushes; who missed it is counted."""
    seen, yards = Connected(), plot.yards()
    places = range(1, plot.devices + 1)
    ears = await connect(server.port, [yard.sender(i) for yard in yards for i in places])
    ops = [work.first_ops(yard, plot.records) for yard in yards]
    for turn in range(max(1, int(for_seconds / every_seconds))):
        begun, at = time.perf_counter(), turn % len(yards)
        near = ears[at * plot.devices : (at + 1) * plot.devices]
        before = [ear.head for ear in near]
        body = work.body([next(ops[at])], turn // len(yards) + 1)
        push = Push(yards[at].first, [body])
        seen.seconds += await asyncio.to_thread(push.send, server)
        hearing = [
            asyncio.ensure_future(ear.beyond(was)) for ear, was in zip(near, before, strict=True)
        ]
        _, deaf = await asyncio.wait(hearing, timeout=POKE_SECONDS_MAX)
        seen.missed += len(deaf)
        for one in deaf:
            one.cancel()
        await asyncio.sleep(max(0.0, begun + every_seconds - time.perf_counter()))
    seen.resident_mib = server.most_resident_mib()
    await asyncio.gather(*(ear.hang_up() for ear in ears))
    return seen


def connected(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 9, on PostgreSQL: one device in a hundred pushes once a minute."""
    if store.name != "PostgreSQL" or "9" not in wanted:
        return
    count = fitting(size.devices)
    each = min(DEVICES_PER_SITE, count)
    plot = Plot(work.ASSETS, sites=count // each, devices=each)
    every = min(60 / (count / 100), size.seconds)
    with (
        served(store.copy(plot)) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        seen = runner.run(listen_and_push(server, plot, every, size.seconds))
    what = f"{count:,} devices connected, {len(seen.seconds)} pushes in {size.seconds:g} s"
    if count < size.devices:
        what += f" (a process may open {count + SPARE_FILES:,} files here)"
    for name, unit, value, target in (
        ("missed", "pokes", float(seen.missed), 0),
        ("p99", "ms", p99(seen.seconds), PUSH_MS_MAX),
        ("memory", "MiB", seen.resident_mib, 1_536),
    ):
        yield figure(
            f"9.postgresql.{name}",
            f"{what}: {name}",
            unit,
            [Sample(value)],
            target=target,
            bound="value ≤",
        )
