"""Files looked at as the server does. Rule: whatever they hold, we are told, and nothing is shown.

Sound files and hostile ones alike go through the process that the server makes for each.
"""

import asyncio
import io
import json
import os
import select
import signal
import socket
import warnings
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from schemas.base import (
    IMAGE_BYTES_MAX,
    THUMBNAIL_LARGE_PX_MAX,
    THUMBNAIL_SMALL_PX_MAX,
)
from server.images import look
from server.images.bare import Broken, bare
from server.images.found import BARE, FOUND, LARGE, PID_BYTES, SMALL, Found
from server.images.parent import PRIORITY
from server.images.picture import prepare
from server.images.place import orientation_in, place_in
from server.images.sandbox import Line, Sandbox, Unended, Unstarted
from server.images.sniff import PREFIXES, is_as_announced, sniff
from tests.fixtures import files

TAKEN_APART = ("JPEG", "PNG", "WEBP")
SANDBOX = Sandbox()


async def looked_at(data: bytes, folder: Path) -> Found:
    source = folder / "source"
    source.write_bytes(data)
    (folder / "out").mkdir(exist_ok=True)
    return await SANDBOX.look_at(source, folder / "out")


def left_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / "out").iterdir()} - {"begun", FOUND}


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def corners(image: Image.Image) -> str:
    """Name the colours of the four corners, from the top left, row by row."""
    image = image.convert("RGB")
    names = {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w"}
    right, foot = image.width - 4, image.height - 4
    spots = ((3, 3), (right, 3), (3, foot), (right, foot))
    found = [image.getpixel(spot) for spot in spots]
    return "".join(names[tuple(int(part > 128) for part in one)] for one in found)  # type: ignore[union-attr, index]


def says_nothing(data: bytes) -> bool:
    """Whether a picture holds neither EXIF (but which way is up), XMP, comment nor text."""
    image = Image.open(io.BytesIO(data))
    image.load()
    tags = set(image.getexif()) - {ExifTags.Base.Orientation}
    more = {"comment", "xmp", "XML:com.adobe.xmp", "photoshop"} & image.info.keys()
    return not tags and not more and b"22.27" not in data and b"Maker-of" not in data


# --- What a file is ---


@pytest.mark.parametrize("name", files.SOUND)
def test_a_file_is_known_by_its_bytes(name: str) -> None:
    make, media_type = files.SOUND[name]
    data = make()
    found = sniff(io.BytesIO(data), len(data))
    assert (found.media_type, found.fault) == (media_type, None)


@pytest.mark.parametrize("name", files.HOSTILE)
async def test_a_hostile_file_is_told_and_leaves_nothing_to_show(name: str, tmp_path: Path) -> None:
    make, fault = files.HOSTILE[name]
    found = await looked_at(make(), tmp_path)
    assert found.fault == fault
    assert not found.has_thumbnails
    assert left_in(tmp_path) == set()


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from([b"", *(p for p, _ in PREFIXES)]))
def test_no_bytes_at_all_upset_the_sniffing(rest: bytes, prefix: bytes) -> None:
    data = prefix + rest
    found = sniff(io.BytesIO(data), len(data))
    assert found.media_type.count("/") == 1


def test_what_a_sender_says_is_held_against_what_it_is() -> None:
    assert is_as_announced("image/jpeg", "image/jpeg")
    assert is_as_announced("image/heif", "image/heic")
    assert is_as_announced("application/octet-stream", "image/png")
    assert is_as_announced("application/vnd.ms-excel", "text/csv")
    assert not is_as_announced("image/jpeg", "image/png")
    assert not is_as_announced("image/jpeg", "text/html")
    assert not is_as_announced("application/pdf", "image/jpeg")


# --- Pictures ---


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
async def test_a_picture_gets_two_thumbnails_that_hold_pixels_alone(
    name: str, tmp_path: Path
) -> None:
    found = await looked_at(files.photo(name), tmp_path)
    assert found.fault is None
    assert (found.width, found.height) == (320, 200)
    assert found.has_thumbnails
    for size in (SMALL, LARGE):
        data = (tmp_path / "out" / size).read_bytes()
        assert says_nothing(data)
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.size, corners(image)) == ("JPEG", (320, 200), "rgbw")
        assert not image.getexif()


