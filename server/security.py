"""Headers that every answer carries. Rule: nothing inline, nothing from elsewhere, nothing kept.

`'wasm-unsafe-eval'` lets the app compile the reader of QR codes; it allows no other evaluation
(W3C CSP 3, 4.2.3 as amended by WebAssembly).
"""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; connect-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HSTS_SECONDS = 365 * 24 * 3600

ALWAYS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
    # What a route does not declare fit for keeping is personal.
    (b"cache-control", b"no-store"),
)


def secure(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Add the headers to every answer, errors too; what a route sets itself goes before them."""
    hsts = (b"strict-transport-security", f"max-age={HSTS_SECONDS}".encode())
    headers = [*ALWAYS, hsts] if settings.is_secure else [*ALWAYS]

    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [*message.get("headers", ())]
                named = {name.lower() for name, _ in own}
                message["headers"] = own + [pair for pair in headers if pair[0] not in named]
            await send(message)

        await app(scope, receive, sending if scope["type"] == ScopeType.HTTP else send)

    return secured
