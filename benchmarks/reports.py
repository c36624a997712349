"""Reports (row 13): forty checks with their limits and twelve photos, from facts to PDF.

Rule: the fonts are unpacked before; everything else that a job does, but its database, is measured.
Photos are what cameras give: noisy, 1,600 pixels wide.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageDraw

from benchmarks.figures import Figure, Sample, Size, figure
from benchmarks.house import SqliteStore, Store
from schemas.base import Words
from schemas.forms import Limits
from server.blobs import Blobs, thumbnail_key
from server.fonts import Fonts
from server.images.found import LARGE
from server.labels.links import link_svg
from server.reports.facts import (
    CategoryCount,
    Counts,
    Cover,
    Facts,
    Item,
    Photo,
    Point,
    Reading,
    Result,
    Risk,
    basis_of,
    same,
)
from server.reports.layout import Issue
from server.reports.page import page_of
from server.reports.pdf import make_pdf
from server.reports.pictures import load_pictures
from server.routes.office import FONT_PACKAGE
from server.settings import Settings

AT = datetime(2026, 11, 18, 1, 10, tzinfo=UTC)
DEVICES, ITEMS, PHOTOS = 8, 5, 12
TARGET_SECONDS, TARGET_MB = 1.5, 3.0
WIDE, HIGH = 1_600, 1_200
LIMITS = Limits(alarm_low=18, alarm_high=27, source=Words(zh="GB 50174 附录 A", en="GB 50174"))


def photo(number: int) -> bytes:
    """A picture with the noise of a camera in a dim room, and something to see."""
    image = Image.effect_noise((WIDE, HIGH), 28).convert("RGB")
    draw = ImageDraw.Draw(image)
    for row in range(6):
        box = (200, 150 * row + 100, 1_400, 150 * row + 210)
        draw.rectangle(box, fill=(40 + 12 * row, 60, 70 + number * 10), outline="#9aa")
    draw.text((240, 500), f"PSU{number} 指示灯", fill="white", font_size=90)
    file = BytesIO()
    image.save(file, "JPEG", quality=82)
    return file.getvalue()


def reading(device: int) -> Reading:
    return Reading(
        asset=f"核心数据库 {device:02}",
        title=same("进风温度"),
        unit="°C",
        decimals=1,
        limits=LIMITS,
        value=29.4 if device < 2 else 22.5 + device / 10,
        verdict="abnormal" if device < 2 else "normal",
        before=24.1,
        series=tuple(
            Point(AT - timedelta(days=90 * back), 22.0 + back, "normal")
            for back in range(6, -1, -1)
        ),
    )


def item(number: int, device: int) -> Item:
    return Item(
        section=same("主机"),
        title=same(f"检查项 {number}：风扇、电源与告警灯"),
        shown=same("正常" if number else "29.4 °C"),
        verdict="abnormal" if number == 0 and device < 2 else "normal",
        note="" if number else "PSU2 指示灯熄灭，重新插拔后未恢复，需更换电源模块。",
        before=same("正常" if number else "24.1 °C"),
    )


def result(device: int) -> Result:
    return Result(
        inspection=UUID(int=device),
        asset=f"核心数据库 {device:02}",
        number=f"SRV-TH-{device:03}",
        serial=f"CN7016{device:06}",
        category="server",
        room="A 栋 7 层主机房",
        position=f"A 列 {device:02} 柜 18U",
        template=same("服务器与小型机巡检"),
        inspector="梁志豪",
        at=AT + timedelta(minutes=20 * device),
        state="abnormal" if device < 2 else "normal",
        is_accepted=True,
        items=tuple(item(number, device) for number in range(ITEMS)),
    )


def risk(device: int) -> Risk:
    return Risk(
        severity="major",
        asset=f"核心数据库 {device:02}",
        text=same("电源模块 PSU2 无输出"),
        advice="更换同型号 900 W 电源模块",
        owner="周立群",
        due_on=AT.date(),
    )


def shot(number: int, digest: str) -> Photo:
    return Photo(
        sha256=digest,
        asset=f"核心数据库 {number:02}",
        title=same("电源模块冗余"),
        caption="PSU2 指示灯熄灭",
        taken_at=AT,
        state="shown",
    )


def facts_of(digests: list[str]) -> Facts:
    """A visit to eight devices, five checks each; two of them are out of order."""
    counts = Counts(planned=9, inspected=8, normal=6, abnormal=2)
    cover = Cover(
        operator="粤安信维技术服务有限公司",
        title=same("机房季度巡检"),
        customer="穗丰集团",
        site="广州天河总部机房",
        time_zone="Asia/Shanghai",
        begun_at=AT,
        ended_at=AT + timedelta(hours=7),
        engineers=("梁志豪",),
    )
    return Facts(
        of=UUID(int=1),
        of_kind="visit",
        cover=cover,
        counts=counts,
        risks=tuple(map(risk, range(2))),
        categories=(CategoryCount(category="server", counts=counts),),
        readings=tuple(map(reading, range(DEVICES))),
        photos=tuple(shot(number, digest) for number, digest in enumerate(digests)),
        results=tuple(map(result, range(DEVICES))),
        sources=(same("GB 50174 附录 A"),),
    )


async def fill(blobs: Blobs) -> list[str]:
    """Put the photos where thumbnails are; gives their digests."""
    digests = []
    for number in range(PHOTOS):
        content = photo(number)
        digests.append(sha256(content).hexdigest())
        await blobs.put(thumbnail_key(digests[-1], LARGE), content)
    return digests


async def make(blobs: Blobs, facts: Facts, fonts: Fonts) -> tuple[float, int]:
    """One report: seconds and bytes."""
    begun = time.perf_counter()
    issue = Issue(
        code="7K4M-2P9D-6Q8R-TW3X",
        url="https://xunjian.example/verify",
        basis=basis_of(facts),
        revision=1,
        qr=link_svg("https://xunjian.example/verify/7K4M2P9D6Q8RTW3X"),
    )
    page = page_of(facts, "zh-CN", issue)
    pictures = await load_pictures(blobs, page.files)
    made = await make_pdf(page, at=AT, pictures=pictures, fonts=fonts)
    assert len(pictures) == PHOTOS
    return time.perf_counter() - begun, len(made.pdf)


async def runs(folder: Path, count: int) -> list[tuple[float, int]]:
    """So many reports, after one that unpacks the fonts."""
    blobs = Blobs(Settings(data_dir=folder))
    facts = facts_of(await fill(blobs))
    fonts = Fonts(source=FONT_PACKAGE, cache=folder / "fonts")
    await make(blobs, facts, fonts)
    return [await make(blobs, facts, fonts) for _ in range(count)]


def measure(store: Store, size: Size, wanted: frozenset[str]) -> Iterator[Figure]:
    """Row 13; it has nothing to do with the database, so it is measured with one of them."""
    if "13" not in wanted or not isinstance(store, SqliteStore):
        return
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(runs(Path(folder), size.runs))
    what = f"report of {DEVICES * ITEMS} checks and {PHOTOS} photos"
    yield figure(
        "13.seconds",
        f"{what}, time",
        "s",
        [Sample(seconds) for seconds, _ in found],
        target=TARGET_SECONDS,
        bound="value ≤",
    )
    yield figure(
        "13.bytes",
        f"{what}, PDF",
        "MB",
        [Sample(bytes_ / 1e6) for _, bytes_ in found],
        target=TARGET_MB,
        bound="value ≤",
    )
