"""How a request is sent, byte by byte, and what every answer must be. Rule: no client between.

An answer is never the server's fault; one that refuses is a problem that the docs know, and has
left every table as it was.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Table

from schemas.base import OP_BYTES_MAX
from server.database import Database
from server.routes.problems import read_catalogue
from server.settings import ROOT
from server.store.people_tables import people
from tests.integration.conftest import House

DOCUMENTED = read_catalogue(ROOT / "docs" / "problems.md").sections
TABLES = people.metadata.sorted_tables
SECONDS_MAX = 120


@dataclass(frozen=True)
class Answer:
    """What came back, whole or, of a stream, its first part."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)

    @property
    def slug(self) -> str:
        """The last word of the problem's type; empty if it is none."""
        if self.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
            return ""
        return str(self.json()["type"]).removeprefix("/problems/")


async def ask(
    house: House,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str | bytes] = {},
    body: bytes | Iterable[bytes] = b"",
    address: str = "127.0.0.1",
) -> Answer:
    """Send a request as a web server hands it on; of an endless answer, go after its first part."""
    raw, _, query = target.partition("?")
    parts = [body] if isinstance(body, bytes) else [*body]
    said: list[dict[str, Any]] = []
    gone = asyncio.Event()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in headers.items()
        ],
        "client": (address, 1),
        "server": ("test", 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)
        if message["type"] == "http.response.body":
            gone.set()

    app: Callable[..., Coroutine[Any, Any, None]] = house.app.__call__
    async with asyncio.timeout(SECONDS_MAX):
        await app(scope, receive, send)
    start, *rest = said
    return Answer(
        start["status"],
        {name.decode().lower(): value.decode() for name, value in start["headers"]},
        b"".join(part.get("body", b"") for part in rest),
    )


async def dump(database: Database) -> dict[str, str]:
    """Every row of every table, told in one query."""
    parts = [one_table(database, table) for table in TABLES]
    async with database.read() as tx:
        rows = await tx.exec_driver_sql(" UNION ALL ".join(parts))
        return {row["name"]: row["lines"] or "" for row in rows.mappings()}


def one_table(database: Database, table: Table) -> str:
    """The query for a table's name and all its rows, in an order of their own."""
    name = table.name
    if database.is_sqlite:
        line = " || ',' || ".join(f'quote("{column.name}")' for column in table.columns)
        rows = f'SELECT {line} AS line FROM "{name}" ORDER BY line'  # noqa: S608
        return f"SELECT '{name}' AS name, (SELECT group_concat(line, '\n') FROM ({rows})) AS lines"  # noqa: S608
    rows = "string_agg(one::text, '\n' ORDER BY one::text)"
    return f"SELECT '{name}' AS name, (SELECT {rows} FROM \"{name}\" one) AS lines"  # noqa: S608


def demand_documented(problem: Mapping[str, Any], status: int) -> None:
    """A problem as docs/problems.md has it."""
    slug = str(problem["type"]).removeprefix("/problems/")
    assert slug in DOCUMENTED, problem
    section = DOCUMENTED[slug]
    assert (problem["status"], problem["title"]) == (section.status, section.title)
    assert status == section.status


def demand_no_fault(answer: Answer) -> None:
    """Not the server's fault; and if it is a refusal, one that says what it is."""
    assert 200 <= answer.status < 500, answer
    if answer.status >= 400:
        assert answer.slug, answer
        demand_documented(answer.json(), answer.status)


def is_json(body: bytes) -> bool:
    """Whether strict JSON of reasonable size and depth was sent: then a member must be named."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        value = json.loads(body.decode(), parse_constant=refuse)
        # Written again, what Python reads and is no JSON is told: 1e400, half a surrogate pair.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return len(body) <= OP_BYTES_MAX and body.count(b"[") + body.count(b"{") < 1_000


def demand_named(problem: Mapping[str, Any]) -> None:
    """The members that are wrong, each with its path and why."""
    assert problem.get("errors"), problem
    for error in problem["errors"]:
        assert error["field"], problem
        assert error["detail"], problem
