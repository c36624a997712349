"""The audit in itself: each thing that can be done to a chain or a root is found, and named."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from struct import pack
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from sync.audit import (
    NO_ROOT,
    WINDOW,
    Broken,
    Head,
    Linked,
    Root,
    Walk,
    Witness,
    check_root,
    check_witnesses,
    place_of,
    root_of,
    unrooted,
)
from sync.chain import START, link

ANNA, BEN = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 11, 16)


def chain(*numbers: int, salt: str = "") -> list[Linked]:
    """Ops of one writer as they are kept, in the order received."""
    at, found = START, []
    for n in numbers:
        payload, outcome = f"payload {n}{salt}".encode(), f"outcome {n}".encode()
        at = link(at, payload, outcome)
        found.append(Linked(n, sha256(payload).digest(), sha256(outcome).digest(), at))
    return found


def walked(
    ops: Sequence[Linked], last: bytes | None, left_out: Sequence[tuple[int, int]] = ()
) -> Walk:
    walk = Walk(ANNA, left_out, {op.chain for op in ops})
    for op in ops:
        walk.take(op)
    walk.end(last)
    return walk


def test_a_chain_that_nobody_touched_is_whole() -> None:
    ops = chain(1, 2, 3)
    walk = walked(ops, ops[-1].chain)
    assert (walk.broken, walk.count) == ([], 3)
    assert walked([], START).broken == []


def test_numbers_that_a_device_left_out_or_sent_late_break_nothing() -> None:
    ops = chain(4, 5, 2, 3)
    assert walked(ops, ops[-1].chain, [(1, 3)]).broken == []


@given(st.permutations(range(1, 9)))
def test_ops_of_one_instant_are_put_in_order_by_their_links(order: list[int]) -> None:
    ops = chain(*range(1, 9))
    assert walked([ops[i - 1] for i in order], ops[-1].chain).broken == []


@pytest.mark.parametrize("part", ["payload", "outcome", "chain"])
def test_one_altered_byte_is_found_where_it_is(part: str) -> None:
    ops = chain(1, 2, 3, 4)
    known: bytes = getattr(ops[1], part)
    altered = structs.replace(ops[1], **{part: known[:-1] + bytes([known[-1] ^ 1])})
    broken = walked([ops[0], altered, *ops[2:]], ops[-1].chain).broken
    assert broken[0] == Broken("altered", ANNA, 2)


def test_an_op_that_was_taken_out_is_missing() -> None:
    ops = chain(1, 2, 3, 4)
    assert walked([ops[0], *ops[2:]], ops[-1].chain).broken == [Broken("missing", ANNA, 3)]
    # A row that says the device never sent it hides the number, and not the break.
    forged = walked([ops[0], *ops[2:]], ops[-1].chain, [(2, 2)])
    assert forged.broken == [Broken("altered", ANNA, 3)]


def test_an_op_that_was_put_in_is_found() -> None:
    ops, (stranger,) = chain(1, 2, 3), chain(9)
    broken = walked([*ops[:2], structs.replace(stranger, n=3), ops[2]], ops[-1].chain).broken
    assert broken


def test_a_chain_that_was_cut_off_at_its_end_is_found() -> None:
    ops = chain(1, 2, 3)
    assert walked(ops[:-1], ops[-1].chain).broken == [Broken("cut", ANNA, 2)]
    assert walked([], ops[-1].chain).broken == [Broken("cut", ANNA, 0)]


def test_ops_of_nobody_are_found() -> None:
    assert walked(chain(1), None).broken == [Broken("stranger", ANNA)]


def test_what_lies_behind_a_break_is_looked_at_as_well() -> None:
    ops = chain(*range(1, 3 * WINDOW))
    bad = {5: "altered", 2 * WINDOW: "altered"}
    altered = [structs.replace(op, payload=bytes(32)) if op.n in bad else op for op in ops]
    broken = walked(altered, ops[-1].chain).broken
    assert [(one.n, one.fault) for one in broken] == list(bad.items())


def test_a_link_is_a_digest_that_anybody_can_work_out() -> None:
    digests = sha256(b"payload").digest() + sha256(b"outcome").digest()
    assert link(b"before", b"payload", b"outcome") == sha256(b"before" + digests).digest()


def test_as_many_ops_of_one_instant_as_the_window_holds_wait_for_the_first_of_them() -> None:
    first, *rest = chain(*range(1, WINDOW + 2))
    assert walked([*rest, first], rest[-1].chain).broken == []


def test_a_walk_tells_after_how_many_ops_it_was_at_a_link() -> None:
    first, second = chain(1, 2)
    walk = walked([first, second], second.chain)
    assert [walk.reached(one) for one in (START, first.chain, second.chain)] == [0, 1, 2]
    assert walk.reached(b"never there") == 0


def test_a_walk_knows_the_links_that_it_watched_and_the_beginning() -> None:
    first, second = chain(1, 2)
    walk = Walk(ANNA, watched={second.chain})
    walk.take(first)
    assert [walk.has(one) for one in (START, first.chain, second.chain)] == [True, False, False]
    walk.take(second)
    assert walk.has(second.chain)
    assert (walk.lineage, walk.at, walk.count) == (ANNA, second.chain, 2)


# --- Roots ---


def roots(*days: Sequence[Head]) -> list[Root]:
    previous, found = NO_ROOT, []
    for number, heads in enumerate(days):
        day = MONDAY + timedelta(days=number)
        root = Root(1, day, root_of(1, day, previous, heads), previous, tuple(heads))
        found.append(root)
        previous = root.root
    return found


def check_roots(kept: Sequence[Root], walks: Mapping[UUID, Walk]) -> list[Broken]:
    """Each with the one before it, and with what the chains are."""
    found: list[Broken] = []
    previous = NO_ROOT
    for one in kept:
        found += check_root(
            one, previous, one.root.hex(), lambda id_, at: id_ in walks and walks[id_].has(at)
        )
        previous = one.root
    return found


def heads(lineage: UUID, ops: Sequence[Linked], n: int) -> Head:
    return Head(lineage, n, ops[n - 1].chain)


def test_roots_that_nobody_touched_agree_with_the_chains() -> None:
    ops = chain(1, 2, 3)
    walks = {ANNA: walked(ops, ops[-1].chain)}
    assert check_roots(roots([heads(ANNA, ops, 1)], [heads(ANNA, ops, 3)]), walks) == []


def test_a_root_is_a_digest_that_anybody_can_work_out() -> None:
    said = b"xunjian root 1\n" + pack(">Q", 7) + b"2026-11-16" + b"before"
    said += ANNA.bytes + pack(">Q", 3) + b"link"
    assert root_of(7, MONDAY, b"before", [Head(ANNA, 3, b"link")]) == sha256(said).digest()


def test_the_order_of_heads_is_no_part_of_a_root() -> None:
    one, other = Head(ANNA, 1, bytes(32)), Head(BEN, 1, bytes(32))
    both = {root_of(1, MONDAY, NO_ROOT, some) for some in ([one, other], [other, one])}
    assert len(both) == 1


@pytest.mark.parametrize(
    "changed",
    [{"root": bytes(32)}, {"previous": b"\1" * 32}, {"heads": ()}, {"epoch": 2}],
)
def test_a_root_that_was_altered_is_found(changed: dict[str, object]) -> None:
    ops = chain(1, 2)
    first, second = roots([heads(ANNA, ops, 1)], [heads(ANNA, ops, 2)])
    walks = {ANNA: walked(ops, ops[-1].chain)}
    found = check_roots([first, structs.replace(second, **changed)], walks)
    assert Broken("root", day=second.day) in found


@pytest.mark.parametrize("told", [None, "", "zz", "00" * 32])
def test_a_root_that_was_told_to_nobody_or_otherwise_was_made_by_no_server(
    told: str | None,
) -> None:
    (one,) = roots([])
    assert check_root(one, NO_ROOT, one.root.hex(), has=lambda *_: True) == []
    assert check_root(one, NO_ROOT, told, has=lambda *_: True) == [Broken("root", day=one.day)]


def test_a_root_that_was_taken_out_is_found_at_the_next_one() -> None:
    ops = chain(1, 2)
    first, second = roots([heads(ANNA, ops, 1)], [heads(ANNA, ops, 2)])
    assert check_roots([second], {ANNA: walked(ops, ops[-1].chain)}) == [
        Broken("root", day=second.day)
    ]
    assert first.root == second.previous


def test_a_chain_that_was_rewritten_as_a_whole_is_found_by_the_root_of_a_day() -> None:
    ops, others = chain(1, 2), chain(1, 2, salt="forged")
    kept = roots([heads(ANNA, ops, 2)])
    walk = walked(others, others[-1].chain)
    assert walk.broken == []
    assert check_roots(kept, {ANNA: walk}) == [Broken("rewritten", ANNA, 2, MONDAY)]
    assert check_roots(kept, {}) == [Broken("rewritten", ANNA, 2, MONDAY)]


# --- Kept out of the roots ---


def received(*after: int) -> Walk:
    """A chain of which each op came when there were so many roots."""
    places = ["", *(place_of(*one) for one in PLACES)]
    ops = [
        structs.replace(op, after=places[number])
        for op, number in zip(chain(*range(1, len(after) + 1)), after, strict=True)
    ]
    return walked(ops, ops[-1].chain)


def links(*numbers: int) -> dict[int, list[bytes]]:
    """What the first roots name of it, one after the other; 0 where they name nothing."""
    ops = chain(*range(1, 9))
    return {at: [ops[n - 1].chain] for at, n in enumerate(numbers) if n}


# Of two epochs: after a restore a day may have another root.
PLACES = [(epoch, MONDAY + timedelta(days=day)) for epoch, day in ((1, 0), (1, 1), (2, 1), (2, 2))]


def test_what_the_next_root_covers_is_rooted() -> None:
    walk = received(0, 0, 1, 3)
    assert unrooted(walk, PLACES, links(2, 3, 0, 4)) is None
    assert unrooted(walk, [], {}) is None, "the first root is still to come"


def test_what_came_while_a_root_was_made_is_covered_by_the_one_after() -> None:
    assert unrooted(received(0, 0, 1), PLACES[:2], links(1, 3)) is None
    assert unrooted(received(0, 0), PLACES[:1], links(1)) is None, "the next is still to come"


@pytest.mark.parametrize("after", ["", "0000000001 2026-11-10", "9999999999 9999-12-31", "later"])
def test_what_names_no_root_that_there_is_came_before_all_and_is_owed_by_the_first(
    after: str,
) -> None:
    ops = [structs.replace(op, after=after) for op in chain(1, 2)]
    walk = walked(ops, ops[-1].chain)
    assert unrooted(walk, PLACES, links(0, 2)) is None
    assert unrooted(walk, PLACES, links(1, 1, 2)) == Broken("unrooted", ANNA, day=MONDAY)


@pytest.mark.parametrize("named", [(0, 0, 0), (1, 1, 0), (1, 0, 2)])
def test_a_writer_who_was_kept_out_of_two_roots_is_found(named: tuple[int, ...]) -> None:
    found = unrooted(received(0, 0), PLACES[:3], links(*named))
    assert found == Broken("unrooted", ANNA, day=MONDAY)


def test_one_op_that_no_root_covers_is_enough() -> None:
    assert unrooted(received(0), PLACES[:2], {}) == Broken("unrooted", ANNA, day=MONDAY)


def test_a_writer_who_is_kept_out_later_is_found_by_the_root_that_should_have_had_it() -> None:
    found = unrooted(received(0, 1), PLACES, links(1, 0, 0, 0))
    assert found == Broken("unrooted", ANNA, day=PLACES[1][1])


# --- Witnesses ---


def by_day(*kept: Root) -> dict[tuple[int, date], bytes]:
    return {(one.epoch, one.day): one.root for one in kept}


def test_roots_that_were_rewritten_with_their_chains_are_found_by_who_holds_another() -> None:
    (kept,) = roots([Head(ANNA, 1, b"\1" * 32)])
    (forged,) = roots([Head(ANNA, 1, b"\2" * 32)])
    tablet = Witness(1, MONDAY, kept.root, BEN)
    assert check_witnesses(by_day(kept), [tablet], epoch=1) == ([], 0)
    named = [Broken("witness", day=MONDAY, device=BEN)]
    assert check_witnesses(by_day(forged), [tablet], epoch=1) == (named, 0)
    assert check_witnesses({}, [tablet], epoch=1) == (named, 0)


def test_roots_that_a_restore_took_away_are_counted_and_no_fault() -> None:
    (kept,) = roots([Head(ANNA, 1, b"\1" * 32)])
    lost = [Witness(1, MONDAY, kept.root), Witness(1, MONDAY + timedelta(days=1), kept.root)]
    assert check_witnesses({}, lost, epoch=2) == ([], 2)
    other = Witness(1, MONDAY, bytes(32))
    assert check_witnesses(by_day(kept), [other], epoch=2)[0] == [Broken("witness", day=MONDAY)]
