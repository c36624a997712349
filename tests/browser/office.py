"""The office face as a supervisor uses it: signing in, the queue, one result, the decision.

Rule: everything goes through what a person sees and presses.
"""

from uuid import UUID

from playwright.async_api import Locator, Page, expect

from server.demo.cast import PASSWORD
from tests.browser.patience import settled


class Office:
    """One browser with the office face in it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    async def open(self, path: str = "/office") -> None:
        """Go to a page, and wait until it shows what it has, or asks who is there."""
        await self.page.goto(f"{self.origin}{path}")
        await settled(self.page)

    def button(self, name: str) -> Locator:
        """A button by the beginning of what it says; its key stands behind."""
        return self.page.get_by_role("button", name=name)

    async def give(self, login: str, password: str) -> None:
        """Fill the sign-in in and send it."""
        await self.page.locator("input[autocomplete=username]").fill(login)
        await self.page.locator("input[autocomplete=current-password]").fill(password)
        await self.page.locator(".gate form button[type=submit]").click()

    async def sign_in(self, login: str, path: str = "/office") -> None:
        await self.open(path)
        await self.give(login, PASSWORD)
        await expect(self.page.locator("div.office .main")).to_be_visible()

    def row(self, inspection: UUID) -> Locator:
        """A result in the queue."""
        return self.page.locator(f"nav.queue a[href*='{inspection}']")

    def item(self, path: str) -> Locator:
        """An item of the result in hand."""
        return self.page.locator(f"article[data-path='{path}']")

    async def open_result(self, inspection: UUID) -> None:
        await self.open(f"/office/review/{inspection}")
        await expect(self.page.locator("main.rv footer.deciding")).to_be_visible()
