"""Printed labels as the office sees them. Rule: what was printed is told, bound or not."""

from typing import Annotated

from msgspec import Meta

from schemas.base import LINE_LENGTH_MAX, Count, Instant, Line, Wire


class LabelPreview(Wire, frozen=True, kw_only=True):
    """`POST /office/labels/preview`: what a `LabelOrder` would print. Nothing is made by it.

    `picture` is the first page, a PNG as a data URL (RFC 2397). `new_codes` labels get a code when
    they are printed. `missing` are the characters that no font has.
    """

    picture: str
    pages: Count
    labels: Count
    new_codes: Count = 0
    missing: str = ""


class LabelBatch(Wire, frozen=True, kw_only=True):
    """Blank tags that were printed together: how many are on equipment, free, or out of use."""

    name: Line
    printed_at: Instant | None = None
    labels: Count
    bound: Count = 0
    free: Count = 0
    retired: Count = 0


class LabelBatchPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[LabelBatch, ...]


class RetireBatch(Wire, frozen=True, kw_only=True):
    """`POST /office/labels/batches/retire`: the free tags of a batch are out of use from now on."""

    name: Annotated[str, Meta(min_length=1, max_length=LINE_LENGTH_MAX)]


class RetiredBatch(Wire, frozen=True, kw_only=True):
    retired: Count
