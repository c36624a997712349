"""Problem details (RFC 9457). Rule: clients act on `type` and `status`, never on text."""

from typing import Annotated

from msgspec import Meta

from schemas.base import LINE_LENGTH_MAX, Wire


class FieldProblem(Wire, frozen=True, kw_only=True):
    """One member of the request that is wrong, named by its path, and why."""

    field: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]
    detail: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]


class Problem(Wire, frozen=True, kw_only=True):
    """`title` never varies for a `type`; `detail` does. The text of each type: docs/problems.md."""

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()
    supported: tuple[int, ...] = ()  # Of `unsupported-protocol`: the versions that are spoken.
