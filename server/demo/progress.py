"""How far the open rounds have come by today. Rule: data, no code."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Progress(Struct, frozen=True, kw_only=True):
    """Of a round's devices in their order: so many are `done`, and of these some `wait` for review.

    The rest of the done ones is accepted. `draft` is being filled in, `returned` was sent back.
    `faults` names, by device, the items that are abnormal. Of `left` the photos are still on the
    tablet. A `closed` round is wholly accepted.
    """

    done: int = 0
    waiting: tuple[int, ...] = ()
    draft: int | None = None
    returned: int | None = None
    remark: str = ""
    faults: Mapping[int, tuple[str, ...]] = {}
    left: int | None = None
    closed: bool = False
    handed_over_from: str = ""


UNTOUCHED = Progress()

# By plan and site. The fourth device of the first round is the one in the product's pictures.
PROGRESS: Mapping[tuple[str, str], Progress] = MappingProxyType(
    {
        ("sf-rooms", "tianhe"): Progress(
            done=13,
            waiting=(0, 2, 4, 7, 10),
            draft=13,
            faults={
                0: ("room_humidity",),
                4: ("psu_redundancy", "inlet_temp", "used_percent"),
                10: ("os_errors",),
            },
        ),
        ("sf-power", "tianhe"): Progress(
            done=7, waiting=(1, 4), faults={1: ("battery_look",), 4: ("filter",)}
        ),
        ("sf-data", "tianhe"): Progress(
            done=5, waiting=(0, 3), left=0, faults={0: ("archive_percent",)}
        ),
        ("sf-network", "panyu"): Progress(handed_over_from="zhou"),
        ("sf-network", "xiangzhou"): Progress(done=2, waiting=(1,)),
        ("sf-desktop", "xiangzhou"): Progress(
            done=9, waiting=(2, 6, 8), faults={2: ("disk_health",), 8: ("antivirus",)}
        ),
        ("sf-pos", "duanzhou"): Progress(done=5, waiting=(1,), faults={1: ("keypad",)}),
        ("yw-rooms", "futian"): Progress(done=6, waiting=(3,), faults={3: ("psu_state",)}),
        ("yw-rooms", "gongbei"): Progress(closed=True),
        ("yw-rooms", "hengqin"): Progress(closed=True),
        ("kh-rooms", "nanhai"): Progress(
            done=5,
            waiting=(1,),
            returned=5,
            remark="请补拍 PSU2 背面标签，便于订购备件",
            faults={5: ("psu_redundancy",)},
        ),
        ("hl-rooms", "gaoxin"): Progress(done=3, waiting=(2,)),
    }
)
