"""Read an op's changes by the types of its fields. Pure. Rule: every refusal names the path."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import get_args

import msgspec
from msgspec import Meta, Raw, Struct

from schemas.base import YEAR_MAX, YEAR_MIN
from schemas.kinds import KINDS, Field, Kind
from schemas.ops import Op
from schemas.problems import FieldProblem
from sync.errors import InvalidOp
from sync.lines import storable
from sync.merge import Add, Change, Put, Remove
from sync.record import Json

# What a text holds where an instant in it may be of another year, an integer too large, or NUL;
# `\u` may hide a figure. A regular expression, as hardly any text holds one, and each is asked.
SUSPECT = re.compile(rb"0001-|9999-|\\u|[0-9]{16}")
OUT_OF_TIME = f"holds an instant that is not in the years {YEAR_MIN} to {YEAR_MAX}"


def invalid(path: str, detail: str) -> InvalidOp:
    return InvalidOp(
        f"{path}: {detail}"[:1_000], fields=(FieldProblem(field=path, detail=detail[:1_000]),)
    )


class Decoders(dict[int, tuple[object, msgspec.json.Decoder[object]]]):
    """A decoder for each type of a field, found by the type's identity: hashing one is slow."""

    def of(self, type_: object) -> msgspec.json.Decoder[object]:
        known = self.get(id(type_))
        if known is None:
            # Kept along with its type, so that no other one ever has that identity.
            known = self[id(type_)] = (type_, msgspec.json.Decoder(type_))
        return known[1]


DECODERS = Decoders()
ANY = msgspec.json.Decoder(object)


def read(raw: Raw, type_: object, path: str) -> Json:
    """The JSON value, checked against `type_`; members that the type does not know stay in it."""
    try:
        typed = DECODERS.of(type_).decode(raw)
        value: Json = ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(path, str(error)) from None
    if SUSPECT.search(raw):
        if not is_placed(typed):
            raise invalid(path, OUT_OF_TIME)
        if problem := storable(value, path):
            raise invalid(problem.field, problem.detail)
    return value


