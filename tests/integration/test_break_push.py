"""Pushes that were made to break the server: on both databases, through the whole application."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
import zstandard
from sqlalchemy import update

from server.office import office_lineage
from server.store import records
from server.store.tables import claims
from sync.ids import inspection_id, tag_id
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, TEMPLATE, Tablet, add_round, enrol, two

CODE = "7K4M2P9D6"
UNPLACED = "0001-01-01T00:00:00+14:00"


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


def op(tablet: Tablet, n: int, kind: str, record: UUID, **more: Any) -> dict[str, Any]:
    return {
        "n": n,
        "id": str(tablet.house.clock.new_id()),
        "by": str(tablet.client.person),
        "kind": kind,
        "record": str(record),
        "made": {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))},
        **more,
    }


def inspection(tablet: Tablet, n: int, asset: UUID, **fields: Any) -> dict[str, Any]:
    whole = {
        "asset": str(asset),
        "template": str(TEMPLATE),
        "assignment": str(ASSIGNMENT),
        "inspector": str(tablet.client.person),
        "inspector_name": "梁志豪",
    }
    record = inspection_id(ASSIGNMENT, asset)
    return op(tablet, n, "inspection", record, new=True, parent=str(asset), set=whole | fields)


async def push(tablet: Tablet, first_n: int, *ops: dict[str, Any] | bytes) -> httpx.Response:
    header = json.dumps({"epoch": 1, "first_n": first_n}).encode()
    sent = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in ops]
    return await tablet.http.post("/sync/v1/push", content=b"\n".join([header, *sent]))


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["outcomes"]]


POISON: dict[str, Any] = {
    "a kind that holds NUL": lambda t: op(t, 2, "a\0b", UUID(int=9)),
    "an instant without UTC in a column": lambda t: inspection(
        t, 2, ASSETS[1], started_at=UNPLACED
    ),
    "an edit made at such an instant": lambda t: (
        op(t, 2, "inspection", inspection_id(ASSIGNMENT, ASSETS[0]), set={"note": "ours"})
        | {"made": {"wall": UNPLACED, "session": str(UUID(int=5))}}
    ),
    "a field of many digits": lambda t: (
        json.dumps(inspection(t, 2, ASSETS[1], future=0))
        .replace('"future": 0', '"future": 1' + "0" * 5_000)
        .encode()
    ),
    "half a surrogate pair": lambda t: (
        json.dumps(inspection(t, 2, ASSETS[1], note="?")).replace("?", "\\udc00").encode()
    ),
    "lists in lists": lambda t: b"[" * 500_000,
}


@pytest.mark.parametrize("name", POISON)
async def test_no_op_holds_its_neighbours_up(house: House, site: UUID, name: str) -> None:
    one, two_ = await two(house, site)
    assert names(await push(two_, 1, inspection(two_, 1, ASSETS[0], note="theirs"))) == ["applied"]
    sent = [inspection(one, 1, ASSETS[5]), POISON[name](one), inspection(one, 3, ASSETS[6])]
    assert names(await push(one, 1, *sent)) == ["applied", "rejected", "applied"]
    await one.pull()
    await two_.pull()
    assert one.client.mismatches == two_.client.mismatches == 0


async def test_an_op_that_always_clashes_is_rejected_and_the_rest_goes_on(
    house: House, site: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clash that no new attempt resolves is not a race; answered `busy`, it would last."""
    tablet, _ = await two(house, site)
    assert names(await push(tablet, 1, inspection(tablet, 1, ASSETS[0]))) == ["applied"]
    hidden = inspection_id(ASSIGNMENT, ASSETS[0])
    locate = records.locate

    async def blind(*asked: Any) -> dict[UUID, records.Located]:
        return {id_: found for id_, found in (await locate(*asked)).items() if id_ != hidden}

    monkeypatch.setattr(records, "locate", blind)
    sent = [inspection(tablet, n, asset) for n, asset in enumerate(ASSETS[:3][::-1], 2)]
    assert names(await push(tablet, 2, *sent)) == ["applied", "applied", "rejected"]


async def test_work_that_another_could_not_create_holds_nobody_up(house: House, site: UUID) -> None:
    """Of an inspection that two may make, the first one's mistake is the first one's alone."""
    one, two_ = await two(house, site)
    bad = inspection(one, 1, ASSETS[0], review={"decision": "accepted"})
    assert names(await push(one, 1, bad)) == ["rejected"]
    assert names(await push(two_, 1, inspection(two_, 1, ASSETS[0]))) == ["applied"]


async def test_an_edit_that_came_too_early_does_not_hold_the_creation_up(
    house: House, site: UUID
) -> None:
    tablet, _ = await two(house, site)
    early = op(tablet, 1, "inspection", inspection_id(ASSIGNMENT, ASSETS[0]), set={"note": "x"})
    assert names(await push(tablet, 1, early)) == ["review"]
    assert names(await push(tablet, 2, inspection(tablet, 2, ASSETS[0]))) == ["applied"]


