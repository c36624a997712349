"""Rooms, assets and tags of the demo company. Rule: `sites` says how many, this what they are."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from random import Random
from uuid import UUID

from msgspec import Struct

from schemas.kinds.asset import Asset, Tag
from schemas.kinds.places import Room
from server.demo.makers import MODELS, Model, write_serial
from server.demo.mint import Mint
from server.demo.names import DATABASES, SERVERS, full_name
from server.demo.sites import SITES, Lot, RoomSpec, SiteSpec
from sync import tags
from sync.ids import tag_id

BLANK_TAGS = 60
AGE_DAYS_MIN, AGE_DAYS_MAX = 60, 1_400
WARRANTY_DAYS = 3 * 365
PREFIX = {
    "server": "SRV",
    "network": "NET",
    "ups": "UPS",
    "air-conditioner": "CRAC",
    "database": "DB",
    "backup": "BAK",
    "desktop": "PC",
    "printer": "PRT",
    "pos": "POS",
    "server-room": "RM",
    "cold-aisle": "CA",
    "security": "SEC",
}
# Heights at which devices are mounted, four in a cabinet; ten cabinets in a row.
HEIGHTS = (8, 18, 26, 34)
CABINETS_PER_ROW = 10
# Where each category begins to fill the rows: 65 is row B, cabinet 07, 18U.
FIRST_SLOT = {"network": 0, "backup": 57, "server": 65}


# Tags that are the same from every seed, on devices that every round knew of: the first server's
# is in the product's pictures; the README's walk takes the other, which nobody has begun.
FIXED = {"tianhe/main/server/1": "7K4M2P9D6", "tianhe/main/server/14": "3TAC3PRDJ"}


class Unit(Struct, frozen=True, kw_only=True):
    """One asset with what the history needs of it. `traits` answer questions about its kind.

    `since` is the day it was put up: no round before that knew of it.
    """

    id: UUID
    site: str
    room: RoomSpec
    number: int  # In its lot, from 1.
    code: str
    since: date
    asset: Asset
    traits: Mapping[str, str]


class Sort(Struct, frozen=True):
    """What a device of a lot is: its name, its model, where it stands."""

    name: str
    model: Model | None
    position: str
    traits: Mapping[str, str] = {}
    attributes: Mapping[str, str] = {}
    responsible: str = ""


class Spot(Struct, frozen=True):
    """Where in its lot a device is: `number` from 1; `place` is that of the site in `SITES`."""

    mint: Mint
    site: SiteSpec
    place: int
    room: RoomSpec
    number: int
    count: int
    chance: Random

    @property
    def label(self) -> str:
        """Name the room as people say it: `2 层业务部` is 业务部."""
        return self.room.name.split("层")[-1].strip() or self.room.name.split(" ")[0]

    def pick(self, sort: str) -> Model:
        return self.chance.choice(MODELS[sort])

    def address(self, net: int) -> str:
        """Give an IP address of the site's own range; 250 devices fit into each net."""
        return f"10.{20 + self.place}.{net}.{self.number + 1}"


