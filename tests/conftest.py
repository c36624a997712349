"""What every test gets: the fixtures, the two tiers, and where a browser test runs."""

import gc
import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.demo",
    "tests.fixtures.postgres",
    "tests.fixtures.database",
    "tests.fixtures.demo_company",
    "tests.fixtures.fonts",
    "tests.fixtures.swift",
]

# What stands on one costly thing, made once in the process that has them.
LOTS = {
    "tests/browser/": "browser",
    "tests/integration/test_demo": "demo",
    "tests/unit/test_demo": "demo",
}

# Examples are chosen anew in each run; a failing one is printed with what repeats it.
settings.register_profile("usual", max_examples=100, deadline=None, print_blob=True)
# Whether an alteration is noticed is all that is asked then, not by which smallest example.
ANY_EXAMPLE = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", settings.get_profile("usual"), phases=ANY_EXAMPLE)
settings.register_profile("full", max_examples=10_000, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the long tier."""
    parser.addoption("--full", action="store_true", help="run the long tier too")


def pytest_configure(config: pytest.Config) -> None:
    """Let properties look at more examples in the long tier, and at no smaller ones of a mutant."""
    usual = "mutants" if "MUTANT_UNDER_TEST" in os.environ else "usual"
    settings.load_profile("full" if config.getoption("--full") else usual)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: thousands of tests stay until the end.

    Whatever looks for garbage later need not walk through them again and again.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Spread the tests one by one over the processes, but those of a lot to one of them.

    The browser's share one server, the demo's one company; they are handed out first, for they take
    longest. (xdist's own `loadgroup` has no effect under pytest 9.2: it renames tests through an
    attribute now gone.)
    """
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = lambda name: next(
        (lot for place, lot in LOTS.items() if name.startswith(place)), name
    )
    return scheduling


def pytest_runtest_setup() -> None:
    """Forget what the core remembers, where it was altered: a remembered answer hides that."""
    if "MUTANT_UNDER_TEST" not in os.environ:
        return
    from sync.lines import OpReader

    for name, module in tuple(sys.modules.items()):
        if name.startswith("sync"):
            for one in vars(module).values():
                if hasattr(one, "cache_clear"):
                    one.cache_clear()
                if isinstance(one, OpReader):
                    one.known.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tier out unless asked."""
    if not config.getoption("--full"):
        long = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
