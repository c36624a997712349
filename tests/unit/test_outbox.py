"""The reference client's outbox: edits, numbers, what is pushed, and what an answer does to it."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schemas.base import OPS_PER_PUSH_MAX
from schemas.enrol import EnrolAnswer
from schemas.ops import Op, Outcome
from sync.client import BaseRow, Client, Saved, Sent

NOW = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
LINEAGE, NEXT, ANNA, SESSION, RECORD, OTHER = (UUID(int=number) for number in range(1, 7))
SCOPE = f"site:{UUID(int=0x51)}"
STATE = Saved.__struct_fields__


def begin(*, next_n: int = 1) -> Client:
    return Client(LINEAGE, ANNA, epoch=3, next_n=next_n)


def edit(client: Client, number: int = 1, record: UUID = RECORD, **more: Any) -> Sent:
    """Type a note, or `more`; the op has the id `number`."""
    said: dict[str, Any] = {"set_": {"note": f"note {number}"}} | more
    kind = said.pop("kind", "inspection")
    client.edit(kind, record, id_=UUID(int=number), session=SESSION, at=NOW, **said)
    return client.outbox[-1]


def written(sent: Sent) -> dict[str, Any]:
    op: dict[str, Any] = json.loads(sent.raw)
    return op


def row(data: dict[str, Any], *, version: int = 4, scope: str = SCOPE) -> BaseRow:
    return BaseRow(scope, 9, "inspection", version, data, 17)


def requested(client: Client, **more: int) -> tuple[dict[str, Any], list[int]]:
    """The header of the next push, and the numbers in it."""
    request = client.push_request(**more)
    assert request is not None
    header, *lines = map(json.loads, request.split(b"\n"))
    return header, [line["n"] for line in lines]


def outcome(n: int, **more: Any) -> dict[str, Any]:
    """What the server says of the op `n`, whose id is `n` too."""
    return {"n": n, "id": str(UUID(int=n)), "outcome": "applied"} | more


def answer(client: Client, *outcomes: dict[str, Any], asked: int = 3, **more: Any) -> None:
    """Give an answer to a push of the epoch `asked`."""
    header = json.dumps({"epoch": asked, "first_n": 1}).encode()
    body = {"epoch": 3, "outcomes": outcomes} | more
    client.push_answered(header + b"\n{}", json.dumps(body).encode())


def state(client: Client) -> dict[str, Any]:
    return {name: getattr(client, name) for name in STATE}


def test_a_new_installation_knows_nothing_yet() -> None:
    assert state(begin(next_n=7)) == {
        "lineage": LINEAGE,
        "person": ANNA,
        "device": None,
        "epoch": 3,
        "next_n": 7,
        "begun_n": 7,
        "token": None,
        "last_acked": None,
        "acked_n": 0,
        "backed_up_to": 0,
        "held": None,
        "heads": {},
        "base": {},
        "stale": set(),
        "is_witness": False,
        "outbox": [],
        "mismatches": 0,
        "anchors": {},
        "previous": {},
        "contradicted": set(),
    }


# --- Editing ---


def test_an_edit_is_written_on_the_version_on_the_screen_and_says_all_that_it_is() -> None:
    client = begin(next_n=7)
    client.base[RECORD] = row({"note": "old"})
    op = client.edit(
        "inspection",
        RECORD,
        id_=UUID(int=9),
        session=SESSION,
        at=NOW,
        new=True,
        parent=OTHER,
        set_={"note": "风扇异响"},
        add={"elements": {"port-1": {"group": "ports"}}},
        remove={"elements": ("port-2",)},
        withdraw=True,
        words="因为",
    )
    (sent,) = client.outbox
    assert sent == Sent(op, sent.raw, LINEAGE)
    assert msgspec.json.decode(sent.raw, type=Op) == op
    assert json.loads(sent.raw) == {
        "id": str(UUID(int=9)),
        "kind": "inspection",
        "record": str(RECORD),
        "base": 4,
        "new": True,
        "parent": str(OTHER),
        "set": {"note": "风扇异响"},
        "add": {"elements": {"port-1": {"group": "ports"}}},
        "remove": {"elements": ["port-2"]},
        "withdraw": True,
        "words": "因为",
        "n": 7,
        "by": str(ANNA),
        "made": {"wall": "2026-11-18T06:02:00Z", "session": str(SESSION)},
    }


def test_an_edit_says_nothing_that_it_is_not() -> None:
    client = begin()
    assert set(written(edit(client))) == {"id", "kind", "record", "set", "n", "by", "made"}
    assert client.outbox[0].op.base == 0


def test_every_edit_takes_the_next_number() -> None:
    client = begin(next_n=5)
    assert [edit(client, number).op.n for number in (1, 2, 3)] == [5, 6, 7]
    assert (client.next_n, client.begun_n) == (8, 5)
    assert begin().next_n == 1


def test_a_mend_names_what_it_replaces_and_its_number_under_its_own_lineage_alone() -> None:
    client = begin(next_n=5)
    first = edit(client, 1)
    mend = edit(client, 2, replaces=first)
    assert (mend.op.replaces, mend.op.orig_n) == (UUID(int=1), 5)
    first.lineage = NEXT
    later = edit(client, 3, replaces=first)
    assert (later.op.replaces, later.op.orig_n) == (UUID(int=1), None)


def test_what_another_installation_could_not_send_is_taken_over_once_under_new_numbers() -> None:
    theirs = begin(next_n=40)
    ops = [edit(theirs, 1).op, edit(theirs, 2).op, edit(theirs, 3, replaces=theirs.outbox[0]).op]
    ours = begin(next_n=8)
    ours.rescue(ops[:1])
    ours.rescue(ops)
    assert [(sent.op.n, sent.op.id.int, sent.op.orig_n) for sent in ours.outbox] == [
        (8, 1, None),
        (9, 2, None),
        (10, 3, None),
    ]
    assert [msgspec.json.decode(sent.raw, type=Op) for sent in ours.outbox] == [
        sent.op for sent in ours.outbox
    ]
    assert ours.next_n == 11
    assert written(ours.outbox[2])["replaces"] == str(UUID(int=1))


def test_what_is_on_the_disk_comes_back_whole() -> None:
    client = begin(next_n=4)
    client.device, client.token, client.last_acked = OTHER, "token", "acked"
    client.base[RECORD] = row({"note": "x"})
    client.held, client.heads, client.stale = {SCOPE}, {SCOPE: 9}, {RECORD}
    client.acked_n, client.backed_up_to, client.mismatches, client.is_witness = 3, 2, 1, True
    edit(client).outcome = Outcome(n=4, id=UUID(int=1), outcome="applied")
    again = Client.load(client.save())
    assert state(again) == state(client)
    assert again.save() == client.save()


# --- What is on the screen ---


def test_unsettled_edits_lie_over_the_base_in_their_order() -> None:
    client = begin()
    client.base[RECORD] = row({"note": "old", "answers": {"fan": {"value": "pass"}}})
    edit(client, 1)
    edit(client, 2, record=OTHER, set_={"note": "of another"})
    edit(client, 3, set_={"answers.psu": {"value": "fail"}})
    assert client.view(RECORD) == {
        "note": "note 1",
        "answers": {"fan": {"value": "pass"}, "psu": {"value": "fail"}},
    }
    assert client.view(OTHER) == {"note": "of another"}
    assert client.base[RECORD].data["note"] == "old"
    assert client.view(UUID(int=99)) is None


def test_a_settled_edit_and_a_witness_are_not_shown_and_what_follows_is() -> None:
    client = begin()
    client.base[RECORD] = row({"note": "old"})
    edit(client, 1).settled = True
    seen = edit(client, 2)
    seen.op = msgspec.structs.replace(seen.op, witness=True)
    assert client.view(RECORD) == {"note": "old"}
    edit(client, 3)
    assert client.view(RECORD) == {"note": "note 3"}


def test_what_was_withdrawn_is_gone_until_somebody_writes_it_again() -> None:
    client = begin()
    client.base[RECORD] = row({"note": "old", "started_at": "2026-11-18T06:00:00Z"})
    edit(client, 1, withdraw=True, set_={})
    assert client.view(RECORD) is None
    edit(client, 2)
    assert client.view(RECORD) == {"note": "note 2"}


def test_an_edit_that_the_server_will_refuse_hides_none_of_the_others() -> None:
    client = begin()
    edit(client, 1)
    edit(client, 2, set_={"review": {"decision": "accepted"}})
    edit(client, 3, set_={"answers.fan": {"value": "pass"}})
    assert client.view(RECORD) == {"note": "note 1", "answers": {"fan": {"value": "pass"}}}


# --- Push ---


def test_nothing_is_pushed_where_nothing_waits() -> None:
    client = begin()
    assert client.push_request() is None
    edit(client, 1)
    answer(client, outcome(1))
    assert client.unsent == []
    assert client.push_request() is None


def test_a_push_says_its_epoch_its_first_number_and_how_far_it_was_answered() -> None:
    client = begin()
    edit(client, 1)
    edit(client, 2)
    answer(client, outcome(1), last_acked="sealed")
    assert requested(client) == ({"epoch": 3, "first_n": 2, "last_acked": "sealed"}, [2])


def test_a_push_ends_at_its_limit_and_where_the_numbers_have_a_gap() -> None:
    client = begin()
    for number in range(1, 6):
        edit(client, number)
    assert requested(client, limit=2)[1] == [1, 2]
    answer(client, outcome(1), outcome(3))
    assert requested(client)[1] == [2]
    answer(client, outcome(2))
    assert requested(client)[1] == [4, 5]


def test_a_push_holds_as_many_edits_as_a_push_may() -> None:
    client = begin()
    for number in range(1, OPS_PER_PUSH_MAX + 2):
        edit(client, number)
    assert len(requested(client)[1]) == OPS_PER_PUSH_MAX


def test_an_outcome_is_that_of_its_id_or_of_a_line_without_one() -> None:
    client = begin()
    for number in (1, 2, 3):
        edit(client, number)
    answer(client, outcome(1), outcome(2, id=str(OTHER)), outcome(3, id=None, outcome="rejected"))
    assert [sent.outcome and sent.outcome.outcome for sent in client.outbox] == [
        "applied",
        None,
        "rejected",
    ]


def test_the_first_answer_stands() -> None:
    client = begin()
    edit(client, 1)
    answer(client, outcome(1))
    before = state(client)
    answer(client, outcome(1, outcome="rejected"))
    answer(client, outcome(1))
    assert state(client) == before


def test_a_late_answer_takes_back_nothing_of_how_far_we_were() -> None:
    client = begin()
    for number in (1, 2, 3):
        edit(client, number)
    answer(client, outcome(1), outcome(2), last_acked="second", backed_up_to=2)
    answer(client, outcome(1), last_acked="first", backed_up_to=1)
    assert (client.acked_n, client.last_acked, client.backed_up_to) == (2, "second", 2)
    answer(client, outcome(2), last_acked="second again")
    assert (client.last_acked, client.backed_up_to) == ("second again", 2)
    answer(client, outcome(3))
    assert (client.acked_n, client.last_acked) == (3, "second again")


def test_an_answer_to_another_history_is_passed_over() -> None:
    client = begin()
    edit(client, 1)
    before = state(client)
    answer(client, outcome(1), asked=2, epoch=2, last_acked="old", backed_up_to=1)
    assert state(client) == before
    assert client.unsent


def answered(client: Client) -> None:
    """An outbox of which everything is known, and a base that is whole."""
    for number in (1, 2):
        sent = edit(client, number)
        sent.settled = sent.is_missed = True
    answer(client, outcome(1), outcome(2, outcome="review"), last_acked="sealed", backed_up_to=1)
    client.base[RECORD], client.heads, client.token = row({}), {SCOPE: 9}, "token"


def offered_again(client: Client) -> bool:
    """Whether all is as if nothing had ever been answered, and the base is to be pulled anew."""
    assert [(s.outcome, s.settled, s.is_missed) for s in client.outbox] == [
        (None, False, False)
    ] * len(client.outbox)
    assert (client.acked_n, client.token, client.heads) == (0, None, {})
    return client.stale == {RECORD} == set(client.base) and client.is_witness


def test_under_another_history_everything_is_offered_again_and_pulled_from_zero() -> None:
    client = begin()
    answered(client)
    answer(client, epoch=4, last_acked="of the new one")
    assert offered_again(client)
    assert (client.epoch, client.last_acked, client.backed_up_to) == (4, "of the new one", 1)
    assert requested(client)[0]["epoch"] == 4


# --- Enrolled again ---


def enrolled(client: Client, **more: Any) -> None:
    said: dict[str, Any] = {
        "device": OTHER,
        "credential": "secret",
        "person": ANNA,
        "person_name": "梁志豪",
        "role": "engineer",
        "lineage": LINEAGE,
        "epoch": 3,
        "next_n": 2,
        "server_time": NOW,
    }
    client.enrolled(EnrolAnswer(**(said | more)))


def test_another_device_of_the_lineage_goes_on_and_offers_what_was_not_applied() -> None:
    client = begin()
    answered(client)
    edit(client, 3)
    enrolled(client)
    assert (client.device, client.lineage, client.next_n, client.begun_n) == (OTHER, LINEAGE, 4, 1)
    assert (client.last_acked, client.acked_n, client.backed_up_to) == ("sealed", 2, 1)
    assert [sent.outcome is not None for sent in client.outbox] == [True, False, False]
    assert (client.token, client.heads, client.stale) == (None, {}, {RECORD})
    assert not client.is_witness


@pytest.mark.parametrize(("offered", "begun"), [(2, 3), (30, 30)])
def test_under_another_lineage_nothing_was_answered_yet(offered: int, begun: int) -> None:
    client = begin()
    answered(client)
    enrolled(client, lineage=NEXT, next_n=offered)
    assert (client.lineage, client.next_n, client.begun_n) == (NEXT, begun, begun)
    assert (client.last_acked, client.acked_n, client.backed_up_to) == (None, 0, 0)
    assert [sent.outcome is not None for sent in client.outbox] == [True, False]
    assert [sent.lineage for sent in client.outbox] == [LINEAGE, LINEAGE]


def test_enrolled_under_another_history_everything_is_offered_again() -> None:
    client = begin()
    answered(client)
    enrolled(client, epoch=5)
    assert offered_again(client)
    assert (client.epoch, client.last_acked, client.device) == (5, None, OTHER)
