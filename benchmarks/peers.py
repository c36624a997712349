"""`./dev bench --peers`: other servers that sync, with the same records and one serial client.

Rule: they are installed in a scratch folder by npm and pip, with their default settings, and are
gone afterwards. PouchDB merges nothing and its LevelDB does not wait for the disk; Kinto stores on
the same durable PostgreSQL as ours.
"""

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from benchmarks import work
from benchmarks.house import DURABLE
from tests.fixtures.postgres import running_postgres
from tests.fixtures.process import Program

POUCHDB, KINTO = "4.2.0", "26.5.0"
BATCHES = (1_000, 100)
PAGE = 1_000
# Of each batch size; and then of all.
RECORDS, PULLED, PULLS = 4_000, 20_000, 50
JSON = {"Content-Type": "application/json"}
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
    """What one peer did."""

    name: str
    push: dict[int, float]  # Records a second, by the size of a batch.
    first_sync: float  # Records a second.
    change_ms: float


class Peer(ABC):
    """A running server of another make, and how it is spoken to."""

    name: str

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = dict(JSON)

    def ask(
        self, method: str, path: str, body: object = None
    ) -> tuple[bytes, http.client.HTTPMessage]:
        """One request; anything but success is an error."""
        sent = None if body is None else msgspec.json.encode(body)
        self.http.request(method, path, sent, self.headers)
        answer = self.http.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{self.name} {path}: {answer.status} {said[:300]!r}")
        return said, answer.headers

    @abstractmethod
    def begin(self) -> None:
        """Make what the records lie in."""

    @abstractmethod
    def push(self, records: Sequence[Record]) -> None:
        """Send a batch."""

    @abstractmethod
    def pull(self, after: str | None) -> tuple[int, str]:
        """All that changed after a place, page by page: how many, and the new place."""


class PouchDb(Peer):
    name = f"PouchDB server {POUCHDB}, LevelDB"

    def begin(self) -> None:
        self.ask("PUT", "/bench")

    def push(self, records: Sequence[Record]) -> None:
        docs = [{"_id": one["id"], **one} for one in records]
        said, _ = self.ask("POST", "/bench/_bulk_docs", {"docs": docs})
        if said.count(b'"ok":true') != len(records):
            raise RuntimeError(f"not all were taken: {said[:300]!r}")

    def pull(self, after: str | None) -> tuple[int, str]:
        count, place = 0, after or "0"
        while True:
            path = f"/bench/_changes?include_docs=true&limit={PAGE}&since={place}"
            page = msgspec.json.decode(self.ask("GET", path)[0], type=Changes)
            count, place = count + len(page.results), str(page.last_seq)
            if len(page.results) < PAGE:
                return count, place


class Changes(Struct):
    results: list[msgspec.Raw]
    last_seq: int


class Kinto(Peer):
    name = f"Kinto {KINTO}, PostgreSQL"
    records = "/v1/buckets/bench/collections/results/records"

    def begin(self) -> None:
        self.headers["Authorization"] = f"Basic {b64encode(b'bench:bench').decode()}"
        self.ask("PUT", "/v1/buckets/bench", {})
        self.ask("PUT", "/v1/buckets/bench/collections/results", {})

    def push(self, records: Sequence[Record]) -> None:
        requests = [
            {"method": "PUT", "path": f"{self.records}/{one['id']}", "body": {"data": one}}
            for one in records
        ]
        said, _ = self.ask("POST", "/v1/batch", {"requests": requests})
        taken = said.count(b'"status": 201') + said.count(b'"status":201')
        if taken != len(records):
            raise RuntimeError(f"not all were taken: {said[:300]!r}")

    def pull(self, after: str | None) -> tuple[int, str]:
        since = f"&_since={after}" if after else ""
        path = f"{self.records}?_limit={PAGE}&_sort=last_modified{since}"
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


# --- Installing ---


def run(*command: str | Path, cwd: Path) -> None:
    """Run a program; what it said is told only if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {(done.stdout + done.stderr)[-2_000:]}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def pouchdb(folder: Path) -> Generator[Peer]:
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
        yield PouchDb(port)
    finally:
        program.end()


@contextmanager
def kinto(folder: Path) -> Generator[Peer]:
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
            yield Kinto(port)
        finally:
            program.end()


# --- Measuring ---


def records() -> Iterator[Record]:
    """The bodies of the first results, as plain JSON with an id."""
    for op in work.first_ops(work.HOME, PULLED + PULLS):
        sent = msgspec.json.decode(op, type=Sent)
        yield {"id": sent.record, **sent.set}


class Sent(Struct):
    """What a peer needs of one of our ops."""

    record: str
    set: Record


def measure(peer: Peer) -> Done:
    """Push, first sync of 20,000, and pulls of one change."""
    peer.begin()
    every = records()
    speeds: dict[int, float] = {}
    for batch in BATCHES:
        some = [next(every) for _ in range(RECORDS)]
        begun = time.perf_counter()
        for start in range(0, RECORDS, batch):
            peer.push(some[start : start + batch])
        speeds[batch] = RECORDS / (time.perf_counter() - begun)
    rest = [next(every) for _ in range(PULLED - RECORDS * len(BATCHES))]
    for start in range(0, len(rest), max(BATCHES)):
        peer.push(rest[start : start + max(BATCHES)])
    begun = time.perf_counter()
    count, place = peer.pull(None)
    seconds = time.perf_counter() - begun
    if count != PULLED:
        raise RuntimeError(f"{peer.name} sent {count} of {PULLED}")
    pulls = []
    for one in every:
        peer.push([one])
        started = time.perf_counter()
        found, place = peer.pull(place)
        pulls.append(time.perf_counter() - started)
        if found != 1:
            raise RuntimeError(f"{peer.name} sent {found} changes, not one")
    return Done(peer.name, speeds, count / seconds, median(pulls) * 1_000)


def all_peers() -> Iterator[Done | str]:
    """Each peer's figures, or why there are none."""
    for start in (pouchdb, kinto):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xunjian-peer-")))
            try:
                peer = stack.enter_context(start(folder))
            except (OSError, RuntimeError, AssertionError) as error:
                yield f"{start.__name__} could not be installed here: {error}"
                continue
            yield measure(peer)
