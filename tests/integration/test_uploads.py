"""Uploads over the application's routes, on both databases: what comes back, and what is kept."""

import base64
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha1, sha256
from uuid import UUID

import pytest
from sqlalchemy import select, update

from schemas.base import ATTACHMENT_BYTES_MAX
from server.spool import ROOM_BYTES_MIN
from server.store.file_tables import blobs, deliveries, jobs, pins, uploads
from server.store.kind_tables import KIND_TABLES
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, add_round, enrol, two
from tests.integration.uploading import BYTES, TUS, attach, digest, metadata, stored, told, uploader

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 4_000  # A megabyte, nearly.
ATTACHMENT = KIND_TABLES["attachment"]


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


@pytest.fixture
async def tablet(house: House, site: UUID) -> Tablet:
    return (await two(house, site))[0]


async def received(house: House, record: UUID) -> bool:
    """Whether the server has told everybody that it holds an attachment's bytes."""
    async with house.database.read() as tx:
        query = select(ATTACHMENT.c.received_at).where(ATTACHMENT.c.id == record)
        return await tx.scalar(query) is not None


# --- The whole way ---


async def test_a_photo_that_comes_in_pieces_is_stored_whole_and_its_attachment_says_so(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    record = attach(tablet.client, house.clock, ASSETS[0], PHOTO)
    assert await tablet.push() == ["applied"]
    assert not await received(house, record)
    url = await uploader(tablet).send(PHOTO, step=300_000)
    assert await stored(house, PHOTO) == PHOTO
    assert await uploader(tablet).offset(url) == len(PHOTO)
    assert await received(house, record)
    await tablet.pull()
    assert "received_at" in tablet.client.base[record].data
    async with house.database.read() as tx:
        assert (await tx.execute(select(blobs.c.sha256, blobs.c.bytes))).all() == [
            (digest(PHOTO), len(PHOTO))
        ]
        assert list(await tx.scalars(select(deliveries.c.device_id))) == [tablet.device]
        wanted = select(jobs.c.key).where(jobs.c.kind == "inspect-blob")
        assert list(await tx.scalars(wanted)) == [digest(PHOTO)]


async def test_bytes_that_came_before_their_attachment_are_known_when_it_comes(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    await uploader(tablet).send(PHOTO)
    record = attach(tablet.client, house.clock, ASSETS[0], PHOTO)
    assert await tablet.push() == ["applied"]
    assert await received(house, record)


async def test_whoever_only_knows_a_digest_is_told_nothing_and_brings_the_bytes(
    house: House, site: UUID
) -> None:
    one, _ = await two(house, site)
    elsewhere = await house.add_site()
    stranger = await enrol(house, await house.add_person("chen", ("engineer", elsewhere)))
    await one.pull()
    attach(one.client, house.clock, ASSETS[0], PHOTO)
    await one.push()
    await uploader(one).send(PHOTO)
    theirs = uploader(stranger)
    assert await theirs.have(digest(PHOTO), digest(b"nobody's")) == []
    await stranger.pull()
    record = attach(stranger.client, house.clock, elsewhere, PHOTO, kind="visit")
    await stranger.push()
    assert not await received(house, record)
    url = await theirs.begun(PHOTO)
    assert await theirs.offset(url) == 0
    await theirs.send(PHOTO)
    assert await theirs.have(digest(PHOTO)) == [digest(PHOTO)]


async def test_have_answers_for_what_this_device_brought_or_sees_and_leases_it(
    house: House, site: UUID
) -> None:
    one, other = await two(house, site)
    await one.pull()
    await uploader(one).send(PHOTO)
    assert await uploader(one).have(digest(PHOTO)) == [digest(PHOTO)]
    assert await uploader(other).have(digest(PHOTO)) == []
    attach(one.client, house.clock, ASSETS[0], PHOTO)
    await one.push()
    assert await uploader(other).have(digest(b"x"), digest(PHOTO)) == [digest(PHOTO)]
    async with house.database.read() as tx:
        until = await tx.scalar(select(blobs.c.leased_until))
    assert until == house.clock.now() + timedelta(days=7)


async def test_an_attachment_of_bytes_that_another_brought_is_told_when_have_is_asked(
    house: House, site: UUID
) -> None:
    one, other = await two(house, site)
    for tablet in (one, other):
        await tablet.pull()
    await uploader(one).send(PHOTO)
    record = attach(other.client, house.clock, ASSETS[1], PHOTO)
    await other.push()
    assert not await received(house, record)  # Nobody has shown these bytes at this site.
    attach(one.client, house.clock, ASSETS[0], PHOTO)
    await one.push()
    assert await uploader(other).have(digest(PHOTO)) == [digest(PHOTO)]
    assert await received(house, record)


async def test_the_same_bytes_are_announced_once_and_go_on_where_they_were(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:5_000])
    again = await up.create(PHOTO)
    assert (again.headers["location"], again.headers["upload-offset"]) == (url, "5000")
    with_bytes = await up.create(PHOTO, first=PHOTO[:10])
    assert with_bytes.headers["upload-offset"] == "5000"
    await up.patch(url, 5_000, PHOTO[5_000:])
    done = await up.create(PHOTO)
    assert (done.status_code, done.headers["upload-offset"]) == (201, str(len(PHOTO)))
    async with house.database.read() as tx:
        assert len((await tx.execute(select(uploads.c.id))).all()) == 1


async def test_a_creation_takes_the_first_bytes_or_all_of_them(tablet: Tablet) -> None:
    up = uploader(tablet)
    some = await up.create(PHOTO, first=PHOTO[:100])
    assert (some.status_code, some.headers["upload-offset"]) == (201, "100")
    whole = await up.create(b"small", first=b"small")
    assert (whole.status_code, whole.headers["upload-offset"]) == (201, "5")
    assert await up.have(digest(b"small")) == [digest(b"small")]


async def test_anybody_is_told_what_is_spoken(house: House) -> None:
    async with house.client() as http:
        said = (await http.options("/files")).headers
        assert (await http.options(f"/files/{UUID(int=1)}")).status_code == 204
    assert (said["tus-version"], said["tus-resumable"]) == ("1.0.0", "1.0.0")
    assert set(said["tus-extension"].split(",")) == {
        *("creation", "creation-with-upload", "checksum", "expiration", "termination")
    }
    assert said["tus-max-size"] == str(ATTACHMENT_BYTES_MAX)
    assert set(said["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256"}


async def test_a_client_that_cannot_say_patch_says_so_in_a_header(tablet: Tablet) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    headers = {**BYTES, "upload-offset": "0", "x-http-method-override": "PATCH"}
    answer = await tablet.http.post(url, headers=headers, content=PHOTO)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(PHOTO)))


