"""The reference client's base layer: pages, what a repair takes away, what leaves the outbox."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from schemas.ops import Op, Outcome
from schemas.pull import AnchorSeen, DeviceReport
from sync.client import BaseRow, Client, Sent
from sync.record import mark
from tests.unit.test_outbox import ANNA, LINEAGE, NOW, RECORD, SESSION, edit, state

DEVICE, SECOND, THIRD = (UUID(int=number) for number in (0xD, 0xE1, 0xE2))
OWN, SITE, ELSEWHERE = f"device:{DEVICE}", f"site:{UUID(int=0x51)}", f"site:{UUID(int=0x52)}"
LATER = datetime(2026, 11, 19, 7, tzinfo=UTC)

Line = dict[str, Any]


def line(id_: UUID = RECORD, *, scope: str = SITE, version: int = 4, **data: Any) -> Line:
    body = {"kind": data.pop("kind", "inspection"), "id": str(id_), "version": version}
    return {"t": "record", "scope": scope, "seq": data.pop("seq", 8), **body, "data": data}


def gone(id_: UUID = RECORD, *, scope: str = SITE) -> Line:
    body = {"kind": "inspection", "id": str(id_), "version": 5, "reason": "moved"}
    return {"t": "gone", "scope": scope, "seq": 9, **body}


def encoded(one: Line) -> bytes:
    return json.dumps(one).encode()


def digest(*lines: Line) -> str:
    return f"{len(lines)}:{sum(mark(encoded(one)) for one in lines) % 2**64}"


def at_head(scope: str, *live: Line, head: int = 9) -> Line:
    return {"scope": scope, "head": head, "digest": digest(*live)}


OWN_EMPTY = at_head(OWN)


def body(
    *lines: Line, scopes: Sequence[Line], then: str = "next", more: bool = False, epoch: int = 3
) -> bytes:
    start = {"t": "start", "epoch": epoch, "server_time": LATER.isoformat(), "scopes": scopes}
    end = {"t": "end", "token": then, "more": more}
    return b"".join(encoded(one) + b"\n" for one in (start, *lines, end))


def begin() -> Client:
    client = Client(LINEAGE, ANNA, epoch=3)
    client.device = DEVICE
    return client


def pull(client: Client, *lines: Line, scopes: Sequence[Line] | None = None, **more: Any) -> bool:
    """Ask for a page and take it; without `scopes`, all is at its head with these lines."""
    request = client.pull_request()
    named = [at_head(SITE, *lines), at_head(OWN)] if scopes is None else scopes
    return client.pull_answered(request, body(*lines, scopes=named, **more))


def base_of(client: Client) -> dict[UUID, Any]:
    return {id_: (row.scope, row.version, row.data) for id_, row in client.base.items()}


# --- Asking ---


def test_a_pull_says_where_the_device_is() -> None:
    client = begin()
    assert json.loads(client.pull_request()) == {"epoch": 3, "limit": 1_000}
    client.token, client.last_acked = "there", "acked"
    report = DeviceReport(unsent=2, photos_left=1)
    assert json.loads(client.pull_request(limit=50, report=report)) == {
        "epoch": 3,
        "token": "there",
        "last_acked": "acked",
        "limit": 50,
        "report": {"unsent": 2, "photos_left": 1},
    }


# --- One page ---


def test_a_page_brings_records_and_says_whether_more_is_to_come() -> None:
    client = begin()
    first, second = line(note="x"), line(SECOND, scope=OWN, seq=3, version=2, kind="asset")
    begun = [{"scope": SITE, "head": 9, "left": 1}, at_head(OWN, second)]
    assert pull(client, first, second, scopes=begun, more=True) is True
    assert client.base == {
        RECORD: BaseRow(SITE, 8, "inspection", 4, {"note": "x"}, mark(encoded(first))),
        SECOND: BaseRow(OWN, 3, "asset", 2, {}, mark(encoded(second))),
    }
    assert (client.token, client.heads, client.held) == ("next", {OWN: 9}, {SITE, OWN})
    assert pull(client, scopes=[at_head(SITE, first), at_head(OWN, second)]) is False
    assert client.heads == {SITE: 9, OWN: 9}
    assert client.mismatches == 0


def test_a_record_leaves_by_the_scope_that_it_is_in_and_by_no_other() -> None:
    client, one = begin(), line()
    pull(client, one)
    pull(client, gone(scope=ELSEWHERE), scopes=[at_head(SITE, one), at_head(ELSEWHERE), OWN_EMPTY])
    assert RECORD in client.base
    pull(client, gone(SECOND), gone(), line(THIRD), scopes=[at_head(SITE, line(THIRD)), OWN_EMPTY])
    assert set(client.base) == {THIRD}


def test_a_scope_that_is_not_named_leaves_with_its_records_and_no_other_does() -> None:
    client, here, there = begin(), line(), line(SECOND, scope=ELSEWHERE)
    pull(client, here, there, scopes=[at_head(SITE, here), at_head(ELSEWHERE, there), OWN_EMPTY])
    edit(client, 1, record=SECOND)
    pull(client, scopes=[at_head(SITE, here), OWN_EMPTY])
    assert set(client.base) == {RECORD}
    assert (set(client.heads), client.held) == ({SITE, OWN}, {SITE, OWN})
    assert [sent.op.record for sent in client.outbox] == [SECOND]


def test_a_line_of_a_later_version_is_passed_over() -> None:
    client, one = begin(), line()
    later = {"t": "weather", "sun": True}
    assert pull(client, later, one, scopes=[at_head(SITE, one), OWN_EMPTY]) is False
    assert set(client.base) == {RECORD}


def whole() -> bytes:
    return body(line(), scopes=[at_head(SITE, line()), OWN_EMPTY])


@pytest.mark.parametrize(
    "page",
    [
        b"",
        whole().rpartition(b'{"t": "end"')[0],
        whole()[:-1],
        whole().partition(b"\n")[2],
        body(line(), scopes=[at_head(SITE, line())]),
    ],
    ids=["nothing", "cut before its end", "cut in its end", "without its start", "of another"],
)
def test_a_page_that_is_not_whole_or_of_another_device_changes_nothing(page: bytes) -> None:
    client = begin()
    before = state(client)
    assert client.pull_answered(client.pull_request(), page) is True
    assert state(client) == before


def test_an_answer_to_an_older_request_changes_nothing() -> None:
    client = begin()
    asked = client.pull_request()
    pull(client, line())
    before = state(client)
    assert client.pull_answered(asked, whole()) is True
    client.epoch = 4
    again = state(client)
    asked = json.dumps({"epoch": 3, "token": client.token}).encode()
    assert client.pull_answered(asked, whole()) is True
    assert state(client) == again == before | {"epoch": 4}


def test_a_device_that_does_not_know_its_name_takes_any_page() -> None:
    client, one = begin(), line()
    client.device = None
    assert pull(client, one, scopes=[at_head(SITE, one)]) is False
    assert set(client.base) == {RECORD}


def test_a_page_of_another_history_is_not_applied_and_all_is_asked_for_anew() -> None:
    client = begin()
    pull(client, line())
    edit(client, 1).outcome = Outcome(n=1, id=UUID(int=1), outcome="applied")
    assert pull(client, epoch=4) is True
    assert (client.epoch, client.token, client.stale) == (4, None, {RECORD})
    assert RECORD in client.base
    assert client.unsent


# --- Repair ---


def test_where_the_base_is_not_what_the_server_has_it_is_pulled_from_zero() -> None:
    client, one = begin(), line()
    pull(client, one)
    assert pull(client, scopes=[at_head(SITE), OWN_EMPTY]) is True
    assert (client.mismatches, client.token, client.heads) == (1, None, {})
    assert (client.stale, set(client.base)) == ({RECORD}, {RECORD})
    assert client.is_witness
    assert pull(client, one) is False
    assert (client.stale, client.is_witness, client.mismatches) == (set(), False, 1)


def test_one_scope_that_differs_is_enough() -> None:
    for wrong in (0, 1):
        client = begin()
        scopes = [at_head(SITE), at_head(OWN)]
        scopes[wrong]["digest"] = "1:1"
        assert pull(client, scopes=scopes) is True
        assert client.mismatches == 1
        pull(client, scopes=scopes)
        assert client.mismatches == 2


def taken_back(*again: Line, data: Line | None = None, scope: str = SITE) -> Client:
    """A device whose server was restored, and that is sent `again` from zero."""
    client, one = begin(), line(scope=scope, **(data or {"note": "风扇异响", "asset": "x"}))
    other = OWN_EMPTY if scope == SITE else at_head(SITE)
    pull(client, one, scopes=[at_head(scope, one), other])
    client.rewind(4)
    pull(client, *again, scopes=[at_head(SITE, *again), OWN_EMPTY], epoch=4)
    return client


def test_what_a_restore_took_away_is_offered_as_it_was_seen() -> None:
    client = taken_back()
    assert not client.base
    (sent,) = client.outbox
    assert msgspec.json.decode(sent.raw, type=Op) == sent.op
    assert json.loads(sent.raw) == {
        "n": 1,
        "id": str(uuid5(LINEAGE, "witness 1")),
        "by": str(ANNA),
        "kind": "inspection",
        "record": str(RECORD),
        "base": 4,
        "made": {"wall": "2026-11-19T07:00:00Z", "session": str(LINEAGE)},
        "set": {"note": "风扇异响", "asset": "x"},
        "witness": True,
    }
    assert client.next_n == 2


def test_what_comes_back_older_is_offered_as_it_was_seen_and_the_older_one_is_shown() -> None:
    client = taken_back(line(version=3, note="older"))
    assert base_of(client) == {RECORD: (SITE, 3, {"note": "older"})}
    (offered,) = client.outbox
    assert (offered.op.base, offered.op.witness, offered.op.made.wall) == (4, True, LATER)


def test_what_comes_back_under_its_version_but_otherwise_is_offered_too() -> None:
    assert len(taken_back(line(version=4, note="other")).outbox) == 1


@pytest.mark.parametrize("again", [line(note="风扇异响", asset="x"), line(version=5, note="newer")])
def test_what_comes_back_the_same_or_newer_is_not_offered(again: Line) -> None:
    client = taken_back(again)
    assert client.outbox == []
    assert client.stale == set()
    assert base_of(client)[RECORD][2] == again["data"]


def test_what_the_device_alone_was_told_is_not_offered() -> None:
    assert taken_back(scope=OWN).outbox == []


def test_a_record_that_was_taken_away_without_a_restore_is_not_offered() -> None:
    client = begin()
    pull(client, line())
    client.start_over()
    pull(client)
    assert (client.base, client.outbox, client.stale) == ({}, [], set())


def test_a_sweep_takes_what_its_own_scope_did_not_send_again() -> None:
    client, here, there = begin(), line(), line(SECOND, scope=ELSEWHERE)
    both = [at_head(SITE, here), at_head(ELSEWHERE, there), OWN_EMPTY]
    pull(client, here, there, scopes=both)
    client.start_over()
    half = [at_head(SITE), {"scope": ELSEWHERE, "head": 9, "left": 1}, OWN_EMPTY]
    assert pull(client, scopes=half, more=True) is True
    assert (set(client.base), client.stale) == ({SECOND}, {SECOND})
    assert (
        pull(client, there, scopes=[at_head(SITE), at_head(ELSEWHERE, there), OWN_EMPTY]) is False
    )
    assert (set(client.base), client.stale) == ({SECOND}, set())


# --- Roots of the audit chains ---


def anchor(number: int, root: str, *, epoch: int, day: int, previous: str = "0") -> Line:
    data: Line = {"epoch": epoch, "day": f"2026-11-{day:02}", "root": root * 64}
    return line(UUID(int=number), kind="anchor", previous=previous * 64, **data)


def test_a_root_is_kept_as_it_was_told_first_and_by_epoch_and_day() -> None:
    assert begin().anchor_to_say is None
    client = begin()
    pull(client, anchor(1, "a", epoch=9, day=30), anchor(2, "b", epoch=10, day=2))
    pull(
        client,
        anchor(2, "c", epoch=10, day=2),
        scopes=[
            at_head(SITE, anchor(1, "a", epoch=9, day=30), anchor(2, "c", epoch=10, day=2)),
            OWN_EMPTY,
        ],
    )
    newest = AnchorSeen(epoch=10, day=date(2026, 11, 2), root="b" * 64)
    assert client.anchor_to_say == newest  # Of this day another root was told, too.
    assert client.anchors == {
        "0000000009 2026-11-30": AnchorSeen(epoch=9, day=date(2026, 11, 30), root="a" * 64),
        "0000000010 2026-11-02": newest,
    }


# --- What becomes of answered edits ---


def outcome(sent: Sent, word: Any, scope: str | None = SITE, seq: int | None = 9) -> Sent:
    sent.outcome = Outcome(n=sent.op.n, id=sent.op.id, outcome=word, scope=scope, seq=seq)
    return sent


@pytest.mark.parametrize(
    ("scope", "seq", "is_settled"),
    [
        (SITE, 9, True),
        (SITE, 10, False),
        (ELSEWHERE, 10, True),
        (None, 5, True),
        (SITE, None, True),
    ],
)
def test_an_edit_leaves_the_screen_when_the_base_has_come_to_its_outcome(
    scope: str | None,
    seq: int | None,
    is_settled: bool,  # noqa: FBT001
) -> None:
    client = begin()
    waits = edit(client, 1)
    sent = outcome(edit(client, 2), "applied", scope, seq)
    client.settle()
    assert sent.settled is (scope is None or seq is None)  # No page was ever applied.
    pull(client)
    assert (waits.settled, sent.settled) == (False, is_settled)


def test_an_edit_stays_on_the_screen_until_the_last_page() -> None:
    client = begin()
    sent = outcome(edit(client, 1), "applied")
    pull(client, scopes=[at_head(SITE), {"scope": OWN, "head": 9, "left": 1}], more=True)
    assert [sent.settled, pull(client), sent.settled] == [False, False, True]


def disposition(sent: Sent, **data: Any) -> Line:
    said: Line = {"op": str(sent.op.id), "n": sent.op.n, "record_kind": "inspection"} | data
    return line(UUID(int=0xF0 + sent.op.n), scope=OWN, kind="disposition", **said)


def told(*rows: Line) -> dict[str, Any]:
    return {"scopes": [at_head(SITE), at_head(OWN, *rows)]}


def test_what_was_not_applied_is_offered_again_where_twice_nothing_tells_of_it() -> None:
    client = begin()
    sent = outcome(edit(client, 1), "review", OWN)
    pull(client)
    assert (sent.outcome is None, sent.is_missed) == (False, True)
    pull(client)
    assert (sent.outcome is None, sent.is_missed) == (True, False)


def test_what_is_told_of_between_the_two_looks_is_not_offered_again() -> None:
    client = begin()
    sent = outcome(edit(client, 1), "review", OWN)
    pull(client)
    assert (sent.outcome is None, sent.is_missed) == (False, True)
    row = disposition(sent)
    for _ in range(2):
        pull(client, row, **told(row))
        assert (sent.outcome is None, sent.is_missed) == (False, False)


def test_a_line_that_could_not_be_read_is_told_of_by_its_number() -> None:
    client = begin()
    first, second = edit(client, 1), edit(client, 2)
    for sent in (first, second):
        sent.outcome = Outcome(n=sent.op.n, id=None, outcome="rejected", scope=OWN, seq=9)
    # Of the second only another op was told that has its number, and what it was about.
    rows = (disposition(first, op="x", record_kind=None), disposition(second, op="y"))
    pull(client, *rows, **told(*rows))
    assert [sent.is_missed for sent in (first, second)] == [False, True]


def test_what_was_applied_is_offered_again_where_a_head_stands_before_it() -> None:
    client = begin()
    ahead = outcome(edit(client, 1), "applied", SITE, 10)
    reached = outcome(edit(client, 2), "applied", SITE, 9)
    elsewhere = outcome(edit(client, 3), "applied", ELSEWHERE, 10)
    nowhere = outcome(edit(client, 4), "applied", None, None)
    pull(client)
    everyone = (ahead, reached, elsewhere, nowhere)
    assert [sent.is_missed for sent in everyone] == [True, False, False, False]
    pull(client)
    assert [sent.outcome is None for sent in everyone] == [True, False, False, False]


def done(client: Client, number: int, **more: Any) -> Sent:
    sent = outcome(edit(client, number), "applied")
    for name, value in ({"settled": True} | more).items():
        setattr(sent, name, value)
    return sent


def test_what_no_restore_can_lose_is_forgotten_from_the_front() -> None:
    client = begin()
    for number in (1, 2, 3):
        done(client, number)
    client.backed_up_to = 2
    client.trim()
    assert [sent.op.n for sent in client.outbox] == [3]


@pytest.mark.parametrize(
    "more",
    [{"outcome": None}, {"settled": False}, {"is_missed": True}],
    ids=lambda more: next(iter(more)),
)
def test_what_waits_for_anything_is_kept_and_all_behind_it(more: dict[str, Any]) -> None:
    client = begin()
    done(client, 1, **more)
    done(client, 2)
    client.backed_up_to = 2
    client.trim()
    assert len(client.outbox) == 2


def test_what_was_answered_under_an_earlier_lineage_waits_for_a_number_of_this_one() -> None:
    client = begin()
    done(client, 1, lineage=SESSION)
    client.begun_n = 5
    client.backed_up_to = 4
    client.trim()
    assert len(client.outbox) == 1
    client.backed_up_to = 5
    client.trim()
    assert client.outbox == []


def test_what_was_not_applied_stays_until_somebody_has_settled_it() -> None:
    client = begin()
    sent = outcome(edit(client, 1), "review", OWN)
    client.backed_up_to = 1
    open_ = disposition(sent)
    pull(client, open_, **told(open_))
    assert client.outbox == [sent]
    over = disposition(sent, settled={"how": "applied"})
    finding = line(SECOND, op=str(sent.op.id), settled=True)
    pull(client, over, finding, scopes=[at_head(SITE, finding), at_head(OWN, over)])
    assert client.outbox == []


def test_only_what_is_told_says_that_an_edit_is_settled() -> None:
    client = begin()
    sent = outcome(edit(client, 1), "review", OWN)
    client.backed_up_to = 1
    row, finding = disposition(sent), line(SECOND, op=str(sent.op.id), settled=True)
    pull(client, row, finding, scopes=[at_head(SITE, finding), at_head(OWN, row)])
    assert client.outbox == [sent]


def test_the_clock_of_the_server_dates_a_witness() -> None:
    assert taken_back().outbox[0].op.made.wall == LATER != NOW
