"""The sheets of labels that can be printed, as data. Rule: a new sheet is a value here, no code.

Lengths are in millimetres, type sizes in points. A tape is a page that holds one label.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


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
    name_rows: int
    """How many rows the second line, the name, may take before it is shortened."""

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

LAYOUTS: Mapping[str, Layout] = MappingProxyType({layout.name: layout for layout in (A4_3X8,)})
