"""Bytes are handed out to who may read them, and to nobody else; never as something that acts."""

import hashlib
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.app import create_app
from server.blob_inspect import KIND
from server.blob_keep import keep_blob
from server.clock import ManualClock
from server.database import Database
from server.downloads import file_name
from server.jobs import Jobs
from server.routes.attachments import REDIRECT_BYTES_MIN
from server.settings import Settings
from server.store import installation
from server.store.files import ATTACHMENT, StoredFile
from tests.fixtures import files
from tests.fixtures.swift import S3
from tests.integration.conftest import BEGIN, House
from tests.integration.office_world import OTHER_LINEAGE, World, company, enrol


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        outcomes = await built.tablet.push(built.begin())
        assert outcomes == ["applied"]
        yield built


async def announced(world: World, data: bytes, **more: Any) -> UUID:
    """An attachment of the inspection; its bytes are still on the tablet."""
    op = world.photo()
    op["set"] |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), **more}
    assert await world.tablet.push(op) == ["applied"]
    return UUID(op["record"])


async def arrive(house: House, data: bytes, *, is_looked_at: bool = True) -> None:
    """The bytes come, as an upload that is whole would bring them."""
    jobs: Jobs = house.app.state.jobs
    sha256 = hashlib.sha256(data).hexdigest()

    async def also(tx: AsyncConnection) -> None:
        await jobs.add(tx, KIND, sha256)
        waiting = update(ATTACHMENT).where(ATTACHMENT.c.sha256 == sha256)
        await tx.execute(waiting.values(received_at=house.clock.now()))

    await keep_blob(house.database, house.app.state.blobs, house.clock, sha256, data, also=also)
    if is_looked_at:
        await jobs.run_due()


async def attached(world: World, data: bytes, **more: Any) -> UUID:
    attachment = await announced(world, data, **more)
    await arrive(world.house, data)
    return attachment


async def read(
    client: httpx.AsyncClient, attachment: UUID, method: str = "GET", **more: Any
) -> httpx.Response:
    query: dict[str, str] = {n: more.pop(n) for n in ("size", "form") if n in more}
    return await client.request(
        method, f"/attachments/{attachment}/bytes", params=query, headers=more.pop("headers", {})
    )


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


# --- Who may read ---


async def test_bytes_that_came_for_somebody_else_are_not_read_by_naming_their_digest(
    world: World,
) -> None:
    data, house = files.plain_jpeg(), world.house
    named = await announced(world, data)
    sha256 = hashlib.sha256(data).hexdigest()
    await keep_blob(house.database, house.app.state.blobs, house.clock, sha256, data)
    answer = await read(world.tablet.client, named)
    assert (answer.status_code, slug(answer)) == (404, "bytes-not-here")


async def test_office_and_tablet_read_what_is_theirs(world: World) -> None:
    data = files.plain_jpeg()
    attachment = await attached(world, data)
    for client in (world.office, world.tablet.client):
        answer = await read(client, attachment)
        assert (answer.status_code, answer.content) == (200, data)


async def test_a_foreign_attachment_and_none_at_all_are_answered_alike(world: World) -> None:
    attachment = await attached(world, files.plain_jpeg())
    elsewhere = await world.house.add_person("zhao", ("engineer", world.foreign_site))
    foreign = await enrol(world.house, elsewhere, OTHER_LINEAGE)
    for client in (world.stranger, foreign.client):
        told = {
            (answer.status_code, answer.text)
            for size in ({}, {"size": "small"}, {"form": "exact"})
            for id_ in (attachment, world.house.clock.new_id())
            for answer in [await read(client, id_, **size)]
        }
        assert len(told) == 1
        assert told.pop()[0] == 404


async def test_nobody_reads_without_a_session_or_a_credential(world: World) -> None:
    attachment = await attached(world, files.plain_jpeg())
    async with world.house.client() as nobody:
        assert slug(await read(nobody, attachment)) == "not-signed-in"
        forged = {"authorization": f"Bearer {world.house.clock.new_id()}.guessed"}
        assert slug(await read(nobody, attachment, headers=forged)) == "credential-refused"


