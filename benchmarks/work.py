"""The work that is measured: inspection results of 200 assets, round after round, at each site.

Rule: the same ops in every run. At each site two devices of one engineer: the first makes every
result, the second, which has seen them, edits each once more.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.base import EPOCH_SPAN
from schemas.ops import Made, Op
from schemas.push import PushHeader
from sync.ids import inspection_id, uuid7
from sync.record import raws
from sync.scopes import site_scope

EPOCH = 1
ASSETS = 200
BEGIN = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
FIRST_VERSION = EPOCH * EPOCH_SPAN + 1

CUSTOMER, TEMPLATE, SESSION = (UUID(int=0x51 + i, version=4) for i in range(3))
SITE_STEP = 1 << 32  # What lies between the ids of one site and those of the next.

VALUES = ("pass", "pass", "pass", "fail", "replace-soon", "observed-wear")
NOTES = (
    "风扇 {a} 号转速 {b} 转/分，出风口 {c} ℃，比上季度高 {d} ℃。",
    "电池组内阻 {b} 毫欧，第 {a} 节偏高，端子有轻微腐蚀，已清洁。",
    "Disk {a} shows {b} reallocated sectors; inlet {c} °C, replaced the filter.",
    "接地电阻 {c} 欧，线缆标签缺 {a} 处，已补。",
    "UPS load {c} %, runtime {a} min; breaker {b} tripped once since the last round.",
)


class Sender(Struct, frozen=True):
    """One device: its id, its lineage, and the number from which its ids are dealt."""

    device: UUID
    lineage: UUID
    seed: int


class Yard:
    """One site with its assets, its engineer and their devices; the ids follow from its number."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.site, self.person = self.id_of(0x61), self.id_of(0x62)
        self.scope = site_scope(self.site)
        self.assets = [self.id_of(0x1000 + i) for i in range(ASSETS)]
        self.first, self.second = self.sender(1), self.sender(2)

    def id_of(self, place: int) -> UUID:
        return UUID(int=self.number * SITE_STEP + place, version=4)

    def sender(self, place: int) -> Sender:
        """The device in this place, from 1."""
        device, lineage = self.id_of(0xD0_0000 + place), self.id_of(0xE0_0000 + place)
        return Sender(device, lineage, self.number * 10_000 + place)

    def rounds(self, records: int) -> list[UUID]:
        """The assignments that hold so many results."""
        return [self.id_of(0x10_0000 + i) for i in range(-(-records // ASSETS))]

    def places(self, records: int) -> Iterator[tuple[int, UUID, UUID]]:
        """The results one by one: number, round, asset."""
        pairs = ((round_, asset) for round_ in self.rounds(records) for asset in self.assets)
        for number, (round_, asset) in zip(range(records), pairs, strict=False):
            yield number, round_, asset


HOME = Yard()


def note(chance: random.Random) -> str:
    return chance.choice(NOTES).format(
        a=chance.randrange(1, 48),
        b=chance.randrange(100, 9_000),
        c=f"{chance.uniform(5, 60):.1f}",
        d=f"{chance.uniform(0, 4):.1f}",
    )


def first_ops(yard: Yard, records: int) -> Iterator[bytes]:
    """Every result, whole: ids, twelve answers, a note, times."""
    chance = random.Random(yard.first.seed)
    for number, round_, asset in yard.places(records):
        at = BEGIN + timedelta(minutes=3 * number)
        fields = result(chance, yard, round_, asset, at)
        yield encode(chance, yard, number, round_, asset, at, set_=fields, new=True)


def result(
    chance: random.Random, yard: Yard, round_: UUID, asset: UUID, at: datetime
) -> dict[str, object]:
    """The fields of a whole result."""
    return {
        "asset": asset,
        "template": TEMPLATE,
        "assignment": round_,
        "inspector": yard.person,
        "inspector_name": "梁志豪",
        "started_at": at,
        "answers": {f"q{i:02}": {"value": chance.choice(VALUES)} for i in range(1, 13)},
        "note": note(chance),
        "step": {"round": 1, "step": "submitted", "at": at + timedelta(minutes=2)},
    }


def second_ops(yard: Yard, records: int) -> Iterator[bytes]:
    """Every result again: four answers changed, and the note."""
    chance = random.Random(yard.second.seed)
    for number, round_, asset in yard.places(records):
        at = BEGIN + timedelta(days=60, minutes=3 * number)
        yield encode(chance, yard, number, round_, asset, at, set_=edit(chance), base=FIRST_VERSION)


def edit(chance: random.Random) -> dict[str, object]:
    """The fields of a second edit."""
    fields: dict[str, object] = {
        f"answers.q{i:02}": {"value": chance.choice(VALUES)} for i in chance.sample(range(1, 13), 4)
    }
    return fields | {"note": "复核：" + note(chance)}


def encode(
    chance: random.Random,
    yard: Yard,
    number: int,
    round_: UUID,
    asset: UUID,
    at: datetime,
    *,
    set_: dict[str, object],
    new: bool = False,
    base: int = 0,
) -> bytes:
    unix_ms = int(at.timestamp() * 1000)
    op = Op(
        n=number + 1,
        id=uuid7(unix_ms=unix_ms, random=chance.getrandbits(74)),
        by=yard.person,
        kind="inspection",
        record=inspection_id(round_, asset),
        base=base,
        made=Made(wall=at, session=SESSION, monotonic_ms=180_000 * number),
        new=new,
        parent=asset if new else None,
        set=raws(set_),
    )
    return msgspec.json.encode(op)


def pushes(ops: Sequence[bytes], batch: int) -> list[bytes]:
    """The bodies of the pushes that carry `ops`, `batch` at a time."""
    return [body(ops[start : start + batch], start + 1) for start in range(0, len(ops), batch)]


def body(ops: Sequence[bytes], first_n: int) -> bytes:
    """One push."""
    return b"\n".join([msgspec.json.encode(PushHeader(epoch=EPOCH, first_n=first_n)), *ops])
