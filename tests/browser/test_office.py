"""The office by its screens and keys: signing in, the review, and who may not decide."""

from datetime import date
from uuid import UUID

from playwright.async_api import ViewportSize, expect

from sync.ids import inspection_id
from tests.browser.answers import fill_everything
from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.office import Office

SUPERVISOR = "lin"


async def test_a_wrong_password_is_told_and_tells_nothing_more(new_office: NewOffice) -> None:
    office = await new_office()
    page = office.page
    for login, password in ((SUPERVISOR, "not this one"), ("nobody-at-all", "not this one")):
        await office.open()
        await office.give(login, password)
        await expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对。")
        assert await page.context.cookies() == []
    await office.give(SUPERVISOR, "xunjian-demo")
    await expect(page.get_by_role("heading", name="今天")).to_be_visible()


async def test_signing_in_leads_to_the_page_that_was_asked_for_and_out_again(
    new_office: NewOffice,
) -> None:
    office = await new_office()
    page = office.page
    await office.sign_in(SUPERVISOR, "/office/assets?q=UPS")
    await expect(page).to_have_url(f"{office.origin}/office/assets?q=UPS")
    await office.open("/office/account")
    await office.button("退出登录").click()
    await expect(page.get_by_role("heading", name="登录办公室")).to_be_visible()
    await office.open("/office/review")
    await expect(page.get_by_role("heading", name="登录办公室")).to_be_visible()


async def in_hand(office: Office, row: int) -> UUID:
    """Wait until that row is in hand and shown, and say which result it is."""
    page = office.page
    link = page.locator("nav.queue li a").nth(row)
    await expect(link).to_have_attribute("aria-current", "true")
    name = await link.locator("b").inner_text()
    await expect(page.locator("main.rv h1, main.rv h2").first).to_contain_text(name)
    return UUID(str(await link.get_attribute("href")).rsplit("/", 1)[1])


async def test_the_review_is_done_by_keyboard(company: Company, new_office: NewOffice) -> None:
    office = await new_office(SUPERVISOR)
    page, keys = office.page, office.page.keyboard
    await office.open("/office/review")
    await in_hand(office, 0)
    await keys.press("j")
    await in_hand(office, 1)
    await keys.press("k")
    first = await in_hand(office, 0)

    # R without a remark asks for one at the item in hand; while it is written, keys are letters.
    await keys.press("r")
    remark = page.locator("article[aria-current] textarea")
    await expect(remark).to_be_focused()
    await keys.type("jkar 请补拍")
    await expect(remark).to_have_value("jkar 请补拍")
    await keys.press("Escape")
    await keys.press("r")
    await expect(page.locator(".just")).to_contain_text("已退回 1 处")
    second = await in_hand(office, 1)
    assert company.decided(first) == "returned"

    await keys.press("u")
    await expect(page.locator(".just")).to_have_count(0)
    assert company.decided(first) == ""

    await keys.press("a")
    await expect(page.locator(".just")).to_contain_text("已接受")
    assert company.decided(second) == "accepted"


async def test_who_accepts_before_the_photos_are_here_says_why(
    company: Company, new_office: NewOffice
) -> None:
    query = (
        "SELECT parent, item FROM attachment WHERE received_at IS NULL AND scope_id LIKE 'site:%'"
        " AND NOT EXISTS (SELECT 1 FROM ops WHERE record_id = attachment.id)"
    )
    (photo,) = company.rows(query)
    inspection = UUID(photo["parent"])
    office = await new_office("chen")
    await office.open_result(inspection)
    await expect(office.item(photo["item"])).to_contain_text("还没有送到")
    await office.button("接受").click()
    accept = office.button("缺 1 张照片，仍接受")
    await expect(accept).to_be_disabled()
    assert company.decided(inspection) == ""
    why = "已电话核对，照片随后到"
    await office.page.get_by_label("照片没到就接受的原因").fill(why)
    await accept.click()
    await expect(office.page.locator(".just")).to_contain_text("已接受")
    assert company.decided(inspection) == "accepted"
    reason = "SELECT json_extract(review, '$.reason') FROM inspection WHERE id = ?"
    assert company.value(reason, inspection.hex) == why


