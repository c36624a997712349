"""What the browser tests share: the company, tablets and offices, each with a watch over it."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import BrowserContext, Playwright, StorageState, ViewportSize

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
    """Open a browser for the office, signed in unless `login` is empty; it shows no page yet."""

    async def __call__(
        self, login: str = "", *, viewport: tuple[int, int] = DESK, locale: str = "zh-CN"
    ) -> Office: ...


@pytest.fixture(scope="session")
def company(demo_server: DemoServer) -> Company:
    return Company(demo_server)


FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of them in one loop: the browser lives in it."""
    in_one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(in_one_loop, append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test whether it failed, for what is done at its end."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest_asyncio.fixture(loop_scope="session")
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


@pytest_asyncio.fixture(loop_scope="session")
async def open_again(
    driver: Playwright, chromium: str, watch: Watch, company: Company, tmp_path: Path
) -> AsyncGenerator[OpenAgain]:
    """Start a browser on a profile that is kept between its starts: close it, and open it again."""
    contexts: list[BrowserContext] = []

    async def opened() -> Tablet:
        context = await driver.chromium.launch_persistent_context(
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


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """What a browser keeps of whoever signed in, by login: few tests are of signing in."""
    return {}


@pytest.fixture
def new_office(
    open_browser: OpenBrowser,
    company: Company,
    watch: Watch,
    signed_in: dict[str, StorageState],
) -> NewOffice:
    async def made(
        login: str = "", *, viewport: tuple[int, int] = DESK, locale: str = "zh-CN"
    ) -> Office:
        kept = signed_in.get(login)
        context = await open_browser(
            viewport=viewport, locale=locale, timezone_id=ZONE, storage_state=kept
        )
        await watch.look_at(context)
        office = Office(await context.new_page(), company.server.address)
        if login and kept is None:
            await office.sign_in(login)
            signed_in[login] = await context.storage_state()
        return office

    return made
