"""Column types that mean the same on both databases. Rule: instants are UTC, JSON is text."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator, Uuid
from sqlalchemy.types import TypeEngine, UserDefinedType

from sync.ids import IDS_KEPT


class UtcInstant(TypeDecorator[datetime]):
    """An aware UTC instant; refuses a naive one. SQLite holds it without zone, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


@lru_cache(maxsize=IDS_KEPT)
def _with_dashes(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class IdText(TypeDecorator[str]):
    """An id as JSON has it, for queries alone. SQLite's is text already, and needs no `UUID`."""

    impl = Uuid
    cache_ok = True

    def result_processor(self, dialect: Dialect, _: object) -> Callable[[object], str | None]:
        read = _with_dashes if dialect.name == "sqlite" else str
        return lambda value: None if value is None else read(str(value))


class _PostgresJsonText(UserDefinedType[str]):
    """PostgreSQL's `json` (not `jsonb`): checked, queryable, and the text stays as written."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "JSON"


class JsonText(TypeDecorator[str]):
    """JSON kept as its text: encoded and decoded once, by msgspec, outside SQLAlchemy."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_PostgresJsonText())
        return dialect.type_descriptor(Text())
