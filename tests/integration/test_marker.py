"""A database that is restored while the server is off: noticed at the start, and nothing taken
away comes back with it."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from schemas.base import EPOCH_FIRST
from server.errors import UnableError
from server.marker import FILE, Mark, Marker, measure
from server.opening import prepare
from server.revocations import FILE as REVOCATIONS
from server.revocations import ChangedPerson, EndedDevice, Revocations
from server.store import devices, grants, installation, people
from server.taken_back import keep_current, save_current
from sync.ids import member_id
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, add_round, enrol, two
from tests.integration.test_rewind import back_up, epoch_of, restore, settle


@pytest.fixture
async def site(house: House) -> UUID:
    await house.add_person("boss", ("administrator", None))
    return await add_round(house)


async def start(house: House) -> list[str]:
    """What a server does before it answers anybody; what it said of it."""
    with capture_logs() as logged:
        await prepare(house.settings, house.database, house.clock, may_migrate=False)
    return [line["event"] for line in logged]


def marker_of(house: House) -> Marker:
    return Marker(house.settings.data_dir)


def marked(house: House) -> Mark:
    found = marker_of(house).read()
    assert found is not None
    return found


def lines(house: House) -> list[dict[str, object]]:
    file = house.settings.data_dir / REVOCATIONS
    return [json.loads(line) for line in file.read_text().splitlines()]


async def test_a_start_marks_how_far_the_database_is_for_its_owner_alone(
    house: House, site: UUID
) -> None:
    one, two_ = await two(house, site)
    imported = (await measure(house.database)).history  # The server's own lines on what it loaded.
    one.inspect(ASSETS[0], note="x")
    await settle(one, two_)
    assert await start(house) == []
    assert (marked(house).epoch, marked(house).history) == (EPOCH_FIRST, imported + 1)
    for name in (FILE, REVOCATIONS):
        assert (house.settings.data_dir / name).stat().st_mode & 0o777 == 0o600


async def test_a_database_that_is_behind_its_marker_begins_a_new_epoch_before_any_answer(
    house: House, site: UUID
) -> None:
    one, two_ = await two(house, site)
    backup = await back_up(house.database)
    one.inspect(ASSETS[0], note="x")
    await settle(one, two_)
    await start(house)
    await restore(house.database, backup)
    assert await start(house) == ["database.taken_back", "history.rewound"]
    assert await epoch_of(house) == marked(house).epoch == 2
    assert await start(house) == []
    await settle(two_, one)
    assert one.client.epoch == two_.client.epoch == 2
    assert one.shared == two_.shared
    assert "x" in {row.data.get("note") for row in two_.client.base.values()}


async def test_the_new_epoch_is_above_the_markers_and_the_databases(house: House) -> None:
    await start(house)
    known = marked(house)
    await marker_of(house).save(Mark(known.installation, 7, 0))
    await start(house)
    assert await epoch_of(house) == marked(house).epoch == 8


async def test_an_epoch_stands_in_the_marker_before_a_device_is_told_of_it(
    house: House, site: UUID
) -> None:
    """Else a restore could begin it again, and two histories would have one number."""
    one, _ = await two(house, site)
    await start(house)
    await one.http.post("/sync/v1/pull", json={"epoch": 4})
    assert await epoch_of(house) == marked(house).epoch == 5
    # Another process raised it; this one answers under it, and has to know it too.
    async with house.database.write() as tx:
        await installation.raise_epoch(tx, 9)
    await one.pull()
    assert marked(house).epoch == 9


async def test_what_is_further_already_stays_in_the_marker(house: House, tmp_path: Path) -> None:
    marker, id_ = Marker(tmp_path), UUID(int=1)
    for mark in (Mark(id_, 2, 50), Mark(id_, 2, 40), Mark(id_, 1, 90)):
        marker.write(mark)
    assert marker.read() == Mark(id_, 2, 50)
    marker.write(Mark(id_, 3, 0))
    assert marker.read() == Mark(id_, 3, 0)


async def test_how_far_it_has_come_is_written_now_and_then(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    await start(house)
    stopping = asyncio.Event()
    keeping = asyncio.create_task(
        keep_current(marker_of(house), house.database, house.clock, stopping, every_seconds=0.01)
    )
    one.inspect(ASSETS[0], note="x")
    await one.push()
    async with asyncio.timeout(120):
        while marked(house).history < 1:
            await asyncio.to_thread(marked, house)
    stopping.set()
    await keeping


async def taken_back_under_a_server(house: House, site: UUID) -> tuple[Tablet, Tablet]:
    """Two tablets: the first was answered what the database lost, the second was ended there."""
    one, two_ = await two(house, site)
    await settle(one, two_)
    backup = await back_up(house.database)
    async with house.signed_in("boss") as office:
        body = {"state": "dead"}
        ended = await office.post(f"/office/devices/{two_.device}/end", json=body)
        assert ended.is_success
    one.inspect(ASSETS[0], note="x")
    await one.push()
    await start(house)
    await restore(house.database, backup)
    return one, two_


async def refused(tablet: Tablet, epoch: int) -> str:
    answer = await tablet.http.post("/sync/v1/pull", json={"epoch": epoch})
    return str(answer.json().get("type")) if answer.status_code != 200 else ""


async def test_who_was_ended_stays_so_where_a_device_notices_under_a_running_server(
    house: House, site: UUID
) -> None:
    one, two_ = await taken_back_under_a_server(house, site)
    await one.pull()
    assert await epoch_of(house) == marked(house).epoch == 2
    assert await refused(two_, 2) == "/problems/device-ended"
    await settle(one)
    assert "x" in {row.data.get("note") for row in one.client.base.values()}


async def test_a_running_server_notices_by_itself_and_nobody_comes_back(
    house: House, site: UUID
) -> None:
    _, two_ = await taken_back_under_a_server(house, site)
    for _ in range(2):
        await save_current(marker_of(house), house.database, house.clock)
        assert await epoch_of(house) == marked(house).epoch == 2
    assert await refused(two_, 2) == "/problems/device-ended"


async def test_an_epoch_that_another_process_is_beginning_is_no_restore(house: House) -> None:
    """It stands in the marker before it does in the database."""
    await start(house)
    marker = marker_of(house)
    async with house.database.write() as tx:
        await marker.reach(await installation.lock(tx), 2)
        looking = asyncio.create_task(save_current(marker, house.database, house.clock))
        for _ in range(5):
            await measure(house.database)  # Meanwhile the other has looked too.
        await installation.raise_epoch(tx, 2)
    await looking
    assert await epoch_of(house) == marked(house).epoch == 2


@pytest.mark.parametrize("content", [b"", b"{", b'{"installation": 3}', b"\xff" * 40])
async def test_a_marker_that_is_lost_or_damaged_is_made_anew(house: House, content: bytes) -> None:
    await start(house)
    before = marked(house)
    file = house.settings.data_dir / FILE
    file.write_bytes(content)
    assert "marker.lost" in await start(house)
    assert marked(house) == before
    file.unlink()
    assert await start(house) == []
    assert marked(house) == before


async def test_a_folder_of_another_installation_stops_the_start_with_the_way_out(
    house: House,
) -> None:
    await marker_of(house).save(Mark(UUID(int=7), 1, 0))
    with pytest.raises(UnableError) as refused:
        await start(house)
    said = str(refused.value)
    assert "\n" not in said
    for way_out in ("XUNJIAN_DATA_DIR", "XUNJIAN_DATABASE_URL", FILE):
        assert way_out in said
    assert marked(house).installation == UUID(int=7)


async def test_what_was_taken_away_after_the_backup_is_taken_away_again(
    house: House, site: UUID
) -> None:
    liang, zhou, he = [
        await house.add_person(name, ("engineer", site)) for name in ("liang", "zhou", "he")
    ]
    lost, left, kept = [await enrol(house, one) for one in (liang, zhou, he)]
    ticket = await house.add_ticket(he)
    async with house.signed_in("boss") as office:
        for person in (zhou, he):  # From here on they are members of the site.
            await office.post(f"/office/people/{person}/change", json={"phone": "139"})
    await settle(lost, left, kept)
    async with house.database.read() as tx:
        (of_he,) = await grants.load_grants(tx, [he])
    backup = await back_up(house.database)

    async with house.signed_in("boss") as office:
        body = {"state": "draining"}
        assert (await office.post(f"/office/devices/{lost.device}/end", json=body)).is_success
        assert (await office.post(f"/office/people/{zhou}/deactivate")).is_success
        assert (await office.post(f"/office/grants/{of_he.id}/revoke")).is_success
    enrolling = {"ticket": ticket, "lineage": str(house.clock.new_id()), "name": "平板 09"}
    async with house.client() as anybody:
        assert (await anybody.post("/enrol", json=enrolling)).status_code == 201
    told = [str(line["type"]) for line in lines(house)]
    assert sorted(told[3:]) == ["device", "device", "grant", "person", "ticket"]

    await restore(house.database, backup)
    assert "revocations.applied" in await start(house)
    assert await epoch_of(house) == marked(house).epoch == 2
    # Nobody was answered yet, and everything is as it was left.
    async with house.database.read() as tx:
        ended = [await devices.load(tx, one.device) for one in (lost, left, kept)]
        assert [one and one.state for one in ended] == ["draining", "draining", "active"]
        gone = await people.load(tx, zhou)
        assert gone is not None
        assert not gone.active
        assert await grants.load_grants(tx, [he]) == []
    async with house.client() as anybody:
        again = await anybody.post("/enrol", json=enrolling)
        assert again.json()["type"] == "/problems/ticket-used"
    for tablet in (lost, left):
        refused = await tablet.http.post("/sync/v1/pull", json={"epoch": 2})
        assert refused.json()["type"] == "/problems/device-draining"
    await kept.pull()
    assert {row.scope for row in kept.client.base.values()} & {f"site:{site}"} == set()
    boss = await enrol(house, await house.add_person("lin", ("engineer", site)))
    await boss.pull()
    for person in (zhou, he):
        assert boss.client.base[member_id(site, person)].data["active"] is False
    # Once more changes nothing.
    assert await start(house) == []
    assert await epoch_of(house) == 2


async def test_who_came_back_is_not_sent_away_by_a_start(house: House, site: UUID) -> None:
    """Another process with a folder of its own let them come back: ours knows only the leaving."""
    liang = await house.add_person("liang", ("engineer", site))
    async with house.signed_in("boss") as office:
        await office.post(f"/office/people/{liang}/deactivate")
        kept = (house.settings.data_dir / REVOCATIONS).read_bytes()
        house.clock.advance(house.clock.now().resolution)
        await office.post(f"/office/people/{liang}/reactivate")
    backup = await back_up(house.database)
    await start(house)
    (house.settings.data_dir / REVOCATIONS).write_bytes(kept)
    assert await start(house) == []
    await restore(house.database, backup)
    assert await start(house) == []
    async with house.database.read() as tx:
        found = await people.load(tx, liang)
    assert found is not None
    assert found.active


async def test_the_latest_word_on_a_person_counts_in_whatever_order_it_was_kept(
    house: House, site: UUID
) -> None:
    liang = await house.add_person("liang", ("engineer", site))
    early = house.clock.now()
    late = house.clock.advance(early.resolution)
    back = ChangedPerson(id=liang, active=True, by=UUID(int=1), at=late)
    away = ChangedPerson(id=liang, active=False, by=UUID(int=1), at=early)
    Revocations(house.settings.data_dir).append([back, away])
    await start(house)
    async with house.database.read() as tx:
        found = await people.load(tx, liang)
    assert found is not None
    assert found.active


async def test_a_line_that_was_cut_is_passed_over_and_the_next_stands_alone(
    house: House, site: UUID
) -> None:
    one, two_ = await two(house, site)
    file, kept = house.settings.data_dir / REVOCATIONS, Revocations(house.settings.data_dir)
    before = file.read_bytes()
    ended = [
        EndedDevice(id=tablet.device, state="dead", at=house.clock.now()) for tablet in (one, two_)
    ]
    kept.append(ended[:1])
    file.write_bytes(file.read_bytes()[:-20])
    await kept.keep(ended[1])
    assert file.read_bytes().startswith(before)
    assert await start(house) == ["revocations.unread", "revocations.applied"]
    async with house.database.read() as tx:
        found = [await devices.load(tx, tablet.device) for tablet in (one, two_)]
    assert [device and device.state for device in found] == ["active", "dead"]


async def test_what_could_not_be_kept_is_kept_with_the_next(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    kept, at = Revocations(folder), house.clock.now()
    ended = [EndedDevice(id=UUID(int=n), state="dead", at=at) for n in (1, 2)]
    with capture_logs() as logged:
        await kept.keep(ended[0])
    assert [line["event"] for line in logged] == ["revocations.unkept"]
    folder.mkdir()
    await kept.keep(ended[1])
    assert list(kept.read()) == ended
