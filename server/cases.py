"""The case before a reviewer: everything a decision over an inspection rests on, under one lock.

Rule: gathered in the transaction that decides, after the lock, so that what was checked is what
is written on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.asset import LastInspection
from schemas.kinds.inspection import Review
from schemas.office import InspectionStep
from schemas.office_writes import Decided, Decision, OfficeOp, Undo
from schemas.ops import Op
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.judging import Judge, local_day
from server.office import Done, Follow, nothing_follows, write
from server.store import office, office_evidence, office_inspections, records, scopes
from server.store.office import Site, Sites
from server.store.office_evidence import StoredWrite
from server.store.office_inspections import Inspected, InspectionFilter
from sync import review
from sync.access import Access, decision_problem
from sync.consequences import inspection_state
from sync.record import Json, Record, same
from sync.review import Case, NothingToUndo, Reviewer

CHILDREN = (("attachment", "parent"), ("signature", "of"), ("finding", "inspection"))
OP = msgspec.json.Decoder(Op)
REVIEW = msgspec.json.Decoder(Review | None)


class Gathered(Struct, frozen=True):
    """A case, where it is, what was written on it, and the accepted inspection before it."""

    case: Case
    site: Site
    sites: Sites
    history: Sequence[StoredWrite]
    before: LastInspection | None
    reviews: tuple[Review | None, ...]  # What the office wrote, the newest first.
    device_writers: frozenset[UUID]

    @property
    def carried_out_by(self) -> frozenset[UUID]:
        """Everybody who wrote in it on a device, or an answer of it anywhere, and its inspector."""
        inspection = self.case.inspection
        menders = {
            one.person_id
            for one in self.history
            if one.record_id == inspection.id and one.person_id and is_author(one, self.history)
        }
        return self.device_writers | menders | {UUID(str(inspection.data["inspector"]))}


def op_of(one: StoredWrite) -> Op | None:
    """The op as it was received; None where that could not be read."""
    try:
        return OP.decode(one.payload)
    except msgspec.DecodeError:
        return None


def paths_of(op: Op) -> tuple[str, ...]:
    """The paths that an op writes, elements named one by one."""
    added = (f"{path}.{key}" for path, elements in op.add.items() for key in elements)
    removed = (f"{path}.{key}" for path, keys in op.remove.items() for key in keys)
    return (*op.set, *added, *removed)


def is_answer(path: str) -> bool:
    return path.partition(".")[0] in ("answers", "elements")


def is_author(one: StoredWrite, history: Sequence[StoredWrite]) -> bool:
    """Whether an answer in it is the writer's own.

    Who decides between two values, or lets a late one in, takes what somebody else measured.
    """
    op = op_of(one)
    paths = [path for path in paths_of(op) if is_answer(path)] if op else []
    if op is None or op.replaces is None:
        return bool(paths)
    others = [
        theirs
        for other in history
        if other.person_id != one.person_id and (theirs := op_of(other)) is not None
    ]
    return any(
        all(not same(value_in(op, path), value_in(theirs, path)) for theirs in others)
        for path in paths
    )


def value_in(op: Op, path: str) -> Json:
    """What an op writes at a path, itself or within an element; None where it writes nothing."""
    added = {f"{name}.{key}": raw for name, some in op.add.items() for key, raw in some.items()}
    for name, raw in {**op.set, **added}.items():
        if path == name:
            return msgspec.json.decode(raw)
        if path.startswith(f"{name}."):
            value: Json = msgspec.json.decode(raw)
            for part in path.removeprefix(f"{name}.").split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
            return value
    return None


def reviews_in(inspection: UUID, history: Sequence[StoredWrite]) -> tuple[Review | None, ...]:
    """Every decision that was written into this inspection, the newest first."""
    ops = [
        op_of(one)
        for one in history
        if one.record_id == inspection and one.outcome_name == "applied"
    ]
    return tuple(REVIEW.decode(op.set["review"]) for op in ops if op and "review" in op.set)


# --- Gathering ---


async def gather_case(
    tx: AsyncConnection, judge: Judge, access: Access, id_: UUID, *, now: datetime, epoch: int = 0
) -> Gathered:
    """Everything about one inspection. With `epoch`, its scopes are locked first.

    Raises `NotFound`, alike for what does not exist and for what is nobody's business here.
    """
    located = await records.locate(tx, {id_})
    sites = await office.load_sites(tx, access)
    place = located.get(id_)
    site = sites.of_scope(place.scope) if place and place.kind == "inspection" else None
    if place is None or site is None:
        raise NotFound
    inspection = (await records.load(tx, located))[id_]
    asset_id = UUID(str(inspection.data["asset"]))
    asset_at = await records.locate(tx, {asset_id})
    if epoch:
        wanted = {place.scope, *(found.scope for found in asset_at.values())}
        await scopes.lock(tx, wanted, epoch=epoch)
        inspection = (await records.load(tx, await records.locate(tx, {id_})))[id_]
    asset = (await records.load(tx, asset_at))[asset_id]
    children = await load_children(tx, id_)
    history = await office_evidence.load_history(tx, {id_, *children})
    template = UUID(str(inspection.data["template"]))
    known = (await judge.templates(tx, {template})).get(template)
    if known is None or inspection.withdrawn:
        raise NotFound
    before = await load_before(tx, judge, sites, inspection, asset, now=now)
    open_conflicts = await office_evidence.load_conflicts(
        tx, sites, records={id_, *children}, limit=len(children) * 10 + 100
    )
    case = Case(
        inspection=inspection,
        asset=asset,
        template=known.key,
        form=known.form,
        children=children,
        today=local_day(review.inspected_at(inspection.data, now), site.time_zone),
        previous=review.readings_by_path(before, known.form),
        conflicts=frozenset(one.record_id for one in open_conflicts),
    )
    writers = await office_evidence.load_device_writers(tx, id_)
    return Gathered(case, site, sites, history, before, reviews_in(id_, history), writers)


async def load_children(tx: AsyncConnection, inspection: UUID) -> dict[UUID, Record]:
    """What hangs on an inspection, and the photos of its findings; nothing withdrawn."""
    found: dict[UUID, Record] = {}
    for kind, field in CHILDREN:
        found |= await records.load_by(tx, kind, field, [inspection])
    findings = [id_ for id_, record in found.items() if record.kind == "finding"]
    found |= await records.load_by(tx, "attachment", "parent", findings)
    return {id_: record for id_, record in found.items() if not record.withdrawn}


async def load_before(
    tx: AsyncConnection,
    judge: Judge,
    sites: Sites,
    inspection: Record,
    asset: Record,
    *,
    now: datetime,
) -> LastInspection | None:
    """What the last accepted inspection before this one left, of the same checklist."""
    at = review.inspected_at(inspection.data, now)
    template = UUID(str(inspection.data["template"]))
    known = (await judge.templates(tx, {template})).get(template)
    last = review.last_of(asset).get(known.key) if known else None
    if last is not None and last.inspection != inspection.id and last.at <= at:
        return last
    if last is None or known is None:
        return None
    accepted = InspectionFilter(asset=asset.id, other_than=inspection.id, state="accepted")
    rows = await office_inspections.load_inspected(tx, sites, accepted)
    templates = await judge.templates(tx, {row.template for row in rows})
    older = [
        row
        for row in rows
        if (found := templates.get(row.template))
        and found.key == known.key
        and done_at(row, now) <= at
    ]
    if not older:
        return None
    newest = max(older, key=lambda row: done_at(row, now))
    record = (await records.load(tx, await records.locate(tx, {newest.id})))[newest.id]
    site = sites.of_scope(record.scope)
    case = Case(
        inspection=record,
        asset=asset,
        template=known.key,
        form=templates[newest.template].form,
        children=await load_children(tx, record.id),
        today=local_day(done_at(newest, now), site.time_zone if site else "UTC"),
    )
    return review.last_inspection(case, review.judge(case), now)


def done_at(row: Inspected, now: datetime) -> datetime:
    return row.step.at or row.started_at or now


# --- Deciding ---


def reviewer_of(access: Access, clock: Clock) -> Reviewer:
    def deal() -> Iterator[UUID]:
        while True:
            yield clock.new_id()

    return Reviewer(access.person, access.name, clock.now(), deal())


async def settle(
    database: Database,
    clock: Clock,
    judge: Judge,
    asked: Decision | Undo,
    *,
    inspection: UUID,
    person: UUID,
    epoch: int,
    follow: Follow = nothing_follows,
) -> tuple[Decided, Done]:
    """Accept or return, or take the newest decision back, while nothing came after it.

    `follow` is done in the same transaction. Raises what stands in the way; then nothing is kept.
    """
    cases: list[Case] = []

    async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
        found = await gather_case(tx, judge, access, inspection, now=clock.now(), epoch=epoch)
        reviewer = reviewer_of(access, clock)
        cases.append(found.case)
        if isinstance(asked, Decision):
            demand_decider(found, access, asked.decision)
            return review.decide(found.case, asked, reviewer)
        stands = review.read_review(found.case.inspection.data)
        if stands is None:
            raise NothingToUndo
        demand_decider(found, access, stands.decision)
        return review.undo(
            found.case,
            asked.seen,
            reviewer,
            former=found.reviews[1] if len(found.reviews) > 1 else None,
            former_last=found.before,
            followed=await is_followed(tx, found.case),
        )

    done = await write(database, clock, person=person, epoch=epoch, decide=work, follow=follow)
    return decided(cases[-1], done), done


def demand_decider(
    found: Gathered, access: Access, decision: Literal["accepted", "returned"]
) -> None:
    """Raise unless this person may take this decision here, or take it back."""
    problem = decision_problem(
        access, decision, site=found.site.id, carried_out_by=found.carried_out_by
    )
    if problem is not None:
        raise problem


async def is_followed(tx: AsyncConnection, case: Case) -> bool:
    """Whether something that hangs on the work was written after the decision."""
    ids = {case.inspection.id, *case.children}
    seqs = await office_evidence.load_seqs(tx, case.inspection.scope, ids)
    decided_at = seqs.pop(case.inspection.id, 0)
    return any(seq > decided_at for seq in seqs.values())


def decided(case: Case, done: Done) -> Decided:
    """What stands after a decision."""
    now = done.records[case.inspection.id]
    step = review.read_step(now.data)
    state: InspectionStep = inspection_state(now.data)
    return Decided(
        inspection=now.id,
        step=state,
        round=step.round,
        review=review.read_review(now.data),
        seen={**review.versions(case), now.id: now.version},
    )
