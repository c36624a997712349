"""Uploads (row 8): photos of 2 MB in pieces of 1 MiB, and one large file for the memory.

Rule: ours and the floor alternate on one server and one disk, several connections at once. The
floor is a handler that writes a body to a file as it comes, forces it to the disk, and names it.
"""

import base64
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from itertools import count

from benchmarks import work
from benchmarks.figures import Figure, Sample, Size, figure
from benchmarks.house import Plot, Store, credential
from benchmarks.process import Served, served
from benchmarks.served import PLAIN

PHOTO_BYTES = 2_000_000
PIECE_BYTES = 1024 * 1024
CONNECTIONS = 4
NUMBERS = count(1)
TYPE = "application/offset+octet-stream"


class Sender:
    """One kept connection of a device."""

    def __init__(self, server: Served) -> None:
        self._http = HTTPConnection("127.0.0.1", server.port)
        self._given = {
            "Authorization": f"Bearer {credential(work.HOME.first)}",
            "Tus-Resumable": "1.0.0",
        }

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: bytes, status: int, **headers: str) -> str:
        """Send; gives `Location`. Anything but `status` is an error."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._http.request(method, path, body, {**self._given, **named})
        answer = self._http.getresponse()
        said = answer.read()
        if answer.status != status:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:500]!r}")
        return answer.getheader("Location") or ""

    def announce(self, digest: str, bytes_: int) -> str:
        metadata = f"sha256 {base64.b64encode(digest.encode()).decode()}"
        return self.ask(
            "POST", "/files", b"", 201, Upload_Length=str(bytes_), Upload_Metadata=metadata
        )

    def append(self, path: str, offset: int, piece: bytes) -> None:
        self.ask("PATCH", path, piece, 204, Upload_Offset=str(offset), Content_Type=TYPE)

    def upload(self, photo: bytes, digest: str) -> None:
        """As the app does it: announce, then piece after piece."""
        path = self.announce(digest, len(photo))
        for offset in range(0, len(photo), PIECE_BYTES):
            self.append(path, offset, photo[offset : offset + PIECE_BYTES])

    def put(self, photo: bytes, _: str) -> None:
        """The floor: one request."""
        self.ask("PUT", f"{PLAIN}/{next(NUMBERS)}", photo, 204, Content_Type=TYPE)


def photos(number: int) -> list[tuple[bytes, str]]:
    """Photos that nobody has seen, with their digests, which a tablet knows before it sends."""
    chance = random.Random(next(NUMBERS))
    made = [chance.randbytes(PHOTO_BYTES) for _ in range(number)]
    return [(photo, sha256(photo).hexdigest()) for photo in made]


def speed(server: Served, size: Size, *, is_floor: bool) -> float:
    """Megabytes a second, over several connections at once."""
    sent = photos(size.photos)
    senders = [Sender(server) for _ in range(CONNECTIONS)]

    def work_off(place: int) -> None:
        sender = senders[place]
        send = sender.put if is_floor else sender.upload
        for photo, digest in sent[place::CONNECTIONS]:
            send(photo, digest)

    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(work_off, range(CONNECTIONS)))
    seconds = time.perf_counter() - begun
    for sender in senders:
        sender.close()
    return sum(len(photo) for photo, _ in sent) / 1e6 / seconds


def after_large(url: str, bytes_: int) -> Sample:
    """The most resident MiB of a large upload, and before it."""
    with served(url) as server:
        sender = Sender(server)
        sender.upload(b"small", sha256(b"small").hexdigest())
        idle = server.resident_mib()
        piece = random.Random(bytes_).randbytes(PIECE_BYTES)
        pieces = bytes_ // PIECE_BYTES
        digest = sha256()
        for _ in range(pieces):
            digest.update(piece)
        path = sender.announce(digest.hexdigest(), pieces * PIECE_BYTES)
        for number in range(pieces):
            sender.append(path, number * PIECE_BYTES, piece)
        sender.close()
        return Sample(server.most_resident_mib(), idle)


def measure(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 8 on one kind of database; the bytes are in a folder."""
    if "8" not in wanted:
        return
    url, name = store.copy(Plot(size.records)), f"8.{store.name.lower()}"
    with served(url) as server:
        speed(server, size, is_floor=True)
        samples = [
            Sample(speed(server, size, is_floor=False), speed(server, size, is_floor=True))
            for _ in range(size.runs)
        ]
    yield from speeds(name, store, samples)
    yield figure(
        f"{name}.memory",
        f"server memory, upload of {size.upload_bytes / 1e9:,.1f} GB (floor: idle), {store.name}",
        "MiB",
        [after_large(url, size.upload_bytes)],
        target=64,
        bound="added ≤",
    )


def speeds(name: str, store: Store, samples: Sequence[Sample]) -> Iterator[Figure]:
    what = f"upload of {PHOTO_BYTES / 1e6:.0f} MB photos in 1 MiB pieces, {store.name}"
    yield figure(name, what, "MB/s", samples, target=0.7)
    yield figure(f"{name}.speed", what, "MB/s", samples, target=60, bound="value ≥")
