"""Makers, models and how each writes its serial numbers. Rule: no device of this list exists.

In a serial pattern `#` is a digit, `@` a letter and `*` either; `I O Q` are left out, as makers do.
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from msgspec import Struct

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
DIGITS = "0123456789"


class Model(Struct, frozen=True):
    """A model in the fleet. `traits` answer the first questions of its checklist."""

    maker: str
    name: str
    serial: str
    phone: str
    parts: Mapping[str, str] = {}
    traits: Mapping[str, str] = {}


def write_serial(pattern: str, chance: Random) -> str:
    """Fill a pattern in."""
    kinds = {"#": DIGITS, "@": LETTERS, "*": DIGITS + LETTERS}
    return "".join(chance.choice(kinds[one]) if one in kinds else one for one in pattern)


# Numbers of hotlines that nobody has.
HOTLINE = {
    name: f"400-000-{number:04d}"
    for number, name in enumerate(
        (
            *("华为", "浪潮", "新华三", "戴尔", "联想", "惠普", "思科", "维谛", "APC", "山特"),
            *("佳力图", "爱普生", "兄弟", "新大陆", "联迪", "IBM", "深信服", "艾默生", "甲骨文"),
            *("昆腾", "富士通"),
        ),
        1201,
    )
}


def model(
    maker: str, name: str, serial: str, parts: Mapping[str, str] | None = None, **traits: str
) -> Model:
    return Model(maker, name, serial, HOTLINE.get(maker, ""), parts or {}, traits)


XEON_6248 = {
    "cpu": "2 × 至强金牌 6248",
    "memory": "16 × 32 GB DDR4",
    "disks": "4 × 960 GB SSD",
    "power": "2 × 900 W",
    "firmware": "iBMC 3.84，BIOS 8.29",
}
XEON_4314 = {
    "cpu": "2 × 至强银牌 4314",
    "memory": "8 × 32 GB DDR4",
    "disks": "6 × 1.92 TB SSD",
    "power": "2 × 800 W",
    "firmware": "BIOS 2.17.1",
}
POWER9 = {
    "cpu": "8 核 POWER9",
    "memory": "256 GB",
    "disks": "2 × 600 GB SAS",
    "power": "2 × 1400 W",
    "firmware": "FW950.40",
}
PC = {"cpu": "酷睿 i5-12500", "memory": "16 GB", "disks": "512 GB SSD", "system": "Windows 11"}
OLD_PC = {"cpu": "酷睿 i5-8500", "memory": "8 GB", "disks": "256 GB SSD", "system": "Windows 10"}
LAPTOP = {"cpu": "酷睿 i7-1260P", "memory": "16 GB", "disks": "512 GB SSD", "system": "Windows 11"}

MODELS: Mapping[str, tuple[Model, ...]] = MappingProxyType(
    {
        "server": (
            model("华为", "2288H V5", "2102312CJD10@4######", XEON_6248, os_family="linux"),
            model("浪潮", "NF5280M6", "22#######", XEON_4314, os_family="vmware"),
            model("新华三", "R4900 G5", "210235A4D4H2########", XEON_4314, os_family="linux"),
            model("戴尔", "PowerEdge R740", "*****@3", XEON_4314, os_family="windows"),
            model("联想", "SR650 V2", "J30#**##", XEON_4314, os_family="windows"),
            model("惠普", "ProLiant DL380 Gen10", "6CU@##****", XEON_6248, os_family="vmware"),
        ),
        "minicomputer": (
            model(
                *("IBM", "Power S924", "78@####", POWER9),
                machine_kind="minicomputer",
                os_family="aix",
            ),
        ),
        "storage": (
            model("华为", "OceanStor 5310", "2102353HTG10@4######", XEON_6248, os_family="other"),
        ),
        "core": (
            model("华为", "CloudEngine S12700E-8", "2102311LDQ10@4######", device_role="core"),
            model("新华三", "S10508X", "210235A2NKH2########", device_role="core"),
        ),
        "access": (
            model("华为", "CloudEngine S5735-L48T4X", "2102353GEP10@4######"),
            model("新华三", "S5560X-54C-EI", "210235A1FVH2########"),
            model("思科", "Catalyst 9200L-48T", "FOC2#####**@"),
        ),
        "firewall": (
            model("深信服", "AF-2000-FH2130B", "FH2130B#######", device_role="firewall"),
            model("华为", "USG6585E", "2102354UVG10@4######", device_role="firewall"),
        ),
        "router": (
            model("思科", "ISR 4331", "FDO2#####**@", device_role="router"),
            model("新华三", "MSR 3640", "210235A1TRH2########", device_role="router"),
        ),
        "wireless": (
            model("华为", "AirEngine 9700-M", "2102354MJB10@4######", device_role="wireless"),
        ),
        "ups-three": (
            model("维谛", "Liebert EXM2 60 kVA", "2101######BV#####", phases="three"),
            model("APC", "Galaxy VS 40 kVA", "QS2###1#####", phases="three"),
            model("艾默生", "NX 60 kVA", "2101######BE#####", phases="three"),
        ),
        "ups-single": (
            model("山特", "C6KS", "2#0###@@######", phases="single"),
            model("APC", "SURT6000XLICH", "AS2###1######", phases="single"),
            model("山特", "城堡 3C3-10KS", "2#1###@@######", phases="single"),
        ),
        "air-conditioner": (
            model("佳力图", "ME 系列 40 kW", "JLT2####*###", cooling_kind="air"),
            model("维谛", "PEX4 60 kW", "2108######VP#####", cooling_kind="air"),
            model("佳力图", "CyberMate 80 kW", "JLC2####*###", cooling_kind="water"),
        ),
        "database": (
            model("甲骨文", "Oracle 19c RAC", "", architecture="rac"),
            model("甲骨文", "Oracle 19c", "", architecture="single"),
            model("甲骨文", "Oracle 19c Data Guard", "", architecture="dataguard"),
        ),
        "backup": (
            model("戴尔", "PowerEdge R740", "*****@3", XEON_4314, media_kinds="disk"),
            model("昆腾", "Scalar i3", "D0H#######", {"tape": "LTO-8 × 2"}, media_kinds="tape"),
            model("惠普", "StoreOnce 3640", "CZ2@##****", XEON_4314, media_kinds="disk"),
        ),
        "desktop": (
            model("联想", "启天 M450", "MJ0****@", PC, device_kind="desktop"),
            model("联想", "ThinkCentre M750t", "MJ0****@", PC, device_kind="desktop"),
            model("戴尔", "OptiPlex 7010", "*****@3", PC, device_kind="desktop"),
            model("戴尔", "OptiPlex 3060", "*****@2", OLD_PC, device_kind="desktop"),
            model("惠普", "ProDesk 400 G7", "4CE1##****", OLD_PC, device_kind="desktop"),
            model("惠普", "EliteOne 800 G6", "8CC1##****", PC, device_kind="all_in_one"),
        ),
        "laptop": (
            model("联想", "ThinkPad E14", "PF******", LAPTOP, device_kind="laptop"),
            model("华为", "MateBook B3-420", "PTX@######", LAPTOP, device_kind="laptop"),
        ),
        "laser": (
            model("惠普", "LaserJet Pro M404dn", "PHB@#*####", printer_kind="laser"),
            model("兄弟", "HL-2260D", "E7####@#N######", printer_kind="laser"),
            model("联想", "LJ2605D", "WL0#######", printer_kind="laser"),
        ),
        "mfp": (
            model("惠普", "LaserJet MFP M429fdw", "PHC@#*####", printer_kind="mfp"),
            model("兄弟", "MFC-7895DW", "E8####@#N######", printer_kind="mfp"),
        ),
        "dot": (
            model("爱普生", "LQ-630K", "Q7WY######", printer_kind="dot"),
            model("爱普生", "LQ-730KII", "X2LY######", printer_kind="dot"),
        ),
        "scanner": (
            model("富士通", "fi-7160", "A3#@######", printer_kind="scanner"),
            model("爱普生", "DS-530II", "X5DE######", printer_kind="scanner"),
        ),
        "pos": (
            model("新大陆", "N910", "NB91########"),
            model("联迪", "APOS A8", "A8LD########"),
            model("新大陆", "SP600", "NS60########"),
        ),
    }
)
