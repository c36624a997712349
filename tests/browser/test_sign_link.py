"""A customer who was absent signs on their own phone, and the office sees it as it was given."""

from uuid import UUID

from playwright.async_api import Page, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import ZONE, NewOffice
from tests.browser.office import Office
from tests.browser.tablet import Tablet
from tests.browser.watch import Watch
from tests.fixtures.browser import OpenBrowser

PHONE = (390, 844)
ENGINEER, SUPERVISOR = "wu", "lin"


def unsigned(company: Company) -> UUID:
    """A visit of a round that is going on, in which something was handed in."""
    rows = company.rows(
        "SELECT visit.id FROM visit JOIN inspection ON inspection.assignment = visit.assignment"
        " AND inspection.inspector = visit.engineer"
        " WHERE json_extract(inspection.step, '$.step') = 'submitted'"
        " AND inspection.started_at BETWEEN visit.started_at AND visit.ended_at"
        " AND visit.id NOT IN (SELECT signature.of FROM signature)"
        " AND visit.assignment IN (SELECT id FROM assignment WHERE state IN ('started', 'done'))"
        " AND visit.engineer = ? ORDER BY visit.started_at DESC, visit.id",
        company.person(ENGINEER).hex,
    )
    return UUID(rows[0]["id"])


async def ask(office: Office) -> str:
    """Make a link; it is on the screen, as text and as a QR code."""
    await office.button("生成链接").click()
    await expect(office.page.get_by_alt_text("签字链接的二维码")).to_be_visible()
    return await office.page.locator(".signlinks code").inner_text()


async def sign(phone: Page, link: str, audit: Audit) -> None:
    """Read, write the name, draw, confirm."""
    await phone.goto(link)
    await expect(phone.get_by_role("heading", level=1)).to_have_text("客户签字")
    await expect(phone.locator(".stated .big")).to_contain_text("巡检设备")
    await audit.look("to be signed", "zh-CN")
    confirm = phone.locator(".giving > .btn.pri")
    await expect(confirm).to_be_disabled()
    await expect(confirm).to_have_text("请写上姓名")
    await phone.get_by_label("姓名").fill("黄国强")
    await phone.get_by_label("职务").fill("信息中心主任")
    await phone.locator(".penpad canvas").scroll_into_view_if_needed()
    await Tablet(phone, "").sign()
    await phone.get_by_role("button", name="确认签名").click()
    await expect(phone.locator(".done")).to_contain_text("已签字，谢谢。")
    await audit.look("signed", "zh-CN")


async def test_an_absent_customer_signs_later_by_a_link_that_works_once(
    company: Company, new_office: NewOffice, open_browser: OpenBrowser, watch: Watch
) -> None:
    visit = unsigned(company)
    office = await new_office(SUPERVISOR)
    await office.open(f"/office/visits/{visit}")
    link = await ask(office)
    audit = Audit(office.page, company, is_office=True)
    await audit.look("a visit with a link", "zh-CN")

    context = await open_browser(viewport=PHONE, locale="zh-CN", timezone_id=ZONE)
    await watch.look_at(context)
    phone = await context.new_page()
    theirs = Audit(phone, company)
    await sign(phone, link, theirs)

    await phone.goto("about:blank")
    await phone.goto(link)
    await expect(phone.locator(".gone")).to_contain_text("这个链接无法使用，或者已经不能再用。")
    await phone.get_by_role("button", name="English").click()
    await expect(phone.locator(".gone")).to_contain_text("This link does not work")

    await office.page.reload()
    signature = office.page.locator(".signature").filter(has_text="黄国强")
    await expect(signature).to_contain_text("没有设备加封")
    await expect(office.page.locator(".signlinks")).to_contain_text("已签")
    await signature.get_by_role("link", name="按签字时查看").click()
    await expect(office.page.locator(".stated .big")).to_contain_text("巡检设备")
    await expect(office.page.locator(".covered").first).to_contain_text("与签字时相同")
    await audit.look("as signed", "zh-CN")
    assert not audit.faults + theirs.faults, "\n".join(audit.faults + theirs.faults)
