"""Defects made on purpose: a simulation that no defect can fail would prove nothing.

Each is one step that an implementation may well forget. It must be caught within `SEEDS_MAX`
worlds, and by a promise: a crash of the program is noticed by anything.
"""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from schemas.pull import GoneLine, PullRequest
from sync.client import REQUEST, Client
from sync.ledger import Ledger
from sync.merge import Draft
from sync.plan import Kept, Left, StoredOp
from sync.pull import plan_pull
from sync.push import Planner
from sync.record import Record
from sync.writing import Writing
from tests.simulation import memory
from tests.simulation.broken import Broken
from tests.simulation.company import SITE_SCOPES
from tests.simulation.memory import Answer, MemoryServer
from tests.simulation.world import simulate

SEEDS_MAX = 150
Patch = Callable[[pytest.MonkeyPatch], None]
DEFECTS: dict[str, tuple[Patch, set[int]]] = {}


def defect(*promises: int) -> Callable[[Patch], Patch]:
    """Which promises may notice it."""

    def note(patch: Patch) -> Patch:
        DEFECTS[patch.__name__] = (patch, set(promises))
        return patch

    return note


# --- The client ---


@defect(4, 5, 9, 10)
def pages_are_applied_without_looking_at_the_token(patch: pytest.MonkeyPatch) -> None:
    right = Client.pull_answered

    def apply(self: Client, request: bytes, body: bytes) -> bool:
        asked = REQUEST.decode(request)
        now = msgspec.structs.replace(asked, token=self.token)
        return right(self, msgspec.json.encode(now), body)

    patch.setattr(Client, "pull_answered", apply)


@defect(4)
def rows_that_are_gone_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    right = Client.apply

    def apply(self: Client, row: bytes, line: object, now: object) -> None:
        if not isinstance(line, GoneLine):
            right(self, row, line, now)  # type: ignore[arg-type]

    patch.setattr(Client, "apply", apply)


@defect(5, 10)
def ops_leave_the_overlay_when_they_are_answered(patch: pytest.MonkeyPatch) -> None:
    right = Client.push_answered

    def answered(self: Client, request: bytes, body: bytes) -> None:
        right(self, request, body)
        for sent in self.outbox:
            sent.settled = sent.settled or sent.outcome is not None

    patch.setattr(Client, "push_answered", answered)


@defect(1, 4, 5)
def nothing_is_offered_again_under_another_epoch(patch: pytest.MonkeyPatch) -> None:
    def rewind(self: Client, epoch: int) -> None:
        self.epoch, self.last_acked = epoch, None
        self.start_over()

    patch.setattr(Client, "rewind", rewind)


@defect(4)
def scopes_that_are_not_named_stay(patch: pytest.MonkeyPatch) -> None:
    def drop(self: Client, held: set[str]) -> None:
        self.held = held

    patch.setattr(Client, "drop", drop)


@defect(2)
def what_was_not_answered_is_dropped_with_its_scope(patch: pytest.MonkeyPatch) -> None:
    right = Client.drop

    def drop(self: Client, held: set[str]) -> None:
        right(self, held)
        self.outbox = [sent for sent in self.outbox if sent.op.record in self.base or sent.op.new]

    patch.setattr(Client, "drop", drop)


@defect(4, 10)
def what_a_pull_from_zero_does_not_send_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Client, "sweep", lambda *_: None)


@defect(1, 3, 5)
def batches_run_on_where_numbers_have_a_gap(patch: pytest.MonkeyPatch) -> None:
    def request(self: Client, *, limit: int = 1_000) -> bytes | None:
        batch = self.unsent[:limit]
        if not batch:
            return None
        header = {"epoch": self.epoch, "first_n": batch[0].op.n}
        return b"\n".join([msgspec.json.encode(header), *(sent.raw for sent in batch)])

    patch.setattr(Client, "push_request", request)


# --- The core ---


@defect(1)
def answers_are_not_looked_up_by_their_ids(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Planner, "outcome_of", lambda *_: None)


@defect(1, 5, 10)
def a_copy_is_answered_with_what_the_other_was(patch: pytest.MonkeyPatch) -> None:
    def replay(self: Planner, line: object, stored: StoredOp) -> None:
        self.outcomes.append(stored.outcome)

    patch.setattr(Planner, "replay", replay)


