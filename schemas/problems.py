"""Problem details (RFC 9457). Rule: clients act on `type` and `status`, never on text."""

from typing import Annotated

from msgspec import Meta, Raw

from schemas.base import LINE_LENGTH_MAX, Id, Wire


class FieldProblem(Wire, frozen=True, kw_only=True):
    """One member of the request that is wrong, named by its path, and why."""

    field: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]
    detail: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]


class Difference(Wire, frozen=True, kw_only=True):
    """Of `version-moved-on`: what stands at a path (`ours`), and what was to be written."""

    record: Id
    path: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]
    ours: Raw
    theirs: Raw


class Problem(Wire, frozen=True, kw_only=True):
    """`title` never varies for a `type`; `detail` does. The text of each type: docs/problems.md."""

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()
    differences: tuple[Difference, ...] = ()  # Of `version-moved-on`, field by field.
    supported: tuple[int, ...] = ()  # Of `unsupported-protocol`: the versions that are spoken.
