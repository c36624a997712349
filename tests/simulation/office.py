"""The office: accepts, returns, decides, mends, moves, closes. It sees the server's own state.

Its edits go the way of every push. What it looked at may have moved on meanwhile, or be nonsense:
then the server says so, and nothing more is asked of it.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from sync.lines import read_kept
from sync.record import Json, Record
from tests.simulation.company import CHIEF, ENGINEERS, SITES, TEMPLATE, Company, round_of
from tests.simulation.memory import MemoryServer, OpStored
from tests.simulation.tablet import WRONG_FIELDS

ROUND_WAYS = {
    "planned": ("issued", "withdrawn"),
    "issued": ("withdrawn", "planned"),
    "started": ("withdrawn",),
    "done": ("closed", "closed", "closed", "withdrawn"),
    "closed": ("done",),
    "withdrawn": ("issued",),
}


class Office:
    def __init__(self, company: Company, server: MemoryServer) -> None:
        self.company, self.server = company, server
        self.sent: list[dict[str, object]] = []

    def work(self) -> None:
        """One edit of a kind drawn by lot."""
        doing = self.company.random.choices(
            (
                self.review,
                self.decide,
                self.settle,
                self.move_round,
                self.change_round,
                self.move_asset,
                self.edit_inspection,
                self.edit_asset,
                self.withdraw,
                self.follow_up,
            ),
            (16, 8, 10, 12, 4, 4, 5, 3, 3, 5),
        )[0]
        op = doing()
        if op is not None:
            self.send(op)

    def send(self, op: dict[str, object]) -> None:
        made = {
            "id": str(self.company.new_id()),
            "by": str(CHIEF),
            "made": {
                "wall": msgspec.to_builtins(self.company.now()),
                "session": str(UUID(int=7)),
            },
        }
        self.sent.append(made | op)
        self.server.office([made | op])

    def op(self, record: Record, **more: Json) -> dict[str, object]:
        """An edit of what is there now, or of what was there one version ago."""
        base = record.version - int(self.company.chance(0.1))
        return {"kind": record.kind, "record": str(record.id), "base": base} | more

    def pick(self, kind: str) -> Record | None:
        found = [r for r in self.server.state.records.values() if r.kind == kind]
        live = [r for r in found if not r.withdrawn]
        return self.company.random.choice(live) if live else None

    # --- What it does ---

    def review(self) -> dict[str, object] | None:
        """Accept or return an inspection that was handed in."""
        handed_in = [
            (record, step)
            for record in self.server.state.records.values()
            if record.kind == "inspection"
            and isinstance(step := record.data.get("step"), Mapping)
            and step.get("step") == "submitted"
        ]
        if not handed_in:
            return self.edit_inspection()
        record, step = self.company.random.choice(handed_in)
        round_ = step.get("round", 1)
        said = "accepted" if self.company.chance(0.6) else "returned"
        review: Json = {
            "decision": said,
            "round": round_,
            "reviewer": str(CHIEF),
            "reviewer_name": "陈国栋",
            "at": "2026-11-18T07:00:00Z",
        }
        if said == "accepted":
            return self.op(record, set={"review": review})
        remark = {
            "text": self.company.token(),
            "author": str(CHIEF),
            "author_name": "陈国栋",
            "origin": "office",
        }
        again: Json = {"round": int(str(round_)) + 1, "step": "draft"}
        return self.op(
            record,
            set={"review": review, "step": again},
            add={"remarks": {str(self.company.new_id()): remark}},
        )

    def decide(self) -> dict[str, object] | None:
        """Decide a conflict: theirs, ours or a third value; or let all stand."""
        waiting = [one for one, decision in self.server.state.disputes.values() if not decision]
        if not waiting:
            return None
        one = self.company.random.choice(waiting)
        record = self.server.state.records.get(one.record)
        if record is None:
            return None
        op = self.op(record, replaces=str(one.op))
        path, theirs = one.conflict.path, one.conflict.theirs
        if theirs is None or self.company.chance(0.3):
            return op
        if path.count(".") == 1 and path.startswith(("elements.", "remarks.")):
            field, _, key = path.partition(".")
            return op | {"add": {field: {key: theirs}}}
        if path.startswith("elements.") and self.company.chance(0.5):
            return op
        third = self.company.chance(0.2) and path == "note"
        return op | {"set": {path: self.company.token() if third else theirs}}

    def settle(self) -> dict[str, object] | None:
        """Mend, or discard, what was not applied."""
        waiting = [
            row
            for row in self.server.state.ops.values()
            if row.open and row.id and row.outcome.outcome != "conflict"
        ]
        if not waiting:
            return None
        row = self.company.random.choice(waiting)
        op = read_kept(row.payload)
        if op is None or self.company.chance(0.25):
            return {"kind": "inspection", "record": str(UUID(int=3)), "replaces": str(row.id)}
        return self.mended(row)

    def mended(self, row: OpStored) -> dict[str, object]:
        kept = msgspec.json.decode(row.payload)
        values = {k: v for k, v in kept.get("set", {}).items() if k not in WRONG_FIELDS}
        if "template" in values:
            values["template"] = str(TEMPLATE)
        if self.company.chance(0.3) and "note" in values:
            values["note"] = self.company.token()
        names = ("kind", "record", "new", "parent", "add", "remove", "withdraw")
        op = {name: kept[name] for name in names if name in kept}
        record = self.server.state.records.get(UUID(kept["record"]))
        base = record.version if record else 0
        return op | {"set": values, "base": base, "replaces": str(row.id)}

    def move_round(self) -> dict[str, object] | None:
        """Issue, withdraw, close or reopen a round."""
        record = self.server.state.records[round_of(self.company.random.choice(SITES))]
        ways = ROUND_WAYS[str(record.data.get("state", "planned"))]
        state = self.company.random.choice(ways)
        if state in ("withdrawn", "planned") and self.company.chance(0.7):
            return None
        return self.op(record, set={"state": state})

    def change_round(self) -> dict[str, object] | None:
        """Give it to somebody, name a backup, withdraw a target or take it back in."""
        record = self.server.state.records[round_of(self.company.random.choice(SITES))]
        if self.company.chance(0.6):
            field = self.company.random.choice(("assignee", "backup"))
            person = self.company.random.choice(ENGINEERS)
            return self.op(record, set={field: str(person)})
        targets = record.data.get("targets")
        assert isinstance(targets, list | tuple)
        place = self.company.random.randrange(len(targets))
        turned = [
            target | {"withdrawn": not target.get("withdrawn", False)} if i == place else target
            for i, target in enumerate(targets)
        ]
        return self.op(record, set={"targets": turned})

    def move_asset(self) -> dict[str, object] | None:
        record = self.pick("asset")
        if record is None:
            return None
        return self.op(record, set={"site": str(self.company.random.choice(SITES))})

    def edit_inspection(self) -> dict[str, object] | None:
        record = self.pick("inspection")
        if record is None:
            return None
        if self.company.chance(0.5):
            return self.op(record, set={"note": self.company.token()})
        value = {"value": self.company.token()}
        return self.op(record, set={"answers.temp": value})

    def edit_asset(self) -> dict[str, object] | None:
        record = self.pick("asset")
        return self.op(record, set={"name": self.company.token()}) if record else None

    def withdraw(self) -> dict[str, object] | None:
        kind = self.company.random.choice(("attachment", "finding", "inspection", "tag", "asset"))
        record = self.pick(kind)
        if record is None or (kind in ("inspection", "asset") and self.company.chance(0.7)):
            return None
        return self.op(record, withdraw=True)

    def follow_up(self) -> dict[str, object] | None:
        """A finding goes its way, or is opened again."""
        record = self.pick("finding")
        if record is None:
            return None
        step = record.data.get("step")
        now = step if isinstance(step, Mapping) else {"round": 1, "step": "open"}
        round_, reached = int(str(now.get("round", 1))), str(now.get("step", "open"))
        if reached in ("verified", "accepted-risk"):
            return self.op(record, set={"step": {"round": round_ + 1, "step": "open"}})
        wanted = self.company.random.choice(("fixed", "verified", "accepted-risk"))
        return self.op(
            record,
            set={"step": {"round": round_, "step": wanted}, "reason": self.company.token()},
        )
