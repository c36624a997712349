"""The sheets of labels that can be printed, as data. Rule: a new sheet is a value here, no code.

Lengths are in millimetres, type sizes in points. A tape is a page that holds one label.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from schemas.base import LABEL_LINES_MAX


class Layout(Struct, frozen=True, kw_only=True):
    """Where the labels are on a page, and how much of each the QR code and the text take."""

    name: str
    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    left_mm: float
    """From the page's left edge to the first label."""
    top_mm: float
    column_gap_mm: float = 0.0
    row_gap_mm: float = 0.0
    inset_mm: float
    """Nothing is printed nearer to the label's edge: the printer's margin and the quiet zone."""
    qr_mm: float
    """Edge of the QR code without its quiet zone."""
    gap_mm: float
    """Between QR code and text; at least four modules."""
    line_pt: float
    code_pt: float
    name_line: int = 1
    """Which line is the name: the second, or the first where there is no room for a customer."""
    name_rows: int
    """How many rows the name may take before it is shortened."""

    @property
    def lines_max(self) -> int:
        """Tell how many lines there is room for: customer, name and number, or the last two."""
        return LABEL_LINES_MAX - 1 + self.name_line

    @property
    def labels_per_page(self) -> int:
        """Tell how many labels a page holds."""
        return self.columns * self.rows


# 70 × 37 mm, the whole A4 sheet without margins (sold as Avery Zweckform 3474 and its likes): three
# times eight are 210 × 296 mm, so half a millimetre stays at the top and at the foot.
A4_3X8 = Layout(
    name="a4-3x8",
    page_width_mm=210,
    page_height_mm=297,
    columns=3,
    rows=8,
    label_width_mm=70,
    label_height_mm=37,
    left_mm=0,
    top_mm=0.5,
    inset_mm=5.5,
    qr_mm=26,
    gap_mm=4.5,
    line_pt=8,
    code_pt=13.5,
    name_rows=2,
)

# 38.1 × 21.2 mm with round corners, sixty-five on A4 (sold as Avery L7651 and its likes).
A4_5X13 = Layout(
    name="a4-5x13",
    page_width_mm=210,
    page_height_mm=297,
    columns=5,
    rows=13,
    label_width_mm=38.1,
    label_height_mm=21.2,
    left_mm=4.75,
    top_mm=10.7,
    column_gap_mm=2.5,
    inset_mm=2.2,
    qr_mm=16,
    gap_mm=2.2,
    line_pt=5.5,
    code_pt=7.5,
    name_line=0,
    name_rows=2,
)

# A label of 62 × 30 mm, cut from a continuous tape 62 mm wide (sold as Brother DK-22205 and alike).
TAPE_62 = Layout(
    name="tape-62",
    page_width_mm=62,
    page_height_mm=30,
    columns=1,
    rows=1,
    label_width_mm=62,
    label_height_mm=30,
    left_mm=0,
    top_mm=0,
    inset_mm=4,
    qr_mm=22,
    gap_mm=3.5,
    line_pt=6.8,
    code_pt=10.5,
    name_rows=2,
)

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {layout.name: layout for layout in (A4_3X8, A4_5X13, TAPE_62)}
)
