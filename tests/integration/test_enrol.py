"""Enrolment: a ticket works once, a credential is shown once, and who may make devices for whom."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from sqlalchemy import select

from server.labels.links import link_svg
from server.store.grants import load_sites
from server.store.people_tables import devices, tickets
from server.store.tables import lineages
from tests.integration.conftest import House

LINEAGE = UUID(int=0x11)


def request(ticket: str, **more: object) -> dict[str, object]:
    return {"ticket": ticket, "lineage": str(LINEAGE), "name": "平板 03", **more}


def bearer(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


async def pull(client: httpx.AsyncClient, credential: str) -> httpx.Response:
    return await client.post("/sync/v1/pull", json={"epoch": 1}, headers=bearer(credential))


async def enrolled(house: House, client: httpx.AsyncClient, person: UUID, **more: object) -> str:
    """The credential of a fresh device of this person."""
    body = request(await house.add_ticket(person), **more)
    answer = await client.post("/enrol", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["credential"])


async def test_a_ticket_becomes_a_device_that_may_pull(house: House) -> None:
    site = await house.add_site()
    anna = await house.add_person("anna", ("engineer", site))
    ticket = await house.add_ticket(anna)
    async with house.client() as client:
        answer = await client.post("/enrol", json=request(ticket))
        assert answer.status_code == 201
        body = answer.json()
        assert (body["person"], body["person_name"], body["role"]) == (
            str(anna),
            "Anna",
            "engineer",
        )
        assert (body["epoch"], body["next_n"]) == (1, 1)
        pulled = await pull(client, body["credential"])
    assert pulled.status_code == 200
    assert f"site:{site}" in pulled.text
    assert f"device:{body['device']}" in pulled.text


async def test_secrets_of_devices_and_tickets_are_stored_as_hashes_only(house: House) -> None:
    anna = await house.add_person("anna")
    ticket = await house.add_ticket(anna)
    async with house.client() as client:
        credential = (await client.post("/enrol", json=request(ticket))).json()["credential"]
    secret = credential.partition(".")[2]
    assert len(ticket) == len(secret) == 43
    async with house.database.read() as tx:
        kept = [
            await tx.scalar(select(tickets.c.hash)),
            await tx.scalar(select(devices.c.credential_hash)),
        ]
    assert all(value is not None and len(value) == 32 for value in kept)
    assert not {ticket.encode(), secret.encode()} & set(kept)


async def refused(house: House, body: dict[str, object], slug: str, status: int) -> str:
    """The detail of a refusal, which leaves no device and no lineage behind."""
    async with house.client() as client:
        answer = await client.post("/enrol", json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    return str(answer.json()["detail"])


async def count_devices(house: House) -> int:
    async with house.database.read() as tx:
        return len((await tx.execute(select(devices.c.id))).all())


async def test_a_used_ticket_says_so_and_what_to_do(house: House) -> None:
    ticket = await house.add_ticket(await house.add_person("anna"))
    async with house.client() as client:
        await client.post("/enrol", json=request(ticket))
    detail = await refused(house, request(ticket, lineage=str(UUID(int=2))), "ticket-used", 410)
    assert "2026-11-20 01:00 UTC" in detail
    assert "ask" in detail
    assert await count_devices(house) == 1


async def test_an_expired_ticket_says_so_and_what_to_do(house: House) -> None:
    ticket = await house.add_ticket(await house.add_person("anna"))
    house.clock.advance(timedelta(hours=house.settings.ticket_hours))
    detail = await refused(house, request(ticket), "ticket-expired", 410)
    assert "2026-11-23 01:00 UTC" in detail
    assert "ask" in detail
    assert await count_devices(house) == 0


async def test_a_ticket_works_until_the_moment_it_expires(house: House) -> None:
    anna = await house.add_person("anna")
    ticket = await house.add_ticket(anna)
    house.clock.advance(timedelta(hours=house.settings.ticket_hours) - timedelta(seconds=1))
    async with house.client() as client:
        assert (await client.post("/enrol", json=request(ticket))).status_code == 201


async def test_an_unknown_ticket_says_what_to_check(house: House) -> None:
    assert "scanned" in await refused(house, request("x" * 43), "ticket-unknown", 404)


async def test_tickets_cannot_be_guessed_for_long(house: House) -> None:
    async with house.client() as client:
        answers = [await client.post("/enrol", json=request(f"guess-{i:04}")) for i in range(60)]
    assert {answer.status_code for answer in answers} == {404, 429}
    assert answers[-1].headers["retry-after"]


async def test_of_two_tablets_that_scan_one_code_at_once_one_is_enrolled(house: House) -> None:
    ticket = await house.add_ticket(await house.add_person("anna"))
    async with house.client() as client:
        answers = await asyncio.gather(
            *(
                client.post("/enrol", json=request(ticket, lineage=str(UUID(int=number))))
                for number in range(1, 9)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [410] * 7
    assert await count_devices(house) == 1
    async with house.database.read() as tx:
        begun = (await tx.execute(select(lineages.c.id).where(lineages.c.origin == "device"))).all()
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ticket", "short"),
        ("ticket", None),
        ("lineage", "not-an-id"),
        ("name", ""),
        ("name", "x" * 201),
        ("public_key", "k" * 1_001),
        ("language", "fr"),
    ],
)
async def test_a_wrong_member_of_an_enrolment_is_named(
    house: House, member: str, value: object
) -> None:
    async with house.client() as client:
        answer = await client.post("/enrol", json=request("x" * 43) | {member: value})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [member]


async def test_a_lineage_goes_on_where_it_was_when_its_person_enrols_again(house: House) -> None:
    anna = await house.add_person("anna")
    async with house.client() as client:
        await enrolled(house, client, anna)
        async with house.database.write() as tx:
            await tx.execute(lineages.update().where(lineages.c.id == LINEAGE), {"last_n": 41})
        answer = await client.post("/enrol", json=request(await house.add_ticket(anna)))
    assert answer.json()["next_n"] == 42
    assert await count_devices(house) == 2


async def test_a_lineage_of_somebody_else_is_refused_and_the_ticket_still_works(
    house: House,
) -> None:
    anna, bert = await house.add_person("anna"), await house.add_person("bert")
    async with house.client() as client:
        await enrolled(house, client, anna)
        ticket = await house.add_ticket(bert)
        answer = await client.post("/enrol", json=request(ticket))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/lineage-taken")
        answer = await client.post("/enrol", json=request(ticket, lineage=str(UUID(int=7))))
        assert answer.status_code == 201


async def test_the_offices_own_lineage_is_nobodys_device(house: House) -> None:
    anna = await house.add_person("anna")
    async with house.database.write() as tx:
        await tx.execute(
            lineages.insert(),
            {"id": LINEAGE, "origin": "office", "last_n": 0, "chain": b"", "backed_up_to": 0},
        )
    await refused(house, request(await house.add_ticket(anna)), "lineage-taken", 409)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        f"Bearer {UUID(int=1)}",
        f"Bearer {UUID(int=1)}.{'x' * 43}",
        "Basic eDp5",
        "Bearer .secret",
    ],
)
async def test_what_is_no_credential_is_refused(house: House, header: str) -> None:
    async with house.client() as client:
        answer = await client.post(
            "/sync/v1/pull", json={"epoch": 1}, headers={"authorization": header}
        )
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/credential-refused")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_another_devices_secret_opens_nothing(house: House) -> None:
    anna = await house.add_person("anna")
    async with house.client() as client:
        one = await enrolled(house, client, anna)
        other = await enrolled(house, client, anna)
        mixed = f"{one.partition('.')[0]}.{other.partition('.')[2]}"
        assert (await pull(client, mixed)).status_code == 401
        assert (await pull(client, one)).status_code == 200


async def seen_at(house: House) -> object:
    async with house.database.read() as tx:
        return await tx.scalar(select(devices.c.seen_at))


async def test_a_device_is_noted_as_seen_once_a_minute_at_most(house: House) -> None:
    anna = await house.add_person("anna")
    async with house.client() as client:
        credential = await enrolled(house, client, anna)
        assert await seen_at(house) is None
        await pull(client, credential)
        first = house.clock.now()
        assert await seen_at(house) == first
        house.clock.advance(timedelta(seconds=59))
        await pull(client, credential)
        assert await seen_at(house) == first
        house.clock.advance(timedelta(seconds=1))
        await pull(client, credential)
        assert await seen_at(house) == house.clock.now()


@pytest.mark.parametrize(
    ("state", "status", "slug"),
    [("draining", 403, "device-draining"), ("dead", 401, "device-ended")],
)
async def test_an_ended_device_receives_nothing_and_hears_why(
    house: House, state: str, status: int, slug: str
) -> None:
    anna = await house.add_person("anna")
    await house.add_person("boss", ("administrator", None))
    async with house.client() as client, house.signed_in("boss") as office:
        credential = await enrolled(house, client, anna)
        device = credential.partition(".")[0]
        ended = await office.post(f"/office/devices/{device}/end", json={"state": state})
        assert ended.status_code == 204
        answer = await pull(client, credential)
        listed = (await office.get("/office/devices")).json()["rows"]
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert [(one["state"], one["ended_at"]) for one in listed] == [(state, "2026-11-20T01:00:00Z")]


async def test_a_dead_device_stays_dead(house: House) -> None:
    anna = await house.add_person("anna")
    await house.add_person("boss", ("administrator", None))
    async with house.client() as client, house.signed_in("boss") as office:
        credential = await enrolled(house, client, anna)
        path = f"/office/devices/{credential.partition('.')[0]}/end"
        await office.post(path, json={"state": "dead"})
        assert (await office.post(path, json={"state": "draining"})).status_code == 204
        assert (await pull(client, credential)).status_code == 401


async def test_the_office_makes_a_link_that_a_tablet_can_scan(house: House) -> None:
    anna = await house.add_person("anna")
    await house.add_person("boss", ("administrator", None))
    async with house.client() as client, house.signed_in("boss") as office:
        answer = await office.post("/office/tickets", json={"person": str(anna)})
        assert answer.status_code == 201
        body = answer.json()
        address, _, ticket = body["link"].partition("#")
        assert address == f"{house.settings.origin}/enrol"
        assert body["expires_at"] == "2026-11-23T01:00:00Z"
        assert (await client.post("/enrol", json=request(ticket))).status_code == 201


def drawn(svg: str) -> Image.Image:
    """The picture of our own QR code's SVG: its path is made of absolute corners only."""
    side = int(svg.partition('viewBox="0 0 ')[2].partition(" ")[0])
    path = svg.rpartition(' d="')[2].partition('"')[0]
    picture = Image.new("1", (side * 8, side * 8), 1)
    for loop in filter(None, path.split("M")):
        corners = [
            tuple((float(part) + 4) * 8 for part in corner.split())
            for corner in loop.rstrip("Z").split("L")
        ]
        mask = Image.new("1", picture.size, 0)
        ImageDraw.Draw(mask).polygon([(x, y) for x, y in corners], fill=1)
        picture = Image.composite(
            picture.point(lambda value: 0 if value else 255, "1"), picture, mask
        )
    return picture.convert("L")


