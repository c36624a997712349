"""Pulls: a first sync (rows 3, 3b), one change (4), nothing new (5), memory (6).

Rule: ours and the floor alternate on one database.
"""

import time
from collections.abc import Iterator

import msgspec
import zstandard

from benchmarks import work
from benchmarks.figures import Figure, Sample, Size, figure
from benchmarks.floors import Floor, floor
from benchmarks.house import Plot, Store, credential
from benchmarks.large import grow
from benchmarks.process import Served, served
from benchmarks.pushes import Push, filled, memory, middle
from benchmarks.served import CONSTANT
from benchmarks.wire import Connection
from schemas.pull import End, PullRequest

END = msgspec.json.Decoder(End)
TARGETS = (0.60, 0.75)  # Of pages of 1,000, and of 5,000.
SMALL = 10_000  # Records in the small database of row 4.


def pull(http: Connection, token: str | None, limit: int) -> bytes:
    asked = PullRequest(epoch=work.EPOCH, token=token, limit=limit)
    return http.post("/sync/v1/pull", msgspec.json.encode(asked))


def pull_all(http: Connection, limit: int) -> tuple[int, int, str]:
    """A first sync, page after page: how many rows and bytes came, and the last token."""
    rows, size, token, more = 0, 0, None, True
    while more:
        body = pull(http, token, limit)
        size += len(body)
        if body.startswith(zstandard.FRAME_HEADER):
            body = zstandard.ZstdDecompressor().decompress(body)
        rows += body.count(b"\n") - 2
        end = END.decode(body[body.rfind(b"\n", 0, -1) + 1 :])
        token, more = end.token, end.more
    assert token is not None
    return rows, size, token


def first_sync(server: Served, bare: Floor, limit: int) -> Sample:
    with Connection(server.port, credential(work.HOME.first)) as http:
        begun = time.perf_counter()
        rows, _, _ = pull_all(http, limit)
        seconds = time.perf_counter() - begun
    count, floor_seconds = bare.read(limit)
    return Sample(rows / seconds, count / floor_seconds)


def packed(server: Served, limit: int) -> tuple[Sample, Sample]:
    """The same, packed by zstd: records a second, unpacking included, and bytes of each."""
    with Connection(server.port, credential(work.HOME.first), "zstd") as http:
        begun = time.perf_counter()
        rows, size, _ = pull_all(http, limit)
        return Sample(rows / (time.perf_counter() - begun)), Sample(size / rows)


def nothing_new(server: Served, requests: int) -> Sample:
    """Pulls at the head against requests for a constant."""
    with Connection(server.port, credential(work.HOME.first)) as http:
        *_, token = pull_all(http, 5_000)
        begun = time.perf_counter()
        for _ in range(requests):
            pull(http, token, 1_000)
        between = time.perf_counter()
        for _ in range(requests):
            http.get(CONSTANT)
        ended = time.perf_counter()
    return Sample(requests / (between - begun), requests / (ended - between))


def after_first_sync(url: str, limit: int) -> Sample:
    """The most resident MiB of a first sync, and before it."""
    with served(url) as server, Connection(server.port, credential(work.HOME.first)) as http:
        http.get(CONSTANT)
        idle = server.resident_mib()
        pull_all(http, limit)
        return Sample(server.most_resident_mib(), idle)


def measure(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Rows 3, 3b, 5 and 6 on one kind of database."""
    if not wanted & {"3", "3b", "5", "6"}:
        return
    url, name = filled(store, Plot(size.records)), store.name.lower()
    with served(url) as server:
        bare = floor(url)
        for limit, target in zip(size.pages if "3" in wanted else (), TARGETS, strict=False):
            yield figure(
                f"3.{name}.{limit}",
                f"first sync, pages of {limit:,}, {store.name}, uncompressed",
                "records/s",
                [first_sync(server, bare, limit) for _ in range(size.runs)],
                target=target,
            )
        if "3b" in wanted:
            yield from packed_figures(store, server, size)
        if "5" in wanted:
            yield figure(
                f"5.{name}",
                f"pull when nothing changed, {store.name}",
                "requests/s",
                [nothing_new(server, size.quiet_requests) for _ in range(size.runs)],
                target=0.60,
            )
    if "6" in wanted:
        yield figure(
            f"6.{name}.pull",
            f"server memory, first sync of {size.records:,} records (floor: idle), {store.name}",
            "MiB",
            [after_first_sync(url, size.pages[0]) for _ in range(size.runs)],
            target=64,
            bound="added ≤",
        )
    yield from memory(store, size, wanted)


def packed_figures(store: Store, server: Served, size: Size) -> Iterator[Figure]:
    limit = size.pages[1]
    runs = [packed(server, limit) for _ in range(size.runs)]
    what = f"first sync, pages of {limit:,}, {store.name}, zstd"
    name = f"3b.{store.name.lower()}"
    speeds, sizes = [one[0] for one in runs], [one[1] for one in runs]
    yield figure(f"{name}.speed", what, "records/s", speeds, target=150_000, bound="value ≥")
    yield figure(f"{name}.bytes", what, "bytes/record", sizes, target=120, bound="value ≤")


# --- One change in a large database ---


def one_change(url: str, pulls: int, first_n: int) -> float:
    """The median of a pull of one change, in milliseconds."""
    yard = work.HOME
    edits = list(work.second_ops(yard, first_n + pulls))[first_n:]
    seconds = []
    with (
        served(url) as server,
        Connection(server.port, credential(yard.first)) as http,
    ):
        *_, token = pull_all(http, 5_000)
        for position, op in enumerate(edits):
            Push(yard.second, [work.body([op], first_n + position + 1)]).send(server)
            begun = time.perf_counter()
            body = pull(http, token, 1_000)
            seconds.append(time.perf_counter() - begun)
            if body.count(b"\n") < 3:
                raise RuntimeError("the change did not come")
            token = END.decode(body[body.rfind(b"\n", 0, -1) + 1 :]).token
    return middle(seconds)


def large(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 4: one site of 10,000 records among many of other sites, and alone."""
    if "4" not in wanted:
        return
    records = min(SMALL, size.large // 2)
    small = filled(store, Plot(records))
    big = filled(store, Plot(records))
    count = grow(big, times=size.large // records - 1)
    samples = [
        Sample(
            one_change(big, size.pulls, turn * size.pulls),
            one_change(small, size.pulls, turn * size.pulls),
        )
        for turn in range(size.runs)
    ]
    yield figure(
        f"4.{store.name.lower()}",
        f"pull of one change, {count:,} records, {store.name} (floor: {records:,})",
        "ms",
        samples,
        target=1.2,
        bound="ratio ≤",
    )
