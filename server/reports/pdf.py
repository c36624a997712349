"""A report as PDF/A-2b (ISO 19005-2). Rule: the same page and pictures give the same bytes.

Text is cleaned of what no page shows, and a character that no font has is set as □ and told.
"""

import asyncio
import re
import shutil
import sys
import tempfile
import unicodedata
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from schemas.base import REPORT_SECONDS_MAX
from server.errors import ServerError
from server.fonts import REPLACEMENT, Chain, Fonts
from server.reports.layout import Page
from server.settings import ROOT

TEMPLATE = Path(__file__).with_name("report.typ")
HIDDEN = ("Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp")
KEPT = frozenset("\n\u3000\u00a0")
SETTINGS_MAX = 4
DRAWINGS = frozenset(("qr", "svg"))  # Members that are pictures, as SVG, and hold no text.
# How typst names a text that a font of the chain could not set after all.
UNSET = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed', re.DOTALL)
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
TYPST_LENGTH_MAX = 500
# A tagged file can be read aloud well. Tags of a long table weigh ten times its text, and take as
# long: beyond this many rows there are none.
TAGGED_ROWS_MAX = 400

Tree = object  # JSON, decoded.


class ReportUnset(ServerError):
    """What typst says of it is for whoever runs the server."""

    slug = "report-unset"
    title = "The report could not be set"
    status = 500


class ReportTooSlow(ServerError):
    slug = "report-too-slow"
    title = "Setting the report took longer than it may"
    status = 500


class Made(Struct, frozen=True):
    """A report's bytes, and the characters that no font had."""

    pdf: bytes
    missing: tuple[str, ...]


def cleaned(text: str) -> str:
    """Leave out what draws nothing and could upset the line: control and format characters."""
    return "".join(
        mark if mark in KEPT or unicodedata.category(mark) not in HIDDEN else private(mark)
        for mark in text
    )


def private(mark: str) -> str:
    """What somebody's own font would draw is shown as missing; the rest is dropped."""
    return mark if unicodedata.category(mark) in ("Co", "Cn") else ""


def tree_of(page: Page) -> dict[str, Tree]:
    """The page as JSON has it; without what is not for the template."""
    tree = msgspec.json.decode(msgspec.json.encode(page), type=dict[str, Tree])
    tree.pop("files")
    return tree


def texts_in(tree: Tree) -> Iterator[str]:
    """Every text of a page, in order."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list):
        for one in tree:
            yield from texts_in(one)
    elif isinstance(tree, dict):
        for name, one in tree.items():
            if name not in DRAWINGS:
                yield from texts_in(one)


def shown_in(tree: Tree, chain: Chain, unset: frozenset[str]) -> Tree:
    """The page with □ for each character that cannot be set."""
    if isinstance(tree, str):
        text = chain.shown(cleaned(tree))
        return "".join(REPLACEMENT if mark in unset else mark for mark in text)
    if isinstance(tree, list):
        return [shown_in(one, chain, unset) for one in tree]
    if isinstance(tree, dict):
        return {
            name: one if name in DRAWINGS else shown_in(one, chain, unset)
            for name, one in tree.items()
        }
    return tree


def missing_in(page: Page, fonts: Fonts) -> tuple[str, ...]:
    """The characters of a page that no font has. Unpacks fonts: call it from a worker thread."""
    text = "".join(map(cleaned, texts_in(tree_of(page))))
    return fonts.chain(text).missing(text)


async def make_pdf(
    page: Page, *, at: datetime, pictures: Mapping[str, bytes], fonts: Fonts
) -> Made:
    """Set a page; `pictures` are the bytes of its files, and `at` the time that the file tells.

    Raises `ReportUnset`, or `ReportTooSlow` after REPORT_SECONDS_MAX.
    """
    tree = tree_of(page)
    tree["at"] = list(at.astimezone(UTC).timetuple()[:6])
    text = "".join(map(cleaned, texts_in(tree)))
    chain = await asyncio.to_thread(fonts.chain, text + REPLACEMENT)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="xunjian-report-"))
    unset: frozenset[str] = frozenset()
    try:
        await asyncio.to_thread(lay_out, folder, pictures)
        for _ in range(SETTINGS_MAX):
            shown = shown_in(tree, chain, unset)
            assert isinstance(shown, dict), "it was one before"
            shown["families"] = list(chain.families)
            await asyncio.to_thread((folder / "data.json").write_bytes, msgspec.json.encode(shown))
            pdf, reason = await run(folder, chain, with_tags=is_short(page))
            if pdf:
                return Made(pdf, tuple(dict.fromkeys((*chain.missing(text), *sorted(unset)))))
            # A font that has each character alone may still lack what they join to.
            found = UNSET.search(reason)
            marks = frozenset(unescaped(found["text"])) - unset if found else frozenset()
            if not marks:
                raise ReportUnset(reason.strip()[:TYPST_LENGTH_MAX])
            unset |= marks
        raise ReportUnset("too many characters that no font sets")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def unescaped(text: str) -> str:
    """Read a text as typst quotes it in a message."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def lay_out(folder: Path, pictures: Mapping[str, bytes]) -> None:
    """Put the template and the pictures where typst finds them, and nothing else."""
    shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
    for name, content in pictures.items():
        (folder / name).write_bytes(content)


def is_short(page: Page) -> bool:
    """Whether tags cost little."""
    rows = len(page.results.rows) + sum(len(one.rows) for one in page.items.devices)
    return rows <= TAGGED_ROWS_MAX


async def run(folder: Path, chain: Chain, *, with_tags: bool) -> tuple[bytes, str]:
    """Have it set, in a process that is ended when it takes too long. The PDF, else the reason."""
    order = {
        "folder": str(folder),
        "fonts": font_paths(chain),
        "system": chain.with_system,
        "tags": with_tags,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.reports.typeset"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(REPORT_SECONDS_MAX):
            out, err = await process.communicate(msgspec.json.encode(order))
    except TimeoutError:
        raise ReportTooSlow(f"more than {REPORT_SECONDS_MAX} s") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
            await process.wait()
    return (out if process.returncode == 0 else b""), err.decode(errors="replace")


def font_paths(chain: Chain) -> Sequence[str]:
    """Where the chain's own pieces lie."""
    return [str(chain.folder)] if chain.folder is not None else []
