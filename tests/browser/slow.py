"""A tablet and a network that are much slower than here. Rule: for looking, `XUNJIAN_SLOW=6`.

The lot run so shows what waits for too little: every page computes that many times slower, and
every answer of the server comes late by chance. Nothing else may change for it.
"""

import asyncio
import os
import random
import re

from playwright.async_api import BrowserContext, Error, Page, Route

RATE = float(os.environ.get("XUNJIAN_SLOW", "1"))
LATE_SECONDS = (0.3, 1.0)
# What the server answers itself; the files of the app come as they come.
ANSWERS = re.compile(
    r"^https?://[^/]+/(office|sync|enrol|attachments|files|sign|visits|tags)([/?]|$)"
)


async def slow_down(context: BrowserContext) -> None:
    """Have every page of a context slow, if that was asked for."""
    if RATE <= 1:
        return
    under_way: set[asyncio.Task[None]] = set()

    async def throttle(page: Page) -> None:
        try:
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": RATE})
        except Error:
            return  # It was closed meanwhile.

    def begin(page: Page) -> None:
        task = asyncio.create_task(throttle(page))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    async def late(route: Route) -> None:
        await asyncio.sleep(random.uniform(*LATE_SECONDS))
        try:
            await route.continue_()
        except Error:
            return  # Nobody waits any more.

    for page in context.pages:
        begin(page)
    context.on("page", begin)
    await context.route(ANSWERS, late)
