"""Who holds something else once the office has edited. Rule: looked at before and after, told once.

A round that changes hands or state, and a site that changes customer or contract, change what
people may hold. Their devices have to come back with their new scopes, those of the people who
had it before too; and who is granted at a site is a member there, in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.office_writes import OfficeOp
from server import members
from server.clock import Clock
from server.store import grants, office_evidence, people, records
from sync.access import Place, covers

HANDS = ("assignee", "backup")
OWNERS = ("customer", "contract")


class Touched:
    """What an edit touches; begun anew with every attempt."""

    def __init__(self, clock: Clock, by: UUID, epoch: int) -> None:
        self.clock, self.by, self.epoch = clock, by, epoch
        self.rounds: frozenset[UUID] = frozenset()
        self.sites: frozenset[UUID] = frozenset()
        self.persons: set[UUID] = set()
        self.places: list[Place] = []
        self.readers: tuple[UUID, ...] = ()

    async def look(self, tx: AsyncConnection, ops: Sequence[OfficeOp]) -> None:
        """Before the edit: who has these rounds, and whose these sites are."""
        self.rounds = named_in(ops, "assignment", (*HANDS, "state"))
        self.sites = named_in(ops, "site", OWNERS)
        self.persons, self.places = set(), []
        await self.gather(tx)

    async def gather(self, tx: AsyncConnection) -> None:
        ids = self.rounds | self.sites
        if not ids:
            return
        for record in (await records.load(tx, await records.locate(tx, ids))).values():
            if record.kind == "assignment":
                named = (record.data.get(field) for field in HANDS)
                self.persons |= {UUID(one) for one in named if isinstance(one, str)}
            elif record.kind == "site":
                owner, contract = (id_of(record.data.get(field)) for field in OWNERS)
                self.places.append(Place(site=record.id, customer=owner, contract=contract))

    async def follow(self, tx: AsyncConnection, needs: frozenset[str]) -> Mapping[str, int]:
        """After the edit, in its transaction: members as the grants make them, and who to tell."""
        await self.gather(tx)
        heads: dict[str, int] = {}
        if self.places:
            granted = {
                grant.person
                for grant in await grants.load_grants(tx)
                if grant.role != "administrator"
                and any(covers(grant.plain, place) for place in self.places)
            }
            for person in sorted(granted, key=str):
                await people.lock(tx, person)
                heads |= await members.refresh(
                    tx, self.clock, by=self.by, epoch=self.epoch, person=person, needs=needs
                )
            self.persons |= granted
        devices = await office_evidence.load_devices_of(tx, self.persons)
        granted_now = self.persons if self.places else set()
        self.readers = (*sorted(granted_now, key=str), *devices)
        return heads


def named_in(ops: Sequence[OfficeOp], kind: str, fields: Iterable[str]) -> frozenset[UUID]:
    """The records of a kind of which one of these fields is written."""
    return frozenset(
        op.record for op in ops if op.kind == kind and not op.set.keys().isdisjoint(fields)
    )


def id_of(summary: object) -> UUID | None:
    """The id in a customer's or contract's summary."""
    named = summary.get("id") if isinstance(summary, Mapping) else None
    return msgspec.convert(named, UUID) if named is not None else None
