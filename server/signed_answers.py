"""The answers as they stood when somebody signed. Rule: only what the signed digest proves is told.

A document holds the digest of an inspection's answers. Its ops are folded again, in the order in
which they came, until a state has that digest: then it is what was signed, whatever any clock
says. The device may have seen its own newer ops over an older state of others'; that is tried
too. Pure: ops in, a state out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.base import INTEGER_MAX
from server.signing import COVERED_FIELDS, answers_digest
from server.store.signatures import Received
from sync.changes import read_changes
from sync.errors import InvalidOp
from sync.merge import Writer, merge
from sync.record import Json, Record, same

STATES_TRIED_MAX = 400


def answers_then(
    digest: str, now: Record, written: Sequence[Received], signed: Received | None
) -> Mapping[str, Json] | None:
    """The state of an inspection with this digest; None where none of STATES_TRIED_MAX has it."""
    for tries, state in enumerate(candidates(now, written, signed)):
        if answers_digest(state) == digest:
            return state
        if tries == STATES_TRIED_MAX:
            break
    return None


def candidates(
    now: Record, written: Sequence[Received], signed: Received | None
) -> Iterator[Mapping[str, Json]]:
    """States in which it may have been signed, the likely ones first."""
    yield now.data
    states = [Record(now.kind, now.id, "", 0, {}, {})]
    applied = [one for one in written if one.is_applied]
    for one in applied:
        states.append(fold(states[-1], one))
    at = sum(signed is None or one.received_at <= signed.received_at for one in applied)
    for state in (*reversed(states[: at + 1]), *states[at + 1 :]):
        yield state.data
    if signed is None:
        return
    own = [one for one in written if one.lineage == signed.lineage and one.n < signed.n]
    for position in range(at, -1, -1):
        seen = {(one.lineage, one.n) for one in applied[:position]}
        newer = (one for one in own if (one.lineage, one.n) not in seen)
        yield fold_all(states[position], newer).data


def fold_all(state: Record, written: Iterable[Received]) -> Record:
    for one in written:
        state = fold(state, one)
    return state


def fold(state: Record, one: Received) -> Record:
    """The state with one op on top; what its rules refuse leaves it as it is."""
    op = one.op
    if op.kind != state.kind:
        return state
    try:
        changes = read_changes(op, from_device=False)
    except InvalidOp:
        return state
    writer = Writer(
        lineage=one.lineage,
        n=one.n,
        op=op.id,
        base=INTEGER_MAX,  # Folded in the order that was decided: nothing is in dispute here.
        version=state.version + 1,
        new=op.new,
    )
    return merge(state, changes, writer).record


# --- What differs ---


def changed_paths(then: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, ...]:
    """What is not as it was: paths of the form, `replacements.id` and `note`."""
    before, after = dict(answers_in(then)), dict(answers_in(now))
    paths = [*before, *(path for path in after if path not in before)]
    return tuple(path for path in paths if not same(before.get(path), after.get(path)))


def answers_in(data: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Every answer by `item` or `group.element.item`, without the names of elements; each part."""
    yield from mapping(data.get("answers")).items()
    for element, whole in mapping(data.get("elements")).items():
        of = mapping(whole)
        for item, answer in mapping(of.get("answers")).items():
            yield f"{of.get('group')}.{element}.{item}", answer
    for id_, part in mapping(data.get("replacements")).items():
        yield f"replacements.{id_}", part
    yield "note", data.get("note") or None


def mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def covered_answers(data: Mapping[str, Json]) -> dict[str, Json]:
    """The part of an inspection that a signature covers."""
    return {name: data[name] for name in COVERED_FIELDS if data.get(name)}
