"""Two tabs of one tablet, and a new version of the app that comes while somebody works."""

from playwright.async_api import Page, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewTablet
from tests.browser.patience import until
from tests.browser.tablet import Tablet

LOGIN = "wu"
ONE_LEADS = """
async () => {
  const { held, pending } = await navigator.locks.query()
  return held.length === 1 && pending.length === 1
}
"""
# Another address of the same worker is another build, as far as the browser can tell.
NEW_BUILD = """
async () => {
  const registration = await navigator.serviceWorker.register("/sw.js?next", {
    updateViaCache: "none",
  })
  const worker = registration.installing ?? registration.waiting
  if (worker.state === "installed") return
  await new Promise((resolve) => worker.addEventListener("statechange", () => {
    if (worker.state === "installed") resolve()
  }))
}
"""


def syncs(page: Page) -> list[str]:
    """Gather what a page asks of the sync from now on."""
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/sync/" in request.url else None
    )
    return asked


async def go_to_device(tablet: Tablet) -> None:
    """From a checklist to the page of the device, without loading anything anew."""
    await tablet.button("返回").click()
    await tablet.page.get_by_role("link", name="本机", exact=True).click()
    await expect(tablet.page.get_by_role("heading", level=1)).to_have_text("本机")


async def test_two_tabs_show_the_same_and_one_of_them_syncs(
    company: Company, new_tablet: NewTablet
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await new_tablet(LOGIN)
    other = Tablet(await tablet.page.context.new_page(), tablet.origin)
    theirs = syncs(other.page)
    await tablet.open(target.path)
    await other.open(target.path)
    await expect(other.item("asset_label")).to_be_visible()
    await other.until(ONE_LEADS)

    await tablet.check("asset_label", "异常")
    await expect(other.item("asset_label").get_by_role("radio", name="异常")).to_be_checked()
    await other.check("asset_position", "正常")
    await expect(tablet.item("asset_position").get_by_role("radio", name="正常")).to_be_checked()
    await other.saved()
    await other.all_sent()
    assert theirs == [], "the second tab syncs beside the first"

    async def say_the_same() -> bool:
        return await tablet.status.inner_text() == await other.status.inner_text()

    await until(say_the_same, "both tabs say where the work is")

    # Whoever is left goes on.
    await tablet.page.close()
    await other.choose("machine_kind", "机架式")
    await other.saved()
    await other.all_sent()
    assert theirs
    device = await other.device()
    assert not company.twice(device)
    assert len(company.ops(device)) == len((await other.outbox())["ops"])


async def test_a_new_version_is_not_offered_while_something_is_unsent(
    company: Company, new_tablet: NewTablet
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await tablet.open(target.path)
    await page.evaluate(NEW_BUILD)
    await go_to_device(tablet)
    offer = page.get_by_text("新版本已下载，下次启动时使用")
    await expect(offer).to_be_visible()
    audit = Audit(page, company)
    await audit.look("a new version is offered", "zh-CN")
    assert not audit.faults, "\n".join(audit.faults)

    await page.context.set_offline(True)
    await page.go_back()
    await page.go_back()
    await tablet.mark_rest("asset_check")
    await tablet.saved()
    await go_to_device(tablet)
    await expect(offer).to_have_count(0)

    await page.context.set_offline(False)
    await tablet.all_sent()
    await expect(offer).to_be_visible()
    async with page.expect_navigation():
        await tablet.button("现在使用").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("本机")
    assert await page.evaluate("navigator.serviceWorker.controller.scriptURL.endsWith('?next')")
    await tablet.open(target.path)
    await expect(page.locator("#section-asset_check")).to_contain_text("批量标为正常")
