"""Read an op's changes by the types of its fields. Pure. Rule: every refusal names the path."""

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec
from msgspec import Raw

from schemas.kinds import KINDS, Field, Kind
from schemas.ops import Op
from schemas.problems import FieldProblem
from sync.errors import InvalidOp
from sync.lines import storable
from sync.merge import Add, Change, Put, Remove
from sync.record import Json


def invalid(path: str, detail: str) -> InvalidOp:
    return InvalidOp(
        f"{path}: {detail}"[:1_000], fields=(FieldProblem(field=path, detail=detail[:1_000]),)
    )


@cache
def decoder(type_: object) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(type_)


def read(raw: Raw, type_: object, path: str) -> Json:
    """The JSON value, checked against `type_`; members that the type does not know stay in it."""
    text = bytes(raw)
    try:
        decoder(type_).decode(text)
        value: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid(path, str(error)) from None
    if problem := storable(value, path):
        raise invalid(problem.field, problem.detail)
    return value


def read_changes(op: Op, *, from_device: bool) -> tuple[Change, ...]:
    """The op's changes in a fixed order: elements added, paths set, elements removed.

    Raises `InvalidOp` with the path of the first field that is unknown to the rules, not the
    writer's to write, or of the wrong type.
    """
    kind = KINDS.get(op.kind)
    if kind is None:
        raise invalid("kind", f"there is no kind `{op.kind}`")
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
    """The field that `path` begins with; None if this version does not know it."""
    field = kind.fields.get(path.partition(".")[0])
    if field and from_device and not field.device:
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


def missing_fields(kind: Kind, data: Mapping[str, Json]) -> tuple[FieldProblem, ...]:
    """The required fields that a new record lacks."""
    return tuple(
        FieldProblem(field=name, detail="is required")
        for name, field in kind.fields.items()
        if field.required and data.get(name) is None
    )
