"""What holds after every fault, asked of the database itself and of what each tablet holds."""

import json
from collections import Counter

import msgspec
from sqlalchemy import select

from schemas.ops import Outcome
from server.store import scopes
from server.store.tables import feed, ops
from sync.ids import inspection_id
from sync.record import mark
from tests.faults.fleet import Fleet
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, Tablet


async def assert_laws(house: House, fleet: Fleet) -> None:
    """Nothing acknowledged is lost, nothing happened twice, every queue is empty, all agree."""
    assert fleet.answered > 0
    for tablet in fleet.tablets:
        assert tablet.client.unsent == []
        assert all(sent.settled for sent in tablet.client.outbox)
        assert tablet.client.mismatches == 0
        assert tablet.client.epoch == 1
    await assert_ops_are_kept_once(house, fleet)
    await assert_feed_is_sound(house)
    assert_tablets_agree(fleet)
    assert_records_hold_the_last_edits(fleet)


async def assert_ops_are_kept_once(house: House, fleet: Fleet) -> None:
    """Each op that a tablet made stands there once, with the outcome that was told."""
    async with house.database.read() as tx:
        theirs = ops.c.lineage_id.in_({one.client.lineage for one in fleet.tablets})
        query = select(ops.c.lineage_id, ops.c.n, ops.c.id, ops.c.outcome).where(theirs)
        kept = (await tx.execute(query)).all()  # The server writes too: the root of a day.
    made = {
        (sent.lineage, sent.op.n): sent.op.id
        for tablet in fleet.tablets
        for sent in tablet.client.outbox
    }
    assert len(kept) == len(made)
    assert {(row.lineage_id, row.n): row.id for row in kept} == made
    assert max(Counter(row.id for row in kept).values()) == 1
    stored = {
        (row.lineage_id, row.n): msgspec.json.decode(row.outcome, type=Outcome) for row in kept
    }
    assert fleet.told == stored
    assert {outcome.outcome for outcome in stored.values()} <= {"applied", "conflict"}


async def assert_feed_is_sound(house: House) -> None:
    """Digest, head and seqs of every scope agree with its rows."""
    async with house.database.read() as tx:
        rows = (await tx.execute(select(feed.c.scope_id, feed.c.seq, feed.c.body))).all()
        states = await scopes.states(tx, {row.scope_id for row in rows})
    for scope, state in states.items():
        mine = [row for row in rows if row.scope_id == scope]
        live = [row.body for row in mine if row.body is not None]
        assert (state.live, state.marks) == (len(live), sum(map(mark, live)) % 2**64)
        assert len({row.seq for row in mine}) == len(mine)
        assert state.head >= max(row.seq for row in mine)


def assert_tablets_agree(fleet: Fleet) -> None:
    """Every tablet holds the same of the site, byte for byte."""
    site = f"site:{fleet.site}"

    def held(tablet: Tablet) -> dict[object, int]:
        rows = tablet.client.base.items()
        return {id_: row.mark for id_, row in rows if row.scope == site}

    first = held(fleet.tablets[0])
    assert len(first) > len(ASSETS)
    assert all(held(tablet) == first for tablet in fleet.tablets)


def assert_records_hold_the_last_edits(fleet: Fleet) -> None:
    """Of each tablet's values on an inspection the last one that it made is there."""
    base = fleet.tablets[0].client.base
    for number, tablet in enumerate(fleet.tablets):
        last = {ASSETS[sent.op.n % len(ASSETS)]: sent.op.n for sent in tablet.client.outbox}
        for asset, n in last.items():
            answers = base[inspection_id(ASSIGNMENT, asset)].data["answers"]
            assert isinstance(answers, dict), json.dumps(answers)
            assert answers[f"t{number}"] == {"value": n}
