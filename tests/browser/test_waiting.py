"""Two tablets write one value at once: the office decides, and both hear of it."""

from uuid import UUID

from playwright.async_api import expect

from sync.ids import inspection_id
from tests.browser.audit import Audit
from tests.browser.company import Company, Target
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.tablet import Tablet

SETTLED = """
async () => (await (async () => {{
  const open = indexedDB.open("xunjian-{person}")
  const database = await new Promise((resolve) => {{ open.onsuccess = () => resolve(open.result) }})
  const asked = database.transaction("base").objectStore("base").getAll()
  const all = await new Promise((resolve) => {{ asked.onsuccess = () => resolve(asked.result) }})
  database.close()
  return all.some((one) => one.kind === "disposition" && one.data.settled?.how === "decided")
}})())
"""


async def measure(tablet: Tablet, target: Target, value: str) -> None:
    """Fill one reading in, which is kept on the tablet."""
    await tablet.open(target.path)
    await tablet.read_off("inlet_temp", value)
    await tablet.saved()


async def test_the_office_decides_between_two_tablets_and_both_are_told(
    company: Company, new_tablet: NewTablet, new_office: NewOffice
) -> None:
    target = company.target("liang", "server", is_last=True)
    inspection = inspection_id(target.assignment, target.asset)
    first, second = await new_tablet("liang"), await new_tablet("liang")
    await second.page.context.set_offline(True)
    await measure(first, target, "24")
    await first.all_sent()
    await measure(second, target, "26")
    await second.page.context.set_offline(False)
    await second.all_sent()
    await expect(second.status).to_contain_text("待你处理")

    office = await new_office("chen")
    page, keys = office.page, office.page.keyboard
    await office.open_result(inspection)
    await page.locator(".ex").get_by_role("link", name="答案").click()
    await page.wait_for_url("**/office/waiting/*")
    op = UUID(page.url.rsplit("/", 1)[1])
    need = page.locator("fieldset.need")
    await expect(need).to_contain_text("24")
    await expect(need).to_contain_text("26")
    audit = Audit(page, company, is_office=True)
    await audit.look("what two tablets wrote", "zh-CN")
    assert not audit.faults, "\n".join(audit.faults)
    await keys.press("1")
    await expect(office.button("的值")).to_be_enabled()
    await page.get_by_label("理由，写入历史").fill("以第二次测量为准")
    await keys.press("Enter")
    await expect(page.locator(".top-just")).to_contain_text("已处理")

    for tablet in (first, second):
        field = tablet.item("inlet_temp").locator("input[inputmode=decimal]")
        await expect(field).to_have_value("26")
    await second.until(SETTLED.format(person=company.person("liang")))
    await expect(second.status).not_to_contain_text("待你处理")
    decided = "SELECT decision FROM conflicts WHERE op_id = ?"
    assert company.value(decided, op.hex) == "theirs"
