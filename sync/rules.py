"""What may be written, beyond the type of a field: one function a rule. Pure.

Rule: it reads the ledger and raises, or tells; it never writes.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from schemas.kinds import Kind
from schemas.kinds.evidence import TYPED_MARK
from schemas.ops import Op
from schemas.problems import Problem
from sync.changes import invalid
from sync.consequences import is_accepted
from sync.errors import NotPermitted
from sync.ids import inspection_id, read_id, tag_id
from sync.ledger import Ledger
from sync.merge import Change, Put
from sync.names import is_name
from sync.plan import Claim, Origin
from sync.record import Json, Record
from sync.scopes import fixed_scope, home_record, site_of

# What the office may make of a round; `started` and `done` follow from its inspections.
ROUND_STATES: Mapping[str, frozenset[str]] = {
    "planned": frozenset({"issued", "withdrawn"}),
    "issued": frozenset({"planned", "withdrawn"}),
    "started": frozenset({"withdrawn"}),
    "done": frozenset({"closed", "withdrawn"}),
    "closed": frozenset({"done"}),
    "withdrawn": frozenset({"planned", "issued"}),
}
FINDING_STEPS = ("open", "planned", "fixed", "verified")


def unknown() -> Problem:
    """Said alike of a record that does not exist and of one that this device may not see."""
    return NotPermitted("It waits for the office to look at it.").problem()


def values_of(changes: tuple[Change, ...]) -> dict[str, Json]:
    """The whole fields that are written."""
    return {c.path[0]: c.value for c in changes if isinstance(c, Put) and len(c.path) == 1}


def code_of(values: Mapping[str, Json]) -> str | None:
    """The printed code that a new tag names."""
    code = values.get("code")
    return code if isinstance(code, str) else None


def is_empty(op: Op) -> bool:
    """Whether an op changes nothing: it settles the one that it replaces."""
    return not (op.set or op.add or op.remove or op.withdraw or op.new)


# --- Where ---


def home_of(ledger: Ledger, kind: Kind, id_: UUID, data: Mapping[str, Json]) -> str:
    """The scope that a record belongs to by its fields; empty where nothing can be found.

    One that is not there is answered like one that is elsewhere.
    """
    scope = fixed_scope(kind.name, id_, data)
    if scope is not None:
        return scope
    home = home_record(kind.name, data)
    parent = ledger.records.get(home) if home else None
    return "" if parent is None or parent.withdrawn else parent.scope


def check_id(kind: Kind, id_: UUID, data: Mapping[str, Json]) -> None:
    """Where an id follows from the record, two who make it offline meet on it. Raises."""
    derived = id_
    if kind.name == "tag":
        derived = tag_id(str(data["code"]))
    elif kind.name == "inspection" and data.get("assignment") is not None:
        derived = inspection_id(read_id(str(data["assignment"])), read_id(str(data["asset"])))
    if id_ != derived:
        raise invalid("record", "is not the id that follows from what it is of")


def check_same_id(kind: Kind, before: Record, after: Record) -> None:
    """What an id follows from is not written later, where it would no longer follow. Raises."""
    if any(before.data.get(name) != after.data.get(name) for name in ("assignment", "code")):
        check_id(kind, after.id, after.data)


def check_signer(kind: str, values: Mapping[str, Json]) -> None:
    """A name on a signature can be seen; one that was typed is nothing without it. Raises.

    What was drawn without a name, by another client, stands: its strokes are what was given.
    """
    if kind != "signature":
        return
    name, is_typed = str(values.get("name") or ""), values.get("strokes") == TYPED_MARK
    if (name != "" or is_typed) and not is_name(name):
        raise invalid("name", "shows nothing: it has no letter, figure or symbol")


# --- Work that is done with ---


def is_closed(ledger: Ledger, record: Record, values: Mapping[str, Json]) -> bool:
    """Accepted work, and what hangs on it, changes only through a review; so does late work.

    A finding outlives the work that it was found in: it is followed up until it is verified.
    """
    if record.kind not in ("inspection", "attachment", "signature"):
        return False
    # A blank record says by what is written what it is of.
    data = {**values, **record.data} if record.data else values
    if record.kind != "inspection":
        home = home_record(record.kind, data)
        parent = ledger.records.get(home) if home else None
        return parent is not None and (parent.withdrawn or is_accepted(parent))
    return is_accepted(record) or is_recalled(ledger, record.scope, data)


def is_recalled(ledger: Ledger, scope: str, data: Mapping[str, Json]) -> bool:
    """Whether the round was withdrawn or closed, or no longer covers the asset.

    A round of another site decides nothing: its state is nobody's business here.
    """
    assignment = assignment_of(ledger, data)
    if assignment is None or site_of(assignment.scope) != scope:
        return False
    if assignment.withdrawn or assignment.data.get("state") in ("withdrawn", "closed"):
        return True
    return data.get("asset") in ledger.rounds.of(assignment).recalled


def assignment_of(ledger: Ledger, data: Mapping[str, Json]) -> Record | None:
    named = data.get("assignment")
    return ledger.records.get(read_id(named)) if isinstance(named, str) else None


# --- What moves on ---


def check_steps(origin: Origin, record: Record, values: Mapping[str, Json]) -> None:
    """States move along their ways, whoever writes them. Raises `InvalidOp`."""
    if record.kind == "inspection" and origin.kind == "device" and "step" in values:
        check_forward(record, values["step"])
    if record.kind == "assignment" and "state" in values:
        check_round_state(record, values["state"])
    if record.kind == "finding" and "step" in values:
        check_finding_step(record, values)


def check_forward(record: Record, theirs: Json) -> None:
    """A device moves on within its round; the next round is the office's to begin."""
    ours = record.data.get("step")
    round_now = ours.get("round", 1) if isinstance(ours, dict) else 1
    if isinstance(theirs, dict) and theirs.get("round", 1) > round_now:
        raise invalid("step", "names a round that the office has not begun")


