"""A scripted device: what it holds, and its calls. Rule: it says what it is told to, also nonsense.

Requests that the server answers by 429 or 503 are sent again after `Retry-After`, as any client's
are; everything else that is no answer to the call is raised as `Refused`.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

import httpx
import msgspec

from conformance.wire import (
    Broken,
    Enrolled,
    Fields,
    Outcome,
    Page,
    Problem,
    Pushed,
    Row,
    read,
    read_page,
)

WAIT_SECONDS_MAX = 30.0
PAGES_MAX = 20_000
AGAIN = (429, 503)


class Refused(Exception):
    """The server answered the call with a problem, or with something that is none."""

    def __init__(self, status: int, problem: Problem | None) -> None:
        super().__init__(f"{status} {problem.slug if problem else '(no problem document)'}")
        self.status, self.problem = status, problem

    @property
    def slug(self) -> str:
        return self.problem.slug if self.problem else ""


class Late(Exception):
    """What was waited for did not come."""


def mint() -> str:
    """A fresh UUIDv7 (RFC 9562, 5.7)."""
    random = int.from_bytes(os.urandom(10), "big") & (1 << 74) - 1
    high, low = random >> 62, random & (1 << 62) - 1
    now = time.time_ns() // 1_000_000
    return str(UUID(int=now << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))


def now_text() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def mark(line: bytes) -> int:
    """The mark of a record's line (docs/protocol.md, Digest)."""
    return int.from_bytes(sha256(line).digest()[:8], "big")


async def answered(call: Callable[[], httpx.Request], http: httpx.AsyncClient) -> httpx.Response:
    """Send a request until the server has time for it. Raises `Refused` where it never has."""
    ends = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        answer = await http.send(call())
        if answer.status_code not in AGAIN or time.monotonic() > ends:
            return answer
        after = answer.headers.get("retry-after", "1")
        await asyncio.sleep(min(float(after) if after.isdecimal() else 1.0, 5.0))


def checked(answer: httpx.Response, *, status: int = 200) -> bytes:
    """The body of a good answer. Raises `Refused` for any other."""
    if answer.status_code == status:
        return answer.content
    try:
        problem = read(answer.content, Problem)
    except Broken:
        problem = None
    raise Refused(answer.status_code, problem)


