"""A scope's head and digest as changes come in, and which scope a record lives in. Pure."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from schemas.kinds import KINDS
from sync.ids import read_id
from sync.record import MARK_SPAN, Json

ORG = "org"
OFFICE = "office"


class ScopeState(Struct, frozen=True):
    """`head`: the newest seq; `live`, `marks`: count and sum of marks mod 2⁶⁴ of live records."""

    id: str
    head: int
    live: int
    marks: int

    def after(self, *, seq: int, live: int, marks: int) -> "ScopeState":
        """After one change at `seq` that adds `live` records and `marks` to the sums."""
        return ScopeState(self.id, seq, self.live + live, (self.marks + marks) % MARK_SPAN)

    def digest(self) -> str:
        return f"{self.live}:{self.marks}"


def site_scope(site: UUID | str) -> str:
    return f"site:{site}"


def device_scope(device: UUID) -> str:
    return f"device:{device}"


def archive_scope(site: UUID | str) -> str:
    return f"archive:{site}"


def is_archive(scope: str) -> bool:
    return scope.startswith("archive:")


def site_of(scope: str) -> str:
    """The site's own scope, for what lies at the site or in its archive."""
    kind, _, site = scope.partition(":")
    return site_scope(site) if kind == "archive" else scope


def archive_of(scope: str) -> str:
    """The archive of a site's scope."""
    return archive_scope(scope.partition(":")[2])


def home_record(kind: str, data: Mapping[str, Json]) -> UUID | None:
    """The record (or site) whose place decides this record's, if its home names one."""
    home = KINDS[kind].home
    named = data.get(home.field) if home.by in ("record", "site", "device") else None
    if not isinstance(named, str):
        return None
    try:
        return read_id(named)
    except ValueError:
        return None


def fixed_scope(kind: str, id_: UUID, data: Mapping[str, Json]) -> str | None:
    """The scope, where it follows from the record alone; None: it follows its home record."""
    home = KINDS[kind].home
    named = home_record(kind, data)
    match home.by:
        case "org":
            return ORG
        case "office":
            return OFFICE
        case "self":
            return site_scope(id_)
        case "site":
            return site_scope(named) if named else None
        case "device":
            return device_scope(named) if named else None
        case "record":
            return None
