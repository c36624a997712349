"""The outcome, end to end: from a scanned label, without a server, to an accepted result."""

import io
import re
from datetime import date
from uuid import UUID

from PIL import Image
from playwright.async_api import expect

from sync.ids import inspection_id
from tests.browser.answers import SEEN, fill_everything
from tests.browser.audit import Audit
from tests.browser.company import Company, Target, label_of
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.office import Office
from tests.browser.tablet import Tablet
from tests.fixtures.demo import DemoServer

LOGIN, SUPERVISOR = "liang", "chen"
REMARK = "进风口温度请在机柜关门后再测一次"


async def expect_everything(tablet: Tablet) -> None:
    """What was filled in is on the screen, all of it."""
    light = tablet.item("front_fault_light")
    await expect(light.locator(".more textarea")).to_have_value(SEEN)
    await expect(light.locator("button.ph img")).to_be_visible()
    await expect(light.get_by_role("radio", name="紧急")).to_be_checked()
    reading = tablet.item("inlet_temp").locator("input[inputmode=decimal]")
    await expect(reading).to_have_value("29.5")
    await expect(tablet.item("psu_redundancy").get_by_role("textbox")).to_have_value("没有这个部件")
    await expect(tablet.item("firmware_level").get_by_role("textbox")).to_have_value("U52 v2.60")
    await expect(tablet.page.get_by_text("批量标为正常").first).to_be_visible()


