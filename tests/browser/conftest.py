"""What the browser tests share: the company, tablets and offices, each with a watch over it."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, ViewportSize, async_playwright

from tests.browser.company import Company, held_before_camera
from tests.browser.office import Office
from tests.browser.tablet import Tablet
from tests.browser.watch import Watch
from tests.fixtures.browser import FLAGS, OpenBrowser, film, sandbox_works
from tests.fixtures.demo import DemoServer

TABLET_ACROSS = (1024, 768)
DESK = (1440, 900)
ZONE = "Asia/Shanghai"


class NewTablet(Protocol):
    """Give somebody a tablet: enrolled by a fresh link unless `login` is empty."""

    async def __call__(
        self,
        login: str = "",
        *,
        camera: Image.Image | None = None,
        viewport: tuple[int, int] = TABLET_ACROSS,
        locale: str = "zh-CN",
    ) -> Tablet: ...


class OpenAgain(Protocol):
    """Start the browser of one tablet, on what it kept."""

    async def __call__(self) -> Tablet: ...


class NewOffice(Protocol):
    """Open the office in a browser of its own, and sign in unless `login` is empty."""

    async def __call__(
        self, login: str = "", *, viewport: tuple[int, int] = DESK, locale: str = "zh-CN"
    ) -> Office: ...


@pytest.fixture
def company(demo_server: DemoServer) -> Company:
    return Company(demo_server)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test whether it failed, for what is done at its end."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
async def watch(
    demo_server: DemoServer, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[Watch]:
    """A watch over pages; what they complained of fails the test at its end.

    When a test has failed, what every page shows is left in its `tmp_path` as pictures.
    """
    watch = Watch(demo_server.address)
    yield watch
    if request.node.stash.get(FAILED, False):
        await watch.photograph(tmp_path)
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def new_tablet(
    open_browser: OpenBrowser, company: Company, watch: Watch, tmp_path: Path
) -> NewTablet:
    async def made(
        login: str = "",
        *,
        camera: Image.Image | None = None,
        viewport: tuple[int, int] = TABLET_ACROSS,
        locale: str = "zh-CN",
    ) -> Tablet:
        video = tmp_path / f"camera-{login}.mjpeg"
        shown = film(held_before_camera(camera), video) if camera else None
        context = await open_browser(
            camera=shown, viewport=viewport, locale=locale, timezone_id=ZONE
        )
        await watch.look_at(context)
        tablet = Tablet(await context.new_page(), company.server.address)
        if login:
            await tablet.enrol(await company.link(login))
        return tablet

    return made


@pytest.fixture
async def open_again(
    chromium: str, watch: Watch, company: Company, tmp_path: Path
) -> AsyncGenerator[OpenAgain]:
    """Start a browser on a profile that is kept between its starts: close it, and open it again."""
    async with async_playwright() as playwright:
        contexts: list[BrowserContext] = []

        async def opened() -> Tablet:
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=chromium,
                headless=True,
                chromium_sandbox=sandbox_works(),
                args=[*FLAGS],
                locale="zh-CN",
                viewport=ViewportSize(width=TABLET_ACROSS[0], height=TABLET_ACROSS[1]),
            )
            contexts.append(context)
            await watch.look_at(context)
            return Tablet(context.pages[0], company.server.address)

        yield opened
        for context in contexts:
            await context.close()


@pytest.fixture
def new_office(open_browser: OpenBrowser, company: Company, watch: Watch) -> NewOffice:
    async def made(
        login: str = "", *, viewport: tuple[int, int] = DESK, locale: str = "zh-CN"
    ) -> Office:
        context = await open_browser(viewport=viewport, locale=locale, timezone_id=ZONE)
        await watch.look_at(context)
        office = Office(await context.new_page(), company.server.address)
        if login:
            await office.sign_in(login)
        return office

    return made
