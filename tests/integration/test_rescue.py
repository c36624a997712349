"""A rescue file in the office: the work of a tablet that cannot send, and that once."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from msgspec import structs
from sqlalchemy import func, select

from server.blobs import blob_key
from server.store.file_tables import jobs, pins
from server.store.kind_tables import KIND_TABLES
from server.store.tables import feed, ops
from sync.ids import inspection_id
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, TEMPLATE, Tablet, add_round, enrol
from tests.integration.uploading import attach, digest, told, uploader

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 4_000
PIECE = 300_000
ATTACHMENT, ASSET = KIND_TABLES["attachment"], KIND_TABLES["asset"]
PASSED = {"answers": {"fan": {"value": "normal"}}}


@pytest.fixture
async def site(house: House) -> UUID:
    made = await add_round(house)
    await house.add_person("chen", ("supervisor", made))
    return made


@pytest.fixture
async def tablet(house: House, site: UUID) -> Tablet:
    person = await house.add_person("liang", ("engineer", site))
    made = await enrol(house, person)
    await made.pull()
    return made


def photo_lines(content: bytes, *, sha256: str = "") -> list[str]:
    """A photo as version 2 has it, in pieces."""
    known = {"attachment": str(UUID(int=7)), "sha256": sha256 or digest(content)}
    return [
        json.dumps(
            {
                "photo": {
                    **known,
                    "at": at,
                    "of": len(content),
                    "base64": base64.b64encode(content[at : at + PIECE]).decode(),
                }
            }
        )
        for at in range(0, len(content), PIECE)
    ]


def head_of(tablet: Tablet, **members: object) -> dict[str, object]:
    return {
        "format": "xunjian-rescue",
        "version": 2,
        "made": "2026-11-20T01:00:00Z",
        "person": str(tablet.client.person),
        "person_name": "梁工",
        "device": str(tablet.device),
        "device_name": "平板 03",
        "lineage": str(tablet.client.lineage),
        **members,
    }


def rescue_file(
    tablet: Tablet, *more: str, photos: Sequence[bytes] = (), head: Mapping[str, object] = {}
) -> str:
    """What the app exports of a tablet."""
    lines = [json.dumps(head_of(tablet, **head))]
    lines += [f'{{"op":{sent.raw.decode()}}}' for sent in tablet.client.unsent]
    lines += more
    for content in photos:
        lines += photo_lines(content)
    lines.append('{"end":{"ops":0,"photos":0}}\n')
    return "\n".join(lines)


async def send(house: House, content: str | bytes, *, login: str = "chen") -> httpx.Response:
    async with house.signed_in(login) as office:
        return await office.post("/office/rescue", content=content)


async def taken(house: House, content: str | bytes, *, login: str = "chen") -> dict[str, object]:
    """The numbers of an import, without those that are zero."""
    answer = await send(house, content, login=login)
    assert answer.status_code == 200, answer.text
    told_of = answer.json()
    assert told_of.get("whole"), told_of
    return {name: value for name, value in told_of.items() if isinstance(value, int)}


def counts(**expected: int) -> dict[str, object]:
    return {**expected, "whole": True}


async def changes(house: House) -> int:
    """How often anything that devices see was ever written."""
    async with house.database.read() as tx:
        sent = select(func.count()).select_from(ops).where(ops.c.id.is_not(None))
        return int(await tx.scalar(sent) or 0)


async def heads(house: House) -> dict[str, int]:
    async with house.database.read() as tx:
        query = select(feed.c.scope_id, func.max(feed.c.seq)).group_by(feed.c.scope_id)
        return {row[0]: row[1] for row in await tx.execute(query)}


async def received(house: House, record: UUID) -> bool:
    async with house.database.read() as tx:
        query = select(ATTACHMENT.c.received_at).where(ATTACHMENT.c.id == record)
        return await tx.scalar(query) is not None


def work(tablet: Tablet) -> UUID:
    """Two inspections, the second corrected, and a photo; nothing is sent."""
    tablet.inspect(ASSETS[0], **PASSED)
    tablet.inspect(ASSETS[1], **PASSED)
    return attach(tablet.client, tablet.house.clock, ASSETS[0], PHOTO)


async def test_what_a_tablet_that_never_comes_back_held_is_all_here(
    house: House, tablet: Tablet
) -> None:
    record = work(tablet)
    assert await taken(house, rescue_file(tablet, photos=[PHOTO])) == counts(
        applied=3, photos_taken=1
    )
    assert await received(house, record)
    store = house.app.state.blobs
    kept = b"".join([chunk async for chunk in store.read(blob_key(digest(PHOTO)))])
    assert kept == PHOTO
    async with house.database.read() as tx:
        rows = (await tx.execute(select(ops.c.payload, ops.c.n).order_by(ops.c.n))).all()
        sent = {row.payload: row.n for row in rows}
        assert await tx.scalar(select(pins.c.lineage_id)) == tablet.client.lineage
        assert await tx.scalar(select(jobs.c.key).where(jobs.c.kind == "inspect-blob"))
    for one in tablet.client.outbox:
        assert sent[one.raw] == one.op.n
    assert not list((Path(house.settings.data_dir) / "blobs" / "uploads").iterdir())


async def test_a_tablet_that_comes_back_is_answered_as_if_it_had_sent_it_itself(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    await taken(house, rescue_file(tablet, photos=[PHOTO]))
    before = await changes(house)
    assert await tablet.push() == ["applied"] * 3
    assert await changes(house) == before
    assert await uploader(tablet).have(digest(PHOTO)) == [digest(PHOTO)]
    await tablet.pull()
    assert tablet.client.unsent == []
    # What its person writes next on the same fields is no conflict of their own earlier work.
    tablet.inspect(ASSETS[0], answers={"fan": {"value": "abnormal"}})
    assert await tablet.push() == ["applied"]


async def test_a_tablet_that_was_enrolled_anew_delivers_the_same_once(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    await taken(house, rescue_file(tablet))
    other = await enrol(house, tablet.client.person)
    other.client.rescue([sent.op for sent in tablet.client.outbox])
    await other.pull()
    before = await heads(house)
    assert await other.push() == ["applied"] * 3
    assert await heads(house) == before


async def test_what_the_tablet_had_sent_meanwhile_is_known_already(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    file = rescue_file(tablet, photos=[PHOTO])
    await tablet.push()
    await uploader(tablet).send(PHOTO)
    before = await heads(house)
    assert await taken(house, file) == counts(known=3, photos_known=1)
    assert await heads(house) == before


async def test_the_same_file_again_changes_nothing(house: House, tablet: Tablet) -> None:
    work(tablet)
    edit = json.dumps({"edit": {"kind": "asset", "record": str(ASSETS[2]), "set": {"note": "x"}}})
    file = rescue_file(tablet, edit, '{"op":{"n":4,"id":1}}', photos=[PHOTO])
    first = await taken(house, file)
    assert first == counts(applied=4, rejected=1, photos_taken=1)
    rows, seqs = await changes(house), await heads(house)
    assert await taken(house, file) == counts(known=5, photos_known=1)
    assert (await changes(house), await heads(house)) == (rows, seqs)


async def test_a_scope_that_is_lost_is_reviewed_and_the_office_sees_it(
    house: House, tablet: Tablet, site: UUID
) -> None:
    tablet.inspect(ASSETS[0], **PASSED)
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("root") as office:
        listed = (await office.get("/office/people")).json()["rows"]
        [grant] = next(one for one in listed if one["login"] == "liang")["grants"]
        assert (await office.post(f"/office/grants/{grant['id']}/revoke")).status_code == 204
    answer = await send(house, rescue_file(tablet), login="root")
    body = answer.json()
    assert body["waiting"] == 1, body
    [waits] = body["waits"]
    async with house.signed_in("chen") as office:
        rows = (await office.get("/office/waiting")).json()["rows"]
        one = await office.get(f"/office/waiting/{waits['op']}")
    assert [row["op"] for row in rows] == [waits["op"]]
    assert one.status_code == 200
    await tablet.pull()  # And so does the tablet, when it comes back: it is in its own scope.
    told_of = [row for row in tablet.client.base.values() if row.kind == "disposition"]
    assert [row.data["op"] for row in told_of] == [waits["op"]]


async def test_of_somebody_who_left_everything_is_reviewed(house: House, tablet: Tablet) -> None:
    work(tablet)
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("root") as office:
        gone = await office.post(f"/office/people/{tablet.client.person}/deactivate")
        assert gone.status_code == 200, gone.text
    assert await taken(house, rescue_file(tablet), login="root") == counts(waiting=3)


async def test_a_device_that_was_ended_is_rescued_like_any_other(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    async with house.signed_in("chen") as office:
        ended = await office.post(f"/office/devices/{tablet.device}/end", json={"state": "dead"})
        assert ended.status_code == 204
    assert await taken(house, rescue_file(tablet)) == counts(applied=3)


async def test_what_is_held_runs_once_its_cause_is_mended_although_no_device_is_there(
    house: House, tablet: Tablet
) -> None:
    """The dispositions are the device's own, so that nothing is missing behind them."""
    tablet.inspect(ASSETS[0], template=5)
    record = inspection_id(ASSIGNMENT, ASSETS[0])
    tablet.client.edit(
        "inspection",
        record,
        id_=house.clock.new_id(),
        session=tablet.device,
        at=house.clock.now(),
        set_={"answers.fan": {"value": "normal"}},
    )
    assert await taken(house, rescue_file(tablet)) == counts(rejected=1, waiting=1)
    other = await enrol(house, tablet.client.person)
    await other.pull()
    wrong = tablet.client.outbox[0].op
    other.client.edit(
        "inspection",
        record,
        id_=house.clock.new_id(),
        session=other.device,
        at=house.clock.now(),
        new=True,
        parent=ASSETS[0],
        replaces=structs.replace(tablet.client.outbox[0]),
        set_={path: json.loads(bytes(value)) for path, value in wrong.set.items()}
        | {"template": str(TEMPLATE)},
    )
    assert await other.push() == ["applied"]
    await other.pull()
    assert other.client.base[record].data["answers"] == {"fan": {"value": "normal"}}


