"""HTTP itself, wrongly spoken, over a real socket. Rule: whoever comes next is served."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest
from sqlalchemy import func, select

from schemas.problems import Problem
from server import unreadable
from server.runner import Server, configure, listen
from server.store.file_tables import jobs
from tests.fixtures.patience import until
from tests.fuzz.conftest import Stage
from tests.fuzz.laws import dump

SECONDS_MAX = 120
PUSH = b'{"epoch":1,"first_n":1}\n'
PATHS = (
    b"/sync%00",
    b"/sync/v1/push/../../../etc/passwd",
    b"/sync/%2e%2e/%2e%2e/etc/passwd",
    b"/assets/..%2f..%2f..%2fpyproject.toml",
    b"/t/" + b"a" * 20_000,
    b"/sync/v1/" + b"../" * 5_000,
    b"/%ff%fe",
    b"/sync?" + b"a=%00&" * 5_000,
    b"//sync",
    b"/office/tags/%00%ff",
    b"/problems/%2e%2e%2f",
)

# The server waits for the rest of these.
UNFINISHED = ("nothing", "a length that is too long", "a chunk without end")


@asynccontextmanager
async def served(stage: Stage) -> AsyncGenerator[tuple[str, int]]:
    """The program's own web server in this process, on a port of the loopback."""
    settings = stage.house.settings.model_copy(update={"port": 0})
    ready = asyncio.Event()
    app = stage.house.app
    config = configure(app, settings)
    with listen(settings) as listening:
        server = Server(config, stopping=app.state.stopping, on_ready=ready.set)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with asyncio.timeout(SECONDS_MAX):
                await ready.wait()
            yield listening.getsockname()
        finally:
            server.should_exit = True
            app.state.stopping.set()
            await running


async def idle(stage: Stage) -> None:
    """Until what the server does by itself at its start is done: it writes too."""
    due = (jobs.c.due_at <= stage.house.clock.now()) | jobs.c.taken_until.is_not(None)

    async def is_done() -> bool:
        async with stage.house.database.read() as tx:
            known = await tx.scalar(select(func.count()).select_from(jobs))
            waiting = await tx.scalar(select(func.count()).select_from(jobs).where(due))
        return bool(known) and not waiting

    await until(is_done, "nothing is due that comes by itself", seconds=SECONDS_MAX)


async def say(address: tuple[str, int], *parts: bytes, hang_up: bool = False) -> bytes:
    """Say it, and give the first line of what is answered, if anything is."""
    async with asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(*address)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            if hang_up:
                writer.write_eof()
            return (await reader.readline()).strip()
        except ConnectionError:
            return b""
        finally:
            writer.close()


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line + b" HTTP/1.1", b"Host: test", *headers, b"", body])


