"""What is no HTTP is answered like every other mistake. Rule: a problem document, then the end.

It never becomes a request, so no handler and no log of ours sees it; uvicorn itself answers with
plain text.
"""

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.errors import InvalidRequest
from server.problems import PROBLEM_TYPE

BODY = msgspec.json.encode(InvalidRequest("what was sent is not HTTP that can be read").problem())
ANSWER = b"\r\n".join(
    (
        b"HTTP/1.1 400 Bad Request",
        b"content-type: " + PROBLEM_TYPE.encode(),
        b"content-length: %d" % len(BODY),
        b"cache-control: no-store",
        b"connection: close",
        b"",
        BODY,
    )
)


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's own, but for this one answer."""

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong, and end: nobody knows where a next request would begin."""
        self.transport.write(ANSWER)
        self.transport.close()
