"""From what is in the store to the facts of a report. Rule: pure; it may run in any thread."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from schemas.base import REPORT_FINDINGS_MAX, REPORT_READINGS_MAX
from schemas.kinds.inspection import Review
from server.reports.evidence import (
    OVER,
    count_users,
    each_once,
    files_of,
    is_of_now,
    photos_of,
    replaced_as_noted,
    replaced_devices,
    risk_of,
    signatures_of,
    step_of,
    worst_first,
)
from server.reports.facts import (
    NOTHING,
    Both,
    CategoryCount,
    Counts,
    Cover,
    Decided,
    Facts,
    NotInspected,
    Reading,
    Risk,
    both,
)
from server.reports.results import (
    NOWHERE,
    Judged,
    judge_all,
    reading_of,
    readings_of,
    replaced_parts,
    result_of,
    severity_of,
    unreported,
)
from server.reports.sources import Sources, at_of
from server.store.report_facts import Placed
from sync.consequences import inspection_state
from sync.forms import Evaluation
from sync.record import Record


def derive_facts(sources: Sources, *, operator: str) -> Facts:
    """Say everything that the report says. `operator` is who did the work."""
    judged = judge_all(sources)
    missing = not_inspected(sources, judged)
    covered = frozenset(one.id for one in sources.covered)
    now = [one for one in sources.findings if is_of_now(one, sources, covered)]
    before = [one for one in sources.findings if one not in now and step_of(one) not in OVER]
    readings = readings_of(judged)
    known: dict[UUID, Evaluation] = {}
    photos, photos_left = photos_of(sources, judged, {one.id: one for one in now})
    counted = photo_counts(sources.attachments)
    listed = tuple(reading_of(sources, row, known) for row in readings[:REPORT_READINGS_MAX])
    return Facts(
        of=sources.of,
        of_kind=sources.of_kind,
        cover=cover_of(sources, judged, operator=operator),
        counts=counts_of(judged, missing),
        notes=notes_of(sources),
        problems=tuple(
            problem.text for one in sources.visits.values() for problem in one.problems.values()
        ),
        risks=worst_first([*map(risk_of, now), *untold(judged, reported_in(sources))])[
            :REPORT_FINDINGS_MAX
        ],
        categories=categories_of(judged, missing),
        readings=listed,
        readings_left=max(0, len(readings) - REPORT_READINGS_MAX),
        photos=photos,
        photos_left=photos_left,
        files=files_of(sources),
        replaced=each_once(
            [*replaced_as_noted(judged), *replaced_parts(judged), *replaced_devices(sources)]
        ),
        open_before=worst_first(map(risk_of, before))[:REPORT_FINDINGS_MAX],
        results=tuple(result_of(one, counted.get(one.record.id, {})) for one in judged),
        missing=missing,
        signatures=signatures_of(sources),
        user_signatures=count_users(sources),
        sources=norms_of(listed),
    )


def notes_of(sources: Sources) -> tuple[str, ...]:
    notes = (one.note.strip() for one in sources.visits.values())
    return tuple(dict.fromkeys(note for note in notes if note))


def photo_counts(attachments: Iterable[Record]) -> dict[UUID, dict[str, int]]:
    """How many files answer each item, by inspection and path."""
    found: dict[UUID, dict[str, int]] = {}
    for one in attachments:
        paths = found.setdefault(UUID(str(one.data["parent"])), {})
        path = str(one.data.get("item") or "")
        paths[path] = paths.get(path, 0) + 1
    return found


def reported_in(sources: Sources) -> dict[UUID, frozenset[str]]:
    """The items of each inspection that a finding speaks of."""
    found: dict[UUID, set[str]] = {}
    for one in sources.findings:
        if one.inspection is not None and one.item:
            found.setdefault(one.inspection, set()).add(one.item)
    return {id_: frozenset(paths) for id_, paths in found.items()}


def untold(judged: Sequence[Judged], reported: Mapping[UUID, frozenset[str]]) -> Iterable[Risk]:
    for one in judged:
        for asked, text in unreported(one, reported.get(one.record.id, frozenset())):
            yield Risk(
                severity=severity_of(asked), asset=one.placed.name, text=text, found_at=one.at
            )


def norms_of(readings: Iterable[Reading]) -> tuple[Both, ...]:
    """Where the limits come from, each named once."""
    return tuple(dict.fromkeys(both(one.limits.source) for one in readings))


# --- The cover ---


def cover_of(sources: Sources, judged: Sequence[Judged], *, operator: str) -> Cover:
    site, visits = sources.site, tuple(sources.visits.values())
    own = [one.assignment for one in visits] if sources.of_kind == "visit" else [sources.of]
    rounds = [sources.rounds[id_] for id_ in own if id_ is not None and id_ in sources.rounds]
    is_round = sources.of_kind == "assignment"
    engineers = [one.engineer_name for one in visits]
    engineers += [str(one.record.data["inspector_name"]) for one in judged]
    begun, ended = times_of(sources, judged)
    return Cover(
        operator=operator,
        title=both(rounds[0].title) if rounds else NOTHING,
        customer=site.customer.name,
        contract=site.contract.number if site.contract else "",
        site=site.name,
        city=site.city,
        address=site.address,
        time_zone=site.time_zone,
        begun_at=begun,
        ended_at=ended,
        window_from=rounds[0].starts_at if is_round else None,
        window_to=rounds[0].due_at if is_round else None,
        engineers=tuple(dict.fromkeys(engineers)),
        contacts=tuple(dict.fromkeys(one.contact for one in visits if one.contact)),
        accepted_by=accepted_by(judged),
        to_review=sum(inspection_state(one.record.data) != "accepted" for one in judged),
    )


def times_of(sources: Sources, judged: Sequence[Judged]) -> tuple[datetime | None, datetime | None]:
    """From arriving to leaving; of a round from the first to the last work."""
    visits = tuple(sources.visits.values())
    if sources.of_kind == "visit" and visits:
        return visits[0].started_at, visits[0].ended_at
    begun = [one.started_at for one in visits] + [one.at for one in judged]
    ended = [one.ended_at for one in visits if one.ended_at] + [one.at for one in judged]
    return min(begun, default=None), max(ended, default=None)


def accepted_by(judged: Sequence[Judged]) -> tuple[Decided, ...]:
    """Who accepted, each with their last decision."""
    found: dict[str, datetime] = {}
    for one in judged:
        review = msgspec.convert(one.record.data.get("review"), Review | None)
        if review is None or inspection_state(one.record.data) != "accepted":
            continue
        found[review.reviewer_name] = max(found.get(review.reviewer_name, review.at), review.at)
    return tuple(Decided(name, at) for name, at in sorted(found.items()))


# --- Counting ---


def not_inspected(sources: Sources, judged: Sequence[Judged]) -> tuple[NotInspected, ...]:
    """What was planned and not inspected; of a visit, also not before it."""
    done = {UUID(str(one.record.data["asset"])) for one in judged}
    begun = {UUID(str(one.data["asset"])) for one in sources.covered} - done
    earlier = {
        UUID(str(one.data["asset"]))
        for one in sources.others
        if inspection_state(one.data) in ("submitted", "accepted")
        and at_of(one, sources.until) < sources.since
    }
    rows: dict[UUID, NotInspected] = {}
    for round_ in sources.rounds.values():
        for target in round_.targets:
            if target.withdrawn or target.asset in done | earlier:
                continue
            rows[target.asset] = absent(
                sources.placed.get(target.asset, NOWHERE), is_begun=target.asset in begun
            )
    return tuple(sorted(rows.values(), key=lambda one: (one.room, one.asset)))


def absent(placed: Placed, *, is_begun: bool) -> NotInspected:
    return NotInspected(
        asset=placed.name,
        number=placed.number,
        category=placed.category,
        room=placed.room,
        position=placed.position,
        is_begun=is_begun,
    )


def counts_of(judged: Sequence[Judged], missing: Sequence[NotInspected]) -> Counts:
    states = [one.state for one in judged]
    return Counts(
        planned=len(judged) + len(missing),
        inspected=len(judged),
        normal=states.count("normal"),
        warning=states.count("warning"),
        abnormal=states.count("abnormal"),
        na=states.count("na"),
    )


def categories_of(
    judged: Sequence[Judged], missing: Sequence[NotInspected]
) -> tuple[CategoryCount, ...]:
    """The counts of each category, those with something abnormal first, then the largest."""
    names = {one.placed.category for one in judged} | {one.category for one in missing}
    rows = [
        CategoryCount(
            category=name,
            counts=counts_of(
                [one for one in judged if one.placed.category == name],
                [one for one in missing if one.category == name],
            ),
        )
        for name in names
    ]
    return tuple(
        sorted(rows, key=lambda one: (-one.counts.abnormal, -one.counts.planned, one.category))
    )
