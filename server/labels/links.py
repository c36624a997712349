"""A link as a QR code, read at once from a screen or terminal. Rule: values in, text out."""

from io import StringIO

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M

from server.labels.qr import QUIET_MODULES, modules_in, outline, symbol_of


def link_svg(link: str) -> str:
    """Draw a link as a QR code, quiet zone and all, scaled by whoever shows it."""
    modules = modules_in(symbol_of(link, correction=ERROR_CORRECT_M))
    width = len(modules) + 2 * QUIET_MODULES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {width}">'
        f'<path fill="#fff" d="M0 0H{width}V{width}H0Z"/>'
        f'<path fill-rule="evenodd" transform="translate({QUIET_MODULES} {QUIET_MODULES})"'
        f' d="{outline(modules)}"/></svg>'
    )


def link_text(link: str, *, inverted: bool) -> str:
    """Draw a link for a terminal, half a line per module; `inverted` where light is on dark.

    The lowest correction and half a quiet zone: it has to fit, and nothing scratches a screen.
    """
    drawn = StringIO()
    symbol_of(link, correction=ERROR_CORRECT_L, border=2).print_ascii(out=drawn, invert=inverted)
    return drawn.getvalue().rstrip("\n")
