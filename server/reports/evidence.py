"""Photos, replaced devices, findings and signatures as a report says them. Rule: pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from schemas.base import REPORT_PHOTOS_MAX
from schemas.forms import Severity
from schemas.kinds.evidence import FindingStep, Signature
from schemas.kinds.inspection import Replacement
from server.cases import OP
from server.judging import local_day
from server.reports.facts import NOTHING, Both, Photo, PhotoState, Replaced, Risk, Signed, same
from server.reports.results import Judged
from server.reports.sources import Sources
from server.signatures import became_of_visit
from server.signing import standing
from server.store.office_evidence import StoredFinding
from server.store.report_facts import Bytes
from sync.record import Record

REPLACEMENTS = dict[UUID, Replacement]
FINDING_STEP = msgspec.json.Decoder(FindingStep | None)
OVER = frozenset(("verified", "accepted-risk"))
MENDED = frozenset(("fixed", "verified"))
WEIGHT: Mapping[Severity | None, int] = {"urgent": 0, "major": 1, "minor": 2, None: 3, "advice": 4}
# How engineers caption what they photograph twice.
BEFORE_WORDS = ("前", "before")
AFTER_WORDS = ("后", "後", "after")

When = Literal["", "before", "after"]


# --- Findings ---


def step_of(finding: StoredFinding) -> str:
    return (FINDING_STEP.decode(finding.step or "null") or FindingStep()).step


def risk_of(finding: StoredFinding) -> Risk:
    return Risk(
        severity=msgspec.convert(finding.severity, Severity),
        asset=finding.asset_name,
        text=same(finding.text),
        advice=finding.recommendation or "",
        owner=finding.owner or "",
        due_on=finding.due_on,
        found_at=finding.found_at,
        step=step_of(finding),
    )


def worst_first(risks: Iterable[Risk]) -> tuple[Risk, ...]:
    """By severity, then by day, then by device."""
    return tuple(
        sorted(risks, key=lambda one: (WEIGHT[one.severity], str(one.due_on or "9"), one.asset))
    )


def is_of_now(finding: StoredFinding, sources: Sources, covered: frozenset[UUID]) -> bool:
    """Whether it was found in this work; free ones are those of its time."""
    if finding.inspection is not None:
        return finding.inspection in covered
    return finding.found_at >= sources.since


# --- Photos ---


def is_picture(attachment: Record) -> bool:
    return str(attachment.data.get("media_type")).startswith("image/")


def photos_of(
    sources: Sources, judged: Sequence[Judged], findings: Mapping[UUID, StoredFinding]
) -> tuple[tuple[Photo, ...], int]:
    """The pictures, evidence of what is abnormal first; how many more there are than are printed.

    Pairs of before and after stand together.
    """
    by_record = {one.record.id: one for one in judged}
    found: list[tuple[int, str, datetime, Photo]] = []
    for attachment in sources.attachments:
        if is_picture(attachment):
            made = photo_of(sources, attachment, by_record, findings)
            if made is not None:
                photo, weight = made
                at = photo.taken_at or sources.until
                found.append((weight, photo.pair, at, photo))
    paired = together([one[3] for one in sorted(found, key=lambda one: one[:3])])
    return tuple(paired[:REPORT_PHOTOS_MAX]), max(0, len(paired) - REPORT_PHOTOS_MAX)


def photo_of(
    sources: Sources,
    attachment: Record,
    by_record: Mapping[UUID, Judged],
    findings: Mapping[UUID, StoredFinding],
) -> tuple[Photo, int] | None:
    """One picture and how far behind it stands; None of what hangs on work that is not told of."""
    data = attachment.data
    parent, path = UUID(str(data["parent"])), str(data.get("item") or "")
    finding = findings.get(parent)
    of = by_record.get(finding.inspection if finding and finding.inspection else parent)
    path = finding.item or "" if finding else path
    if of is None and finding is None and parent not in sources.visits:
        return None
    asked = next((one for one in of.asked if one.state.path == path), None) if of else None
    asset = of.placed.name if of else finding.asset_name if finding else ""
    title = same(finding.text) if finding else asked.name if asked else NOTHING
    caption, taken = str(data.get("caption") or ""), as_instant(data.get("taken_at"))
    is_bad = finding is not None or (asked is not None and asked.state.verdict == "abnormal")
    sha256 = str(data["sha256"])
    # Bytes that came for somebody else are none of this one's: whoever only knew their digest
    # could name them, and have what is shown at another site printed.
    known = sources.stored.get(sha256) if data.get("received_at") else None
    photo = Photo(
        sha256=sha256,
        asset=asset,
        title=title,
        caption=caption,
        taken_at=taken,
        when=moment_of(data.get("moment")) or when_of(caption, taken, finding),
        pair=f"{of.record.id if of else parent} {path}",
        state=photo_state(known),
    )
    return photo, 0 if is_bad else 1 if of is not None else 2


def photo_state(known: Bytes | None) -> PhotoState:
    """How far its bytes have come."""
    if known is None:
        return "away"
    if known.media_type is None:
        return "unread"
    return "shown" if known.thumbnails else "unfit"


def moment_of(value: object) -> When:
    """What the engineer said of it on the tablet."""
    return "before" if value == "before" else "after" if value == "after" else ""


def when_of(caption: str, taken: datetime | None, finding: StoredFinding | None) -> When:
    """Before or after the repair, as the caption says, or by when a mended finding was found."""
    words = caption.lower()
    if any(word in words for word in AFTER_WORDS):
        return "after"
    if any(word in words for word in BEFORE_WORDS):
        return "before"
    if finding is not None and taken is not None and step_of(finding) in MENDED:
        return "after" if taken > finding.found_at else "before"
    return ""


def together(photos: Sequence[Photo]) -> list[Photo]:
    """Keep pairs where there is a picture of after; the others stand for themselves."""
    whole = {one.pair for one in photos if one.when == "after"}
    rank = {"before": 0, "": 0, "after": 1}
    placed: dict[str, list[Photo]] = {}
    for one in photos:
        placed.setdefault(one.pair, []).append(one)
    found: list[Photo] = []
    for pair, some in placed.items():
        if pair not in whole:
            found += [msgspec.structs.replace(one, pair="") for one in some]
            continue
        ordered = sorted(some, key=lambda one: rank[one.when])
        is_told = any(one.when == "before" for one in some)
        for one in ordered:
            if one.when == "" and is_told:
                found.append(msgspec.structs.replace(one, pair=""))
            else:
                found.append(msgspec.structs.replace(one, when=one.when or "before"))
    return found


def as_instant(value: object) -> datetime | None:
    return msgspec.convert(value, datetime | None)


def files_of(sources: Sources) -> tuple[str, ...]:
    """Names of what was attached and is no picture."""
    return tuple(
        sorted(
            str(one.data.get("name") or one.data["media_type"])
            for one in sources.attachments
            if not is_picture(one)
        )
    )


# --- What was replaced ---


def replaced_as_noted(judged: Sequence[Judged]) -> Iterable[Replaced]:
    """The parts that engineers noted, in the order in which they did."""
    for one in judged:
        noted = msgspec.convert(one.record.data.get("replacements") or {}, REPLACEMENTS)
        for _, part in sorted(noted.items()):
            yield Replaced(
                asset=one.placed.name,
                part=same(part.part),
                old=part.old.strip(),
                new=part.new.strip(),
                is_noted=True,
            )


def replaced_devices(sources: Sources) -> Iterable[Replaced]:
    """Devices into which another serial number was written while the work went on."""
    known: dict[UUID, str] = {}
    for asset, received, payload in sources.asset_ops:
        try:
            op = OP.decode(payload)
            new = msgspec.json.decode(op.set["serial"], type=str).strip()
        except (msgspec.DecodeError, KeyError):
            continue
        old, known[asset] = known.get(asset, ""), new
        made = min(op.made.wall, received)
        if op.new or not new or new == old or not sources.since <= made <= sources.until:
            continue
        placed = sources.placed.get(asset)
        yield Replaced(asset=placed.name if placed else "", part=NOTHING, old=old, new=new)


def each_once(replaced: Iterable[Replaced]) -> tuple[Replaced, ...]:
    """Tell the same change once: as it was noted, else with the old number where it is known.

    A number that an engineer noted is not told again of the answer that holds it too.
    """
    every = list(replaced)
    noted = {(one.asset, one.new.upper()) for one in every if one.is_noted and one.new}
    found: dict[tuple[str, Both, str], Replaced] = {}
    for one in every:
        if one.is_noted:
            found[(one.asset, one.part, f"{one.old} {one.new}")] = one
            continue
        key = (one.asset, one.part, one.new)
        if (one.asset, one.new.upper()) in noted:
            continue
        if key not in found or not found[key].old:
            found[key] = one
    return tuple(found.values())


# --- Signatures ---


def signatures_of(sources: Sources) -> tuple[Signed, ...]:
    """The signatures over the visits, the customer's first, each with what happened after it.

    Of those that followed one another over one visit, the one that stands.
    """
    over_visits = [one for one in sources.signatures if one.data.get("of_kind") == "visit"]
    found = [signed_of(sources, one) for one in standing(over_visits).values()]
    rank = {"contact": 0, "engineer": 1, "device-user": 2}
    return tuple(sorted(found, key=lambda one: (rank[one.role], one.at)))


def signed_of(sources: Sources, record: Record) -> Signed:
    signature = msgspec.convert(record.data, Signature)
    visit = sources.visits[signature.of]
    became = became_of_visit(
        record, visit, sources.compared[signature.of], sources.children, sources.written
    )
    return Signed(
        role=signature.role,
        name=signature.name,
        title=signature.title,
        strokes=signature.strokes,
        absent_reason=signature.absent_reason,
        at=signature.signed_at,
        digest=signature.digest,
        visit_day=local_day(visit.started_at, sources.zone),
        is_changed=became.since.changed,
        is_added_to=became.since.added,
        added=became.added,
        returned=became.returned,
        seal=sources.seals[record.id],
    )


def count_users(sources: Sources) -> int:
    """How many users of single devices signed for them."""
    return sum(one.data.get("of_kind") == "inspection" for one in sources.signatures)
