"""What a server says, as docs/protocol.md has it. Rule: read leniently; a check judges, not this.

Members that are not known here are passed over, and whatever cannot be read at all is `Broken`.
"""

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Struct

Json: TypeAlias = object  # None, bool, int, float, str, list or dict of such.
Fields: TypeAlias = Mapping[str, object]
Read = TypeVar("Read", bound=Struct)


class Broken(Exception):
    """An answer that is none of this protocol."""


class FieldProblem(Struct, frozen=True):
    field: str
    detail: str = ""


class Problem(Struct, frozen=True):
    """Problem details (RFC 9457). `slug` is the last word of the type."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()
    supported: tuple[int, ...] = ()

    @property
    def slug(self) -> str:
        return self.type.rpartition("/")[2]


class Discovery(Struct, frozen=True):
    protocols: tuple[int, ...]
    epoch: int
    server_time: str


class Enrolled(Struct, frozen=True):
    device: str
    credential: str
    person: str
    lineage: str
    epoch: int
    next_n: int


class Outcome(Struct, frozen=True):
    n: int
    id: str | None
    outcome: str
    scope: str | None = None
    seq: int | None = None
    version: int | None = None
    problem: Problem | None = None


class Gap(Struct, frozen=True):
    from_n: int
    to_n: int


class Pushed(Struct, frozen=True):
    """The answer to a push."""

    epoch: int
    outcomes: tuple[Outcome, ...] = ()
    heads: Mapping[str, int] = {}
    last_acked: str | None = None
    void: tuple[Gap, ...] = ()


class ScopeState(Struct, frozen=True):
    scope: str
    head: int
    left: int = 0
    digest: str | None = None


class Start(Struct, frozen=True):
    epoch: int
    scopes: tuple[ScopeState, ...] = ()


class Row(Struct, frozen=True):
    """A `record` or `gone` line, and its bytes as they came. `reason` is there of `gone` alone."""

    t: str
    scope: str
    seq: int
    kind: str
    id: str
    version: int
    data: Mapping[str, Json] = {}
    reason: str | None = None
    raw: bytes = b""


class End(Struct, frozen=True):
    token: str
    more: bool = False


class Tagged(Struct, frozen=True):
    t: str


class Page(Struct, frozen=True):
    start: Start
    rows: tuple[Row, ...]
    end: End


def read(body: bytes, type_: type[Read]) -> Read:
    """Decode a struct. Raises `Broken`."""
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Broken(f"{type_.__name__}: {error}") from None


def read_page(body: bytes) -> Page:
    """A page of a pull, whole: begun by `start`, ended by `end`. Raises `Broken`."""
    lines = body.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    start: Start | None = None
    end: End | None = None
    rows = []
    for line in lines:
        tag = read(line, Tagged)
        if end is not None:
            raise Broken("something follows the line `end`")
        if (start is None) != (tag.t == "start"):
            raise Broken("a page begins with one line `start`")
        match tag.t:
            case "start":
                start = read(line, Start)
            case "end":
                end = read(line, End)
            case "record" | "gone":
                rows.append(msgspec.structs.replace(read(line, Row), raw=line))
    if start is None:
        raise Broken("there is no line `start`")
    # Under another epoch than the device's `start` is all there is.
    return Page(start, tuple(rows), end or End(token=""))
