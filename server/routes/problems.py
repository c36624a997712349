"""`/problems/<slug>`: what each type of problem means. Rule: docs/problems.md is the text.

Of Markdown it knows what that file uses: sections, paragraphs, lists, `code`, **bold**.
"""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath
from msgspec import Struct

from server.errors import NotFound
from server.pages import page

SECTION = re.compile(r"^## +([a-z][a-z0-9-]*) *$", re.MULTILINE)
HEAD = re.compile(r"^(?P<status>\d{3}) · (?P<title>.+)$")


class Section(Struct, frozen=True):
    """One type of problem: its status and title as on the wire, and its explanation as Markdown."""

    slug: str
    status: int
    title: str
    text: str


class Catalogue(Struct, frozen=True):
    sections: Mapping[str, Section]


def read_catalogue(path: Path) -> Catalogue:
    """Read the file. A missing one is an empty catalogue: the server works without its manual."""
    if not path.is_file():
        return Catalogue({})
    _, *parts = SECTION.split(path.read_text("utf-8"))
    sections = {}
    for slug, text in zip(parts[::2], parts[1::2], strict=True):
        first, _, rest = text.strip().partition("\n")
        head = HEAD.match(first)
        if head is None:
            raise ValueError(f"{path.name}: below '## {slug}' must stand 'status · title'")
        sections[slug] = Section(slug, int(head["status"]), head["title"], rest.strip())
    return Catalogue(sections)


def render_inline(text: str) -> str:
    """Give a line as HTML."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked)


def render(markdown: str) -> str:
    """Give paragraphs and lists as HTML."""
    blocks = []
    for block in filter(None, (part.strip() for part in re.split(r"\n\s*\n", markdown))):
        if block.startswith("- "):
            items = re.split(r"\n- ", block.removeprefix("- "))
            listed = "".join(f"<li>{render_inline(item)}</li>" for item in items)
            blocks.append(f"<ul>{listed}</ul>")
        else:
            blocks.append(f"<p>{render_inline(block)}</p>")
    return "\n".join(blocks)


@get("/problems", summary="Every type of problem", media_type=MediaType.HTML)
async def list_problems(catalogue: NamedDependency[Catalogue]) -> Response[str]:
    """List them, each with its page."""
    items = "".join(
        f'<li><a href="/problems/{one.slug}"><code>{one.slug}</code></a> {escape(one.title)}</li>'
        for one in catalogue.sections.values()
    )
    return page("问题说明 · Problems", f"<ul>{items}</ul>")


@get("/problems/{slug:str}", summary="One type of problem", media_type=MediaType.HTML)
async def explain_problem(
    slug: FromPath[str], catalogue: NamedDependency[Catalogue]
) -> Response[str]:
    """Say what the type means and what to do."""
    section = catalogue.sections.get(slug)
    if section is None:
        raise NotFound("there is no such type of problem")
    head = f'<p class="note"><code>{section.slug}</code> · {section.status}</p>'
    return page(section.title, f"{head}\n{render(section.text)}")
