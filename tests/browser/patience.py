"""How long the browser tests wait. Rule: one number; nobody waits for a time of their own.

What crosses the server takes as long as a busy machine needs; only a wrong state waits it out.
"""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.fixtures import patience

PATIENCE_SECONDS = 90
PATIENCE_MS = PATIENCE_SECONDS * 1000
# How a page says that it shows what it wants to show: nothing is coming, and letters are there.
SETTLED = """
() => !document.querySelector("[aria-busy=true]")
  && document.querySelector("main, .gate") !== null
  && document.fonts.status === "loaded"
"""

expect.set_options(timeout=PATIENCE_MS)


async def settled(page: Page) -> None:
    """Wait until nothing on the page is still coming."""
    await page.wait_for_function(SETTLED)


async def until(holds: Callable[[], Awaitable[bool]], told: str) -> None:
    """Wait until something that no element shows is so; `told` names it to who waits in vain."""
    await patience.until(holds, told, seconds=PATIENCE_SECONDS)
