"""Ids: those minted sort by time, those derived meet. Rule: what is on tablets is written out here.

The values are fixed for ever: an id derived otherwise would make a second record of the same thing.
"""

from hashlib import sha1
from uuid import NAMESPACE_DNS, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import ids

ONE, OTHER = UUID(int=1), UUID(int=2)
INSTANTS, CHANCE = st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1)


def named(namespace: UUID, name: str) -> UUID:
    """UUIDv5 as RFC 9562, 5.5 tells it, from its octets."""
    octets = bytearray(sha1(namespace.bytes + name.encode()).digest()[:16])  # noqa: S324
    octets[6] = octets[6] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    return UUID(bytes=bytes(octets))


def test_the_example_of_rfc_9562_for_version_7_is_met() -> None:
    made = ids.uuid7(unix_ms=0x017F22E279B0, random=0xCC3 << 62 | 0x18C4DC0C0C07398F)
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_the_example_of_rfc_9562_for_version_5_is_met() -> None:
    expected = UUID("2ed6657d-e927-568b-95e1-2665a8aea6a2")
    assert named(NAMESPACE_DNS, "www.example.com") == expected
    assert ids.conflict_id(NAMESPACE_DNS, "www.example.com") == expected


@given(INSTANTS, CHANCE)
def test_a_minted_id_holds_its_instant_and_all_of_its_chance(unix_ms: int, random: int) -> None:
    made = ids.uuid7(unix_ms=unix_ms, random=random)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == unix_ms
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & 2**62 - 1 == random


@given(INSTANTS, INSTANTS, CHANCE, CHANCE)
def test_minted_ids_sort_by_time(one: int, other: int, chance: int, more: int) -> None:
    ordered = ids.uuid7(unix_ms=one, random=chance) < ids.uuid7(unix_ms=other, random=more)
    assert ordered == (one < other or (one == other and chance < more))


@pytest.mark.parametrize(("unix_ms", "random"), [(-1, 0), (2**48, 0), (0, -1), (0, 2**74)])
def test_what_does_not_fit_into_an_id_is_never_cut_off(unix_ms: int, random: int) -> None:
    with pytest.raises(AssertionError):
        ids.uuid7(unix_ms=unix_ms, random=random)


def test_derived_ids_are_those_that_are_on_tablets() -> None:
    tags = UUID("3f0c7a52-6f6b-5d0e-9d0a-7a1f0c9b2e11")
    assert ids.tag_id("7K4M2P9D6") == named(tags, "7K4M2P9D6")
    assert ids.inspection_id(ONE, OTHER) == named(ONE, str(OTHER))
    assert ids.member_id(ONE, OTHER) == named(ONE, str(OTHER))
    assert ids.disposition_id(ONE, OTHER) == named(ONE, str(OTHER))
    assert ids.unread_id(ONE, 17) == named(ONE, "17")
    assert ids.upload_id(ONE, "0" * 64) == named(ONE, "0" * 64)
    assert ids.conflict_id(ONE, "answers.fan_state") == named(ONE, "answers.fan_state")


def test_an_id_is_read_from_its_text_and_nothing_else_is_one() -> None:
    assert ids.read_id(str(ONE)) == ONE
    with pytest.raises(ValueError, match="badly formed"):
        ids.read_id("x")
