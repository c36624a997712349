"""What the office decides, edits and orders. Rule: a write names the versions it saw."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import (
    LABELS_PER_PRINT_MAX,
    OPS_PER_EDIT_MAX,
    REMARKS_PER_RETURN_MAX,
    TEXT_LENGTH_MAX,
    Count,
    Id,
    Language,
    Line,
    Scope,
    Seq,
    Slug,
    Text,
    Wire,
)
from schemas.kinds.inspection import Review
from schemas.office import InspectionStep, Versions
from schemas.ops import Edit, Outcome

# --- Decisions ---


class ReturnRemark(Wire, frozen=True, kw_only=True):
    """What is to be mended. `item` is a path of the form; empty is the whole inspection."""

    item: Line = ""
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]


class Decision(Wire, frozen=True, kw_only=True):
    """`POST /office/inspections/{id}/decision`.

    To return needs a remark at least. `reason` is why it is accepted although photos are missing.
    """

    decision: Literal["accepted", "returned"]
    seen: Versions
    reason: Text = ""
    remarks: Annotated[tuple[ReturnRemark, ...], Meta(max_length=REMARKS_PER_RETURN_MAX)] = ()


class Undo(Wire, frozen=True, kw_only=True):
    """`POST /office/inspections/{id}/undo`: while nothing came after the decision."""

    seen: Versions


class Decided(Wire, frozen=True, kw_only=True):
    """What stands now; `seen` are the versions after the decision, for an undo."""

    inspection: Id
    step: InspectionStep
    round: Count
    review: Review | None = None
    seen: Versions


# --- Edits ---


class OfficeOp(Edit, frozen=True, kw_only=True):
    """An op by a person in the office: as a device's, the server fills in who, when and `n`."""


class OfficeEdit(Wire, frozen=True, kw_only=True):
    """`POST /office/ops`. All of them or none: a difference is answered with both values."""

    ops: Annotated[tuple[OfficeOp, ...], Meta(min_length=1, max_length=OPS_PER_EDIT_MAX)]


class OfficeEdited(Wire, frozen=True, kw_only=True):
    """In the order sent; every one of them applied."""

    outcomes: tuple[Outcome, ...]
    heads: Mapping[Scope, Seq] = {}


# --- Plans and labels ---


class Generate(Wire, frozen=True, kw_only=True):
    """`POST /office/plans/{id}/generate`: the rounds that fall due until this day, inclusive."""

    until: date


class Generated(Wire, frozen=True, kw_only=True):
    """Ids of the rounds that were made; `existing` were there already and stay as they are."""

    made: tuple[Id, ...] = ()
    existing: Count = 0


class LabelOrder(Wire, frozen=True, kw_only=True):
    """`POST /office/labels`: assets, or `blank` tags that nothing is bound to, or a batch again.

    `again` names a batch of blank tags: those that nothing is bound to yet are printed once more,
    with the codes they have. `skip` leaves that many places of the first sheet free.
    """

    assets: Annotated[tuple[Id, ...], Meta(max_length=LABELS_PER_PRINT_MAX)] = ()
    blank: Annotated[int, Meta(ge=0, le=LABELS_PER_PRINT_MAX)] = 0
    batch: Line = ""
    again: Line = ""
    layout: Slug = "a4-3x8"
    language: Language = "zh-CN"
    skip: Annotated[int, Meta(ge=0, le=LABELS_PER_PRINT_MAX)] = 0
