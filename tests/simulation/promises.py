"""The ten promises, looked at while the world runs. Written without the core's own merging.

Here is what can be seen at each step: raw bytes of every answer, the outbox before and after each
local transaction, and every commit of the server. What must hold in the end: `outcome.py`.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sync.plan import Origin, Plan
from sync.record import Json, Record
from tests.simulation.broken import hold
from tests.simulation.company import Company, assignments, scopes_of, traces
from tests.simulation.memory import Answer, MemoryServer, OpStored
from tests.simulation.tablet import Tablet

# Fields where two who write at once conflict; others have a rule of their own.
REGISTERS: Mapping[str, frozenset[str]] = {
    "inspection": frozenset({"answers", "note", "zz_future"}),
    "asset": frozenset({"name", "serial", "note", "attributes"}),
    "attachment": frozenset({"caption"}),
}


class Promises:
    """What every device was told so far, and what it may know."""

    def __init__(self, company: Company, server: MemoryServer) -> None:
        self.company, self.server = company, server
        self.first_told: dict[UUID, str] = {}  # Op to its first outcome.
        self.may_know: dict[UUID, set[bytes]] = {}  # Device to tokens and ids.
        self.holds: dict[UUID, set[str]] = {}
        self.written: dict[tuple[UUID, UUID], int] = {}  # Op and record to the version it made.
        self.heads: dict[str, int] = {}
        self.seen: dict[UUID, Record] = {}  # As they were at the last commit.
        self.rewinds = 0
        self.applied_rows: dict[str, set[tuple[str, int]]] = {}  # By tablet, since its zero.
        self.waiting: set[UUID] = set()
        server.on_commit.append(self.committed)

    # --- The server ---

    def scopes_now(self, device: UUID) -> set[str]:
        known = self.server.state.devices.get(device)
        if known is None:
            return set()
        found = assignments(self.server.state.records)
        return scopes_of(self.company.grants, found, known.person, device)

    def committed(self, origin: Origin, plan: Plan) -> None:
        """Nothing is written twice, and positions only rise."""
        fresh: dict[str, set[bytes]] = {}
        for write in plan.writes:
            record = write.record
            self.look_at_overwriting(plan, record)
            for stamp in () if record.kind == "disposition" else record.stamps.values():
                if stamp.version == record.version:
                    self.look_at_writer(origin, stamp.op, record.scope)
                    made = self.written.setdefault((stamp.op, record.id), stamp.version)
                    hold(1, f"op {stamp.op} wrote {record.id} twice", that=made == stamp.version)
            known = traces(write.line or b"") | {str(record.id).encode()}
            fresh.setdefault(record.scope, set()).update(known)
        for state in plan.states:
            hold(
                4,
                f"the head of {state.id} fell",
                that=state.head >= self.heads.get(state.id, 0),
            )
            self.heads[state.id] = state.head
        for device, may in self.may_know.items():
            held = self.scopes_now(device)
            self.gain(device, held)
            for scope in held & fresh.keys():
                may |= fresh[scope]

    def look_at_overwriting(self, plan: Plan, record: Record) -> None:
        """Nobody overwrites what another lineage wrote and they had not seen: both are kept."""
        before = self.seen.get(record.id)
        self.seen[record.id] = record
        if before is None or record.kind not in REGISTERS:
            return
        for path, stamp in record.stamps.items():
            old = before.stamps.get(path)
            if old is None or old == stamp or old.lineage == stamp.lineage:
                continue
            row = self.stored(stamp.op)
            # Where one push wrote it more than once, what was between is not seen from here.
            several = sum(other.record == record.id for other in plan.ops) > 1
            if row is None or several or path.partition(".")[0] not in REGISTERS[record.kind]:
                continue
            base = json.loads(row.payload).get("base", 0)
            was, now = look_up(before.data, path), look_up(record.data, path)
            is_blind = base < old.version and json.dumps(was) != json.dumps(now)
            hold(5, f"op {stamp.op} overwrote {path} unseen", that=not is_blind)

    def stored(self, op: UUID) -> OpStored | None:
        place = self.server.state.by_id.get(op)
        return self.server.state.ops.get(place) if place else None

    def look_at_writer(self, origin: Origin, op: UUID, scope: str) -> None:
        """What was held is run as its own writer's: where they may not write any more, nothing is.

        What somebody may write in the push that gives it away is decided when it comes.
        """
        row = self.stored(op)
        if row is None or row.device is None or row.person == origin.person:
            return
        hold(7, f"op {op} was run in {scope}", that=scope in self.scopes_now(row.device))

    def gain(self, device: UUID, held: set[str]) -> None:
        """Whoever holds a scope may know all that is in it."""
        may = self.may_know[device]
        for scope in held - self.holds[device]:
            may.add(scope.partition(":")[2].encode())
            for (of, id_), row in self.server.state.feed.items():
                if of == scope:
                    may |= traces(row.body or b"") | {str(id_).encode()}
        self.holds[device] = set(held)

    def restored(self) -> None:
        """History goes on from a backup: what was told since is told anew."""
        self.rewinds += 1
        self.seen = dict(self.server.state.records)
        state = self.server.state
        self.first_told = {op: said for op, said in self.first_told.items() if op in state.by_id}
        stamped = {
            (stamp.op, record.id)
            for record in state.records.values()
            for stamp in record.stamps.values()
        }
        self.written = {at: version for at, version in self.written.items() if at in stamped}
        self.heads = {id_: scope.head for id_, scope in state.scopes.items()}
        for device in self.may_know:
            self.holds[device] = set()

    # --- Answers ---

    def look_at(
        self, device: UUID, held: set[str], call: str, request: bytes, answer: Answer
    ) -> None:
        """Least data: every byte of every answer is of something that the device may know."""
        known = self.server.state.devices.get(device)
        if known is None or not answer.body:
            return
        may = self.may_know.setdefault(device, set())
        self.holds.setdefault(device, set())
        self.gain(device, held)
        may |= traces(request) | {str(known.lineage).encode(), str(known.person).encode()}
        own = {one.id for one in self.server.state.devices.values() if one.person == known.person}
        may |= {str(id_).encode() for id_ in own}
        if call == "push":  # What was answered before is answered again, whoever holds it now.
            own_scopes = {f"device:{id_}" for id_ in own}
            may |= self.look_at_outcomes(device, held | own_scopes, answer.body)
        told = traces(answer.body) - may
        hold(7, f"{call} told {device} of {sorted(told)[:3]}", that=not told)
        if call == "pull":
            self.look_at_page(held, request, answer.body)

    def look_at_outcomes(self, device: UUID, held: set[str], body: bytes) -> set[bytes]:
        """Outcomes never change. Gives what was told of these ops before."""
        told_before: set[bytes] = set()
        said = json.loads(body)
        hold(7, "heads of other scopes", that=said.get("heads", {}).keys() <= held)
        for outcome in said.get("outcomes", ()):
            id_ = outcome.get("id")
            if id_ is None:
                continue
            alike = json.dumps({k: v for k, v in outcome.items() if k != "n"}, sort_keys=True)
            if UUID(id_) in self.first_told:
                told_before |= traces(self.first_told[UUID(id_)].encode())
            first = self.first_told.setdefault(UUID(id_), alike)
            is_anothers = outcome["outcome"] == "rejected" and "used before" in alike
            hold(
                1,
                f"{device} was told {alike}, and first {first}",
                that=first == alike or is_anothers,
            )
        return told_before

    def look_at_page(self, held: set[str], request: bytes, body: bytes) -> None:
        asked = json.loads(request)
        rows = [json.loads(line) for line in body.splitlines()]
        for row in rows[1:-1]:
            hold(7, f"a row of {row['scope']}", that=row["scope"] in held)
            if row["t"] == "record":
                record = self.server.state.records[UUID(row["id"])]
                is_there = record.scope == row["scope"] and not record.withdrawn
                hold(4, f"{row['id']} is not in {row['scope']}", that=is_there)
                hold(4, f"{row['id']} is older", that=record.version == row["version"])
        hold(9, "more rows than asked", that=len(rows) - 2 <= asked.get("limit", 1_000))
        named = {scope["scope"] for scope in rows[0].get("scopes", ())}
        hold(7, f"scopes {named ^ held}", that=named <= held)
        hold(4, f"scopes {named ^ held} are not named", that=len(rows) < 2 or named == held)

    # --- The tablet ---

    def applied(self, tablet: Tablet, request: bytes, body: bytes) -> None:
        """A row is sent once, until the tablet pulls from zero or has lost its scope."""
        rows = [json.loads(line) for line in body.splitlines()]
        named = {scope["scope"] for scope in rows[0]["scopes"]}
        known = self.applied_rows.get(tablet.name, set())
        if json.loads(request).get("token") is None:
            known = set()
        known = {place for place in known if place[0] in named}
        fresh = [(row["scope"], row["seq"]) for row in rows[1:-1]]
        hold(9, f"{tablet.name} was sent {known & set(fresh)} twice", that=known.isdisjoint(fresh))
        self.applied_rows[tablet.name] = known.union(fresh)

    def before_local(self, tablet: Tablet) -> None:
        self.waiting = {sent.op.id for sent in tablet.client.unsent}

    def after_local(self, tablet: Tablet) -> None:
        """Nothing that was not answered leaves the outbox, whatever was said."""
        there = {sent.op.id for sent in tablet.client.outbox}
        lost = self.waiting - there
        hold(2, f"{tablet.name} lost {sorted(lost)[:2]}", that=not lost)
        hold(2, f"{tablet.name} erased itself", that=not (tablet.is_erased and self.waiting))

    def shown(self, tablet: Tablet) -> dict[UUID, Mapping[str, Json] | None]:
        """What is on the screen of everything that waits for an answer."""
        if not self.company.chance(0.1):
            return {}
        records = {sent.op.record for sent in tablet.client.unsent}
        return {record: tablet.client.view(record) for record in records}

    def answered(
        self, tablet: Tablet, body: bytes, shown: Mapping[UUID, Mapping[str, Json] | None]
    ) -> None:
        """An answer alone changes nothing on the screen, where the base is not there yet."""
        client = tablet.client
        outcomes = json.loads(body).get("outcomes", ())
        held = client.held or set()
        if outcomes and all(
            o["seq"] > client.heads.get(o["scope"], 0) and o["scope"] in held for o in outcomes
        ):
            for record, before in shown.items():
                hold(5, f"{record} changed on the screen", that=client.view(record) == before)


def look_up(data: Mapping[str, Json], path: str) -> Json:
    """What is at a path of a record's data."""
    found: Json = data
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def digest_of(lines: list[bytes]) -> str:
    """Count and sum of marks, as docs/protocol.md has it."""
    marks = [int.from_bytes(sha256(line).digest()[:8], "big") for line in lines]
    return f"{len(marks)}:{sum(marks) % 2**64}"
