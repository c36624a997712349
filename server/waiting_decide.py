"""Decide over a change that waits: as one op in its place. Rule: over what was seen, or not at all.

Nothing is reopened by it. Into accepted work a person in the office writes with a reason, and what
the asset keeps of that inspection follows; who carried the work out does not.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Raw, UnsetType
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from schemas.office_writes import OfficeOp
from schemas.ops import Op
from schemas.problems import Difference, FieldProblem
from schemas.waiting import Taken, WaitingDecided, WaitingDecision
from server.cases import gather_case, paths_of
from server.clock import Clock
from server.database import Database
from server.judging import Judge
from server.office import NOT_BY_HAND, Done, invalid, write
from server.store import scopes
from server.store.office_waiting import OpenConflict
from server.waiting import survey, value_at
from server.waiting_detail import Opened, differing_paths, open_one, wanted
from sync import review
from sync.access import Access, OwnInspection, writer_problem
from sync.changes import read_changes
from sync.errors import NotPermitted, VersionMovedOn
from sync.merge import Writer, merge
from sync.record import Record, raw, raws

NULL = Raw(b"null")


async def settle_waiting(
    database: Database,
    clock: Clock,
    judge: Judge,
    asked: WaitingDecision,
    *,
    op: UUID,
    person: UUID,
    epoch: int,
) -> tuple[WaitingDecided, Done]:
    """Write the decision. Raises what stands in the way; then nothing is kept."""
    left = 0

    async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
        nonlocal left
        found = await survey(tx, access)
        one = await open_one(tx, judge, found, op)
        if one.record is not None and one.shown.site is not None:
            # What was checked is what is written on: read again under the lock.
            await scopes.lock(tx, {one.record.scope}, epoch=epoch)
            one = await open_one(tx, judge, found, op)
        demand(one, asked)
        check_seen(one, asked)
        if asked.conflicts:
            edit, left = decision(one, asked, clock)
        elif asked.discard:
            edit = letting_go(one, asked, clock)
        else:
            edit = applying(one, asked, access, clock)
        edits: tuple[OfficeOp, ...] = (edit,)
        if one.needs_words and paths_of_edit(edit):
            edits += await carried_on(tx, judge, access, one, edit, clock)
        return edits

    done = await write(database, clock, person=person, epoch=epoch, decide=work)
    return WaitingDecided(op=op, left=left), done


# --- What has to be so ---


def demand(one: Opened, asked: WaitingDecision) -> None:
    """Raise unless this is one decision, that this person has."""
    wishes = {"decide": bool(asked.conflicts), "apply": asked.apply, "discard": asked.discard}
    wished = [choice for choice, is_wished in wishes.items() if is_wished]
    if len(wished) != 1:
        raise invalid("apply", "exactly one of `conflicts`, `apply` and `discard` is asked for")
    if one.obstacle == "own" and wished != ["discard"]:
        raise OwnInspection
    if wished[0] not in one.may:
        raise NotPermitted
    if not asked.words.strip() and (one.needs_words or asked.discard):
        raise invalid("words", "say why: it is written into the history, and told to the sender")


def check_seen(one: Opened, asked: WaitingDecision) -> None:
    """Raise `VersionMovedOn` with both values where a path was written after it was seen."""
    record, op = one.record, one.op
    if record is None or op is None:
        return
    seen = asked.seen.get(record.id)
    if seen is None:
        raise invalid("seen", "names the version that was on the screen")
    if asked.discard:
        return
    paths = differing_paths(record, op, seen)
    if paths:
        wants = wanted(op)
        raise VersionMovedOn(
            "look at both values and decide again",
            fields=tuple(
                FieldProblem(field=path, detail="was changed meanwhile") for path in paths
            ),
            differences=tuple(
                Difference(
                    record=record.id,
                    path=path,
                    ours=raw(value_at(record.data, path)),
                    theirs=value if not isinstance(value := wants[path], UnsetType) else NULL,
                )
                for path in paths
            ),
        )


# --- Conflicts ---


def decision(one: Opened, asked: WaitingDecision, clock: Clock) -> tuple[OfficeOp, int]:
    """Write the paths that are decided, and how many conflicts are left open."""
    assert one.op is not None and one.record is not None, "a conflict is on a record"
    by_id = {conflict.id: conflict for conflict in one.conflicts}
    for taken in asked.conflicts:
        if taken.id not in by_id:
            raise invalid("conflicts", f"{taken.id} is no open conflict of this change")
    left = len(by_id) - len({taken.id for taken in asked.conflicts})
    edit = OfficeOp(
        id=clock.new_id(),
        kind=one.record.kind,
        record=one.record.id,
        base=one.record.version,
        replaces=one.shown.op.id,
        words=asked.words,
    )
    if not left and all(taken.take == "ours" for taken in asked.conflicts):
        return edit, 0  # Nothing is written: what stands stays.
    for taken in asked.conflicts:
        edit = with_taken(edit, one.record, by_id[taken.id], taken)
    return edit, left


def with_taken(edit: OfficeOp, record: Record, conflict: OpenConflict, taken: Taken) -> OfficeOp:
    """The op with one path more: what stands is written as it is, so that it is decided too."""
    path, stands = conflict.path, value_at(record.data, conflict.path)
    value = raw(stands) if taken.take == "ours" else Raw(conflict.theirs.encode())
    if taken.take == "value":
        if isinstance(taken.value, UnsetType):
            raise invalid("conflicts", "`value` goes with what is taken")
        value = taken.value
    name, *rest = path.split(".")
    field = KINDS[record.kind].fields.get(name)
    if field is None or field.rule != "grow":
        return msgspec.structs.replace(edit, set={**edit.set, path: value})
    element = rest[0]
    if len(rest) > 1:
        if value_at(record.data, f"{name}.{element}") is None:
            raise invalid(path, "is in an element that was removed; let stand what stands")
        return msgspec.structs.replace(edit, set={**edit.set, path: value})
    if bytes(value) == b"null":
        removed = (*edit.remove.get(name, ()), element)
        return msgspec.structs.replace(edit, remove={**edit.remove, name: removed})
    added = {**edit.add.get(name, {}), element: value}
    return msgspec.structs.replace(edit, add={**edit.add, name: added})


# --- Letting go, and writing it after all ---


def letting_go(one: Opened, asked: WaitingDecision, clock: Clock) -> OfficeOp:
    """An op that changes nothing: what the sender wrote stays in the history alone.

    It names no record: it needs none, and one of another site is not to be touched.
    """
    return OfficeOp(
        id=clock.new_id(),
        kind=one.shown.op.kind or "asset",
        record=clock.new_id(),
        replaces=one.shown.op.id,
        words=asked.words,
    )


def applying(one: Opened, asked: WaitingDecision, access: Access, clock: Clock) -> OfficeOp:
    """The change as the office's own, on what stands now; `values` stand in for its values."""
    op, record, site = one.op, one.record, one.shown.site
    assert op is not None and site is not None, "was demanded"
    for path in asked.values:
        if path not in op.set:
            raise invalid(path, "is not written by this change")
    demand_fields(op, access, site.id)
    return OfficeOp(
        id=clock.new_id(),
        kind=op.kind,
        record=op.record,
        base=record.version if record else 0,
        new=op.new and record is None,
        parent=op.parent,
        set={**op.set, **asked.values},
        add=op.add,
        remove=op.remove,
        withdraw=op.withdraw,
        replaces=one.shown.op.id,
        words=asked.words,
    )