def rack(spot: Spot, category: str, *, units: int = 1) -> str:
    """Give row, cabinet and height; in a room with a single cabinet, only the height."""
    slot = FIRST_SLOT.get(category, 0) + spot.number - 1
    height = HEIGHTS[slot % 4]
    span = f"{height}U" if units == 1 else f"{height}–{height + units - 1}U"
    if spot.room.kind != "server-room" or spot.site.code not in ("TH", "PY", "NH", "GX"):
        return f"机柜 {slot % 12 // 4 + 1}，{span}"
    row, cabinet = divmod(slot // 4, CABINETS_PER_ROW)
    return f"{'ABCDEF'[row % 6]} 列 {cabinet + 1:02d} 柜 {span}"


def server(spot: Spot) -> Sort:
    name = SERVERS[(spot.number - 1) % len(SERVERS)]
    kind = "minicomputer" if "小型机" in name else "storage" if "存储" in name else "server"
    # Also in the pictures.
    model = MODELS["server"][0] if spot.number == 1 else spot.pick(kind)
    traits = {"machine_kind": "rack", **model.traits}
    return Sort(
        name,
        model,
        rack(spot, "server", units=2),
        traits,
        {"management_ip": spot.address(7), "purpose": name.rsplit(" ", 1)[0]},
    )


def network(spot: Spot) -> Sort:
    """Core, firewall, router and wireless controller first; everything after them is access."""
    first: tuple[tuple[str, str], ...] = (
        ("core", "核心交换机 A"),
        ("core", "核心交换机 B"),
        ("firewall", "出口防火墙 01"),
        ("router", "专线路由器 01"),
        ("wireless", "无线控制器 01"),
    )
    heads = first if spot.room.kind == "server-room" and spot.count >= 5 else first[2:3]
    heads = () if spot.room.kind in ("network", "other") else heads
    if spot.number <= len(heads):
        kind, name = heads[spot.number - 1]
    else:
        kind, name = "access", f"接入交换机 {spot.room.floor}-{spot.number - len(heads):02d}"
    model = spot.pick(kind)
    traits = {"device_role": "access", **model.traits}
    attributes = {"management_ip": spot.address(1), "ports": "48" if kind == "access" else "24"}
    return Sort(name, model, rack(spot, "network"), traits, attributes)


def ups(spot: Spot) -> Sort:
    model = spot.pick("ups-three" if spot.site.code in ("TH", "PY", "NH", "GX") else "ups-single")
    return Sort(f"UPS-{spot.number:02d}", model, f"靠墙 {spot.number} 号位", model.traits)


def air_conditioner(spot: Spot) -> Sort:
    model = spot.pick("air-conditioner")
    name = f"精密空调 CRAC-{spot.number:02d}"
    return Sort(name, model, f"{'东西南北'[spot.number % 4]}侧 {spot.number} 号位", model.traits)


def database(spot: Spot) -> Sort:
    known = DATABASES["hospital" if spot.site.customer == "kanghe" else "company"]
    name = known[(spot.number - 1) % len(known)]
    model = MODELS["database"][(spot.number - 1) % 3]
    instance = f"{spot.site.code}{name.split(' ')[1]}{spot.number}".upper()
    return Sort(
        name, model, "见主机位置", {**model.traits, "instance": instance}, {"instance": instance}
    )


def backup(spot: Spot) -> Sort:
    name = ("备份主机 R740", "磁带库 01", "备份存储 01")[(spot.number - 1) % 3]
    model = MODELS["backup"][(spot.number - 1) % 3]
    return Sort(name, model, rack(spot, "backup", units=2), model.traits)


def whole_room(spot: Spot) -> Sort:
    name = spot.room.name
    is_main = spot.room.kind == "server-room"
    facilities = "gas_fire,access_control,camera" if is_main else "access_control,battery_area"
    return Sort(name, None, "整间", {"facilities": facilities})


def cold_aisle(spot: Spot) -> Sort:
    row = "AB"[(spot.number - 1) % 2]
    return Sort(f"{row} 列冷通道", None, f"{row} 列机柜正面")


def security(spot: Spot) -> Sort:
    area, kind = (("服务器区", "server"), ("网络区", "network"))[(spot.number - 1) % 2]
    return Sort(f"{area}安全检查", None, "全区", {"target_kind": kind})


def desktop(spot: Spot) -> Sort:
    """Every fifth in an office is a laptop. The name follows the customer's standard."""
    is_office = spot.room.kind == "office"
    model = spot.pick("laptop" if is_office and spot.number % 5 == 0 else "desktop")
    user = full_name(spot.chance)
    computer = f"{spot.site.code}-{spot.room.key[:3].upper()}-{spot.number:03d}"
    prefix = "门店收银" if spot.room.kind == "shop" else spot.label
    attributes = {
        "computer_name": computer,
        "ip": spot.address(10 + spot.site.rooms.index(spot.room)),
        "user": user,
    }
    seat = f"{(spot.number - 1) // 8 + 1} 排 {(spot.number - 1) % 8 + 1} 座"
    return Sort(f"{prefix} PC-{spot.number:02d}", model, seat, model.traits, attributes, user)


def printer(spot: Spot) -> Sort:
    """Counters, wards and docks print on forms; offices have lasers and a few scanners."""
    forms = ("dot", "dot", "laser", "mfp")
    plain = ("laser", "mfp", "laser", "scanner")
    kinds = forms if spot.room.key in ("hall", "dock", "line", "clinic", "plant") else plain
    kind = kinds[(spot.number - 1) % 4]
    word = {"laser": "激光打印机", "mfp": "多功能一体机", "dot": "票据打印机", "scanner": "扫描仪"}
    model = spot.pick(kind)
    return Sort(
        f"{word[kind]} {spot.room.floor}-{spot.number:02d}",
        model,
        f"{spot.label} {spot.number} 号台",
        model.traits,
        {"ip": spot.address(60 + spot.site.rooms.index(spot.room))} if kind != "dot" else {},
    )


def pos(spot: Spot) -> Sort:
    model = spot.pick("pos")
    terminal = f"{44_000_000 + spot.place * 1_000 + spot.number}"
    name = f"收银台 POS-{spot.number}"
    attributes = {"terminal_number": terminal}
    return Sort(name, model, f"{spot.number} 号收银台", attributes, attributes)


MAKE: Mapping[str, Callable[[Spot], Sort]] = {
    "server": server,
    "network": network,
    "ups": ups,
    "air-conditioner": air_conditioner,
    "database": database,
    "backup": backup,
    "server-room": whole_room,
    "cold-aisle": cold_aisle,
    "security": security,
    "desktop": desktop,
    "printer": printer,
    "pos": pos,
}


def site_id(mint: Mint, key: str) -> UUID:
    return mint.id(f"site/{key}")


def room_id(mint: Mint, site: str, room: str) -> UUID:
    return mint.id(f"room/{site}/{room}")


def make_rooms(mint: Mint, site: SiteSpec) -> Iterator[tuple[UUID, Room]]:
    for room in site.rooms:
        made = Room(site=site_id(mint, site.key), name=room.name, kind=room.kind, floor=room.floor)
        yield room_id(mint, site.key, room.key), made


def make_units(mint: Mint) -> tuple[Unit, ...]:
    """Give every asset of every site, in the order of `SITES`. No two serial numbers are equal."""
    taken: set[str] = set()
    return tuple(
        unit
        for place, site in enumerate(SITES)
        for lot in site.lots
        for unit in _lot(mint, site, place, lot, taken)
    )


def _lot(mint: Mint, site: SiteSpec, place: int, lot: Lot, taken: set[str]) -> Iterator[Unit]:
    room = next(one for one in site.rooms if one.key == lot.room)
    for number in range(1, lot.count + 1):
        name = f"{site.key}/{lot.room}/{lot.category}/{number}"
        chance = mint.chance(f"asset/{name}")
        sort = MAKE[lot.category](Spot(mint, site, place, room, number, lot.count, chance))
        serial = sort.model.serial if sort.model else ""
        while serial and (written := write_serial(serial, chance)) in taken:
            continue
        if serial:
            taken.add(written)
            serial = written
        drawn = tags.make(chance.getrandbits(tags.ENTROPY_BITS))
        age_days = chance.randint(AGE_DAYS_MIN, AGE_DAYS_MAX)
        since = mint.day(-age_days if sort.model and name not in FIXED else -AGE_DAYS_MAX)
        asset = _asset(mint, lot, site, sort, serial, number, since)
        yield Unit(
            id=mint.id(f"asset/{name}"),
            site=site.key,
            room=room,
            number=number,
            code=FIXED.get(name, drawn),
            since=since,
            asset=asset,
            traits=sort.traits,
        )


def _asset(
    mint: Mint, lot: Lot, site: SiteSpec, sort: Sort, serial: str, number: int, since: date
) -> Asset:
    """Give the archive's record; warranties run three years, some have run out."""
    mounted = sort.position if "列" in sort.position and "柜" in sort.position else ""
    where = mounted.replace(" 列 ", "").replace(" 柜 ", "-").split("–")[0].removesuffix("U")
    serial_part = where or f"{lot.room[:3].upper()}-{number:03d}"
    model = sort.model
    return Asset(
        site=site_id(mint, site.key),
        room=room_id(mint, site.key, lot.room),
        name=sort.name,
        number=f"{PREFIX[lot.category]}-{site.code}-{serial_part}",
        category=lot.category,
        maker=model.maker if model else "",
        model=model.name if model else "",
        serial=serial,
        position=sort.position,
        status="standby" if number % 50 == 49 else "in-use",
        warranty_until=since + timedelta(days=WARRANTY_DAYS) if model else None,
        vendor_phone=model.phone if model else "",
        responsible=sort.responsible or f"{site.contact[0]}，{site.contact[1]}",
        attributes={**(model.parts if model else {}), **sort.attributes},
    )


def make_tag(mint: Mint, unit: Unit) -> tuple[UUID, Tag]:
    days = -mint.chance(f"tag/{unit.id}").randint(40, 280)
    return tag_id(unit.code), Tag(code=unit.code, asset=unit.id, bound_at=mint.at(days, 10))


def blank_codes(mint: Mint) -> tuple[str, ...]:
    """Give the codes of the batch that is printed and not yet stuck on anything."""
    chance = mint.chance("blank tags")
    return tuple(tags.make(chance.getrandbits(tags.ENTROPY_BITS)) for _ in range(BLANK_TAGS))
