"""Tables of bytes and of the work done on them. Rule: bytes are named by their SHA-256, in hex.

The bytes themselves are in the blob store (`server.blobs`): they land there before their row.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Named, Table, TypedColumns, text
from sqlalchemy import Text as SqlText

from server.store.tables import metadata
from server.store.types import JsonText, UtcInstant


class Blobs(TypedColumns):
    """Bytes that the store holds whole. Found out about them afterwards: what they are."""

    sha256: Named[str] = Column(SqlText, primary_key=True)
    bytes: Named[int] = Column(BigInteger)
    stored_at: Named[datetime] = Column(UtcInstant)
    leased_until: Named[datetime | None] = Column(UtcInstant, nullable=True)  # By a `have`.
    media_type: Named[str | None] = Column(SqlText, nullable=True)  # Sniffed; null: not yet.
    fault: Named[str | None] = Column(SqlText, nullable=True)  # Why it is never shown inline.
    width: Named[int] = Column(BigInteger)  # Of an image, upright, in pixels; else 0.
    height: Named[int] = Column(BigInteger)
    thumbnails: Named[bool] = Column()  # Both sizes are in the store.
    place: Named[str | None] = Column(JsonText, nullable=True)  # What EXIF said of where it was.
    bare_type: Named[str | None] = Column(SqlText, nullable=True)  # Of the copy without its EXIF.
    leaving_at: Named[datetime | None] = Column(UtcInstant, nullable=True)  # Nobody needed them.
    going_at: Named[datetime | None] = Column(UtcInstant, nullable=True)  # Being removed.
    lost_at: Named[datetime | None] = Column(UtcInstant, nullable=True)  # A backup missed them.


# Of all bytes that there are, few leave, fewer go, and hardly any are lost.
LEAVING, GOING = text("leaving_at IS NOT NULL"), text("going_at IS NOT NULL")
LOST = text("lost_at IS NOT NULL")
blobs = Table(
    "blobs",
    metadata,
    Blobs,
    Index(None, "leased_until"),
    Index(None, "leaving_at", postgresql_where=LEAVING, sqlite_where=LEAVING),
    Index(None, "going_at", postgresql_where=GOING, sqlite_where=GOING),
    Index(None, "lost_at", postgresql_where=LOST, sqlite_where=LOST),
)


class Pins(TypedColumns):
    """Which ops name bytes, whatever became of them: such bytes are never collected."""

    sha256: Named[str] = Column(SqlText, primary_key=True)
    lineage_id: Named[UUID] = Column(primary_key=True)
    n: Named[int] = Column(BigInteger, primary_key=True)


pins = Table("pins", metadata, Pins)


class Deliveries(TypedColumns):
    """Which device sent which bytes whole: it may ask about them, and read them again."""

    sha256: Named[str] = Column(SqlText, primary_key=True)
    device_id: Named[UUID] = Column(primary_key=True)
    at: Named[datetime] = Column(UtcInstant)


deliveries = Table("deliveries", metadata, Deliveries)


class Uploads(TypedColumns):
    """Bytes on their way (tus 1.0). `offset` counts `parts`; a file in a folder has its length."""

    id: Named[UUID] = Column(primary_key=True)
    device_id: Named[UUID] = Column()
    sha256: Named[str] = Column(SqlText)
    bytes: Named[int] = Column(BigInteger)
    offset: Named[int] = Column(BigInteger)
    refusals: Named[int] = Column(BigInteger)  # How often all had come and were other bytes.
    attachment_id: Named[UUID | None] = Column(nullable=True)
    metadata: Named[str] = Column(SqlText)  # `Upload-Metadata` as it was sent.
    parts: Named[str] = Column(JsonText)  # What the store needs to put them together.
    created_at: Named[datetime] = Column(UtcInstant)
    expires_at: Named[datetime] = Column(UtcInstant)
    done_at: Named[datetime | None] = Column(UtcInstant, nullable=True)


uploads = Table(
    "uploads", metadata, Uploads, Index(None, "device_id", "done_at"), Index(None, "expires_at")
)


class Jobs(TypedColumns):
    """Work to be done in the background, at least once. One that ended well is deleted."""

    id: Named[UUID] = Column(primary_key=True)
    kind: Named[str] = Column(SqlText)
    key: Named[str] = Column(SqlText)  # What it is about: one waiting job of a kind for each.
    payload: Named[str] = Column(JsonText)
    due_at: Named[datetime] = Column(UtcInstant)
    tries: Named[int] = Column(BigInteger)
    taken_until: Named[datetime | None] = Column(UtcInstant, nullable=True)
    failed_at: Named[datetime | None] = Column(UtcInstant, nullable=True)  # For good.
    problem: Named[str | None] = Column(SqlText, nullable=True)
    created_at: Named[datetime] = Column(UtcInstant)


jobs = Table("jobs", metadata, Jobs, Index(None, "kind", "key", unique=True), Index(None, "due_at"))
