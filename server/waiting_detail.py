"""One change that waits, with both values of everything it would write. Rule: nothing is guessed.

What stood at its base is known where an op wrote it, or where nothing was written since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.forms import FormItem
from schemas.ops import Op
from schemas.waiting import WaitingChoice, WaitingDetail, WaitingField, Wrote
from server.errors import NotFound
from server.judging import Judge
from server.store import office, office_evidence, office_waiting, records
from server.store.office_waiting import OpenConflict
from server.store.office_waiting import Writing as StoredWriting
from server.waiting import (
    Page,
    Shown,
    Survey,
    answered_at,
    element_name,
    load_page,
    row_of,
    value_at,
    work_of,
)
from sync.access import decision_problem
from sync.consequences import is_accepted
from sync.lines import read_kept
from sync.record import Record, raw

BEHIND_SHOWN_MAX = 50
Value = Raw | UnsetType
Obstacle = Literal["", "unknown", "withdrawn", "elsewhere", "own", "held", "unread"]


class Opened(Struct, frozen=True):
    """What a decision over one change rests on."""

    shown: Shown
    page: Page
    op: Op | None
    record: Record | None
    work: Record | None  # The inspection that it is of.
    conflicts: Sequence[OpenConflict]
    obstacle: Obstacle
    may: tuple[WaitingChoice, ...]

    @property
    def needs_words(self) -> bool:
        """Accepted work is not changed without a reason."""
        return self.work is not None and is_accepted(self.work)


async def open_one(tx: AsyncConnection, judge: Judge, found: Survey, id_: UUID) -> Opened:
    """Raises `NotFound`, alike for what does not wait and for what is nobody's business here."""
    shown = found.of(id_)
    if shown is None:
        raise NotFound
    page = await load_page(tx, judge, [shown])
    op, record = page.sent.get(id_), page.record(shown)
    work = work_of(op, record, page) if op and shown.site else None
    conflicts = await office_waiting.load_conflicts_of(tx, id_) if shown.kind == "conflict" else ()
    obstacle = obstacle_of(shown, op, record, conflicts, found)
    if work is not None and is_accepted(work) and shown.site and not obstacle:
        writers = await office_evidence.load_device_writers(tx, work.id)
        own = decision_problem(
            found.reader.access,
            "accepted",
            site=shown.site.id,
            carried_out_by=writers | {UUID(str(work.data["inspector"]))},
        )
        obstacle = "own" if own is not None else ""
    may = choices(shown, obstacle, found)
    return Opened(shown, page, op, record, work, conflicts, obstacle, may)


def obstacle_of(
    shown: Shown,
    op: Op | None,
    record: Record | None,
    conflicts: Sequence[OpenConflict],
    found: Survey,
) -> Obstacle:
    """Why it cannot be applied here, whatever is decided."""
    if op is None:
        return "unread"
    if shown.kind == "held":
        return "held"
    if any(found.reader.sites.of_scope(one.scope) is None for one in conflicts):
        return "elsewhere"
    if shown.site is None or (record is None and not op.new):
        return "unknown"
    return "withdrawn" if record is not None and record.withdrawn else ""


def choices(shown: Shown, obstacle: Obstacle, found: Survey) -> tuple[WaitingChoice, ...]:
    """The decisions that this reader has. What cannot be applied can still be let go."""
    access, site = found.reader.access, shown.site
    if site is None:  # Shown because its sender works where this reader mends.
        return ("discard",)
    if shown.kind == "conflict":
        if not access.may("decide", site=site.id):
            return ()
        return ("discard",) if obstacle else ("decide",)
    if not access.may("mend", site=site.id):
        return ()
    return ("discard",) if obstacle else ("apply", "discard")


# --- The whole ---


async def show_one(tx: AsyncConnection, judge: Judge, found: Survey, id_: UUID) -> WaitingDetail:
    one = await open_one(tx, judge, found, id_)
    shown, op, record = one.shown, one.op, one.record
    writings = await office_waiting.load_writings(tx, record.id) if record else []
    items = one.page.items_of(shown)
    fields = tuple(fields_of(one, writings, items, found)) if op else ()
    rows = [row for id_ in shown.behind[:BEHIND_SHOWN_MAX] if (row := found.of(id_))]
    behind = await load_page(tx, judge, rows) if rows else None
    told = await office_waiting.load_told(tx, [shown.op])
    now = told.get(shown.op.id)
    problem = now.problem if now else None
    return WaitingDetail(
        row=row_of(shown, one.page, found.reader),
        base=op.base if op else 0,
        is_new=bool(op and op.new),
        is_withdrawal=bool(op and op.withdraw),
        fields=fields,
        problem=None if shown.site is None and shown.kind == "review" else problem,
        inspection=one.work.id if one.work and is_readable(one.work, found) else None,
        cause=now.cause if now else None,
        behind=tuple(row_of(row, behind, found.reader) for row in rows) if behind else (),
        names=await load_names(tx, found, fields),
        seen={record.id: record.version} if record else {},
        obstacle=one.obstacle,
        needs_words=one.needs_words,
        may=one.may,
    )


