"""The feed: per scope and record the newest state. Rule: bytes are encoded once, stored, sent."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.scopes import signed
from server.store.tables import feed

NAMES = ("scope_id", "record_id", "seq", "kind", "version", "gone", "mark", "body")


class FeedRow(Struct, frozen=True, gc=False):
    """`gone` is moved, withdrawn or archived, and then there is no body and no mark."""

    scope: str
    record: UUID
    seq: int
    kind: str
    version: int
    gone: str | None
    mark: int
    body: bytes | None


async def write_feed(tx: AsyncConnection, rows: Sequence[FeedRow]) -> None:
    """Store `rows`, each replacing the older state of its record in its scope."""
    await bulk.insert(
        tx,
        feed,
        NAMES,
        [
            (r.scope, r.record, r.seq, r.kind, r.version, r.gone, signed(r.mark), r.body)
            for r in rows
        ],
        replace_by=("scope_id", "record_id"),
    )
