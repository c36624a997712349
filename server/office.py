"""Writes of people in the office: guarded by the role table, planned and applied like any op.

Rule: all of a request or nothing. A person in the office is there to be asked, so what would
wait for somebody as a conflict or a review is answered as a problem, and nothing is kept.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeVar
from uuid import UUID, uuid5

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.forms import Form
from schemas.kinds import KINDS
from schemas.office_writes import OfficeOp
from schemas.ops import Made, Op, Outcome
from schemas.problems import Difference, FieldProblem
from server.clock import Clock
from server.database import Database
from server.errors import ServerError
from server.push import Busy, Restart, in_turn, plan_and_apply
from server.store import grants, ops, people, records
from sync.access import Access, Place, writer_problem
from sync.errors import InvalidOp, NotPermitted, VersionMovedOn
from sync.forms import check_form
from sync.lines import Parsed, read_line
from sync.plan import Origin, Plan
from sync.record import Json, Record, raw
from sync.schedule import parse_rule
from sync.scopes import OFFICE, ORG, archive_scope, site_scope

# Written by the server or by a decision alone, whatever the role table says of their kind.
NOT_BY_HAND: Mapping[tuple[str, str], str] = {
    ("inspection", "review"): "is decided over the whole inspection",
    ("asset", "last"): "is what the last accepted inspection says",
    ("attachment", "received_at"): "is noted when the bytes arrive",
}
NULL = Raw(b"null")
Read = TypeVar("Read")


class Named(Struct, frozen=True):
    """The part of a customer's or contract's summary that says which one it is."""

    id: UUID


ID = Decoder(UUID | None)
NAMED = Decoder(Named | None)
FORM = Decoder(Form)
SITES = Decoder(tuple[UUID, ...])
RULE = Decoder(str)


class TagTaken(ServerError):
    """Said without telling where: the other site may be nobody's business here."""

    slug = "tag-taken"
    title = "This tag is bound to other equipment"
    status = 409


class Done(Struct, frozen=True):
    """What was written: an outcome for each op, the heads that moved, the records as they are."""

    outcomes: tuple[Outcome, ...]
    heads: Mapping[str, int]
    records: Mapping[UUID, Record]


# What is to be written, worked out inside the transaction.
Decide = Callable[[AsyncConnection, Access], Awaitable[Sequence[OfficeOp]]]
# What follows from it, in the same transaction: the heads that this moved. May raise `Restart`.
Follow = Callable[[AsyncConnection, frozenset[str]], Awaitable[Mapping[str, int]]]


async def nothing_follows(_: AsyncConnection, __: frozenset[str]) -> Mapping[str, int]:
    return {}


async def write(
    database: Database,
    clock: Clock,
    *,
    person: UUID,
    epoch: int,
    decide: Decide,
    follow: Follow = nothing_follows,
) -> Done:
    """Write what `decide` gives, in its transaction. Raises its problem where any op fails."""

    async def work(tx: AsyncConnection, needs: frozenset[str]) -> Done:
        lineage = office_lineage(person)
        await ops.begin_lineage(tx, lineage, origin="office")
        last_n = (await ops.lock_lineage(tx, lineage)).last_n
        access = await grants.load_access(tx, person)
        wanted = await decide(tx, access)
        lines = [as_line(op, clock, lineage, person, n) for n, op in enumerate(wanted, last_n + 1)]
        # Whether this person may make a site was asked before: it is nowhere yet. Nor does the
        # planner know their scopes, and asks for one at an attempt: all are told it at once.
        fresh = {site_scope(op.record) for op in wanted if op.kind == "site" and op.new}
        held = scopes_of(access) | fresh

        async def resolve(_: AsyncConnection) -> Origin:
            return Origin("office", lineage, person, scopes=held, name=access.name)

        plan = await plan_and_apply(
            tx, clock, resolve, lines, first_n=last_n + 1, epoch=epoch, needs=needs | fresh
        )
        refuse(plan, wanted, held)
        heads = {state.id: state.head for state in plan.states}
        heads |= await follow(tx, needs)
        return Done(plan.outcomes, heads, {w.record.id: w.record for w in plan.writes})

    try:
        return await in_turn(database, work)
    except Restart:
        raise Busy from None


