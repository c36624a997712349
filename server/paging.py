"""Which page of a list is asked for. Rule: every list is bounded, in the same two words."""

from typing import Annotated

from litestar.params import QueryParameter

from schemas.base import NAME_LENGTH_MAX, OFFSET_MAX, ROWS_PER_LIST_MAX

Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_PER_LIST_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=OFFSET_MAX)]
Search = Annotated[str | None, QueryParameter(min_length=1, max_length=NAME_LENGTH_MAX)]
