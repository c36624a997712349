"""What the chains say of each record, and which links roots name. Rule: in no memory of ours.

What all chains say together is kept in a file of its own that is gone with the look: in memory it
would grow with the house.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from uuid import UUID

import msgspec

from sync.audit import Head
from sync.vouching import Wrote


class Vouched:
    """What the chains say that each record is by now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TABLE wrote (record BLOB PRIMARY KEY, version INTEGER, said TEXT, seen INTEGER)"
            " WITHOUT ROWID"
        )
        connection.execute(
            "CREATE TABLE heads (lineage BLOB, root INTEGER, link BLOB, seen INTEGER,"
            " PRIMARY KEY (lineage, root, link)) WITHOUT ROWID"
        )

    def take(self, wrote: Sequence[Wrote]) -> None:
        """Add what one op says; of one record the later version counts."""
        if not wrote:
            return
        self._connection.executemany(
            "INSERT INTO wrote VALUES (?, ?, ?, 0) ON CONFLICT (record) DO UPDATE SET"
            " version = excluded.version, said = excluded.said"
            " WHERE excluded.version > wrote.version",
            [(one.record.bytes, one.version, msgspec.json.encode(one).decode()) for one in wrote],
        )

    def name(self, at: int, heads: Sequence[Head]) -> None:
        """Add what a root names, by its place among all roots."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO heads VALUES (?, ?, ?, 0)",
            [(head.lineage.bytes, at, head.link) for head in heads],
        )

    def named(self, lineage: UUID) -> dict[int, list[bytes]]:
        """The links of a writer that roots name, by their place."""
        found: dict[int, list[bytes]] = {}
        query = "SELECT root, link FROM heads WHERE lineage = ?"
        for at, link in self._connection.execute(query, [lineage.bytes]):
            found.setdefault(at, []).append(link)
        return found

    def reach(self, lineage: UUID, links: Collection[bytes]) -> None:
        """Its chain was once at these links."""
        self._connection.executemany(
            "UPDATE heads SET seen = 1 WHERE lineage = ? AND link = ?",
            [(lineage.bytes, link) for link in links],
        )

    def has(self, lineage: UUID, link: bytes) -> bool:
        """Whether the chain of a writer was ever at a link that a root names."""
        query = "SELECT seen FROM heads WHERE lineage = ? AND link = ? LIMIT 1"
        row = self._connection.execute(query, [lineage.bytes, link]).fetchone()
        return row is not None and bool(row[0])

    def see(self, records: Collection[UUID]) -> dict[UUID, Wrote]:
        """What is said of these, which are there."""
        query = "UPDATE wrote SET seen = 1 WHERE record = ? RETURNING said"
        asked = (self._connection.execute(query, [id_.bytes]).fetchone() for id_ in records)
        found = (msgspec.json.decode(row[0], type=Wrote) for row in asked if row is not None)
        return {one.record: one for one in found}

    def unseen(self) -> Iterator[Wrote]:
        """What was written and is not there."""
        for (said,) in self._connection.execute("SELECT said FROM wrote WHERE seen = 0"):
            yield msgspec.json.decode(said, type=Wrote)


@contextmanager
def vouched() -> Iterator[Vouched]:
    """Nothing said yet. The file has no name, and is gone with the connection (sqlite.org)."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        yield Vouched(connection)
