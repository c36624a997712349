"""Rounds as they were worked off: inspections, visits, findings. Rule: none of today or later.

What is closed lies in the site's archive; the last accepted readings go onto the asset.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from schemas.base import Wire
from schemas.forms import Group, SignatureItem
from schemas.kinds.asset import LastInspection, LastReading
from schemas.kinds.evidence import Attachment, Finding, FindingStep, FollowUp
from schemas.kinds.inspection import Inspection, Remark, Replacement, Review, Step
from schemas.kinds.work import Assignment, Target
from schemas.signing import ListedAbnormal
from server.demo.answers import Filled, fill
from server.demo.assets import Unit, site_id
from server.demo.cast import BY_LOGIN, supervisor_at
from server.demo.faults import FAULTS, Fault
from server.demo.makers import write_serial
from server.demo.mint import ZONE, Mint, instant
from server.demo.photos import FIRST_ROUND, Picture, Shot, is_brought, take
from server.demo.plans import ROUNDS, RoundSpec
from server.demo.progress import Progress
from server.demo.scenes import Subject
from server.demo.sites import SITES
from server.demo.tablets import Given, sign
from server.packs import Pack, template_id
from server.signing import Covered, CoveredFinding, answers_digest
from server.statement import HandedIn, listed
from sync.ids import inspection_id
from sync.record import Json
from sync.scopes import archive_scope, site_scope

MISSED_SHARE = 0.05
FAULT_SHARE = 0.045
PER_DAY = 26
WORK_MINUTES = 8 * 60
PHOTO_REASON = "照片原件存于旧系统，按编号可查"
SITE_SPECS = {site.key: site for site in SITES}


class MadeRecord(Struct, frozen=True):
    """One record of the company, before it is encoded, with the bytes that it describes."""

    kind: str
    id: UUID
    scope: str
    record: Wire
    picture: Picture | None = None


class Job(Struct, frozen=True, kw_only=True):
    """One device in one round: who, when, and what became of it."""

    round: RoundSpec
    unit: Unit
    pack: Pack
    at: datetime
    state: str  # draft | submitted | returned | accepted
    faults: tuple[Fault, ...]
    remark: str = ""
    is_left: bool = False  # Its photos, on the tablet.


class Worked(Struct, frozen=True):
    """What one inspection leaves: records, what is signed for, and readings for the asset.

    Nobody signs for a draft, and only what was accepted leaves readings.
    """

    made: tuple[MadeRecord, ...]
    covered: HandedIn | None = None
    last: LastInspection | None = None


def scope_of(mint: Mint, spec: RoundSpec) -> str:
    site = site_id(mint, spec.site)
    return archive_scope(site) if spec.is_closed else site_scope(site)


def person_id(mint: Mint, login: str) -> UUID:
    return mint.id(f"person/{login}", at=mint.at(-500))


# --- The round itself ---


def make_assignment(mint: Mint, spec: RoundSpec, packs: Mapping[str, Pack]) -> MadeRecord:
    """Give the assignment with a target for every device, in the state that its work is in."""
    progress = spec.progress
    touched = progress.done or progress.draft is not None or progress.returned is not None
    state: Literal["done", "started", "issued"]
    state = "done" if progress.done >= len(spec.units) else "started" if touched else "issued"
    note = ""
    if progress.handed_over_from:
        at = mint.at(-1, 16, 20).astimezone(ZONE)
        giver = BY_LOGIN[progress.handed_over_from].name
        note = f"接手自{giver}，{at.month}月{at.day}日 {at:%H:%M}，资料已齐"
    record = Assignment(
        site=site_id(mint, spec.site),
        plan=spec.plan_id,
        occurrence=spec.dates.occurrence,
        title=spec.plan.title,
        targets=tuple(
            Target(asset=unit.id, template=pinned(packs[str(unit.asset.category)]))
            for unit in spec.units
        ),
        starts_at=spec.dates.starts_at,
        due_at=spec.dates.due_at,
        assignee=person_id(mint, spec.assignee),
        backup=person_id(mint, spec.backup) if spec.backup else None,
        state="closed" if spec.is_closed else state,
        note=note,
    )
    return MadeRecord("assignment", spec.dates.id, scope_of(mint, spec), record)


def pinned(pack: Pack) -> UUID:
    return template_id(pack.key, pack.version_no)


def make_jobs(mint: Mint, spec: RoundSpec, packs: Mapping[str, Pack]) -> Iterator[Job]:
    """Say what was done in a round: nearly all of a closed one, of the open one what it says."""
    progress, chance = spec.progress, mint.chance(f"round/{spec.dates.id}")
    due = spec.dates.due_at.astimezone(ZONE).date()
    # An open round was worked on until yesterday, so that nothing lies in the future.
    last_day = min(due - timedelta(days=chance.randint(1, 3)), mint.day(-1))
    count = len(spec.units) if spec.is_closed else progress.done + 1
    days = (count - 1) // PER_DAY
    for place, unit in enumerate(spec.units):
        pack = packs[str(unit.asset.category)]
        known = FAULTS.get(pack.key, ())
        missed, broken = chance.random() < MISSED_SHARE, chance.random() < FAULT_SHARE
        drawn = chance.choice(known) if known else None
        if spec.is_closed:
            state = "" if missed else "accepted"
            faults: tuple[Fault, ...] = (drawn,) if broken and drawn else ()
        else:
            state = open_state(progress, place)
            wanted = progress.faults.get(place, ())
            faults = tuple(one for one in known if one.item in wanted)
        if not state:
            continue
        day = max(last_day - timedelta(days=days - place // PER_DAY), spec.dates.occurrence)
        minute = 20 + place % PER_DAY * (WORK_MINUTES // PER_DAY)
        yield Job(
            round=spec,
            unit=unit,
            pack=pack,
            at=instant(day, hour=9 + minute // 60, minute=minute % 60),
            state=state,
            faults=faults,
            remark=progress.remark if state == "returned" else "",
            is_left=place == progress.left and not spec.is_closed,
        )


def open_state(progress: Progress, place: int) -> str:
    if place == progress.returned:
        return "returned"
    if place == progress.draft:
        return "draft"
    if place >= progress.done:
        return ""
    return "submitted" if place in progress.waiting else "accepted"


# --- One inspection ---


def work(mint: Mint, job: Job) -> Worked:
    """Carry one inspection out, with everything that hangs on it."""
    on = job.at.astimezone(ZONE).date()
    filled = fill(
        mint,
        job.pack.key,
        job.pack.form,
        job.unit,
        number=job.round.number,
        on=on,
        faults=job.faults,
    )
    id_ = inspection_id(job.round.dates.id, job.unit.id)
    scope = scope_of(mint, job.round)
    chance = mint.chance(f"inspection/{id_}")
    end = job.at + timedelta(minutes=chance.randint(9, 26))
    made = MadeRecord("inspection", id_, scope, _inspection(mint, job, filled, end))
    if job.state == "draft":
        return Worked((made,))
    photos = tuple(_photos(mint, job, filled, id_, scope, end))
    found = tuple(_findings(mint, job, filled, id_, end))
    covered = _cover(job, made, photos, found)
    signed = _signatures(mint, job, filled, covered, scope, end)
    last = _last(job, filled, id_, end) if job.state == "accepted" else None
    return Worked((made, *photos, *signed, *found), covered, last)


def _inspection(mint: Mint, job: Job, filled: Filled, end: datetime) -> Inspection:
    answers, elements = dict(filled.answers), dict(filled.elements)
    if job.state == "draft":
        # The first section is done, the second begun.
        first = {item.id for section in job.pack.form.sections[:2] for item in section.items[:4]}
        answers, elements = {one: answers[one] for one in answers if one in first}, {}
    round_ = 2 if job.state == "returned" else 1
    reviewed = _review(mint, job, end, lacks_photos=_lacks_photos(job, filled))
    submitted = job.state in ("submitted", "accepted")
    return Inspection(
        asset=job.unit.id,
        template=pinned(job.pack),
        assignment=job.round.dates.id,
        inspector=person_id(mint, job.round.assignee),
        inspector_name=BY_LOGIN[job.round.assignee].name,
        started_at=job.at,
        answers=answers,
        elements=elements,
        remarks=dict(_remarks(mint, job, reviewed)),
        replacements=dict(_replacements(mint, job, end)) if submitted else {},
        step=Step(
            round=round_,
            step="submitted" if submitted else "draft",
            at=end if submitted else reviewed.at if reviewed else None,
        ),
        review=reviewed,
    )


def _replacements(mint: Mint, job: Job, end: datetime) -> Iterator[tuple[UUID, Replacement]]:
    """Give the parts that were replaced on the spot."""
    for fault in job.faults:
        if fault.part:
            name = f"replacement/{job.round.dates.id}/{job.unit.id}/{fault.item}"
            chance, at = mint.chance(name), end - timedelta(minutes=4)
            old, new = write_serial("@#######", chance), write_serial("@#######", chance)
            yield mint.id(name, at=at), Replacement(part=fault.part, old=old, new=new, at=at)


def _review(mint: Mint, job: Job, end: datetime, *, lacks_photos: bool) -> Review | None:
    """Decide the morning after, but not later than this morning's first hour."""
    if job.state not in ("accepted", "returned"):
        return None
    login = supervisor_at(job.round.site)
    return Review(
        decision="returned" if job.state == "returned" else "accepted",
        round=1,
        reviewer=person_id(mint, login),
        reviewer_name=BY_LOGIN[login].name,
        at=min(end + timedelta(hours=15), mint.at(-1, 17, 50)),
        reason=PHOTO_REASON if job.state == "accepted" and lacks_photos else "",
    )


