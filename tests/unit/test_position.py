"""A sealed position: it opens as it was closed, nobody changes it, and it always fits."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import (
    EPOCH_MAX,
    EPOCH_SPAN,
    INTEGER_MAX,
    PULL_BYTES_MAX,
    SCOPES_PER_DEVICE_MAX,
    TOKEN_LENGTH_MAX,
)
from schemas.pull import PullRequest
from sync.errors import TokenRefused
from sync.position import Acked, Place, Position, seal, unseal

KEY = b"k" * 32
DEVICE = UUID(int=7)
SMALL = Position(DEVICE, 1, {"org": Place(EPOCH_SPAN + 3, 0)})

numbers = st.integers(0, INTEGER_MAX)
scopes = st.one_of(
    st.sampled_from(("org", "office")),
    st.builds(
        lambda kind, id_: f"{kind}:{id_}",
        st.sampled_from(("site", "office", "device", "archive")),
        st.uuids(),
    ),
)
positions = st.builds(
    Position,
    st.uuids(),
    st.integers(1, EPOCH_MAX),
    st.dictionaries(scopes, st.builds(Place, numbers, numbers), max_size=20),
)


def sealed(body: bytes) -> str:
    """A token whose seal is right, whatever is in it."""
    return urlsafe_b64encode(hmac.new(KEY, body, sha256).digest()[:16] + body).decode().rstrip("=")


@given(positions)
def test_a_position_opens_as_it_was_closed(position: Position) -> None:
    assert unseal(seal(position, KEY), KEY, Position) == position


def test_a_token_opens_whatever_its_length_and_its_last_symbol() -> None:
    tokens = {}
    for n in range(300):
        acked = Acked(DEVICE, 1, 10**9 + n)
        tokens[seal(acked, KEY)] = acked
        tokens[seal(msgspec.structs.replace(acked, n=n), KEY)] = msgspec.structs.replace(acked, n=n)
    assert {len(token) % 4 for token in tokens} == {0, 2, 3}
    assert all(unseal(token, KEY, Acked) == acked for token, acked in tokens.items())


def test_a_device_with_every_scope_it_may_have_still_gets_a_token_that_it_may_send() -> None:
    places = {
        f"archive:{UUID(int=2**128 - 1 - number)}": Place(INTEGER_MAX, INTEGER_MAX)
        for number in range(SCOPES_PER_DEVICE_MAX)
    }
    position = Position(DEVICE, EPOCH_MAX, places)
    token = seal(position, KEY)
    assert len(token) <= 45 * SCOPES_PER_DEVICE_MAX < TOKEN_LENGTH_MAX
    asked = msgspec.json.encode(PullRequest(epoch=EPOCH_MAX, token=token))
    assert len(asked) <= PULL_BYTES_MAX + TOKEN_LENGTH_MAX
    read = msgspec.json.decode(asked, type=PullRequest)
    assert unseal(read.token or "", KEY, Position) == position


@given(st.data())
def test_a_token_in_which_one_bit_is_changed_is_refused(data: st.DataObject) -> None:
    whole = bytearray(urlsafe_b64decode(seal(SMALL, KEY) + "=="))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(TokenRefused):
        unseal(urlsafe_b64encode(bytes(whole)).decode().rstrip("="), KEY, Position)


@pytest.mark.parametrize(
    "body",
    [
        # As positions were sealed before they were packed: such a device pulls from zero.
        b'{"type":"p","device":"00000000-0000-0000-0000-000000000007","epoch":1,"scopes":{}}',
        b"",
        b"P1",
        b"P1" + bytes(20) + bytes(32),
        b"P1" + bytes(20) + b"\x06" + bytes(32),
        b"[]",
        b"\xff",
    ],
)
def test_what_was_sealed_here_and_is_no_position_is_refused(body: bytes) -> None:
    with pytest.raises(TokenRefused):
        unseal(sealed(body), KEY, Position)


def test_what_was_answered_is_no_position_and_the_reverse() -> None:
    acked = Acked(DEVICE, 1, 9)
    assert unseal(seal(acked, KEY), KEY, Acked) == acked
    with pytest.raises(TokenRefused):
        unseal(seal(acked, KEY), KEY, Position)
    with pytest.raises(TokenRefused):
        unseal(seal(SMALL, KEY), KEY, Acked)


@pytest.mark.parametrize("token", ["", "A", "é", "*" * 40, "A" * (TOKEN_LENGTH_MAX + 1)])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        unseal(token, KEY, Position)
