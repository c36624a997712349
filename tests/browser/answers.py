"""How an engineer fills the checklist of a server in: something of everything it can ask.

Rule: in Chinese, as on the screen; what is expected afterwards stands in the tests.
"""

from datetime import date, timedelta

from playwright.async_api import expect

from tests.browser.company import Target
from tests.browser.tablet import Tablet

SEEN = "前面板橙灯常亮，硬盘仓 2"


async def fill_hardware(tablet: Tablet) -> None:
    """Something abnormal with its photo, a reading out of limits, something not applicable."""
    await tablet.check("front_fault_light", "异常")
    light = tablet.item("front_fault_light")
    await expect(light.get_by_text("还缺照片")).to_be_visible()
    await light.get_by_role("radio", name="紧急").click()
    await tablet.note("front_fault_light", SEEN)
    await tablet.take_photo("front_fault_light")
    await expect(light.get_by_text("等待上传")).to_be_visible()

    await tablet.read_off("inlet_temp", "29.5")
    await expect(tablet.item("inlet_temp").get_by_text("高于上限 27")).to_be_visible()

    await tablet.check("psu_redundancy", "不适用")
    await tablet.item("psu_redundancy").get_by_role("button", name="没有这个部件").click()
    await tablet.mark_rest("hardware")
    await tablet.write("firmware_level", "U52 v2.60")


async def fill_storage(tablet: Tablet) -> None:
    """The disks as last time and one more, each with its own answer and reading."""
    disks = tablet.item("disks")
    await tablet.as_last_time("disks")
    known = len(await tablet.elements("disks", "disk_state"))
    await disks.get_by_role("button", name="添加硬盘", exact=True).click()
    await disks.get_by_role("button", name="添加", exact=True).click()
    await expect(tablet.page.locator("[id^='at-disks--'][id$='--disk_state']")).to_have_count(
        known + 1
    )
    for at, element in enumerate(await tablet.elements("disks", "disk_state")):
        await tablet.check(f"disks.{element}.disk_state", "正常")
        await tablet.read_off(f"disks.{element}.disk_life", str(90 - at))
    await tablet.choose("raid_state", "正常")
    await tablet.mark_rest("storage")


async def fill_system(tablet: Tablet) -> None:
    await tablet.choose("os_family", "Linux")
    for path, value in (("uptime_days", "210"), ("cpu_percent", "31"), ("memory_percent", "64")):
        await tablet.read_off(path, value)
    await tablet.as_last_time("filesystems")
    for element in await tablet.elements("filesystems", "used_percent"):
        await tablet.read_off(f"filesystems.{element}.used_percent", "57")
    await tablet.read_off("clock_offset", "0")


async def fill_everything(tablet: Tablet, target: Target, today: date) -> None:
    """Fill the whole checklist in, section by section."""
    await tablet.write("asset_serial", target.serial)
    await tablet.mark_rest("asset_check")
    await tablet.choose("machine_kind", "机架式")
    await fill_hardware(tablet)
    await fill_storage(tablet)
    await fill_system(tablet)
    await tablet.mark_rest("logs")
    await tablet.write("patch_date", (today - timedelta(days=20)).isoformat())
    await tablet.mark_rest("closing")
    await tablet.saved()
