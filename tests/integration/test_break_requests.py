"""Requests that were made to break the server are answered as the sender's fault, and no trace."""

import pytest

from tests.integration.conftest import PASSWORD, House


@pytest.mark.parametrize(
    "path",
    [
        "/office/assets?q=%00",
        "/office/people?q=%00",
        "/office/devices?q=%00",
        "/office/assignments?due_from=0001-01-01T00:00:00%2B14:00",
        "/office/assignments?due_before=9999-12-31T23:59:59-14:00",
    ],
)
async def test_a_question_that_no_database_can_hold_is_no_fault_of_the_server(
    house: House, path: str
) -> None:
    await house.add_person("boss", ("supervisor", await house.add_site()))
    async with house.signed_in("boss") as client:
        answer = await client.get(path)
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert answer.json()["type"] == "/problems/invalid-request"


async def test_a_name_that_holds_nul_signs_nobody_in(house: House) -> None:
    async with house.client() as client:
        asked = {"login": "boss\0", "password": PASSWORD}
        answer = await client.post("/office/login", json=asked)
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize("field", ["name", "app_version", "public_key"])
async def test_a_device_whose_words_hold_nul_leaves_the_ticket_whole(
    house: House, field: str
) -> None:
    anna = await house.add_person("anna", ("engineer", await house.add_site()))
    ticket = await house.add_ticket(anna)
    good = {"ticket": ticket, "lineage": str(house.clock.new_id()), "name": "平板"}
    async with house.client() as client:
        answer = await client.post("/enrol", json=good | {field: "a\0b"})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
        assert (await client.post("/enrol", json=good)).status_code == 201


@pytest.mark.parametrize("path", ["/enrol", "/office/login"])
async def test_lists_in_lists_are_refused(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.post(path, content=b"[" * 100_000)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")


@pytest.mark.parametrize("version", ["99999999999", "0", "9" * 5_000, "01"])
async def test_any_other_version_is_told_which_are_spoken(house: House, version: str) -> None:
    async with house.client() as client:
        answer = await client.post(f"/sync/v{version}/push")
    assert answer.json()["type"] == "/problems/unsupported-protocol"
    assert answer.json()["supported"] == [1]
