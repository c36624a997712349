"""Many values as one parameter. Rule: a list that a request makes long is asked for by this alone.

`IN` has a parameter for each value, so SQLAlchemy writes the statement anew each time and the
database reads it anew: half of what a push of 1,000 cost before anything was decided.
"""

from collections.abc import Collection, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")


class Many(TypeDecorator[Collection[T]]):
    """Values of one type: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[T]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Sequence[T]] | TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Collection[T] | None, dialect: Dialect) -> object:
        values = list(value or ())
        if dialect.name == "postgresql":
            return values
        process = self.item.dialect_impl(dialect).bind_processor(dialect)
        return msgspec.json.encode([process(v) for v in values] if process else values).decode()


class among(FunctionElement[bool]):  # noqa: N801
    """Whether a column is one of `values`."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[T], values: Collection[T] | str) -> None:
        """`values`, or the name of the parameter that they are given under."""
        many = Many(column.type)
        if isinstance(values, str):
            given = bindparam(values, type_=many)
        else:
            given = bindparam("", values, many, unique=True)
        super().__init__(column, given)


@compiles(among, "postgresql")
def _any(element: among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(among, "sqlite")
def _each(element: among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608