# --- Files that are not as they should be ---


async def test_a_file_of_another_installation_is_refused(house: House, tablet: Tablet) -> None:
    work(tablet)
    await house.add_person("root", ("administrator", None))
    stranger = str(house.clock.new_id())
    assert told(
        await send(house, rescue_file(tablet, head={"person": stranger}), login="root")
    ) == (
        404,
        "not-found",
    )
    assert told(await send(house, rescue_file(tablet, head={"person": stranger}))) == (
        403,
        "not-allowed",
    )
    assert await changes(house) == 0


async def test_a_device_or_lineage_of_somebody_else_is_refused(
    house: House, tablet: Tablet, site: UUID
) -> None:
    work(tablet)
    other = await enrol(house, await house.add_person("zhou", ("engineer", site)))
    derived = "3f0c7a52-6f6b-5d0e-9d0a-7a1f0c9b2e11"
    for members in (
        {"device": str(other.device)},
        {"lineage": str(other.client.lineage)},
        {"lineage": derived},
    ):
        refused = await send(house, rescue_file(tablet, head=members))
        assert told(refused) == (409, "rescue-not-theirs"), members
    assert await changes(house) == 0


async def test_only_who_may_make_devices_for_the_person_imports(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    elsewhere = await house.add_site()
    await house.add_person("far", ("supervisor", elsewhere))
    await house.add_person("desk", ("desk", elsewhere))
    for login in ("far", "desk", "liang"):
        refused = await send(house, rescue_file(tablet), login=login)
        assert told(refused) == (403, "not-allowed"), login
    async with house.client() as stranger:
        assert (await stranger.post("/office/rescue", content=b"{}")).status_code == 401
    assert await changes(house) == 0


async def test_a_database_that_never_knew_the_device_takes_its_work(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    members = {"device": str(house.clock.new_id()), "lineage": str(house.clock.new_id())}
    assert await taken(house, rescue_file(tablet, head=members)) == counts(applied=3)
    assert await taken(house, rescue_file(tablet, head=members)) == counts(known=3)
    unnamed = members | {"lineage": None}
    assert await taken(house, rescue_file(tablet, head=unnamed)) == counts(known=3)


async def test_a_number_that_the_device_used_for_another_change_takes_nothing_away(
    house: House, tablet: Tablet
) -> None:
    """A tablet whose disk was copied back: its later work has the numbers of what was sent."""
    tablet.inspect(ASSETS[0], **PASSED)
    tablet.inspect(ASSETS[1], **PASSED)
    sent = [structs.replace(one) for one in tablet.client.outbox]
    await tablet.push()
    tablet.client.outbox = [
        structs.replace(
            one,
            raw=one.raw.replace(str(one.op.id).encode(), str(house.clock.new_id()).encode()),
            outcome=None,
        )
        for one in sent[:1]
    ] + sent[1:]
    file = rescue_file(tablet, '{"op":{"n":3,"id":1}}')
    first = await taken(house, file)
    assert first["known"] == 1
    assert first["rejected"] == 1
    assert {"applied", "waiting"} & first.keys()
    rows = await changes(house)
    assert await taken(house, file) == counts(known=3)
    assert await changes(house) == rows


async def test_a_hostile_line_is_rejected_alone(house: House, tablet: Tablet) -> None:
    tablet.inspect(ASSETS[0], **PASSED)
    far = json.dumps({"op": {"n": 2**53 - 1, "id": str(house.clock.new_id())}})
    deep = '{"op":' + "[" * 50_000 + "]" * 50_000 + "}"
    lines = ["not json", '{"op":{"n":1e999}}', far, deep, "{}", '{"op":{"n":2}}', "\x00"]
    answer = (await send(house, rescue_file(tablet, *lines))).json()
    assert (answer["applied"], answer["rejected"]) == (1, len(lines))
    # Six could not even be kept, and are named by their lines; the seventh waits.
    assert [one["line"] for one in answer["refused"]] == [3, 4, 5, 6, 7, 9]
    assert [one["outcome"] for one in answer["waits"]] == ["rejected"]
    tablet.inspect(ASSETS[1], **PASSED)
    async with house.database.read() as tx:
        query = select(func.max(ops.c.n)).where(ops.c.lineage_id == tablet.client.lineage)
        assert await tx.scalar(query) == len(["op 1", "op 2"])


async def test_a_file_that_is_cut_gives_what_is_whole_and_says_so(
    house: House, tablet: Tablet
) -> None:
    work(tablet)
    whole = rescue_file(tablet, photos=[PHOTO])
    cut = whole[: whole.index('"at": 300000') + 20_000]
    answer = (await send(house, cut)).json()
    assert not answer.get("whole")
    assert (answer["applied"], answer["photos_wrong"]) == (3, 1)
    assert {one.get("sha256") for one in answer["refused"]} >= {digest(PHOTO)}
    assert await taken(house, whole) == counts(known=3, photos_taken=1)


async def test_what_is_no_rescue_file_is_refused(house: House, site: UUID) -> None:
    for content in (b"", b"not json", b"[]", b"\xff\xfe", b'{"format":"xunjian-rescue"}'):
        assert told(await send(house, content)) == (400, "rescue-unreadable"), content


async def test_a_string_of_a_hundred_megabytes_is_passed_over(house: House, tablet: Tablet) -> None:
    tablet.inspect(ASSETS[0], **PASSED)
    long = '{"op":"' + "x" * (100 * 1024 * 1024) + '"}'
    assert await taken(house, rescue_file(tablet, long)) == counts(applied=1, rejected=1)


async def test_a_photo_with_other_bytes_is_named_and_left(house: House, tablet: Tablet) -> None:
    record = work(tablet)
    wrong = photo_lines(PHOTO + b"!", sha256=digest(PHOTO))
    gap = photo_lines(PHOTO[:-1])
    text = [
        *wrong,
        *(gap[0], gap[2]),
        json.dumps({"photo": {"attachment": str(record), "sha256": "a" * 64, "base64": "*"}}),
    ]
    answer = (await send(house, rescue_file(tablet, *text))).json()
    assert (answer["photos_wrong"], answer.get("photos_taken", 0)) == (3, 0)
    named = [one["sha256"] for one in answer["refused"]]
    assert named == [digest(PHOTO), digest(PHOTO[:-1]), "a" * 64]
    assert not await received(house, record)
    assert await house.app.state.blobs.size(blob_key(digest(PHOTO))) is None


async def test_version_1_is_taken_too(house: House, tablet: Tablet) -> None:
    record = work(tablet)
    head = json.dumps(head_of(tablet, version=1), separators=(",", ":"))[:-1]
    lines = ",\n".join(f'{{"op":{sent.raw.decode()}}}' for sent in tablet.client.unsent)
    photo = {
        "attachment": str(record),
        "sha256": digest(PHOTO),
        "base64": base64.b64encode(PHOTO).decode(),
    }
    text = f'{head},"ops":[\n{lines}],\n"edits":[],\n"photos":[\n{json.dumps(photo)}]}}\n'
    assert await taken(house, text) == counts(applied=3, photos_taken=1)
    assert await received(house, record)