class Device:
    """One enrolled installation, its base layer, and the numbers that it has used."""

    def __init__(self, http: httpx.AsyncClient, told: Enrolled, name: str) -> None:
        self.http, self.name = http, name
        self.id, self.person, self.lineage = told.device, told.person, told.lineage
        self.credential, self.epoch, self.next_n = told.credential, told.epoch, told.next_n
        self.session = mint()
        self.token: str | None = None
        self.last_acked: str | None = None
        self.heads: dict[str, int] = {}
        self.base: dict[str, Row] = {}
        self.pages: list[Page] = []  # Every page that was ever received.
        self.sent: dict[str, Fields] = {}  # Every op that was answered, by id.

    @property
    def scope(self) -> str:
        return f"device:{self.id}"

    @property
    def sites(self) -> list[str]:
        return [scope for scope in self.heads if scope.startswith("site:")]

    # --- Ops ---

    def op(self, kind: str, record: str, **more: object) -> dict[str, object]:
        """An op without its number, which it gets when it is sent."""
        made = {"wall": now_text(), "session": self.session, "monotonic_ms": 1}
        whole: dict[str, object] = {"id": mint(), "by": self.person, "kind": kind, "record": record}
        return whole | {"base": self.version(record), "made": made} | more

    def attachment(self, asset: str, caption: str, **more: object) -> dict[str, object]:
        """A creation that a device may take back again: what a file would be, on an asset."""
        record = mint()
        fields = {
            "parent": asset,
            "parent_kind": "asset",
            "sha256": sha256(record.encode()).hexdigest(),
            "bytes": 10,
            "media_type": "image/jpeg",
            "caption": caption,
        }
        return self.op("attachment", record, new=True, parent=asset, set=fields, base=0) | more

    def caption(self, record: str, text: str, **more: object) -> dict[str, object]:
        return self.op("attachment", record, set={"caption": text}) | more

    def version(self, record: str) -> int:
        return self.base[record].version if record in self.base else 0

    def numbered(self, ops: Sequence[Fields]) -> list[dict[str, object]]:
        """The ops with the numbers that come next; they are used up."""
        first, self.next_n = self.next_n, self.next_n + len(ops)
        return [{"n": first + place, **op} for place, op in enumerate(ops)]

    # --- Calls ---

    async def push(self, *ops: Fields) -> list[Outcome]:
        """Number and send ops. Raises `Refused`, or `Broken` where not each one is answered."""
        numbered = self.numbered(ops)
        answer = await self.send([msgspec.json.encode(op) for op in numbered], numbered[0]["n"])
        if [one.n for one in answer.outcomes] != [op["n"] for op in numbered]:
            raise Broken(f"{len(ops)} ops were sent, {len(answer.outcomes)} outcomes came back")
        for op, outcome in zip(numbered, answer.outcomes, strict=True):
            self.sent[str(op["id"])] = op | {"outcome": outcome.outcome}
        return list(answer.outcomes)

    async def send(
        self,
        lines: Iterable[bytes],
        first_n: object,
        *,
        header: Mapping[str, object] = {},
        headers: Mapping[str, str] = {},
        pack: Callable[[bytes], bytes] = bytes,
    ) -> Pushed:
        """Send lines as they are under `first_n`; `header` adds to or changes the first line."""
        said = {"epoch": self.epoch, "first_n": first_n, "last_acked": self.last_acked, **header}
        body = pack(b"\n".join([msgspec.json.encode(said), *lines]) + b"\n")
        answer = read(await self.post("/sync/v1/push", body, headers), Pushed)
        if answer.epoch == self.epoch and answer.outcomes:
            self.last_acked = answer.last_acked
        return answer

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] = {}) -> bytes:
        said = {"authorization": f"Bearer {self.credential}", **headers}
        make = lambda: self.http.build_request("POST", path, content=body, headers=said)  # noqa: E731
        return checked(await answered(make, self.http))

    async def ask(self, **more: object) -> Page:
        """One page, not applied."""
        said = {"epoch": self.epoch, "token": self.token, "last_acked": self.last_acked} | more
        page = read_page(await self.post("/sync/v1/pull", msgspec.json.encode(said)))
        self.pages.append(page)
        return page

    async def pull(self, *, limit: int = 1_000) -> list[Page]:
        """Pull to the heads and apply; the pages. Raises `Late` where there is no end."""
        pages = []
        for _ in range(PAGES_MAX):
            page = await self.ask(limit=limit)
            if page.start.epoch != self.epoch:
                raise Broken(f"epoch {page.start.epoch} in the middle of epoch {self.epoch}")
            pages.append(page)
            if page.end.more and not self.is_news(page):
                raise Late("a page says that more is to come, and brings only what is here already")
            self.apply(page)
            if not page.end.more:
                return pages
        raise Late(f"no end after {PAGES_MAX} pages")

    def is_news(self, page: Page) -> bool:
        """Whether anything in a page is not in the base yet as it is."""
        return any(
            row.t == "gone" or row.id not in self.base or self.base[row.id].raw != row.raw
            for row in page.rows
        )

    def apply(self, page: Page) -> None:
        """Put a page into the base as docs/protocol.md has it, and keep its token."""
        self.heads = {one.scope: one.head for one in page.start.scopes}
        self.base = {id_: row for id_, row in self.base.items() if row.scope in self.heads}
        for row in page.rows:
            known = self.base.get(row.id)
            if row.t == "record":
                self.base[row.id] = row
            elif known is not None and known.scope == row.scope:
                del self.base[row.id]
        self.token = page.end.token

    def digest(self, scope: str) -> str:
        marks = [mark(row.raw) for row in self.base.values() if row.scope == scope]
        return f"{len(marks)}:{sum(marks) % 2**64}"

    def told(self, op: object) -> Row | None:
        """The disposition of an op, where it was pulled."""
        return next(
            (
                row
                for row in self.base.values()
                if row.kind == "disposition" and row.data.get("op") == op
            ),
            None,
        )


async def enrol(
    http: httpx.AsyncClient, ticket: str, name: str, *, lineage: str | None = None
) -> Device:
    """Become a device by a ticket, or by a whole link that ends in one. Raises `Refused`."""
    asked = {
        "ticket": ticket.rpartition("#")[2],
        "lineage": lineage or mint(),
        "name": name,
        "app_version": "",
    }
    make = lambda: http.build_request("POST", "/enrol", json=asked)  # noqa: E731
    told = read(checked(await answered(make, http), status=201), Enrolled)
    return Device(http, told, name)
