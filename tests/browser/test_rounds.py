"""What the office makes of a round: another engineer, the archive and back; each as it is asked."""

from uuid import UUID

from playwright.async_api import expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewOffice

MANAGER = "zheng"
SIZES = ((1440, 900), (390, 844))


async def look(audit: Audit, name: str) -> None:
    """Look at what stands open, on a desk and on a phone."""
    for width, height in SIZES:
        await audit.page.set_viewport_size({"width": width, "height": height})
        await audit.look(f"{name}, {width} wide", "zh-CN")
    width, height = SIZES[0]
    await audit.page.set_viewport_size({"width": width, "height": height})


async def test_a_round_is_closed_only_after_it_was_asked_and_opened_again(
    company: Company, new_office: NewOffice
) -> None:
    query = "SELECT id FROM assignment WHERE state = 'done' ORDER BY id LIMIT 1"
    round_ = UUID(company.value(query))
    state = "SELECT state FROM assignment WHERE id = ?"
    office = await new_office(MANAGER)
    page = office.page
    audit = Audit(page, company, is_office=True)
    await office.open(f"/office/assignments/{round_}")
    asked = page.get_by_role("dialog")

    await page.get_by_role("button", name="关闭任务").click()
    await expect(asked).to_contain_text("可以重新打开")
    await look(audit, "asked before closing")
    await page.keyboard.press("Escape")
    await expect(asked).to_have_count(0)
    assert company.value(state, round_.hex) == "done"

    await page.get_by_role("button", name="关闭任务").click()
    await asked.get_by_role("button", name="关闭任务").click()
    await expect(page.locator("dl.facts")).to_contain_text("已关闭")
    assert company.value(state, round_.hex) == "closed"

    await page.get_by_role("button", name="重新打开").click()
    await expect(asked).to_contain_text("从归档回到站点")
    await look(audit, "asked before opening again")
    await asked.get_by_role("button", name="重新打开").click()
    await expect(page.get_by_role("button", name="关闭任务")).to_be_visible()
    assert company.value(state, round_.hex) == "done"
    assert not audit.faults, "\n".join(audit.faults)


async def test_a_round_is_given_to_somebody_else_and_back(
    company: Company, new_office: NewOffice
) -> None:
    # Where somebody else inspects too.
    rounds = company.rows(
        "SELECT assignment.id, name FROM assignment JOIN people ON people.id = assignee"
        " WHERE state = 'issued' AND login = 'liang' AND site IN (SELECT site FROM assignment"
        " JOIN people ON people.id = assignee WHERE login = 'zhou') ORDER BY assignment.id"
    )
    round_, before = UUID(rounds[0]["id"]), rounds[0]["name"]
    office = await new_office(MANAGER)
    page = office.page
    audit = Audit(page, company, is_office=True)
    await office.open(f"/office/assignments/{round_}")
    line = page.locator("section.assign")
    await expect(line).to_contain_text(before)

    await line.get_by_role("button", name="换人").click()
    choice = line.get_by_label("交给")
    await expect(choice).to_be_visible()
    others = [name for name in await choice.locator("option").all_inner_texts() if name != before]
    await look(audit, "to whom a round is given")
    for name in (others[0], before):
        if not await choice.is_visible():
            await line.get_by_role("button", name="换人").click()
        await choice.select_option(label=name)
        await line.get_by_role("button", name=f"交给{name}").click()
        await expect(choice).to_have_count(0)
        await expect(line.locator("b").first).to_have_text(name)
    assert not audit.faults, "\n".join(audit.faults)


async def test_a_plan_is_chosen_and_made_rounds_of_by_keys_alone(
    company: Company, new_office: NewOffice
) -> None:
    office = await new_office(MANAGER)
    page = office.page
    audit = Audit(page, company, is_office=True)
    await office.open("/office/assignments")
    await page.get_by_role("button", name="按计划生成任务").press("Enter")
    await expect(page.get_by_label("计划", exact=True)).to_be_focused()
    await look(audit, "choosing a plan")
    # Up to a day that is over nothing is to be made: the company stays as the others expect it.
    await page.get_by_label("计划", exact=True).select_option(index=1)
    await page.get_by_label("生成到哪一天").fill("2024-01-01")
    await page.get_by_label("生成到哪一天").press("Enter")
    told = page.get_by_role("status").filter(has_text="到这一天没有要生成的任务。")
    await expect(told).to_be_visible()
    await expect(page.get_by_role("button", name="按计划生成任务")).to_be_focused()
    await look(audit, "nothing was to be made")
    assert not audit.faults, "\n".join(audit.faults)