def demand_fields(op: Op, access: Access, site: UUID) -> None:
    """What a device may not write is written by whoever may in the office, and by hand. Raises."""
    fields = KINDS[op.kind].fields if op.kind in KINDS else {}
    for name in sorted({path.partition(".")[0] for path in paths_of(op)}):
        field = fields.get(name)
        if field is None or field.device:
            continue
        if why := NOT_BY_HAND.get((op.kind, name)):
            raise invalid(name, why)
        problem = writer_problem(access, kind=op.kind, field=name, site=site)
        if problem is not None:
            raise problem


# --- Accepted work ---


def paths_of_edit(edit: OfficeOp) -> bool:
    return bool(edit.set or edit.add or edit.remove or edit.withdraw)


async def carried_on(
    tx: AsyncConnection,
    judge: Judge,
    access: Access,
    one: Opened,
    edit: OfficeOp,
    clock: Clock,
) -> tuple[OfficeOp, ...]:
    """What the asset keeps of an accepted inspection, as it is after the change."""
    work = one.work
    assert work is not None, "accepted work"
    found = await gather_case(tx, judge, access, work.id, now=clock.now())
    if access.person in found.carried_out_by:
        raise OwnInspection
    case = found.case
    kept = review.last_of(case.asset)
    last = kept.get(case.template)
    if last is None or last.inspection != work.id or edit.record != work.id:
        return ()
    after = msgspec.structs.replace(case, inspection=merged(case.inspection, edit, access, clock))
    fresh = review.last_inspection(after, review.judge(after), clock.now())
    if fresh == last:
        return ()
    changed: Mapping[str, object] = {**kept, case.template: fresh}
    return (
        OfficeOp(
            id=clock.new_id(),
            kind="asset",
            record=case.asset.id,
            base=case.asset.version,
            set=raws({"last": changed}),
        ),
    )


def merged(record: Record, edit: OfficeOp, access: Access, clock: Clock) -> Record:
    """The record as the planner will have it after `edit`, which saw it as it is."""
    op = msgspec.convert(
        {
            **{name: getattr(edit, name) for name in edit.__struct_fields__},
            "n": 1,
            "by": access.person,
            "made": {"wall": clock.now(), "session": access.person},
        },
        Op,
    )
    writer = Writer(
        lineage=edit.id, n=1, op=edit.id, base=record.version, version=record.version + 1
    )
    return merge(record, read_changes(op, from_device=False), writer).record
