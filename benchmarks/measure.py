"""What is measured, and how. Rule: ours and its floor alternate in one run; medians decide."""

import time
from collections.abc import Iterator
from statistics import median

import msgspec
from msgspec import Struct

from benchmarks import work
from benchmarks.floors import Floor, Rows, floor
from benchmarks.house import Store, credential
from benchmarks.process import Served, served
from benchmarks.served import CONSTANT
from benchmarks.wire import Connection
from schemas.pull import End, PullRequest
from schemas.push import PushAnswer

BATCHES = (1_000, 100)
PAGES = (1_000, 5_000)
QUIET_REQUESTS = 300
END = msgspec.json.Decoder(End)


class Figure(Struct, frozen=True):
    """One row of performance figures. `ratio` is ours to the floor, the median of each run's own.

    `target` bounds the ratio from below; of memory (`unit` MiB), value less floor from above.
    """

    id: str
    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    target: float | None
    met: bool | None


class Sample(Struct, frozen=True):
    """What one run of one row gave: ours, and the floor of that run."""

    value: float
    floor: float


Samples = dict[str, list[Sample]]

PUSH_ROWS = {("PostgreSQL", 1_000): "1", ("PostgreSQL", 100): "2"}
PUSH_TARGETS = {"1": (0.70, 0.60), "2": (0.55, 0.45), "2b": (0.45, 0.45)}
PULL_TARGETS = {1_000: 0.60, 5_000: 0.75}


# --- Push ---


class PushRun:
    """Pushes of one batch size: on a fresh copy ours, on another one the floor, again and again."""

    def __init__(self, store: Store, records: int, batch: int) -> None:
        self.store, self.batch, self.count = store, batch, records
        self.first = list(work.first_ops(records))
        self.second = list(work.second_ops(records))
        self.rows: tuple[tuple[Rows, ...], tuple[Rows, ...]] | None = None

    def once(self) -> tuple[Sample, Sample, str]:
        """First results and second edits, and the database that ours was left with."""
        url = self.store.copy()
        with served(url) as server:
            first = self.push(server, work.FIRST, self.first)
            made = self.rows[0] if self.rows else floor(url).rows_of(work.FIRST.lineage)
            second = self.push(server, work.SECOND, self.second)
            edited = self.rows[1] if self.rows else floor(url).rows_of(work.SECOND.lineage)
        self.rows = made, edited
        bare = floor(self.store.copy())
        floors = bare.write(made, self.batch), bare.write(edited, self.batch)
        return (
            Sample(self.count / first, self.count / floors[0]),
            Sample(self.count / second, self.count / floors[1]),
            url,
        )

    def push(self, server: Served, sender: work.Sender, ops: list[bytes]) -> float:
        """Seconds for all of `ops`. Raises when one was not applied: that would be less work."""
        bodies = work.pushes(ops, self.batch)
        with Connection(server.port, credential(sender)) as http:
            begun = time.perf_counter()
            answers = [http.post("/sync/v1/push", body) for body in bodies]
            seconds = time.perf_counter() - begun
        for answer in answers:
            for outcome in msgspec.json.decode(answer, type=PushAnswer).outcomes:
                if outcome.outcome != "applied":
                    raise RuntimeError(f"the work is not what it should be: {outcome}")
        return seconds


# --- Pull ---


def pull_all(http: Connection, limit: int) -> tuple[int, str]:
    """A first sync, page after page: how many rows came, and the last token."""
    count, token, more = 0, None, True
    while more:
        asked = PullRequest(epoch=work.EPOCH, token=token, limit=limit)
        body = http.post("/sync/v1/pull", msgspec.json.encode(asked))
        count += body.count(b"\n") - 2
        end = END.decode(body[body.rfind(b"\n", 0, -1) + 1 :])
        token, more = end.token, end.more
    assert token is not None
    return count, token


def first_sync(server: Served, bare: Floor, limit: int) -> Sample:
    with Connection(server.port, credential(work.FIRST)) as http:
        begun = time.perf_counter()
        count, _ = pull_all(http, limit)
        seconds = time.perf_counter() - begun
    rows, floor_seconds = bare.read(limit)
    return Sample(count / seconds, rows / floor_seconds)


def nothing_new(server: Served) -> Sample:
    """Pulls at the head against requests for a constant, a second's worth of each."""
    with Connection(server.port, credential(work.FIRST)) as http:
        _, token = pull_all(http, max(PAGES))
        asked = msgspec.json.encode(PullRequest(epoch=work.EPOCH, token=token))
        begun = time.perf_counter()
        for _ in range(QUIET_REQUESTS):
            http.post("/sync/v1/pull", asked)
        between = time.perf_counter()
        for _ in range(QUIET_REQUESTS):
            http.get(CONSTANT)
        ended = time.perf_counter()
    return Sample(QUIET_REQUESTS / (between - begun), QUIET_REQUESTS / (ended - between))


def memory(url: str) -> Sample:
    """Resident MiB after a first sync, and before it."""
    with served(url) as server, Connection(server.port, credential(work.FIRST)) as http:
        http.get(CONSTANT)
        idle = server.resident_mib()
        pull_all(http, PAGES[0])
        return Sample(server.resident_mib(), idle)


# --- The table ---


def measure(store: Store, records: int, runs: int) -> Iterator[Figure]:
    """Every row on one kind of database."""
    url = ""
    for batch in BATCHES:
        run, samples = PushRun(store, records, batch), []
        for _ in range(runs):
            *both, left = run.once()
            samples.append(both)
            url = url or left
        row = PUSH_ROWS.get((store.name, batch), "2b")
        for which, what in enumerate(("first result", "second edit")):
            yield figure(
                f"{row}.{store.name.lower()}.{batch}.{what.split()[0]}",
                f"push {batch:,}, {store.name}, {what}",
                "records/s",
                [both[which] for both in samples],
                target=PUSH_TARGETS[row][which],
            )
    yield from measure_pulls(store, url, runs)


def measure_pulls(store: Store, url: str, runs: int) -> Iterator[Figure]:
    with served(url) as server:
        bare = floor(url)
        for limit in PAGES:
            yield figure(
                f"3.{store.name.lower()}.{limit}",
                f"first sync, pages of {limit:,}, {store.name}, uncompressed",
                "records/s",
                [first_sync(server, bare, limit) for _ in range(runs)],
                target=PULL_TARGETS[limit],
            )
        yield figure(
            f"5.{store.name.lower()}",
            f"pull when nothing changed, {store.name}",
            "requests/s",
            [nothing_new(server) for _ in range(runs)],
            target=0.60,
        )
    yield memory_figure(store, [memory(url) for _ in range(runs)])


def figure(id_: str, name: str, unit: str, samples: list[Sample], *, target: float) -> Figure:
    ratio = median(one.value / one.floor for one in samples)
    return Figure(
        id=id_,
        name=name,
        value=round(median(one.value for one in samples), 1),
        unit=unit,
        floor=round(median(one.floor for one in samples), 1),
        ratio=round(ratio, 3),
        target=target,
        met=ratio >= target,
    )


def memory_figure(store: Store, samples: list[Sample]) -> Figure:
    """Target: a first sync adds 64 MiB at most to what the idle server holds."""
    added = median(one.value - one.floor for one in samples)
    return Figure(
        id=f"6.{store.name.lower()}",
        name=f"server memory after a first sync (floor: idle), {store.name}",
        value=round(median(one.value for one in samples), 1),
        unit="MiB",
        floor=round(median(one.floor for one in samples), 1),
        ratio=None,
        target=64,
        met=added <= 64,
    )
