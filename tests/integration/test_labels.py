"""Labels as a printer and a camera see them. Rule: what we draw, other people's code reads.

The sheets are rasterised by pdfium, the SVG by typst's own renderer, and read by zxing-cpp.
"""

import io
import re
from pathlib import Path

import msgspec
import pypdfium2
import pytest
import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from schemas.base import LABEL_LINES_MAX, LABELS_PER_PRINT_MAX, Language
from server.fonts import REPLACEMENT, Chain, Fonts
from server.labels.layouts import A4_3X8, LAYOUTS, Layout
from server.labels.qr import QUIET_MODULES, modules_of, outline, tag_png, tag_svg
from server.labels.sheet import Label, first_page_png, missing_characters, sheet_pdf
from sync.tags import address, display, make

SOURCE = Path(__file__).parents[2] / "static/pwa/node_modules/@fontsource/noto-sans-sc"
HOST = "https://xunjian.example.cn"
CODES = tuple(make(0x9E_3779_B97F * number % (1 << 40)) for number in range(1, 71))
PRINTER_MARGIN_MM = 4.5
DPI = 200


@pytest.fixture(scope="module")
def fonts(font_cache: Path) -> Fonts:
    assert SOURCE.is_dir(), "the app's npm packages are not installed; ./dev test does it"
    return Fonts(source=SOURCE, cache=font_cache, system=False)


def _sheet(
    fonts: Fonts,
    *labels: Label,
    layout: Layout = A4_3X8,
    language: Language = "zh-CN",
    base_url: str = HOST,
    skip: int = 0,
) -> bytes:
    return sheet_pdf(
        labels, base_url=base_url, layout=layout, language=language, fonts=fonts, skip=skip
    )


def _pages(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]


