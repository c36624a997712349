"""Collect every wire type with its schema. Rule: whatever `schemas` defines in public is on the wire.

A struct becomes a component; a named type such as `Slug` or `Condition` keeps its name
wherever its schema occurs.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TypeAlias, get_origin

import msgspec

import schemas
from schemas.base import Wire

Schema: TypeAlias = Mapping[str, "Schema"] | list["Schema"] | str | float | bool | None
Named: TypeAlias = Mapping[str, Schema]

TOOLS = {"schemas.export", "schemas.wiretypes", "schemas.typescript"}


def wire_schema() -> tuple[Named, Named]:
    """The components and the named types, each in the order of their modules."""
    structs: dict[str, type[Wire]] = {}
    aliases: dict[str, object] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if name.startswith("_") or not name[0].isupper() or name.isupper():
                continue
            if isinstance(value, type) and issubclass(value, Wire):
                if value is not Wire and structs.setdefault(name, value) is not value:
                    raise ValueError(f"two wire types are called {name}")
            elif _is_alias(name, value) and aliases.setdefault(name, value) != value:
                raise ValueError(f"two wire types are called {name}")
    types = [*structs.values(), *aliases.values()]
    schemas_of, components = msgspec.json.schema_components(types, ref_template="{name}")
    named = dict(zip(aliases, schemas_of[len(structs) :], strict=True))
    return components, named


def wire_limits() -> Mapping[str, int]:
    """Every bound of `schemas.base` by its name."""
    base = vars(importlib.import_module("schemas.base"))
    return {k: v for k, v in base.items() if k.isupper() and isinstance(v, int)}


def _modules() -> Iterator[ModuleType]:
    for found in sorted(
        pkgutil.walk_packages(schemas.__path__, "schemas."), key=lambda found: found.name
    ):
        if found.name not in TOOLS:
            yield importlib.import_module(found.name)


def _is_alias(name: str, value: object) -> bool:
    """Tell a named type (`Id = UUID`, `Slug = Annotated[…]`) from an imported class."""
    if isinstance(value, type):
        return name != value.__name__
    return get_origin(value) is not None