# --- Checksums, cuts, digests ---


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
async def test_bytes_that_are_not_those_of_their_checksum_are_forgotten(
    tablet: Tablet, kind: str
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:10])
    body = PHOTO[10:20]
    made = sha1(body, usedforsecurity=False) if kind == "sha1" else sha256(body)
    right = f"{kind} {base64.b64encode(made.digest()).decode()}"
    wrong = await up.patch(url, 10, b"x" * 10, {"upload-checksum": right})
    assert told(wrong) == (460, "checksum-differs")
    assert await up.offset(url) == 10
    taken = await up.patch(url, 10, body, {"upload-checksum": right})
    assert (taken.status_code, taken.headers["upload-offset"]) == (204, "20")
    unknown = await up.patch(url, 20, body, {"upload-checksum": "md5 AAAA"})
    assert told(unknown) == (400, "invalid-upload")


async def test_other_bytes_than_announced_are_not_kept_and_it_begins_again(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    wrong = await up.patch(url, 0, b"x" * len(PHOTO))
    assert told(wrong) == (422, "digest-differs")
    assert await stored(house, PHOTO) is None
    assert await up.offset(url) == 0
    await up.send(PHOTO)
    assert await stored(house, PHOTO) == PHOTO


async def test_nothing_at_all_is_an_upload_too_but_not_as_something_else(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    made = await up.create(b"")
    assert (made.status_code, made.headers["upload-offset"]) == (201, "0")
    assert await stored(house, b"") == b""
    assert told(await up.create(PHOTO, length=0)) == (422, "digest-differs")


# --- What is wrong, each told ---


async def test_an_offset_that_is_not_where_the_bytes_end_is_answered_with_the_right_one(
    tablet: Tablet,
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:10])
    for offset in (0, 9, 11, len(PHOTO)):
        answer = await up.patch(url, offset, b"more")
        assert told(answer) == (409, "offset-differs")
        assert answer.headers["upload-offset"] == "10"
    assert told(await up.patch(url, -1, b"")) == (400, "invalid-upload")


async def test_more_than_was_announced_is_not_taken(tablet: Tablet) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    assert told(await up.patch(url, 0, PHOTO + b"!")) == (413, "upload-past-end")

    async def unmeasured() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield PHOTO

    assert told(await up.patch(url, 0, unmeasured())) == (413, "upload-past-end")
    assert await up.offset(url) == 0
    await up.send(PHOTO)
    assert told(await up.patch(url, len(PHOTO), b"!")) == (413, "upload-past-end")
    nothing = await up.patch(url, len(PHOTO), b"")
    assert nothing.status_code == 204


async def test_a_length_that_was_announced_wrongly_is_announced_anew(tablet: Tablet) -> None:
    up = uploader(tablet)
    first = await up.create(PHOTO, length=10)
    await up.patch(first.headers["location"], 0, PHOTO[:9])
    second = await up.create(PHOTO)
    assert second.headers["upload-offset"] == "0"
    await up.send(PHOTO)


async def test_an_upload_larger_than_is_taken_is_refused_before_a_byte(tablet: Tablet) -> None:
    up = uploader(tablet)
    too_large = await up.create(PHOTO, length=ATTACHMENT_BYTES_MAX + 1)
    assert told(too_large) == (413, "upload-too-large")
    assert told(await up.create(PHOTO, length=10**15)) == (413, "upload-too-large")


async def test_five_gigabytes_are_announced_only_where_there_is_room_for_them(
    house: House, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    length, up = 5_000_000_000, uploader(tablet)

    def free(bytes_: int) -> None:
        usage = type(shutil.disk_usage(house.settings.data_dir))(bytes_, 0, bytes_)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    free(length)
    answer = await up.create(PHOTO, length=length)
    assert told(answer) == (507, "storage-full")
    assert answer.headers["retry-after"] == "30"
    async with house.database.read() as tx:
        assert (await tx.execute(select(uploads.c.id))).all() == []
    await up.send(b"a photo goes all the same")
    free(length + ROOM_BYTES_MIN)
    assert (await up.create(PHOTO, length=length)).status_code == 201


async def test_an_upload_of_nobody_and_one_of_another_device_are_answered_alike(
    house: House, site: UUID
) -> None:
    one, other = await two(house, site)
    url = await uploader(one).begun(PHOTO)
    theirs = uploader(other)
    for address in (url, f"/files/{UUID(int=7)}"):
        answers = [
            await theirs.patch(address, 0, PHOTO),
            await other.http.delete(address, headers=TUS),
        ]
        for answer in answers:
            assert told(answer) == (404, "upload-unknown")
            assert "detail" not in answer.json()
        assert (await theirs.head(address)).status_code == 404
    assert await uploader(one).offset(url) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"upload-metadata": ""},
        {"upload-metadata": "sha256"},
        {"upload-metadata": metadata(sha256="A" * 64)},
        {"upload-metadata": "sha256 not-base64!"},
        {"upload-metadata": metadata(sha256=digest(PHOTO)) + "," + metadata(sha256="0" * 64)},
        {"upload-metadata": metadata(sha256=digest(PHOTO), attachment="../../etc/passwd")},
        {"upload-metadata": metadata(sha256=digest(PHOTO), name=b"\xff\xfe")},
        {"upload-metadata": metadata(sha256=digest(PHOTO), name="a\x00b")},
        {"upload-metadata": metadata(sha256=digest(PHOTO), name="x" * 2_000)},
        {"upload-metadata": metadata(sha256=digest(PHOTO), type="text/html; charset=x")},
        {"upload-metadata": metadata(sha256=digest(PHOTO), more="x" * 9_000)},
        {"upload-metadata": ",".join(f"k{n}" for n in range(40))},
        {"upload-length": "-1"},
        {"upload-length": "1e3"},
        {"upload-length": "９"},
        {"upload-length": ""},
        {"upload-defer-length": "1"},
        {"upload-concat": "partial"},
    ],
)
async def test_headers_that_cannot_be_read_are_named(
    house: House, tablet: Tablet, headers: dict[str, str]
) -> None:
    base = {
        **TUS,
        "upload-length": str(len(PHOTO)),
        "upload-metadata": metadata(sha256=digest(PHOTO)),
        **headers,
    }
    given = {name.encode(): value.encode() for name, value in base.items()}
    answer = await tablet.http.post("/files", headers=given)
    assert told(answer) == (400, "invalid-upload")
    assert answer.json()["errors"][0]["field"].lower().startswith("upload-")
    async with house.database.read() as tx:
        assert (await tx.execute(select(uploads.c.id))).all() == []


