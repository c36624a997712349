"""The field face as an engineer uses it: places, scanning, the checklist, the signature.

Rule: everything goes through what a person sees and touches; only `outbox` looks behind it.
"""

import asyncio
import io
import re
from typing import Any
from uuid import UUID

from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.patience import PATIENCE_SECONDS

# Everything of this person's outbox on the device, and the device's own id.
OUTBOX = """
async () => {
  const opened = (name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const all = (database, store) => new Promise((resolve, reject) => {
    const request = database.transaction(store).objectStore(store).getAll()
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const device = await opened("xunjian-device")
  const [person] = await all(device, "persons")
  device.close()
  const store = await opened(`xunjian-${person.person}`)
  const outbox = await all(store, "outbox")
  const photos = await all(store, "blobs")
  const uploads = await all(store, "uploads")
  store.close()
  return {
    device: person.device,
    ops: outbox.map(({ n, id, state }) => ({ n, id, state })),
    photos: photos.map(({ bytes }) => ({ bytes: bytes.byteLength })),
    uploads: uploads.map(({ attachment, state, offset, bytes }) =>
      ({ attachment, state, offset, bytes })),
  }
}
"""
ALL_SENT = f"""
async () => {{
  const SENT = ["acknowledged", "settled"]
  return (await ({OUTBOX.strip()})()).ops.every(({{ state }}) => SENT.includes(state))
}}
"""
PHOTOS_BEGUN = f"""
async () => (await ({OUTBOX.strip()})()).uploads.some(({{ offset }}) => offset > 0)
"""
PHOTOS_SENT = f"""
async () => (await ({OUTBOX.strip()})()).uploads.every(({{ state }}) => state === "sent")
"""
# Playwright's own `wait_for_function` takes a promise for true.
UNTIL = """
async () => {{
  const holds = {predicate}
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100))
}}
"""
# Whoever taps elsewhere leaves the field in which they typed.
LEAVE = "() => document.activeElement?.blur()"


def jpeg() -> bytes:
    """Make a photo as a camera would: larger than what is kept, with some structure."""
    photo = Image.radial_gradient("L").resize((2400, 1800)).convert("RGB")
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=80)
    return file.getvalue()


class Tablet:
    """One browser with the field face in it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.status = page.locator("header.bezel .say")

    async def open(self, path: str = "/") -> None:
        await self.page.goto(f"{self.origin}{path}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    # --- Joining ---

    async def enrol(self, link: str) -> None:
        """Join by a link, wait for the first sync, and go to today."""
        await self.page.goto(link)
        await self.join()

    async def join(self) -> None:
        """Confirm the device's name, wait until everything is here, and go to today."""
        await self.page.locator("main form button[type=submit]").click()
        first = self.page.locator("section.first")
        await expect(first.get_by_text(re.compile("已下载完|Everything"))).to_be_visible()
        await self.page.locator("main > button.pri").click()
        await expect(self.page.locator("main.today h1")).to_be_visible()
        await self.is_kept()

    async def is_kept(self) -> None:
        """Wait until the app is on the device, so that it opens without a server."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await self.page.wait_for_function("navigator.serviceWorker.controller !== null")

    async def outbox(self) -> dict[str, Any]:
        """Read what is on the device: its id, its ops, its photos."""
        held: dict[str, Any] = await self.page.evaluate(OUTBOX)
        return held

    async def until(self, predicate: str) -> None:
        """Wait until an asynchronous function in the page says true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.page.evaluate(UNTIL.format(predicate=predicate.strip()))

    async def all_sent(self) -> None:
        """Wait until the server has taken everything in the outbox."""
        await self.until(ALL_SENT)

    async def photos_begun(self) -> None:
        """Wait until the server has kept something of a photo."""
        await self.until(PHOTOS_BEGUN)

    async def photos_sent(self) -> None:
        """Wait until the server has said that it holds the bytes of every photo here."""
        await self.until(PHOTOS_SENT)

    async def device(self) -> UUID:
        return UUID((await self.outbox())["device"])

    # --- The checklist ---

    def item(self, path: str) -> Locator:
        """The place of an item, by its path in the form: `inlet_temp`, `disks.ID.disk_life`."""
        return self.page.locator(f"#at-{path.replace('.', '--')}")

    async def check(self, path: str, answer: str) -> None:
        """Tap one of 正常, 异常, 不适用."""
        await self.item(path).get_by_role("radio", name=answer, exact=True).first.click()

    async def choose(self, path: str, option: str) -> None:
        place = self.item(path)
        one = place.get_by_role("radio", name=option, exact=True)
        await one.or_(place.get_by_role("checkbox", name=option, exact=True)).first.click()

    async def read_off(self, path: str, value: str) -> None:
        """Type a reading."""
        await self.item(path).locator("input[inputmode=decimal]").fill(value)

    async def write(self, path: str, text: str) -> None:
        """Type the answer to a question for text, date or serial number."""
        field = self.item(path).locator(".entry input:not([type=file]), .entry textarea")
        await field.first.fill(text)

    async def note(self, path: str, text: str) -> None:
        await self.item(path).locator(".more textarea").fill(text)

    async def take_photo(self, path: str) -> None:
        """Take the first photo at an item with the system's camera, and wait until it is kept."""
        place = self.item(path)
        async with self.page.expect_file_chooser() as chosen:
            await place.locator(".addph input").click()
        chooser = await chosen.value
        await chooser.set_files(FilePayload(name="1.jpg", mimeType="image/jpeg", buffer=jpeg()))
        await expect(place.locator("button.ph")).to_have_count(1)

    async def mark_rest(self, section: str) -> None:
        """Mark the rest of a section normal, as one step."""
        rest = self.page.locator(f"#section-{section} > .sh button")
        await rest.click()
        await expect(rest).to_have_count(0)

    async def as_last_time(self, group: str) -> None:
        """Add the elements of last time to a repeated group, as one step."""
        again = self.item(group).get_by_role("button", name=re.compile("照上次添加"))
        await again.click()
        await expect(again).to_have_count(0)

    async def elements(self, group: str, item: str) -> list[str]:
        """List the elements of a repeated group, by their id; there is one at least."""
        rows = self.page.locator(f"[id^='at-{group}--'][id$='--{item}']")
        await expect(rows.first).to_be_visible()
        ids = await rows.evaluate_all("rows => rows.map((row) => row.id)")
        return [str(id_).split("--")[1] for id_ in ids]

    async def saved(self) -> None:
        """Wait until everything on the screen is on the device, as the bar says."""
        await self.page.evaluate(LEAVE)
        line = self.page.locator("footer.bar > .st")
        await expect(line).to_contain_text("已保存在本机")
        await expect(line).to_have_attribute("aria-busy", "false")

    async def finish(self) -> None:
        """Go to the page before handing in."""
        await self.button("完成").click()
        await expect(self.page.locator("main.finish")).to_be_visible()

    async def submit(self) -> None:
        await self.button("提交").click()
        await expect(self.page.locator("section.sent")).to_be_visible()

    async def sign(self) -> None:
        """Draw a signature on the pad."""
        canvas = self.page.locator(".penpad canvas")
        # On the screen, and no longer moving.
        await canvas.hover()
        box = await canvas.bounding_box()
        assert box is not None
        x, y = box["x"] + 40, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        for step in range(1, 9):
            await mouse.move(x + 24 * step, y + (-30 if step % 2 else 30), steps=3)
        await mouse.up()
