"""The list of people is bounded, and tells how many there are."""

from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs
from sqlalchemy import text

from server import migrate
from server.database import Database
from server.store import people
from server.store.seed import Seed, seed
from tests.integration.conftest import House
from tests.integration.test_enrol import enrolled


async def test_people_come_a_page_at_a_time_with_their_own_grants(house: House) -> None:
    site = await house.add_site()
    await house.add_person("root", ("administrator", None))
    for login in ("a", "b", "c"):
        await house.add_person(login, ("engineer", site), password=None)
    async with house.signed_in("root") as office:
        whole = await office.get("/office/people")
        page = await office.get("/office/people?limit=2&offset=1")
        refused = await office.get("/office/people?limit=201")
    assert [one["login"] for one in whole.json()["rows"]] == ["a", "b", "c", "root"]
    rows = page.json()["rows"]
    assert [one["login"] for one in rows] == ["b", "c"]
    assert (page.json()["offset"], page.json()["total"], whole.json()["total"]) == (1, 4, 4)
    assert [one["grants"][0]["site"] for one in rows] == [str(site)] * 2
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "limit")


async def test_a_supervisor_counts_only_whom_they_may_make_devices_for(house: House) -> None:
    near, far = await house.add_site(), await house.add_site()
    await house.add_person("chen", ("supervisor", near))
    await house.add_person("a", ("engineer", far), password=None)
    await house.add_person("b", ("engineer", near), password=None)
    async with house.signed_in("chen") as office:
        page = (await office.get("/office/people?limit=1")).json()
    assert page["total"] == len({"b", "chen"})
    assert [one["login"] for one in page["rows"]] == ["b"]


async def test_people_are_found_and_ordered_before_a_page_is_cut(house: House) -> None:
    await house.add_person("root", ("administrator", None))
    for login in ("liang", "liao", "zhou"):
        await house.add_person(login, password=None)
    async with house.signed_in("root") as office:

        async def listed(query: str) -> tuple[int, list[str]]:
            page = (await office.get(f"/office/people?{query}")).json()
            return page["total"], [one["name"] for one in page["rows"]]

        assert await listed("q=%20LIA&limit=1") == (2, ["Liang"])
        assert await listed("q=lia&limit=1&offset=1&sort=name") == (2, ["Liao"])
        assert await listed("sort=-name") == (4, ["Zhou", "Root", "Liao", "Liang"])
        assert await listed("q=nobody") == (0, [])
        assert (await office.get("/office/people?sort=password")).status_code == 400


async def test_nobody_is_listed_for_whom_a_link_would_be_refused(house: House) -> None:
    """A round at another site counts: whoever takes it over sees that site on the tablet."""
    near, far = await house.add_site(), await house.add_site()
    await house.add_person("chen", ("supervisor", near))
    helper = await house.add_person("b", ("engineer", near), password=None)
    round_ = {
        "site": str(far),
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "targets": [],
        "assignee": str(helper),
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T10:00:00Z",
    }
    async with house.database.write() as tx:
        made = Seed("assignment", house.clock.new_id(), f"site:{far}", round_)
        await seed(tx, [made], epoch=1, lineage=UUID(int=1))
    async with house.signed_in("chen") as office:
        listed = await office.get("/office/people")
        refused = await office.post("/office/tickets", json={"person": str(helper)})
    assert [one["login"] for one in listed.json()["rows"]] == ["chen"]
    assert refused.status_code == 403


NAMES = {
    "zhou": "周 100% 小明",
    "liang": "梁志豪_2",
    "angela": "ÂNGELA Groß",
    "ivan": "Иван\\Петров",
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("%", ["zhou"]),
        ("0% 小", ["zhou"]),
        ("_", ["liang"]),
        ("志_", []),
        ("\\", ["ivan"]),
        ("/", []),
        ("小明", ["zhou"]),
        ("志豪", ["liang"]),
        ("小 明", []),
        ("ângela gross", ["angela"]),
        ("ИВАН", ["ivan"]),
        ("EXT. 7", ["angela"]),
        ("LIANG", ["liang"]),
        ("\u3000小明 ", ["zhou"]),
        ("  ", ["angela", "ivan", "liang", "zhou"]),
    ],
)
async def test_what_is_typed_is_found_as_it_stands_in_any_case(
    house: House, typed: str, found: list[str]
) -> None:
    await house.add_person("root", ("administrator", None))
    for login, name in NAMES.items():
        id_ = await house.add_person(login, password=None)
        async with house.client() as client:
            await enrolled(house, client, id_, name=f"{name} 的平板", lineage=str(id_))
        async with house.database.write() as tx:
            person = await people.load(tx, id_)
            assert person is not None
            phone = "139 ext. 7" if login == "angela" else ""
            await people.save_details(tx, structs.replace(person, name=name, phone=phone))
    async with house.signed_in("root") as office:
        asked = {"q": typed}
        page = (await office.get("/office/people", params=asked)).json()
        tablets = (await office.get("/office/devices", params=asked | {"sort": "name"})).json()
    assert [one["login"] for one in page["rows"] if one["login"] != "root"] == found
    # A device is found by its own name and by its person's name, and by nothing else of them.
    named = sorted(NAMES[login] for login in found if typed not in ("EXT. 7", "LIANG"))
    assert [one["person_name"] for one in tablets["rows"]] == named
    assert page["total"] == len(page["rows"])
    assert tablets["total"] == len(tablets["rows"])


async def test_whoever_was_here_before_names_were_kept_to_be_found_is_found(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    try:
        async with database.write() as tx:
            await tx.run_sync(lambda connection: migrate.build(connection, "0008"))
            await tx.execute(
                text(
                    "INSERT INTO people (id, login, name, phone, email, language, active,"
                    " created_at) VALUES (:id, 'old', 'Ânia', '', '', 'en', 1, :at)"
                ),
                {"id": UUID(int=7).hex, "at": "2026-01-01 00:00:00.000000"},
            )
        await migrate.upgrade(database)
        async with database.read() as tx:
            total, ((person, in_use),) = await people.load_page(
                tx, "ÂN", whom=None, order="login", limit=2, offset=0
            )
    finally:
        await database.close()
    assert (total, person.login, in_use) == (1, "old", 0)
