"""`company`: people, customers, sites, equipment, plans and their rounds, out of one file.

Rule: what is there already stays as it is, so that a file may grow and be given again. All of it
is written as edits of an administrator, in the ways of the office; the checklists that ship with
the program are loaded whole, as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Raw, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_EDIT_MAX, Language, Line, Name, Slug, Words
from schemas.kinds.notices import Role
from schemas.kinds.places import TIME_ZONE_DEFAULT
from schemas.kinds.template import Category, Template
from schemas.kinds.work import Plan
from schemas.office_writes import Generate, OfficeOp
from schemas.people import LoginName
from schemas.problems import FieldProblem
from server import members
from server.auth.passwords import Passwords
from server.auth.secrets import deal
from server.clock import Clock
from server.commands.terminal import say
from server.database import Database
from server.errors import UnableError
from server.folder import held
from server.follow import Touched
from server.office import demand_edits, write
from server.opening import opened, prepare, telling_database_faults
from server.packs import Pack, load_packs, template_id
from server.rounds import rounds_of
from server.settings import Settings, variable
from server.store import grants, installation, ops, people, records
from server.store.grants import StoredGrant
from server.store.installation import Installation
from server.store.people import Person
from server.store.seed import Seed, seed
from sync.access import Access
from sync.record import Json
from sync.schedule import parse_rule
from sync.scopes import ORG

PACKS = load_packs()
ROUNDS_DAYS = 92  # Rounds that begin within so many days are made; the server makes the next.
PASSWORD_LENGTH = 16  # Of 64 symbols each: nobody guesses 96 bits.


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of the file; a member that it does not know is a slip."""


class PersonEntry(Entry, frozen=True, kw_only=True):
    login: LoginName
    name: Name
    phone: Line = ""
    email: Line = ""
    language: Language = "zh-CN"


class AssetEntry(Entry, frozen=True, kw_only=True):
    name: Name
    category: Category
    number: Line = ""
    maker: Line = ""
    model: Line = ""
    serial: Line = ""
    position: Line = ""


class RoomEntry(Entry, frozen=True, kw_only=True):
    name: Name
    kind: Literal["server-room", "network", "ups", "office", "shop", "other"]
    floor: Line = ""
    equipment: tuple[AssetEntry, ...] = ()


class SiteEntry(Entry, frozen=True, kw_only=True):
    name: Name
    city: Name
    address: Line = ""
    time_zone: str = TIME_ZONE_DEFAULT
    rooms: tuple[RoomEntry, ...] = ()


class ContractEntry(Entry, frozen=True, kw_only=True):
    number: Line
    title: Name
    starts_on: date
    ends_on: date


class PlanEntry(Entry, frozen=True, kw_only=True):
    """When its rounds are due: an RFC 5545 RRULE, as in docs/model.md."""

    title: Words
    rrule: str
    starts_on: date
    window_days: Annotated[int, Meta(ge=1, le=366)] = 14


class CustomerEntry(Entry, frozen=True, kw_only=True):
    name: Name
    short_name: Name
    contract: ContractEntry
    people: Mapping[LoginName, Role]  # Who works for this customer, as what.
    sites: tuple[SiteEntry, ...]
    plan: PlanEntry | None = None


class CompanyFile(Entry, frozen=True, kw_only=True):
    people: tuple[PersonEntry, ...]
    customers: tuple[CustomerEntry, ...]


def read_file(path: Path) -> CompanyFile:
    """Read it. Raises `UnableError` naming the member that is wrong."""
    try:
        company = msgspec.json.decode(path.read_bytes(), type=CompanyFile)
    except (OSError, msgspec.DecodeError) as error:
        raise UnableError(f"{path} cannot be read: {error}") from None
    known = {one.login for one in company.people}
    for customer in company.customers:
        if unknown := sorted(customer.people.keys() - known):
            raise UnableError(f"{path}: {customer.name} names {unknown[0]}, who is not in `people`")
    return company


def id_of(pack: Pack) -> UUID:
    """The id of the template that a pack becomes."""
    return template_id(pack.key, pack.version_no)


# --- The records that the file asks for ---


