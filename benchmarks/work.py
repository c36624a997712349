"""The work that is measured: inspection results of 200 assets, round after round, at one site.

Rule: the same ops in every run. Two devices of one engineer: the first makes every result, the
second, which has seen them, edits each once more.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from schemas.base import EPOCH_SPAN
from schemas.ops import Made, Op
from schemas.push import PushHeader
from sync.ids import inspection_id, uuid7
from sync.scopes import site_scope

EPOCH = 1
ASSETS = 200
BEGIN = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
FIRST_VERSION = EPOCH * EPOCH_SPAN + 1

SITE, CUSTOMER, PERSON, TEMPLATE, SESSION = (UUID(int=0x51 + i, version=4) for i in range(5))
SCOPE = site_scope(SITE)
ASSET_IDS = [UUID(int=0x1000 + i, version=4) for i in range(ASSETS)]

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


FIRST = Sender(UUID(int=0xD1, version=4), UUID(int=0xE1, version=4), 1)
SECOND = Sender(UUID(int=0xD2, version=4), UUID(int=0xE2, version=4), 2)


def assignment_ids(records: int) -> list[UUID]:
    """The rounds that hold so many results."""
    return [UUID(int=0x100000 + i, version=4) for i in range(-(-records // ASSETS))]


def raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


def note(chance: random.Random) -> str:
    return chance.choice(NOTES).format(
        a=chance.randrange(1, 48),
        b=chance.randrange(100, 9_000),
        c=f"{chance.uniform(5, 60):.1f}",
        d=f"{chance.uniform(0, 4):.1f}",
    )


def first_ops(records: int) -> Iterator[bytes]:
    """Every result, whole: ids, twelve answers, a note, times."""
    chance = random.Random(FIRST.seed)
    places = ((round_, asset) for round_ in assignment_ids(records) for asset in ASSET_IDS)
    for number, (round_, asset) in zip(range(records), places, strict=False):
        at = BEGIN + timedelta(minutes=3 * number)
        answers = {f"q{i:02}": {"value": chance.choice(VALUES)} for i in range(1, 13)}
        fields = {
            "asset": asset,
            "template": TEMPLATE,
            "assignment": round_,
            "inspector": PERSON,
            "inspector_name": "梁志豪",
            "started_at": at,
            "answers": answers,
            "note": note(chance),
            "step": {"round": 1, "step": "submitted", "at": at + timedelta(minutes=2)},
        }
        yield encode(chance, number, round_, asset, at, set_=fields, new=True)


def second_ops(records: int) -> Iterator[bytes]:
    """Every result again: four answers changed, and the note."""
    chance = random.Random(SECOND.seed)
    places = ((round_, asset) for round_ in assignment_ids(records) for asset in ASSET_IDS)
    for number, (round_, asset) in zip(range(records), places, strict=False):
        at = BEGIN + timedelta(days=60, minutes=3 * number)
        changed = chance.sample(range(1, 13), 4)
        fields: dict[str, object] = {
            f"answers.q{i:02}": {"value": chance.choice(VALUES)} for i in changed
        }
        fields["note"] = "复核：" + note(chance)
        yield encode(chance, number, round_, asset, at, set_=fields, base=FIRST_VERSION)


def encode(
    chance: random.Random,
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
        by=PERSON,
        kind="inspection",
        record=inspection_id(round_, asset),
        base=base,
        made=Made(wall=at, session=SESSION, monotonic_ms=180_000 * number),
        new=new,
        parent=asset if new else None,
        set={path: raw(value) for path, value in set_.items()},
    )
    return msgspec.json.encode(op)


def pushes(ops: Sequence[bytes], batch: int) -> list[bytes]:
    """The bodies of the pushes that carry `ops`, `batch` at a time."""
    return [
        b"\n".join(
            [
                msgspec.json.encode(PushHeader(epoch=EPOCH, first_n=start + 1)),
                *ops[start : start + batch],
            ]
        )
        for start in range(0, len(ops), batch)
    ]
