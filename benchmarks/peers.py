"""`./dev bench --peers`: other servers that sync, and ours among them, in one run.

Rule: one serial client sends all of them the same records and waits for each answer; what it
sends is made before the clock starts. The others are installed in a scratch folder by npm and pip,
with their default settings, and are gone afterwards. PouchDB merges nothing and its LevelDB does
not wait for the disk; Kinto stores on the same durable PostgreSQL as ours.
"""

import http.client
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from benchmarks import work
from benchmarks.house import (
    DURABLE,
    Plot,
    Store,
    credential,
    postgres_store,
    sqlite_store,
)
from benchmarks.process import served
from schemas.pull import End, PullRequest
from tests.fixtures.postgres import running_postgres
from tests.fixtures.process import Program, free_port

POUCHDB, KINTO = "4.2.0", "26.5.0"
BATCHES = (1_000, 100)
PAGE = 1_000
# Of each batch size; and then of all.
RECORDS, PULLED, PULLS = 4_000, 20_000, 50
RUNS = 3  # The medians of so many are given.
JSON = {"Content-Type": "application/json"}
RESULT = b'"kind":"inspection"'  # A line of ours; there are others, of what the office prepared.
REVISION = "1-" + "0" * 32  # A first one, as a client makes it that has not written before.
KINTO_SETTINGS = """
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {database}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {database}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = only-for-measuring
kinto.bucket_create_principals = system.Authenticated
kinto.batch_max_requests = {batch}
multiauth.policies = basicauth
multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy
"""

Record = dict[str, object]


class Done(Struct, frozen=True):
    """What one server did."""

    name: str
    push: Mapping[int, float]  # Records a second, by the size of a batch.
    first_sync: float  # Records a second.
    change_ms: float


class Ask(Struct, frozen=True):
    """A request: one of those that send a batch."""

    method: str
    path: str
    body: bytes
    taken: bytes = b""  # What the answer says once of each record that was taken.


