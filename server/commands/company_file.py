"""The file of `company`: what it may say, and what of it cannot be.

Rule: what cannot be is found before anything is written, and named in the words of the file.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.base import (
    COMPANY_ASSETS_MAX,
    COMPANY_BYTES_MAX,
    COMPANY_CUSTOMERS_MAX,
    COMPANY_PEOPLE_MAX,
    COMPANY_ROOMS_MAX,
    COMPANY_SITES_MAX,
    Language,
    Line,
    Name,
    Words,
)
from schemas.kinds.places import TIME_ZONE_DEFAULT
from schemas.kinds.template import Category
from schemas.people import LoginName
from server.errors import UnableError
from server.judging import is_zone
from sync.lines import storable
from sync.names import is_name

# The roles that are held at a customer; an administrator's is of no place.
LocalRole = Literal["engineer", "supervisor", "project-manager", "quality", "desk"]


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
    equipment: Annotated[tuple[AssetEntry, ...], Meta(max_length=COMPANY_ASSETS_MAX)] = ()


class SiteEntry(Entry, frozen=True, kw_only=True):
    name: Name
    city: Name
    address: Line = ""
    time_zone: str = TIME_ZONE_DEFAULT
    rooms: Annotated[tuple[RoomEntry, ...], Meta(max_length=COMPANY_ROOMS_MAX)] = ()


class ContractEntry(Entry, frozen=True, kw_only=True):
    number: Line
    title: Name
    starts_on: date
    ends_on: date


class PlanEntry(Entry, frozen=True, kw_only=True):
    """When its rounds are due: an RFC 5545 RRULE, as in docs/model.md."""

    title: Words
    rrule: Annotated[str, Meta(min_length=1)]
    starts_on: date
    window_days: Annotated[int, Meta(ge=1, le=366)] = 14


class CustomerEntry(Entry, frozen=True, kw_only=True):
    name: Name
    short_name: Name
    contract: ContractEntry
    # Who works for this customer, as what.
    people: Annotated[Mapping[LoginName, LocalRole], Meta(max_length=COMPANY_PEOPLE_MAX)]
    sites: Annotated[tuple[SiteEntry, ...], Meta(max_length=COMPANY_SITES_MAX)]
    plan: PlanEntry | None = None


class CompanyFile(Entry, frozen=True, kw_only=True):
    people: Annotated[tuple[PersonEntry, ...], Meta(max_length=COMPANY_PEOPLE_MAX)]
    customers: Annotated[tuple[CustomerEntry, ...], Meta(max_length=COMPANY_CUSTOMERS_MAX)]


def read_file(path: Path) -> CompanyFile:
    """Read it. Raises `UnableError` naming what is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(COMPANY_BYTES_MAX + 1)
        if len(raw) > COMPANY_BYTES_MAX:
            raise UnableError(f"{path} is longer than {COMPANY_BYTES_MAX} bytes")
        # Editors of Windows put a byte order mark before it.
        company = msgspec.json.decode(raw.decode("utf-8-sig"), type=CompanyFile)
    except UnicodeDecodeError:
        raise UnableError(f"{path} is not UTF-8: save it in that encoding") from None
    except (OSError, msgspec.DecodeError) as error:
        raise UnableError(f"{path} cannot be read: {error}") from None
    if fault := next(faults_in(company), None):
        raise UnableError(f"{path}: {fault}")
    return company


def faults_in(company: CompanyFile) -> Iterator[str]:
    """What each value alone may be, and all together may not."""
    if problem := storable(msgspec.to_builtins(company)):
        yield f"{problem.field.removeprefix('.')} {problem.detail}"
    logins: set[str] = set()
    for person in company.people:
        yield from nameless(person, "name", at=person.login)
        if person.login in logins:
            yield f"{person.login}: is there twice in `people`"
        logins.add(person.login)
    for customer in company.customers:
        at = customer.short_name
        yield from nameless(customer, "name", "short_name", at=at)
        yield from nameless(customer.contract, "number", "title", at=f"{at} / contract")
        if customer.contract.ends_on < customer.contract.starts_on:
            yield f"{at}: contract {customer.contract.number} ends before it starts"
        for login in sorted(customer.people.keys() - logins):
            yield f"{at}: {login} is not in `people`"
        if customer.plan is not None:
            yield from nameless(customer.plan.title, "zh", "en", at=f"{at} / plan / title")
            if not any(room.equipment for site in customer.sites for room in site.rooms):
                yield f"{at} / {customer.plan.title.zh}: no site has equipment to go round to"
        for site in customer.sites:
            yield from faults_at(site, at=f"{at} / {site.name}")


def faults_at(site: SiteEntry, *, at: str) -> Iterator[str]:
    """As `faults_in`, of one site."""
    yield from nameless(site, "name", "city", at=at)
    if not is_zone(site.time_zone):
        yield f"{at}: time_zone: {site.time_zone!r} is none, such as Asia/Shanghai"
    for room in site.rooms:
        yield from nameless(room, "name", at=f"{at} / {room.name}")
        for one in room.equipment:
            yield from nameless(one, "name", at=f"{at} / {room.name} / {one.name}")


def nameless(entry: Struct, *fields: str, at: str) -> Iterator[str]:
    """Each of these members that shows nothing, and so names nothing."""
    return (
        f"{at}: {field} shows nothing" for field in fields if not is_name(getattr(entry, field))
    )
