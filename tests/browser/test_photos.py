"""A photo from a basement: taken without a network, sent over one that breaks, there once."""

import hashlib
import io
import sqlite3
from uuid import UUID

from PIL import Image
from playwright.async_api import FilePayload, Route, expect

from tests.browser.audit import Audit
from tests.browser.company import Company
from tests.browser.conftest import NewOffice, NewTablet
from tests.browser.patience import settled
from tests.browser.tablet import Tablet
from tests.fixtures.demo import DemoServer

LOGIN, MANAGER = "zhou", "zheng"  # Who may audit reads files as they came.
LIGHT = "front_fault_light"


def plate() -> bytes:
    """A photo that cannot be made small: it goes in several pieces."""
    photo = Image.effect_noise((1_600, 1_200), 90).convert("RGB")
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=85)
    return file.getvalue()


async def take_whole(tablet: Tablet, path: str) -> None:
    """Take a photo and keep its full size."""
    place = tablet.item(path)
    await place.get_by_label("保留原尺寸，用于铭牌和序列号").check()
    async with tablet.page.expect_file_chooser() as chosen:
        await place.locator(".addph input").click()
    photo = FilePayload(name="1.jpg", mimeType="image/jpeg", buffer=plate())
    await (await chosen.value).set_files(photo)
    await expect(place.locator("button.ph")).to_have_count(1)


def arrived_once(company: Company, device: UUID) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Give the one upload of a device and the photo it was of, which has its receipt."""
    (upload,) = company.rows("SELECT * FROM uploads WHERE device_id = ?", device.hex)
    sha256 = str(upload["sha256"])
    (photo,) = company.rows("SELECT id, received_at FROM attachment WHERE sha256 = ?", sha256)
    assert photo["received_at"] is not None
    assert company.value("SELECT count(*) FROM deliveries WHERE sha256 = ?", sha256) == 1
    return upload, photo


async def test_a_photo_taken_offline_arrives_once_though_the_network_breaks_and_the_page_reloads(
    company: Company, demo_server: DemoServer, new_tablet: NewTablet, new_office: NewOffice
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await page.context.set_offline(True)
    await tablet.open(target.path)
    await tablet.check(LIGHT, "异常")
    await take_whole(tablet, LIGHT)
    await tablet.saved()

    # Back in a network that lets one piece through, and then no more.
    pieces = 0

    async def after_one_piece(route: Route) -> None:
        nonlocal pieces
        pieces += route.request.method == "PATCH"
        await (route.abort() if pieces > 1 else route.continue_())

    await page.context.route("**/files/**", after_one_piece)
    await page.context.set_offline(False)
    await tablet.all_sent()
    await tablet.photos_begun()
    await tablet.open("/field/sync")
    way = page.locator("section.photos-way")
    await expect(way).to_contain_text("照片都在本机，不会丢")
    await expect(way.locator("li")).to_contain_text("已传")
    audit = Audit(page, company)
    await audit.look("a photo on its way", "zh-CN")
    device = await tablet.device()
    (began,) = company.rows("SELECT * FROM uploads WHERE device_id = ?", device.hex)
    assert began["done_at"] is None
    (on_its_way,) = (await tablet.outbox())["uploads"]
    assert 0 < on_its_way["offset"] < began["bytes"]
    left = "SELECT photos_left FROM devices WHERE id = ?"
    await company.comes_to(1, left, device.hex)

    await page.reload()
    await page.context.unroute("**/files/**")
    await tablet.photos_sent()
    await expect(way).to_have_count(0)

    upload, photo = arrived_once(company, device)
    assert upload["id"] == began["id"]
    sha256 = str(upload["sha256"])

    # The office has it, byte for byte; nothing is left on the tablet, as the office knows too.
    office = await new_office(MANAGER)
    address = f"{demo_server.address}/attachments/{UUID(photo['id'])}/bytes?form=exact"
    got = await office.page.request.get(address)
    assert hashlib.sha256(await got.body()).hexdigest() == sha256
    await tablet.open(target.path)
    await expect(tablet.item(LIGHT).locator("button.ph img")).to_be_visible()
    held = await tablet.outbox()
    # Until a backup of the server holds them, the bytes stay.
    assert [one["bytes"] for one in held["photos"]] == [upload["bytes"]]
    await company.comes_to(0, left, device.hex)
    assert not audit.faults, "\n".join(audit.faults)


async def test_a_photo_is_drawn_on_beside_the_original_and_seen_on_another_tablet_of_the_person(
    company: Company, new_tablet: NewTablet
) -> None:
    target = company.target(LOGIN, "server")
    tablet = await new_tablet(LOGIN)
    page = tablet.page
    await tablet.open(target.path)
    await tablet.check(LIGHT, "异常")
    await tablet.take_photo(LIGHT)
    photos = tablet.item(LIGHT).locator("button.ph")
    await photos.first.click()
    await tablet.button("标注").click()
    await settled(page)
    await page.locator("canvas.markup").hover()
    box = await page.locator("canvas.markup").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await expect(tablet.button("存为新照片")).to_be_disabled()
    await page.mouse.move(x - 60, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 40, steps=5)
    await page.mouse.up()
    audit = Audit(page, company)
    await audit.look("drawing on a photo", "zh-CN")
    await tablet.button("存为新照片").click()
    await expect(photos).to_have_count(2)
    await expect(photos.last).to_have_accessible_name("查看照片：标注")
    await tablet.all_sent()
    await tablet.photos_sent()
    held = await tablet.outbox()
    assert len({one["bytes"] for one in held["photos"]}) == 2

    other = await new_tablet(LOGIN)
    await other.open(target.path)
    seen = other.item(LIGHT).locator("button.ph img")
    await expect(seen).to_have_count(2)
    assert (await other.outbox())["photos"] == []
    # What was looked at once is there without a network.
    await other.page.context.set_offline(True)
    await other.open(target.path)
    await expect(seen).to_have_count(2)
    await seen.first.click()
    await expect(other.page.locator(".viewer .picture img")).to_be_visible()
    assert not audit.faults, "\n".join(audit.faults)
