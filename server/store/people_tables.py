"""Tables of people and devices. Rule: secrets are hashes; rows are ended, never deleted."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Named, Table, TypedColumns
from sqlalchemy import Text as SqlText

from server.store.tables import metadata
from server.store.types import UtcInstant


class People(TypedColumns):
    id: Named[UUID] = Column(primary_key=True)
    login: Named[str] = Column(SqlText)  # Lower case.
    name: Named[str] = Column(SqlText)
    phone: Named[str] = Column(SqlText)
    email: Named[str] = Column(SqlText)
    language: Named[str] = Column(SqlText)
    password_hash: Named[str | None] = Column(SqlText, nullable=True)  # argon2id, PHC string.
    active: Named[bool] = Column()
    active_at: Named[datetime | None] = Column(UtcInstant, nullable=True)  # When that last changed.
    created_at: Named[datetime] = Column(UtcInstant)
    sought: Named[str] = Column(SqlText)  # The name, as it is looked for (`listed`).


people = Table("people", metadata, People, Index(None, "login", unique=True))


class Grants(TypedColumns):
    """person × role × customer, contract or site. An administrator's grant names none of them."""

    id: Named[UUID] = Column(primary_key=True)
    person_id: Named[UUID] = Column()
    role: Named[str] = Column(SqlText)
    customer_id: Named[UUID | None] = Column(nullable=True)
    contract_id: Named[UUID | None] = Column(nullable=True)
    site_id: Named[UUID | None] = Column(nullable=True)
    granted_at: Named[datetime] = Column(UtcInstant)
    granted_by: Named[UUID | None] = Column(nullable=True)
    revoked_at: Named[datetime | None] = Column(UtcInstant, nullable=True)


grants = Table("grants", metadata, Grants, Index(None, "person_id"), Index(None, "site_id"))


class Sessions(TypedColumns):
    """A person signed in to the office. The cookie holds a secret, the row its SHA-256."""

    hash: Named[bytes] = Column(LargeBinary, primary_key=True)
    person_id: Named[UUID] = Column()
    created_at: Named[datetime] = Column(UtcInstant)
    expires_at: Named[datetime] = Column(UtcInstant)
    csrf: Named[str] = Column(SqlText)


sessions = Table("sessions", metadata, Sessions, Index(None, "person_id"))


class Devices(TypedColumns):
    id: Named[UUID] = Column(primary_key=True)
    lineage_id: Named[UUID] = Column()
    person_id: Named[UUID] = Column()
    name: Named[str] = Column(SqlText)
    credential_hash: Named[bytes] = Column(LargeBinary)
    public_key: Named[str | None] = Column(SqlText, nullable=True)
    state: Named[str] = Column(SqlText)  # active | draining | dead
    app_version: Named[str] = Column(SqlText)
    enrolled_at: Named[datetime] = Column(UtcInstant)
    seen_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    ended_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    unsent: Named[int] = Column(BigInteger)  # As the device last said.
    unsent_since: Named[datetime | None] = Column(UtcInstant, nullable=True)
    photos_left: Named[int] = Column(BigInteger)
    anchor_epoch: Named[int | None] = Column(BigInteger, nullable=True)  # The newest root it holds.
    anchor_day: Named[date | None] = Column(Date, nullable=True)
    anchor_root: Named[str | None] = Column(SqlText, nullable=True)
    sought: Named[str] = Column(SqlText)  # As people's.


devices = Table(
    "devices",
    metadata,
    Devices,
    Index(None, "person_id"),
    Index(None, "lineage_id"),
)


class Tickets(TypedColumns):
    """One-time right to enrol a device for a person."""

    hash: Named[bytes] = Column(LargeBinary, primary_key=True)
    person_id: Named[UUID] = Column()
    created_by: Named[UUID | None] = Column(nullable=True)
    created_at: Named[datetime] = Column(UtcInstant)
    expires_at: Named[datetime] = Column(UtcInstant)
    used_at: Named[datetime | None] = Column(UtcInstant, nullable=True)
    device_id: Named[UUID | None] = Column(nullable=True)


tickets = Table("tickets", metadata, Tickets, Index(None, "person_id"))
