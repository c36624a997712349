"""Rows of the feed for a pull. Rule: stored bytes go out as they are, a page of them in one piece.

A page has bounds in rows and in bytes, so what it needs of memory has too.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import starmap
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import PAGE_BYTES_MAX
from server.store import grants
from server.store.among import among
from server.store.scopes import states as load_states
from server.store.tables import feed, scopes
from sync.access import demand_holdable
from sync.pull import Wanted
from sync.record import MARK_SPAN
from sync.scopes import ORG, ScopeState, device_scope

# A page is a thousand rows that nobody looks into, so they come past SQLAlchemy's row processing.
COLUMNS = "f.scope_id, f.seq, f.record_id, f.kind, f.version, f.gone, f.body"
LENGTHS = "count(*) AS rows, sum(bytes) AS bytes"  # Neither database reads a body for its length.
# Rows of one scope, as its index has them.
SCOPE = (
    "FROM feed AS f WHERE f.scope_id = $1 AND f.seq > $2 "
    "AND (f.gone IS NULL OR f.seq > $3) ORDER BY f.seq LIMIT $4"
)
SQLITE_SCOPE = SCOPE.replace("$", "?")
# Each scope is read in its own order until the page is full; scopes come in the order asked.
SCOPES = (
    "FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY "
    "AS w(scope_id, pos, live_until, place) "
    "CROSS JOIN LATERAL (SELECT * FROM feed WHERE feed.scope_id = w.scope_id "
    "AND feed.seq > w.pos AND (feed.gone IS NULL OR feed.seq > w.live_until) "
    "ORDER BY feed.seq LIMIT $4) AS f ORDER BY w.place, f.seq LIMIT $4"
)
FEW_ROWS = 32  # So many are sent without asking how long they are.
LEFT = (
    select(func.count())
    .where(feed.c.scope_id == bindparam("scope"), feed.c.seq > bindparam("pos"))
    .where(feed.c.gone.is_(None) | (feed.c.seq > bindparam("live_until")))
)
# What the device holds, and how far the scopes are that it probably holds: one question for both.
STATE = (scopes.c.head, scopes.c.live, scopes.c.marks)
NO_STATE = tuple(cast(null(), column.type).label(column.name) for column in STATE)
SURVEY = union_all(
    *(one.add_columns(*NO_STATE) for one in grants.HELD_BY),
    select(
        literal("scope"),
        scopes.c.id,
        *(cast(null(), column.type) for column in grants.HELD.selected_columns[2:]),
        *STATE,
    ).where(among(scopes.c.id, "scopes")),
)
PLACES_MAX = 4_096  # Of first syncs under way at once, remembered.


class Sent(Struct, frozen=True, gc=False):
    """One row of a page; `gone` rows have no body, and of others only that is looked at."""

    scope: str
    seq: int
    record: object
    kind: str
    version: int
    gone: str | None
    body: bytes | None


async def survey(
    tx: AsyncConnection, *, device_id: UUID, person_id: UUID, places: Collection[str]
) -> tuple[tuple[str, ...], Mapping[str, ScopeState]]:
    """The scopes that the device holds, and how far these and those at `places` are.

    A device holds what it was at, nearly always: only of other scopes is asked a second time.
    Raises `TooManyScopes`.
    """
    asked = {ORG, device_scope(device_id), *places}
    rows = (await tx.execute(SURVEY, {"person": person_id, "scopes": asked})).all()
    states = {
        row.role: ScopeState(row.role, row.head, row.live, row.marks % MARK_SPAN)
        for row in rows
        if row.way == "scope"
    }
    grants_ = [row for row in rows if row.way != "scope"]
    held = await grants.scopes_of(tx, grants_, device_id=device_id, person_id=person_id)
    demand_holdable(held)
    if other := set(held) - asked:
        states |= await load_states(tx, other)
    return held, states


async def fitting(tx: AsyncConnection, wanted: Sequence[Wanted], *, limit: int) -> int:
    """How many rows a page may have: `limit`, or halves of it until it is no longer than a page.

    One is sent whatever its length: else the device would never get past it.
    """
    if min(limit, sum(one.head - one.pos for one in wanted)) <= FEW_ROWS:
        return limit
    while limit > 1 and await _bytes_of(tx, wanted, limit) > PAGE_BYTES_MAX:
        limit //= 2
    return limit


async def _bytes_of(tx: AsyncConnection, wanted: Sequence[Wanted], limit: int) -> int:
    """How long the bodies of the next `limit` rows are together."""
    rows, size = 0, 0
    for source, asked in _questions(tx, wanted, limit):
        within = f"SELECT length(f.body) AS bytes {source}"
        query = f"SELECT {LENGTHS} FROM ({within}) AS page"  # noqa: S608
        found = (await tx.exec_driver_sql(query, (*asked, limit - rows))).mappings().one()
        rows, size = rows + found["rows"], size + (found["bytes"] or 0)
        if rows >= limit:
            break
    return size


async def load_page(tx: AsyncConnection, wanted: Sequence[Wanted], *, limit: int) -> list[Sent]:
    """At most `limit` rows, scope after scope in the order of `wanted`, each by seq."""
    rows: list[Sent] = []
    for source, asked in _questions(tx, wanted, limit):
        query = f"SELECT {COLUMNS} {source}"
        result = await tx.exec_driver_sql(query, (*asked, limit - len(rows)))
        rows += starmap(Sent, result.all())
        if len(rows) >= limit:
            break
    return rows if tx.dialect.name == "postgresql" else list(map(_with_id, rows))


def _questions(
    tx: AsyncConnection, wanted: Sequence[Wanted], limit: int
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """What to ask, one after the other until the page is full; the limit is the last parameter."""
    if tx.dialect.name == "sqlite":  # It has no round trips to save.
        yield from ((SQLITE_SCOPE, (one.scope, one.pos, one.live_until)) for one in wanted)
        return
    # A scope that probably fills the page alone is read in its order: nothing has to be sorted.
    first, rest = wanted[0], wanted
    if first.head - first.pos >= limit:
        yield SCOPE, (first.scope, first.pos, first.live_until)
        rest = wanted[1:]
    if rest:
        scopes, places = [one.scope for one in rest], [one.pos for one in rest]
        yield SCOPES, (scopes, places, [one.live_until for one in rest])


def _with_id(row: Sent) -> Sent:
    """SQLite's driver gives an id as text; who looks at it wants it whole."""
    if row.gone is None:
        return row
    return msgspec.structs.replace(row, record=UUID(str(row.record)))


