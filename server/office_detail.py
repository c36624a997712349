"""One inspection as the reviewer sees it. Rule: what is abnormal first, and nothing is softened."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Raw, structs
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.forms import Calculated, Form, FormItem, Group, Limits, NumberItem, Severity
from schemas.kinds.asset import Asset, LastReading
from schemas.kinds.evidence import FindingStep, FollowUp
from schemas.kinds.inspection import Remark, Replacement
from schemas.kinds.work import Visit
from schemas.office import (
    Before,
    ConflictRow,
    FindingRow,
    HistoryRow,
    InspectionDetail,
    InspectionRow,
    Judged,
    VisitRow,
    Why,
)
from schemas.ops import OutcomeName
from schemas.signing import SignedNote
from server.cases import Gathered, op_of, paths_of
from server.office_files import held_among, named, photos_of, show_photos
from server.presence import load_of_visits
from server.signature_detail import load_over_visits, load_signed
from server.signatures import load_signatures, note_of
from server.signing import Since
from server.store import office, office_assets, office_evidence, records
from server.store.office import Sites
from server.store.office_evidence import StoredConflict, StoredFinding, StoredWrite
from sync import review
from sync.access import Access, decision_problem
from sync.consequences import inspection_state
from sync.forms import Evaluation, ItemState
from sync.record import Record

SHOWN_FIRST: Mapping[str, int] = {"abnormal": 0, "warning": 1, "open": 2, "na": 3, "normal": 4}
Choice = Literal["accept", "return", "undo"]
DECISIONS: Mapping[Literal["accepted", "returned"], Choice] = {
    "accepted": "accept",
    "returned": "return",
}
FOLLOW_UPS = msgspec.json.Decoder(dict[UUID, FollowUp])
FINDING_STEP = msgspec.json.Decoder(FindingStep | None)


async def show_case(
    tx: AsyncConnection, found: Gathered, row: InspectionRow, access: Access, *, now: datetime
) -> InspectionDetail:
    """Put the result together; the visit, findings and conflicts are read here."""
    case, data = found.case, found.case.inspection.data
    evaluation = review.judge(case)
    judged = tuple(judged_items(evaluation, case.form, case.previous))
    findings = await office_evidence.load_findings(
        tx, found.sites, inspection=case.inspection.id, limit=200
    )
    open_conflicts = await office_evidence.load_conflicts(
        tx, found.sites, records={case.inspection.id, *case.children}, limit=200
    )
    over = (await load_signatures(tx, found.sites, [case.inspection])).over(case.inspection)
    signatures = await load_signed(tx, over)
    visits = await load_visits(tx, case.inspection, over)
    attachments = [named(one) for one in case.children.values() if one.kind == "attachment"]
    photos = await show_photos(tx, found.sites, attachments)
    of_visits = await photos_of(tx, found.sites, [one.id for one in visits])
    obstacles = review.obstacles(case, evaluation, reason="")
    tags = (await office_assets.load_tags(tx, [case.asset.id])).get(case.asset.id, [])
    return InspectionDetail(
        row=row,
        asset=msgspec.convert(case.asset.data, Asset),
        codes=tuple(tag.code for tag in tags if not tag.retired),
        template_key=case.template,
        form=case.form,
        answers=review.read_answers(data),
        elements=review.read_elements(data),
        judged=judged,
        order=tuple(one.path for one in sorted(judged, key=first_to_look_at)),
        before_at=found.before.at if found.before else None,
        before_by=found.before.by if found.before else "",
        remarks=msgspec.convert(data.get("remarks") or {}, dict[UUID, Remark]),
        replacements=msgspec.convert(data.get("replacements") or {}, dict[UUID, Replacement]),
        note=str(data.get("note") or ""),
        review=review.read_review(data),
        photos=(*photos, *of_visits),
        still_held=await held_among(tx, photos),
        signatures=signatures,
        findings=tuple(
            finding_row(one, found.sites, case.today, note_of(over)) for one in findings
        ),
        visits=visits,
        conflicts=await conflict_rows(tx, open_conflicts, found.sites),
        history=tuple(history_row(one, accepted_at(case.inspection)) for one in found.history),
        seen=review.versions(case),
        obstacles=tuple(obstacle.problem() for obstacle in obstacles),
        may=may_decide(found, access),
    )


def may_decide(found: Gathered, access: Access) -> tuple[Choice, ...]:
    """The decisions that this reader has now; what an acceptance lacks is told in `obstacles`."""
    state = inspection_state(found.case.inspection.data)
    if state not in ("submitted", "accepted", "returned"):
        return ()
    allowed: list[Choice] = []
    for decision, choice in DECISIONS.items():
        problem = decision_problem(
            access, decision, site=found.site.id, carried_out_by=found.carried_out_by
        )
        if problem is None and state == "submitted":
            allowed.append(choice)
        elif problem is None and state == decision:
            allowed.append("undo")
    return tuple(allowed)


def first_to_look_at(one: Judged) -> int:
    """Abnormal, warning, missing, not applicable, normal; within each as the form goes."""
    return SHOWN_FIRST[one.verdict]


def judged_items(
    evaluation: Evaluation, form: Form, previous: Mapping[str, LastReading]
) -> Sequence[Judged]:
    """What each shown item means, with its limits and what it was before."""
    items = items_of(form)
    return [
        judged_item(state, items[state.item], previous.get(state.path))
        for state in evaluation.items.values()
        if state.shown
    ]


def items_of(form: Form) -> dict[str, FormItem]:
    found: dict[str, FormItem] = {}
    for section in form.sections:
        for item in section.items:
            found[item.id] = item
            if isinstance(item, Group):
                found |= {inner.id: inner for inner in item.items}
    return found


def judged_item(state: ItemState, item: FormItem, before: LastReading | None) -> Judged:
    limits: Limits | None = None
    unit = ""
    if isinstance(item, NumberItem | Calculated):
        limits, unit = item.limits, item.unit
    return Judged(
        path=state.path,
        section=state.section,
        verdict=state.verdict,
        value=state.value,
        asked=state.asked,
        missing=state.missing,
        incomplete=state.incomplete,
        reasons=tuple(
            Why(
                code=reason.code,
                limit=reason.limit,
                source=reason.source,
                rule=reason.rule,
                words=reason.words,
            )
            for reason in state.reasons
        ),
        limits=limits,
        unit=unit,
        before=Before(value=before.value, verdict=before.verdict) if before else None,
        change=change(state.value, before),
    )


def change(value: object, before: LastReading | None) -> float | None:
    """By how much a number differs from the one before, as its decimals are."""
    if before is None or isinstance(value, bool) or isinstance(before.value, bool):
        return None
    if isinstance(value, int | float) and isinstance(before.value, int | float):
        return round(value - before.value, 6)
    return None


# --- Evidence ---


def finding_row(
    one: StoredFinding, sites: Sites, today: date, signed: SignedNote | None = None
) -> FindingRow:
    site = sites.of_scope(one.scope_id)
    assert site is not None, "only what may be read is loaded"
    step = FINDING_STEP.decode(one.step or "null") or FindingStep()
    is_open = step.step not in ("verified", "accepted-risk")
    return FindingRow(
        id=one.id,
        version=one.version,
        asset=one.asset,
        asset_name=one.asset_name,
        site=site.id,
        site_name=site.name,
        inspection=one.inspection,
        item=one.item or "",
        severity=msgspec.convert(one.severity, Severity),
        text=one.text,
        recommendation=one.recommendation or "",
        found_at=one.found_at,
        round=step.round,
        step=step.step,
        owner=one.owner or "",
        due_on=one.due_on,
        is_overdue=is_open and one.due_on is not None and one.due_on < today,
        signed=None if signed is None else found_when_signed(one, signed),
        follow_ups=FOLLOW_UPS.decode(one.follow_ups or "{}"),
    )


def found_when_signed(one: StoredFinding, signed: SignedNote) -> SignedNote:
    """A finding of signed work; one that was made later came after it."""
    is_later = one.found_at > signed.at and signed.standing == "signed"
    return structs.replace(signed, standing="added-after") if is_later else signed


async def load_visits(
    tx: AsyncConnection, inspection: Record, over: Sequence[tuple[Record, Since]]
) -> tuple[VisitRow, ...]:
    """The presences on site in this inspection's round, each with who signed for it."""
    assignment = inspection.data.get("assignment")
    if not isinstance(assignment, str):
        return ()
    found = await records.load_by(tx, "visit", "assignment", [UUID(assignment)])
    rows = [
        visit_row(one, note_of([pair for pair in over if pair[0].data["of"] == str(one.id)]))
        for one in found.values()
        if not one.withdrawn
    ]
    return tuple(sorted(rows, key=lambda row: row.started_at))


