"""What is to be done: `plan assignment visit`. Rule: an assignment is one site, one window."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import (
    ELEMENTS_MAX,
    TARGETS_PER_ASSIGNMENT_MAX,
    Id,
    Instant,
    Line,
    Name,
    Slug,
    Text,
    Wire,
    Words,
)
from schemas.kinds.fields import fixed, grow, office, register
from schemas.kinds.template import Category


class Plan(Wire, frozen=True, kw_only=True):
    """A rule that generates assignments: an RFC 5545 RRULE over sites and categories."""

    title: Annotated[Words, office()]
    contract: Annotated[Id, office()]
    sites: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1_000), office()]
    categories: Annotated[tuple[Category, ...], Meta(min_length=1, max_length=50), office()]
    templates: Annotated[Mapping[Slug, Id], Meta(max_length=50), office()]  # Category → template.
    rrule: Annotated[str, Meta(min_length=1, max_length=500), office()]
    starts_on: Annotated[date, office()]
    ends_on: Annotated[date | None, office()] = None
    window_days: Annotated[int, Meta(ge=1, le=366), office()] = 14
    paused: Annotated[bool, office()] = False


class Target(Wire, frozen=True, kw_only=True):
    asset: Id
    template: Id  # One version: it is pinned here, whatever is published later.
    withdrawn: bool = False


class Assignment(Wire, frozen=True, kw_only=True):
    """A round at one site in one window. Its id is UUIDv5 of plan, site and occurrence."""

    site: Annotated[Id, office()]
    plan: Annotated[Id | None, office()] = None
    occurrence: Annotated[date | None, office()] = None
    title: Annotated[Words, office()]
    targets: Annotated[tuple[Target, ...], Meta(max_length=TARGETS_PER_ASSIGNMENT_MAX), office()]
    starts_at: Annotated[Instant, office()]
    due_at: Annotated[Instant, office()]
    assignee: Annotated[Id | None, register()] = None
    backup: Annotated[Id | None, office()] = None
    state: Annotated[
        Literal["planned", "issued", "started", "done", "closed", "withdrawn"], office()
    ] = "planned"
    note: Annotated[Text, office()] = ""


class CustomerProblem(Wire, frozen=True, kw_only=True):
    """One entry of the customer's own problem list."""

    text: Text
    at: Instant | None = None


class Visit(Wire, frozen=True, kw_only=True):
    """One presence on site. Its report is what the customer receives."""

    site: Annotated[Id, fixed()]
    assignment: Annotated[Id | None, fixed()] = None
    engineer: Annotated[Id, fixed()]
    engineer_name: Annotated[Name, fixed()]
    started_at: Annotated[Instant, register()]
    ended_at: Annotated[Instant | None, register()] = None
    contact: Annotated[Line, register()] = ""
    problems: Annotated[Mapping[UUID, CustomerProblem], Meta(max_length=ELEMENTS_MAX), grow()] = {}
    note: Annotated[Text, register()] = ""