def test_the_qr_code_of_a_link_reads_as_the_link() -> None:
    link = f"https://xunjian.example:8443/enrol#{'Ab-_' * 10}xyz"
    assert [one.text for one in zxingcpp.read_barcodes(drawn(link_svg(link)))] == [link]


async def test_a_supervisor_makes_devices_only_for_people_of_their_own_sites(
    house: House,
) -> None:
    here, there = await house.add_site(), await house.add_site()
    await house.add_person("boss", ("supervisor", here))
    near = await house.add_person("near", ("engineer", here))
    both = await house.add_person("both", ("engineer", here), ("engineer", there))
    far = await house.add_person("far", ("engineer", there))
    root = await house.add_person("root", ("administrator", None))
    async with house.signed_in("boss") as office:
        allowed = {
            person: (await office.post("/office/tickets", json={"person": str(person)})).status_code
            for person in (near, both, far, root, UUID(int=99))
        }
        people = (await office.get("/office/people")).json()["rows"]
        listed = [one["login"] for one in people]
    assert allowed == {near: 201, both: 403, far: 403, root: 403, UUID(int=99): 403}
    assert listed == ["boss", "near"]


@pytest.mark.parametrize("role", ["engineer", "desk", "quality", "project-manager"])
async def test_nobody_else_sees_devices_or_makes_them(house: House, role: str) -> None:
    site = await house.add_site()
    anna = await house.add_person("anna", (role, site))  # type: ignore[arg-type]
    async with house.signed_in("anna") as office:
        answers = [
            await office.get("/office/people"),
            await office.get("/office/devices"),
            await office.post("/office/tickets", json={"person": str(anna)}),
            await office.post(f"/office/devices/{UUID(int=1)}/end", json={"state": "dead"}),
            await office.post("/office/people", json={"login": "new", "name": "New"}),
            await office.post(f"/office/people/{anna}/grants", json={"role": "administrator"}),
        ]
    assert {answer.json()["type"] for answer in answers} == {"/problems/not-allowed"}


