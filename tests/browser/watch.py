"""What pages complain of while a test looks on. Rule: nothing is passed over but what is named.

The Content-Security-Policy, scripts that fail, warnings, addresses of anybody else: each of them
fails the test that had the page open. What the browser itself reports of a request that was
answered no, or not at all because the server is stopped, is no fault of the page.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

from tests.browser.patience import PATIENCE_MS
from tests.browser.slow import slow_down

# Runs in every page before its own scripts: a violation becomes a line of the console.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("violation", event.violatedDirective, event.blockedURI, event.sourceFile ?? ""))
"""
# "Failed to load resource", which the browser says by itself: nobody answered, or the answer was a
# problem (4xx, or 503: not ready yet) of a route that gives one. A missing file of the app is no
# problem of a route.
UNANSWERED = re.compile(
    r"net::ERR_(CONNECTION_\w+|INTERNET_DISCONNECTED|EMPTY_RESPONSE|FAILED|TIMED_OUT"
    r"|INCOMPLETE_CHUNKED_ENCODING|CONTENT_LENGTH_MISMATCH|SOCKET_NOT_CONNECTED|NETWORK_CHANGED)"
)
PROBLEM = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")
GIVES_PROBLEMS = re.compile(r"^/(office|sync|enrol|files|attachments|sign|visits)(/|$)")


class Watch:
    """Gathers the complaints of every context it is given."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    async def look_at(self, context: BrowserContext) -> None:
        """Hear everything that pages of this context will say."""
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(TELL_VIOLATIONS)
        await slow_down(context)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    async def photograph(self, folder: Path) -> None:
        """Leave a picture of every page that is open."""
        pages = [page for context in self._contexts for page in context.pages]
        for at, page in enumerate(pages):
            await page.screenshot(path=folder / f"failed-{at}.png")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning", "assert"):
            return
        place = urlsplit(message.location.get("url", ""))
        is_problem = PROBLEM.match(message.text) and GIVES_PROBLEMS.match(place.path)
        if not is_problem and not UNANSWERED.search(message.text):
            self.complaints.append(f"{message.type}: {message.text} ({place.path})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"thrown: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "blob:", "data:")):
            self.complaints.append(f"asked somebody else: {request.url}")
