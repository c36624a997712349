"""Read an op's changes by the types of its fields. Pure. Rule: every refusal names the path."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
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


class Way(Struct, frozen=True):
    """Where a path of a kind leads, and how a value there is read.

    A map of registers is read whole, as a creation writes it, and written entry by entry.
    """

    path: tuple[str, ...]
    decoder: msgspec.json.Decoder[object]
    is_map: bool = False


def is_suspect(op: Op) -> bool:
    """Whether an op's values may hold an instant of another year, an integer too large, or NUL.

    Hardly any do, and each is asked: four searches take a fifth of a regular expression's time.
    """
    values = b"\n".join((*op.set.values(), *(raw for e in op.add.values() for raw in e.values())))
    return (
        b"0001-" in values
        or b"9999-" in values
        or b"\\u" in values  # It may hide a figure, or be NUL.
        or LONG_NUMBER in values.translate(ANY_FIGURE)
    )


def read(raw: Raw, decoder: msgspec.json.Decoder[object], path: str, *, suspect: bool) -> Json:
    """The JSON value, checked by its type; members that the type does not know stay in it."""
    try:
        typed = decoder.decode(raw)
        value: Json = ANY.decode(raw)
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
            decoder = DECODERS.of(field.entry)
            value = read(raw, decoder, f"{path}.{key}", suspect=suspect)
            yield Add(path, key, value if isinstance(value, dict) else {})
    for path, raw in op.set.items():
        way = way_of(kind.name, path, from_device=from_device)
        value = read(raw, way.decoder, path, suspect=suspect)
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
def way_of(kind_name: str, path: str, *, from_device: bool) -> Way:
    """Where `path` leads. Ops name the same ones again and again, so it is found out once."""
    kind, segments = KINDS[kind_name], tuple(path.split("."))
    field = writable(kind, path, from_device=from_device)
    if field is None:
        if len(segments) > 1:
            raise invalid(path, f"`{kind.name}` has no field `{segments[0]}`")
        return Way(segments, ANY)
    if field.rule == "registers":
        return way_in_registers(field, segments, path)
    if field.rule == "grow":
        return Way(segments, DECODERS.of(leaf_type(field, segments, path)))
    if len(segments) > 1:
        raise invalid(path, f"`{segments[0]}` is one value")
    return Way(segments, DECODERS.of(field.type))


def way_in_registers(field: Field, segments: tuple[str, ...], path: str) -> Way:
    """To one entry by `field.key`, or to the whole map."""
    if len(segments) == 2:
        check_key(field, segments[1], path)
        return Way(segments, DECODERS.of(field.entry))
    if len(segments) == 1:
        return Way(segments, DECODERS.of(field.type), is_map=True)
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
        if now is was or field.rule not in ("registers", "grow") or not isinstance(now, dict):
            continue
        known: Mapping[str, Json] = was if isinstance(was, dict) else {}
        limit = entries_max(field.type)
        if limit is not None and len(now) > max(limit, len(known)):
            return name
        for key, inner in now.items() if field.element else ():
            old = known.get(key)
            if inner is old or not isinstance(inner, dict):
                continue
            if path := overgrown(field.element, old if isinstance(old, dict) else {}, inner):
                return f"{name}.{key}.{path}"
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