def _text(pdf: bytes) -> str:
    """Give the words of a PDF as a reader would copy them, without the breaks of its rows."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"[\r\n\u200b\ufffe\u0002]+", "", text)


def _read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def _place(image: Image.Image, layout: Layout, place: int) -> Image.Image:
    """Cut one label out of a page."""
    row, column = divmod(place, layout.columns)
    left = layout.left_mm + column * (layout.label_width_mm + layout.column_gap_mm)
    top = layout.top_mm + row * (layout.label_height_mm + layout.row_gap_mm)
    right, bottom = left + layout.label_width_mm, top + layout.label_height_mm
    return image.crop((_px(left), _px(top), _px(right), _px(bottom)))


def _px(mm: float) -> int:
    return round(mm * DPI / 25.4)


def _ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.invert(image).getbbox()


NAMED = Label(CODES[0], ("穗丰集团", "核心数据库 01 · 华为 2288H V5", "SRV-TH-B07-18"))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_every_label_of_every_sheet_is_read_at_its_place(fonts: Fonts, layout: Layout) -> None:
    count = min(len(CODES), layout.labels_per_page + 3)
    labels = [Label(code, NAMED.lines) for code in CODES[:count]]
    pages = _pages(_sheet(fonts, *labels, layout=layout))
    assert len(pages) == -(-count // layout.labels_per_page)
    for number, code in enumerate(CODES[:count]):
        page, place = divmod(number, layout.labels_per_page)
        assert _read(_place(pages[page], layout, place)) == [address(HOST, code)]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_words_and_code_stand_apart_on_every_label(
    fonts: Fonts, layout: Layout, language: Language
) -> None:
    lines = ("珠江口岸物流园区" * 9, "Backup server of the harbour " * 9, "SN" + "0" * 60)
    code = next(one for one in CODES if not {"Q", "J"} & set(one))  # They reach below the line.
    label = Label(code, lines[-layout.lines_max :])
    (page,) = _pages(_sheet(fonts, label, layout=layout, language=language))
    cut = _place(page, layout, 0)
    left = _px(layout.inset_mm + layout.qr_mm + layout.gap_mm / 2)
    words = cut.crop((left, 0, cut.width, cut.height))
    assert _read(cut) == [address(HOST, code)]
    rows = [_ink(words.crop((0, y, words.width, y + 1))) is not None for y in range(words.height)]
    inked = "".join("x" if row else " " for row in rows).split()
    code_rows = [len(row) for row in inked[-2:]]
    # The two rows of the code are alike, and touched by nothing above them.
    assert abs(code_rows[0] - code_rows[1]) <= 2
    assert max(code_rows) <= _px(layout.code_pt * 25.4 / 72)


def test_the_first_page_is_drawn_for_a_screen_with_a_frame_for_codes_to_come(fonts: Fonts) -> None:
    labels = [NAMED, Label("", NAMED.lines), *[Label(CODES[1])] * 40]
    drawn = first_page_png(
        labels, base_url=HOST, layout=A4_3X8, language="zh-CN", fonts=fonts, skip=2
    )
    with Image.open(io.BytesIO(drawn)) as picture:
        page = picture.convert("L")
    assert page.width == 1_240
    found = _read(page)
    assert found.count(address(HOST, CODES[0])) == 1
    assert found.count(address(HOST, CODES[1])) == A4_3X8.labels_per_page - 4
    with pytest.raises(ValueError, match="without its code"):
        _sheet(fonts, Label(""))


def test_a_long_host_leaves_a_code_that_is_read(fonts: Fonts) -> None:
    host = f"https://{'inspection.' * 8}example.cn/equipment"
    (page,) = _pages(_sheet(fonts, NAMED, base_url=host))
    assert _read(page) == [address(host, NAMED.code)]


def test_a_sheet_that_was_begun_is_gone_on_with(fonts: Fonts) -> None:
    first, second = _pages(_sheet(fonts, Label(CODES[0]), Label(CODES[1]), skip=23))
    assert _ink(_place(first, A4_3X8, 22)) is None
    assert _read(_place(first, A4_3X8, 23)) == [address(HOST, CODES[0])]
    assert _read(_place(second, A4_3X8, 0)) == [address(HOST, CODES[1])]


def test_nothing_is_printed_where_a_printer_cannot_or_over_a_cut(fonts: Fonts) -> None:
    long = Label(CODES[0], ("国" * 200, "W" * 200, "Ag jpqy " * 25))
    (page,) = _pages(_sheet(fonts, *[long] * A4_3X8.labels_per_page))
    for place in range(A4_3X8.labels_per_page):
        label = _place(page, A4_3X8, place)
        ink = _ink(label)
        assert ink is not None
        margin = _px(PRINTER_MARGIN_MM)
        assert min(ink[:2]) >= margin
        assert ink[2] <= label.width - margin
        assert ink[3] <= label.height - margin


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_a_layout_fits_its_page_and_keeps_the_quiet_zone(layout: Layout) -> None:
    width = layout.columns * (layout.label_width_mm + layout.column_gap_mm) - layout.column_gap_mm
    height = layout.rows * (layout.label_height_mm + layout.row_gap_mm) - layout.row_gap_mm
    assert layout.left_mm + width <= layout.page_width_mm
    assert layout.top_mm + height <= layout.page_height_mm
    assert layout.qr_mm + 2 * layout.inset_mm <= layout.label_height_mm
    quiet_mm = QUIET_MODULES * layout.qr_mm / len(modules_of(CODES[0], base_url=HOST))
    assert min(layout.inset_mm, layout.gap_mm) >= quiet_mm


def test_chinese_and_english_stand_in_the_sheet_as_text(fonts: Fonts) -> None:
    english = Label(CODES[1], ("Pearl River Logistics", "Core switch 02", "SW-GZ-0007"))
    text = _text(_sheet(fonts, NAMED, english))
    for line in (*NAMED.lines, *english.lines):
        assert line.replace(" ", "") in text.replace(" ", "")
    for code in CODES[:2]:
        first, rest = display(code)[:4], display(code)[5:]
        assert first in text
        assert rest in text


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "资产标签"), ("en", "Asset tag")])
def test_a_blank_label_says_what_it_is_in_the_language(
    fonts: Fonts, language: Language, word: str
) -> None:
    assert word in _text(_sheet(fonts, Label(CODES[0]), language=language))


@pytest.mark.parametrize(
    "hostile",
    [
        "#panic()",
        '#sys.inputs.data"',
        "*bold* _it_ $x$",
        "= head // gone",
        "</svg><path>",
        "\\u{41}",
    ],
)
def test_what_people_wrote_is_set_as_it_is_and_never_read_as_markup(
    fonts: Fonts, hostile: str
) -> None:
    text = _text(_sheet(fonts, Label(CODES[0], (hostile, hostile, hostile))))
    assert text.replace(" ", "").count(hostile.replace(" ", "")) == 3


def test_a_long_name_loses_its_middle_and_the_code_loses_nothing(fonts: Fonts) -> None:
    lines = ("珠江口岸物流园区" * 12, "备份服务器" * 30 + "柜03", "SN" + "0" * 150 + "789")
    text = _text(_sheet(fonts, Label(CODES[0], lines)))
    assert text.count("…") == 3
    assert "服务器柜03" in text.replace(" ", "")
    assert "000789" in text
    assert display(CODES[0])[:4] in text
    assert display(CODES[0])[5:] in text


def test_line_breaks_and_controls_become_spaces(fonts: Fonts) -> None:
    assert "东柜 3 号机" in _text(_sheet(fonts, Label(CODES[0], ("东柜\r\n3\t\x00号机",))))


def test_characters_outside_the_main_font_come_from_a_further_one(fonts: Fonts) -> None:
    label = Label(CODES[0], ("温度 21 ℃", "≥ 50 → ■", "Žilina"))
    assert missing_characters([label], fonts=fonts) == ()
    text = _text(_sheet(fonts, label))
    assert all(mark in text for mark in "℃≥→■Ž")


def test_a_character_that_no_font_has_is_told_and_printed_as_a_box(fonts: Fonts) -> None:
    label = Label(CODES[0], ("机房\ue000东", "\U0001fa77 a\u200d", "\ue000"))
    assert missing_characters([label], fonts=fonts) == ("\ue000", "\U0001fa77")
    assert _text(_sheet(fonts, label)).count(REPLACEMENT) == 3


def test_without_the_package_of_fonts_latin_prints_and_chinese_is_told(tmp_path: Path) -> None:
    bare = Fonts(source=tmp_path / "none", cache=tmp_path / "cache", system=False)
    label = Label(CODES[0], ("穗丰", "Core switch 02"))
    assert missing_characters([label], fonts=bare) == ("穗", "丰")
    pdf = _sheet(bare, label, language="en")
    assert "Core switch 02" in _text(pdf)
    assert _text(pdf).count(REPLACEMENT) == 2
    assert _read(_pages(pdf)[0]) == [address(HOST, CODES[0])]


def test_every_character_that_the_chain_promises_has_a_glyph(fonts: Fonts, tmp_path: Path) -> None:
    """Counted out in print for the Latin of the font that typst carries, sampled for Chinese."""
    bare = Fonts(source=tmp_path / "none", cache=tmp_path / "cache", system=False)
    for chain, step in ((bare.chain(""), 1), (fonts.chain(""), 40)):
        promised = [chr(point) for point in sorted(chain.drawn) if not chr(point).isspace()][::step]
        no_glyph, *glyphs = _drawn_one_by_one(["\U0010fffd", *promised], chain=chain)
        assert [
            mark for mark, glyph in zip(promised, glyphs, strict=True) if glyph == no_glyph
        ] == []


def _drawn_one_by_one(marks: list[str], *, chain: Chain) -> list[bytes]:
    """Give the picture that typst sets for each character; for a missing one that is a box."""
    template = b"""#let data = json(bytes(sys.inputs.data))