def is_readable(record: Record, found: Survey) -> bool:
    return found.reader.sites.of_scope(record.scope) is not None


# --- Values ---


def wanted(op: Op) -> dict[str, Value]:
    """What the change would write, path by path; null of what it removes."""
    found: dict[str, Value] = dict(op.set)
    for path, elements in op.add.items():
        found |= {f"{path}.{key}": raw for key, raw in elements.items()}
    for path, keys in op.remove.items():
        found |= {f"{path}.{key}": Raw(b"null") for key in keys}
    return found


def fields_of(
    one: Opened,
    writings: Sequence[StoredWriting],
    items: Mapping[str, FormItem],
    found: Survey,
) -> Iterator[WaitingField]:
    """Disputed paths first, then what else the change wrote or would write."""
    assert one.op is not None, "was read"
    wants = wanted(one.op)
    disputed = [conflict.path for conflict in one.conflicts]
    removed = {f"{path}.{key}" for path, keys in one.op.remove.items() for key in keys}
    sent = [(op, writing) for writing in writings if (op := read_kept(writing.payload))]
    for conflict in one.conflicts:
        is_here = found.reader.sites.of_scope(conflict.scope) is not None
        yield field(
            one,
            conflict.path,
            Raw(conflict.theirs.encode()),
            sent,
            items,
            conflict=conflict.id,
            is_here=is_here,
            is_removed=conflict.path in removed,
        )
    for path, value in wants.items():
        if not any(name == path or name.startswith(f"{path}.") for name in disputed):
            is_here = one.shown.site is not None
            yield field(one, path, value, sent, items, is_here=is_here, is_removed=path in removed)


Sent = Sequence[tuple[Op, StoredWriting]]


def field(
    one: Opened,
    path: str,
    theirs: Value,
    sent: Sent,
    items: Mapping[str, FormItem],
    *,
    conflict: UUID | None = None,
    is_here: bool,
    is_removed: bool,
) -> WaitingField:
    parts = path.split(".")
    made = WaitingField(
        path=path,
        conflict=conflict,
        theirs=theirs,
        is_removed=is_removed,
        item=items.get(answered_at(parts)),
        element=element_name(one.record, parts),
    )
    record = one.record
    if record is None or not is_here:
        return made
    before, before_by = stood_before(record, path, one.op.base if one.op else 0, sent)
    return msgspec.structs.replace(
        made,
        before=before,
        before_by=before_by,
        ours=raw(value_at(record.data, path)),
        ours_by=last_writer(record, path, sent),
    )


def stamp_version(record: Record, path: str) -> int:
    """When the path, or anything in it, was written last."""
    inside = (
        stamp.version
        for name, stamp in record.stamps.items()
        if name == path or name.startswith(f"{path}.")
    )
    return max(inside, default=0)


def stood_before(record: Record, path: str, base: int, sent: Sent) -> tuple[Value, Wrote | None]:
    """What was on the screen of whoever sent the change, and who had written it."""
    if base == 0:
        return Raw(b"null"), None
    if stamp_version(record, path) <= base:
        return raw(value_at(record.data, path)), last_writer(record, path, sent)
    for op, writing in sent:
        if writing.version is None or writing.version > base:
            continue
        value = wanted(op).get(path)
        if value is not None:
            return value, wrote(op, writing)
    return UNSET, None


def last_writer(record: Record, path: str, sent: Sent) -> Wrote | None:
    """Who wrote what stands now."""
    stamps = [
        stamp
        for name, stamp in record.stamps.items()
        if name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.")
    ]
    if not stamps:
        return None
    newest = max(stamps, key=lambda stamp: stamp.version)
    return next((wrote(op, w) for op, w in sent if w.id == newest.op), None)


def wrote(op: Op, writing: StoredWriting) -> Wrote:
    return Wrote(
        person_name=writing.person_name or "",
        device_name=writing.device_name or "",
        is_office=writing.origin == "office",
        made_at=op.made.wall,
        at=writing.received_at,
    )


# --- Names ---


async def load_names(
    tx: AsyncConnection, found: Survey, fields: Iterable[WaitingField]
) -> dict[UUID, str]:
    """What the ids among the values are called, of what the reader may read."""
    named = {
        id_
        for one in fields
        for value in (one.before, one.ours, one.theirs)
        if (id_ := as_id(value)) is not None
    }
    if not named:
        return {}
    located = await records.locate(tx, named)
    here = {id_: at for id_, at in located.items() if found.reader.sites.of_scope(at.scope)}
    names = {
        id_: str(record.data.get("name") or "")
        for id_, record in (await records.load(tx, here)).items()
    }
    return {id_: name for id_, name in names.items() if name} | await office.load_names(
        tx, named - located.keys()
    )


def as_id(value: Value) -> UUID | None:
    if isinstance(value, UnsetType):
        return None
    decoded = msgspec.json.decode(value)
    try:
        return UUID(decoded) if isinstance(decoded, str) else None
    except ValueError:
        return None


def differing_paths(record: Record, op: Op, seen: int) -> list[str]:
    """The paths of a change that somebody wrote after they were seen."""
    return [path for path in wanted(op) if stamp_version(record, path) > seen]
