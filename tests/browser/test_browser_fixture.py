"""The browser the tests stand on shows Chinese, and its camera films what it is shown."""

from pathlib import Path

from PIL import Image
from playwright.async_api import Page, Route

from tests.fixtures.browser import OpenBrowser, film

# Cameras want a secure context, which a name under localhost is; no server is needed.
ADDRESS = "http://localhost/"
INK = """
(letter) => {
  const canvas = new OffscreenCanvas(64, 64)
  const pen = canvas.getContext("2d")
  pen.font = "48px sans-serif"
  pen.fillText(letter, 4, 52)
  return pen.getImageData(0, 0, 64, 64).data.join()
}
"""
SEEN = """
async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true })
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true })
  const seen = new Promise((resolve) => video.requestVideoFrameCallback(resolve))
  await video.play()
  await seen
  const pen = new OffscreenCanvas(1, 1).getContext("2d")
  pen.drawImage(video, 0, 0, 1, 1)
  return Array.from(pen.getImageData(0, 0, 1, 1).data)
}
"""


async def serve_blank(page: Page) -> None:
    async def blank(route: Route) -> None:
        await route.fulfill(body="<!doctype html><title>巡检</title>", content_type="text/html")

    await page.route("**/*", blank)
    await page.goto(ADDRESS)


async def test_chinese_letters_differ_from_each_other_on_the_screen(
    open_browser: OpenBrowser,
) -> None:
    page = await (await open_browser()).new_page()
    await serve_blank(page)
    assert await page.evaluate(INK, "巡") != await page.evaluate(INK, "检")


async def test_the_camera_films_what_the_test_shows_it(
    open_browser: OpenBrowser, tmp_path: Path
) -> None:
    red = film([Image.new("RGB", (640, 480), "red")] * 2, tmp_path / "red.mjpeg")
    page = await (await open_browser(camera=red)).new_page()
    await serve_blank(page)
    seen_red, seen_green, seen_blue, _ = await page.evaluate(SEEN)
    assert seen_red > 200
    assert max(seen_green, seen_blue) < 60