async def test_bytes_that_did_not_arrive_are_told_from_bytes_that_never_were(world: World) -> None:
    data = files.plain_jpeg()
    attachment = await announced(world, data)
    assert slug(await read(world.office, attachment)) == "bytes-not-here"
    await arrive(world.house, data, is_looked_at=False)
    for more in ({}, {"size": "small"}):
        answer = await read(world.office, attachment, **more)
        assert (slug(answer), answer.headers["retry-after"]) == ("file-not-ready", "3")
    # A tablet is given its own evidence again, whatever it is.
    assert (await read(world.tablet.client, attachment)).content == data


async def test_a_photo_that_was_removed_is_there_no_more(world: World) -> None:
    attachment = await attached(world, files.plain_jpeg())
    gone = world.tablet.op("attachment", attachment, base=2**33, withdraw=True)
    assert await world.tablet.push(gone) == ["applied"]
    assert slug(await read(world.office, attachment)) == "not-found"


# --- What is sent ---


async def test_a_picture_is_shown_in_place_with_its_own_type(world: World) -> None:
    attachment = await attached(world, files.plain_jpeg(), name="铭牌 1.JPG")
    for size, width in (({}, 320), ({"size": "small"}, 320), ({"size": "large"}, 320)):
        answer = await read(world.office, attachment, **size)
        assert answer.headers["content-type"] == "image/jpeg"
        said = answer.headers["content-disposition"]
        assert said == (
            "inline; filename=\"__ 1.jpg\"; filename*=UTF-8''%E9%93%AD%E7%89%8C%201.jpg"
        )
        assert Image.open(BytesIO(answer.content)).width == width


@pytest.mark.parametrize(
    "name", ["a page", "a drawing", "a picture with a page behind it", "half a JPEG", "a bomb"]
)
async def test_what_must_not_be_shown_is_a_download_of_bytes(name: str, world: World) -> None:
    make, fault = files.HOSTILE[name]
    attachment = await attached(world, make(), name="photo.html")
    answer = await read(world.office, attachment, form="exact")
    assert answer.content == make()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="photo.html.bin"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    small = await read(world.office, attachment, size="small")
    assert (small.status_code, slug(small)) == (409, "file-not-shown")
    assert small.json()["detail"] == fault


async def test_a_picture_that_is_not_what_was_announced_is_a_download(world: World) -> None:
    attachment = await attached(world, files.photo("PNG"), media_type="image/jpeg", name="a.jpg")
    small = await read(world.office, attachment, size="small")
    assert small.json()["detail"] == "mislabelled"
    answer = await read(world.office, attachment)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert 'filename="a.jpg.bin"' in answer.headers["content-disposition"]


async def test_performance_data_is_a_download_with_its_own_name(world: World) -> None:
    data = files.spreadsheet()
    kind = files.SOUND["xlsx"][1]
    attachment = await attached(world, data, media_type=kind, name="CPU 七天.xlsx")
    answer = await read(world.office, attachment)
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "filename*=UTF-8''CPU%20%E4%B8%83%E5%A4%A9.xlsx" in answer.headers["content-disposition"]


# --- Places ---


async def keep_places(world: World) -> None:
    """The customer's contract says that photos keep their place."""
    house, contract = world.house, world.house.clock.new_id()
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("root") as root:
        listed = (await root.get("/office/sites")).json()["rows"]
        site = next(one for one in listed if one["id"] == str(world.site))
        signed = {
            "customer": site["customer"],
            "number": "HT-1",
            "title": "维保",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "photo_place": "kept",
        }
        summary = {"id": str(contract), "number": "HT-1", "ends_on": "2026-12-31"}
        ops = [
            {"kind": "contract", "record": str(contract), "new": True, "set": signed},
            {
                "kind": "site",
                "record": str(world.site),
                "base": site["version"],
                "set": {"contract": summary},
            },
        ]
        body = {"ops": [{"id": str(house.clock.new_id()), **op} for op in ops]}
        answer = await root.post("/office/ops", json=body)
        assert answer.status_code == 200, answer.text


async def test_a_place_leaves_the_house_only_if_the_contract_says_so(world: World) -> None:
    data = files.photo()
    attachment = await attached(world, data)
    stripped = await read(world.office, attachment)
    assert b"Maker-of" in data
    assert b"Maker-of" not in stripped.content
    assert stripped.headers["etag"].endswith('-bare"')
    assert stripped.headers["cache-control"] == "private, no-cache"
    # The tablet has it with the digest that was signed; so has who may audit and asks for it.
    for answer in (
        await read(world.tablet.client, attachment),
        await read(world.office, attachment, form="exact"),
    ):
        assert hashlib.sha256(answer.content).hexdigest() in answer.headers["etag"]
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    await keep_places(world)
    assert (await read(world.office, attachment)).content == data


