"""What is no HTTP, or too much or too slow before a request, is answered like every other mistake.

Rule: a problem document, then the end. It never becomes a request, so no handler and no log of ours
sees it; uvicorn itself answers with plain text, and takes heads of any length for as long as
somebody sends them: a hundred megabytes of headers were a gigabyte of memory, from anybody.
"""

import asyncio

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.errors import InvalidRequest
from server.problems import PROBLEM_TYPE

# Counted as it is read: at most one reading of the socket more (asyncio's is 256 KiB).
REQUEST_HEAD_BYTES_MAX = 64 * 1024
HEAD_SECONDS = 30.0  # From the connection, or the first byte, to the last of the head.


def answer(detail: str) -> bytes:
    """The whole of an answer that says what is wrong, and that this is the end."""
    body = msgspec.json.encode(InvalidRequest(detail).problem())
    return b"\r\n".join(
        (
            b"HTTP/1.1 400 Bad Request",
            b"content-type: " + PROBLEM_TYPE.encode(),
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"connection: close",
            b"",
            body,
        )
    )


UNREADABLE = answer("what was sent is not HTTP that can be read")
TOO_LONG = answer(f"the head of the request is longer than {REQUEST_HEAD_BYTES_MAX} bytes")
TOO_SLOW = answer(f"the head of the request did not come within {HEAD_SECONDS:.0f} s")


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's own, but for these answers."""

    _head_bytes = 0  # Since the last of a body, or the last request.
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came. What is neither body nor the end of a request counts as its head."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > REQUEST_HEAD_BYTES_MAX:
            self._end(TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong, and end: nobody knows where a next request would begin."""
        self._end(UNREADABLE)

    def _wait(self) -> None:
        """Give the head of a request its time."""
        self._wait_no_more()
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """Who sent nothing is told nothing: it would be taken for the answer to what comes next."""
        self._end(TOO_SLOW if self._head_bytes else b"")

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _end(self, said: bytes) -> None:
        self._wait_no_more()
        if not self.transport.is_closing():
            if said:
                self.transport.write(said)
            self.transport.close()
