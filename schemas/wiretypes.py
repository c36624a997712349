"""Collect every wire type and its schema. Rule: whatever `schemas` names in public is on the wire.

A struct becomes a component; a named type such as `Slug` or `Condition` keeps its name
wherever its schema occurs.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TypeAlias, get_origin
from uuid import UUID

import msgspec

import schemas
from schemas.base import Wire

Schema: TypeAlias = Mapping[str, "Schema"] | list["Schema"] | str | float | bool | None
Object: TypeAlias = Mapping[str, Schema]

TOOLS = {"schemas.export", "schemas.wiretypes", "schemas.typescript"}


def wire_schema() -> tuple[Mapping[str, Object], Mapping[str, Object]]:
    """The components and the named types, each in the order of their modules."""
    structs, aliases = _wire_types()
    types = [*structs.values(), *aliases.values()]
    schemas_of, components = msgspec.json.schema_components(types, ref_template="{name}")
    named = dict(zip(aliases, schemas_of[len(structs) :], strict=True))
    return components, named


def wire_modules() -> Mapping[str, str]:
    """The module of each struct, by its last word: `Asset` is of `asset`."""
    structs, _ = _wire_types()
    return {name: struct.__module__.rpartition(".")[2] for name, struct in structs.items()}


def _wire_types() -> tuple[Mapping[str, type[Wire]], Mapping[str, object]]:
    structs: dict[str, type[Wire]] = {}
    aliases: dict[str, object] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if not name[0].isupper() or (name.isupper() and len(name) > 1):
                continue
            if isinstance(value, type) and issubclass(value, Wire):
                if value is not Wire and structs.setdefault(name, value) is not value:
                    raise ValueError(f"two wire types are called {name}")
            elif _is_alias(name, value) and aliases.setdefault(name, value) != value:
                raise ValueError(f"two wire types are called {name}")
    return structs, aliases


def as_object(schema: Schema) -> Object:
    """Insist that a schema is an object with keywords, which all of msgspec's are."""
    if not isinstance(schema, Mapping):
        raise TypeError(f"not a schema: {schema!r}")
    return schema


def wire_limits() -> Mapping[str, int]:
    """Every bound, and the protocol's version, by its name."""
    found: dict[str, int] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if not name.isupper() or not isinstance(value, int):
                continue
            if found.setdefault(name, value) != value:
                raise ValueError(f"two bounds are called {name}")
    return found


def _modules() -> Iterator[ModuleType]:
    for found in sorted(
        pkgutil.walk_packages(schemas.__path__, "schemas."), key=lambda found: found.name
    ):
        if found.name not in TOOLS:
            yield importlib.import_module(found.name)


def _is_alias(name: str, value: object) -> bool:
    """Tell a named type (`Id = UUID`, `Slug = Annotated[…]`) from an imported class."""
    return get_origin(value) is not None or (value is UUID and name != "UUID")
