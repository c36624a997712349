"""Every main screen at every size in both languages: looked at, and left as a picture.

`XUNJIAN_SCREENS` names the folder of the pictures; without it they lie in the test's own.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet

SIZES = ((1024, 768), (768, 1024), (390, 844), (1440, 900))
LANGUAGES = ("zh-CN", "en")
Screen = tuple[str, str]
"""Its name and its address."""
# How a screen says that it has everything it wants to show.
READY = """
() => !document.querySelector("[aria-busy=true]")
  && document.querySelector("main, .gate") !== null
  && document.fonts.status === "loaded"
"""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("XUNJIAN_SCREENS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def look_at_all(
    page: Page, audit: Audit, origin: str, screens: Sequence[Screen], pictures: Path
) -> None:
    """Open each screen in each language, and look at it in each size."""
    for language in LANGUAGES:
        await page.evaluate("(to) => localStorage.setItem('xunjian.language', to)", language)
        for name, path in screens:
            await page.goto(f"{origin}{path}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await page.wait_for_function(READY)
            for width, height in SIZES:
                await page.set_viewport_size({"width": width, "height": height})
                shown = f"{name}-{width}x{height}-{language}"
                await audit.look(shown, language)
                await page.screenshot(path=pictures / f"{shown}.png", animations="disabled")


async def test_every_screen_of_the_field_holds_at_every_size_in_both_languages(
    company: Company, new_tablet: NewTablet, pictures: Path
) -> None:
    tablet = await new_tablet("liang")
    server = company.begun("liang")
    aisle = company.target("liang", "cold-aisle")
    screens = [
        ("today", "/"),
        ("rooms", "/field/rooms"),
        ("round", f"/field/round/{server.assignment}"),
        ("room", f"/field/room/{server.room}"),
        ("asset", f"/field/asset/{server.asset}"),
        ("scan", "/field/scan"),
        ("sync", "/field/sync"),
        ("device", "/field/device"),
        ("checklist", server.path),
        ("aisle", aisle.path),
        ("points", f"{aisle.path}?view=points&at=grid.grid-first_2_0"),
        ("finish", f"{server.path}?view=finish"),
        ("enrol", "/enrol"),
    ]
    audit = Audit(tablet.page, company)
    await look_at_all(tablet.page, audit, tablet.origin, screens, pictures)
    assert not audit.faults, "\n".join(audit.faults)


async def test_every_screen_of_the_office_holds_at_every_size_in_both_languages(
    company: Company, new_office: NewOffice, pictures: Path
) -> None:
    office = await new_office("chen")
    await office.open("/office/review")
    first = office.page.locator("nav.queue a").first
    inspection = UUID(str(await first.get_attribute("href")).rsplit("/", 1)[1])
    result = company.of(inspection)
    screens = [
        ("office-today", "/office"),
        ("office-rounds", "/office/assignments"),
        ("office-round", f"/office/assignments/{result.assignment}"),
        ("office-review", f"/office/review/{inspection}"),
        ("office-result", f"/office/review/{inspection}?show=all"),
        ("office-assets", "/office/assets"),
        ("office-asset", f"/office/assets/{result.asset}"),
        ("office-labels", "/office/labels"),
        ("office-people", "/office/people"),
        ("office-account", "/office/account"),
    ]
    audit = Audit(office.page, company, is_office=True)
    await look_at_all(office.page, audit, office.origin, screens, pictures)
    assert not audit.faults, "\n".join(audit.faults)
