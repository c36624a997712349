"""What must hold when the network is good again and every queue is empty."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from uuid import UUID

from sync.record import Json, Record
from tests.simulation.broken import hold
from tests.simulation.memory import MemoryServer, OpStored, State
from tests.simulation.promises import Promises, digest_of, look_up
from tests.simulation.tablet import Tablet, Typed


def check_all(server: MemoryServer, tablets: Iterable[Tablet], promises: Promises) -> None:
    state = server.state
    check_chains(state)
    check_digests(state)
    check_settling(state)
    check_families(state)
    for tablet in tablets:
        for typed in tablet.typed:
            check_typed(state, tablet, typed)
        if tablet.standing == "active" and not tablet.is_erased:
            check_complete(state, tablet, promises)


# --- The server's own books ---


def check_chains(state: State) -> None:
    """Every payload and outcome is in its writer's chain, as received."""
    last: dict[UUID, bytes] = {}
    for row in state.ops.values():
        before = last.get(row.lineage, bytes(32))
        digests = sha256(row.payload).digest() + sha256(row.outcome_bytes).digest()
        hold(1, f"link {row.n}", that=sha256(before + digests).digest() == row.chain)
        last[row.lineage] = row.chain
    ids = [row.id for row in state.ops.values() if row.id]
    hold(1, "an op is stored twice", that=len(ids) == len(set(ids)))


def check_digests(state: State) -> None:
    seqs: dict[str, list[int]] = {}
    for (scope, id_), row in state.feed.items():
        seqs.setdefault(scope, []).append(row.seq)
        record = state.records[id_]
        is_here = record.scope == scope and not record.withdrawn
        hold(4, f"{id_} in {scope}", that=is_here == (row.body is not None))
    for scope, numbers in seqs.items():
        hold(4, f"one seq twice in {scope}", that=len(numbers) == len(set(numbers)))
        hold(4, f"{scope} has a seq above its head", that=max(numbers) <= state.scopes[scope].head)
        lines = [row.body for (of, _), row in state.feed.items() if of == scope and row.body]
        hold(4, f"digest of {scope}", that=state.scopes[scope].digest() == digest_of(lines))


def check_families(state: State) -> None:
    """Tags and evidence are where that is which they mark, wherever it was moved to."""
    for record in state.records.values():
        named = {"tag": "asset", "attachment": "parent"}.get(record.kind)
        parent = state.records.get(UUID(str(record.data[named]))) if named else None
        if parent is None or parent.withdrawn or record.withdrawn:
            continue
        hold(4, f"{record.kind} {record.id} was left behind", that=record.scope == parent.scope)


def check_settling(state: State) -> None:
    """What was not applied waits for somebody, or every device was told how it ended."""
    told: dict[str, list[Record]] = {}
    for record in state.records.values():
        if record.kind == "disposition":
            told.setdefault(str(record.data["op"]), []).append(record)
    for row in state.ops.values():
        if row.id is None or row.device is None or row.outcome.outcome == "applied":
            continue
        ends = {bool(record.data.get("settled")) for record in told[str(row.id)]}
        hold(3, f"op {row.id} is open: {row.open}, told {ends}", that=ends == {not row.open})


# --- What people typed ---


def check_typed(state: State, tablet: Tablet, typed: Typed) -> None:
    """The op is kept whole under its outcome, and each of its values is to be found."""
    row = row_of(state, typed)
    if row is None:
        hold(1, f"{tablet.name}: {typed.op.id} was answered and is not stored", that=False)
        return
    said = row.outcome
    if row.id is not None:
        hold(5, f"op {row.id} was altered", that=same_op(row.payload, typed.raw))
    if typed.is_poison:
        hold(3, f"op {typed.op.id} is {said.outcome}", that=said.outcome == "rejected")
        hold(3, f"op {typed.op.id} has no problem", that=said.problem is not None)
    if typed.is_plain:
        hold(3, f"op {typed.op.id} is {said}", that=said.outcome != "rejected")
    if said.outcome in ("applied", "conflict") and typed.op.replaces is None:
        check_values(state, typed, row)