async def test_a_device_of_elsewhere_does_not_exist_for_a_supervisor(house: House) -> None:
    here, there = await house.add_site(), await house.add_site()
    await house.add_person("boss", ("supervisor", here))
    far = await house.add_person("far", ("engineer", there))
    async with house.client() as client, house.signed_in("boss") as office:
        device = (await enrolled(house, client, far)).partition(".")[0]
        answer = await office.post(f"/office/devices/{device}/end", json={"state": "dead"})
        unknown = await office.post(f"/office/devices/{UUID(int=1)}/end", json={"state": "dead"})
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert (await office.get("/office/devices")).json()["total"] == 0


async def test_a_person_is_added_granted_and_ungranted(house: House) -> None:
    site = await house.add_site()
    await house.add_person("boss", ("administrator", None))
    new = {"login": "anna", "name": "安娜", "password": "correct horse battery"}
    async with house.signed_in("boss") as office:
        person = (await office.post("/office/people", json=new)).json()
        assert "grants" not in person
        path = f"/office/people/{person['id']}/grants"
        grant = (await office.post(path, json={"role": "engineer", "site": str(site)})).json()
        async with house.signed_in("anna") as anna:
            assert "inspect" in (await anna.get("/office/me")).json()["may"]
            gone = await office.post(f"/office/grants/{grant['id']}/revoke")
            assert gone.status_code == 204
            assert (await anna.get("/office/me")).json()["may"] == []
        again = await office.post(f"/office/grants/{grant['id']}/revoke")
        assert again.status_code == 404