async def write_in(
    tx: AsyncConnection,
    clock: Clock,
    edits: Sequence[OfficeOp],
    *,
    lineage: UUID,
    by: UUID,
    scopes: frozenset[str],
    epoch: int,
    origin: Literal["office", "server"] = "office",
    needs: frozenset[str] = frozenset(),
) -> Plan:
    """Plan and apply edits that follow from something else, inside `tx`, as the lineage's next ops.

    `scopes` are those where they may be written. What became of each is for the caller to look at.
    Raises `Restart`.
    """
    await ops.begin_lineage(tx, lineage, origin=origin)
    first_n = (await ops.lock_lineage(tx, lineage)).last_n + 1
    lines = [as_line(op, clock, lineage, by, n) for n, op in enumerate(edits, first_n)]

    async def resolve(_: AsyncConnection) -> Origin:
        return Origin("office", lineage, by, scopes=scopes)

    return await plan_and_apply(
        tx, clock, resolve, lines, first_n=first_n, epoch=epoch, needs=needs
    )


def office_lineage(person: UUID) -> UUID:
    """The lineage of one person's work in the office."""
    return uuid5(person, "office")


def scopes_of(access: Access) -> frozenset[str]:
    """Where this person's ops can be written at all; which fields is asked op by op."""
    at_sites = {scope(site) for site in access.places for scope in (site_scope, archive_scope)}
    return frozenset(at_sites | {ORG, OFFICE})


def as_line(op: OfficeOp, clock: Clock, lineage: UUID, person: UUID, n: int) -> Parsed:
    """The op as a device would send it: the same limits hold for both."""
    whole = Op(
        n=n,
        id=op.id,
        by=person,
        kind=op.kind,
        record=op.record,
        base=op.base,
        made=Made(wall=clock.now(), session=lineage),
        new=op.new,
        parent=op.parent,
        set=op.set,
        add=op.add,
        remove=op.remove,
        withdraw=op.withdraw,
        replaces=op.replaces,
        words=op.words,
    )
    return read_line(msgspec.json.encode(whole), n)


def refuse(plan: Plan, wanted: Sequence[OfficeOp], scopes: frozenset[str]) -> None:
    """Raise the problem of the first op that was not simply applied."""
    for outcome, op in zip(plan.outcomes, wanted, strict=True):
        match outcome.outcome:
            case "applied":
                continue
            case "conflict":
                raise differing(plan, scopes)
            case "rejected":
                problem = outcome.problem
                detail = problem.detail if problem else ""
                raise InvalidOp(detail, fields=problem.errors if problem else ())
            case "held":
                field = FieldProblem(field=f"{op.kind}.{op.record}", detail="waits for another op")
                raise InvalidOp("a record that it needs is not there yet", fields=(field,))
            case "review":
                raise NotPermitted


def differing(plan: Plan, scopes: frozenset[str]) -> VersionMovedOn | TagTaken:
    """Both values of every field that somebody else wrote meanwhile."""
    if any(one.scope not in scopes for one in plan.conflicts):
        return TagTaken()
    return VersionMovedOn(
        "look at both values and decide again",
        fields=tuple(
            FieldProblem(field=one.conflict.path, detail="was changed meanwhile")
            for one in plan.conflicts
        ),
        differences=tuple(
            Difference(
                record=one.record,
                path=one.conflict.path,
                ours=raw(one.conflict.ours),
                theirs=raw(one.conflict.theirs),
            )
            for one in plan.conflicts
        ),
    )


# --- What a person wants to edit ---