async def test_what_waits_elsewhere_looks_like_what_does_not_exist(
    house: House, site: UUID
) -> None:
    one, _ = await two(house, site)
    elsewhere = await house.add_site()
    stranger = await enrol(house, await house.add_person("he", ("engineer", elsewhere)))
    bad = inspection(one, 1, ASSETS[0], review={"decision": "accepted"})
    assert names(await push(one, 1, bad)) == ["rejected"]
    record = inspection_id(ASSIGNMENT, ASSETS[0])
    asked = [op(stranger, 1, "inspection", record, set={"note": "x"})]
    asked.append(op(stranger, 2, "inspection", UUID(int=0xBAD), set={"note": "x"}))
    told = (await push(stranger, 1, *asked)).json()["outcomes"]
    assert [one["outcome"] for one in told] == ["review", "review"]


async def test_an_id_that_somebody_else_used_tells_nothing(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    elsewhere = await house.add_site()
    stranger = await enrol(house, await house.add_person("he", ("engineer", elsewhere)))
    first = inspection(one, 1, ASSETS[0])
    assert names(await push(one, 1, first)) == ["applied"]
    asked = op(stranger, 1, "inspection", UUID(int=9), set={"note": "x"}) | {"id": first["id"]}
    answer = await push(stranger, 1, asked, inspection(stranger, 2, ASSETS[1]))
    assert names(answer) == ["rejected", "review"]
    assert str(site) not in answer.text
    assert (await push(stranger, 1, asked)).json()["outcomes"] == answer.json()["outcomes"][:1]


async def test_a_tag_may_be_bound_when_the_other_site_gave_it_up(house: House, site: UUID) -> None:
    tablet, _ = await two(house, site)
    taken = {"code": CODE, "asset_id": UUID(int=9), "scope_id": f"site:{UUID(int=9)}"}
    async with house.database.write() as tx:
        await tx.execute(claims.insert(), {**taken, "retired": False})

    def bind(n: int) -> dict[str, Any]:
        values = {"code": CODE, "asset": str(ASSETS[0])}
        return op(tablet, n, "tag", tag_id(CODE), new=True, set=values)

    assert names(await push(tablet, 1, bind(1))) == ["conflict"]
    async with house.database.write() as tx:
        await tx.execute(update(claims).values(retired=True))
    assert names(await push(tablet, 2, bind(2))) == ["applied"]


# --- Packed bodies ---


async def test_half_of_a_packed_push_is_not_taken(house: House, site: UUID) -> None:
    """The number of the op at the cut would be used up by the half of it that came."""
    tablet, _ = await two(house, site)
    body = json.dumps({"epoch": 1, "first_n": 1}) + "\n"
    body += "\n".join(
        json.dumps(inspection(tablet, n, asset, note=str(house.clock.new_id()) * 300))
        for n, asset in enumerate(ASSETS, 1)
    )
    # Blocks that went out while the rest was still being packed, as a stream sends them.
    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    half = packer.compress(body[:100_000].encode())
    half += packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    headers = {"content-encoding": "zstd"}
    answer = await tablet.http.post("/sync/v1/push", content=half, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-encoding")
    whole = zstandard.compress(body.encode())
    answer = await tablet.http.post("/sync/v1/push", content=whole, headers=headers)
    assert set(names(answer)) == {"applied"}


async def test_nothing_after_a_frame_is_passed_over(house: House, site: UUID) -> None:
    tablet, _ = await two(house, site)
    header = json.dumps({"epoch": 1, "first_n": 1}).encode() + b"\n"
    body = zstandard.compress(header)
    body += zstandard.compress(json.dumps(inspection(tablet, 1, ASSETS[0])).encode())
    headers = {"content-encoding": "zstd"}
    answer = await tablet.http.post("/sync/v1/push", content=body, headers=headers)
    assert answer.status_code == 415


async def test_a_bomb_is_refused(house: House, site: UUID) -> None:
    tablet, _ = await two(house, site)
    bomb = zstandard.compress(bytes(256 * 2**20))
    headers = {"content-encoding": "zstd"}
    answer = await tablet.http.post("/sync/v1/push", content=bomb, headers=headers)
    assert answer.status_code in (413, 415)


# --- Lineages ---


async def test_a_device_does_not_become_the_lineage_of_somebodys_office(house: House) -> None:
    """It follows from the person's id, which every tablet of the site can read."""
    site = await house.add_site()
    boss = await house.add_person("boss", ("supervisor", site))
    thief = await house.add_person("thief", ("engineer", site))
    ticket = await house.add_ticket(thief)
    async with house.client() as client:
        asked = {"ticket": ticket, "lineage": str(office_lineage(boss)), "name": "平板"}
        answer = await client.post("/enrol", json=asked)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/lineage-taken")


async def test_two_people_at_once_do_not_come_by_one_lineage(house: House) -> None:
    site = await house.add_site()
    people = [await house.add_person(name, ("engineer", site)) for name in ("liang", "zhou")]
    waiting = [await house.add_ticket(person) for person in people]
    lineage = house.clock.new_id()

    async def ask(ticket: str) -> int:
        async with house.client() as client:
            asked = {"ticket": ticket, "lineage": str(lineage), "name": "平板"}
            return (await client.post("/enrol", json=asked)).status_code

    assert sorted(await asyncio.gather(*map(ask, waiting))) == [201, 409]


async def test_an_end_of_numbers_is_refused_and_not_taken(house: House, site: UUID) -> None:
    tablet, _ = await two(house, site)
    answer = await push(tablet, 2**53 - 1, op(tablet, 2**53 - 1, "room", UUID(int=1)))
    assert answer.status_code == 400
    assert names(await push(tablet, 1, inspection(tablet, 1, ASSETS[0]))) == ["applied"]