async def test_thumbnails_have_the_longest_edge_that_is_wanted(tmp_path: Path) -> None:
    found = await looked_at(files.saved(files.scene(3000, 4000), "JPEG"), tmp_path)
    assert (found.width, found.height) == (3000, 4000)
    assert opened(tmp_path / "out" / LARGE).size == (1200, THUMBNAIL_LARGE_PX_MAX)
    assert opened(tmp_path / "out" / SMALL).size == (480, THUMBNAIL_SMALL_PX_MAX)


@pytest.mark.parametrize("name", TAKEN_APART)
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_is_shown_upright_and_its_bare_copy_as_it_was(
    orientation: int, name: str, tmp_path: Path
) -> None:
    data = files.photo(name, orientation=orientation)
    found = await looked_at(data, tmp_path)
    upright = {1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr"}
    assert corners(opened(tmp_path / "out" / SMALL)) == upright.get(orientation, "gwrb")
    is_turned = orientation >= 5
    assert (found.width, found.height) == ((200, 320) if is_turned else (320, 200))
    copy = opened(tmp_path / "out" / BARE)
    assert orientation_in(copy) == orientation
    assert copy.convert("RGB").tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (64, 64), (0, 0, 0, 0)),
        Image.new("LA", (64, 64), (0, 0)),
        Image.new("P", (64, 64)),
        Image.new("1", (64, 64), 1),
        Image.new("I;16", (64, 64), 65_535),
        Image.new("L", (3, 2_000), 128),
    ],
    ids=lambda image: image.mode,
)
async def test_every_kind_of_pixels_becomes_a_picture(image: Image.Image, tmp_path: Path) -> None:
    found = await looked_at(files.saved(image, "PNG"), tmp_path)
    assert found.has_thumbnails
    shown = opened(tmp_path / "out" / SMALL)
    assert (shown.mode, min(shown.size) >= 1) == ("RGB", True)
    wanted = {"P": 0, "L": 128}.get(image.mode, 255)  # What is see-through lies on white.
    assert all(abs(part - wanted) < 4 for part in shown.getpixel((0, 0)))  # type: ignore[union-attr]


async def test_colours_of_printing_and_of_other_screens_are_turned_into_ours(
    tmp_path: Path,
) -> None:
    printed = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    assert (await looked_at(files.saved(printed, "JPEG"), tmp_path)).has_thumbnails
    red = opened(tmp_path / "out" / SMALL).getpixel((32, 32))
    assert isinstance(red, tuple)
    assert red[0] > 180
    assert max(red[1:]) < 80


async def test_of_a_moving_picture_the_first_frame_is_shown(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    data = files.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert (await looked_at(data, tmp_path)).has_thumbnails
    shown = opened(tmp_path / "out" / SMALL).getpixel((20, 20))
    assert isinstance(shown, tuple)
    assert shown[0] > 200


async def test_a_picture_of_forty_million_pixels_is_the_largest_that_is_decoded(
    tmp_path: Path,
) -> None:
    image = Image.new("RGB", (8_000, 5_000), (12, 120, 60))
    found = await looked_at(files.saved(image, "JPEG"), tmp_path)
    assert (found.width, found.height, found.has_thumbnails) == (8_000, 5_000, True)


# --- Places ---


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
async def test_the_place_is_read_and_in_no_copy_that_may_leave_the_house(
    name: str, tmp_path: Path
) -> None:
    found = await looked_at(files.photo(name), tmp_path)
    assert found.place is not None
    assert (found.place.latitude, found.place.longitude) == files.PLACE
    assert found.place.altitude_m == 35.5
    assert found.place.taken == "2026-08-20T14:03:05+08:00"
    assert left_in(tmp_path) == {SMALL, LARGE, BARE}
    assert says_nothing((tmp_path / "out" / BARE).read_bytes())
    assert corners(opened(tmp_path / "out" / BARE)) == "rgbw"
    is_taken_apart = name in TAKEN_APART
    assert found.bare_type == (found.media_type if is_taken_apart else "image/jpeg")


async def test_a_photo_of_our_own_app_is_bare_as_it_is(tmp_path: Path) -> None:
    found = await looked_at(files.plain_jpeg(), tmp_path)
    assert (found.place, found.bare_type) == (None, None)
    assert left_in(tmp_path) == {SMALL, LARGE}


async def test_what_a_telephone_hangs_behind_a_photo_is_not_in_the_bare_copy(
    tmp_path: Path,
) -> None:
    second = files.photo()  # A picture for each eye, or a film: with places of their own.
    await looked_at(files.plain_jpeg() + second, tmp_path)
    assert (tmp_path / "out" / BARE).read_bytes() == files.plain_jpeg()


RATIONALS = st.tuples(*[st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))] * 3)


