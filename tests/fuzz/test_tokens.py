"""Tokens and credentials that are not one's own. Rule: all are refused alike, in equal time."""

import hmac
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store import installation
from sync.position import Acked, Position, seal, unseal
from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import examples, written
from tests.fuzz.laws import Answer, ask, demand_documented, dump
from tests.integration.office_world import OTHER_LINEAGE, enrol

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


async def pull(stage: Stage, token: str) -> Answer:
    return await stage.post("/sync/v1/pull", written({"epoch": 1, "token": token}))


async def demand_refused(stage: Stage, token: str) -> bytes:
    """Refused as every other; what was said."""
    before = await dump(stage.house.database)
    answer = await pull(stage, token)
    assert (answer.status, answer.slug) == (400, "token-refused"), token
    demand_documented(answer.json(), answer.status)
    assert await dump(stage.house.database) == before
    return answer.body


async def token_of_another(stage: Stage) -> str:
    """Whole and sealed, of a device of the same person."""
    other = await enrol(stage.house, stage.world.engineer, OTHER_LINEAGE)
    await other.pull()
    assert other.token is not None
    return other.token


async def test_a_token_of_another_device_is_refused_like_a_forged_one(stage: Stage) -> None:
    house, mine = stage.house, stage.world.tablet.token
    assert mine is not None
    async with house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    key, place = made.seal_key, unseal(mine, made.seal_key, Position)
    wrong = (
        await token_of_another(stage),
        seal(Position(place.device, 99, place.scopes), key),
        seal(Acked(OTHER_LINEAGE, 1, 5), key),
        seal(place, bytes(32)),
        urlsafe_b64encode(bytes(16) + b"P1").decode(),
        *("", "A", "=", "\0", "é", "令牌", " " + mine, mine + "\n", mine[:-1], mine[1:], mine * 2),
        "A" * 300_000,
    )
    said = {await demand_refused(stage, token) for token in wrong}
    assert len(said) == 1
    assert (await pull(stage, mine)).status == 200


@examples(40)
@given(
    where=st.integers(0, 10_000), letter=st.sampled_from(LETTERS + "+/=. \n"), length=st.booleans()
)
async def test_a_token_in_which_one_letter_differs_is_refused(
    stage: Stage, where: int, letter: str, length: object
) -> None:
    token = stage.world.tablet.token or ""
    at = where % len(token)
    forged = token[:at] if length else token[:at] + letter + token[at + 1 :]
    if forged != token:
        await demand_refused(stage, forged)


async def test_seals_are_compared_in_constant_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return compare(one, other)

    token = stage.world.tablet.token or ""
    foreign = await token_of_another(stage)
    monkeypatch.setattr(hmac, "compare_digest", noting)
    for wrong in ("B" + token[1:], token[:-4] + "AAAA", foreign):
        compared.clear()
        await demand_refused(stage, wrong)
        assert 16 in compared  # The seal, whole; the rest are credentials.


async def test_an_answer_that_was_sealed_is_asked_for_as_it_was(stage: Stage) -> None:
    """What a push says of the last answer is looked at before anything is processed."""
    token = stage.world.tablet.token or ""
    before = await dump(stage.house.database)
    for wrong in (token, "A" * 60, "", "é"):
        header = written({"epoch": 1, "first_n": 1, "last_acked": wrong})
        answer = await stage.post("/sync/v1/push", header + b"\n" + written(stage.op(1)))
        assert (answer.status, answer.slug) == (400, "token-refused"), wrong
    assert await dump(stage.house.database) == before


async def test_credentials_that_are_none_are_refused_alike(stage: Stage) -> None:
    other = await enrol(stage.house, stage.world.engineer, OTHER_LINEAGE)
    mine, theirs = (
        one.removeprefix("Bearer ").split(".")
        for one in (stage.bearer, other.client.headers["authorization"])
    )
    wrong: list[str | bytes] = [
        *("", "Bearer", "Bearer ", "Bearer .", "Bearer x.y", "Basic YTpi", "Digest a=b"),
        *(f"Bearer {mine[0]}", f"Bearer {mine[0]}.", f"Bearer {mine[0]}.{theirs[1]}"),
        *(f"Bearer {theirs[0]}.{mine[1]}", f"Bearer {mine[0]}.{mine[1]}x", f"Bearer {mine[1]}"),
        *(f"Bearer {mine[0]}.{mine[1][:-1]}", f"Bearer {mine[0]}.{mine[1].swapcase()}"),
        *(f"{mine[0]}.{mine[1]}", f"Bearer Bearer {mine[0]}.{mine[1]}", f"Bearer {mine[0]}\0.x"),
        *(b"Bearer \xff\xfe.\xff", b"\xff", b"Bearer \x00", "Bearer " + "x" * 1_000_000),
        "Bearer " + "0" * 32 + "." + "x" * 1_000_000,
        "Bearer 00000000-0000-0000-0000-000000000000." + mine[1],
    ]
    before = await dump(stage.house.database)
    said = set()
    for header in wrong:
        for method, path in (
            ("POST", "/sync/v1/push"),
            ("POST", "/sync/v1/pull"),
            ("GET", "/sync/v1/events"),
        ):
            given = {"authorization": header}
            answer = await ask(stage.house, method, path, headers=given)
            assert (answer.status, answer.slug) == (401, "credential-refused"), header[:100]
            said.add(answer.body)
    assert len(said) == 1
    assert await dump(stage.house.database) == before


async def test_cookies_that_are_none_sign_nobody_in(stage: Stage) -> None:
    before = await dump(stage.house.database)
    for cookie in (b"xunjian=", b"xunjian=\xff", b"\x00", b"=;=;=", b"xunjian=" + b"x" * 1_000_000):
        for path in ("/office/me", "/office/events", "/office/tags/7K4M-2P9D-6"):
            answer = await ask(stage.house, "GET", path, headers={"cookie": cookie})
            assert (answer.status, answer.slug) == (401, "not-signed-in")
    assert await dump(stage.house.database) == before


async def test_an_open_stream_takes_any_question(stage: Stage) -> None:
    """The one route that answers without end: what stands behind its path is passed over."""
    for query in ("", "?a=%00", "?" + "a=1&" * 5_000, "?%ff"):
        answer = await ask(
            stage.house, "GET", f"/sync/v1/events{query}", headers={"authorization": stage.bearer}
        )
        assert answer.status == 200
        assert answer.body.startswith(b": listening\n\n")
