"""What follows from a write elsewhere: a round's state, what moves along. Pure.

Rule: it follows from the records alone, whoever wrote them; no device writes it.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from sync.ids import read_id
from sync.ledger import Ledger
from sync.plan import InspectionState
from sync.record import Json, Record
from sync.scopes import archive_of, is_archive, site_of

OVER = frozenset({"verified", "accepted-risk"})


def inspection_state(data: Mapping[str, Json]) -> InspectionState:
    """Where an inspection stands, from its step and the office's decision over that round."""
    step, review = data.get("step"), data.get("review")
    number = step.get("round", 1) if isinstance(step, dict) else 1
    reached = step.get("step", "draft") if isinstance(step, dict) else "draft"
    if isinstance(review, dict):
        if review.get("decision") == "accepted" and review.get("round", 1) == number:
            return "accepted"
        if review.get("decision") == "returned" and reached == "draft":
            return "returned"
    return "submitted" if reached == "submitted" else "draft"


def is_accepted(record: Record) -> bool:
    return record.kind == "inspection" and inspection_state(record.data) == "accepted"


def is_over(record: Record) -> bool:
    """Whether the record is work that is done with: accepted, verified, or a risk accepted."""
    step = record.data.get("step")
    if record.kind == "finding":
        return isinstance(step, dict) and step.get("step") in OVER
    return is_accepted(record)


# --- What moves along ---


def move_along(ledger: Ledger, parent: Record, scope: str, before: str) -> None:
    """Take to `scope` what hangs on `parent` and lay `before`; work that is over stays."""
    for child in ledger.children(parent.id):
        if child.scope == before and not is_over(child):
            ledger.move(child, scope)
            move_along(ledger, child, scope, before)


def take_all(ledger: Ledger, record: Record, scope: str) -> None:
    """Take a record and everything on it to `scope`, findings that are still open excepted."""
    if record.kind == "finding" and is_archive(scope) and not is_over(record):
        return
    if record.scope != scope:
        ledger.move(record, scope)
    for child in ledger.children(record.id):
        take_all(ledger, child, scope)


def of_round(ledger: Ledger, assignment: UUID) -> Iterator[Record]:
    """The inspections and visits of a round, and the findings of its inspections."""
    inspections = set()
    for record in ledger.in_order():
        if record.data.get("assignment") == str(assignment) and not record.withdrawn:
            inspections.add(str(record.id))
            yield record
    for record in ledger.in_order():
        if record.kind == "finding" and record.data.get("inspection") in inspections:
            yield record


def follow_round(ledger: Ledger, assignment: Record) -> None:
    """A closed round goes to its site's archive with its work; reopened, it comes back."""
    is_closed = assignment.data.get("state") == "closed"
    home = site_of(assignment.scope)
    scope = archive_of(home) if is_closed else home
    if assignment.scope == scope:
        return
    ledger.move(assignment, scope)
    for record in of_round(ledger, assignment.id):
        if record.scope == assignment.scope:
            take_all(ledger, record, scope)


def follow_finding(ledger: Ledger, finding: Record) -> None:
    """A finding outlives its round: it follows into the archive when it is over, and back."""
    home = site_of(finding.scope)
    inspection = finding.data.get("inspection")
    of = ledger.records.get(read_id(inspection)) if isinstance(inspection, str) else None
    if of is not None and is_over(finding) and of.scope == archive_of(home):
        take_all(ledger, finding, archive_of(home))
    elif is_archive(finding.scope) and not is_over(finding):
        take_all(ledger, finding, home)
