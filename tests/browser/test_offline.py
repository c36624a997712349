"""Without a server, not merely with a switch in the browser: the process at the address is gone."""

from uuid import UUID

from playwright.async_api import expect

from sync.tags import display
from tests.browser.company import Company
from tests.browser.conftest import NewTablet, OpenAgain
from tests.fixtures.demo import DemoServer

LOGIN = "zhou"


async def test_after_a_restart_without_a_server_the_day_is_there_and_can_be_worked(
    company: Company, demo_server: DemoServer, open_again: OpenAgain
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await open_again()
    await tablet.enrol(await company.link(LOGIN))
    titles = tablet.page.locator("main.today a.lr h3")
    await expect(titles.first).to_be_visible()
    rounds = await titles.all_text_contents()
    await tablet.page.context.close()

    demo_server.stop()
    try:
        tablet = await open_again()
        page = tablet.page
        await tablet.open()
        await expect(page.locator("main.today a.lr h3")).to_have_text(rounds)
        await tablet.open(target.path)
        await expect(page.get_by_role("heading", level=1)).to_contain_text(target.name)
        await tablet.mark_rest("asset_check")
        await tablet.saved()
        await page.context.close()

        tablet = await open_again()
        page = tablet.page
        await tablet.open(target.path)
        await expect(page.locator("#section-asset_check")).to_contain_text("批量标为正常")
        await tablet.open("/field/sync")
        await expect(page.get_by_text("现在连不上服务器")).to_be_visible()
    finally:
        demo_server.start()
    await tablet.button("立即同步").click()
    await tablet.all_sent()
    assert company.ops(await tablet.device())


async def test_text_that_is_being_typed_survives_an_immediate_reload(
    company: Company, new_tablet: NewTablet
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await tablet.open(target.path)
    field = tablet.item("firmware_level").get_by_role("textbox")
    await field.press_sequentially("U52 v2.60 (2026-03-11)")
    await page.reload(wait_until="commit")
    await expect(field).to_have_value("U52 v2.60 (2026-03-11)")
    await tablet.saved()
    await page.reload()
    await expect(field).to_have_value("U52 v2.60 (2026-03-11)")


async def test_a_mistyped_tag_is_told_at_once_and_names_no_other(
    company: Company, new_tablet: NewTablet
) -> None:
    code = display(company.target(LOGIN, "server").code)
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await page.context.set_offline(True)
    await page.get_by_role("link", name="扫码").first.click()
    field = page.get_by_label("扫不出来？输入标签编码或序列号")
    await field.fill(wrong[:-2])
    await expect(page.get_by_text("校验位不对")).to_have_count(0)
    await field.fill(wrong)
    await expect(page.get_by_text("校验位不对，有一个字符输错了")).to_be_visible()
    await field.press("Enter")
    await expect(page.get_by_role("status").get_by_text("编码有误")).to_be_visible()
    await expect(page.get_by_text("对照标签再看一遍")).to_be_visible()
    assert "/field/scan" in page.url
    await field.fill(code)
    await expect(page.get_by_text("校验位正确")).to_be_visible()


async def test_an_unknown_tag_becomes_a_provisional_asset_offline_and_is_sent_later(
    company: Company, new_tablet: NewTablet
) -> None:
    code, name = company.blank_code(), "备用交换机（新到货）"
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await page.context.set_offline(True)
    await page.get_by_role("link", name="扫码").first.click()
    await page.get_by_label("扫不出来？输入标签编码或序列号").fill(display(code))
    await page.get_by_label("扫不出来？输入标签编码或序列号").press("Enter")
    await expect(page.get_by_text("未绑定的标签")).to_be_visible()
    await tablet.button("新建临时资产").click()
    await page.get_by_label("名称").fill(name)
    await page.get_by_label("类别").select_option(label="网络设备")
    await tablet.button("建立并绑定标签").click()
    await page.wait_for_url("**/field/asset/*")
    asset = UUID(page.url.rsplit("/", 1)[1])
    await expect(page.get_by_text("待补资料").first).to_be_visible()
    await expect(tablet.status).to_contain_text("等待发送 2 项")

    # The same label again opens what it is on now.
    await tablet.open(f"/field/scan?text={code}")
    await page.wait_for_url(f"**/field/asset/{asset}")

    await page.context.set_offline(False)
    await tablet.all_sent()
    (row,) = company.rows("SELECT name, provisional FROM asset WHERE id = ?", asset.hex)
    assert (row["name"], bool(row["provisional"])) == (name, True)
    assert company.value("SELECT asset_id FROM claims WHERE code = ?", code) == asset.hex