async def test_what_may_hide_a_place_is_for_who_may_audit(world: World) -> None:
    await world.house.add_person("desk", ("desk", world.site))
    broken = await attached(world, files.truncated("JPEG"))
    film = await attached(world, files.SOUND["video"][0](), media_type="video/mp4")
    photo = await attached(world, files.photo())
    async with world.house.signed_in("desk") as desk:
        assert slug(await read(desk, broken)) == "not-allowed"
        assert slug(await read(desk, film)) == "not-allowed"
        assert slug(await read(desk, photo, form="exact")) == "not-allowed"
        assert (await read(desk, photo)).status_code == 200
    assert (await read(world.office, broken)).status_code == 200


# --- Parts and caches ---


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=0-999999999", 0, None),
        ("bytes=-999999999", 0, None),
    ],
)
async def test_a_part_is_sent_where_one_is_asked_for(
    asked: str, start: int, end: int | None, world: World
) -> None:
    data = files.plain_jpeg()
    attachment = await attached(world, data)
    answer = await read(world.office, attachment, headers={"range": asked})
    wanted = data[start:end]
    assert (answer.status_code, answer.content) == (206, wanted)
    first = data.index(wanted)
    last = first + len(wanted) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
    assert answer.headers["content-length"] == str(len(wanted))


async def test_a_part_behind_the_end_is_no_part(world: World) -> None:
    data = files.plain_jpeg()
    attachment = await attached(world, data)
    for asked in (f"bytes={len(data)}-", "bytes=-0", "bytes=999999999999-"):
        answer = await read(world.office, attachment, headers={"range": asked})
        assert (answer.status_code, slug(answer)) == (416, "range-not-satisfiable")
        assert answer.headers["content-range"] == f"bytes */{len(data)}"


async def test_what_is_no_single_range_is_answered_with_everything(world: World) -> None:
    data = files.plain_jpeg()
    attachment = await attached(world, data)
    for asked in ("bytes=0-1,5-6", "lines=0-1", "bytes=9-2", "bytes=-", "bytes=a-b", "7"):
        answer = await read(world.office, attachment, headers={"range": asked})
        assert (answer.status_code, answer.content) == (200, data)


async def test_a_part_of_other_bytes_than_those_that_were_begun_is_not_sent(world: World) -> None:
    data = files.plain_jpeg()
    attachment = await attached(world, data)
    etag = (await read(world.office, attachment)).headers["etag"]
    same = {"range": "bytes=5-9", "if-range": etag}
    other = {"range": "bytes=5-9", "if-range": '"another"'}
    assert (await read(world.office, attachment, headers=same)).status_code == 206
    assert (await read(world.office, attachment, headers=other)).status_code == 200