@defect(3)
def what_was_held_is_never_run(patch: pytest.MonkeyPatch) -> None:
    right = Planner.settle

    def settle(self: Planner, first: Kept, how: str, words: str = "") -> None:
        self.settled[first.id] = (first.lineage, first.n)
        if how != "applied":
            right(self, first, how, words)  # type: ignore[arg-type]

    patch.setattr(Planner, "settle", settle)


@defect(4)
def a_move_leaves_nothing_behind(patch: pytest.MonkeyPatch) -> None:
    right = Ledger.writes

    def writes(self: Ledger) -> object:
        return right(self)[0], tuple[Left]()

    patch.setattr(Ledger, "writes", writes)


@defect(4)
def what_hangs_on_moved_equipment_stays(patch: pytest.MonkeyPatch) -> None:
    def children(self: Ledger, parent: UUID) -> list[Record]:
        return []

    patch.setattr(Ledger, "children", children)


@defect(4, 10)
def digests_forget_what_was_replaced(patch: pytest.MonkeyPatch) -> None:
    right = Ledger.count

    def count(self: Ledger, scope: str, *, live: int, marks: int) -> None:
        right(self, scope, live=live, marks=max(marks, 0))

    patch.setattr(Ledger, "count", count)


@defect(5)
def the_last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Draft, "verdict", lambda *_: "write")


@defect(5)
def a_conflict_keeps_no_value(patch: pytest.MonkeyPatch) -> None:
    right = Draft.refuse
    patch.setattr(Draft, "refuse", lambda self, path, ours, _: right(self, path, ours, None))


@defect(7)
def scopes_are_not_looked_at_on_a_push(patch: pytest.MonkeyPatch) -> None:
    right = Writing.write

    def write(self: Writing, op: object, kind: object, record: Record, *rest: object) -> object:
        changes, values, origin, place = rest
        wide = msgspec.structs.replace(origin, scopes=origin.scopes | {record.scope})  # type: ignore[type-var,attr-defined]
        return right(self, op, kind, record, changes, values, wide, place)  # type: ignore[arg-type]

    patch.setattr(Writing, "write", write)


# --- The server ---


@defect(7)
def a_pull_sends_every_site(patch: pytest.MonkeyPatch) -> None:
    right = MemoryServer.scopes
    patch.setattr(
        MemoryServer,
        "scopes",
        lambda self, device: right(self, device) | set(SITE_SCOPES),
    )


@defect(4)
def tokens_forget_up_to_where_only_live_rows_were_sent(patch: pytest.MonkeyPatch) -> None:
    def plan(*given: object) -> object:
        wanted = plan_pull(*given)  # type: ignore[arg-type]
        return tuple(msgspec.structs.replace(one, live_until=one.head) for one in wanted)

    patch.setattr(memory, "plan_pull", plan)


@defect(1, 4, 5)
def a_restore_is_never_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory, "is_answered_further", lambda *_, **__: False)
    patch.setattr(memory, "has_pulled_further", lambda *_: False)


@defect(1, 2, 3, 5, 10)
def answers_are_kept_before_the_transaction_ends(patch: pytest.MonkeyPatch) -> None:
    """The answer is given, and now and then nothing is stored."""
    right = MemoryServer.push

    def push(self: MemoryServer, device: UUID, body: bytes) -> Answer:
        before = self.state.copy()
        answer = right(self, device, body)
        if self.company.chance(0.05):
            self.state = before
        return answer

    patch.setattr(MemoryServer, "push", push)


def first_broken() -> Broken | None:
    """The first promise that does not hold in any of the worlds."""
    for seed in range(SEEDS_MAX):
        try:
            simulate(seed)
        except Broken as broken:
            return broken
    return None


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_does_not_live_long(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, promises = DEFECTS[name]
    patch(monkeypatch)
    broken = first_broken()
    assert broken is not None, f"{SEEDS_MAX} worlds lived with it"
    assert broken.promise in promises, broken


def test_a_request_is_read_as_it_was_made() -> None:
    """The first defect above rewrites requests; that alone must change nothing."""
    asked = PullRequest(epoch=1, token="x")
    assert REQUEST.decode(msgspec.json.encode(asked)) == asked
