"""The demo company, whole: people, tablets, records, tags. Pure: one seed and day, one company.

Read this file first; what it is made of stands in the modules that it imports.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from schemas.kinds.asset import LastInspection
from schemas.kinds.evidence import Attachment
from schemas.kinds.inspection import Inspection
from schemas.kinds.notices import Member
from schemas.kinds.places import (
    Contact,
    Contract,
    ContractSummary,
    Customer,
    CustomerSummary,
    Site,
)
from schemas.kinds.template import Template
from server.demo.assets import (
    Unit,
    blank_codes,
    make_rooms,
    make_tag,
    make_units,
    site_id,
)
from server.demo.cast import PEOPLE, PersonSpec
from server.demo.customers import CUSTOMERS, CustomerSpec
from server.demo.history import MadeRecord, make_assignment, make_jobs, person_id, work
from server.demo.mint import Mint
from server.demo.photos import Picture
from server.demo.plans import PLANS, RoundSpec, make_plan, make_rounds, plan_id
from server.demo.sites import SITES, SiteSpec
from server.demo.tablets import Tablet, make_tablet
from server.demo.visits import make_visits
from server.packs import Pack, load_packs, template_id
from server.store.grants import StoredGrant
from server.store.people import Person
from server.store.seed import Seed
from sync.ids import member_id
from sync.scopes import OFFICE, ORG, site_scope


class Claim(Struct, frozen=True):
    """A printed code: bound to an asset, or blank in a batch."""

    code: str
    asset: UUID | None
    scope: str | None
    batch: str | None


class Company(Struct, frozen=True):
    """Everything that is loaded. `records` are in an order in which parents come first."""

    seed: int
    today: date
    people: tuple[Person, ...]
    grants: tuple[StoredGrant, ...]
    tablets: tuple[Tablet, ...]
    records: tuple[Seed, ...]
    claims: tuple[Claim, ...]
    pictures: tuple[Picture, ...]  # The bytes of those attachments that say they were received.

    def person(self, login: str) -> Person:
        return next(one for one in self.people if one.login == login)

    def count(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.records)


def make_company(*, seed: int, today: date) -> Company:
    """Make the company as it is on the morning of `today`, by the calendar in China."""
    mint, packs = Mint(seed, today), load_packs()
    units = make_units(mint)
    rounds = _rounds(mint, units, packs)
    worked, last = _history(mint, rounds, {pack.category: pack for pack in packs})
    made = [
        *_templates(mint, packs),
        *_office(mint, packs),
        *_places(mint, rounds),
        *_assets(mint, units, last),
        *worked,
    ]
    return Company(
        seed=seed,
        today=today,
        people=tuple(_people(mint)),
        grants=tuple(_grants(mint)),
        tablets=tuple(_tablets(mint, _left(worked))),
        records=tuple(_encoded(one) for one in made),
        claims=tuple(_claims(mint, units)),
        pictures=tuple(one.picture for one in worked if one.picture is not None),
    )


def _encoded(made: MadeRecord) -> Seed:
    return Seed(made.kind, made.id, made.scope, msgspec.to_builtins(made.record))


# --- People ---


def _people(mint: Mint) -> Iterator[Person]:
    for spec in PEOPLE:
        yield Person(
            id=person_id(mint, spec.login),
            login=spec.login,
            name=spec.name,
            phone=spec.phone,
            email=f"{spec.login}@xunjian.example",
            language=spec.language,
            created_at=mint.at(-500),
        )


def _grants(mint: Mint) -> Iterator[StoredGrant]:
    """Give one grant per place; the administrator's names none."""
    for spec in PEOPLE:
        places: list[tuple[UUID | None, UUID | None, UUID | None]] = [
            *((customer_id(mint, one), None, None) for one in spec.customers),
            *((None, contract_id(mint, one), None) for one in spec.contracts),
            *((None, None, site_id(mint, one)) for one in spec.sites),
        ]
        for number, (customer, contract, site) in enumerate(places or [(None, None, None)]):
            yield StoredGrant(
                id=mint.id(f"grant/{spec.login}/{number}", at=mint.at(-490)),
                person=person_id(mint, spec.login),
                role=spec.role,
                customer=customer,
                contract=contract,
                site=site,
                granted_at=mint.at(-490),
            )


def _tablets(mint: Mint, left: Mapping[UUID, int]) -> Iterator[Tablet]:
    """Give every engineer a tablet, with the photos that are still on it."""
    engineers = (spec.login for spec in PEOPLE if spec.role == "engineer")
    for number, login in enumerate(engineers, 1):
        person, name = person_id(mint, login), f"平板 {number:02d}"
        yield make_tablet(mint, login, person=person, name=name, photos_left=left.get(person, 0))


def _left(worked: Sequence[MadeRecord]) -> Mapping[UUID, int]:
    """Count the photos of open work that have not come over, by who took them."""
    took = {one.id: one.record.inspector for one in worked if isinstance(one.record, Inspection)}
    return Counter(
        took[one.record.parent]
        for one in worked
        if isinstance(one.record, Attachment)
        and one.record.received_at is None
        and one.scope.startswith("site:")
    )


def customer_id(mint: Mint, key: str) -> UUID:
    return mint.id(f"customer/{key}")


def contract_id(mint: Mint, key: str) -> UUID:
    return mint.id(f"contract/{key}")


# --- What the office keeps ---


def _templates(mint: Mint, packs: tuple[Pack, ...]) -> Iterator[MadeRecord]:
    for pack in packs:
        record = Template(
            key=pack.key,
            version_no=pack.version_no,
            title=pack.title,
            category=pack.category,
            form=pack.form,
            published_at=mint.at(-480),
        )
        yield MadeRecord("template", template_id(pack.key, pack.version_no), ORG, record)


