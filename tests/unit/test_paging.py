"""Where a device is before and after a page of a pull, and in which scope each record lives."""

from typing import Any
from uuid import UUID

import pytest

from schemas.pull import ScopeState as WireScope
from sync.position import Place
from sync.pull import Page, Wanted, plan_page, plan_pull
from sync.record import MARK_SPAN, Record, encode_line, mark
from sync.scopes import (
    ScopeState,
    archive_of,
    archive_scope,
    device_scope,
    fixed_scope,
    home_record,
    is_archive,
    site_of,
    site_scope,
)

ONE, TWO, OWN = (UUID(int=number) for number in (1, 2, 0xD))
A, B, DEVICE = f"site:{ONE}", f"site:{TWO}", f"device:{OWN}"
STATES = {id_: ScopeState(id_, 10, 3, 77) for id_ in (A, B, "org", DEVICE)}


def test_what_is_of_everybody_and_of_the_device_comes_before_any_site() -> None:
    wanted = plan_pull({B, A, "org", DEVICE}, {}, STATES)
    assert [one.scope for one in wanted] == [DEVICE, "org", A, B]


def test_a_scope_that_is_begun_is_told_with_all_that_is_live_up_to_its_head() -> None:
    assert plan_pull({A}, {}, STATES) == (Wanted(A, 0, 10, 10, live=3),)
    assert plan_pull({A}, {A: Place(0, 10)}, STATES) == (Wanted(A, 0, 10, 10, live=3),)


def test_a_scope_that_was_begun_before_goes_on_where_it_was() -> None:
    assert plan_pull({A}, {A: Place(4, 8)}, STATES) == (Wanted(A, 4, 8, 10),)
    assert plan_pull({A}, {A: Place(0, 8)}, STATES) == (Wanted(A, 0, 8, 10),)
    assert plan_pull({A}, {A: Place(9, 8)}, STATES) == (Wanted(A, 9, 8, 10),)


def test_a_scope_with_nothing_new_is_not_asked_for_and_those_behind_it_are() -> None:
    assert plan_pull({A}, {A: Place(10, 8)}, STATES) == ()
    assert plan_pull({A, "org"}, {}, {A: STATES[A]}) == (Wanted(A, 0, 10, 10, live=3),)
    assert plan_pull({A}, {A: Place(11, 8)}, STATES) == ()


def page(places: dict[str, Place], *, sent: dict[str, int], left: dict[str, int]) -> Page:
    wanted = plan_pull({A}, places, STATES)
    return plan_page({A}, places, STATES, wanted, sent=sent, left=left)


def test_a_page_that_sent_everything_is_at_the_head_and_shows_its_digest() -> None:
    whole = WireScope(scope=A, head=10, digest="3:77")
    assert page({}, sent={A: 9}, left={}) == Page((whole,), {A: Place(10, 10)}, more=False)
    assert page({A: Place(4, 8)}, sent={}, left={A: 0}) == Page(
        (whole,), {A: Place(10, 8)}, more=False
    )
    assert page({A: Place(10, 8)}, sent={}, left={}) == Page(
        (whole,), {A: Place(10, 8)}, more=False
    )


def test_a_page_that_was_full_is_where_its_last_row_was() -> None:
    part = WireScope(scope=A, head=10, left=2)
    assert page({}, sent={A: 6}, left={A: 2}) == Page((part,), {A: Place(6, 10)}, more=True)
    assert page({A: Place(4, 8)}, sent={}, left={A: 2}) == Page(
        (part,), {A: Place(4, 8)}, more=True
    )


def test_a_scope_in_which_nothing_ever_was_is_empty() -> None:
    empty = WireScope(scope=B, head=0, digest="0:0")
    assert plan_page({B}, {}, {}, (), sent={}, left={}) == Page(
        (empty,), {B: Place(0, 0)}, more=False
    )


# --- Scopes ---


def test_a_scope_counts_what_is_live_and_adds_its_marks() -> None:
    before = ScopeState(A, 10, 3, MARK_SPAN - 1)
    assert before.after(seq=12, live=1, marks=5) == ScopeState(A, 12, 4, 4)
    assert before.after(seq=12, live=-1, marks=-7) == ScopeState(A, 12, 2, MARK_SPAN - 8)
    assert before.digest() == f"3:{MARK_SPAN - 1}"


def test_scopes_are_named_by_what_they_are_of() -> None:
    assert (site_scope(ONE), device_scope(OWN), archive_scope(ONE)) == (A, DEVICE, f"archive:{ONE}")
    assert (site_of(f"archive:{ONE}"), site_of(A), site_of("org")) == (A, A, "org")
    assert archive_of(A) == archive_of(f"archive:{ONE}") == f"archive:{ONE}"
    assert (is_archive(f"archive:{ONE}"), is_archive(A)) == (True, False)


@pytest.mark.parametrize(
    ("kind", "data", "home", "scope"),
    [
        ("template", {}, None, "org"),
        ("anchor", {"site": str(ONE)}, None, "org"),
        ("customer", {}, None, "office"),
        ("site", {"customer": str(ONE)}, None, B),
        ("asset", {"site": str(ONE)}, ONE, A),
        ("asset", {"site": "no id"}, None, None),
        ("asset", {"site": 7}, None, None),
        ("asset", {}, None, None),
        ("disposition", {"device": str(OWN)}, OWN, DEVICE),
        ("disposition", {}, None, None),
        ("tag", {"asset": str(ONE)}, ONE, None),
        ("inspection", {"asset": str(ONE)}, ONE, None),
        ("attachment", {"parent": str(ONE)}, ONE, None),
    ],
)
def test_a_record_lives_where_its_home_is(
    kind: str, data: dict[str, Any], home: UUID | None, scope: str | None
) -> None:
    assert home_record(kind, data) == home
    assert fixed_scope(kind, TWO, data) == scope


# --- Lines ---


def test_a_line_holds_the_members_in_the_order_of_the_kind_and_those_of_a_later_one_last() -> None:
    data = {"of_later": 1, "none_of_later": None, "name": "x", "site": str(ONE), "note": None}
    record = Record("asset", TWO, A, 4, data, {})
    assert (
        encode_line(record, 9)
        == (
            f'{{"t":"record","scope":"{A}","seq":9,"kind":"asset","id":"{TWO}","version":4,'
            f'"data":{{"site":"{ONE}","name":"x","of_later":1}}}}'
        ).encode()
    )
    plain = Record("asset", TWO, A, 4, {"name": "x"}, {})
    assert encode_line(plain, 9).endswith(b'"data":{"name":"x"}}')


def test_the_mark_of_a_line_is_the_first_64_bits_of_its_digest() -> None:
    # SHA-256 of "abc" (FIPS 180-2, B.1).
    assert mark(b"abc") == 0xBA7816BF8F01CFEA
