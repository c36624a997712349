"""Logs and numbers. Rule: no body, query, header or credential is ever logged or counted."""

import logging
import sys
from collections.abc import Sequence

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from structlog.types import Processor

from server.clock import Clock
from server.settings import Settings

REQUEST_ID_BYTES = 8
QUIET = ("uvicorn", "sqlalchemy", "asyncio", "alembic", "aiosqlite", "PIL")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = structlog.get_logger()


class Metrics:
    """What is counted, in a registry of its own: one per application, so that tests do not meet."""

    content_type = CONTENT_TYPE_PLAIN_1_0_0

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "xunjian_requests",
            "Requests answered, by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "xunjian_request_seconds",
            "Seconds until the answer was complete.",
            ("route",),
            registry=self.registry,
            buckets=SECONDS,
        )
        self.outcomes = Counter(
            "xunjian_ops", "Ops answered, by outcome.", ("outcome",), registry=self.registry
        )

    def render(self) -> bytes:
        """Give all numbers in Prometheus's text format."""
        return generate_latest(self.registry)


def configure_logging(settings: Settings) -> None:
    """Send the log of this process, and of what it stands on, to standard error in one form."""
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    # Plain tracebacks: the rich ones show local variables, and with them passwords.
    end: Sequence[Processor] = (
        (
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        )
        if settings.log_format == "json"
        else (
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            ),
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(shared),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def observe(app: ASGIApp, metrics: Metrics, clock: Clock) -> ASGIApp:
    """Number, time, count and log every request, whatever answers it."""

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        number = clock.entropy(REQUEST_ID_BYTES).hex()
        scope.setdefault("state", {})["request_id"] = number
        method = scope["method"] if scope["method"] in METHODS else "other"
        begun, status = clock.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", number.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=number):
            try:
                await app(scope, receive, sending)
            finally:
                seconds = clock.monotonic() - begun
                route = scope.get("path_template") or "none"
                metrics.requests.labels(method, route, str(status)).inc()
                metrics.seconds.labels(route).observe(seconds)
                log.info(
                    "answered",
                    method=method,
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )

    return observed
