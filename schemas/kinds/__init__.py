"""The registry of kinds. Rule: a new kind is one struct and one line here.

A record's *home* decides its scope: `org` and `office` are fixed; `self` is the record's own
site scope; `site` names the site in a field; `record` follows the scope of another record;
`device` names the device whose own scope it is.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Meta, Struct, structs

from schemas.base import Wire
from schemas.kinds.asset import Asset, Tag
from schemas.kinds.evidence import Attachment, Finding, Signature
from schemas.kinds.inspection import Inspection
from schemas.kinds.notices import Anchor, Disposition, Key, Member
from schemas.kinds.places import Contract, Customer, Room, Site
from schemas.kinds.template import Template
from schemas.kinds.work import Assignment, Plan, Visit

Rule = Literal["fixed", "register", "registers", "grow", "forward", "office"]


class Field(Struct, frozen=True):
    """One field of a kind: its rule, whether a device may write it, and the type of its value."""

    name: str
    rule: Rule
    device: bool
    type: object
    required: bool
    key: object = str  # Of `registers` and `grow`: the type of a key.
    entry: object = None  # And of one entry.
    element: Mapping[str, "Field"] = MappingProxyType({})  # Of `grow`: the fields of an element.


class Home(Struct, frozen=True):
    by: Literal["org", "office", "self", "site", "record", "device"]
    field: str = ""


class Kind(Struct, frozen=True):
    """Leaves alone may be withdrawn by a device; parents are withdrawn by the office."""

    name: str
    struct: type[Wire]
    home: Home
    device_creates: bool
    device_withdraws: bool
    fields: Mapping[str, Field]


def entry_types(hint: object) -> tuple[object, object]:
    """Key and value type of `Mapping[K, V]`, through any `Annotated`."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    key, value = get_args(hint)
    return key, value


def element_fields(element: object) -> Mapping[str, Field]:
    """Fields of a `grow` element: mappings inside are `registers`, the rest are registers."""
    assert isinstance(element, type) and issubclass(element, Wire)
    found = {}
    for name, hint in get_type_hints(element, include_extras=True).items():
        bare = hint
        while get_origin(bare) is Annotated:
            bare = get_args(bare)[0]
        nested = get_origin(bare) is Mapping
        key, entry = entry_types(hint) if nested else (str, None)
        found[name] = Field(
            name=name,
            rule="registers" if nested else "register",
            device=True,
            type=hint,
            required=False,
            key=key,
            entry=entry,
        )
    return MappingProxyType(found)


def fields_of(struct: type[Wire]) -> Mapping[str, Field]:
    """Read the marks of `schemas.kinds.fields` back. A field without a mark is an error here."""
    hints = get_type_hints(struct, include_extras=True)
    found = {}
    for info in structs.fields(struct):
        hint = hints[info.name]
        marks = [m.extra for m in get_args(hint)[1:] if isinstance(m, Meta) and m.extra]
        assert len(marks) == 1, f"{struct.__name__}.{info.name} says no rule"
        rule: Rule = marks[0]["rule"]
        key, entry = entry_types(hint) if rule in ("registers", "grow") else (str, None)
        found[info.name] = Field(
            name=info.name,
            rule=rule,
            device=bool(marks[0]["device"]),
            type=hint,
            required=info.default is NODEFAULT and info.default_factory is NODEFAULT,
            key=key,
            entry=entry,
            element=element_fields(entry) if rule == "grow" else MappingProxyType({}),
        )
    return MappingProxyType(found)


def kind(
    struct: type[Wire],
    home: Home,
    *,
    device_creates: bool = False,
    device_withdraws: bool = False,
) -> Kind:
    return Kind(
        name=struct.__name__.lower(),
        struct=struct,
        home=home,
        device_creates=device_creates,
        device_withdraws=device_withdraws,
        fields=fields_of(struct),
    )


SITE = Home("site", "site")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        made.name: made
        for made in (
            kind(Template, Home("org")),
            kind(Customer, Home("office")),
            kind(Contract, Home("office")),
            kind(Plan, Home("office")),
            kind(Site, Home("self")),
            kind(Room, SITE, device_creates=True),
            kind(Asset, SITE, device_creates=True),
            kind(Tag, Home("record", "asset"), device_creates=True),
            kind(Assignment, SITE),
            kind(Visit, SITE, device_creates=True),
            kind(Inspection, Home("record", "asset"), device_creates=True),
            kind(Finding, Home("record", "asset"), device_creates=True),
            kind(Attachment, Home("record", "parent"), device_creates=True, device_withdraws=True),
            kind(Signature, Home("record", "of"), device_creates=True),
            kind(Member, SITE),
            kind(Disposition, Home("device", "device")),
            kind(Anchor, Home("org")),
            kind(Key, Home("org")),
        )
    }
)
