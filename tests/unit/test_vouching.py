"""What stands beside an outcome in the chain: when its op came, after which root, what it wrote."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from schemas.ops import Outcome
from sync.chain import START, link
from sync.plan import OpRow, Plan
from sync.vouching import (
    Beside,
    Wrote,
    bare_row,
    kept_outcome,
    read_beside,
    tell_beside,
    vouch,
    vouching_row,
)

AFTER = "0000000001 2026-11-19"
CAME = datetime(2026, 11, 20, 1, 0, 0, 125_000, tzinfo=UTC)
BESIDE = tell_beside(CAME, AFTER)
ASSET = Wrote("asset", UUID(int=7), 2**32 + 1, 2**32 + 5, 2**63, "0f" * 16)
TAG = Wrote("tag", UUID(int=8), 2**32, 2**32 + 6, 1, "a0" * 16)


def op_row(n: int, previous: bytes) -> OpRow:
    """An op as a plan has it, before anybody vouches."""
    outcome = Outcome(n=n, id=UUID(int=n), outcome="applied", scope="org", seq=2**32 + n)
    row = structs.replace(
        bare_row(n, CAME, AFTER), id=outcome.id, payload=b"op %d" % n, outcome=outcome
    )
    kept = kept_outcome(outcome, BESIDE)
    return structs.replace(row, outcome_bytes=kept, chain=link(previous, row.payload, kept))


def plan_of(count: int, previous: bytes) -> Plan:
    """A push of so many ops behind a link."""
    rows: list[OpRow] = []
    for n in range(1, count + 1):
        rows.append(op_row(n, rows[-1].chain if rows else previous))
    return Plan(ops=tuple(rows), previous=previous, chain=rows[-1].chain)


def test_an_outcome_is_kept_as_it_was_answered_with_two_members_more() -> None:
    outcome = Outcome(n=3, id=UUID(int=3), outcome="held", scope="org", seq=2**32)
    kept = kept_outcome(outcome, BESIDE)
    assert kept.startswith(msgspec.json.encode(outcome)[:-1])
    added = {"at": "2026-11-20T01:00:00.125000Z", "after": AFTER}
    assert json.loads(kept) == {**json.loads(msgspec.json.encode(outcome)), **added}
    assert msgspec.json.decode(kept, type=Outcome) == outcome
    assert read_beside(kept) == Beside(at=CAME, after=AFTER)


def test_of_an_outcome_that_was_kept_bare_nothing_is_known_beside_it() -> None:
    bare = msgspec.json.encode(Outcome(n=1, id=None, outcome="applied"))
    assert read_beside(bare) == Beside(at=None, after=None, wrote=())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"at":5}', b'{"wrote":[["asset"]]}'])
def test_what_was_altered_to_no_outcome_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_beside(text)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_last_op_of_a_push_says_what_all_of_them_wrote(count: int) -> None:
    plan = plan_of(count, previous=b"\x01" * 32)
    said = vouch(plan, [ASSET, TAG])
    *before, last = said.ops
    assert before == list(plan.ops[:-1])
    assert read_beside(last.outcome_bytes) == Beside(at=CAME, after=AFTER, wrote=(ASSET, TAG))
    assert json.loads(last.outcome_bytes)["wrote"][0] == [
        "asset",
        str(ASSET.record),
        ASSET.version,
        ASSET.seq,
        ASSET.mark,
        ASSET.row,
    ]
    previous = before[-1].chain if before else b"\x01" * 32
    assert last.chain == said.chain == link(previous, last.payload, last.outcome_bytes)
    # What the device is answered, and all else of the push, is as it was.
    own = {"outcome_bytes": plan.ops[-1].outcome_bytes, "chain": plan.chain}
    assert structs.replace(last, **own) == plan.ops[-1]
    assert structs.replace(said, ops=plan.ops, chain=plan.chain) == plan


def test_a_push_that_wrote_nothing_says_nothing_more() -> None:
    plan = plan_of(2, previous=START)
    assert vouch(plan, []) is plan


def test_a_row_of_the_server_itself_holds_no_op_and_says_what_was_written() -> None:
    bare = bare_row(4, CAME, AFTER)
    assert bare == OpRow(
        n=4,
        id=None,
        kind="",
        record=None,
        scope=None,
        payload=b"",
        outcome=Outcome(n=4, id=None, outcome="applied"),
        outcome_bytes=kept_outcome(Outcome(n=4, id=None, outcome="applied"), BESIDE),
        replaces=None,
        open=False,
        chain=b"",
    )
    said = vouching_row(bare, [ASSET], START)
    assert read_beside(said.outcome_bytes) == Beside(at=CAME, after=AFTER, wrote=(ASSET,))
    assert said.chain == link(START, b"", said.outcome_bytes)
    assert said.n == 4


def test_an_instant_is_the_same_whatever_the_zone_it_was_said_in() -> None:
    outcome = Outcome(n=1, id=None, outcome="applied")
    there = CAME.astimezone(timezone(timedelta(hours=8)))
    assert read_beside(kept_outcome(outcome, tell_beside(there, AFTER))).at == CAME
