"""The conformance kit against this server, and against servers that break one promise each."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from conformance.__main__ import Report, main, play, show
from conformance.stage import CHECKS
from server.store.seed import Seed, seed
from tests.integration.conftest import House
from tests.integration.tablets import add_round

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 180
FOREIGN = UUID(int=0xF0F0)  # Equipment at a site that the first device does not hold.

# --- No server ---


def test_without_a_server_it_says_that_it_cannot_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:1", "--ticket", "abcdefgh"]) == 2
    assert "conformance" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["http://127.0.0.1:1"])


# --- Servers that break a promise ---


@dataclass(frozen=True)
class Asked:
    path: str
    body: bytes

    @property
    def ops(self) -> list[dict[str, Any]]:
        """The lines of a push that can be read."""
        found = []
        for line in self.body.split(b"\n")[1:]:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return [one for one in found if isinstance(one, dict)]

    @property
    def header(self) -> dict[str, Any]:
        try:
            header = json.loads(self.body.partition(b"\n")[0])
        except ValueError:
            return {}
        return header if isinstance(header, dict) else {}


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def edited(self, edit: Callable[[dict[str, Any]], None]) -> "Answered":
        """The same with its JSON changed in place."""
        value = json.loads(self.body)
        edit(value)
        return replace(self, body=json.dumps(value).encode())

    def lines(self, keep: Callable[[dict[str, Any]], dict[str, Any] | None]) -> "Answered":
        """The same page with each line changed, or left out."""
        out = []
        for line in self.body.splitlines():
            value = json.loads(line)
            kept = keep(json.loads(line))
            if kept is not None:
                out.append(line if kept == value else json.dumps(kept).encode())
        return replace(self, body=b"\n".join(out) + b"\n")


Next = Callable[[Asked], Awaitable[Answered]]
Twist = Callable[[Asked, Next], Awaitable[Answered]]


class Twisted(httpx.AsyncBaseTransport):
    """A way to the server on which a twist sits, as a fault in the server would."""

    def __init__(self, house: House, twist: Twist) -> None:
        self.inner = httpx.ASGITransport(house.app)  # type: ignore[arg-type]
        self.twist = twist

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()

        async def go_on(asked: Asked) -> Answered:
            headers = dict(request.headers)
            for name in ("accept-encoding", "content-length"):
                headers.pop(name, None)
            again = httpx.Request(request.method, request.url, headers=headers, content=asked.body)
            answer = await self.inner.handle_async_request(again)
            told = {n: v for n, v in answer.headers.items() if n != "content-length"}
            return Answered(answer.status_code, await answer.aread(), told)

        answer = await self.twist(Asked(request.url.path, body), go_on)
        return httpx.Response(
            answer.status, headers=answer.headers, content=answer.body, request=request
        )


async def forgetful(asked: Asked, go_on: Next) -> Answered:
    """A server that says of every piece that it was taken."""
    answer = await go_on(asked)
    return replace(answer, status=204, body=b"") if answer.status == 409 else answer


async def whole(asked: Asked, go_on: Next) -> Answered:
    """No fault at all."""
    return await go_on(asked)


def replays(edit: Callable[[dict[str, Any]], None]) -> Twist:
    """A server that answers the second copy of a push otherwise."""
    seen: set[str] = set()

    async def twist(asked: Asked, go_on: Next) -> Answered:
        answer = await go_on(asked)
        ids = {str(op.get("id")) for op in asked.ops}
        is_replay = asked.path.endswith("/push") and bool(ids) and ids <= seen
        seen.update(ids)
        return answer.edited(edit) if is_replay and answer.status == 200 else answer

    return twist


def no_outcomes(answer: dict[str, Any]) -> None:
    answer["outcomes"] = []


def other_outcomes(answer: dict[str, Any]) -> None:
    for one in answer["outcomes"]:
        one["outcome"] = "applied"


def pages(keep: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Twist:
    """A server that sends other lines than it has."""

    async def twist(asked: Asked, go_on: Next) -> Answered:
        answer = await go_on(asked)
        is_page = asked.path.endswith("/pull") and answer.status == 200
        return answer.lines(keep) if is_page else answer

    return twist


def without_gone(line: dict[str, Any]) -> dict[str, Any] | None:
    return None if line["t"] == "gone" else line


def with_wrong_digest(line: dict[str, Any]) -> dict[str, Any] | None:
    if line["t"] == "start":
        line["scopes"] = [one | {"digest": "0:1"} for one in line["scopes"] if "digest" in one]
    return line


def without_values(line: dict[str, Any]) -> dict[str, Any] | None:
    if line.get("kind") == "disposition":
        line["data"]["fields"] = []
    return line


async def leaking(asked: Asked, go_on: Next) -> Answered:
    """Every page holds one record of a scope that the device does not have."""
    answer = await go_on(asked)
    if not asked.path.endswith("/pull") or answer.status != 200:
        return answer
    first, *rest = answer.body.splitlines()
    row = {"t": "record", "scope": f"site:{FOREIGN}", "seq": 1, "kind": "asset", "version": 1}
    leak = json.dumps(row | {"id": str(FOREIGN), "data": {}}).encode()
    return replace(answer, body=b"\n".join([first, leak, *rest]) + b"\n")


def changing_outcomes(of: Callable[[dict[str, Any]], bool], outcome: str) -> Twist:
    """A server that answers some ops otherwise."""

    async def twist(asked: Asked, go_on: Next) -> Answered:
        answer = await go_on(asked)
        if not asked.path.endswith("/push") or answer.status != 200:
            return answer
        chosen = {op.get("id") for op in asked.ops if of(op)}

        def edit(body: dict[str, Any]) -> None:
            for one in body.get("outcomes", ()):
                if one["id"] in chosen:
                    one["outcome"] = outcome

        return answer.edited(edit)

    return twist


def is_early(op: dict[str, Any]) -> bool:
    return str(dict(op.get("made") or {}).get("wall")).startswith("2001")


async def poisoned(asked: Asked, go_on: Next) -> Answered:
    """One line that cannot be read fails the whole push."""
    lines = [line for line in asked.body.split(b"\n")[1:] if line]
    if asked.path.endswith("/push") and len(asked.ops) < len(lines):
        return Answered(400, b"{}")
    return await go_on(asked)


async def forgetting(asked: Asked, go_on: Next) -> Answered:
    """The token is not looked at: every pull brings everything."""
    if asked.path.endswith("/pull") and asked.header.get("token"):
        asked = replace(asked, body=json.dumps(asked.header | {"token": None}).encode())
    return await go_on(asked)


def waiting_for_gaps() -> Twist:
    """Numbers must come without a gap."""
    highest = 0

    async def twist(asked: Asked, go_on: Next) -> Answered:
        nonlocal highest
        first = asked.header.get("first_n")
        if asked.path.endswith("/push") and isinstance(first, int):
            if first > highest + 1 and asked.ops:
                return Answered(400, b'{"type":"/problems/gap","title":"A gap","status":400}')
            highest = max(highest, first + len(asked.ops) - 1)
        return await go_on(asked)

    return twist


async def shared_positions(asked: Asked, go_on: Next) -> Answered:
    """Whoever shows a token that is not taken is served from zero."""
    answer = await go_on(asked)
    if asked.path.endswith("/pull") and b"token-refused" in answer.body:
        return await go_on(replace(asked, body=json.dumps(asked.header | {"token": None}).encode()))
    return answer


BROKEN: dict[str, tuple[set[int], Callable[[], Twist]]] = {
    "replays are dropped": ({1}, lambda: replays(no_outcomes)),
    "outcomes change on replay": ({1}, lambda: replays(other_outcomes)),
    "bytes that came twice are counted twice": ({1}, lambda: forgetful),
    "a bad line fails the push": ({3}, lambda: poisoned),
    "gone rows are skipped": ({4}, lambda: pages(without_gone)),
    "digests are wrong": ({4}, lambda: pages(with_wrong_digest)),
    "values of a conflict are lost": ({5}, lambda: pages(without_values)),
    "the clock decides": ({6}, lambda: changing_outcomes(is_early, "review")),
    "a foreign record is sent": ({7}, lambda: leaking),
    "what is elsewhere is told": (
        {7},
        lambda: changing_outcomes(lambda op: op.get("record") == str(FOREIGN), "held"),
    ),
    "positions are anybody's": ({7}, lambda: shared_positions),
    "unknown members are refused": (
        {8},
        lambda: changing_outcomes(lambda op: "of_a_later_version" in op, "rejected"),
    ),
    "everything is sent each time": ({9}, lambda: forgetting),
    "gaps are waited for": ({10}, waiting_for_gaps),
}


# One of the past, one of the present, one of what is hidden; the others with `--full`.
USUAL = ("outcomes change on replay", "gone rows are skipped", "a foreign record is sent")


async def tickets(house: House) -> list[str]:
    """Two of one person, and one of another who holds a site more."""
    here, there = await add_round(house), await house.add_site()
    asset = Seed("asset", FOREIGN, f"site:{there}", {"site": str(there), "name": "精密空调"})
    async with house.database.write() as tx:
        await seed(tx, [asset], epoch=1, lineage=UUID(int=1))
    liang = await house.add_person("liang", ("engineer", here))
    zhou = await house.add_person("zhou", ("engineer", here), ("engineer", there))
    return [await house.add_ticket(person) for person in (liang, zhou, liang)]


async def played(house: House, twist: Twist) -> Report:
    return await play("http://test", await tickets(house), transport=Twisted(house, twist))


async def test_with_two_tickets_of_one_person_every_check_is_played(house: House) -> None:
    report = await played(house, whole)
    assert {one.state for one in report.results} == {"holds"}, show(report)
    assert len(report.results) == len(CHECKS)


# The fault lies on the way, so one kind of database shows it.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "fault",
    [fault if fault in USUAL else pytest.param(fault, marks=pytest.mark.full) for fault in BROKEN],
)
async def test_a_broken_promise_is_named(house: House, fault: str) -> None:
    broken, twist = BROKEN[fault]
    report = await played(house, twist())
    assert broken <= set(report.failed), show(report)


async def test_what_was_made_is_taken_back(house: House) -> None:
    report = await played(house, whole)
    async with house.database.read() as tx:
        rows = await tx.exec_driver_sql(
            "SELECT count(*) FROM feed WHERE kind = 'attachment' AND body IS NOT NULL"
        )
        assert rows.scalar_one() == 0
    assert len([one for one in report.left if "device" in one]) == 3
