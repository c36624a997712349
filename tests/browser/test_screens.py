"""Every main screen at every size in both languages: looked at.

`XUNJIAN_SCREENS` names a folder in which each is left as a picture, for people to look at too.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet

SIZES = ((1024, 768), (768, 1024), (390, 844), (1440, 900))
LANGUAGES = ("zh-CN", "en")
PICTURES = Path(os.environ["XUNJIAN_SCREENS"]) if "XUNJIAN_SCREENS" in os.environ else None
Screen = tuple[str, str]
"""Its name and its address."""


async def look_at_all(page: Page, audit: Audit, origin: str, screens: Sequence[Screen]) -> None:
    """Open each screen in each language, and look at it in each size."""
    for language in LANGUAGES:
        await page.evaluate("(to) => localStorage.setItem('xunjian.language', to)", language)
        for name, path in screens:
            await page.goto(f"{origin}{path}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            for width, height in SIZES:
                await page.set_viewport_size({"width": width, "height": height})
                shown = f"{name}-{width}x{height}-{language}"
                await audit.look(shown, language)
                if PICTURES is not None:
                    PICTURES.mkdir(parents=True, exist_ok=True)
                    await page.screenshot(path=PICTURES / f"{shown}.png", animations="disabled")


async def test_every_screen_of_the_field_holds_at_every_size_in_both_languages(
    company: Company, new_tablet: NewTablet
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
    await look_at_all(tablet.page, audit, tablet.origin, screens)
    assert not audit.faults, "\n".join(audit.faults)


async def test_every_screen_of_the_office_holds_at_every_size_in_both_languages(
    company: Company, new_office: NewOffice
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
        ("office-waiting", "/office/waiting"),
        ("office-duplicates", "/office/duplicates"),
        ("office-labels", "/office/labels"),
        ("office-reports", "/office/reports"),
        ("office-people", "/office/people"),
        ("office-account", "/office/account"),
    ]
    audit = Audit(office.page, company, is_office=True)
    await look_at_all(office.page, audit, office.origin, screens)
    # What only those see who look after the whole.
    office = await new_office("zheng")
    await office.open("/office/audit")
    proof = Audit(office.page, company, is_office=True)
    wide = [("office-audit", "/office/audit"), ("office-contracts", "/office/contracts")]
    await look_at_all(office.page, proof, office.origin, wide)
    assert not audit.faults + proof.faults, "\n".join(audit.faults + proof.faults)