async def test_a_login_name_is_given_once(house: House) -> None:
    await house.add_person("boss", ("administrator", None))
    async with house.signed_in("boss") as office:
        new = {"login": "anna", "name": "Anna"}
        answers = await asyncio.gather(*(office.post("/office/people", json=new) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 4
    taken = next(answer.json() for answer in answers if answer.is_error)
    assert (taken["type"], taken["errors"][0]["field"]) == ("/problems/login-taken", "login")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"role": "engineer"}, "role"),
        ({"role": "engineer", "site": str(UUID(int=1)), "customer": str(UUID(int=2))}, "role"),
        ({"role": "administrator", "site": str(UUID(int=1))}, "role"),
        ({"role": "engineer", "site": str(UUID(int=1))}, "site"),
        ({"role": "engineer", "contract": str(UUID(int=1))}, "contract"),
        ({"role": "king"}, "role"),
    ],
)
async def test_a_grant_names_one_place_that_exists(
    house: House, asked: dict[str, str], field: str
) -> None:
    boss = await house.add_person("boss", ("administrator", None))
    async with house.signed_in("boss") as office:
        answer = await office.post(f"/office/people/{boss}/grants", json=asked)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_somebody_stays_administrator(house: House) -> None:
    await house.add_person("boss", ("administrator", None))
    async with house.signed_in("boss") as office:
        grant = (await office.get("/office/me")).json()["grants"][0]["id"]
        answer = await office.post(f"/office/grants/{grant}/revoke")
        assert answer.json()["type"] == "/problems/not-allowed"
        assert "people" in (await office.get("/office/me")).json()["may"]