def _lacks_photos(job: Job, filled: Filled) -> bool:
    spec = job.round
    return not all(
        is_brought(number=spec.number, is_closed=spec.is_closed, path=path)
        for path in filled.photos
    )


def _remarks(mint: Mint, job: Job, review: Review | None) -> Iterator[tuple[UUID, Remark]]:
    if review is not None and job.remark:
        yield (
            mint.id(f"remark/{job.round.dates.id}/{job.unit.id}", at=review.at),
            Remark(
                text=job.remark,
                item=job.faults[0].item,
                author=review.reviewer,
                author_name=review.reviewer_name,
                origin="office",
                round=2,
                at=review.at,
            ),
        )


def _photos(
    mint: Mint, job: Job, filled: Filled, inspection: UUID, scope: str, end: datetime
) -> Iterator[MadeRecord]:
    """Give the photos of the items, each with its bytes where they came over."""
    for path, count in filled.photos.items():
        item = path.rsplit(".", 1)[-1]
        shown = next((one for one in job.faults if one.item == item), None)
        is_here = not job.is_left and is_brought(
            number=job.round.number, is_closed=job.round.is_closed, path=item
        )
        for number in range(count):
            name = f"{inspection}/{path}/{number}"
            shot = Shot(
                name=name,
                parent=inspection,
                parent_kind="inspection",
                path=path,
                subject=_subject(job, filled, path),
                file=f"{job.unit.asset.number}-{item}-{number + 1}.jpg",
                city=SITE_SPECS[job.round.site].city,
                taken_at=job.at + (end - job.at) / 2,
                received_at=_arrival(mint, name, end) if is_here else None,
                moment="before" if shown else "",
                caption=shown.finding if shown else "",
            )
            record, picture = take(mint, shot)
            id_ = mint.id(f"photo/{name}", at=shot.taken_at)
            yield MadeRecord("attachment", id_, scope, record, picture)