async def test_what_a_browser_has_is_not_sent_again(world: World) -> None:
    attachment = await attached(world, files.plain_jpeg())
    first = await read(world.office, attachment, size="small")
    known = {"if-none-match": f'"x", W/{first.headers["etag"]}'}
    again = await read(world.office, attachment, size="small", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    # Another person at the same desk has nothing of it.
    assert first.headers["vary"] == "Authorization, Cookie"


async def test_head_tells_the_same_without_the_bytes(world: World) -> None:
    attachment = await attached(world, files.photo())
    for more in ({}, {"size": "large"}, {"form": "exact"}):
        whole = await read(world.office, attachment, **more)
        told = await read(world.office, attachment, "HEAD", **more)
        assert (told.status_code, told.content) == (200, b"")
        kept = ("etag", "content-length", "content-type", "content-disposition", "cache-control")
        assert {name: told.headers[name] for name in kept} == {
            name: whole.headers[name] for name in kept
        }


async def test_a_large_file_is_sent_in_pieces_that_are_never_larger_than_a_megabyte(
    world: World, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    with film.open("wb") as handle:
        handle.write(files.SOUND["video"][0]())
        handle.truncate(24 * 1024 * 1024 + 5)
    data = film.read_bytes()
    attachment = await attached(world, data, media_type="video/mp4")
    sizes: list[int] = []
    app = world.house.app

    async def measured(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            sizes.append(len(message.get("body", b"")))
            await send(message)

        await app(scope, receive, sending)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(measured), base_url="http://test"
    ) as client:
        client.cookies = world.office.cookies
        answer = await read(client, attachment)
    assert hashlib.sha256(answer.content).hexdigest() == hashlib.sha256(data).hexdigest()
    assert max(sizes) <= 1024 * 1024
    assert sum(sizes) == len(data)


# --- A store that others may be sent to ---


async def on_s3(database: Database, s3: S3, folder: Path) -> House:
    """An installation whose bytes are in S3, and whose browsers may be sent there."""
    settings = Settings.model_validate(
        {"data_dir": folder, "blobs_link_seconds": 60, **s3.settings()}
    )
    clock = ManualClock(BEGIN, seed="s3")
    async with database.write() as tx:
        await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(32))
    return House(settings, database, clock, create_app(settings, database, clock))


async def test_a_browser_is_sent_to_the_store_for_a_large_original_only(
    database: Database, s3: S3, tmp_path: Path
) -> None:
    house = await on_s3(database, s3, tmp_path)
    opening = {"sec-fetch-mode": "navigate"}
    async with company(house) as world:
        assert await world.tablet.push(world.begin()) == ["applied"]
        large, small = b"a log\n" * 2_000_000, b"a log\n"
        long = await attached(world, large, media_type="text/plain")
        short = await attached(world, small, media_type="text/plain")
        sent = await read(world.office, long, headers=opening)
        assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store")
        async with httpx.AsyncClient() as anybody:
            answer = await anybody.get(sent.headers["location"])
        assert (answer.status_code, answer.content) == (200, large)
        assert answer.headers["content-disposition"] == "attachment"
        for client, attachment, headers in (
            (world.office, long, {}),
            (world.office, short, opening),
            (world.tablet.client, long, opening),
        ):
            streamed = await read(client, attachment, headers=headers)
            assert streamed.status_code == 200
        assert (await read(world.stranger, long, headers=opening)).status_code == 404


async def test_what_has_to_be_stripped_is_never_left_to_the_store(
    database: Database, s3: S3, tmp_path: Path
) -> None:
    house = await on_s3(database, s3, tmp_path)
    noise = Image.effect_noise((4_000, 3_000), 90).convert("RGB")
    data = files.saved(noise, "JPEG", quality=95, exif=files.exif().tobytes())
    assert len(data) > REDIRECT_BYTES_MIN
    async with company(house) as world:
        assert await world.tablet.push(world.begin()) == ["applied"]
        photo = await attached(world, data)
        answer = await read(world.office, photo, headers={"sec-fetch-mode": "navigate"})
        assert answer.status_code == 200
        assert b"Maker-of" not in answer.content


# --- Names ---


@pytest.mark.parametrize(
    ("said", "media_type", "fault", "given"),
    [
        ("a.jpg", "image/jpeg", None, "a.jpg"),
        ("IMG_1.HEIC", "image/jpeg", None, "IMG_1.jpg"),
        ("../../etc/passwd", "image/png", None, "passwd.png"),
        ("C:\\temp\\x.png", "image/png", None, "x.png"),
        ('a"\r\nSet-Cookie: b=c', "image/jpeg", None, "aSet-Cookie b=c.jpg"),
        ("gpj.\u202eexe.jpg", "image/jpeg", None, "gpj.exe.jpg"),
        ("报告.pdf", "application/pdf", None, "报告.pdf"),
        ("log.txt", "text/plain", None, "log.txt"),
        ("setup.exe", "application/octet-stream", None, "setup.exe.bin"),
        ("photo.jpg", "text/html", "active", "photo.jpg.bin"),
        (".", "image/jpeg", None, "xunjian-abababababab.jpg"),
        ("", "image/jpeg", None, "xunjian-abababababab.jpg"),
        ("x" * 400, "image/jpeg", None, "x" * 120 + ".jpg"),
    ],
)
def test_a_name_is_safe_and_says_what_the_file_is(
    said: str, media_type: str, fault: str | None, given: str
) -> None:
    file = StoredFile(UUID(int=1), "org", "ab" * 32, 7, media_type, said, None)
    assert file_name(file, media_type, fault=fault) == given
