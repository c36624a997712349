"""Pushes: by one client (rows 1, 2, 2b), and by eight at once to one and two servers (2c, 10).

Rule: on a fresh copy ours, on another one the floor, again and again.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median

import msgspec
from msgspec import Struct

from benchmarks import work
from benchmarks.figures import Figure, Sample, Size, figure, p99
from benchmarks.floors import Rows, floor
from benchmarks.house import Plot, Store, credential
from benchmarks.process import Served, served
from benchmarks.wire import Connection
from schemas.push import PushAnswer

BATCHES = (1_000, 100)
ROWS = {("PostgreSQL", 1_000): "1", ("PostgreSQL", 100): "2"}
TARGETS = {"1": (0.70, 0.60), "2": (0.55, 0.45), "2b": (0.45, 0.45)}
CLIENTS, CROWD_BATCH = 8, 100
PUSH_MS_MAX = 250


class Push(Struct, frozen=True):
    """The pushes of one device: their bodies, and who sends them."""

    sender: work.Sender
    bodies: Sequence[bytes]

    def send(self, server: Served) -> list[float]:
        """Send them one after the other; the seconds of each.

        Raises when an op was not applied: that would be less work.
        """
        answers, seconds = [], []
        with Connection(server.port, credential(self.sender)) as http:
            for body in self.bodies:
                begun = time.perf_counter()
                answers.append(http.post("/sync/v1/push", body))
                seconds.append(time.perf_counter() - begun)
        for answer in answers:
            for outcome in msgspec.json.decode(answer, type=PushAnswer).outcomes:
                if outcome.outcome != "applied":
                    raise RuntimeError(f"the work is not what it should be: {outcome}")
        return seconds


class Serial:
    """First results and second edits of one batch size, by one client."""

    def __init__(self, store: Store, records: int, batch: int) -> None:
        self.store, self.batch, self.count = store, batch, records
        self.plot = Plot(records)
        yard = work.HOME
        self.first = Push(yard.first, work.pushes(list(work.first_ops(yard, records)), batch))
        self.second = Push(yard.second, work.pushes(list(work.second_ops(yard, records)), batch))
        self.rows: tuple[tuple[Rows, ...], tuple[Rows, ...]] | None = None

    def once(self) -> tuple[Sample, Sample]:
        url = self.store.copy(self.plot)
        with served(url) as server:
            first = sum(self.first.send(server))
            made = self.rows[0] if self.rows else floor(url).rows_of(self.first.sender.lineage)
            second = sum(self.second.send(server))
            edited = self.rows[1] if self.rows else floor(url).rows_of(self.second.sender.lineage)
        self.rows = made, edited
        bare = floor(self.store.copy(self.plot))
        floors = bare.write([made], self.batch), bare.write([edited], self.batch)
        return (
            Sample(self.count / first, self.count / floors[0]),
            Sample(self.count / second, self.count / floors[1]),
        )


def serial(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Rows 1 and 2 on PostgreSQL, 2b on SQLite."""
    for batch in BATCHES:
        row = ROWS.get((store.name, batch), "2b")
        if row not in wanted:
            continue
        run = Serial(store, size.records, batch)
        samples = [run.once() for _ in range(size.runs)]
        for which, what in enumerate(("first result", "second edit")):
            yield figure(
                f"{row}.{store.name.lower()}.{batch}.{what.split()[0]}",
                f"push {batch:,}, {store.name}, {what}",
                "records/s",
                [both[which] for both in samples],
                target=TARGETS[row][which],
            )


class Crowd:
    """Eight clients at eight sites, in batches of 100, to as many servers on one database."""

    def __init__(self, store: Store, records: int) -> None:
        self.store, self.plot = store, Plot(records, sites=CLIENTS)
        self.count = records * CLIENTS
        self.pushes = [
            Push(yard.first, work.pushes(list(work.first_ops(yard, records)), CROWD_BATCH))
            for yard in self.plot.yards()
        ]
        self.rows: list[tuple[Rows, ...]] | None = None

    def once(self, servers: int) -> tuple[float, float]:
        """Records a second, and the 99th percentile of a push in milliseconds."""
        url = self.store.copy(self.plot)
        with ExitStack() as stack:
            running = [stack.enter_context(served(url)) for _ in range(servers)]
            with ThreadPoolExecutor(CLIENTS) as pool:
                begun = time.perf_counter()
                each = list(
                    pool.map(lambda one: one[1].send(running[one[0] % servers]), self.numbered())
                )
                seconds = time.perf_counter() - begun
            if self.rows is None:
                self.rows = [floor(url).rows_of(push.sender.lineage) for push in self.pushes]
        return self.count / seconds, p99([one for some in each for one in some])

    def numbered(self) -> Iterator[tuple[int, Push]]:
        return enumerate(self.pushes)

    def bare(self) -> float:
        """Records a second of the floor, with as many connections as there are clients."""
        assert self.rows is not None
        return self.count / floor(self.store.copy(self.plot)).write(self.rows, CROWD_BATCH)


def crowd(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Rows 2c and 10: on PostgreSQL, which alone serves more than one process."""
    if store.name != "PostgreSQL" or not wanted & {"2c", "10"}:
        return
    run = Crowd(store, size.crowd_records)
    runs = [((run.once(1), run.once(2)), run.bare()) for _ in range(size.runs)]
    if "2c" in wanted:
        for which, (name, target) in enumerate((("one", 0.45), ("two", 0.60))):
            yield figure(
                f"2c.postgresql.{name}",
                f"push 100, {CLIENTS} clients at as many sites, {name} server"
                f"{'s' if which else ''}, PostgreSQL",
                "records/s",
                [Sample(ours[which][0], bare) for ours, bare in runs],
                target=target,
            )
            yield figure(
                f"2c.postgresql.{name}.p99",
                f"the same, the slowest push in a hundred, {name} server{'s' if which else ''}",
                "ms",
                [Sample(ours[which][1]) for ours, _ in runs],
                target=PUSH_MS_MAX,
                bound="value ≤",
            )
    if "10" in wanted:
        yield figure(
            "10.postgresql",
            "two servers on one PostgreSQL (floor: one)",
            "records/s",
            [Sample(two[0], one[0]) for (one, two), _ in runs],
            target=1.4,
        )


def memory(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 6, its second half: what a long push leaves behind."""
    if "6" not in wanted:
        return
    count = size.memory_records
    url = store.copy(Plot(count))
    ops = work.pushes(list(work.first_ops(work.HOME, count)), BATCHES[0])
    with served(url) as server:
        Push(work.HOME.first, ops[:1]).send(server)
        idle = server.resident_mib()
        Push(work.HOME.first, ops[1:]).send(server)
        most = server.most_resident_mib()
    yield figure(
        f"6.{store.name.lower()}.push",
        f"server memory, push of {count:,} records (floor: after the first page), {store.name}",
        "MiB",
        [Sample(most, idle)],
        target=64,
        bound="added ≤",
    )


def filled(store: Store, plot: Plot) -> str:
    """The address of a database in which the first results of every site are."""
    url = store.copy(plot)
    with served(url) as server:
        for yard in plot.yards():
            Push(yard.first, work.pushes(list(work.first_ops(yard, plot.records)), 1_000)).send(
                server
            )
    return url


def middle(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return median(seconds) * 1_000