@settings(max_examples=150)
@given(
    latitude=RATIONALS,
    longitude=RATIONALS,
    side=st.text(max_size=3),
    taken=st.one_of(st.text(max_size=30), st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")),
)
def test_absurd_places_and_times_are_left_out(
    latitude: tuple[tuple[int, int], ...],
    longitude: tuple[tuple[int, int], ...],
    side: str,
    taken: str,
) -> None:
    said = files.exif()
    gps = said.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude] = tuple(IFDRational(*part) for part in latitude)
    gps[ExifTags.GPS.GPSLongitude] = tuple(IFDRational(*part) for part in longitude)
    gps[ExifTags.GPS.GPSLatitudeRef] = side
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    image = files.scene(8, 8)
    image.getexif().update(said)
    place = place_in(image)
    if place is not None:
        assert place.latitude is None or -90 <= place.latitude <= 90
        assert place.longitude is None or -180 <= place.longitude <= 180
        assert msgspec.json.decode(msgspec.json.encode(place), type=type(place)) == place


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_an_exif_that_was_tampered_with_is_read_or_left(data: st.DataObject) -> None:
    whole = bytearray(files.photo())
    start = whole.index(b"Exif\0\0")
    for _ in range(data.draw(st.integers(1, 12))):
        at = start + 6 + data.draw(st.integers(0, 250))
        whole[at] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(bytes(whole))) as image:
        assert 1 <= orientation_in(image) <= 8
        place_in(image)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), name=st.sampled_from(TAKEN_APART))
def test_a_picture_that_was_tampered_with_is_taken_apart_or_called_broken(
    data: st.DataObject, name: str
) -> None:
    whole = bytearray(files.photo(name))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    media_type = f"image/{name.lower()}"
    try:
        copy = bare(cut, media_type, orientation=6)
    except Broken:
        return
    assert copy is not None
    assert len(copy) <= len(cut) + 100


# --- The sandbox ---


def place(folder: Path, content: bytes = b"anything") -> tuple[Path, Path]:
    """A file to be looked at, and the folder for what is found."""
    source, out = folder / "source", folder / "out"
    out.mkdir(parents=True)
    source.write_bytes(content)
    return source, out


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


async def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    # A pipe that nobody writes into: whoever opens it waits.
    os.mkfifo(tmp_path / "source")
    (tmp_path / "out").mkdir()
    async with asyncio.timeout(60):
        found = await Sandbox().look_at(tmp_path / "source", tmp_path / "out", seconds=1)
    assert found.fault == "exhausting"


async def test_a_file_that_ends_its_process_ends_nothing_else(tmp_path: Path) -> None:
    """Of two that are looked at by turns, both are answered: the program outlives the first."""
    dying = Sandbox("tests.fixtures.dying")
    for name in ("one", "two"):
        assert (await dying.look_at(*place(tmp_path / name))).fault == "exhausting"


async def test_a_process_that_cannot_be_set_up_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises((Unstarted, OSError)):
        await Sandbox("server.images.absent").look_at(*place(tmp_path))


def begun(out: Path) -> list[int]:
    """Of a look that never ends: its process, the one that watches it, and their program."""
    processes = [int(one) for one in (out / "started").read_text().split()]
    watching = Path(f"/proc/{processes[-1]}/stat").read_text()
    return [*processes, int(watching.rpartition(")")[2].split()[1])]