def is_placed(value: object) -> bool:
    """Whether each instant in a value has a UTC, and a day in every zone; 0001 and 9999 may not."""
    if isinstance(value, datetime):
        return YEAR_MIN <= value.year <= YEAR_MAX
    if isinstance(value, Struct):
        return all(is_placed(getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, Mapping):
        return all(map(is_placed, value.values()))
    return not isinstance(value, list | tuple) or all(map(is_placed, value))


def read_changes(op: Op, *, from_device: bool) -> tuple[Change, ...]:
    """The op's changes in a fixed order: elements added, paths set, elements removed.

    Raises `InvalidOp` with the path of the first field that is unknown to the rules, not the
    writer's to write, or of the wrong type.
    """
    kind = KINDS.get(op.kind)
    if kind is None:
        raise invalid("kind", f"there is no kind `{op.kind}`")
    if not is_placed(op.made.wall):
        raise invalid("made.wall", OUT_OF_TIME)
    return tuple(iterate(op, kind, from_device=from_device))


def iterate(op: Op, kind: Kind, *, from_device: bool) -> Iterator[Change]:
    for path, elements in op.add.items():
        field = writable(kind, path, from_device=from_device)
        if field is None or field.rule != "grow":
            raise invalid(path, "is not a field of elements")
        for key, raw in elements.items():
            check_key(field, key, f"{path}.{key}")
            value = read(raw, field.entry, f"{path}.{key}")
            yield Add(path, key, value if isinstance(value, Mapping) else {})
    for path, raw in op.set.items():
        yield from puts(kind, path, raw, from_device=from_device)
    for path, keys in op.remove.items():
        field = writable(kind, path, from_device=from_device)
        if field is None or field.rule != "grow":
            raise invalid(path, "is not a field of elements")
        yield from (Remove(path, key) for key in keys)


def writable(kind: Kind, path: str, *, from_device: bool) -> Field | None:
    """The field that `path` begins with; None if this version does not know it.

    Where a device may write none of the fields, it may write no unknown one either.
    """
    field = kind.fields.get(path.partition(".")[0])
    writes = field.device if field else any(known.device for known in kind.fields.values())
    if from_device and not writes:
        raise invalid(path, "is written by the office alone")
    return field


def puts(kind: Kind, path: str, raw: Raw, *, from_device: bool) -> Iterator[Put]:
    segments = tuple(path.split("."))
    field = writable(kind, path, from_device=from_device)
    if field is None:
        if len(segments) > 1:
            raise invalid(path, f"`{kind.name}` has no field `{segments[0]}`")
        yield Put(segments, read(raw, object, path))
    elif field.rule == "registers":
        yield from puts_of_registers(field, segments, raw, path)
    elif field.rule == "grow":
        yield Put(segments, read(raw, leaf_type(field, segments, path), path))
    elif len(segments) > 1:
        raise invalid(path, f"`{segments[0]}` is one value")
    else:
        yield Put(segments, read(raw, field.type, path))


def puts_of_registers(
    field: Field, segments: tuple[str, ...], raw: Raw, path: str
) -> Iterator[Put]:
    """One entry by `field.key`; the whole map, as a creation writes it, entry by entry."""
    if len(segments) == 2:
        check_key(field, segments[1], path)
        yield Put(segments, read(raw, field.entry, path))
    elif len(segments) == 1:
        value = read(raw, field.type, path)
        entries = value.items() if isinstance(value, Mapping) else ()
        yield from (Put((*segments, str(key)), entry) for key, entry in entries)
    else:
        raise invalid(path, "has no part below an entry")


def leaf_type(field: Field, segments: tuple[str, ...], path: str) -> object:
    """The type of `field.element.leaf` or `field.element.leaf.key`."""
    if len(segments) < 3:
        raise invalid(path, "elements are added, not set")
    check_key(field, segments[1], path)
    leaf = field.element.get(segments[2])
    if leaf is None:
        raise invalid(path, f"an element has no `{segments[2]}`")
    if leaf.rule == "registers":
        if len(segments) != 4:
            raise invalid(path, f"`{segments[2]}` is written entry by entry")
        check_key(leaf, segments[3], path)
        return leaf.entry
    if len(segments) != 3:
        raise invalid(path, f"`{segments[2]}` is one value")
    return leaf.type


def check_key(field: Field, key: str, path: str) -> None:
    try:
        msgspec.convert(key, field.key, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(path, str(error)) from None


@cache
def entries_max(type_: object) -> int | None:
    """The most entries that a map of this type holds."""
    limits = [meta.max_length for meta in get_args(type_)[1:] if isinstance(meta, Meta)]
    return next((limit for limit in limits if limit is not None), None)


def overgrown(
    fields: Mapping[str, Field], before: Mapping[str, Json], after: Mapping[str, Json]
) -> str | None:
    """The path of a map that has grown beyond its type; entry by entry nothing else says so."""
    for name, field in fields.items():
        was, now = before.get(name), after.get(name)
        if field.rule not in ("registers", "grow") or now is was or not isinstance(now, Mapping):
            continue
        known: Mapping[str, Json] = was if isinstance(was, Mapping) else {}
        limit = entries_max(field.type)
        if limit is not None and len(now) > max(limit, len(known)):
            return name
        for key, inner in now.items() if field.element else ():
            old = known.get(key)
            if inner is old or not isinstance(inner, Mapping):
                continue
            if path := overgrown(field.element, old if isinstance(old, Mapping) else {}, inner):
                return f"{name}.{key}.{path}"
    return None


def missing_fields(kind: Kind, data: Mapping[str, Json]) -> tuple[FieldProblem, ...]:
    """The required fields that a new record lacks."""
    return tuple(
        FieldProblem(field=name, detail="is required")
        for name, field in kind.fields.items()
        if field.required and data.get(name) is None
    )
