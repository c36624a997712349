"""Somebody who goes away in the middle of a request, as a tablet does that loses the network."""

from typing import Any

from structlog.testing import capture_logs

from tests.integration.conftest import House


async def test_who_leaves_before_the_body_is_here_is_no_defect(house: House) -> None:
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/office/login",
        "raw_path": b"/office/login",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"100")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    heard: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"login"', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return heard.pop(0) if heard else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        """Nobody hears it."""

    with capture_logs() as logged:
        # ASGI as a server speaks it, which is wider than Litestar's own types.
        await house.app(scope, receive, send)  # type: ignore[arg-type]
    assert logged[0]["event"] == "client left"
    assert {line["log_level"] for line in logged} == {"info"}