def check_round_state(record: Record, wanted: Json) -> None:
    now = record.data.get("state", "planned")
    if record.version == 0:
        if wanted not in ("planned", "issued"):
            raise invalid("state", "of a new round is `planned` or `issued`")
    elif wanted != now and wanted not in ROUND_STATES.get(str(now), ()):
        raise invalid("state", f"cannot become `{wanted}` while it is `{now}`")


def check_finding_step(record: Record, values: Mapping[str, Json]) -> None:
    """Within a round a finding moves on; opening it again raises the round by one."""
    now, wanted = record.data.get("step"), values.get("step")
    assert isinstance(wanted, Mapping)  # It was read by its type.
    round_now, step_now = place_of(now)
    round_then, step_then = place_of(wanted)
    if step_then == "accepted-risk" and not (values.get("reason") or record.data.get("reason")):
        raise invalid("reason", "says why the risk is accepted")
    if round_then == round_now:
        ended = step_now in ("verified", "accepted-risk")
        if step_then != step_now and (ended or is_behind(step_then, step_now)):
            raise invalid("step", f"cannot go from `{step_now}` to `{step_then}` in one round")
    elif (round_then, step_then) != (round_now + 1, "open"):
        raise invalid("step", "opens again as `open` in the next round")


def place_of(step: Json) -> tuple[int, str]:
    if not isinstance(step, Mapping):
        return 1, "open"
    return int(step.get("round", 1)), str(step.get("step", "open"))


def is_behind(then: str, now: str) -> bool:
    if then not in FINDING_STEPS:
        return False
    return FINDING_STEPS.index(then) < FINDING_STEPS.index(now)


# --- Who ---


def check_hand_over(
    origin: Origin,
    inspectors: Mapping[UUID, Collection[str]],
    record: Record,
    values: Mapping[str, Json],
) -> None:
    """Who is given a round holds its site: its assignee alone gives it, to an inspector."""
    if origin.kind != "device" or record.kind != "assignment":
        return
    if "assignee" not in values or values["assignee"] == record.data.get("assignee"):
        return
    if record.data.get("assignee") != str(origin.person):
        raise invalid("assignee", "is handed over by the assignee alone")
    named = values["assignee"]
    known = inspectors.get(read_id(named), ()) if isinstance(named, str) else ()
    if record.scope not in known:
        raise invalid("assignee", "is nobody who inspects here")


def is_claimed_elsewhere(
    origin: Origin, claims: Mapping[str, Claim], record: Record, values: Mapping[str, Json]
) -> bool:
    claim = claims.get(code_of(values) or "")
    if claim is None or claim.asset is None or claim.retired:
        return False
    return claim.scope != record.scope or record.scope not in origin.scopes