async def load_round_visits(
    tx: AsyncConnection, sites: Sites, assignment: UUID
) -> tuple[VisitRow, ...]:
    """The presences on site in a round, the first one first, each with who signed for it."""
    found = (await records.load_by(tx, "visit", "assignment", [assignment])).values()
    shown, zones = {}, {}
    for one in found:
        site = sites.of_scope(one.scope)
        if site is not None and not one.withdrawn:
            shown[one.id], zones[site.id] = one, site.time_zone
    visits = {id_: msgspec.convert(one.data, Visit) for id_, one in shown.items()}
    over = await load_over_visits(tx, visits, await load_of_visits(tx, visits, zones))
    rows = [visit_row(one, note_of(over[id_])) for id_, one in shown.items()]
    return tuple(sorted(rows, key=lambda row: row.started_at))


def visit_row(record: Record, signed: SignedNote | None = None) -> VisitRow:
    visit = msgspec.convert(record.data, Visit)
    return VisitRow(
        id=record.id,
        engineer_name=visit.engineer_name,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        contact=visit.contact,
        problems=tuple(problem.text for problem in visit.problems.values()),
        note=visit.note,
        signed=signed,
    )


async def conflict_rows(
    tx: AsyncConnection, found: Sequence[StoredConflict], sites: Sites
) -> tuple[ConflictRow, ...]:
    """Conflicts, with what they are about and who wrote the other value."""
    titles = await office_evidence.load_titles(tx, {one.record_id: one.kind for one in found})
    names = await office.load_names(tx, {one.person_id for one in found})
    rows = []
    for one in found:
        site = sites.of_scope(one.scope_id)
        rows.append(
            ConflictRow(
                id=one.id,
                record=one.record_id,
                kind=one.kind,
                title=titles.get(one.record_id, ""),
                site=site.id if site else None,
                path=one.path,
                ours=Raw(one.ours.encode()),
                theirs=Raw(one.theirs.encode()),
                theirs_by=names.get(one.person_id, ""),
                made_at=one.made_at,
                opened_at=one.opened_at,
                op=one.op_id,
            )
        )
    return tuple(rows)


def accepted_at(inspection: Record) -> datetime | None:
    """When the work was accepted, where that stands."""
    stands = review.read_review(inspection.data)
    is_accepted = inspection_state(inspection.data) == "accepted"
    return stands.at if stands is not None and is_accepted else None


def history_row(one: StoredWrite, accepted: datetime | None) -> HistoryRow:
    """An op in words. By how much the writer's clock was wrong is not measured yet: unknown."""
    op = op_of(one)
    is_mend = op is not None and op.replaces is not None and bool(paths_of(op))
    return HistoryRow(
        op=one.id,
        record=one.record_id,
        kind=one.kind,
        person_name=one.person_name or "",
        device_name=one.device_name or "",
        is_office=one.origin == "office",
        paths=paths_of(op) if op else (),
        made_at=op.made.wall if op else None,
        at=one.received_at,
        outcome=msgspec.convert(one.outcome_name, OutcomeName),
        replaces=op.replaces if op else None,
        words=op.words if op else "",
        is_late=is_mend and accepted is not None and one.received_at >= accepted,
    )