async def test_nothing_is_decided_over_a_result_that_has_changed_meanwhile(
    company: Company, new_office: NewOffice
) -> None:
    one, other = await new_office(SUPERVISOR), await new_office(SUPERVISOR)
    await one.open("/office/review")
    link = one.page.locator("nav.queue li a").last
    inspection = UUID(str(await link.get_attribute("href")).rsplit("/", 1)[1])
    await one.open_result(inspection)
    await other.open_result(inspection)
    await other.button("对整份结果写退回备注").click()
    await other.page.get_by_label("退回备注：整份结果").fill("请写明测试用的仪表")
    await other.button("退回 1 处").click()
    await expect(other.page.locator(".just")).to_contain_text("已退回")

    await one.page.keyboard.press("a")
    said = one.page.get_by_role("alert")
    await expect(said).to_contain_text("这份结果在你看的时候变了，什么都没有决定")
    await expect(one.page.locator("footer.deciding")).to_contain_text("已退回，等工程师补正")
    assert company.decided(inspection) == "returned"


async def test_nobody_accepts_an_inspection_of_their_own(
    company: Company, new_tablet: NewTablet, new_office: NewOffice
) -> None:
    target = company.target("wu", "server")
    inspection = inspection_id(target.assignment, target.asset)
    tablet = await new_tablet(SUPERVISOR)
    await tablet.open(target.path)
    today = date.fromisoformat(company.server.facts["today"])
    await fill_everything(tablet, target, today)
    await tablet.finish()
    await tablet.submit()
    await tablet.all_sent()

    office = await new_office(SUPERVISOR)
    await office.open_result(inspection)
    await expect(office.page.locator("footer.deciding")).to_contain_text("自己做的巡检由别人审核。")
    await expect(office.button("接受")).to_be_disabled()
    await office.page.keyboard.press("a")
    await expect(office.page.locator(".just")).to_have_count(0)
    assert company.decided(inspection) == ""


PHONE = ViewportSize(width=390, height=844)
# What can be reached in the navigation, and whether its word is seen whole.
PLACES = """
(nav) => [...nav.querySelectorAll("a, button")].filter((e) => e.checkVisibility()).map((one) => {
  const name = one.querySelector(".name")
  const { left, right, width, height } = name.getBoundingClientRect()
  const within = one.getBoundingClientRect()
  const isWhole = left >= Math.max(0, within.left) && right <= Math.min(innerWidth, within.right)
  return [name.textContent, isWhole && width > 8 && height > 8]
})
"""


async def test_on_a_phone_every_place_of_the_office_has_its_word(new_office: NewOffice) -> None:
    office = await new_office("zheng")
    page = office.page
    side = page.locator("nav.side")
    await page.set_viewport_size(PHONE)
    await office.open()
    for language, more in (("zh-CN", "更多"), ("en", "More")):
        await page.evaluate("(to) => localStorage.setItem('xunjian.language', to)", language)
        await office.open()
        opener = side.get_by_role("button", name=more)
        await expect(opener).to_have_attribute("aria-expanded", "false")
        daily = await side.evaluate(PLACES)
        await opener.click()
        everything = await side.evaluate(PLACES)
        assert all(seen for _, seen in daily + everything), everything
        assert len(daily) == len(("today", "rounds", "review", "waiting", "more"))
        links = await side.locator("a").count()
        assert len(everything) == links + len(("more", "language"))
        await page.keyboard.press("Escape")
        await expect(opener).to_be_focused()
        assert await side.evaluate(PLACES) == daily
    opener = side.get_by_role("button", name="More")
    await opener.click()
    await side.get_by_role("link", name="Labels").click()
    await expect(page.get_by_role("heading", name="Labels", exact=True).first).to_be_visible()
    await expect(opener).to_have_attribute("aria-expanded", "false")


async def test_on_a_phone_a_round_shows_its_date_and_state(new_office: NewOffice) -> None:
    office = await new_office("chen")
    await office.page.set_viewport_size(PHONE)
    await office.open("/office/assignments")
    row = office.page.locator(".rounds tbody tr").first
    for part in (3, 4, 5):
        box = await row.locator("td").nth(part - 1).bounding_box()
        assert box is not None
        assert box["width"] > 0
        assert box["x"] + box["width"] <= PHONE["width"], part
