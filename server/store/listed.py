"""A page of a list that people search and sort. Rule: what they type is no pattern and has no case.

The two databases do not agree on which letters are the same in another case, and neither knows all
of them: a name is therefore kept a second time, as it is looked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

Sortable = (
    ColumnElement[object]
    | ColumnElement[str]
    | ColumnElement[UUID]
    | ColumnElement[int]
    | ColumnElement[bool]
    | ColumnElement[datetime]
    | ColumnElement[datetime | None]
)


def sought(name: str) -> str:
    """A name as it is looked for."""
    return name.casefold()


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether what is `sought` in a column holds what was typed; nothing is in every one."""
    return column.contains(sought(text.strip()), autoescape=True)


def ordered(
    orders: Mapping[str, Sequence[Sortable]], name: str, *alike: Sortable
) -> list[Sortable]:
    """By the columns of an order, backwards behind a `-`; what is alike comes as told.

    What has no value comes last: left to themselves the two databases differ.
    """
    columns = orders[name.removeprefix("-")]
    is_backwards = name.startswith("-")
    turned = (column.desc() if is_backwards else column.asc() for column in columns)
    return [*(column.nulls_last() for column in turned), *alike]
