"""Reports in the tests: the company's round worked off, visits, photos, and files read back.

Rule: fonts are unpacked once for all tests; everything else is the application's own.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw
from sqlalchemy import update

from server.blob_inspect import KIND as INSPECT_BLOB
from server.blob_keep import keep_blob
from server.store import records
from server.store.files import ATTACHMENT
from sync.ids import inspection_id
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company

HOT: Mapping[str, Any] = {"fan": {"value": "fail", "note": "异响"}, "temp": {"value": 29.4}}
DPI = 150
MARGIN = 42  # Points, left and right.


@asynccontextmanager
async def reporting(house: House) -> AsyncGenerator[World]:
    """The company, with an engineer on site."""
    async with company(house) as world:
        yield world


async def run_jobs(world: World) -> int:
    """Do all that is due; what failed is in the log and in the rows."""
    done: int = await world.house.app.state.jobs.run_due()
    return done


async def visit(world: World, **more: Any) -> UUID:
    """The engineer arrives."""
    data = {
        "site": str(world.site),
        "assignment": str(world.assignment),
        "engineer": str(world.engineer),
        "engineer_name": "梁志豪",
        "started_at": world.at(),
        "contact": "黄国强",
        **more,
    }
    id_ = world.house.clock.new_id()
    outcomes = await world.tablet.push(
        world.tablet.op("visit", id_, new=True, parent=str(world.site), set=data)
    )
    assert outcomes == ["applied"]
    return id_


async def leave(world: World, id_: UUID) -> None:
    """The engineer leaves."""
    op = world.tablet.op("visit", id_, base=2**33, set={"ended_at": world.at()})
    assert await world.tablet.push(op) == ["applied"]


async def inspect(world: World, asset: UUID, answers: Mapping[str, Any] = GOOD) -> UUID:
    """Inspect one device and hand it in, ten minutes later."""
    begun = world.begin(asset=asset, answers=dict(answers))
    id_ = inspection_id(world.assignment, asset)
    world.house.clock.advance(timedelta(minutes=10))
    step = {"round": 1, "step": "submitted", "at": world.at()}
    op = world.tablet.op("inspection", id_, base=2**33, set={"step": step})
    assert await world.tablet.push(begun, op) == ["applied", "applied"]
    return id_


async def accept(world: World, inspection: UUID, *, reason: str = "") -> None:
    shown = (await world.office.get(f"/office/inspections/{inspection}")).json()
    answer = await world.office.post(
        f"/office/inspections/{inspection}/decision",
        json={"decision": "accepted", "seen": shown["seen"], "reason": reason},
    )
    assert answer.status_code == 200, answer.text


async def worked_off(world: World, second: Mapping[str, Any] = GOOD) -> tuple[UUID, UUID, UUID]:
    """A visit in which both devices were inspected and everything was accepted: visit, results."""
    id_ = await visit(world)
    first = await inspect(world, world.asset)
    other = await inspect(world, world.second_asset, second)
    await leave(world, id_)
    await accept(world, first)
    await accept(world, other)
    return id_, first, other


async def listed(world: World, **asked: Any) -> list[dict[str, Any]]:
    answer = await world.office.get("/office/reports", params=asked)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def order(world: World, of: UUID, of_kind: str, language: str = "zh-CN") -> dict[str, Any]:
    answer = await world.office.post(
        "/office/reports", json={"of": str(of), "of_kind": of_kind, "language": language}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def made(
    world: World, of: UUID, of_kind: str, language: str = "zh-CN"
) -> tuple[dict[str, Any], bytes]:
    """Have a report made: its row and its file."""
    ordered = await order(world, of, of_kind, language)
    await run_jobs(world)
    row = (await world.office.get(f"/office/reports/{ordered['report']['id']}")).json()
    assert row["state"] == "ready", row
    file = await world.office.get(f"/office/reports/{row['id']}/file")
    assert file.status_code == 200, file.text
    assert sha256(file.content).hexdigest() == row["digest"]
    return row, file.content


def text_of(pdf: bytes) -> str:
    """What a reader may copy from it, page by page, blanks taken out."""
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


def overprinted(pdf: bytes) -> list[str]:
    """Runs of text that leave the page's margins, or stand over the text beside them.

    A point of slack: a box may touch the next one.
    """
    found = []
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        for page in document:
            text = page.get_textpage()
            boxes = [text.get_rect(n) for n in range(text.count_rects())]
            for left, bottom, right, top in boxes:
                middle = (bottom + top) / 2
                is_over = right > page.get_width() - MARGIN + 1 or any(
                    left < other[0] < right - 1 and other[1] < middle < other[3] for other in boxes
                )
                if is_over:
                    found.append(text.get_text_bounded(left, bottom, right, top))
    return found


def codes_in(pdf: bytes) -> set[str]:
    """What a camera reads from the first page."""
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        picture = document[0].render(scale=DPI / 72).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def picture(words: str, colour: str = "#3a454b") -> bytes:
    """A JPEG with something on it."""
    image = Image.new("RGB", (1600, 1200), colour)
    ImageDraw.Draw(image).text((200, 400), words, fill="white", font_size=200)
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


async def take_photo(world: World, inspection: UUID, bytes_: bytes, **more: Any) -> str:
    """A photo of the plate, by name; its bytes stay on the tablet."""
    digest = sha256(bytes_).hexdigest()
    data = {
        "parent": str(inspection),
        "parent_kind": "inspection",
        "item": "plate",
        "sha256": digest,
        "bytes": len(bytes_),
        "media_type": "image/jpeg",
        "taken_at": world.at(),
        **more,
    }
    op = world.tablet.op(
        "attachment", world.house.clock.new_id(), new=True, parent=str(inspection), set=data
    )
    assert await world.tablet.push(op) == ["applied"]
    return digest


async def receive(world: World, bytes_: bytes, *, of_others: bool = False) -> None:
    """The bytes arrive and are looked at; `of_others`: for nothing that names them here."""
    state, digest = world.house.app.state, sha256(bytes_).hexdigest()

    async def also(tx: Any) -> None:
        await state.jobs.add(tx, INSPECT_BLOB, digest)
        if not of_others:
            waiting = update(ATTACHMENT).where(ATTACHMENT.c.sha256 == digest)
            await tx.execute(waiting.values(received_at=world.house.clock.now()))

    await keep_blob(world.house.database, state.blobs, world.house.clock, digest, bytes_, also=also)
    await run_jobs(world)


async def stored(world: World, id_: UUID) -> dict[str, Any]:
    async with world.house.database.read() as tx:
        found = await records.load(tx, await records.locate(tx, {id_}))
    return dict(found[id_].data)
