"""`inspection`: one asset in one assignment. Rule: answers are registers, repeats `grow`.

Its id is UUIDv5 of assignment and asset, so that two engineers offline meet on one record;
without an assignment it is minted.
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import ELEMENTS_MAX, Id, Instant, Line, Name, Slug, Text, Wire
from schemas.forms import Answer
from schemas.kinds.fields import fixed, forward, grow, office, register, registers

Round = Annotated[int, Meta(ge=1, le=1_000)]
Answers = Annotated[Mapping[Slug, Answer | None], Meta(max_length=2_000)]
ElementId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,131}$")]


STEPS = ("draft", "submitted")  # In the order in which a round goes on.


class Step(Wire, frozen=True, kw_only=True):
    """How far the work has come; moves on only. A higher round beats any step of a lower one."""

    round: Round = 1
    step: Literal["draft", "submitted"] = "draft"
    at: Instant | None = None


class Element(Wire, frozen=True, kw_only=True):
    """One disk, port, battery or measuring point of a group; `answers` are registers.

    Its id is minted, or `<group>-<place>` where the form fixes the places.
    """

    group: Slug
    name: Line = ""
    order: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    answers: Answers = {}


class Remark(Wire, frozen=True, kw_only=True):
    """What somebody wrote beside the work: a return of the office, or a note on site.

    `item` is the path of an item (`item` or `group.element.item`); empty is the whole.
    """

    text: Text
    item: Line = ""
    author: Id
    author_name: Name
    origin: Literal["office", "field"]
    round: Round = 1
    at: Instant | None = None


class Replacement(Wire, frozen=True, kw_only=True):
    """A part that was replaced on site (更换部件), with both serial numbers as far as known."""

    part: Name
    old: Line = ""
    new: Line = ""
    at: Instant | None = None


class Review(Wire, frozen=True, kw_only=True):
    """The office's decision over one round."""

    decision: Literal["accepted", "returned"]
    round: Round
    reviewer: Id
    reviewer_name: Name
    at: Instant
    reason: Text = ""  # Why accepted although photos are missing.
    submitted_at: Instant | None = None  # When that round was handed in: an undo gives it back.


class Inspection(Wire, frozen=True, kw_only=True):
    asset: Annotated[Id, fixed()]
    template: Annotated[Id, fixed()]
    assignment: Annotated[Id | None, fixed()] = None
    inspector: Annotated[Id, fixed()]
    inspector_name: Annotated[Name, fixed()]
    started_at: Annotated[Instant | None, fixed()] = None
    answers: Annotated[Answers, registers()] = {}
    elements: Annotated[Mapping[ElementId, Element], Meta(max_length=ELEMENTS_MAX), grow()] = {}
    remarks: Annotated[Mapping[UUID, Remark], Meta(max_length=ELEMENTS_MAX), grow()] = {}
    replacements: Annotated[Mapping[UUID, Replacement], Meta(max_length=ELEMENTS_MAX), grow()] = {}
    note: Annotated[Text, register()] = ""
    step: Annotated[Step, forward()] = Step()
    review: Annotated[Review | None, office()] = None
