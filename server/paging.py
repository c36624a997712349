"""Which page of a list is asked for. Rule: every list is bounded, in the same two words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, TypeVar

from litestar.params import QueryParameter

from schemas.base import NAME_LENGTH_MAX, OFFSET_MAX, ROWS_PER_LIST_MAX

Row = TypeVar("Row")

Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_PER_LIST_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=OFFSET_MAX)]
Search = Annotated[str | None, QueryParameter(min_length=1, max_length=NAME_LENGTH_MAX)]

Key = Callable[[Row], str | int | datetime | None]


def is_found(asked: str | None, *parts: str) -> bool:
    """Whether what is looked for, in whatever case, is a part of one of these; or nothing is."""
    wanted = (asked or "").strip().casefold()
    return not wanted or any(wanted in part.casefold() for part in parts)


def ordered(rows: Iterable[Row], sort: str, keys: Mapping[str, Key[Row]]) -> list[Row]:
    """Order rows by one of `keys`, the last first behind a `-`; what has no value comes last.

    Rows that are alike, and all where `sort` names no key, stay in the order in which they came.
    """
    key = keys.get(sort.removeprefix("-"))
    keyed = [(key(row) if key else None, row) for row in rows]
    known = [(value, row) for value, row in keyed if value is not None]
    known.sort(key=lambda one: one[0], reverse=sort.startswith("-"))
    return [row for _, row in known] + [row for value, row in keyed if value is None]
