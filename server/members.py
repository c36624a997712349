"""The `member` records of sites follow what the office grants. Rule: in the same transaction.

Who is granted at a site is told to the tablets there by records like any other, planned and
applied as ops of the administrator who changed it. A grant at a customer or a contract covers all
its sites. An administrator's global grant names no site and makes nobody a member.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_PUSH_MAX
from schemas.office_writes import OfficeOp
from server.clock import Clock
from server.database import Database
from server.office import office_lineage, refuse, write_in
from server.push import Busy, Restart, in_turn
from server.store import grants, people, records
from sync.access import Grant, Place, covers, device_role
from sync.ids import member_id
from sync.record import Json, Record, raws
from sync.scopes import site_scope

Result = TypeVar("Result")


async def change(
    database: Database, work: Callable[[AsyncConnection, frozenset[str]], Awaitable[Result]]
) -> Result:
    """Do `work`, which ends in `refresh`, in one transaction. Raises `Busy` after many attempts."""
    try:
        return await in_turn(database, work)
    except Restart:
        raise Busy from None


async def refresh(
    tx: AsyncConnection,
    clock: Clock,
    *,
    by: UUID,
    epoch: int,
    person: UUID,
    needs: frozenset[str] = frozenset(),
) -> Mapping[str, int]:
    """Write what changed of this person as a member, at every site; the heads that moved.

    `by` did it in the office. The caller holds the person's row (`people.lock`), so that what is
    read of their grants here stays true until `tx` ends. Raises `Restart`.
    """
    wanted = await load_wanted(tx, person)
    known = {
        UUID(str(record.data["site"])): record
        for record in (await records.load_by(tx, "member", "person", [person])).values()
        if not record.withdrawn
    }
    edits = [
        op
        for site in sorted(wanted.keys() | known.keys(), key=str)
        if (op := edit_of(site, person, wanted.get(site), known.get(site), clock))
    ]
    heads: dict[str, int] = {}
    for start in range(0, len(edits), OPS_PER_PUSH_MAX):
        some = edits[start : start + OPS_PER_PUSH_MAX]
        heads |= await write(tx, clock, some, by=by, epoch=epoch, needs=needs)
    return heads


async def load_wanted(tx: AsyncConnection, person_id: UUID) -> dict[UUID, dict[str, Json]]:
    """Each site where the person is a member now, with what is told of them there."""
    person = await people.load(tx, person_id)
    if person is None or not person.active:
        return {}
    held = [grant.plain for grant in await grants.load_grants(tx, [person_id])]
    local = [grant for grant in held if grant.role != "administrator"]
    return {
        site: {
            "name": person.name,
            "role": role_at(local, place),
            "phone": person.phone,
            "active": True,
        }
        for site, place in (await grants.load_places(tx, local)).items()
    }


def role_at(held: list[Grant], place: Place) -> str:
    """The one role under which somebody with several is shown there."""
    return device_role([grant for grant in held if covers(grant, place)])


def edit_of(
    site: UUID, person: UUID, wanted: dict[str, Json] | None, known: Record | None, clock: Clock
) -> OfficeOp | None:
    """The op that makes the record say what it should; None where it does already."""
    values = wanted or {"phone": "", "active": False}
    if known is None:
        values = {"site": str(site), "person": str(person), **values}
        stands: Mapping[str, Json] = {}
    else:
        stands = {"phone": "", "active": True, **known.data}
    changed = {name: value for name, value in values.items() if stands.get(name) != value}
    if not changed:
        return None
    return OfficeOp(
        id=clock.new_id(),
        kind="member",
        record=member_id(site, person),
        new=known is None,
        parent=site if known is None else None,
        base=known.version if known else 0,
        set=raws(changed),
    )


async def write(
    tx: AsyncConnection,
    clock: Clock,
    edits: list[OfficeOp],
    *,
    by: UUID,
    epoch: int,
    needs: frozenset[str],
) -> dict[str, int]:
    """Plan and apply the edits as this administrator's; the heads that moved."""
    lineage = office_lineage(by)
    located = await records.locate(tx, {op.record for op in edits})
    scopes = frozenset(
        {place.scope for place in located.values()}
        | {site_scope(op.parent) for op in edits if op.parent is not None}
    )
    plan = await write_in(
        tx, clock, edits, lineage=lineage, by=by, scopes=scopes, epoch=epoch, needs=needs
    )
    refuse(plan, edits, scopes)
    return {state.id: state.head for state in plan.states}