def _contract(mint: Mint, spec: CustomerSpec) -> Contract:
    """Give a contract of three years that holds every round, the oldest too."""
    year = mint.today.year
    return Contract(
        customer=customer_id(mint, spec.key),
        number=f"{spec.contract}-{year - 2}-{len(spec.key):02d}",
        title=spec.title,
        starts_on=date(year - 2, 7, 1),
        ends_on=date(year + 1, 6, 30),
        accept_minutes=spec.accept_minutes,
        remote_minutes=spec.remote_minutes,
        onsite_minutes=spec.onsite_minutes,
        spare_parts=spec.spare_parts,
        photo_place="kept" if spec.keeps_place else "stripped",
    )


def _office(mint: Mint, packs: tuple[Pack, ...]) -> Iterator[MadeRecord]:
    for spec in CUSTOMERS:
        customer = Customer(
            name=spec.name,
            short_name=spec.short,
            contacts=tuple(
                Contact(name=name, title=title, phone=_phone(number, spec.key))
                for number, (name, title) in enumerate(spec.contacts)
            ),
            remarks=spec.remarks,
        )
        yield MadeRecord("customer", customer_id(mint, spec.key), OFFICE, customer)
        yield MadeRecord("contract", contract_id(mint, spec.key), OFFICE, _contract(mint, spec))
    templates = {pack.category: template_id(pack.key, pack.version_no) for pack in packs}
    for plan in PLANS:
        contract = contract_id(mint, plan.customer)
        record = make_plan(mint, plan, contract=contract, templates=templates)
        yield MadeRecord("plan", plan_id(mint, plan), OFFICE, record)


def _phone(number: int, key: str) -> str:
    """Give a number that nobody has."""
    return f"139 0000 {sum(key.encode()) % 90 + 10}{number + 1:02d}"


# --- Sites ---


def _places(mint: Mint, rounds: list[RoundSpec]) -> Iterator[MadeRecord]:
    for site in SITES:
        id_ = site_id(mint, site.key)
        yield MadeRecord("site", id_, site_scope(id_), _site(mint, site))
        for made_id, room in make_rooms(mint, site):
            yield MadeRecord("room", made_id, site_scope(id_), room)
        for person in _there(site, rounds):
            record = Member(
                site=id_,
                person=person_id(mint, person.login),
                name=person.name,
                role=person.role,
                phone=person.phone,
            )
            yield MadeRecord("member", member_id(id_, record.person), site_scope(id_), record)


def _site(mint: Mint, site: SiteSpec) -> Site:
    customer = next(one for one in CUSTOMERS if one.key == site.customer)
    contract = _contract(mint, customer)
    return Site(
        name=site.name,
        city=site.city,
        address=site.address,
        customer=CustomerSummary(
            id=customer_id(mint, site.customer), name=customer.name, short_name=customer.short
        ),
        contract=ContractSummary(
            id=contract_id(mint, site.customer), number=contract.number, ends_on=contract.ends_on
        ),
        contacts=(Contact(name=site.contact[0], title=site.contact[1], phone=_phone(4, site.key)),),
        access=site.access,
    )


def _there(site: SiteSpec, rounds: list[RoundSpec]) -> list[PersonSpec]:
    """Name everybody who is granted at a site, or has an open round there."""
    logins = {
        one.login
        for one in PEOPLE
        if site.key in one.sites or site.customer in one.customers or site.customer in one.contracts
    }
    for spec in rounds:
        if spec.site == site.key and not spec.is_closed:
            logins |= {spec.assignee, *([spec.backup] if spec.backup else [])}
    return [one for one in PEOPLE if one.login in logins]


def _assets(
    mint: Mint, units: tuple[Unit, ...], last: Mapping[UUID, Mapping[str, LastInspection]]
) -> Iterator[MadeRecord]:
    for unit in units:
        scope = site_scope(site_id(mint, unit.site))
        asset = structs.replace(unit.asset, last=last.get(unit.id, {}))
        yield MadeRecord("asset", unit.id, scope, asset)
        tag_id, tag = make_tag(mint, unit)
        yield MadeRecord("tag", tag_id, scope, tag)


def _claims(mint: Mint, units: tuple[Unit, ...]) -> Iterator[Claim]:
    for unit in units:
        yield Claim(unit.code, unit.id, site_scope(site_id(mint, unit.site)), None)
    for code in blank_codes(mint):
        yield Claim(code, None, None, f"{mint.today.year}-A")


# --- Rounds ---


def _rounds(mint: Mint, units: tuple[Unit, ...], packs: tuple[Pack, ...]) -> list[RoundSpec]:
    templates = {pack.category: template_id(pack.key, pack.version_no) for pack in packs}
    found = []
    for spec in PLANS:
        contract = contract_id(mint, spec.customer)
        plan = make_plan(mint, spec, contract=contract, templates=templates)
        found += make_rounds(mint, spec, plan, units)
    return found


def _history(
    mint: Mint, rounds: list[RoundSpec], packs: Mapping[str, Pack]
) -> tuple[list[MadeRecord], Mapping[UUID, Mapping[str, LastInspection]]]:
    """Work the rounds off in the order of their numbers; give what the newest left on assets."""
    made: list[MadeRecord] = []
    last: dict[UUID, dict[str, LastInspection]] = {}
    for spec in sorted(rounds, key=lambda one: one.number):
        worked = [(job, work(mint, job)) for job in make_jobs(mint, spec, packs)]
        made.append(make_assignment(mint, spec, packs))
        made += make_visits(mint, spec, worked)
        for job, done in worked:
            made += done.made
            if done.last is not None:
                last.setdefault(job.unit.id, {})[job.pack.key] = done.last
    return made, MappingProxyType(last)
