"""Merge one op into one record, path by path, on the op's base. Pure: no clock, no chance, no I/O.

The rules (docs/protocol.md, "Merging"): `register` and each entry of `registers` keep the
server's value where two writers met and open a conflict; `grow` unites elements; `forward`
takes the further step; `fixed` keeps the first value; `office` is decided before, by who writes,
and then is a register. A path conflicts when it
changed after the base, the values differ as JSON, and the writer was another lineage; of
one lineage the larger `n` wins, and an older op that arrives late is history.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from msgspec import Struct

from schemas.kinds import KINDS, Field
from schemas.kinds.inspection import STEPS
from sync.record import Json, Record, Stamp, same


class Put(Struct, frozen=True):
    """Write one register. `path` is `field`, `field.key` or `field.element.leaf[.key]`."""

    path: tuple[str, ...]
    value: Json


class Fill(Struct, frozen=True):
    """Write entries of a map of registers, each on its own, as a creation writes them."""

    field: str
    entries: Mapping[str, Json]


class Add(Struct, frozen=True):
    """Add an element, or merge into it leaf by leaf where it is there already."""

    field: str
    element: str
    value: Mapping[str, Json]


class Remove(Struct, frozen=True):
    field: str
    element: str


Change = Put | Fill | Add | Remove


class Writer(Struct, frozen=True):
    """Who writes: the op's lineage and number, the base it saw, and the version it will make."""

    lineage: UUID
    n: int
    op: UUID
    base: int
    version: int
    new: bool = False

    def stamp(self) -> Stamp:
        return Stamp(self.version, self.lineage, self.n, self.op)


class Conflict(Struct, frozen=True):
    """A path that two wrote. `ours` stands; both are kept until a person decides."""

    path: str
    ours: Json
    theirs: Json
    ours_version: int


class Merge(Struct, frozen=True):
    record: Record
    conflicts: tuple[Conflict, ...]


class Draft:
    """A record being merged: copies only what it touches, so that the input never changes."""

    def __init__(self, record: Record, writer: Writer) -> None:
        self.record, self.writer = record, writer
        self.stamp = writer.stamp()
        self.data: dict[str, Json] = dict(record.data)
        self.stamps: dict[str, Stamp] = dict(record.stamps)
        self.conflicts: list[Conflict] = []
        self.owned: set[int] = set()
        self.changed = False

    def own(self, parent: dict[str, Json], key: str) -> dict[str, Json]:
        """The mapping at `key`, copied once so that it may be written."""
        found = parent.get(key)
        if isinstance(found, dict) and id(found) in self.owned:
            return found
        copy = dict(found) if isinstance(found, dict) else {}
        parent[key] = copy
        self.owned.add(id(copy))
        return copy

    def verdict(self, path: str) -> str:
        """`write`, `history` (an own older op that came late), or `conflict`."""
        stamp = self.stamps.get(path)
        if stamp is None:
            return "write"
        if stamp.lineage == self.writer.lineage:
            return "write" if stamp.n < self.writer.n else "history"
        return "write" if stamp.version <= self.writer.base else "conflict"

    def refuse(self, path: str, ours: Json, theirs: Json) -> None:
        stamp = self.stamps.get(path)
        self.conflicts.append(Conflict(path, ours, theirs, stamp.version if stamp else 0))

    def register(self, into: dict[str, Json], key: str, path: str, value: Json) -> None:
        """Write one register of `into`, unless somebody else did since the base."""
        if same(into.get(key), value):
            return
        # Asked for hundreds of paths, most of which nobody ever wrote before.
        verdict = self.verdict(path) if path in self.stamps else "write"
        if verdict == "conflict":
            self.refuse(path, into.get(key), value)
        elif verdict == "write":
            into[key] = value
            self.stamps[path] = self.stamp
            self.changed = True

    def done(self) -> Merge:
        if not self.changed:
            return Merge(self.record, tuple(self.conflicts))
        before = self.record
        after = Record(
            kind=before.kind,
            id=before.id,
            scope=before.scope,
            version=self.writer.version,
            data=self.data,
            stamps=self.stamps,
            withdrawn=before.withdrawn,
            mark=before.mark,
        )
        return Merge(after, tuple(self.conflicts))


def merge(record: Record, changes: tuple[Change, ...], writer: Writer) -> Merge:
    """Fold `changes` into `record`. The same record comes back when nothing changed.

    `changes` are valid: every path and value was read by the type of its field before.
    """
    draft = Draft(record, writer)
    fields = KINDS[record.kind].fields
    for change in changes:
        if isinstance(change, Put):
            put(draft, fields.get(change.path[0]), change.path, change.value)
        elif isinstance(change, Fill):
            fill(draft, change.field, change.entries)
        elif isinstance(change, Add):
            add(draft, change.field, change.element, change.value)
        else:
            remove(draft, change.field, change.element)
    return draft.done()