def _subject(job: Job, filled: Filled, path: str) -> Subject:
    """Say what a photo of an item shows; of a whole device its load is read."""
    state = filled.evaluation.items.get("load_percent" if path == "nameplate_photo" else path)
    value = state.value if state is not None else None
    return Subject(
        item=path.rsplit(".", 1)[-1],
        label=job.unit.asset.number,
        is_bad=any(one.item == path.rsplit(".", 1)[-1] for one in job.faults),
        reading=f"{value:g}" if isinstance(value, int | float) else "",
    )


def _arrival(mint: Mint, name: str, end: datetime) -> datetime:
    """Say when the bytes came: soon after the work, by the evening."""
    return end + timedelta(minutes=mint.chance(f"arrival/{name}").randint(1, 90))


def _cover(
    job: Job, inspection: MadeRecord, photos: Sequence[MadeRecord], findings: Sequence[MadeRecord]
) -> HandedIn:
    """Say what a signature over this inspection stands for."""
    taken = [one.record.sha256 for one in photos if isinstance(one.record, Attachment)]
    named = [(one.id, one.record) for one in findings if isinstance(one.record, Finding)]
    found = [one for _, one in named]
    shown = [CoveredFinding(id_, one.severity, one.text) for id_, one in named]
    return HandedIn(
        covered=Covered(
            id=inspection.id,
            answers=answers_digest(msgspec.to_builtins(inspection.record)),
            photos=tuple(taken),
            findings=tuple(sorted(shown, key=lambda one: str(one.id))),
        ),
        template=pinned(job.pack),
        abnormal=tuple(
            ListedAbnormal(asset=job.unit.asset.name, severity=one.severity, text=one.text)
            for one in sorted(found, key=lambda one: one.item)
        ),
        is_abnormal=bool(job.faults),
    )