async def work_without_a_server(tablet: Tablet, target: Target, today: date, audit: Audit) -> None:
    """Scan the label, fill everything in, reload, hand in, have it signed, reload again."""
    page = tablet.page
    await page.get_by_role("link", name="扫码").first.click()
    await page.wait_for_url(f"**{target.path}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(target.name)
    await fill_everything(tablet, target, today)

    await page.reload()
    await expect_everything(tablet)
    await audit.look("filled in", "zh-CN")
    await expect(tablet.status).to_contain_text("本机草稿 1 项")

    await tablet.finish()
    await expect(page.locator("main.finish")).to_contain_text("必答项都已答")
    await expect(page.locator("main.finish")).to_contain_text("异常 2 项")
    await audit.look("before handing in", "zh-CN")
    await tablet.submit()
    await page.get_by_role("link", name="客户确认").click()
    await page.get_by_label("姓名").fill("陈主任")
    await tablet.sign()
    await audit.look("signing", "zh-CN")
    await tablet.button("确认签名").click()
    await expect(page.get_by_text("陈主任 已签字")).to_be_visible()

    await page.reload()
    await expect(page.get_by_text("陈主任 已签字")).to_be_visible()
    await expect(tablet.status).to_contain_text("等待发送")
    await tablet.open(target.path)
    await expect(page.locator("section.sent")).to_contain_text("在本机，等待发送")


async def return_with_remark(office: Office, inspection: UUID, target: Target) -> None:
    """The abnormal stands first; one of it goes back with a remark."""
    page = office.page
    await office.open()
    await page.get_by_role("link", name=re.compile("^审核")).click()
    await office.row(inspection).click()
    await page.wait_for_url(f"**/office/review/{inspection}")
    await expect(page.locator("main.rv article").first).to_have_attribute(
        "data-path", "front_fault_light"
    )
    await expect(office.item("front_fault_light")).to_contain_text(SEEN)
    await expect(office.item("front_fault_light")).not_to_contain_text("照片等待上传")
    reading = office.item("inlet_temp")
    await expect(reading).to_contain_text("29.5")
    await reading.get_by_role("heading").click()
    await reading.get_by_label("退回备注，会显示在平板上").fill(REMARK)
    await office.button("退回 1 处").click()
    await expect(page.locator(".just")).to_contain_text(f"已退回 1 处：{target.name}")


async def mend(tablet: Tablet, target: Target) -> None:
    """The remark reaches the tablet by itself, stands at its item, and is mended."""
    page = tablet.page
    await expect(page.locator("section.sentback")).to_contain_text(REMARK)
    await expect(tablet.status).to_contain_text("待你处理 1")
    await page.locator("section.sentback").get_by_role("button").click()
    item = tablet.item("inlet_temp")
    await expect(item.locator(".remark")).to_contain_text("被退回")
    await expect(item.locator(".remark")).to_contain_text(REMARK)
    await tablet.read_off("inlet_temp", "24")
    await tablet.saved()
    await expect(item.get_by_text("高于上限")).to_have_count(0)
    await tablet.finish()
    await tablet.submit()
    await expect(page.locator("section.sent")).to_contain_text("已确认")


async def sign_again(tablet: Tablet, target: Target, audit: Audit) -> None:
    """The old signature is marked, here and on the round; the customer signs what stands now."""
    page = tablet.page
    sent = page.locator("section.sent")
    await expect(sent).to_contain_text("陈主任 已签字")
    await expect(sent).to_contain_text("签字后有改动")
    await tablet.open(f"/field/round/{target.assignment}")
    await expect(page.locator("section.visit")).to_contain_text("签字后有改动")
    await audit.look("signed, then changed", "zh-CN")
    await page.get_by_role("link", name="请客户重新签字").click()
    await expect(page.locator("section.signhere")).to_contain_text("签字后有改动")
    await tablet.button("重新签字").click()
    await page.get_by_label("姓名").fill("陈主任")
    await tablet.sign()
    await tablet.button("确认签名").click()
    await expect(page.get_by_text("陈主任 已签字")).to_be_visible()
    await expect(page.get_by_text("签字后有改动")).to_have_count(0)
    await tablet.open(target.path)
    await expect(sent).to_contain_text("陈主任 已签字")
    await expect(sent).to_contain_text("已确认")
    await expect(page.get_by_text("签字后有改动")).to_have_count(0)


async def expect_two_signatures(office: Office, inspection: UUID) -> None:
    """The office sees both, and which of them no longer covers the result."""
    await office.open_result(inspection)
    signatures = office.page.locator(".signatures .signature")
    await expect(signatures).to_have_count(2)
    marked = signatures.filter(has_text="签字后有改动")
    await expect(marked).to_have_count(1)


async def accept(office: Office, inspection: UUID) -> None:
    """Everything has arrived, the photo too: nothing more is asked."""
    await office.open_result(inspection)
    await office.button("接受").click()
    await expect(office.page.locator(".just")).to_contain_text("已接受")


def expect_nothing_lost(company: Company, device: UUID, held: list[dict[str, object]]) -> None:
    """Every op of the tablet is at the server, once, in order, and was applied."""
    rows = company.ops(device)
    assert len(rows) == len(held) > 0
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert not company.twice(device)
    there = {row["n"]: UUID(row["id"]) for row in rows}
    assert {entry["n"]: UUID(str(entry["id"])) for entry in held}.items() <= there.items()
    assert {entry["state"] for entry in held} <= {"acknowledged", "settled"}
    assert {row["outcome_name"] for row in rows} == {"applied"}


async def test_a_scanned_label_leads_to_an_accepted_result_though_the_server_was_gone(
    company: Company, demo_server: DemoServer, new_tablet: NewTablet, new_office: NewOffice
) -> None:
    target = company.target(LOGIN, "server")
    inspection = inspection_id(target.assignment, target.asset)
    today = date.fromisoformat(demo_server.facts["today"])
    label = Image.open(io.BytesIO(label_of(target.code)))
    tablet = await new_tablet(LOGIN, camera=label)
    await expect(tablet.page.locator("main.today")).to_contain_text("机房季度巡检")
    audit = Audit(tablet.page, company)

    demo_server.stop()
    try:
        await work_without_a_server(tablet, target, today, audit)
    finally:
        demo_server.start()

    # By itself: nobody touches the tablet.
    sent = tablet.page.locator("section.sent")
    await expect(sent).to_contain_text("已确认")
    await tablet.photos_sent()

    office = await new_office(SUPERVISOR)
    await return_with_remark(office, inspection, target)
    await mend(tablet, target)
    await sign_again(tablet, target, audit)
    await tablet.all_sent()
    await expect_two_signatures(office, inspection)
    await accept(office, inspection)
    await expect(sent).to_contain_text("已接受")

    await tablet.all_sent()
    held = await tablet.outbox()
    expect_nothing_lost(company, UUID(held["device"]), held["ops"])
    assert [upload["state"] for upload in held["uploads"]] == ["sent"]
    assert not audit.faults, "\n".join(audit.faults)
