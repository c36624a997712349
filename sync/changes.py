"""Read an op's changes by the types of its fields. Pure. Rule: every refusal names the path."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from types import GenericAlias
from typing import get_args

import msgspec
from msgspec import Meta, Raw, Struct

from schemas.base import YEAR_MAX, YEAR_MIN
from schemas.kinds import KINDS, Field, Kind
from schemas.ops import Op
from schemas.problems import FieldProblem
from sync.errors import InvalidOp
from sync.lines import storable
from sync.merge import Add, Change, Fill, Put, Remove
from sync.record import Json

ANY_FIGURE, LONG_NUMBER = bytes.maketrans(b"123456789", b"000000000"), b"0" * 16
OUT_OF_TIME = f"holds an instant that is not in the years {YEAR_MIN} to {YEAR_MAX}"
WAYS_KEPT = 4_096  # Of the paths that ops have named, remembered.
KEYS_KEPT = 4_096  # Of the keys of each map that are found to be of their type.


def invalid(path: str, detail: str) -> InvalidOp:
    return InvalidOp(
        f"{path}: {detail}"[:1_000], fields=(FieldProblem(field=path, detail=detail[:1_000]),)
    )


ANY = msgspec.json.Decoder(object)


class Reader:
    """Reads values of one type: as that type has them, and as JSON, with members it does not know.

    Raises as msgspec does.
    """

    def __init__(self, type_: object) -> None:
        self.decoder = msgspec.json.Decoder(type_)

    def read(self, raw: Raw) -> tuple[object, Json]:
        typed = self.decoder.decode(raw)
        return typed, typed if type(typed) is str else ANY.decode(raw)


class MapReader(Reader):
    """Reads a map of registers whole. Its keys are held against their pattern once and not once
    an op, which would take three times as long as everything else that is read of it.
    """

    def __init__(self, field: Field) -> None:
        super().__init__(field.type)
        self.entries = msgspec.json.Decoder[object](GenericAlias(dict, (str, field.entry)))
        self.entries_max = entries_max(field.type) or 0
        self.known: set[str] = set()

    def read(self, raw: Raw) -> tuple[object, Json]:
        value: Json = ANY.decode(raw)
        if not isinstance(value, dict):
            return self.decoder.decode(raw), value
        if len(value) <= self.entries_max and self.known.issuperset(value):
            return self.entries.decode(raw), value
        typed = self.decoder.decode(raw)
        if len(self.known) > KEYS_KEPT:
            self.known.clear()  # The usual ones are soon here again.
        self.known.update(value)
        return typed, value


class Readers(dict[int, tuple[object, Reader]]):
    """A reader for each type of a field, found by the type's identity: hashing one is slow."""

    def of(self, type_: object) -> Reader:
        known = self.get(id(type_))
        if known is None:
            # Kept along with its type, so that no other one ever has that identity.
            known = self[id(type_)] = (type_, Reader(type_))
        return known[1]


READERS = Readers()


class Way(Struct, frozen=True):
    """Where a path of a kind leads, and how a value there is read.

    A map of registers is read whole, as a creation writes it, and written entry by entry.
    """

    path: tuple[str, ...]
    reader: Reader
    is_map: bool = False


def is_suspect(op: Op) -> bool:
    """Whether an op's values may hold an instant of another year, an integer too large, or NUL.

    Hardly any do, and each is asked: four searches take a fifth of a regular expression's time.
    """
    values = b"\n".join(op.set.values())
    if op.add:
        values = b"\n".join((values, *(raw for e in op.add.values() for raw in e.values())))
    return (
        b"0001-" in values
        or b"9999-" in values
        or (b"\\" in values and b"\\u" in values)  # It may hide a figure, or be NUL.
        or LONG_NUMBER in values.translate(ANY_FIGURE)
    )


