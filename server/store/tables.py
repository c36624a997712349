"""The tables of the protocol. Rule: migrations are checked against them.

Tables of people and devices: `server.store.people_tables`; of bytes and background work:
`file_tables`; of what leaves the house: `proof_tables`; one table per kind: `kind_tables`. All
share one metadata, so importing this module's `metadata` through them shows all.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Named,
    Table,
    TypedColumns,
    text,
)
from sqlalchemy import Text as SqlText

from server.store.types import JsonText, UtcInstant

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


class Meta(TypedColumns):
    """What the installation knows of itself: `epoch`, `installation`, `seal_key`."""

    key: Named[str] = Column(SqlText, primary_key=True)
    value: Named[str] = Column(SqlText)


meta = Table("meta", metadata, Meta)


class Scopes(TypedColumns):
    """The head of each scope, and the digest of its live records. Locked in id order."""

    id: Named[str] = Column(SqlText, primary_key=True)
    head: Named[int] = Column(BigInteger)
    live: Named[int] = Column(BigInteger)  # Count of live records.
    marks: Named[int] = Column(BigInteger)  # Sum of their marks mod 2^64, as a signed integer.


scopes = Table("scopes", metadata, Scopes)


class Feed(TypedColumns):
    """The newest state of each record in each scope, with the bytes as they will be sent.

    A record that left keeps its row, without body, for ever: `gone` says why.
    """

    scope_id: Named[str] = Column(SqlText, primary_key=True)
    record_id: Named[UUID] = Column(primary_key=True)
    seq: Named[int] = Column(BigInteger)
    kind: Named[str] = Column(SqlText)
    version: Named[int] = Column(BigInteger)
    gone: Named[str | None] = Column(SqlText, nullable=True)
    mark: Named[int] = Column(BigInteger)  # 64 bits of SHA-256 of `body`, as a signed integer.
    body: Named[bytes | None] = Column(LargeBinary, nullable=True)


feed = Table(
    "feed",
    metadata,
    Feed,
    Index(None, "scope_id", "seq", unique=True),
    Index(None, "record_id"),
)


class Lineages(TypedColumns):
    """A writer's own count of ops: a device's lineage, or one person's work in the office."""

    id: Named[UUID] = Column(primary_key=True)
    origin: Named[str] = Column(SqlText)  # device | office | server
    last_n: Named[int] = Column(BigInteger)
    chain: Named[bytes] = Column(LargeBinary)  # Newest link of the audit chain.
    backed_up_to: Named[int] = Column(BigInteger)


lineages = Table("lineages", metadata, Lineages)


class Ops(TypedColumns):
    """Every op ever received, as received, with its outcome. Only `open` ever changes."""

    lineage_id: Named[UUID] = Column(primary_key=True)
    n: Named[int] = Column(BigInteger, primary_key=True)
    id: Named[UUID | None] = Column(nullable=True)  # Null: the line could not be read.
    device_id: Named[UUID | None] = Column(nullable=True)
    person_id: Named[UUID | None] = Column(nullable=True)
    kind: Named[str] = Column(SqlText)
    record_id: Named[UUID | None] = Column(nullable=True)
    scope_id: Named[str | None] = Column(SqlText, nullable=True)
    payload: Named[bytes] = Column(LargeBinary)
    outcome_name: Named[str] = Column(SqlText)
    outcome: Named[bytes] = Column(LargeBinary)
    replaces: Named[UUID | None] = Column(nullable=True)
    open: Named[bool] = Column()  # Not applied, and nobody has settled it yet.
    received_at: Named[datetime] = Column(UtcInstant)
    chain: Named[bytes] = Column(LargeBinary)


ops = Table(
    "ops",
    metadata,
    Ops,
    Index(None, "id", unique=True),
    Index(None, "record_id"),
    Index(None, "person_id", postgresql_where=text("open"), sqlite_where=text("open")),
)


class Voids(TypedColumns):
    """Ranges of `n` that a device never sent; recorded from the push header itself."""

    lineage_id: Named[UUID] = Column(primary_key=True)
    from_n: Named[int] = Column(BigInteger, primary_key=True)
    to_n: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(UtcInstant)


voids = Table("voids", metadata, Voids)


class Conflicts(TypedColumns):
    """One field that two people wrote, with both values, until a person decides, and after."""

    id: Named[UUID] = Column(primary_key=True)
    record_id: Named[UUID] = Column()
    kind: Named[str] = Column(SqlText)
    scope_id: Named[str] = Column(SqlText)
    path: Named[str] = Column(SqlText)
    base: Named[int] = Column(BigInteger)
    ours: Named[str] = Column(JsonText)
    ours_version: Named[int] = Column(BigInteger)
    theirs: Named[str] = Column(JsonText)
    op_id: Named[UUID] = Column()
    lineage_id: Named[UUID] = Column()
    person_id: Named[UUID] = Column()
    made_at: Named[datetime] = Column(UtcInstant)
    opened_at: Named[datetime] = Column(UtcInstant)
    decided_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    decided_by: Named[UUID | None] = Column(nullable=True)
    decision: Named[str | None] = Column(SqlText, nullable=True)  # ours | theirs | other


conflicts = Table(
    "conflicts",
    metadata,
    Conflicts,
    Index(None, "record_id"),
    Index(None, "op_id"),
    Index(None, "scope_id", "decided_at"),
)


class Claims(TypedColumns):
    """Which asset each printed code is bound to, over all sites. On no device, so nothing leaks.

    A blank tag of a printed batch is a claim without an asset.
    """

    code: Named[str] = Column(SqlText, primary_key=True)
    asset_id: Named[UUID | None] = Column(nullable=True)
    scope_id: Named[str | None] = Column(SqlText, nullable=True)
    batch: Named[str | None] = Column(SqlText, nullable=True)
    printed_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    retired: Named[bool] = Column()


claims = Table("claims", metadata, Claims, Index(None, "asset_id"), Index(None, "batch"))
