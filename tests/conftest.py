"""What every test gets: the fixtures, the two tiers, and where a browser test runs."""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.demo",
    "tests.fixtures.postgres",
]

BROWSER_TESTS = Path(__file__).parent / "browser"

# Examples are chosen anew in each run; a failing one is printed with what repeats it.
settings.register_profile("usual", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("full", max_examples=10_000, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the long tier."""
    parser.addoption("--full", action="store_true", help="run the long tier too")


def pytest_configure(config: pytest.Config) -> None:
    """Let properties look at more examples in the long tier."""
    settings.load_profile("full" if config.getoption("--full") else "usual")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the browser's tests in one process: they share one server.

    Done here because xdist reads the groups before any other look at the whole collection.
    """
    if BROWSER_TESTS in item.path.parents:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tier out unless asked; begin with the browser's tests, which take longest."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    if not config.getoption("--full"):
        long = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
