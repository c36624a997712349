"""Contract: every type of problem is explained, and nothing is explained that does not exist."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import server
import sync
from server.errors import ServerError
from server.routes.problems import read_catalogue, render
from sync.errors import SyncError

DOCS = Path(__file__).parents[2] / "docs" / "problems.md"
CATALOGUE = read_catalogue(DOCS).sections
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"^[A-Z`].*[a-z]{3}", re.MULTILINE)


def subclasses(kind: type[SyncError]) -> Iterator[type[SyncError]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def problems() -> dict[str, type[SyncError]]:
    """Every error of every module of the program, by its slug."""
    for package in (server, sync):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: dict[str, type[SyncError]] = {}
    for one in subclasses(SyncError):
        if one is not ServerError:
            assert found.setdefault(one.slug, one) is one, f"two classes are {one.slug}"
    return found


def test_every_problem_is_explained_and_nothing_else_is() -> None:
    assert set(problems()) == set(CATALOGUE)


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_the_explanation_has_the_status_and_title_of_the_wire(slug: str) -> None:
    raised = problems()[slug]
    assert (CATALOGUE[slug].status, CATALOGUE[slug].title) == (raised.status, raised.title)


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_a_problem_is_explained_in_both_languages(slug: str) -> None:
    text = CATALOGUE[slug].text
    assert CHINESE.search(text)
    assert ENGLISH.search(text)


def test_a_section_without_its_status_is_refused(tmp_path: Path) -> None:
    (tmp_path / "problems.md").write_text("# Problems\n\n## some-slug\nNo status here\n")
    with pytest.raises(ValueError, match="status · title"):
        read_catalogue(tmp_path / "problems.md")


def test_text_of_the_manual_cannot_become_markup() -> None:
    assert render("A <b> & `<i>`\n\n- **one**\n- two") == (
        "<p>A &lt;b&gt; &amp; <code>&lt;i&gt;</code></p>\n"
        "<ul><li><strong>one</strong></li><li>two</li></ul>"
    )
