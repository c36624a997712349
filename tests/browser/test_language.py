"""Both languages at once, and what a person with a keyboard sees."""

import re

from playwright.async_api import Page, expect

from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.patience import settled

LOGIN = "he"
# The focus is a ring of 3 px or more, drawn as a shadow around the element or around its field.
FOCUS = """
() => {
  const here = document.activeElement
  const places = [here, here.closest(".in, .find, .addph, .pick, label")].filter(Boolean)
  const spreads = places.flatMap((place) =>
    [...getComputedStyle(place).boxShadow.matchAll(/0px 0px 0px ([0-9.]+)px/g)])
  return {
    // Behind the last comes the browser's own window.
    isAway: here === document.body,
    what: here.outerHTML.slice(0, 120),
    isShown: spreads.some(([, spread]) => Number(spread) >= 3),
  }
}
"""
STEPS = 14


async def test_the_tablet_speaks_the_other_language_at_once_and_keeps_it(
    new_tablet: NewTablet,
) -> None:
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await tablet.open("/field/device")
    await page.evaluate("window.isSamePage = true")
    await page.get_by_role("radio", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_role("link", name="Today")).to_be_visible()
    await expect(tablet.status).to_contain_text(re.compile("Nothing waiting|Needs you"))
    assert await page.evaluate("window.isSamePage"), "the page was loaded anew"
    await page.reload()
    await expect(page.get_by_role("link", name="Today")).to_be_visible()
    await page.get_by_role("radio", name="中文").click()
    await expect(page.get_by_role("link", name="今天")).to_be_visible()


async def test_the_office_speaks_the_other_language_at_once_and_keeps_what_is_typed(
    new_office: NewOffice,
) -> None:
    office = await new_office("deng")
    page = office.page
    await office.open("/office/assets")
    find = page.get_by_role("searchbox")
    await find.fill("UPS")
    await office.button("English").click()
    await expect(page.get_by_role("link", name="Assets")).to_be_visible()
    await expect(find).to_have_value("UPS")
    await page.reload()
    await expect(page.get_by_role("link", name="Assets")).to_be_visible()


async def walk(page: Page) -> set[str]:
    """Go on by the Tab key, and give what was met; each shows that it has the focus.

    The page is there first: in what stands in its place while it opens there is nothing to go to,
    the first Tab would leave it for the browser's own window, for good, and what takes the place of
    what had the focus begins anew.
    """
    await expect(page.locator("nav, header.bezel").first).to_be_visible()
    await settled(page)
    met: set[str] = set()
    for _ in range(STEPS):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(FOCUS)
        assert focus["isShown"] or focus["isAway"], focus["what"]
        if not focus["isAway"]:
            met.add(focus["what"])
    return met


async def test_what_has_the_focus_shows_it(
    company: Company, new_tablet: NewTablet, new_office: NewOffice
) -> None:
    tablet = await new_tablet(LOGIN)
    target = company.target(LOGIN, "network")
    for path in ("/", target.path, "/field/scan"):
        await tablet.open(path)
        assert len(await walk(tablet.page)) > STEPS // 3
    office = await new_office("chen")
    for path in ("/office", "/office/review", "/office/assets"):
        await office.open(path)
        assert len(await walk(office.page)) > STEPS // 3


async def test_whoever_verifies_a_file_chooses_it_by_keys_in_the_language_of_the_page(
    new_office: NewOffice,
) -> None:
    """The browser's own button would speak the browser's language."""
    office = await new_office(locale="zh-CN")
    page = office.page
    await page.goto(f"{office.origin}/verify?language=en")
    field = page.get_by_label("Choose a PDF file")
    await expect(page.get_by_text("No file chosen")).to_be_visible()
    await expect(field).to_have_accessible_description("No file chosen")
    await page.keyboard.press("Tab")  # The other language.
    await page.keyboard.press("Tab")
    await expect(field).to_be_focused()
    ring = "getComputedStyle(document.querySelector('label[for=file]')).outlineWidth"
    assert await page.evaluate(ring) == "3px"
    async with page.expect_file_chooser() as asked:
        await page.keyboard.press("Space")
    chooser = await asked.value
    await chooser.set_files({"name": "paper.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    await expect(page.get_by_text("paper.pdf")).to_be_visible()
    await expect(field).to_have_accessible_description("paper.pdf")
    await expect(page.get_by_text("The file was altered, or was not issued here.")).to_be_visible()
