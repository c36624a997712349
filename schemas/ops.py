"""An op: one edit by one person, and what became of it. Rule: outcomes are immutable once given."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Raw

from schemas.base import (
    ELEMENTS_MAX,
    FIELDS_PER_OP_MAX,
    INTEGER_MAX,
    Id,
    Instant,
    Scope,
    Seq,
    Text,
    Version,
    Wire,
)
from schemas.problems import Problem

# `field`, `field.key` of registers, `field.element` or `field.element.field[.key]` of grow.
Path = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}(\.[a-z0-9][a-z0-9_-]{0,131}){0,3}$")]
N = Annotated[int, Meta(ge=1, le=INTEGER_MAX, description="1, 2, 3 … per lineage, for ever.")]


class Made(Wire, frozen=True, kw_only=True):
    """When the edit was made, by the device's clocks. Shown and flagged, never deciding."""

    wall: Instant
    session: Id
    monotonic_ms: Annotated[int, Meta(ge=0, le=INTEGER_MAX)] = 0


class Edit(Wire, frozen=True, kw_only=True):
    """What every op says, whoever sends it. Values stay raw JSON: each is read by its field's type.

    `base` is the version that was on the screen for these fields. `new` marks a creation,
    and then `parent` is the record (or site) that its home field names.
    """

    id: Id
    kind: Annotated[str, Meta(max_length=64)]
    record: Id
    base: Version = 0
    new: bool = False
    parent: Id | None = None
    set: Annotated[Mapping[Path, Raw], Meta(max_length=FIELDS_PER_OP_MAX)] = {}
    add: Annotated[
        Mapping[Path, Annotated[Mapping[str, Raw], Meta(max_length=ELEMENTS_MAX)]],
        Meta(max_length=FIELDS_PER_OP_MAX),
    ] = {}
    remove: Annotated[
        Mapping[Path, Annotated[tuple[str, ...], Meta(max_length=ELEMENTS_MAX)]],
        Meta(max_length=FIELDS_PER_OP_MAX),
    ] = {}
    withdraw: bool = False
    replaces: Id | None = None  # The op that this one mends; without any change, discards.
    words: Text = ""  # Why, said by a person who mends, discards or decides.


class Op(Edit, frozen=True, kw_only=True):
    """One edit as a device sends it, and as every one is kept."""

    n: N
    by: Id
    made: Made
    orig_n: N | None = None  # The number of the op that it replaces; this one is merged there.
    witness: bool = False  # Not an edit: `set` is what was pulled, and the server has no longer.


OutcomeName = Literal["applied", "conflict", "review", "held", "rejected"]


class Outcome(Wire, frozen=True, kw_only=True):
    """What became of one op, and where to see it.

    `scope` and `seq` are the position at which the device will hold the consequence: the
    record's own for `applied`, else the disposition's in `device:<id>`. `n` is the position
    in the batch; `id` is null when the line could not be read.
    """

    n: N
    id: Id | None
    outcome: OutcomeName
    scope: Scope | None = None
    seq: Seq | None = None
    version: Version | None = None
    problem: Problem | None = None
