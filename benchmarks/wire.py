"""A client over one kept connection. Rule: so little that what is measured is the server."""

import socket
from types import TracebackType
from typing import Self

READ_BYTES = 1 << 20
END_OF_HEAD = b"\r\n\r\n"


class Connection:
    """HTTP/1.1 (RFC 9112) to one server on the loopback, one request at a time."""

    def __init__(self, port: int, credential: str, coding: str = "identity") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
            + credential.encode()
            + b"\r\nAccept-Encoding: "
            + coding.encode()
            + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def post(self, path: str, body: bytes) -> bytes:
        """Send `body` and give what was answered; anything but 200 is an error."""
        return self._ask(b"POST", path, body)

    def get(self, path: str) -> bytes:
        return self._ask(b"GET", path, b"")

    def _ask(self, method: bytes, path: str, body: bytes) -> bytes:
        self._socket.sendall(self._head % (method, path.encode(), len(body)) + body)
        got = self._read(b"")
        while END_OF_HEAD not in got:
            got = self._read(got)
        head, _, rest = got.partition(END_OF_HEAD)
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        parts, missing = [rest], length - len(rest)
        while missing > 0:
            parts.append(self._read(b""))
            missing -= len(parts[-1])
        answer = b"".join(parts)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head.splitlines()[0]!r} {answer[:500]!r}")
        return answer

    def _read(self, before: bytes) -> bytes:
        more = self._socket.recv(READ_BYTES)
        if not more:
            raise EOFError("the server closed the connection")
        return before + more


class Events:
    """A stream of server-sent events (WHATWG HTML, 9.2) of one device."""

    def __init__(self, port: int, credential: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        head = "GET /sync/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        self._socket.sendall(f"{head}{credential}\r\n\r\n".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def next(self) -> bytes:
        """Wait for what comes next, whatever it is."""
        more = self._socket.recv(READ_BYTES)
        if not more:
            raise EOFError("the server closed the stream")
        return more
