"""What the office is told of the audit. Rule: a writer is named to those who know them anyway.

That is: to administrators everybody, to others who is granted at a site where they may audit. The
record of an op is named where the reader may read its site.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.audit import (
    BackupState,
    BrokenPlace,
    ChainLook,
    DayRoot,
    DeviceVouching,
    LookUnderWay,
    LostFile,
    OfficeAudit,
    Vouches,
    WriterKind,
)
from schemas.pull import AnchorSeen
from server.audit import audit_lineage
from server.backups.lost import lost_lineage
from server.backups.state import State
from server.gather import load_with_references
from server.looks import ASKED, KIND
from server.office import office_lineage
from server.store import audit as chains
from server.store import devices, installation, looks, office, office_waiting, people, records
from server.store import lost as store_lost
from server.store.audit import KeptOp
from server.store.devices import StoredDevice
from server.store.installation import Installation
from server.store.looks import AskedLook, KeptLook
from server.store.lost import LostAttachment
from server.store.office import Sites
from sync.access import Access
from sync.audit import Broken
from sync.record import Record

ROOTS_SHOWN_MAX = 14
PLACES_SHOWN_MAX = 200
NAMED_BY = ("name", "asset", "of", "parent", "inspection", "site")
NAMED_THROUGH_MAX = 8


class Writer(Struct, frozen=True):
    """Whose chain it is."""

    kind: WriterKind
    person: UUID | None = None
    device: str = ""


class Circle(Struct, frozen=True):
    """Whom and what the reader may know of. `known` is null for everybody."""

    sites: Sites
    known: frozenset[UUID] | None
    names: Mapping[UUID, str]
    devices: Mapping[UUID, StoredDevice]
    writers: Mapping[UUID, Writer]

    def knows(self, person: UUID | None) -> bool:
        return self.known is None or person in self.known

    def name(self, person: UUID | None) -> str:
        return self.names.get(person, "") if person and self.knows(person) else ""


async def load_circle(tx: AsyncConnection, access: Access, made: Installation) -> Circle:
    sites = await office.load_sites(tx, access)
    known: frozenset[UUID] | None = None
    if not access.is_administrator:
        audited = access.sites_where("audit") & sites.by_id.keys()
        near = await office_waiting.load_near(tx, audited) if audited else {}
        known = frozenset(near) | {access.person}
    names = {one.id: one.name for one in await people.load_all(tx)}
    found = await devices.load_all(tx)
    writers = {office_lineage(person): Writer("office", person) for person in names}
    # The newest first: a lineage that goes on under a new credential is that device's.
    for one in reversed(found):
        writers[one.lineage_id] = Writer("device", one.person_id, one.name)
    writers[audit_lineage(made.id)] = Writer("server")
    for lineage in await chains.load_server_lineages(tx):
        writers.setdefault(lineage, Writer("server"))
    return Circle(sites, known, names, {one.id: one for one in found}, writers)


async def view(tx: AsyncConnection, access: Access, backups: State) -> OfficeAudit:
    """Everything that this reader is shown."""
    made = await installation.load(tx)
    assert made is not None, "nobody is signed in before there is one"
    circle = await load_circle(tx, access, made)
    roots = await chains.load_roots(tx)
    last = await looks.load_last(tx, ended=True)
    running = await looks.load_last(tx, ended=False)
    asked = await looks.load_asked(tx, KIND, ASKED)
    lineage = lost_lineage(made.id)
    lost = await store_lost.load_lost(tx, lineage, circle.sites, limit=PLACES_SHOWN_MAX)
    lost_total = await store_lost.count_lost(tx, lineage)
    named = await load_records(tx, {one.parent for one in lost})
    return OfficeAudit(
        roots=tuple(
            DayRoot(
                epoch=one.epoch,
                day=one.day,
                root=one.root.hex(),
                writers=len(one.heads),
                made_at=one.made_at,
            )
            for one in await chains.load_newest_roots(tx, limit=ROOTS_SHOWN_MAX)
        ),
        roots_total=len(roots),
        devices=tuple(vouching(circle, roots, made.epoch)),
        last=await look_of(tx, circle, last) if last else None,
        now=under_way(running, asked),
        lost_files=tuple(lost_file(one, circle.sites, named) for one in lost),
        lost_total=lost_total,
        lost_elsewhere=lost_total - len({one.sha256 for one in lost}),
        backup=backup_told(backups),
    )


def under_way(running: KeptLook | None, asked: AskedLook | None) -> LookUnderWay | None:
    """The look that has not ended, whoever asked for it."""
    if asked is not None and asked.is_given_up:
        return LookUnderWay(state="given-up", since=asked.due_at)
    if asked is not None and asked.has_failed:
        return LookUnderWay(state="failing", since=asked.due_at)
    if running is not None:
        since, done, ahead = running.begun_at, running.ops, running.ahead
        return LookUnderWay(state="running", since=since, done=done, ahead=max(done, ahead))
    return LookUnderWay(state="waiting", since=asked.due_at) if asked else None


# --- Stored files and their backups ---


def backup_told(state: State) -> BackupState | None:
    if state.made_at is None and not state.is_scheduled:
        return None
    return BackupState(made_at=state.made_at, scheduled=state.is_scheduled, late=state.is_late)


def lost_file(one: LostAttachment, sites: Sites, named: Mapping[UUID, Record]) -> LostFile:
    site, record = sites.of_scope(one.scope_id), named.get(one.parent)
    return LostFile(
        id=one.id,
        record_kind=one.parent_kind,
        record=one.parent,
        title=title_of(record, named, sites) if record else "",
        site_name=site.name if site else "",
        name=one.name or "",
        bytes=one.bytes,
        taken_at=one.taken_at,
        waiting=one.received_at is None,
    )


# --- Devices ---


def vouching(
    circle: Circle, roots: Mapping[tuple[int, date], str], epoch: int
) -> Iterable[DeviceVouching]:
    """Devices at work, and those of old whose root is another; what differs first."""
    rows = [
        DeviceVouching(
            id=one.id,
            name=one.name,
            person_name=circle.names.get(one.person_id, ""),
            state=one.state,
            seen_at=one.seen_at,
            held=one.report.anchor,
            verdict=verdict(one.report.anchor, roots, epoch),
        )
        for one in circle.devices.values()
        if circle.knows(one.person_id)
    ]
    shown = [one for one in rows if one.state != "dead" or one.verdict == "differs"]
    return sorted(shown, key=lambda one: one.verdict != "differs")


def verdict(held: AnchorSeen | None, roots: Mapping[tuple[int, date], str], epoch: int) -> Vouches:
    """The same words as `sync.audit.check_witnesses` has, for one device."""
    if held is None:
        return "silent"
    here = roots.get((held.epoch, held.day))
    if here is None and held.epoch < epoch:
        return "restored"
    return "agrees" if here == held.root else "differs"


# --- What a look found ---


async def look_of(tx: AsyncConnection, circle: Circle, look: KeptLook) -> ChainLook:
    """A look as this reader may know it."""
    seen = [one for one in look.places if is_known(one, circle)]
    # Where more was broken than is kept, the rest is somewhere.
    merged = joined(seen)[:PLACES_SHOWN_MAX]
    hidden = look.broken - sum(times for _, times in merged)
    named_ops = [(one.lineage, one.n) for one, _ in merged if one.lineage and one.n]
    kept = await chains.load_ops(tx, named_ops)
    about = {one.record for one, _ in merged} | {one.record for one in kept.values()}
    named = await load_records(tx, {id_ for id_ in about if id_ is not None})
    assert look.ended_at is not None, "only a look that ended found something"
    return ChainLook(
        begun_at=look.begun_at,
        ended_at=look.ended_at,
        asked_by_name=circle.name(look.asked_by),
        by_itself=look.asked_by is None,
        writers=look.writers,
        ops=look.ops,
        roots=look.roots,
        witnesses=look.witnesses,
        forgotten=look.forgotten,
        seals=look.seals,
        seals_broken=look.seals_broken,
        seals_unrecorded=look.seals_unrecorded,
        broken=look.broken,
        places=tuple(place(one, times, circle, kept, named) for one, times in merged),
        elsewhere=hidden,
    )


def is_known(one: Broken, circle: Circle) -> bool:
    """Whether the reader may be told whose it is."""
    if circle.known is None:
        return True
    if one.device is not None:
        device = circle.devices.get(one.device)
        return device is not None and circle.knows(device.person_id)
    if one.lineage is None:
        return True
    writer = circle.writers.get(one.lineage)
    return writer is not None and (writer.kind == "server" or circle.knows(writer.person))


def joined(broken: Iterable[Broken]) -> list[tuple[Broken, int]]:
    """A chain that was made anew is named by each root since: told once, with how many."""
    found: dict[object, tuple[Broken, int]] = {}
    for at, one in enumerate(broken):
        key: object = one.lineage if one.fault == "rewritten" else at
        first, times = found.get(key, (one, 0))
        found[key] = (first, times + 1)
    return list(found.values())


async def load_records(tx: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, Record]:
    """The records that places are about, with those that name them."""
    found = await load_with_references(tx, await records.locate(tx, ids))
    # A photo names its inspection, which names the asset.
    return found | await load_with_references(tx, await records.locate(tx, found.keys()))


def place(
    one: Broken,
    times: int,
    circle: Circle,
    kept: Mapping[tuple[UUID, int], KeptOp],
    named: Mapping[UUID, Record],
) -> BrokenPlace:
    writer = circle.writers.get(one.lineage, Writer("unknown")) if one.lineage else Writer("")
    device = circle.devices.get(one.device) if one.device else None
    if device is not None:
        writer = Writer("device", device.person_id, device.name)
    op = kept.get((one.lineage, one.n)) if one.lineage and one.n else None
    about = one.record or (op.record if op else None)
    record = named.get(about) if about else None
    site = circle.sites.of_scope(record.scope) if record else None
    return BrokenPlace(
        fault=one.fault,
        writer=writer.kind,
        lineage=one.lineage,
        person_name=circle.name(writer.person),
        device_name=writer.device,
        n=one.n,
        day=one.day,
        times=times,
        record_kind=record.kind if record and site else "",
        record=record.id if record and site else None,
        field=one.field if record and site else "",
        title=title_of(record, named, circle.sites) if record and site else "",
        site_name=site.name if site else "",
        received_at=op.received_at if op else None,
    )


def title_of(record: Record, named: Mapping[UUID, Record], sites: Sites) -> str:
    """The name of the asset or place that it is about, as far as the reader may read it."""
    found: Record | None = record
    for _ in range(NAMED_THROUGH_MAX):
        if found is None or sites.of_scope(found.scope) is None:
            return ""
        name = found.data.get("name")
        if isinstance(name, str):
            return name
        found = next((up for up in above(found, named)), None)
    return ""


def above(record: Record, named: Mapping[UUID, Record]) -> Collection[Record]:
    values = [record.data.get(field) for field in NAMED_BY]
    ids = [UUID(value) for value in values if isinstance(value, str) and len(value) == 36]
    return [named[id_] for id_ in ids if id_ in named]