async def demand_edits(tx: AsyncConnection, access: Access, wanted: Sequence[OfficeOp]) -> None:
    """Raise `NotPermitted` or `InvalidOp` for the first op that this person may not write."""
    found = await load_named(tx, wanted)
    for op in wanted:
        if op.replaces is not None:
            raise invalid("replaces", "is decided under `/office/waiting`")
        record = found.get(op.record)
        place = place_of(op, record, found)
        for field in sorted(fields_of(op)):
            if why := NOT_BY_HAND.get((op.kind, field)):
                raise invalid(field, why)
            problem = writer_problem(
                access,
                kind=op.kind,
                field=field,
                site=place.site,
                customer=place.customer,
                contract=place.contract,
            )
            if problem is not None:
                raise problem
        if record is not None:
            demand_no_move(op, record, access)
        demand_sense(op, record, access)
        demand_merge(op, record, found, access)
    await demand_people(tx, wanted)


def demand_no_move(op: OfficeOp, record: Record, access: Access) -> None:
    """Equipment moves between sites that the writer describes both; nothing else moves. Raises."""
    home = KINDS[op.kind].home.field if op.kind in KINDS else ""
    to = id_in(op, home)
    if home not in op.set or op.kind == "tag" or to == record.data.get(home):
        return
    if op.kind != "asset" or to is None:
        raise invalid(home, "a record is not moved by an edit")
    if not access.may("describe", site=UUID(to)):
        raise NotPermitted("asset.site")


def demand_merge(
    op: OfficeOp, record: Record | None, found: Mapping[UUID, Record], access: Access
) -> None:
    """A duplicate becomes other equipment of its site, that is itself no duplicate. Raises."""
    named = id_in(op, "merged_into")
    if op.kind != "asset" or named is None:
        return
    winner, why = found.get(UUID(named)), ""
    place = place_in(winner.scope) if winner else None
    is_here = place is not None and access.may("describe", site=place.site)
    if winner is None or winner.kind != "asset" or winner.withdrawn or not is_here:
        why = "is no equipment that you may describe"
    elif record is None or winner.id == record.id:
        why = "is this equipment itself"
    elif winner.scope != record.scope:
        why = "is at another site: move one of them first"
    elif winner.data.get("merged_into") is not None:
        why = "is a duplicate itself"
    if why:
        raise invalid("merged_into", why)


def demand_sense(op: OfficeOp, record: Record | None, access: Access) -> None:
    """What the planner does not know: published forms, sites and rule of a plan. Raises."""
    if op.kind == "template" and record is not None and fields_of(op) != {"superseded_by"}:
        raise invalid("form", "a published template never changes; publish a new version")
    if op.kind == "template" and "form" in op.set:
        form = read(op.set["form"], FORM, "form")
        if problems := check_form(form):
            raise InvalidOp("the form is not in order", fields=problems)
    if op.kind == "site" and record is not None:
        for field in ("customer", "contract"):
            to = read(op.set.get(field, NULL), NAMED, field)
            place = {field: to.id} if to else {}
            if to and not access.may("contract", **place):
                raise NotPermitted(f"site.{field}")
    if op.kind == "plan" and "sites" in op.set:
        # Sites that this person was never shown would be lost by writing the list anew.
        before = record.data.get("sites") if record is not None else None
        stand = msgspec.convert(before or (), tuple[UUID, ...])
        sites = read(op.set["sites"], SITES, "sites")
        if not access.sites_where("plan").issuperset((*stand, *sites)):
            raise NotPermitted("plan.sites")
    if op.kind == "plan" and "rrule" in op.set:
        rule = parse_rule(read(op.set["rrule"], RULE, "rrule"))
        if isinstance(rule, FieldProblem):
            raise InvalidOp(rule.detail, fields=(rule,))


