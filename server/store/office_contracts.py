"""Contracts as the office lists them. Rule: as in `store.office`."""

from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES

CONTRACT, CUSTOMER = KIND_TABLES["contract"], KIND_TABLES["customer"]


class StoredContract(Struct, frozen=True):
    """A contract with its customer's name; null `photo_place`: it says nothing of it."""

    id: UUID
    version: int
    customer: UUID
    customer_name: str
    number: str
    title: str | None
    starts_on: date
    ends_on: date
    photo_place: str | None


OWN = (name for name in StoredContract.__struct_fields__ if name != "customer_name")
CONTRACTS = (
    select(CUSTOMER.c.name.label("customer_name"), *(CONTRACT.c[name] for name in OWN))
    .join(CUSTOMER, CUSTOMER.c.id == CONTRACT.c.customer)
    .where(CONTRACT.c.withdrawn.is_(False))
    .order_by(CUSTOMER.c.name, CONTRACT.c.number, CONTRACT.c.id)
)


async def load_contracts(tx: AsyncConnection) -> list[StoredContract]:
    """All of them: a company has some hundreds."""
    rows = await tx.execute(CONTRACTS)
    return [msgspec.convert(row, StoredContract, from_attributes=True) for row in rows]
