"""Which page of a list is asked for. Rule: every list is bounded, in the same two words."""

from typing import Annotated

from litestar.params import QueryParameter

from schemas.base import OFFSET_MAX, ROWS_PER_LIST_MAX

Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_PER_LIST_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=OFFSET_MAX)]
