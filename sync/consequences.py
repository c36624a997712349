"""What follows from an op elsewhere: a round's state. Pure. Rule: never written by a device."""

from collections.abc import Mapping
from uuid import UUID

from sync.plan import InspectionState
from sync.record import Json, Record


def inspection_state(data: Mapping[str, Json]) -> InspectionState:
    """Where an inspection stands, from its step and the office's decision over that round."""
    step, review = data.get("step"), data.get("review")
    number = step.get("round", 1) if isinstance(step, Mapping) else 1
    reached = step.get("step", "draft") if isinstance(step, Mapping) else "draft"
    if isinstance(review, Mapping):
        if review.get("decision") == "accepted" and review.get("round", 1) == number:
            return "accepted"
        if review.get("decision") == "returned" and reached == "draft":
            return "returned"
    return "submitted" if reached == "submitted" else "draft"


def is_accepted(record: Record) -> bool:
    return record.kind == "inspection" and inspection_state(record.data) == "accepted"


def targets(assignment: Record) -> tuple[UUID, ...]:
    """The assets that the round still covers."""
    listed = assignment.data.get("targets")
    if not isinstance(listed, list | tuple):
        return ()
    return tuple(
        UUID(str(target["asset"]))
        for target in listed
        if isinstance(target, Mapping) and not target.get("withdrawn")
    )


def assignment_state(assignment: Record, round_: Mapping[UUID, InspectionState]) -> str | None:
    """The state that its inspections call for; None where it stays as it is.

    started: something was begun; done: every target was submitted or accepted. Closing is
    the office's, and a state goes back only from done to started, when work is returned.
    """
    now = assignment.data.get("state", "planned")
    if now in ("withdrawn", "closed"):
        return None
    wanted = targets(assignment)
    if wanted and all(round_.get(asset) in ("submitted", "accepted") for asset in wanted):
        state = "done"
    elif round_:
        state = "started"
    else:
        return None
    return None if state == now else state