#set text(font: data.families, fallback: false, size: 20pt)
#set page(width: 1cm, height: 1cm, margin: 0mm)
#data.marks.map(mark => align(center, text(mark))).join(pagebreak())"""
    data = msgspec.json.encode({"families": chain.families, "marks": marks}).decode()
    pdf = typst.compile(template, format="pdf", font_paths=chain.fonts, sys_inputs={"data": data})
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.render(scale=1).to_pil().convert("L") for page in document]
    assert all(_ink(page) is not None for page in pages)
    return [page.tobytes() for page in pages]


def test_the_same_labels_give_the_same_bytes(fonts: Fonts) -> None:
    assert _sheet(fonts, NAMED) == _sheet(fonts, NAMED)


def test_what_cannot_be_printed_is_refused(fonts: Fonts) -> None:
    with pytest.raises(ValueError, match=f"{LABELS_PER_PRINT_MAX} labels"):
        _sheet(fonts)
    with pytest.raises(ValueError, match=f"{LABELS_PER_PRINT_MAX} labels"):
        _sheet(fonts, *[NAMED] * (LABELS_PER_PRINT_MAX + 1))
    with pytest.raises(ValueError, match="lines at most"):
        _sheet(fonts, Label(CODES[0], ("x",) * (LABEL_LINES_MAX + 1)))
    with pytest.raises(ValueError, match="skip"):
        _sheet(fonts, NAMED, skip=24)
    with pytest.raises(ValueError, match="not the code"):
        _sheet(fonts, Label("7K4M2P9D7"))


@pytest.mark.parametrize("module_px", [1, 12, 1_000])
def test_one_tag_as_png_is_read_even_on_a_dark_ground(module_px: int) -> None:
    with Image.open(io.BytesIO(tag_png(CODES[0], base_url=HOST, module_px=module_px))) as picture:
        ground = Image.new("L", (picture.width + 200, picture.height + 200), 0)
        ground.paste(picture, (100, 100))
    assert _read(ground) == [address(HOST, CODES[0])]


def test_one_tag_as_svg_is_read_and_says_its_code(tmp_path: Path) -> None:
    svg = tag_svg(CODES[0], base_url=HOST)
    assert f"<title>{display(CODES[0])}</title>" in svg.decode()
    template = b"#set page(width: auto, height: auto, margin: 0mm)\n#image(bytes(sys.inputs.svg))"
    png = typst.compile(template, format="png", ppi=DPI, sys_inputs={"svg": svg.decode()})
    with Image.open(io.BytesIO(png)) as picture:
        assert _read(picture.convert("L")) == [address(HOST, CODES[0])]


def test_a_scratched_label_is_still_read() -> None:
    with Image.open(io.BytesIO(tag_png(CODES[0], base_url=HOST))) as picture:
        draw = ImageDraw.Draw(picture)
        draw.line((150, 330, 340, 170), fill=255, width=24)
        assert _read(picture) == [address(HOST, CODES[0])]


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=6, max_size=6))
def test_the_outline_holds_exactly_the_dark_modules(rows: list[list[bool]]) -> None:
    loops = [
        [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", loop)]
        for loop in outline(tuple(map(tuple, rows))).split("Z")
    ]
    sides = [
        (x, min(above, below), max(above, below))
        for loop in loops
        for (x, above), (x_next, below) in zip(loop, loop[1:] + loop[:1], strict=True)
        if x == x_next
    ]
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            crossed = sum(side <= x and low <= y < high for side, low, high in sides)
            assert (crossed % 2 == 1) == dark
