"""Signing in: nothing is told to who guesses, and a session is worth nothing to another page."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from server.app import create_app
from server.auth.attempts import ADDRESS_FACTOR, Attempts, network_of
from server.auth.passwords import MEMORY_KIB, Passwords
from server.clock import ManualClock
from server.errors import TooManyAttempts
from server.store.people_tables import people, sessions
from tests.integration.conftest import BEGIN, PASSWORD, House

LOGIN = "/office/login"


def body(login: str, password: str = PASSWORD) -> dict[str, str]:
    return {"login": login, "password": password}


async def stored_password(house: House) -> str:
    async with house.database.read() as tx:
        return str((await tx.execute(select(people.c.password_hash))).scalar_one())


async def test_who_signs_in_is_told_who_they_are_and_what_they_may(house: House) -> None:
    site = await house.add_site()
    anna = await house.add_person("anna", ("supervisor", site))
    async with house.signed_in("anna") as client:
        me = (await client.get("/office/me")).json()
    assert (me["person"], me["login"], me["language"]) == (str(anna), "anna", "zh-CN")
    assert [(one["role"], one["site"]) for one in me["grants"]] == [("supervisor", str(site))]
    assert "accept" in me["may"]
    assert "people" not in me["may"]
    assert me["expires_at"] == "2026-11-20T13:00:00Z"


async def test_a_login_is_the_same_in_capitals_and_with_spaces_around(house: House) -> None:
    await house.add_person("anna")
    async with house.client() as client:
        assert (await client.post(LOGIN, json=body(" Anna "))).status_code == 200


async def test_what_was_wrong_is_not_told(house: House) -> None:
    await house.add_person("anna")
    await house.add_person("tablet-only", password=None)
    await house.add_person("gone")
    async with house.database.write() as tx:
        await tx.execute(people.update().where(people.c.login == "gone"), {"active": False})
    async with house.client() as client:
        answers = [
            await client.post(LOGIN, json=body("anna", "wrong password")),
            await client.post(LOGIN, json=body("nobody")),
            await client.post(LOGIN, json=body("tablet-only")),
            await client.post(LOGIN, json=body("gone")),
            await client.post(LOGIN, json=body("anna", "")),
        ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_an_unknown_name_costs_a_check_of_a_password_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    check = Passwords._verify

    def noting(self: Passwords, stored: str, password: str) -> bool:
        checked.append(stored)
        return check(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", noting)
    house.app = create_app(house.settings, house.database, house.clock)
    async with house.client() as client:
        await client.post(LOGIN, json=body("nobody"))
    assert len(checked) == 1
    assert f"m={MEMORY_KIB}," in checked[0]


async def test_a_password_is_stored_as_the_standard_asks_also_one_that_was_stored_weaker(
    house: House,
) -> None:
    await house.add_person("anna")
    weak = await stored_password(house)
    assert f"m={MEMORY_KIB}," not in weak
    house.app = create_app(house.settings, house.database, house.clock)
    async with house.signed_in("anna"):
        assert (await stored_password(house)).startswith(f"$argon2id$v=19$m={MEMORY_KIB},t=2,p=1$")


async def test_the_cookie_is_for_the_browser_alone(house: House) -> None:
    await house.add_person("anna")
    async with house.client() as client:
        cookie = (await client.post(LOGIN, json=body("anna"))).headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "path=/", "max-age=43200"):
        assert part in cookie


async def test_secrets_are_stored_as_hashes_only(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        secret = client.cookies["xunjian"]
    async with house.database.read() as tx:
        stored = (await tx.execute(select(sessions.c.hash))).scalar_one()
        password = (await tx.execute(select(people.c.password_hash))).scalar_one()
    assert secret.encode() not in stored
    assert len(stored) == 32
    assert password is not None
    assert password.startswith("$argon2id$")


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 43])
async def test_a_write_without_the_sessions_token_is_refused(
    house: House, token: str | None
) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        del client.headers["x-csrf-token"]
        headers = {} if token is None else {"x-csrf-token": token}
        answer = await client.post("/office/logout", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/csrf-refused"
        assert (await client.get("/office/me")).status_code == 200


async def test_the_token_of_one_session_is_no_use_to_another(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as one, house.signed_in("anna") as other:
        foreign = {"x-csrf-token": other.headers["x-csrf-token"]}
        assert (await one.post("/office/logout", headers=foreign)).status_code == 403


@pytest.mark.parametrize("path", [LOGIN, "/enrol"])
async def test_another_sites_page_can_neither_sign_in_nor_enrol(house: House, path: str) -> None:
    await house.add_person("anna")
    sent = body("anna") | {"ticket": "x" * 43, "lineage": str(UUID(int=1)), "name": "x"}
    async with house.client(**{"sec-fetch-site": "cross-site"}) as client:
        answer = await client.post(path, json=sent)
    assert answer.json()["type"] == "/problems/csrf-refused"
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        secret = client.cookies["xunjian"]
        assert (await client.post("/office/logout")).status_code == 204
        assert "xunjian" not in client.cookies
        answer = await client.get("/office/me", headers={"cookie": f"xunjian={secret}"})
        assert answer.status_code == 401


async def test_a_session_ends_by_itself(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        house.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
        assert (await client.get("/office/me")).status_code == 200
        house.clock.advance(timedelta(seconds=1))
        assert (await client.get("/office/me")).status_code == 401


async def test_who_left_is_signed_out_at_once(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        async with house.database.write() as tx:
            await tx.execute(people.update(), {"active": False})
        assert (await client.get("/office/me")).status_code == 401


async def test_after_too_many_failures_a_name_waits_even_with_the_right_password(
    house: House,
) -> None:
    await house.add_person("anna")
    await house.add_person("bert")
    async with house.client() as client:
        for _ in range(house.settings.login_failures_max):
            assert (await client.post(LOGIN, json=body("anna", "wrong"))).status_code == 401
        answer = await client.post(LOGIN, json=body("anna"))
        assert answer.status_code == 429
        assert answer.json()["type"] == "/problems/too-many-attempts"
        assert int(answer.headers["retry-after"]) == 15 * 60
        assert (await client.post(LOGIN, json=body("bert"))).status_code == 200
        house.clock.advance(timedelta(minutes=15))
        assert (await client.post(LOGIN, json=body("anna"))).status_code == 200


async def test_attempts_at_once_are_counted_before_they_are_looked_at(house: House) -> None:
    await house.add_person("anna")
    limit = house.settings.login_failures_max
    async with house.client() as client:
        answers = await asyncio.gather(
            *(client.post(LOGIN, json=body("anna", f"wrong {i}")) for i in range(limit + 5))
        )
    assert sorted(answer.status_code for answer in answers) == [401] * limit + [429] * 5


def attempts(clock: ManualClock) -> Attempts:
    return Attempts(clock, failures_max=3, window_seconds=60)


def test_an_address_may_fail_more_often_than_a_name_but_not_for_ever() -> None:
    counted = attempts(ManualClock(BEGIN))
    for number in range(3 * ADDRESS_FACTOR):
        counted.begin(name=f"name {number}", address="10.0.0.1")
    with pytest.raises(TooManyAttempts):
        counted.begin(name="another", address="10.0.0.1")
    counted.begin(name="another", address="10.0.0.2")


def test_good_attempts_use_nothing_up() -> None:
    counted = attempts(ManualClock(BEGIN))
    for _ in range(100):
        counted.begin(name="anna", address="10.0.0.1")
        counted.forgive(name="anna", address="10.0.0.1")


def test_the_wait_is_until_the_oldest_failure_is_forgotten() -> None:
    clock = ManualClock(BEGIN)
    counted = attempts(clock)
    for _ in range(3):
        counted.begin(name="anna", address="a")
        clock.advance(timedelta(seconds=10))
    with pytest.raises(TooManyAttempts) as refused:
        counted.begin(name="anna", address="a")
    assert refused.value.retry_seconds == 30
    clock.advance(timedelta(seconds=30))
    counted.begin(name="anna", address="a")


def test_one_customer_of_a_provider_is_one_address() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("10.0.0.1") == "10.0.0.1"


async def change(client: httpx.AsyncClient, current: str, new: str) -> httpx.Response:
    return await client.post("/office/me/password", json={"current": current, "new": new})


async def test_a_changed_password_ends_every_other_session(house: House) -> None:
    await house.add_person("anna")
    new = "staple staple battery"
    async with house.signed_in("anna") as here, house.signed_in("anna") as there:
        assert (await change(here, PASSWORD, new)).status_code == 204
        assert (await here.get("/office/me")).status_code == 200
        assert (await there.get("/office/me")).status_code == 401
        assert (await there.post(LOGIN, json=body("anna"))).status_code == 401
        assert (await there.post(LOGIN, json=body("anna", new))).status_code == 200


async def test_the_current_password_is_asked_for_and_guesses_are_counted(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        for _ in range(house.settings.login_failures_max):
            answer = await change(client, "wrong", "staple staple battery")
            assert answer.json()["errors"][0]["field"] == "current"
        assert (await change(client, PASSWORD, "staple staple battery")).status_code == 429


@pytest.mark.parametrize(
    ("new", "status"),
    [("short", 400), ("x" * 257, 400), ("my name is Anna!", 422), ("ababababab", 422)],
)
async def test_a_password_that_is_easily_guessed_is_refused_with_its_field(
    house: House, new: str, status: int
) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        answer = await change(client, PASSWORD, new)
    assert answer.status_code == status
    assert [one["field"] for one in answer.json()["errors"]] == ["new"]


async def test_a_language_is_remembered(house: House) -> None:
    await house.add_person("anna")
    async with house.signed_in("anna") as client:
        assert (await client.post("/office/me/language", json={"language": "fr"})).is_error
        answer = await client.post("/office/me/language", json={"language": "en"})
        assert answer.status_code == 204
        assert (await client.get("/office/me")).json()["language"] == "en"
