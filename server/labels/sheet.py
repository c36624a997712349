"""Label sheets as PDF, set by typst. Rule: what people wrote travels as JSON, never as markup.

The page itself is described in sheet.typ. The QR codes are vectors, so a sheet is as sharp as the
printer. The same labels give the same bytes.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typst
from msgspec import Struct

from schemas.base import LABEL_LINES_MAX, LABELS_PER_PRINT_MAX, NAME_LENGTH_MAX, Language
from server.fonts import Chain, Fonts
from server.labels.layouts import Layout
from server.labels.qr import modules_of, outline
from sync.tags import display

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_TITLE: dict[Language, str] = {"zh-CN": "资产标签", "en": "Asset tags"}
_BLANK: dict[Language, str] = {"zh-CN": "资产标签", "en": "Asset tag"}
_SPECIMEN: dict[Language, str] = {"zh-CN": "新编号", "en": "New code"}
_PREVIEW_WIDTH_PX, _PREVIEW_DPI_MAX = 1_240, 300
_SHORTENED = "…"  # The template's own mark; the chain must have it.


class Label(Struct, frozen=True):
    """One label: a canonical code and up to three lines (customer, asset's name, asset's number).

    A label of a blank batch has no lines; it gets the word for tag and a rule to write on. Without
    a code it stands in a preview alone: the code is dealt when it is printed.
    """

    code: str
    lines: tuple[str, ...] = ()


class _Drawn(Struct, frozen=True):
    """A label as the template takes it."""

    qr: str
    alt: str
    code: tuple[str, str]
    lines: tuple[str, ...]


class _Entry(Struct, frozen=True):
    place: int
    label: _Drawn


class _Sheet(Struct, frozen=True):
    title: str
    lang: str
    blank: str
    specimen: str
    families: tuple[str, ...]
    layout: Layout
    pages: tuple[tuple[_Entry, ...], ...]


def sheet_pdf(
    labels: Sequence[Label],
    *,
    base_url: str,
    layout: Layout,
    language: Language,
    fonts: Fonts,
    skip: int = 0,
) -> bytes:
    """Set labels on as many pages as they need.

    `skip` leaves that many places of the first page free, for a sheet that was begun before. Long
    lines are set smaller, then lose their middle; a code never does. A character that no font has
    is printed as □ (`missing_characters` tells which). ValueError when there is no label, or more
    than LABELS_PER_PRINT_MAX of them or LABEL_LINES_MAX lines, when a code is not canonical, or
    `skip` is not on the first page.
    """
    if not all(label.code for label in labels):
        raise ValueError("a label without its code is never printed")
    sheet, chain = _set(
        labels, base_url=base_url, layout=layout, language=language, fonts=fonts, skip=skip
    )
    return typst.compile(
        _TEMPLATE, format="pdf", font_paths=chain.fonts, sys_inputs={"data": sheet}
    )


def first_page_png(
    labels: Sequence[Label],
    *,
    base_url: str,
    layout: Layout,
    language: Language,
    fonts: Fonts,
    skip: int = 0,
) -> bytes:
    """Draw the first page for a screen. A label without a code has a frame where it will be.

    ValueError as in `sheet_pdf`.
    """
    first = labels[: layout.labels_per_page - skip]
    sheet, chain = _set(
        first, base_url=base_url, layout=layout, language=language, fonts=fonts, skip=skip
    )
    drawn = typst.compile(
        _TEMPLATE,
        format="png",
        ppi=min(_PREVIEW_WIDTH_PX * 25.4 / layout.page_width_mm, _PREVIEW_DPI_MAX),
        font_paths=chain.fonts,
        sys_inputs={"data": sheet},
    )
    assert isinstance(drawn, bytes), "it is one page"
    return drawn


def _set(
    labels: Sequence[Label],
    *,
    base_url: str,
    layout: Layout,
    language: Language,
    fonts: Fonts,
    skip: int,
) -> tuple[str, Chain]:
    """Give what the template takes, as JSON, and the fonts to set it in."""
    if not 1 <= len(labels) <= LABELS_PER_PRINT_MAX:
        raise ValueError(f"from 1 to {LABELS_PER_PRINT_MAX} labels, not {len(labels)}")
    if any(len(label.lines) > LABEL_LINES_MAX for label in labels):
        raise ValueError(f"a label has {LABEL_LINES_MAX} lines at most")
    if not 0 <= skip < layout.labels_per_page:
        raise ValueError(f"skip is from 0 to {layout.labels_per_page - 1}, not {skip}")
    words = _BLANK[language] + _SPECIMEN[language] + _SHORTENED
    chain = fonts.chain(_all_text(labels) + words)
    drawn = [_drawn(label, base_url=base_url, chain=chain) for label in labels]
    sheet = _Sheet(
        title=_TITLE[language],
        lang=language.partition("-")[0],
        blank=chain.shown(_BLANK[language]),
        specimen=chain.shown(_SPECIMEN[language]),
        families=chain.families,
        layout=layout,
        pages=_pages(drawn, per_page=layout.labels_per_page, skip=skip),
    )
    return msgspec.json.encode(sheet).decode(), chain


def missing_characters(labels: Sequence[Label], *, fonts: Fonts) -> tuple[str, ...]:
    """List the characters of the labels' lines that will be printed as □. Usually none."""
    text = _all_text(labels)
    return fonts.chain(text).missing(text)


def _all_text(labels: Sequence[Label]) -> str:
    return "".join(_line(line) for label in labels for line in label.lines)


def _line(text: str) -> str:
    """Make one line of a text: no control characters, single spaces, NAME_LENGTH_MAX at most."""
    visible = (
        " " if unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp") else mark for mark in text
    )
    words = "".join(visible).split(" ")  # Not at every space: one that does not break has a reason.
    return " ".join(word for word in words if word)[:NAME_LENGTH_MAX]


def _drawn(label: Label, *, base_url: str, chain: Chain) -> _Drawn:
    lines = tuple(line for line in (chain.shown(_line(text)) for text in label.lines) if line)
    if not label.code:
        return _Drawn(qr="", alt="", code=("····", "····-·"), lines=lines)
    modules = modules_of(label.code, base_url=base_url)
    side = len(modules)
    shown = display(label.code)
    return _Drawn(
        qr=f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill-rule="evenodd" d="{outline(modules)}"/></svg>',
        alt=shown,
        code=(shown[:4], shown[5:]),
        lines=lines,
    )


def _pages(labels: Sequence[_Drawn], *, per_page: int, skip: int) -> tuple[tuple[_Entry, ...], ...]:
    """Deal the labels out to places, row by row; the first page starts at `skip`."""
    places = [divmod(number, per_page) for number in range(skip, skip + len(labels))]
    pages: list[list[_Entry]] = [[] for _ in range(places[-1][0] + 1)]
    for (page, place), label in zip(places, labels, strict=True):
        pages[page].append(_Entry(place, label))
    return tuple(map(tuple, pages))