def _signatures(
    mint: Mint, job: Job, filled: Filled, covered: HandedIn, scope: str, end: datetime
) -> Iterator[MadeRecord]:
    """Let the device's user sign what the form asks to be signed, under what it states."""
    id_, site = covered.covered.id, SITE_SPECS[job.round.site]
    # Signed before it was handed in, which writes the findings.
    signed = structs.replace(covered, covered=structs.replace(covered.covered, findings=None))
    items = {one.id: one for section in job.pack.form.sections for one in section.items}
    for path in filled.signatures:
        item = items[path]
        assert isinstance(item, SignatureItem)
        signature = mint.id(f"signature/{id_}/{path}", at=end)
        name = job.unit.asset.attributes.get("user") or site.contact[0]
        shown: dict[str, Json] = {
            "version": 1,
            "of": str(id_),
            "of_kind": "inspection",
            "site": site.name,
            "engineer": BY_LOGIN[job.round.assignee].name,
            "started_at": msgspec.to_builtins(job.at),
            "statement": [item.statement.zh],
            "counts": None,
            "abnormal": msgspec.to_builtins(covered.abnormal),
            "inspections": listed([signed]),
        }
        given = Given(id=signature, of=id_, name=name, at=end, item=path)
        record = sign(mint, job.round.assignee, given, shown)
        yield MadeRecord("signature", signature, scope, record)


def _last(job: Job, filled: Filled, inspection: UUID, end: datetime) -> LastInspection:
    """Give what stays on the asset: keys are `item` or `element.item`."""
    sections = job.pack.form.sections
    groups = {item.id for one in sections for item in one.items if isinstance(item, Group)}
    readings = {
        f"{state.element}.{state.item}" if state.element else state.item: LastReading(
            value=state.value, verdict=state.verdict
        )
        for state in filled.evaluation.items.values()
        if state.shown and state.verdict != "open" and state.item not in groups
    }
    name = BY_LOGIN[job.round.assignee].name
    return LastInspection(inspection=inspection, at=end, by=name, readings=readings)


# --- Findings ---


