"""`company`: people, customers, sites, equipment, plans and their rounds, out of one file.

Rule: what is there already stays as it is, so that a file may grow and be given again, and what
the office took away since is not put back. All of it is written as edits of an administrator, in
the ways of the office, with the checklists that ship with the program; the rounds as the server's
own.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import OPS_PER_EDIT_MAX, Slug
from schemas.kinds.notices import Role
from schemas.kinds.work import Plan
from schemas.office_writes import OfficeOp
from schemas.ops import Op
from schemas.problems import FieldProblem
from server import members
from server.auth.passwords import Passwords
from server.auth.secrets import deal
from server.clock import Clock
from server.commands.company_file import (
    CustomerEntry,
    PersonEntry,
    PlanEntry,
    SiteEntry,
    read_file,
)
from server.commands.terminal import say
from server.database import Database
from server.errors import UnableError
from server.folder import held
from server.follow import Touched
from server.office import as_line, demand_edits, write
from server.opening import opened, prepare, telling_database_faults
from server.packs import Pack, load_packs, template_id
from server.rounds import make_rounds
from server.settings import Settings, variable
from server.store import grants, installation, office_evidence, people, records
from server.store.grants import StoredGrant
from server.store.installation import Installation
from server.store.people import Person
from sync.access import Access, Grant
from sync.changes import read_changes
from sync.errors import InvalidOp, SyncError
from sync.lines import read_kept
from sync.record import raws
from sync.schedule import generate

PACKS = load_packs()
ROUNDS_DAYS = 92  # Rounds that begin within so many days are made; the server makes the next.
PASSWORD_LENGTH = 16  # Of 64 symbols each: nobody guesses 96 bits.


def id_of(pack: Pack) -> UUID:
    """The id of the template that a pack becomes."""
    return template_id(pack.key, pack.version_no)


# --- The records that the file asks for ---


class Draft:
    """The edits of a file, in the order in which they can be written. Ids follow from names.

    Each is read here as it will be when it is written. Raises `UnableError` in the file's words.
    """

    def __init__(self, clock: Clock, of: UUID) -> None:
        self._clock, self._of = clock, of
        self.owners: list[OfficeOp] = []
        self.equipment: list[OfficeOp] = []
        self.plans: list[OfficeOp] = []
        self.words: dict[UUID, str] = {}  # What the file calls each record.
        self.under: dict[UUID, UUID] = {}  # What a record is part of.
        self._checklists = {str(pack.category): id_of(pack) for pack in PACKS}

    def customer(self, entry: CustomerEntry) -> UUID:
        """Add a customer with all that belongs to it; its id."""
        short, number = entry.short_name, entry.contract.number
        customer = self._id("customer", short, words=(short,))
        contract = self._id("contract", short, number, words=(short, number), under=customer)
        names = {"name": entry.name, "short_name": short}
        term = {name: getattr(entry.contract, name) for name in entry.contract.__struct_fields__}
        self.owners += [
            self._edit("customer", customer, names),
            self._edit("contract", contract, {"customer": customer, **term}),
        ]
        copied = {
            "customer": {"id": customer, **names},
            "contract": {"id": contract, **{name: term[name] for name in ("number", "ends_on")}},
        }
        sites = [self._site(customer, short, site, copied) for site in entry.sites]
        if entry.plan is not None:
            self._plan(entry, entry.plan, contract, sites)
        return customer

    def _site(
        self, customer: UUID, short: str, entry: SiteEntry, copied: Mapping[str, object]
    ) -> UUID:
        words = (short, entry.name)
        site = self._id("site", *words, words=words, under=customer)
        own = {name: getattr(entry, name) for name in ("name", "city", "address", "time_zone")}
        self.owners.append(self._edit("site", site, {**own, **copied}))
        for room in entry.rooms:
            here = (*words, room.name)
            at = self._id("room", str(site), room.name, words=here, under=site)
            values = {"site": site, "name": room.name, "kind": room.kind, "floor": room.floor}
            self.equipment.append(self._edit("room", at, values, parent=site))
            for one in room.equipment:
                told = {name: getattr(one, name) for name in one.__struct_fields__}
                called = (*here, " ".join(filter(None, (one.name, one.serial))))
                id_ = self._id("asset", str(at), one.name, one.serial, words=called, under=at)
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
        words = (customer.short_name, entry.title.zh)
        id_ = self._id("plan", *words, words=words, under=contract)
        self.plans.append(self._edit("plan", id_, values))
        # Whether rounds come of it: no field alone says so.
        today = self._clock.now().date()
        until = today + timedelta(days=ROUNDS_DAYS)
        plan = msgspec.convert(values, Plan)
        rounds = generate(id_, plan, zones={}, first=today, last=until)
        if isinstance(rounds, FieldProblem):
            raise UnableError(f"{self.words[id_]}: {rounds.field}: {rounds.detail}")

    def _id(self, *names: str, words: Sequence[str], under: UUID | None = None) -> UUID:
        """The same names give the same id here, so a second run finds what the first made."""
        id_ = uuid5(self._of, "\0".join(names))
        called = " / ".join(words)
        if id_ in self.words:
            raise UnableError(f"two are called the same: {called} ({names[0]})")
        self.words[id_] = called
        if under is not None:
            self.under[id_] = under
        return id_

    def _edit(
        self, kind: Slug, id_: UUID, values: Mapping[str, object], parent: UUID | None = None
    ) -> OfficeOp:
        given = {name: value for name, value in values.items() if value != ""}
        edit = OfficeOp(
            id=self._clock.new_id(),
            kind=kind,
            record=id_,
            new=True,
            parent=parent,
            set=raws(given),
        )
        try:
            demand_readable(edit, self._clock)
        except SyncError as error:
            told = [f"{one.field}: {one.detail}" for one in error.fields] or [error.detail]
            raise UnableError(f"{self.words[id_]}: {'; '.join(told)}") from None
        return edit


def demand_readable(edit: OfficeOp, clock: Clock) -> None:
    """Raise what the planner would say of this edit, whatever else there is."""
    parsed = as_line(edit, clock, edit.id, edit.id, 1)
    if parsed.op is None:
        raise InvalidOp(parsed.problem.detail if parsed.problem else "")
    read_changes(parsed.op, from_device=False)


def checklists(clock: Clock) -> list[OfficeOp]:
    """Edits that publish the checklists of the program, as they are."""
    return [
        OfficeOp(
            id=clock.new_id(),
            kind="template",
            record=id_of(pack),
            new=True,
            set=raws(
                {
                    "key": pack.key,
                    "version_no": pack.version_no,
                    "title": pack.title,
                    "category": pack.category,
                    "form": pack.form,
                    "published_at": clock.now(),
                }
            ),
        )
        for pack in PACKS
    ]


# --- Writing them ---


class Writing(Struct, frozen=True):
    """Who writes, and into what."""

    database: Database
    clock: Clock
    by: Person
    epoch: int

    async def load_gone(self, draft: Draft) -> frozenset[UUID]:
        """What the office withdrew of the file, and all that is part of it."""
        async with self.database.read() as tx:
            found = await records.load(tx, await records.locate(tx, draft.words.keys()))
        gone = {id_ for id_, record in found.items() if record.withdrawn}
        for id_ in draft.words:  # Whatever another is part of stands before it.
            if draft.under.get(id_) in gone:
                gone.add(id_)
        return frozenset(gone)

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
        touched = Touched(self.clock, self.by.id, self.epoch)

        async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
            await demand_edits(tx, access, edits)
            await touched.look(tx, edits)
            return edits

        await write(
            self.database,
            self.clock,
            person=self.by.id,
            epoch=self.epoch,
            decide=work,
            follow=touched.follow,
        )

    async def widen(self, plan: OfficeOp) -> None:
        """Have a plan cover what the file has come to name since it was written last.

        What it covered once and does not now was taken out by the office, and stays out.
        """
        async with self.database.read() as tx:
            there = (await records.load(tx, await records.locate(tx, {plan.record})))[plan.record]
            history = await office_evidence.load_history(tx, {plan.record})
        now, asked = msgspec.convert(there.data, Plan), covered_by(plan)
        ever = [covered_by(op) for one in history if (op := read_kept(one.payload)) is not None]
        sites = asked.sites.difference(now.sites, *(one.sites for one in ever))
        known = {*now.categories}.union(*(one.templates for one in ever))
        categories = asked.templates.keys() - known
        if not sites and not categories:
            return
        # A category keeps the version of its checklist; another is the office's to choose.
        templates = {**now.templates, **{name: asked.templates[name] for name in categories}}
        wider = {
            "sites": sorted({*now.sites, *sites}),
            "templates": templates,
            "categories": sorted({*now.categories, *categories}),
        }
        edit = OfficeOp(
            id=self.clock.new_id(),
            kind="plan",
            record=plan.record,
            base=there.version,
            set=raws(wider),
        )
        await self.put_at_once([edit])

    async def let_in(self, entry: PersonEntry, roles: Mapping[UUID, Role]) -> str:
        """Add a person, and what they are for which customer; what to tell of how they sign in.

        An engineer gets no password: their tablet is let in by a link. Somebody who left stays as
        they are, and what was revoked is not granted again.
        """
        async with self.database.read() as tx:
            is_new = await people.load_by_login(tx, entry.login) is None
        is_office = any(role != "engineer" for role in roles.values())
        password = deal(self.clock)[:PASSWORD_LENGTH] if is_new and is_office else ""
        hashed = await Passwords(self.clock).hash(password) if password else None

        async def whole(tx: AsyncConnection, needs: frozenset[str]) -> str:
            person = await people.load_by_login(tx, entry.login)
            if person is None:
                of = {name: getattr(entry, name) for name in entry.__struct_fields__}
                person = Person(id=self.clock.new_id(), created_at=self.clock.now(), **of)
                await people.save_new(tx, person, password_hash=hashed)
            person = await people.lock(tx, person.id) or person
            if not person.active:
                return ""
            ever = await grants.load_ever(tx, person.id)
            for customer, role in roles.items():
                if Grant(role, customer) not in ever:
                    await grants.save_new(
                        tx, self.grant(person.id, customer, role), granted_by=self.by.id
                    )
            await members.refresh(
                tx, self.clock, by=self.by.id, epoch=self.epoch, person=person.id, needs=needs
            )
            held = await grants.load_grants(tx, [person.id])
            if all(one.role == "engineer" for one in held):
                return ""
            if password:
                return f"{person.name} signs in as {person.login} with {password} (shown this once)"
            if await people.load_password_hash(tx, person.id) is not None:
                return ""
            return (
                f"{person.name} may sign in as {person.login} and has no password yet: "
                f"`password {person.login}` gives one"
            )

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


class Covered(Struct, frozen=True):
    """What an edit has a plan cover; empty as far as it says nothing of it."""

    sites: frozenset[UUID]
    templates: Mapping[str, UUID]


def covered_by(op: OfficeOp | Op) -> Covered:
    return Covered(
        msgspec.json.decode(op.set.get("sites", b"[]"), type=frozenset[UUID]),
        msgspec.json.decode(op.set.get("templates", b"{}"), type=dict[str, UUID]),
    )


async def begin(database: Database, clock: Clock) -> tuple[Writing, Installation]:
    """As which administrator it is written, and into which installation. Raises `UnableError`."""
    async with database.read() as tx:
        there = await installation.load(tx)
        held = await grants.load_grants(tx)  # The oldest first.
        here = await people.load_active(tx, {one.person for one in held})
        first = next(
            (one.person for one in held if one.role == "administrator" and one.person in here), None
        )
        person = await people.load(tx, first) if first is not None else None
    if person is None or there is None:
        raise UnableError("nobody is administrator yet; `init ADMIN` makes the first")
    return Writing(database, clock, person, there.epoch), there


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
                say(f"this is written in the name of {writing.by.name} ({writing.by.login})")
                new = await writing.put(checklists(clock))
                say(f"{new} checklists are new, of {len(PACKS)}")
                await write_all(writing, draft, customers, asked.people)
    return 0


async def write_all(
    writing: Writing,
    draft: Draft,
    customers: Mapping[UUID, CustomerEntry],
    crew: Sequence[PersonEntry],
) -> None:
    """Write it in the order in which one part needs another, and say what was new."""
    gone = await writing.load_gone(draft)
    owners, equipment = (
        [op for op in part if op.record not in gone] for part in (draft.owners, draft.equipment)
    )
    plans = [left for op in draft.plans if (left := without(op, gone)) is not None]
    new = sum([await writing.put(part) for part in (owners, equipment, plans)])
    for plan in plans:
        with naming(draft.words[plan.record]):
            await writing.widen(plan)
    say(f"{new} records are new, of {len(draft.words)} in the file")
    if gone:
        say(f"{len(gone)} were withdrawn in the office, or are part of what was: passed over")
    for person in crew:
        roles: dict[UUID, Role] = {
            id_: one.people[person.login]
            for id_, one in customers.items()
            if person.login in one.people and id_ not in gone
        }
        if told := await writing.let_in(person, roles):
            say(told)
    made = 0
    for plan in plans:
        with naming(draft.words[plan.record]):
            made += await make_rounds(
                writing.database, writing.clock, plan.record, ROUNDS_DAYS, lambda _: None
            )
    say(
        f"{made} rounds are new; assign and issue them in the office, under Rounds (任务). "
        f"The server makes the next ones by itself ({variable('rounds_days')})"
    )


def without(plan: OfficeOp, gone: frozenset[UUID]) -> OfficeOp | None:
    """A plan over the sites that are not gone; None where it is gone itself, or all of them."""
    sites = sorted(covered_by(plan).sites - gone)
    if plan.record in gone or not sites:
        return None
    return structs.replace(plan, set={**plan.set, **raws({"sites": sites})})


@contextmanager
def naming(words: str) -> Generator[None]:
    """Say of what the file names it is that a fault is told."""
    try:
        yield
    except SyncError as error:
        raise UnableError(f"{words}: {error.title}: {error.detail}") from None