async def test_a_customers_grant_reaches_all_its_sites_and_no_other(house: House) -> None:
    one = await house.add_site()
    await house.add_person("boss", ("administrator", None))
    anna = await house.add_person("anna")
    async with house.signed_in("boss") as office, house.client() as client:
        async with house.database.read() as tx:
            owner = (await load_sites(tx)).places[one].customer
        second, other = await house.add_site(customer=owner), await house.add_site()
        path = f"/office/people/{anna}/grants"
        answer = await office.post(path, json={"role": "engineer", "customer": str(owner)})
        assert answer.status_code == 201
        pulled = await pull(client, await enrolled(house, client, anna))
    assert f"site:{one}" in pulled.text
    assert f"site:{second}" in pulled.text
    assert f"site:{other}" not in pulled.text


async def test_devices_are_listed_a_page_at_a_time_the_newest_first(house: House) -> None:
    anna = await house.add_person("anna")
    await house.add_person("boss", ("administrator", None))
    async with house.client() as client, house.signed_in("boss") as office:
        made = []
        for _ in range(3):
            house.clock.advance(timedelta(minutes=1))
            made.append((await enrolled(house, client, anna)).partition(".")[0])
        pages = [
            await office.get("/office/devices", params={"limit": 2, "offset": offset})
            for offset in (0, 2)
        ]
        too_many = await office.get("/office/devices", params={"limit": 201})
    ids = [[one["id"] for one in page.json()["rows"]] for page in pages]
    assert ids == [made[:0:-1], made[:1]]
    assert [page.json()["total"] for page in pages] == [3, 3]
    assert (too_many.status_code, too_many.json()["type"]) == (400, "/problems/invalid-request")


async def test_devices_are_found_and_ordered_before_a_page_is_cut(house: House) -> None:
    anna, bert = await house.add_person("anna"), await house.add_person("bert")
    await house.add_person("boss", ("administrator", None))
    async with house.client() as client, house.signed_in("boss") as office:
        for person, name in ((anna, "Tablet 1"), (bert, "Tablet 2"), (anna, "Phone")):
            more = {"name": name, "lineage": str(person)}
            credential = await enrolled(house, client, person, **more)
            house.clock.advance(timedelta(minutes=1))
            if name != "Phone":
                await pull(client, credential)

        async def listed(query: str) -> tuple[int, list[str]]:
            page = (await office.get(f"/office/devices?{query}")).json()
            return page["total"], [one["name"] for one in page["rows"]]

        assert await listed("q=tablet&limit=1") == (2, ["Tablet 2"])
        assert await listed("q=anna&sort=name") == (2, ["Phone", "Tablet 1"])
        # What was never heard of comes last either way.
        assert await listed("sort=seen") == (3, ["Tablet 1", "Tablet 2", "Phone"])
        assert await listed("sort=-seen") == (3, ["Tablet 2", "Tablet 1", "Phone"])
        assert await listed("sort=-person&limit=2") == (3, ["Tablet 2", "Phone"])
        rows = (await office.get("/office/people?sort=-devices")).json()["rows"]
        assert [(one["login"], one.get("devices", 0)) for one in rows] == [
            ("anna", 2),
            ("bert", 1),
            ("boss", 0),
        ]
        path = f"/office/people/{anna}/change"
        assert (await office.post(path, json={"phone": "139"})).json()["devices"] == 2