def _findings(
    mint: Mint, job: Job, filled: Filled, inspection: UUID, end: datetime
) -> Iterator[MadeRecord]:
    """Register every fault; what was found long ago is mostly mended by now."""
    site = site_id(mint, job.round.site)
    for fault in job.faults:
        path = next(
            (
                state.path
                for state in filled.evaluation.items.values()
                if state.item == fault.item and state.verdict == "abnormal"
            ),
            fault.item,
        )
        name = f"finding/{inspection}/{fault.item}"
        step = _step(mint, job.round.number, name)
        supervisor = BY_LOGIN[supervisor_at(job.round.site)]
        engineer = BY_LOGIN[job.round.assignee].name
        is_over = step.step in ("verified", "accepted-risk")
        follow_ups = {}
        if step.step != "open":
            at = min(end + timedelta(days=9), mint.at(-1, 17, 0))
            follow_ups[mint.id(f"{name}/follow-up", at=at)] = FollowUp(
                text=FOLLOWED[step.step],
                author=person_id(mint, supervisor.login),
                author_name=supervisor.name,
                at=at,
            )
        record = Finding(
            asset=job.unit.id,
            inspection=inspection,
            item=path,
            severity=fault.severity,
            text=fault.finding,
            recommendation=fault.advice,
            found_at=end,
            step=step,
            owner="" if step.step == "open" else engineer,
            due_on=None if step.step == "open" else _due(fault, end.astimezone(ZONE).date()),
            reason="客户确认可承受，下次改造时处理" if step.step == "accepted-risk" else "",
            follow_ups=follow_ups,
        )
        scope = archive_scope(site) if is_over and job.round.is_closed else site_scope(site)
        id_ = mint.id(name, at=end)
        yield MadeRecord("finding", id_, scope, record)
        if step.step in ("fixed", "verified") and job.round.number >= FIRST_ROUND:
            (mended,) = follow_ups.values()
            yield _mended(
                mint, job, fault, MadeRecord("finding", id_, scope, record), mended.at or end
            )


def _mended(mint: Mint, job: Job, fault: Fault, finding: MadeRecord, at: datetime) -> MadeRecord:
    """Give the photo of what was mended, beside that of the fault."""
    name = f"{finding.id}/mended"
    shot = Shot(
        name=name,
        parent=finding.id,
        parent_kind="finding",
        path="",
        subject=Subject(item=fault.item, label=job.unit.asset.number, is_bad=False),
        file=f"{job.unit.asset.number}-{fault.item}.jpg",
        city=SITE_SPECS[job.round.site].city,
        taken_at=at - timedelta(minutes=25),
        received_at=_arrival(mint, name, at),
        moment="after",
        caption=f"{fault.finding}，已处理",
    )
    record, picture = take(mint, shot)
    id_ = mint.id(f"photo/{name}", at=shot.taken_at)
    return MadeRecord("attachment", id_, finding.scope, record, picture)


FOLLOWED = {
    "planned": "已排入下次到场，备件已申请。",
    "fixed": "已处理，待下次巡检复核。",
    "verified": "复核正常，关闭。",
    "accepted-risk": "已与客户书面确认。",
}
DAYS_TO_MEND = {"urgent": 3, "major": 14, "minor": 30, "advice": 90}


def _due(fault: Fault, found: date) -> date:
    return found + timedelta(days=DAYS_TO_MEND[fault.severity])


def _step(mint: Mint, number: int, name: str) -> FindingStep:
    """Say how far a finding of that round has come."""
    draw = mint.chance(name).random()
    if number == ROUNDS - 1:
        return FindingStep()
    if number == 0:
        return FindingStep(step="verified" if draw < 0.85 else "fixed" if draw < 0.95 else "open")
    if draw < 0.5:
        return FindingStep(step="fixed")
    if draw < 0.7:
        return FindingStep(step="planned")
    return FindingStep(step="open" if draw < 0.95 else "accepted-risk")