async def test_a_program_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    """What it was asked before goes on, and what comes then is looked at as well."""
    sandbox = Sandbox("tests.fixtures.waiting")
    looking, programs = [], []
    for name in ("one", "two"):
        source, out = place(tmp_path / name)
        os.mkfifo(out / "started")
        looking.append(asyncio.create_task(sandbox.look_at(source, out)))
        child, _, program = await asyncio.to_thread(begun, out)
        os.kill(program, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, program, os.WEXITED | os.WNOWAIT)
        programs.append(program)
        assert is_running(child)
    assert len({*programs}) == 2
    assert not looking[0].done()
    for task in looking:
        task.cancel()
    await asyncio.wait(looking)


async def test_what_is_looked_at_in_vain_leaves_no_process(tmp_path: Path) -> None:
    source, out = place(tmp_path)
    os.mkfifo(out / "started")
    looking = asyncio.create_task(Sandbox("tests.fixtures.waiting").look_at(source, out))
    child, _, _ = await asyncio.to_thread(begun, out)
    assert is_running(child)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert not is_running(child)


async def test_what_watches_and_does_not_answer_is_killed_and_not_waited_for(
    tmp_path: Path,
) -> None:
    """It is no finding: the file is looked at again, as after any attempt that came to nothing."""
    sandbox, out = Sandbox("tests.fixtures.deaf"), tmp_path
    for seconds in (1, 4, 16, 64):  # Until the program has begun, on whatever machine.
        source, out = place(tmp_path / f"{seconds}")
        with pytest.raises((Unended, Unstarted)) as raised:
            async with asyncio.timeout(100):
                await sandbox.look_at(source, out, seconds=seconds, ending=1)
        if raised.type is Unended:
            break
    processes = [int(one) for one in (out / "stopped").read_text().split()]
    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(end_of, process) for process in processes))


def end_of(process: int) -> None:
    """Wait until a process that is none of ours has ended."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        ended, _, _ = select.select([handle], [], [], 60)
        os.close(handle)
        assert ended, process


async def test_who_gives_up_does_not_wait_for_a_watcher_that_does_not_answer(
    tmp_path: Path,
) -> None:
    source, out = place(tmp_path)
    os.mkfifo(out / "stopped")
    sandbox = Sandbox("tests.fixtures.deaf")
    looking = asyncio.create_task(sandbox.look_at(source, out, ending=1))
    processes = (await asyncio.to_thread((out / "stopped").read_text)).split()
    looking.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await looking
        await asyncio.gather(*(asyncio.to_thread(end_of, int(process)) for process in processes))


@pytest.mark.parametrize("turns", range(6))
async def test_who_gives_up_while_it_is_told_which_process_watches_knows_it(turns: int) -> None:
    """It is told once; at some turn of the loop it has been read, and nobody has seen it yet."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        line = Line(ours)
        waiting = asyncio.create_task(line.is_over(within=60))
        await asyncio.sleep(0)
        theirs.send((4_711).to_bytes(PID_BYTES, "big"))
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        theirs.shutdown(socket.SHUT_WR)
        assert await line.is_over(within=60)
        assert line.watching == 4_711


async def test_the_process_knows_no_secret_of_the_server_and_steps_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no way to the server, nor to what looks beside it, and goes after both."""
    monkeypatch.setenv("XUNJIAN_BLOBS_SECRET", "do not tell")
    source, out = place(tmp_path)
    await Sandbox("tests.fixtures.telling").look_at(source, out)
    told = json.loads((out / "told").read_text())
    assert not [name for name in told["environment"] if name.startswith("XUNJIAN")]
    assert not [name for name in told["open"] if name.startswith("socket:")]
    assert told["priority"] == min(os.nice(0) + PRIORITY, 19)
    assert told["autogroup"] == "" or told["autogroup"].split()[-1] == str(PRIORITY)
    assert told["session"] != os.getsid(0)
    assert told["group"] not in (told["session"], os.getpgid(0))


def test_a_picture_of_too_many_bytes_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    source = tmp_path / "source"
    source.write_bytes(files.plain_jpeg())
    os.truncate(source, IMAGE_BYTES_MAX + 1)
    monkeypatch.setattr(look, "read_picture", refused)
    assert look.look(source, tmp_path).fault == "too-large"


def refused(*_: object) -> None:
    raise AssertionError("it was opened")