async def test_http_that_is_wrong_is_refused_and_the_next_request_is_served(stage: Stage) -> None:
    bearer = f"Authorization: {stage.bearer}".encode()
    post, chunked = b"POST /sync/v1/push", b"Transfer-Encoding: chunked"
    wrong = {
        "no HTTP": b"\x16\x03\x01\x00\xff" * 20,
        "nothing": b"",
        "a length that is none": request(post, bearer, b"Content-Length: ten", body=PUSH),
        "a length below zero": request(post, bearer, b"Content-Length: -1", body=PUSH),
        "two lengths": request(post, bearer, b"Content-Length: 5", b"Content-Length: 6", body=PUSH),
        "a length and chunks": request(
            post, bearer, b"Content-Length: 5", chunked, body=b"0\r\n\r\n"
        ),
        "more than any length": request(post, bearer, b"Content-Length: 9" + b"9" * 40, body=PUSH),
        "a length that is too long": request(post, bearer, b"Content-Length: 5000", body=PUSH),
        "a length that is too short": request(post, bearer, b"Content-Length: 3", body=PUSH),
        "a larger body than is taken": request(
            post, bearer, b"Content-Length: 99999999", body=PUSH
        ),
        "chunks that are none": request(post, bearer, chunked, body=b"zz\r\nabc\r\n0\r\n\r\n"),
        "a chunk without end": request(post, bearer, chunked, body=b"ffffffff\r\nabc"),
        "a name that is none": request(post, bearer, b"X y\x00: 1", b"Content-Length: 0"),
        "a folded header": request(post, bearer, b"X: 1", b" 2", b"Content-Length: 0"),
        "a method that is none": request(b"P\x00ST /sync"),
        "another version": b"GET /sync HTTP/9.9\r\nHost: test\r\n\r\n",
    }
    async with served(stage) as address:
        await idle(stage)
        before = await dump(stage.house.database)
        for name, sent in wrong.items():
            status = await say(address, sent, hang_up=name in UNFINISHED)
            assert not status or status.split()[1][:1] in b"24", (name, status)
            served_next = await say(address, request(b"GET /sync", b"Connection: close"))
            assert served_next == b"HTTP/1.1 200 OK", name
        for path in PATHS:
            status = await say(address, request(b"GET " + path, b"Connection: close"))
            assert not status or status.split()[1][:1] in b"24", (path[:60], status)
        assert await dump(stage.house.database) == before
        in_chunks = [b"%x\r\n%b\r\n" % (1, PUSH[at : at + 1]) for at in range(len(PUSH))]
        head = request(post, bearer, chunked, b"Connection: close")
        assert await say(address, head, *in_chunks, b"0\r\n\r\n") == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "sent",
    [
        b"no HTTP at all\r\n\r\n",
        request(b"P\x00ST /sync"),
        request(b"POST /sync/v1/push", b"Content-Length: ten", body=PUSH),
    ],
)
async def test_what_is_no_http_is_answered_by_a_problem_and_the_end(
    stage: Stage, sent: bytes
) -> None:
    async with served(stage) as address, asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json\r\n" in head
    problem = msgspec.json.decode(body, type=Problem)
    assert (problem.type, problem.status) == ("/problems/invalid-request", 400)


ENDLESS = {
    "of headers": (b"GET /sync HTTP/1.1\r\nHost: test\r\n", b"X-Name: a value\r\n" * 500),
    "of one header": (b"GET /sync HTTP/1.1\r\nX: ", b"x" * 8_000),
    "of an address": (b"GET /", b"x" * 8_000),
    "after chunks": (
        request(b"POST /enrol", b"Transfer-Encoding: chunked", body=b"0\r\n"),
        b"X: 1\r\n",
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_a_head_without_end_is_ended(stage: Stage, name: str) -> None:
    """Each byte of it is kept until it is whole."""
    begun, more = ENDLESS[name]
    sent = 0
    async with served(stage) as address, asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(begun)
        try:
            while not writer.is_closing() and not reader.at_eof():
                writer.write(more)
                sent += len(more)
                assert sent < 64 * unreadable.REQUEST_HEAD_BYTES_MAX, "somebody goes on listening"
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        finally:
            writer.close()
        assert await say(address, request(b"GET /sync", b"Connection: close")) == b"HTTP/1.1 200 OK"


async def test_a_head_that_is_too_long_is_told_so(stage: Stage) -> None:
    async with served(stage) as address, asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /" + b"x" * (unreadable.REQUEST_HEAD_BYTES_MAX + 1))
        head, body = (await reader.read()).split(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    told = msgspec.json.decode(body, type=Problem)
    assert (told.type, told.detail) == (
        "/problems/invalid-request",
        "the head of the request is longer than 65536 bytes",
    )


@pytest.mark.parametrize("sent", [b"", b"GET /sync HTTP/1.1\r\nHost:"])
async def test_who_does_not_end_a_head_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Who sent nothing is told nothing."""
    monkeypatch.setattr(unreadable, "HEAD_SECONDS", 0.3)
    async with served(stage) as address, asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n") == bool(sent)
