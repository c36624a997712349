"""Where equipment stands and whose it is: `site room customer contract`. Rule: office data."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Id, Line, Name, Text, Wire
from schemas.kinds.fields import fixed, office, register

TIME_ZONE_DEFAULT = "Asia/Shanghai"  # Of a site that names none (IANA).

Minutes = Annotated[int, Meta(ge=1, le=525_600)]


class Contact(Wire, frozen=True, kw_only=True):
    name: Name
    title: Line = ""
    phone: Line = ""


class CustomerSummary(Wire, frozen=True, kw_only=True):
    """What a tablet needs to know of a customer, copied onto each of its sites."""

    id: Id
    name: Name
    short_name: Name


class ContractSummary(Wire, frozen=True, kw_only=True):
    id: Id
    number: Line
    ends_on: date


class Customer(Wire, frozen=True, kw_only=True):
    name: Annotated[Name, office()]
    short_name: Annotated[Name, office()]
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=100), office()] = ()
    remarks: Annotated[Text, office()] = ""


class Contract(Wire, frozen=True, kw_only=True):
    customer: Annotated[Id, office()]
    number: Annotated[Line, office()]
    title: Annotated[Name, office()]
    starts_on: Annotated[date, office()]
    ends_on: Annotated[date, office()]
    accept_minutes: Annotated[Minutes, office()] = 30
    remote_minutes: Annotated[Minutes, office()] = 120
    onsite_minutes: Annotated[Minutes, office()] = 1_440
    spare_parts: Annotated[bool, office()] = False
    # Whether photos still say where they were taken when they leave the house.
    photo_place: Annotated[Literal["stripped", "kept"], office()] = "stripped"


class Site(Wire, frozen=True, kw_only=True):
    """A place where work is done. Its scope is `site:<its own id>`."""

    name: Annotated[Name, office()]
    city: Annotated[Name, office()]
    address: Annotated[Line, office()] = ""
    time_zone: Annotated[str, Meta(min_length=1, max_length=64), office()] = TIME_ZONE_DEFAULT
    customer: Annotated[CustomerSummary, office()]
    contract: Annotated[ContractSummary | None, office()] = None
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=50), office()] = ()
    access: Annotated[Text, office()] = ""  # How to get in; told to engineers.


class Room(Wire, frozen=True, kw_only=True):
    site: Annotated[Id, fixed()]
    name: Annotated[Name, register()]
    kind: Annotated[Literal["server-room", "network", "ups", "office", "shop", "other"], office()]
    floor: Annotated[Line, register()] = ""
    note: Annotated[Text, register()] = ""