class Draft:
    """The edits of a file, in the order in which they can be written. Ids follow from names."""

    def __init__(self, clock: Clock, of: UUID) -> None:
        self._clock, self._of = clock, of
        self.owners: list[OfficeOp] = []
        self.equipment: list[OfficeOp] = []
        self.plans: list[OfficeOp] = []
        self._seen: set[UUID] = set()
        self._checklists = {str(pack.category): id_of(pack) for pack in PACKS}

    def customer(self, entry: CustomerEntry) -> UUID:
        """Add a customer with all that belongs to it; its id."""
        customer = self._id("customer", entry.short_name)
        contract = self._id("contract", entry.short_name, entry.contract.number)
        names = {"name": entry.name, "short_name": entry.short_name}
        term = {name: getattr(entry.contract, name) for name in entry.contract.__struct_fields__}
        self.owners += [
            self._edit("customer", customer, names),
            self._edit("contract", contract, {"customer": customer, **term}),
        ]
        copied = {
            "customer": {"id": customer, **names},
            "contract": {"id": contract, **{name: term[name] for name in ("number", "ends_on")}},
        }
        sites = [self._site(entry.short_name, site, copied) for site in entry.sites]
        if entry.plan is not None:
            self._plan(entry, entry.plan, contract, sites)
        return customer

    def _site(self, customer: str, entry: SiteEntry, copied: Mapping[str, object]) -> UUID:
        site = self._id("site", customer, entry.name)
        own = {name: getattr(entry, name) for name in ("name", "city", "address", "time_zone")}
        self.owners.append(self._edit("site", site, {**own, **copied}))
        for room in entry.rooms:
            at = self._id("room", str(site), room.name)
            values = {"site": site, "name": room.name, "kind": room.kind, "floor": room.floor}
            self.equipment.append(self._edit("room", at, values, parent=site))
            for one in room.equipment:
                told = {name: getattr(one, name) for name in one.__struct_fields__}
                id_ = self._id("asset", str(at), one.name, one.serial)
                values = {"site": site, "room": at, **told}
                self.equipment.append(self._edit("asset", id_, values, parent=site))
        return site

    def _plan(
        self, customer: CustomerEntry, entry: PlanEntry, contract: UUID, sites: Sequence[UUID]
    ) -> None:
        rooms = [room for site in customer.sites for room in site.rooms]
        categories = sorted({one.category for room in rooms for one in room.equipment})
        values = {name: getattr(entry, name) for name in entry.__struct_fields__}
        values |= {"contract": contract, "sites": sites, "categories": categories}
        values["templates"] = {name: self._checklists[name] for name in categories}
        id_ = self._id("plan", customer.short_name, entry.title.zh)
        # Asked before anything is written: what is there stays as it is, a wrong rule too.
        rule = parse_rule(entry.rrule)
        if isinstance(rule, FieldProblem):
            raise UnableError(f"the plan of {customer.short_name}: {rule.field}: {rule.detail}")
        self.plans.append(self._edit("plan", id_, values))

    def _id(self, *names: str) -> UUID:
        """The same names give the same id here, so a second run finds what the first made."""
        id_ = uuid5(self._of, "\0".join(names))
        if id_ in self._seen:
            raise UnableError(f"two are called the same: {' / '.join(names[1:])} ({names[0]})")
        self._seen.add(id_)
        return id_

    def _edit(
        self, kind: Slug, id_: UUID, values: Mapping[str, object], parent: UUID | None = None
    ) -> OfficeOp:
        given = {name: value for name, value in values.items() if value != ""}
        return OfficeOp(
            id=self._clock.new_id(),
            kind=kind,
            record=id_,
            new=True,
            parent=parent,
            set={name: Raw(msgspec.json.encode(value)) for name, value in given.items()},
        )


# --- Writing them ---


async def load_checklists(tx: AsyncConnection, clock: Clock, there: Installation) -> int:
    """Load the checklists of the program that are not there yet; how many."""
    known = await records.locate(tx, {id_of(pack) for pack in PACKS})
    made = [
        Seed("template", id_of(pack), ORG, as_json(pack, clock))
        for pack in PACKS
        if id_of(pack) not in known
    ]
    lineage = uuid5(there.id, "checklists")
    await ops.begin_lineage(tx, lineage, origin="server")
    return await seed(tx, made, epoch=there.epoch, lineage=lineage)


def as_json(pack: Pack, clock: Clock) -> dict[str, Json]:
    """The data of the template that a pack becomes."""
    template = Template(
        key=pack.key,
        version_no=pack.version_no,
        title=pack.title,
        category=pack.category,
        form=pack.form,
        published_at=clock.now(),
    )
    return msgspec.json.decode(msgspec.json.encode(template), type=dict[str, Json])