def put(draft: Draft, field: Field | None, path: tuple[str, ...], value: Json) -> None:
    """Write one path by the rule of its field. A field nobody knows yet is a register."""
    rule = field.rule if field else "register"
    name = path[0] if len(path) == 1 else ".".join(path)
    if rule == "fixed":
        if draft.data.get(path[0]) is None:
            draft.register(draft.data, path[0], name, value)
    elif rule == "forward":
        move_forward(draft, path[0], value)
    elif rule == "grow":
        put_in_element(draft, path, value)
    elif len(path) == 1:
        draft.register(draft.data, path[0], name, value)
    else:
        draft.register(draft.own(draft.data, path[0]), path[1], name, value)


def fill(draft: Draft, field: str, entries: Mapping[str, Json]) -> None:
    """Write entry by entry: each is a register of its own."""
    into = draft.own(draft.data, field)
    if not into and not draft.record.stamps:  # Nobody wrote any of them before.
        into |= {key: value for key, value in entries.items() if value is not None}
        draft.stamps |= {f"{field}.{key}": draft.stamp for key in into}
        draft.changed = draft.changed or bool(into)
        return
    for key, value in entries.items():
        draft.register(into, key, f"{field}.{key}", value)


def rank(step: Json) -> tuple[int, int]:
    """How far `{round, step}` has come; a step nobody knows is the first of its round."""
    if not isinstance(step, dict):
        return (1, 0)
    reached = step.get("step", "draft")
    order = STEPS.index(reached) if reached in STEPS else 0
    number = step.get("round", 1)
    return (number if isinstance(number, int) else 1, order)


def move_forward(draft: Draft, name: str, value: Json) -> None:
    """Take the further step; an older round, or a step already reached, has no effect."""
    ours = draft.data.get(name)
    if ours is None or rank(value) > rank(ours):
        draft.data[name] = value
        draft.stamps[name] = draft.stamp
        draft.changed = True


def put_in_element(draft: Draft, path: tuple[str, ...], value: Json) -> None:
    """Write one leaf of an element; where the element is not there, both sides are kept."""
    field, element = path[0], path[1]
    elements = draft.data.get(field)
    if not isinstance(elements, dict) or element not in elements:
        draft.refuse(".".join(path), None, value)
        return
    into = draft.own(draft.own(draft.data, field), element)
    if len(path) == 4:
        into = draft.own(into, path[2])
    draft.register(into, path[-1], ".".join(path), value)


def leaves(value: Mapping[str, Json], shape: Mapping[str, Field]) -> Iterator[tuple[str, ...]]:
    """The paths of an element's registers, relative to it."""
    for key, inner in value.items():
        field = shape.get(key)
        if field and field.rule == "registers" and isinstance(inner, dict):
            yield from ((key, entry) for entry in inner)
        else:
            yield (key,)


def add(draft: Draft, field: str, element: str, value: Mapping[str, Json]) -> None:
    """Unite: insert the element, or merge its leaves into the one that is there.

    An element that somebody else removed, unseen by this writer, does not come back by
    itself: the addition is kept in a conflict.
    """
    name = f"{field}.{element}"
    elements = draft.own(draft.data, field)
    shape = KINDS[draft.record.kind].fields[field].element
    if element not in elements:
        verdict = draft.verdict(name)
        if verdict == "conflict":
            draft.refuse(name, None, dict(value))
        if verdict != "write":
            return
        elements[element] = {}
        draft.stamps[name] = draft.stamp
        draft.changed = True
    into = draft.own(elements, element)
    for leaf in leaves(value, shape):
        source, target = value, into
        if len(leaf) == 2:
            inner = value[leaf[0]]
            source = inner if isinstance(inner, dict) else {}
            target = draft.own(into, leaf[0])
        draft.register(target, leaf[-1], ".".join((field, element, *leaf)), source[leaf[-1]])


def remove(draft: Draft, field: str, element: str) -> None:
    """Remove an element, unless somebody else wrote in it since the base: then it stays."""
    name = f"{field}.{element}"
    elements = draft.data.get(field)
    if not isinstance(elements, dict) or element not in elements:
        return
    inside = [p for p in draft.stamps if p == name or p.startswith(name + ".")]
    verdicts = {draft.verdict(path) for path in inside}
    if "conflict" in verdicts:
        draft.refuse(name, elements[element], None)
        return
    if "history" in verdicts:
        return
    del draft.own(draft.data, field)[element]
    for path in inside:
        del draft.stamps[path]
    draft.stamps[name] = draft.stamp
    draft.changed = True