def read(raw: Raw, reader: Reader, path: str, *, suspect: bool) -> Json:
    """The JSON value, checked by its type; members that the type does not know stay in it."""
    try:
        typed, value = reader.read(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(path, str(error)) from None
    if suspect:
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
    return tuple(iterate(op, kind, from_device=from_device, suspect=is_suspect(op)))


def iterate(op: Op, kind: Kind, *, from_device: bool, suspect: bool) -> Iterator[Change]:
    for path, elements in op.add.items():
        field = elements_at(kind, path, from_device=from_device)
        for key, raw in elements.items():
            check_key(field, key, f"{path}.{key}")
            value = read(raw, READERS.of(field.entry), f"{path}.{key}", suspect=suspect)
            yield Add(path, key, value if isinstance(value, dict) else {})
    for path, raw in op.set.items():
        way = way_of(kind.name, path, from_device)
        value = read(raw, way.reader, path, suspect=suspect)
        if not way.is_map:
            yield Put(way.path, value)
        elif isinstance(value, dict) and value:
            yield Fill(path, value)
    for path, keys in op.remove.items():
        elements_at(kind, path, from_device=from_device)
        yield from (Remove(path, key) for key in keys)


def elements_at(kind: Kind, path: str, *, from_device: bool) -> Field:
    field = writable(kind, path, from_device=from_device)
    if field is None or field.rule != "grow":
        raise invalid(path, "is not a field of elements")
    return field


def writable(kind: Kind, path: str, *, from_device: bool) -> Field | None:
    """The field that `path` begins with; None if this version does not know it.

    Where a device may write none of the fields, it may write no unknown one either.
    """
    field = kind.fields.get(path.partition(".")[0])
    writes = field.device if field else any(known.device for known in kind.fields.values())
    if from_device and not writes:
        raise invalid(path, "is written by the office alone")
    return field


@lru_cache(maxsize=WAYS_KEPT)
def way_of(kind_name: str, path: str, from_device: bool) -> Way:  # noqa: FBT001
    """Where `path` leads. Ops name the same ones again and again, so it is found out once."""
    kind, segments = KINDS[kind_name], tuple(path.split("."))
    field = writable(kind, path, from_device=from_device)
    if field is None:
        if len(segments) > 1:
            raise invalid(path, f"`{kind.name}` has no field `{segments[0]}`")
        return Way(segments, READERS.of(object))
    if field.rule == "registers":
        return way_in_registers(field, segments, path)
    if field.rule == "grow":
        return Way(segments, READERS.of(leaf_type(field, segments, path)))
    if len(segments) > 1:
        raise invalid(path, f"`{segments[0]}` is one value")
    return Way(segments, READERS.of(field.type))


def way_in_registers(field: Field, segments: tuple[str, ...], path: str) -> Way:
    """To one entry by `field.key`, or to the whole map."""
    if len(segments) == 2:
        check_key(field, segments[1], path)
        return Way(segments, READERS.of(field.entry))
    if len(segments) == 1:
        return Way(segments, MapReader(field), is_map=True)
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


class Map(Struct, frozen=True):
    """A field that holds entries, how many at most, and which of its entries' fields do so too."""

    name: str
    entries_max: int | None
    inner: tuple["Map", ...]


def maps_among(fields: Mapping[str, Field]) -> tuple[Map, ...]:
    """Those of `fields` that hold entries."""
    return tuple(
        Map(field.name, entries_max(field.type), maps_among(field.element))
        for field in fields.values()
        if field.rule in ("registers", "grow")
    )


@cache
def maps_of(kind_name: str) -> tuple[Map, ...]:
    return maps_among(KINDS[kind_name].fields)


def overgrown(
    maps: Sequence[Map], before: Mapping[str, Json], after: Mapping[str, Json]
) -> str | None:
    """The path of a map that has grown beyond its type; entry by entry nothing else says so."""
    for one in maps:
        was, now = before.get(one.name), after.get(one.name)
        if now is was or not isinstance(now, dict):
            continue
        known: Mapping[str, Json] = was if isinstance(was, dict) else {}
        if one.entries_max is not None and len(now) > max(one.entries_max, len(known)):
            return one.name
        for key, inner in now.items() if one.inner else ():
            old = known.get(key)
            if inner is old or not isinstance(inner, dict):
                continue
            if path := overgrown(one.inner, old if isinstance(old, dict) else {}, inner):
                return f"{one.name}.{key}.{path}"
    return None


@cache
def required_fields(kind_name: str) -> tuple[str, ...]:
    return tuple(name for name, field in KINDS[kind_name].fields.items() if field.required)


def missing_fields(kind: Kind, data: Mapping[str, Json]) -> tuple[FieldProblem, ...]:
    """The required fields that a new record lacks."""
    return tuple(
        FieldProblem(field=name, detail="is required")
        for name in required_fields(kind.name)
        if data.get(name) is None
    )
