"""While the server is slow or away: what is coming is told, what was read stays, and what is lost.

Rule: nobody waits before an empty screen, and nobody is told of an alarm that is none.
"""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet
from tests.fixtures.demo import DemoServer

ENGINEER, SUPERVISOR = "tan", "chen"


async def test_the_office_says_what_is_coming_while_it_comes(
    company: Company, new_office: NewOffice
) -> None:
    office = await new_office(SUPERVISOR)
    page = office.page
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        if not route.request.is_navigation_request():
            await arrives.wait()
        await route.continue_()

    await page.route(re.compile(r"/office/assets(\?|$)"), late)
    await page.goto(f"{office.origin}/office/assets")
    coming = page.locator("main .coming")
    await expect(coming).to_have_attribute("aria-busy", "true")
    await expect(coming.get_by_role("status")).to_have_text("正在载入资产")
    arrives.set()
    await expect(coming).to_have_count(0)
    await expect(page.locator("main table tbody tr").first).to_be_visible()


async def test_where_the_server_is_away_the_office_and_the_tablet_say_so_and_go_on_by_themselves(
    company: Company, demo_server: DemoServer, new_office: NewOffice, new_tablet: NewTablet
) -> None:
    office, tablet = await new_office(SUPERVISOR), await new_tablet(ENGINEER)
    desk, last = office.page, tablet.page.locator("header.bezel .last")
    await office.open("/office/assets")
    audits = Audit(desk, company, is_office=True), Audit(tablet.page, company)
    live = desk.locator("header.top").get_by_role("status")
    await expect(live).to_contain_text("实时")
    await expect(last).to_contain_text("上次成功同步")
    await expect(last).not_to_contain_text("连不上服务器")
    demo_server.stop()
    try:
        await expect(live).to_contain_text("连接中断")
        await expect(desk.locator("main table tbody tr").first).to_be_visible()
        await audits[0].look("the server is away from what was read", "zh-CN")
        # By itself: nobody touches the tablet. No alarm either, as nothing is lost.
        await expect(last).to_contain_text("连不上服务器，上次成功同步")
        await expect(tablet.page.get_by_role("alert")).to_have_count(0)
        await audits[1].look("the server is away from the tablet", "zh-CN")
        await desk.get_by_role("link", name="报告").first.click()
        said = desk.get_by_role("alert").first
        await expect(said).to_contain_text("连不上服务器。")
        await audits[0].look("the server is away from what was not read", "zh-CN")
    finally:
        demo_server.start()
    await said.get_by_role("button", name="再试一次").click()
    await expect(desk.get_by_role("alert")).to_have_count(0)
    await expect(live).to_contain_text("实时")
    await expect(last).not_to_contain_text("连不上服务器")
    assert not audits[0].faults + audits[1].faults, "\n".join(audits[0].faults + audits[1].faults)
