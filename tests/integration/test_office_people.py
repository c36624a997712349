"""The list of people is bounded, and tells how many there are."""

from uuid import UUID

from server.store.seed import Seed, seed
from tests.integration.conftest import House


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