def row_of(state: State, typed: Typed) -> OpStored | None:
    place = state.by_id.get(typed.op.id)
    if place is not None:
        return state.ops[place]
    # A line that could not be read has no id: its bytes are all there is.
    return next((row for row in state.ops.values() if row.payload == typed.raw), None)


def same_op(payload: bytes, raw: bytes) -> bool:
    """The same but for its number: another installation may have sent it."""
    if payload == raw or not raw.endswith(b"}"):
        return payload == raw
    theirs, ours = json.loads(payload), json.loads(raw)
    names = {"n", "orig_n", "zz_member"}  # What is taken over is written anew.
    return {k: v for k, v in theirs.items() if k not in names} == {
        k: v for k, v in ours.items() if k not in names
    }


def check_values(state: State, typed: Typed, row: OpStored) -> None:
    """In the record as written last by this op, overwritten by another, or in a conflict."""
    record = state.records.get(typed.op.record)
    if record is None:
        hold(5, f"{typed.op.record} was applied and is not there", that=False)
        return
    disputed = {
        one.conflict.path: one.conflict.theirs
        for one, _ in state.disputes.values()
        if one.op == row.id
    }
    for path, raw in typed.op.set.items():
        value = json.loads(bytes(raw))
        if path in disputed:
            hold(5, f"{path} of {row.id} in its conflict", that=alike(disputed[path], value))
            continue
        stamp = record.stamps.get(path)
        if stamp is not None and stamp.op == typed.op.id:
            found = look_up(record.data, path)
            hold(5, f"{path} of {row.id} is {found}", that=alike(found, value))
        elif said_alike(record.data, path, value):
            continue
        else:
            hold(5, f"{path} of {row.id} is nowhere", that=is_overwritten(record, path))


def is_overwritten(record: Record, path: str) -> bool:
    """Somebody wrote the path, or removed the element that it was in; `fixed` keeps the first."""
    steps = path.split(".")
    above = (".".join(steps[: i + 1]) for i in range(len(steps)))
    return any(name in record.stamps for name in above)


def said_alike(data: Mapping[str, Json], path: str, value: Json) -> bool:
    return alike(look_up(data, path), value)


def alike(a: Json, b: Json) -> bool:
    """Equal as JSON text: `true` is not 1."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


# --- What a tablet holds ---


def check_complete(state: State, tablet: Tablet, promises: Promises) -> None:
    """At the heads: exactly the live records of its scopes, and nothing left to lay over them."""
    client = tablet.client
    held = promises.scopes_now(tablet.device)
    live = {
        id_: record
        for id_, record in state.records.items()
        if record.scope in held and not record.withdrawn
    }
    hold(
        4,
        f"{tablet.name} lacks {sorted(live.keys() - client.base.keys())[:2]}, "
        f"has beyond {sorted(client.base.keys() - live.keys())[:2]}",
        that=client.base.keys() == live.keys(),
    )
    for id_, record in live.items():
        row = client.base[id_]
        hold(4, f"{tablet.name} has an old {id_}", that=row.version == record.version)
        data = {name: value for name, value in record.data.items() if value is not None}
        hold(4, f"{tablet.name} has another {id_}", that=alike(row.data, data))
        hold(10, f"{tablet.name} still overlays {id_}", that=client.view(id_) == row.data)
    hold(10, f"{tablet.name} did not drain", that=not client.unsent)
    hold(10, f"{tablet.name} has unsettled ops", that=all(s.settled for s in client.outbox))
    numbers = [sent.op.n for sent in client.outbox]
    hold(1, "a number was used twice", that=len(numbers) == len(set(numbers)))
    if not promises.rewinds:
        hold(4, f"{tablet.name} had to repair", that=client.mismatches == 0)
