"""Who is granted at a site is what the tablets there are told, at once, whoever changed it."""

import asyncio
from uuid import UUID

import httpx
import pytest

from server.store import records
from server.store.people_tables import devices
from server.store.seed import Seed, seed
from sync.ids import member_id
from sync.record import Record
from tests.fixtures.streams import SECONDS_MAX, Stream, streaming
from tests.integration.conftest import House
from tests.integration.tablets import Tablet, enrol
from tests.integration.test_events import two_processes

NOBODY = UUID(int=0x404)


async def members_at(house: House, site: UUID) -> dict[UUID, Record]:
    """The member records of a site, by person."""
    async with house.database.read() as tx:
        found = await records.load_by(tx, "member", "scope_id", [f"site:{site}"])
    return {UUID(str(one.data["person"])): one for one in found.values()}


async def grant(office: httpx.AsyncClient, person: UUID, role: str, **place: UUID) -> str:
    body = {"role": role, **{name: str(id_) for name, id_ in place.items()}}
    answer = await office.post(f"/office/people/{person}/grants", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def revoke(office: httpx.AsyncClient, grant_id: str) -> None:
    answer = await office.post(f"/office/grants/{grant_id}/revoke")
    assert answer.status_code == 204, answer.text


def told(tablet: Tablet, person: UUID, site: UUID) -> dict[str, object]:
    """What a tablet holds of a member."""
    return dict(tablet.client.base[member_id(site, person)].data)


@pytest.fixture
async def site(house: House) -> UUID:
    await house.add_person("boss", ("administrator", None))
    return await house.add_site()


async def test_a_grant_in_the_office_makes_a_member_that_the_tablets_there_pull(
    house: House, site: UUID
) -> None:
    he, liang = await house.add_person("he", ("engineer", site)), await house.add_person("liang")
    tablet = await enrol(house, he)
    await tablet.pull()
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/change", json={"phone": "139 0000 0001"})
        await grant(office, liang, "engineer", site=site)
    await tablet.pull()
    assert told(tablet, liang, site) == {
        "site": str(site),
        "person": str(liang),
        "name": "Liang",
        "role": "engineer",
        "phone": "139 0000 0001",
        "active": True,
    }
    assert tablet.client.mismatches == 0


async def test_who_lost_the_last_grant_is_no_member_and_keeps_no_phone_there(
    house: House, site: UUID
) -> None:
    he, liang = await house.add_person("he", ("engineer", site)), await house.add_person("liang")
    tablet = await enrol(house, he)
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/change", json={"phone": "139"})
        one = await grant(office, liang, "engineer", site=site)
        other = await grant(office, liang, "supervisor", site=site)
        await revoke(office, other)
        await tablet.pull()
        assert told(tablet, liang, site)["active"] is True
        await revoke(office, one)
    await tablet.pull()
    left = told(tablet, liang, site)
    assert (left["active"], left["phone"], left["name"]) == (False, "", "Liang")
    assert tablet.client.mismatches == 0


async def test_a_member_that_is_granted_again_comes_back_as_the_same_record(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        first = await grant(office, liang, "engineer", site=site)
        (before,) = (await members_at(house, site)).values()
        await revoke(office, first)
        await grant(office, liang, "supervisor", site=site)
    (after,) = (await members_at(house, site)).values()
    assert after.id == before.id == member_id(site, liang)
    assert after.version == before.version + 2
    assert (after.data["active"], after.data["role"]) == (True, "supervisor")


async def test_the_role_that_may_inspect_is_the_one_that_is_shown(house: House, site: UUID) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        await grant(office, liang, "desk", site=site)
        await grant(office, liang, "engineer", site=site)
    (member,) = (await members_at(house, site)).values()
    assert member.data["role"] == "engineer"


@pytest.mark.parametrize("by", ["customer", "contract"])
async def test_a_grant_at_a_customer_or_contract_covers_all_its_sites(
    house: House, site: UUID, by: str
) -> None:
    owner, bond = house.clock.new_id(), house.clock.new_id()
    named = {"name": "某局", "short_name": "某局"}
    made: list[UUID] = [house.clock.new_id() for _ in range(3)]
    async with house.database.write() as tx:
        seeds = [Seed("customer", owner, "office", named)]
        seeds.append(Seed("contract", bond, "office", {"customer": str(owner), "number": "C-1"}))
        seeds += [
            Seed(
                "site",
                one,
                f"site:{one}",
                {
                    "name": "机房",
                    "city": "珠海",
                    "customer": {"id": str(owner), **named},
                    "contract": {"id": str(bond), "number": "C-1"},
                },
            )
            for one in made
        ]
        await seed(tx, seeds, epoch=1, lineage=UUID(int=2))
    liang = await house.add_person("liang")
    place = {by: owner if by == "customer" else bond}
    async with house.signed_in("boss") as office:
        held = await grant(office, liang, "engineer", **place)
        for one in made:
            assert (await members_at(house, one))[liang].data["active"] is True
        assert await members_at(house, site) == {}
        await revoke(office, held)
        for one in made:
            assert (await members_at(house, one))[liang].data["active"] is False


async def test_an_administrator_is_global_and_no_member_anywhere(house: House, site: UUID) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        await grant(office, liang, "administrator")
        assert await members_at(house, site) == {}
        await grant(office, liang, "engineer", site=site)
    (member,) = (await members_at(house, site)).values()
    assert member.data["role"] == "engineer"


async def test_a_new_name_or_phone_reaches_the_tablets(house: House, site: UUID) -> None:
    he, liang = await house.add_person("he", ("engineer", site)), await house.add_person("liang")
    tablet = await enrol(house, he)
    async with house.signed_in("boss") as office:
        await grant(office, liang, "engineer", site=site)
        answer = await office.post(
            f"/office/people/{liang}/change", json={"name": "梁志豪", "phone": "138"}
        )
    assert (answer.json()["name"], answer.json()["phone"]) == ("梁志豪", "138")
    await tablet.pull()
    assert (told(tablet, liang, site)["name"], told(tablet, liang, site)["phone"]) == (
        "梁志豪",
        "138",
    )


async def test_a_grant_that_adds_nothing_writes_nothing(house: House, site: UUID) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        await grant(office, liang, "engineer", site=site)
        before = await members_at(house, site)
        await grant(office, liang, "engineer", site=site)
    assert await members_at(house, site) == before


async def test_a_grant_that_is_refused_leaves_no_member(house: House, site: UUID) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        unknown = {"role": "engineer", "site": str(NOBODY)}
        answer = await office.post(f"/office/people/{liang}/grants", json=unknown)
        assert answer.status_code == 400
        here = {"role": "engineer", "site": str(site)}
        answer = await office.post(f"/office/people/{NOBODY}/grants", json=here)
        assert answer.status_code == 404
    assert await members_at(house, site) == {}


async def test_many_changes_of_one_person_at_once_end_in_what_is_granted(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang")
    await house.add_person("chief", ("administrator", None))
    async with house.signed_in("boss") as one, house.signed_in("chief") as two:
        held = [await grant(one, liang, "engineer", site=site) for _ in range(4)]
        await asyncio.gather(
            *(revoke(office, id_) for office, id_ in zip((one, two, one, two), held, strict=True)),
            grant(two, liang, "desk", site=site),
        )
    (member,) = (await members_at(house, site)).values()
    assert (member.data["active"], member.data["role"]) == (True, "desk")


# --- Leaving and coming back ---


async def test_who_leaves_is_signed_out_and_no_member_and_their_devices_only_send(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang", ("engineer", site))
    he = await enrol(house, await house.add_person("he", ("engineer", site)))
    tablet = await enrol(house, liang)
    round_ = {
        "site": str(site),
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "targets": [],
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T10:00:00Z",
        "assignee": str(liang),
    }
    states = {state: house.clock.new_id() for state in ("issued", "closed")}
    async with house.database.write() as tx:
        made = [
            Seed("assignment", id_, f"site:{site}", {**round_, "state": state})
            for state, id_ in states.items()
        ]
        await seed(tx, made, epoch=1, lineage=UUID(int=2))
    async with house.signed_in("liang") as theirs, house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/change", json={"phone": "139"})
        answer = await office.post(f"/office/people/{liang}/deactivate")
        assert answer.status_code == 200, answer.text
        assert (await theirs.get("/office/me")).status_code == 401
        listed = {one["id"]: one for one in (await office.get("/office/people")).json()["rows"]}
    body = answer.json()
    assert body["person"]["active"] is listed[str(liang)]["active"] is False
    assert [one["role"] for one in body["person"]["grants"]] == ["engineer"]
    assert (body["rounds_total"], body["devices_draining"]) == (1, 1)
    assert body["rounds"] == [
        {
            "assignment": str(states["issued"]),
            "site": str(site),
            "site_name": "主机房",
            "title": {"zh": "季度巡检", "en": "Quarterly"},
            "due_at": "2026-11-30T10:00:00Z",
        }
    ]
    pulled = await tablet.http.post("/sync/v1/pull", content=tablet.client.pull_request(limit=9))
    assert (pulled.status_code, pulled.json()["type"]) == (403, "/problems/device-draining")
    await he.pull()
    assert told(he, liang, site)["active"] is False
    assert he.client.base[states["issued"]].data["assignee"] == str(liang)


async def test_what_the_tablet_of_somebody_who_left_sends_waits_for_the_office(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang", ("engineer", site))
    asset = house.clock.new_id()
    async with house.database.write() as tx:
        made = Seed("asset", asset, f"site:{site}", {"site": str(site), "name": "UPS"})
        await seed(tx, [made], epoch=1, lineage=UUID(int=2))
    tablet = await enrol(house, liang)
    await tablet.pull()
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/deactivate")
    tablet.client.edit(
        "asset",
        asset,
        id_=house.clock.new_id(),
        session=tablet.device,
        at=house.clock.now(),
        set_={"note": "风扇有异响"},
    )
    assert await tablet.push() == ["review"]


async def test_who_comes_back_has_the_grants_they_had_and_needs_a_new_device(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang", ("engineer", site))
    tablet = await enrol(house, liang)
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/deactivate")
        assert (await office.post(f"/office/people/{liang}/deactivate")).status_code == 200
        answer = await office.post(f"/office/people/{liang}/reactivate")
    assert "active" not in answer.json()  # What is so by default is left out.
    assert (await members_at(house, site))[liang].data["active"] is True
    async with house.signed_in("liang") as theirs:
        assert (await theirs.get("/office/me")).status_code == 200
    pulled = await tablet.http.post("/sync/v1/pull", content=tablet.client.pull_request(limit=9))
    assert pulled.status_code == 403
    again = await enrol(house, liang)
    await again.pull()
    assert told(again, liang, site)["active"] is True


async def test_the_last_administrator_stays(house: House, site: UUID) -> None:
    root = await house.add_person("root", ("administrator", None))
    async with house.signed_in("boss") as office:
        assert (await office.post(f"/office/people/{root}/deactivate")).status_code == 200
        me = (await office.get("/office/me")).json()["person"]
        answer = await office.post(f"/office/people/{me}/deactivate")
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
        assert (await office.get("/office/me")).status_code == 200


async def test_two_administrators_who_end_each_other_do_not_both_succeed(
    house: House, site: UUID
) -> None:
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("boss") as one, house.signed_in("root") as two:
        ids = [(await who.get("/office/me")).json()["person"] for who in (one, two)]
        answers = await asyncio.gather(
            one.post(f"/office/people/{ids[1]}/deactivate"),
            two.post(f"/office/people/{ids[0]}/deactivate"),
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert codes[1] in (401, 403)


@pytest.mark.parametrize("role", ["engineer", "supervisor", "desk", "quality", "project-manager"])
async def test_nobody_but_an_administrator_ends_or_changes_people(
    house: House, site: UUID, role: str
) -> None:
    anna = await house.add_person("anna", (role, site))  # type: ignore[arg-type]
    async with house.signed_in("anna") as office:
        answers = [
            await office.post(f"/office/people/{anna}/{what}", json={})
            for what in ("deactivate", "reactivate", "change")
        ]
        assert {answer.json()["type"] for answer in answers} == {"/problems/not-allowed"}
        del office.headers["x-csrf-token"]
        bare = await office.post(f"/office/people/{anna}/deactivate")
        assert bare.json()["type"] == "/problems/csrf-refused"


async def test_somebody_who_does_not_exist_is_neither_ended_nor_changed(
    house: House, site: UUID
) -> None:
    async with house.signed_in("boss") as office:
        answers = [
            await office.post(f"/office/people/{NOBODY}/{what}", json={})
            for what in ("deactivate", "reactivate", "change")
        ]
    assert {answer.status_code for answer in answers} == {404}


async def test_an_older_member_record_without_the_mark_is_one_who_is_there(
    house: House, site: UUID
) -> None:
    """What 0.1.0 wrote has no `active`; it means that the person is there."""
    liang = await house.add_person("liang", ("engineer", site))
    old = {"site": str(site), "person": str(liang), "name": "Liang", "role": "engineer"}
    async with house.database.write() as tx:
        made = Seed("member", member_id(site, liang), f"site:{site}", old)
        await seed(tx, [made], epoch=1, lineage=UUID(int=2))
    before = await members_at(house, site)
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/change", json={})
        assert await members_at(house, site) == before
        await office.post(f"/office/people/{liang}/deactivate")
    assert (await members_at(house, site))[liang].data["active"] is False


async def test_a_dead_device_of_somebody_who_leaves_stays_dead(house: House, site: UUID) -> None:
    liang = await house.add_person("liang", ("engineer", site))
    tablet = await enrol(house, liang)
    async with house.signed_in("boss") as office:
        await office.post(f"/office/devices/{tablet.device}/end", json={"state": "dead"})
        body = (await office.post(f"/office/people/{liang}/deactivate")).json()
    assert body.get("devices_draining", 0) == 0
    async with house.database.read() as tx:
        (row,) = await tx.execute(devices.select())
    assert row.state == "dead"


# --- Pokes ---


def bearer(tablet: Tablet) -> dict[str, str]:
    return {"authorization": tablet.http.headers["authorization"]}


async def listening(stream: Stream) -> None:
    """Wait until the stream stands: what is told from now on is heard."""
    async with asyncio.timeout(SECONDS_MAX):
        while ": listening" not in stream._text:
            stream._more.clear()
            await stream._more.wait()


async def test_a_tablet_is_poked_when_its_person_is_granted_a_site_and_its_stream_comes_back(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang")
    tablet = await enrol(house, liang)
    async with (
        house.signed_in("boss") as office,
        streaming(house.app, "/sync/v1/events", bearer(tablet)) as stream,
    ):
        await listening(stream)
        await grant(office, liang, "engineer", site=site)
        head = await stream.event("poke", f"site:{site}")
        async with asyncio.timeout(SECONDS_MAX):
            await stream.ended.wait()
    assert head > 0
    async with streaming(house.app, "/sync/v1/events", bearer(tablet)) as stream:
        assert await stream.event("poke", f"site:{site}") == head


@pytest.mark.parametrize("how", ["revoked", "deactivated"])
async def test_a_tablet_is_poked_when_its_person_loses_a_site_and_hears_nothing_more_of_it(
    house: House, site: UUID, how: str
) -> None:
    liang = await house.add_person("liang")
    async with house.signed_in("boss") as office:
        held = await grant(office, liang, "engineer", site=site)
        tablet = await enrol(house, liang)
        async with streaming(house.app, "/sync/v1/events", bearer(tablet)) as stream:
            first = await stream.event("poke", f"site:{site}")
            if how == "revoked":
                await revoke(office, held)
            else:
                await office.post(f"/office/people/{liang}/deactivate")
            assert await stream.event("poke", f"site:{site}") > first
            async with asyncio.timeout(SECONDS_MAX):
                await stream.ended.wait()
    if how == "revoked":
        async with streaming(house.app, "/sync/v1/events", bearer(tablet)) as stream:
            await listening(stream)
            async with house.signed_in("boss") as office:
                await grant(office, await house.add_person("he"), "engineer", site=site)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await stream.event("poke", f"site:{site}")


async def test_others_at_the_site_are_poked_and_go_on_listening(house: House, site: UUID) -> None:
    he, liang = await house.add_person("he", ("engineer", site)), await house.add_person("liang")
    tablet = await enrol(house, he)
    async with (
        house.signed_in("boss") as office,
        streaming(house.app, "/sync/v1/events", bearer(tablet)) as stream,
    ):
        first = await stream.event("poke", f"site:{site}")
        held = await grant(office, liang, "engineer", site=site)
        second = await stream.event("poke", f"site:{site}")
        await revoke(office, held)
        assert first < second < await stream.event("poke", f"site:{site}")
        assert not stream.ended.is_set()


async def test_readers_in_another_process_come_back_too(house: House) -> None:
    if house.database.is_sqlite:  # One process is all there is.
        return
    reader = UUID(int=5)
    async with (
        two_processes(house.database) as (one, two),
        two.listen(reader, {"org"}) as listener,
        asyncio.timeout(SECONDS_MAX),
    ):
        while not listener.is_leaving:
            one.tell({}, readers=[reader])
            await listener.news(within_seconds=0.2)