async def count_left(
    tx: AsyncConnection, wanted: Sequence[Wanted], after: Mapping[str, int]
) -> dict[str, int]:
    """How many rows of each scope are still to come after seq `after`; none: not named."""
    left: dict[str, int] = {}
    for one in wanted:
        place = {
            "scope": one.scope,
            "pos": after.get(one.scope, one.pos),
            "live_until": one.live_until,
        }
        if count := await tx.scalar(LEFT, place):
            left[one.scope] = count
    return left


class Sizes:
    """How much is left behind a place in a scope, as this process last knew it.

    What is behind a place stays the same for as long as the scope's head does. So a first sync
    is not counted at every page, which would take longer than reading the page.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], int] = {}

    async def left(
        self, tx: AsyncConnection, wanted: Sequence[Wanted], rows: Sequence[Sent]
    ) -> dict[str, int]:
        """How many rows of each scope are still to come after `rows`, a page of `wanted`.

        None: not named. That nothing is left is always counted: the device goes to the head then.
        """
        after = {row.scope: row.seq for row in rows}
        sent = Counter(row.scope for row in rows)
        left: dict[str, int] = {}
        for one in wanted:
            known = one.live or self._known.get(key(one, one.pos), 0)
            rest = known - sent[one.scope]
            if rest <= 0:
                rest = (await count_left(tx, [one], after)).get(one.scope, 0)
            if rest:
                left[one.scope] = rest
                self._keep(key(one, after.get(one.scope, one.pos)), rest)
        return left

    def _keep(self, place: tuple[str, int, int, int], rest: int) -> None:
        """Remember; the oldest makes room."""
        self._known.pop(place, None)
        if len(self._known) >= PLACES_MAX:
            del self._known[next(iter(self._known))]
        self._known[place] = rest


def key(one: Wanted, pos: int) -> tuple[str, int, int, int]:
    return one.scope, one.head, one.live_until, pos
