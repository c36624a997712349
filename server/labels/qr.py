"""One tag as a picture: the QR code of its address, and the code in letters under it.

Rule: the picture holds everything that reading needs, the quiet zone of four modules too (ISO/IEC
18004), because nobody knows what it will be pasted into.
"""

from io import BytesIO
from xml.sax.saxutils import escape

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.image.pil import PilImage
from qrcode.image.pure import PyPNGImage

from sync.tags import address, display, is_code

Modules = tuple[tuple[bool, ...], ...]
Point = tuple[int, int]
Symbol = qrcode.QRCode[PilImage | PyPNGImage]

QUIET_MODULES = 4
# Quartile, 25 %: labels are scratched and dusty for years, and an address leaves the room for it.
_CORRECTION = qrcode.constants.ERROR_CORRECT_Q
# The readable code stands below the quiet zone, in modules: height of its strip, base line, size.
_STRIP, _BASE_LINE, _SIZE = 6.0, 3.8, 4.6
_MODULE_MM = 0.8


def modules_of(code: str, *, base_url: str) -> Modules:
    """Give the QR code of a tag, True for dark, without the quiet zone. The same one every time.

    ValueError when the code is not canonical: a wrong label sticks for years.
    """
    if not is_code(code):
        raise ValueError(f"{code!r} is not the code of a tag")
    return modules_in(symbol_of(address(base_url, code), correction=_CORRECTION))


def symbol_of(text: str, *, correction: int, border: int = 0) -> Symbol:
    """Give the QR code of a text; `border` is the quiet zone that it draws itself, in modules."""
    symbol = qrcode.QRCode(error_correction=correction, border=border)
    symbol.add_data(text)
    symbol.make(fit=True)
    return symbol


def modules_in(symbol: Symbol) -> Modules:
    """Give its modules, True for dark, border and all."""
    return tuple(tuple(bool(module) for module in row) for row in symbol.get_matrix())


def outline(modules: Modules) -> str:
    """Give the dark area as one SVG path, a unit per module, for the fill rule `evenodd`.

    Outlines, not a square per module: squares that touch show hairlines between them on screens
    and on some printers.
    """
    ends = _edges(modules)
    loops: list[str] = []
    while ends:
        start = next(iter(ends))
        corners = [start]
        point = _taken(ends, start)
        while point != start:
            corners.append(point)
            point = _taken(ends, point)
        loops.append("M" + "L".join(f"{x} {y}" for x, y in _turns(corners)) + "Z")
    return "".join(loops)


def tag_svg(code: str, *, base_url: str) -> bytes:
    """Draw one tag as SVG, 0.8 mm per module. ValueError as in `modules_of`."""
    modules = modules_of(code, base_url=base_url)
    width = len(modules) + 2 * QUIET_MODULES
    height = width + _STRIP
    shown = escape(display(code))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}"'
        f' width="{width * _MODULE_MM:.1f}mm" height="{height * _MODULE_MM:.1f}mm">'
        f'<title>{shown}</title><path fill="#fff" d="M0 0H{width}V{height}H0Z"/>'
        f'<path fill-rule="evenodd" transform="translate({QUIET_MODULES} {QUIET_MODULES})"'
        f' d="{outline(modules)}"/>'
        f'<text x="{width / 2}" y="{width + _BASE_LINE}" text-anchor="middle" font-weight="600"'
        f' font-family="Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="{_SIZE}">'
        f"{shown}</text></svg>"
    ).encode()


def tag_png(code: str, *, base_url: str, module_px: int = 12) -> bytes:
    """Draw one tag as PNG. `module_px` is held within 4 … 40. ValueError as in `modules_of`."""
    scale = min(max(module_px, 4), 40)
    modules = modules_of(code, base_url=base_url)
    side = len(modules)
    width = side + 2 * QUIET_MODULES
    symbol = Image.new("1", (side, side), 1)
    symbol.putdata([0 if module else 1 for row in modules for module in row])
    picture = Image.new("L", (width * scale, int((width + _STRIP) * scale)), 255)
    quiet = QUIET_MODULES * scale
    picture.paste(
        symbol.resize((side * scale, side * scale), Image.Resampling.NEAREST), (quiet, quiet)
    )
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=_SIZE * scale)
    place = (picture.width / 2, (width + _BASE_LINE) * scale)
    draw.text(place, display(code), fill=0, font=font, anchor="ms")
    file = BytesIO()
    dots_per_inch = 25.4 * scale / _MODULE_MM
    picture.save(file, "PNG", optimize=True, dpi=(dots_per_inch, dots_per_inch))
    return file.getvalue()


def _edges(modules: Modules) -> dict[Point, list[Point]]:
    """List the edges between dark and light, by their start; dark is always on the right."""
    dark = {(x, y) for y, row in enumerate(modules) for x, module in enumerate(row) if module}
    ends: dict[Point, list[Point]] = {}
    for x, y in sorted(dark):
        for neighbour, start, end in (
            ((x, y - 1), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x - 1, y), (x, y + 1), (x, y)),
        ):
            if neighbour not in dark:
                ends.setdefault(start, []).append(end)
    return ends


def _taken(ends: dict[Point, list[Point]], start: Point) -> Point:
    """Take one edge out and give its end. Where two loops touch, either edge closes both."""
    end = ends[start].pop()
    if not ends[start]:
        del ends[start]
    return end


def _turns(corners: list[Point]) -> list[Point]:
    """Leave out the points on straight lines."""
    around = zip([corners[-1], *corners[:-1]], corners, [*corners[1:], corners[0]], strict=True)
    return [here for before, here, after in around if not _is_straight(before, here, after)]


def _is_straight(before: Point, here: Point, after: Point) -> bool:
    return before[0] == here[0] == after[0] or before[1] == here[1] == after[1]
