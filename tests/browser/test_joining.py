"""Joining: by the code on the office's screen, and what is said of a link that does not work."""

import io

from PIL import Image
from playwright.async_api import expect

from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.tablet import Tablet

ENGINEER = "tan"
# Notes every text that the first sync tells, as it is told.
LISTEN = """
() => {
  window.told = []
  const note = () => {
    const text = document.querySelector("section.first [role=status]")?.textContent
    if (text && window.told.at(-1) !== text) window.told.push(text)
  }
  new MutationObserver(note).observe(document.body, {
    subtree: true, childList: true, characterData: true,
  })
}
"""


async def test_a_tablet_joins_by_the_code_on_the_screen_of_the_office(
    company: Company, new_office: NewOffice, new_tablet: NewTablet
) -> None:
    office = await new_office("xu")
    await office.open("/office/people")
    name = company.value("SELECT name FROM people WHERE login = ?", ENGINEER)
    person = office.page.get_by_role("row").filter(has_text=name).first
    await person.get_by_role("button", name="加入码").click()
    picture = office.page.get_by_role("img", name=f"{name}的加入码")
    await picture.evaluate("(image) => image.decode()")
    code = await picture.screenshot()

    tablet = await new_tablet(camera=Image.open(io.BytesIO(code)))
    page = tablet.page
    await tablet.open()
    await expect(page.get_by_role("heading", name="让这台设备加入巡检")).to_be_visible()
    await tablet.button("扫加入码").click()
    await expect(page.get_by_label("这台设备叫什么")).to_be_visible()
    await page.get_by_label("这台设备叫什么").fill("码头的平板")
    await page.evaluate(LISTEN)
    await tablet.join()

    told = await page.evaluate("window.told")
    assert any(text.startswith("正在下载") for text in told), told
    assert "#" not in page.url, "the ticket stays in the address"
    await office.page.reload()
    await expect(office.page.get_by_role("row").filter(has_text="码头的平板")).to_contain_text(name)


async def try_to_join(tablet: Tablet, link: str) -> None:
    await tablet.page.goto(link)
    await tablet.button("加入").click()


async def test_a_used_link_says_so_and_what_to_do(company: Company, new_tablet: NewTablet) -> None:
    link = await company.link(ENGINEER)
    first, second = await new_tablet(), await new_tablet()
    await first.enrol(link)
    await try_to_join(second, link)
    said = second.page.get_by_role("alert")
    await expect(said).to_contain_text("这个二维码用过了，每个只能用一次。")
    await expect(said).to_contain_text("请办公室再发一个")
    await expect(second.button("换一个二维码或链接")).to_be_visible()
    # What cannot help is not offered.
    await expect(second.button("再试一次")).to_have_count(0)


async def test_an_expired_link_says_so_in_either_language(
    company: Company, new_tablet: NewTablet
) -> None:
    link = await company.link(ENGINEER)
    company.let_expire(link)
    tablet = await new_tablet()
    await try_to_join(tablet, link)
    said = tablet.page.get_by_role("alert")
    await expect(said).to_contain_text("这个二维码过期了。")
    await tablet.button("English").click()
    await expect(tablet.page.get_by_text("Join").first).to_be_visible()
    await expect(tablet.page.locator("main")).not_to_contain_text("二维码")


async def test_what_is_no_link_at_all_is_told_before_anything_is_sent(
    new_tablet: NewTablet,
) -> None:
    tablet = await new_tablet()
    await tablet.open("/enrol")
    await tablet.page.get_by_label("或粘贴链接").fill("https://example.net/elsewhere")
    await tablet.button("用这个链接").click()
    await expect(tablet.page.get_by_text("这不是加入用的二维码或链接。")).to_be_visible()