async def test_unknown_metadata_is_kept_and_given_back(tablet: Tablet) -> None:
    up = uploader(tablet)
    said = metadata(sha256=digest(PHOTO), name="配电室.jpg", type="image/jpeg", lens="24 mm")
    made = await up.create(PHOTO, headers={"upload-metadata": f"{said},flagged"})
    found = await up.head(made.headers["location"])
    assert found.headers["upload-metadata"] == f"{said},flagged"
    assert found.headers["upload-length"] == str(len(PHOTO))
    assert found.headers["cache-control"] == "no-store"


async def test_another_version_of_tus_and_another_type_of_body_are_refused(
    tablet: Tablet,
) -> None:
    answer = await tablet.http.post("/files", headers={"upload-length": "1"})
    assert told(answer) == (412, "tus-version")
    assert (answer.headers["tus-version"], answer.headers["tus-resumable"]) == ("1.0.0", "1.0.0")
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    for more in ({"content-type": "image/jpeg"}, {"content-encoding": "gzip"}):
        assert told(await up.patch(url, 0, PHOTO, more)) == (415, "unsupported-media-type")


async def test_whoever_has_no_credential_or_a_dead_one_uploads_nothing(
    house: House, tablet: Tablet
) -> None:
    async with house.client() as http:
        answer = await http.post("/files", headers=TUS)
        assert told(answer) == (401, "credential-refused")
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert (await http.post("/files/have", json={"sha256": []})).status_code == 401
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("root") as office:
        path = f"/office/devices/{tablet.device}/end"
        assert (await office.post(path, json={"state": "dead"})).status_code == 204
    assert told(await uploader(tablet).create(PHOTO)) == (401, "device-ended")


