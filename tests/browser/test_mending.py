"""A change that the server refuses: told on the tablet, mended there, and taken with what waits."""

from uuid import UUID

from playwright.async_api import expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewTablet

LOGIN = "zhou"
NAME = "备用交换机（换新）"
# As an app with a fault would have written it: a name as no server takes it.
SPOIL = """
async ([person, record]) => {
  const open = indexedDB.open(`xunjian-${person}`)
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result) })
  const transaction = database.transaction("outbox", "readwrite")
  const outbox = transaction.objectStore("outbox")
  const asked = outbox.getAll()
  const entries = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result) })
  const entry = entries.find((one) => one.record === record && one.op.new)
  const op = { ...entry.op, set: { ...entry.op.set, name: "" } }
  const done = new Promise((resolve) => { transaction.oncomplete = resolve })
  outbox.put({ ...entry, op })
  await done
  database.close()
  return op.id
}
"""


async def test_what_the_server_refuses_is_mended_on_the_tablet_and_what_waits_behind_it_runs(
    company: Company, new_tablet: NewTablet
) -> None:
    code = company.blank_code(1)
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await page.context.set_offline(True)
    await tablet.open(f"/field/scan?text={code}")
    await tablet.button("新建临时资产").click()
    await page.get_by_label("名称").fill(NAME)
    await page.get_by_label("类别").select_option(label="网络设备")
    await tablet.button("建立并绑定标签").click()
    await page.wait_for_url("**/field/asset/*")
    asset = UUID(page.url.rsplit("/", 1)[1])
    await expect(tablet.status).to_contain_text("等待发送 2 项")
    op = UUID(await page.evaluate(SPOIL, [str(company.person(LOGIN)), str(asset)]))
    await page.reload()
    await page.context.set_offline(False)

    await expect(tablet.status).to_contain_text("待你处理 1")
    await tablet.open("/field/sync")
    need = page.locator(".nd").filter(has_text="服务器没有接受")
    await expect(need).to_contain_text("另有 1 处改动等着它")
    await need.get_by_role("button", name="补正").click()
    field = need.get_by_label("名称")
    await expect(field).to_have_value("")
    send = need.get_by_role("button", name="改好，重新送出")
    await expect(send).to_be_disabled()
    audit = Audit(page, company)
    await audit.look("what needs mending", "zh-CN")

    await field.fill(NAME)
    await send.click()
    await expect(need).to_have_count(0)
    await tablet.all_sent()
    await expect(tablet.status).not_to_contain_text("待你处理")
    outcome = "SELECT outcome_name FROM ops WHERE id = ?"
    assert company.value(outcome, op.hex) == "rejected"
    assert company.value("SELECT name FROM asset WHERE id = ?", asset.hex) == NAME
    assert company.value("SELECT asset_id FROM claims WHERE code = ?", code) == asset.hex
    assert not audit.faults, "\n".join(audit.faults)
