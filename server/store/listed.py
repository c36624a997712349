"""A page of a list that people search and sort. Rule: what they type is no pattern and has no case.

The two databases do not agree on which letters are the same in another case, and neither knows all
of them: a name is therefore kept a second time, as it is looked for.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement

from server.store.office import Sortable


def sought(name: str) -> str:
    """A name as it is looked for."""
    return name.casefold()


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether what is `sought` in a column holds what was typed; nothing is in every one."""
    return column.contains(sought(text.strip()), autoescape=True)


def in_order(orders: Mapping[str, Sortable], name: str, *alike: Sortable) -> list[Sortable]:
    """By a column, backwards behind a `-`; what has no value comes last, what is alike as told."""
    column = orders[name.removeprefix("-")]
    return [column.is_(None), column.desc() if name.startswith("-") else column, *alike]