async def test_a_device_on_its_way_out_uploads_what_its_ops_name_and_nothing_else(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    attach(tablet.client, house.clock, ASSETS[0], PHOTO)
    await house.add_person("root", ("administrator", None))
    async with house.signed_in("root") as office:
        path = f"/office/devices/{tablet.device}/end"
        assert (await office.post(path, json={"state": "draining"})).status_code == 204
    up = uploader(tablet)
    assert told(await up.create(PHOTO)) == (403, "upload-not-taken")
    assert await tablet.push() == ["review"]
    await up.send(PHOTO)
    assert await up.have(digest(PHOTO)) == [digest(PHOTO)]
    assert told(await up.create(b"other")) == (403, "upload-not-taken")


async def test_an_upload_for_what_is_not_there_or_elsewhere_is_taken_as_bytes(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    for attachment in (UUID(int=99), ASSETS[0]):
        content = attachment.bytes * 9
        said = metadata(sha256=digest(content), attachment=str(attachment))
        made = await up.create(content, first=content, headers={"upload-metadata": said})
        assert (made.status_code, made.headers["upload-offset"]) == (201, str(len(content)))
        assert await stored(house, content) == content


# --- Pins, time ---


async def test_every_op_that_names_bytes_pins_them_whatever_became_of_it(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    attach(tablet.client, house.clock, ASSETS[0], b"applied")
    attach(tablet.client, house.clock, UUID(int=12345), b"review")
    assert await tablet.push() == ["applied", "review"]
    n = tablet.client.next_n
    raw = f'{{"n":{n},"kind":5,"set":{{"sha256":"{digest(b"unread")}"}}}}'
    body = f'{{"epoch":1,"first_n":{n}}}\n{raw}\n'.encode()
    answer = await tablet.http.post("/sync/v1/push", content=body)
    assert answer.json()["outcomes"][0]["outcome"] == "rejected"
    async with house.database.read() as tx:
        named = set(await tx.scalars(select(pins.c.sha256)))
    assert named == {digest(b"applied"), digest(b"review"), digest(b"unread")}


async def test_an_upload_that_nobody_goes_on_with_is_forgotten_with_its_bytes(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:10])
    house.clock.advance(timedelta(days=14))
    assert told(await up.patch(url, 10, PHOTO[10:])) == (410, "upload-expired")
    again = await up.create(PHOTO)
    assert (again.headers["location"], again.headers["upload-offset"]) == (url, "0")
    house.clock.advance(timedelta(days=14))
    async with house.database.write() as tx:
        await house.app.state.jobs.add(tx, "sweep-uploads", "")
    await house.app.state.jobs.run_due()
    assert told(await up.patch(url, 0, PHOTO)) == (404, "upload-unknown")
    assert not list((house.app.state.blobs.root / "uploads").iterdir())


async def test_an_upload_that_is_asked_about_now_and_then_stays(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:10])
    for _ in range(4):
        house.clock.advance(timedelta(days=10))
        assert await up.offset(url) == 10


@pytest.mark.parametrize("column", ["leaving_at", "lost_at"])
async def test_what_was_whole_is_unknown_once_its_bytes_are_not_counted_on_and_begins_anew(
    house: House, tablet: Tablet, column: str
) -> None:
    """Its tablet lets go of a photo by what HEAD says of it."""
    up = uploader(tablet)
    url = await up.send(PHOTO)
    async with house.database.write() as tx:
        await tx.execute(update(blobs).values({column: house.clock.now()}))
    assert (await up.head(url)).status_code == 404
    assert told(await up.patch(url, len(PHOTO), b"")) == (404, "upload-unknown")
    again = await up.create(PHOTO)
    assert (again.headers["location"], again.headers["upload-offset"]) == (url, "0")
    await up.send(PHOTO)
    assert await up.offset(url) == len(PHOTO)
    assert await up.have(digest(PHOTO)) == [digest(PHOTO)]


async def test_an_upload_that_was_ended_is_gone_and_may_begin_anew(tablet: Tablet) -> None:
    up = uploader(tablet)
    url = await up.begun(PHOTO)
    await up.patch(url, 0, PHOTO[:10])
    assert (await tablet.http.delete(url, headers=TUS)).status_code == 204
    assert (await up.head(url)).status_code == 404
    assert await up.begun(PHOTO) == url
    assert await up.offset(url) == 0
