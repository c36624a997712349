"""Rows of the feed for a pull. Rule: stored bytes go out as they are; one round trip a page."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import BigInteger, Text

from server.store.tables import feed
from sync.pull import Wanted

# Each scope is read in its own order until the page is full; scopes come in the order asked.
PAGE = text(
    "SELECT f.scope_id, f.seq, f.record_id, f.kind, f.version, f.gone, f.body "
    "FROM unnest(:scopes, :positions, :live_until) WITH ORDINALITY "
    "AS w(scope_id, pos, live_until, place) "
    "CROSS JOIN LATERAL (SELECT * FROM feed WHERE feed.scope_id = w.scope_id "
    "AND feed.seq > w.pos AND (feed.gone IS NULL OR feed.seq > w.live_until) "
    "ORDER BY feed.seq LIMIT :limit) AS f ORDER BY w.place, f.seq LIMIT :limit"
).bindparams(
    bindparam("scopes", type_=ARRAY(Text)),
    bindparam("positions", type_=ARRAY(BigInteger)),
    bindparam("live_until", type_=ARRAY(BigInteger)),
)


class Sent(Struct, frozen=True, gc=False):
    """One row of a page; `gone` rows have no body."""

    scope: str
    seq: int
    record: object
    kind: str
    version: int
    gone: str | None
    body: bytes | None


async def load_page(tx: AsyncConnection, wanted: Sequence[Wanted], *, limit: int) -> list[Sent]:
    """At most `limit` rows, scope after scope in the order of `wanted`, each by seq."""
    if tx.dialect.name == "postgresql":
        result = await tx.execute(
            PAGE,
            {
                "scopes": [one.scope for one in wanted],
                "positions": [one.pos for one in wanted],
                "live_until": [one.live_until for one in wanted],
                "limit": limit,
            },
        )
        return [Sent(*row) for row in result]
    rows: list[Sent] = []  # SQLite has no round trips to save.
    for one in wanted:
        query = (
            select(
                feed.c.scope_id,
                feed.c.seq,
                feed.c.record_id,
                feed.c.kind,
                feed.c.version,
                feed.c.gone,
                feed.c.body,
            )
            .where(feed.c.scope_id == one.scope, feed.c.seq > one.pos)
            .where(feed.c.gone.is_(None) | (feed.c.seq > one.live_until))
            .order_by(feed.c.seq)
            .limit(limit - len(rows))
        )
        rows += [Sent(*row) for row in await tx.execute(query)]
        if len(rows) >= limit:
            break
    return rows


async def count_left(
    tx: AsyncConnection, wanted: Sequence[Wanted], after: dict[str, int]
) -> dict[str, int]:
    """How many rows of each scope are still to come after seq `after`; none: not named."""
    left: dict[str, int] = {}
    for one in wanted:
        query = (
            select(func.count())
            .where(feed.c.scope_id == one.scope, feed.c.seq > after.get(one.scope, one.pos))
            .where(feed.c.gone.is_(None) | (feed.c.seq > one.live_until))
        )
        if count := await tx.scalar(query):
            left[one.scope] = count
    return left
