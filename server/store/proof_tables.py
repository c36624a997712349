"""Tables of what leaves the house and of proof. Rule: rows are superseded, never rewritten."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Named, Table, TypedColumns
from sqlalchemy import Text as SqlText

from server.store.tables import metadata
from server.store.types import JsonText, UtcInstant


class Links(TypedColumns):
    """One-time right of a stranger to one thing: to sign a visit later. The row holds a hash."""

    hash: Named[bytes] = Column(LargeBinary, primary_key=True)  # SHA-256 of the secret.
    id: Named[UUID] = Column()  # By which the office speaks of it; opens nothing.
    kind: Named[str] = Column(SqlText)  # sign
    record_id: Named[UUID] = Column()
    scope_id: Named[str] = Column(SqlText)
    created_by: Named[UUID] = Column()
    device_id: Named[UUID | None] = Column(nullable=True)  # On which it was made; null: the office.
    created_at: Named[datetime] = Column(UtcInstant)
    expires_at: Named[datetime] = Column(UtcInstant)
    used_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    withdrawn_at: Named[datetime | None] = Column(UtcInstant, nullable=True)


links = Table("links", metadata, Links, Index(None, "id", unique=True), Index(None, "record_id"))


class Reports(TypedColumns):
    """One revision of the report of a visit or of a round, in one language."""

    id: Named[UUID] = Column(primary_key=True)
    of: Named[UUID] = Column()
    of_kind: Named[str] = Column(SqlText)  # visit | assignment
    scope_id: Named[str] = Column(SqlText)
    language: Named[str] = Column(SqlText)
    revision: Named[int] = Column(BigInteger)
    basis: Named[str] = Column(SqlText)  # SHA-256 of what it was made from.
    state: Named[str] = Column(SqlText)  # waiting | ready | failed
    progress: Named[int] = Column(BigInteger)  # Of 100.
    digest: Named[str | None] = Column(SqlText, nullable=True)  # SHA-256 of the PDF, a blob.
    code: Named[str] = Column(SqlText)  # What `/verify/` is asked for; printed in the report.
    bytes: Named[int] = Column(BigInteger)
    problem: Named[str | None] = Column(SqlText, nullable=True)
    missing: Named[str] = Column(SqlText)  # Characters that no font had.
    created_by: Named[UUID | None] = Column(nullable=True)
    created_at: Named[datetime] = Column(UtcInstant)
    ready_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    superseded_at: Named[datetime | None] = Column(UtcInstant, nullable=True)


reports = Table(
    "reports",
    metadata,
    Reports,
    Index(None, "of", "language", "revision", unique=True),
    Index(None, "digest"),
    Index(None, "code", unique=True),
)


class Roots(TypedColumns):
    """What all chains had come to on a day, in UTC; a record of it is on every tablet."""

    epoch: Named[int] = Column(BigInteger, primary_key=True)
    day: Named[date] = Column(Date, primary_key=True)
    root: Named[bytes] = Column(LargeBinary)
    previous: Named[bytes] = Column(LargeBinary)
    heads: Named[str] = Column(JsonText)  # [lineage, n, link in hex] of those that had gone on.
    made_at: Named[datetime] = Column(UtcInstant)


roots = Table("roots", metadata, Roots)


class Looks(TypedColumns):
    """One look at all chains and roots, under way or ended; only the newest are kept."""

    id: Named[UUID] = Column(primary_key=True)
    asked_by: Named[UUID | None] = Column(nullable=True)  # Null: it came by itself.
    begun_at: Named[datetime] = Column(UtcInstant)
    ended_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    ahead: Named[int] = Column(BigInteger)  # Ops and records there when it began.
    ops: Named[int] = Column(BigInteger)  # Looked at; under way, records too.
    writers: Named[int] = Column(BigInteger)
    roots: Named[int] = Column(BigInteger)
    witnesses: Named[int] = Column(BigInteger)
    forgotten: Named[int] = Column(BigInteger)
    seals: Named[int] = Column(BigInteger)
    seals_broken: Named[int] = Column(BigInteger)
    seals_unrecorded: Named[int] = Column(BigInteger)
    broken: Named[int] = Column(BigInteger)  # Places, of which `places` holds the first.
    places: Named[str] = Column(JsonText)


looks = Table("looks", metadata, Looks, Index(None, "begun_at"))


class Backups(TypedColumns):
    """Backups that were made whole, and how far each lineage had come in them."""

    id: Named[UUID] = Column(primary_key=True)
    epoch: Named[int] = Column(BigInteger)
    begun_at: Named[datetime] = Column(UtcInstant)
    ended_at: Named[datetime] = Column(UtcInstant)
    place: Named[str] = Column(SqlText)
    bytes: Named[int] = Column(BigInteger)
    lineages: Named[int] = Column(BigInteger)
    ops: Named[int] = Column(BigInteger)


backups = Table("backups", metadata, Backups, Index(None, "ended_at"))