class Peer(ABC):
    """A running server, and how it is spoken to."""

    name: str
    runs = RUNS

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = dict(JSON)

    def ask(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[bytes, http.client.HTTPMessage]:
        """One request; anything but success is an error."""
        self.http.request(method, path, body, self.headers)
        answer = self.http.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{self.name} {path}: {answer.status} {said[:300]!r}")
        return said, answer.headers

    def push(self, asks: Sequence[Ask], count: int) -> None:
        """Send a batch of `count` records. Raises where not all of them were taken."""
        for one in asks:
            said, _ = self.ask(one.method, one.path, one.body)
            if one.taken and said.count(one.taken) != count:
                raise RuntimeError(f"{self.name} did not take all: {said[:300]!r}")

    @abstractmethod
    def begin(self, run: int) -> None:
        """Make the empty place in which the records of this run lie."""

    @abstractmethod
    def batch(self, ops: Sequence[bytes], first_n: int) -> Sequence[Ask]:
        """The requests that push the records of `ops`, the first of which has this number."""

    @abstractmethod
    def pull(self, after: str | None) -> tuple[int, str]:
        """All that changed after a place, page by page: how many, and the new place."""


class Ours(Peer):
    def __init__(self, port: int, database: str) -> None:
        super().__init__(port)
        self.name = f"Xunjian, {database}"

    def begin(self, run: int) -> None:
        self.headers["Authorization"] = f"Bearer {credential(work.Yard(run).first)}"

    def batch(self, ops: Sequence[bytes], first_n: int) -> Sequence[Ask]:
        return [Ask("POST", "/sync/v1/push", work.body(ops, first_n), b'"applied"')]

    def pull(self, after: str | None) -> tuple[int, str]:
        count, token, more = 0, after, True
        while more:
            asked = PullRequest(epoch=work.EPOCH, token=token, limit=PAGE)
            said, _ = self.ask("POST", "/sync/v1/pull", msgspec.json.encode(asked))
            count += said.count(RESULT)
            end = msgspec.json.decode(said[said.rfind(b"\n", 0, -1) + 1 :], type=End)
            token, more = end.token, end.more
        assert token is not None
        return count, token


class PouchDb(Peer):
    """As whoever stores documents in it: one request a batch, which is not safe to repeat."""

    name = f"PouchDB server {POUCHDB}, LevelDB: documents"

    def begin(self, run: int) -> None:
        self.place = f"/{type(self).__name__.lower()}-{run}"
        self.ask("PUT", self.place)

    def batch(self, ops: Sequence[bytes], first_n: int) -> Sequence[Ask]:
        docs = {"docs": [{"_id": one["id"], **one} for one in map(record, ops)]}
        path = f"{self.place}/_bulk_docs"
        return [Ask("POST", path, msgspec.json.encode(docs), b'"ok":true')]

    def pull(self, after: str | None) -> tuple[int, str]:
        count, place = 0, after or "0"
        while True:
            path = f"{self.place}/_changes?include_docs=true&limit={PAGE}&since={place}"
            page = msgspec.json.decode(self.ask("GET", path)[0], type=Changes)
            count, place = count + len(page.results), str(page.last_seq)
            if len(page.results) < PAGE:
                return count, place


class Replicating(PouchDb):
    """As a device that syncs with it, so that a batch may be sent again: which revisions are
    missing, the documents with theirs, the checkpoint
    (https://docs.couchdb.org/en/stable/replication/protocol.html).
    """

    name = f"PouchDB server {POUCHDB}, LevelDB: replication"

    def begin(self, run: int) -> None:
        super().begin(run)
        self.checkpoints = 0

    def batch(self, ops: Sequence[bytes], first_n: int) -> Sequence[Ask]:
        records = [record(op) for op in ops]
        asked = {str(one["id"]): [REVISION] for one in records}
        docs = [{"_id": one["id"], "_rev": REVISION, **one} for one in records]
        sent = {"docs": docs, "new_edits": False}
        told: Record = {"last_seq": first_n + len(ops) - 1}
        if self.checkpoints:
            told["_rev"] = f"0-{self.checkpoints}"
        self.checkpoints += 1
        return [
            Ask("POST", f"{self.place}/_revs_diff", msgspec.json.encode(asked), b'"missing"'),
            Ask("POST", f"{self.place}/_bulk_docs", msgspec.json.encode(sent)),
            Ask("PUT", f"{self.place}/_local/device", msgspec.json.encode(told)),
        ]


class Changes(Struct):
    results: list[msgspec.Raw]
    last_seq: int


class Kinto(Peer):
    name = f"Kinto {KINTO}, PostgreSQL"
    runs = 1  # One takes three minutes.

    def begin(self, run: int) -> None:
        self.headers["Authorization"] = f"Basic {b64encode(b'bench:bench').decode()}"
        collection = f"/v1/buckets/bench/collections/results-{run}"
        for path in ("/v1/buckets/bench", collection):
            self.ask("PUT", path, b"{}")
        self.place = f"{collection}/records"

    def batch(self, ops: Sequence[bytes], first_n: int) -> Sequence[Ask]:
        requests = [
            {"method": "PUT", "path": f"{self.place}/{one['id']}", "body": {"data": one}}
            for one in map(record, ops)
        ]
        return [
            Ask("POST", "/v1/batch", msgspec.json.encode({"requests": requests}), b'"status":201')
        ]

    def pull(self, after: str | None) -> tuple[int, str]:
        since = f"&_since={after}" if after else ""
        path = f"{self.place}?_limit={PAGE}&_sort=last_modified{since}"
        count, place = 0, after or ""
        while path:
            said, headers = self.ask("GET", path)
            page = msgspec.json.decode(said, type=Page)
            count += len(page.data)
            place = place if not page.data else str(page.data[-1].last_modified)
            following = urlsplit(headers.get("Next-Page", ""))
            path = f"{following.path}?{following.query}" if following.path else ""
        return count, place


class Modified(Struct):
    last_modified: int


class Page(Struct):
    data: list[Modified]


# --- Starting ---


@contextmanager
def ours(store: Store) -> Generator[Sequence[Peer]]:
    """Our server, as it is served, with a site for each run."""
    with served(store.copy(Plot(PULLED + PULLS, sites=RUNS))) as server:
        yield [Ours(server.port, store.name)]


def run(*command: str | Path, cwd: Path) -> None:
    """Run a program; what it said is told only if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {(done.stdout + done.stderr)[-2_000:]}")


@contextmanager
def pouchdb(folder: Path) -> Generator[Sequence[Peer]]:
    """PouchDB's own server, from npm; its LevelDB comes built."""
    run("npm", "install", "--no-audit", "--no-fund", f"pouchdb-server@{POUCHDB}", cwd=folder)
    port = free_port()
    data = folder / "data"
    program = Program(
        [folder / "node_modules/.bin/pouchdb-server", "--port", str(port), "--dir", data],
        ready=lambda line: "navigate to" in line,
        cwd=folder,
    )
    try:
        yield [Replicating(port), PouchDb(port)]
    finally:
        program.end()


@contextmanager
def kinto(folder: Path) -> Generator[Sequence[Peer]]:
    """Kinto, from PyPI, in an environment of its own."""
    run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    run(folder / "env/bin/pip", "install", "--quiet", f"kinto[postgresql]=={KINTO}", cwd=folder)
    with running_postgres(DURABLE) as postgres:
        postgres.create("kinto")
        address = f"postgresql://postgres@/kinto?host={postgres.home}"
        port, settings = free_port(), folder / "kinto.ini"
        settings.write_text(KINTO_SETTINGS.format(port=port, database=address, batch=max(BATCHES)))
        run(folder / "env/bin/kinto", "migrate", "--ini", settings, cwd=folder)
        program = Program(
            [folder / "env/bin/kinto", "start", "--ini", settings],
            ready=lambda line: "erving on" in line,
            cwd=folder,
        )
        try:
            yield [Kinto(port)]
        finally:
            program.end()


# --- Measuring ---


def record(op: bytes) -> Record:
    """The body of a first result, as plain JSON with an id."""
    sent = msgspec.json.decode(op, type=Sent)
    return {"id": sent.record, **sent.set}


class Sent(Struct):
    """What a peer needs of one of our ops."""

    record: str
    set: Record


def measure(peer: Peer, run: int) -> Done:
    """Push, first sync of 20,000, and pulls of one change."""
    peer.begin(run)
    ops = list(work.first_ops(work.Yard(run), PULLED + PULLS))
    speeds, sent = dict[int, float](), 0
    for batch in BATCHES:
        speeds[batch] = RECORDS / push_all(peer, ops[: sent + RECORDS], sent, batch)
        sent += RECORDS
    push_all(peer, ops[:PULLED], sent, max(BATCHES))
    begun = time.perf_counter()
    count, place = peer.pull(None)
    seconds = time.perf_counter() - begun
    if count != PULLED:
        raise RuntimeError(f"{peer.name} sent {count} of {PULLED}")
    pulls = []
    for sent in range(PULLED, PULLED + PULLS):
        push_all(peer, ops[: sent + 1], sent, 1)
        started = time.perf_counter()
        found, place = peer.pull(place)
        pulls.append(time.perf_counter() - started)
        if found != 1:
            raise RuntimeError(f"{peer.name} sent {found} changes, not one")
    return Done(peer.name, speeds, count / seconds, median(pulls) * 1_000)


def push_all(peer: Peer, ops: Sequence[bytes], sent: int, batch: int) -> float:
    """Push all but the first `sent` of `ops`; the seconds that it took."""
    batches = [
        (peer.batch(ops[start : start + batch], start + 1), len(ops[start : start + batch]))
        for start in range(sent, len(ops), batch)
    ]
    begun = time.perf_counter()
    for asks, count in batches:
        peer.push(asks, count)
    return time.perf_counter() - begun


def middle_of(found: Sequence[Done]) -> Done:
    """The median of each figure."""
    return Done(
        found[0].name,
        {batch: median(one.push[batch] for one in found) for batch in BATCHES},
        median(one.first_sync for one in found),
        median(one.change_ms for one in found),
    )


def all_peers() -> Iterator[Done | str]:
    """Each server's figures, or why there are none."""
    for make in (postgres_store, sqlite_store):
        with make() as store, ours(store) as peers:
            yield from measured(peers)
    for start in (pouchdb, kinto):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xunjian-peer-")))
            try:
                peers = stack.enter_context(start(folder))
            except (OSError, RuntimeError, AssertionError) as error:
                yield f"{start.__name__} could not be installed here: {error}"
                continue
            yield from measured(peers)


def measured(peers: Sequence[Peer]) -> Iterator[Done]:
    for peer in peers:
        yield middle_of([measure(peer, run) for run in range(peer.runs)])