class Writing(Struct, frozen=True):
    """Who writes, and into what."""

    database: Database
    clock: Clock
    by: UUID
    epoch: int

    async def put(self, edits: Sequence[OfficeOp]) -> int:
        """Write those whose records are not there yet; how many."""
        async with self.database.read() as tx:
            known = await records.locate(tx, {op.record for op in edits})
        fresh = [op for op in edits if op.record not in known]
        for start in range(0, len(fresh), OPS_PER_EDIT_MAX):
            await self.put_at_once(fresh[start : start + OPS_PER_EDIT_MAX])
        return len(fresh)

    async def put_at_once(self, edits: Sequence[OfficeOp]) -> None:
        """Write all of them or none; who is granted at their sites becomes a member there."""
        touched = Touched(self.clock, self.by, self.epoch)

        async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
            await demand_edits(tx, access, edits)
            await touched.look(tx, edits)
            return edits

        await write(
            self.database,
            self.clock,
            person=self.by,
            epoch=self.epoch,
            decide=work,
            follow=touched.follow,
        )

    async def widen(self, plan: OfficeOp) -> None:
        """Have a plan that was there before cover what has come since, too."""
        async with self.database.read() as tx:
            there = (await records.load(tx, await records.locate(tx, {plan.record})))[plan.record]
        now = msgspec.convert(there.data, Plan)
        sites = {*now.sites, *msgspec.json.decode(plan.set["sites"], type=tuple[UUID, ...])}
        # A category keeps the version of its checklist; another is the office's to choose.
        asked = msgspec.json.decode(plan.set["templates"], type=dict[str, UUID])
        templates = {**asked, **now.templates}
        if len(sites) == len(now.sites) and len(templates) == len(now.templates):
            return
        wider = {"sites": sorted(sites), "templates": templates, "categories": sorted(templates)}
        edit = OfficeOp(
            id=self.clock.new_id(),
            kind="plan",
            record=plan.record,
            base=there.version,
            set={name: Raw(msgspec.json.encode(value)) for name, value in wider.items()},
        )
        await self.put_at_once([edit])

    async def make_rounds(self, plan: UUID) -> int:
        """Make the rounds of a plan that fall due soon and are not there; how many."""
        until = self.clock.now().date() + timedelta(days=ROUNDS_DAYS)

        async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
            edits, _ = await rounds_of(tx, access, plan, Generate(until=until), self.clock)
            return edits

        done = await write(self.database, self.clock, person=self.by, epoch=self.epoch, decide=work)
        return len(done.records)

    async def let_in(self, entry: PersonEntry, roles: Mapping[UUID, Role]) -> str:
        """Add a person, and what they are for which customer; the password of a new one.

        An engineer gets none: their tablet is let in by a link.
        """
        is_office = any(role != "engineer" for role in roles.values())
        password = deal(self.clock)[:PASSWORD_LENGTH] if is_office else ""
        hashed = await Passwords(self.clock).hash(password) if password else None

        async def whole(tx: AsyncConnection, needs: frozenset[str]) -> str:
            person, told = await people.load_by_login(tx, entry.login), ""
            if person is None:
                of = {name: getattr(entry, name) for name in entry.__struct_fields__}
                person = Person(id=self.clock.new_id(), created_at=self.clock.now(), **of)
                await people.save_new(tx, person, password_hash=hashed)
                told = password
            await people.lock(tx, person.id)
            there = {(one.customer, one.role) for one in await grants.load_grants(tx, [person.id])}
            for customer, role in roles.items():
                if (customer, role) not in there:
                    await grants.save_new(
                        tx, self.grant(person.id, customer, role), granted_by=self.by
                    )
            await members.refresh(
                tx, self.clock, by=self.by, epoch=self.epoch, person=person.id, needs=needs
            )
            return told

        return await members.change(self.database, whole)

    def grant(self, person: UUID, customer: UUID, role: Role) -> StoredGrant:
        return StoredGrant(
            id=self.clock.new_id(),
            person=person,
            role=role,
            customer=customer,
            contract=None,
            site=None,
            granted_at=self.clock.now(),
        )


async def begin(database: Database, clock: Clock) -> tuple[Writing, Installation]:
    """As which administrator it is written, and into which installation. Raises `UnableError`."""
    async with database.read() as tx:
        there = await installation.load(tx)
        access = await grants.load_all_access(tx)
    first = next((id_ for id_, one in access.items() if one.is_administrator), None)
    if first is None or there is None:
        raise UnableError("nobody is administrator yet; `init ADMIN` makes the first")
    return Writing(database, clock, first, there.epoch), there


async def company(settings: Settings, clock: Clock, *, file: Path) -> int:
    """Write what is in the file and not there yet. No server may run on the data meanwhile."""
    asked = read_file(file)
    with held(settings):
        async with opened(settings) as database:
            await prepare(settings, database, clock)
            with telling_database_faults(settings):
                writing, there = await begin(database, clock)
                draft = Draft(clock, there.id)
                customers = {draft.customer(one): one for one in asked.customers}
                async with database.write() as tx:
                    checklists = await load_checklists(tx, clock, there)
                say(f"{checklists} checklists are new, of {len(PACKS)}")
                await write_all(writing, draft, customers, asked.people)
    return 0


async def write_all(
    writing: Writing,
    draft: Draft,
    customers: Mapping[UUID, CustomerEntry],
    crew: Sequence[PersonEntry],
) -> None:
    """Write it in the order in which one part needs another, and say what was new."""
    parts = (draft.owners, draft.equipment, draft.plans)
    new = sum([await writing.put(part) for part in parts])
    for plan in draft.plans:
        await writing.widen(plan)
    say(f"{new} records are new, of {sum(map(len, parts))} in the file")
    for person in crew:
        roles = {
            id_: one.people[person.login]
            for id_, one in customers.items()
            if person.login in one.people
        }
        if password := await writing.let_in(person, roles):
            say(f"{person.name} signs in as {person.login} with {password} (shown this once)")
    made = sum([await writing.make_rounds(plan.record) for plan in draft.plans])
    say(
        f"{made} rounds are new; assign and issue them in the office, under Rounds (任务). "
        f"The server makes the next ones by itself ({variable('rounds_days')})"
    )