async def demand_people(tx: AsyncConnection, wanted: Sequence[OfficeOp]) -> None:
    """Work is given to people who are here. Raises `InvalidOp` naming the field."""
    given = [
        (field, person)
        for op in wanted
        if op.kind == "assignment"
        for field in ("assignee", "backup")
        if field in op.set and (person := id_in(op, field)) is not None
    ]
    active = await people.load_active(tx, {UUID(person) for _, person in given})
    for field, person in given:
        if UUID(person) not in active:
            raise invalid(field, "is nobody who works here")


def invalid(field: str, why: str) -> InvalidOp:
    return InvalidOp(f"{field}: {why}", fields=(FieldProblem(field=field, detail=why),))


def read(raw: Raw, decoder: Decoder[Read], field: str) -> Read:
    """A value that an op writes. Raises `InvalidOp` naming the field."""
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError as error:
        raise invalid(field, str(error)) from None


def id_in(op: OfficeOp, field: str) -> str | None:
    """The id that an op writes into a field, in its usual form; None where it writes none."""
    if field not in op.set:
        return None
    value = read(op.set[field], ID, field)
    return None if value is None else str(value)


def fields_of(op: OfficeOp) -> set[str]:
    """The fields that an op writes; `*` when it withdraws."""
    paths = (*op.set, *op.add, *op.remove)
    return {path.partition(".")[0] for path in paths} | ({"*"} if op.withdraw else set())


# --- Where a record is, for the role table ---


async def load_named(tx: AsyncConnection, wanted: Sequence[OfficeOp]) -> dict[UUID, Record]:
    """The records of the ops, those that new ones belong to, and the contracts of plans."""
    homes = [(op, KINDS[op.kind].home.field) for op in wanted if op.kind in KINDS]
    homes += [(op, "contract") for op in wanted if op.kind == "plan"]
    homes += [(op, "merged_into") for op in wanted if op.kind == "asset"]
    named = {op.record for op in wanted}
    named |= {UUID(id_) for op, field in homes if (id_ := id_in(op, field)) is not None}
    found = await records.load(tx, await records.locate(tx, named))
    contracts = {
        UUID(str(record.data["contract"])) for record in found.values() if record.kind == "plan"
    }
    return found | await records.load(tx, await records.locate(tx, contracts - found.keys()))


def place_of(op: OfficeOp, record: Record | None, found: Mapping[UUID, Record]) -> Place:
    """The place whose grants decide over this op."""
    if record is not None:
        return place_in(record.scope) or place_of_contract(op.kind, op.record, record.data, found)
    if op.kind not in KINDS:
        return Place()
    home = KINDS[op.kind].home
    if home.by == "site":
        site = id_in(op, home.field)
        return Place(site=UUID(site)) if site else Place()
    if home.by == "record":
        id_ = id_in(op, home.field)
        parent = found.get(UUID(id_)) if id_ else None
        return (place_in(parent.scope) if parent else None) or Place()
    if home.by == "self":
        customer = read(op.set.get("customer", NULL), NAMED, "customer")
        contract = read(op.set.get("contract", NULL), NAMED, "contract")
        return Place(
            customer=customer.id if customer else None, contract=contract.id if contract else None
        )
    data = {field: id_in(op, field) for field in ("customer", "contract")}
    return place_of_contract(op.kind, op.record, data, found)


def place_in(scope: str) -> Place | None:
    """The site of a scope; None of those that belong to no site."""
    kind, _, site = scope.partition(":")
    return Place(site=UUID(site)) if kind in ("site", "archive") else None


def place_of_contract(
    kind: str, id_: UUID, data: Mapping[str, Json], found: Mapping[UUID, Record]
) -> Place:
    """Where a customer, a contract or a plan belongs."""
    if kind == "customer":
        return Place(customer=id_)
    if kind == "contract":
        return Place(customer=as_id(data.get("customer")), contract=id_)
    contract = as_id(data.get("contract"))
    record = found.get(contract) if contract else None
    return Place(customer=as_id(record.data.get("customer")) if record else None, contract=contract)


def as_id(value: Json) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
