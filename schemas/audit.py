"""Whether what is kept is what was received, as the office sees it. Rule: no foreign name is told.

A broken place of a writer whom the reader may not know is counted in `elsewhere` and not listed.
"""

from datetime import date
from typing import Literal

from schemas.base import Count, Epoch, Id, Instant, Line, Name, Sha256, Wire
from schemas.people import DeviceState
from schemas.pull import AnchorSeen

ChainFault = Literal[
    "altered",
    "missing",
    "cut",
    "stranger",
    "root",
    "rewritten",
    "witness",
    "changed",
    "unwritten",
    "gone",
    "unrooted",
    "rekeyed",
    "unrecorded",
]
WriterKind = Literal["", "device", "office", "server", "unknown"]
# What a device holds: the same root; another one; one that a restore took away; none that it told.
Vouches = Literal["agrees", "differs", "restored", "silent"]


class DayRoot(Wire, frozen=True, kw_only=True):
    """What all chains had come to on a day, in UTC."""

    epoch: Epoch
    day: date
    root: Sha256
    writers: Count  # Whose chains had gone on since the root before.
    made_at: Instant


class DeviceVouching(Wire, frozen=True, kw_only=True):
    """What a device last said that it holds."""

    id: Id
    name: Name
    person_name: Name
    state: DeviceState
    seen_at: Instant | None = None
    held: AnchorSeen | None = None
    verdict: Vouches


class BrokenPlace(Wire, frozen=True, kw_only=True):
    """One place that is not what it was; protocol.md, Audit, says what each fault means.

    `n` is the op's number in its writer's chain, `record` what it is about, where that is known
    and the reader may read it; `field` what of it differs. `times` counts the days whose root
    names the same chain.
    """

    fault: ChainFault
    writer: WriterKind = ""
    lineage: Id | None = None
    person_name: Line = ""
    device_name: Line = ""
    n: Count | None = None
    day: date | None = None
    times: Count = 1
    record_kind: Line = ""
    record: Id | None = None
    field: Line = ""
    title: Line = ""
    site_name: Line = ""
    received_at: Instant | None = None


class ChainLook(Wire, frozen=True, kw_only=True):
    """A look that ended. `broken` counts all places, wherever their writers are.

    A seal that does not verify is no such place: it may have come so, and each is told where it is
    shown.
    """

    begun_at: Instant
    ended_at: Instant
    asked_by_name: Line = ""  # Empty where it came by itself, or from somebody unknown here.
    by_itself: bool = False
    writers: Count
    ops: Count
    roots: Count
    witnesses: Count
    forgotten: Count = 0  # Roots that only devices know since a restore.
    seals: Count = 0  # Of signatures, whatever they are worth.
    seals_broken: Count = 0  # That do not verify, those counted next among them.
    seals_unrecorded: Count = 0  # By a key that is in no record of its device.
    broken: Count = 0
    places: tuple[BrokenPlace, ...] = ()
    elsewhere: Count = 0  # Places that are not listed.


class LookUnderWay(Wire, frozen=True, kw_only=True):
    """`failing` is tried again by itself; `given-up` has to be asked for again."""

    state: Literal["waiting", "running", "failing", "given-up"]
    since: Instant
    done: Count = 0
    ahead: Count = 0  # Ops and records, when it began.


class LostFile(Wire, frozen=True, kw_only=True):
    """A photo or file that the server has no more. `record` is what it belongs to."""

    id: Id
    record_kind: Line
    record: Id
    title: Line = ""
    site_name: Line = ""
    name: Line = ""
    bytes: Count
    taken_at: Instant | None = None
    waiting: bool = False  # A restore lacked it: who still holds it is asked for it again.


class BackupState(Wire, frozen=True, kw_only=True):
    """When the newest backup was whole. `late`: no other was in time, whatever kept it."""

    made_at: Instant | None = None
    scheduled: bool = False
    late: bool = False


class OfficeAudit(Wire, frozen=True, kw_only=True):
    """`GET /office/audit`. The newest roots first; devices of people that the reader may know.

    `lost_total` counts stored files that are lost, wherever and whatever they are; `lost_files` are
    photos and files of the reader's sites. `backup` is null where none is made, or ever was.
    """

    roots: tuple[DayRoot, ...] = ()
    roots_total: Count = 0
    devices: tuple[DeviceVouching, ...] = ()
    last: ChainLook | None = None
    now: LookUnderWay | None = None
    lost_files: tuple[LostFile, ...] = ()
    lost_total: Count = 0
    lost_elsewhere: Count = 0  # Those that are not listed.
    backup: BackupState | None = None
