"""Sites and rooms of the demo company, and what stands in them. Rule: all invented; data, no code.

How many devices of which category stand in which room is here; what they are: `server.demo.assets`.
"""

from typing import Literal

from msgspec import Struct

from schemas.kinds.template import Category

RoomKind = Literal["server-room", "network", "ups", "office", "shop", "other"]


class RoomSpec(Struct, frozen=True):
    key: str
    name: str
    kind: RoomKind
    floor: str


class Lot(Struct, frozen=True):
    """So many devices of one category in one room."""

    category: Category
    room: str
    count: int


class SiteSpec(Struct, frozen=True, kw_only=True):
    """`code` begins the customer's asset numbers. The contact is name and title."""

    key: str
    code: str
    customer: str
    name: str
    city: str
    address: str
    contact: tuple[str, str]
    access: str
    rooms: tuple[RoomSpec, ...]
    lots: tuple[Lot, ...]


MAIN = RoomSpec("main", "A 栋 7 层主机房", "server-room", "7F")
HALL = RoomSpec("hall", "营业大厅", "office", "1F")
BACK = RoomSpec("back", "后台办公区", "office", "2F")
SHOP = RoomSpec("shop", "收银区", "shop", "1F")
STORE = RoomSpec("store", "店后办公间", "office", "1F")

SITES = (
    SiteSpec(
        key="tianhe",
        code="TH",
        customer="suifeng",
        name="天河总部机房",
        city="广州",
        address="天河区体育东路穗丰大厦 A 栋",
        contact=("黄国强", "信息中心主任"),
        access="前台换证，7 层机房由信息中心值班员开门，须登记进出时间。",
        rooms=(
            MAIN,
            RoomSpec("power", "A 栋 7 层 UPS 间", "ups", "7F"),
            RoomSpec("weak", "A 栋 3 层弱电间", "network", "3F"),
            RoomSpec("office", "A 栋 6 层信息中心", "office", "6F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("server-room", "power", 1),
            Lot("cold-aisle", "main", 2),
            Lot("server", "main", 34),
            Lot("database", "main", 5),
            Lot("backup", "main", 3),
            Lot("security", "main", 2),
            Lot("network", "main", 14),
            Lot("network", "weak", 12),
            Lot("ups", "power", 3),
            Lot("air-conditioner", "main", 4),
            Lot("desktop", "office", 26),
            Lot("printer", "office", 5),
        ),
    ),
    SiteSpec(
        key="panyu",
        code="PY",
        customer="suifeng",
        name="番禺灾备机房",
        city="广州",
        address="番禺区南村镇兴南大道 2 号楼",
        contact=("邝永昌", "机房值班长"),
        access="园区南门登记车牌，机房在 B1 层，手机信号弱。",
        rooms=(
            RoomSpec("main", "2 号楼 B1 层机房", "server-room", "B1"),
            RoomSpec("power", "2 号楼 B1 层配电间", "ups", "B1"),
            RoomSpec("office", "2 号楼 1 层值班室", "office", "1F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("cold-aisle", "main", 1),
            Lot("server", "main", 18),
            Lot("database", "main", 2),
            Lot("backup", "main", 3),
            Lot("security", "main", 1),
            Lot("network", "main", 12),
            Lot("ups", "power", 2),
            Lot("air-conditioner", "main", 2),
            Lot("desktop", "office", 4),
        ),
    ),
    SiteSpec(
        key="xiangzhou",
        code="XZ",
        customer="suifeng",
        name="香洲营业部",
        city="珠海",
        address="香洲区凤凰北路穗丰商务楼 1–3 层",
        contact=("冼丽华", "行政主管"),
        access="工作日 9:00–18:00，前台登记。",
        rooms=(
            RoomSpec("weak", "2 层弱电间", "network", "2F"),
            RoomSpec("hall", "1 层营业厅", "shop", "1F"),
            RoomSpec("sales", "2 层业务部", "office", "2F"),
            RoomSpec("finance", "3 层财务部", "office", "3F"),
        ),
        lots=(
            Lot("network", "weak", 6),
            Lot("ups", "weak", 1),
            Lot("pos", "hall", 4),
            Lot("desktop", "hall", 18),
            Lot("desktop", "sales", 64),
            Lot("desktop", "finance", 30),
            Lot("printer", "sales", 8),
            Lot("printer", "finance", 6),
        ),
    ),
    SiteSpec(
        key="chancheng",
        code="CC",
        customer="suifeng",
        name="禅城门店",
        city="佛山",
        address="禅城区季华五路 28 号首层",
        contact=("何小姐", "店长"),
        access="营业时间 10:00–21:30，先找店长。",
        rooms=(SHOP, STORE),
        lots=(
            Lot("pos", "shop", 4),
            Lot("network", "store", 3),
            Lot("desktop", "shop", 6),
            Lot("desktop", "store", 6),
            Lot("printer", "store", 5),
        ),
    ),
    SiteSpec(
        key="duanzhou",
        code="DZ",
        customer="suifeng",
        name="端州门店",
        city="肇庆",
        address="端州区天宁北路 66 号",
        contact=("莫志强", "店长"),
        access="营业时间 10:00–21:00，停车在店后。",
        rooms=(SHOP, STORE),
        lots=(
            Lot("pos", "shop", 3),
            Lot("network", "store", 2),
            Lot("desktop", "store", 8),
            Lot("printer", "store", 6),
        ),
    ),
    SiteSpec(
        key="futian",
        code="FT",
        customer="yuewan",
        name="福田支行",
        city="深圳",
        address="福田区福中三路 1008 号裙楼",
        contact=("曾志文", "科技部经理"),
        access="须两人同行，出示工作证，保安陪同进设备间。",
        rooms=(RoomSpec("main", "3 层设备间", "server-room", "3F"), HALL, BACK),
        lots=(
            Lot("server-room", "main", 1),
            Lot("server", "main", 4),
            Lot("network", "main", 8),
            Lot("ups", "main", 2),
            Lot("air-conditioner", "main", 1),
            Lot("security", "main", 2),
            Lot("desktop", "hall", 26),
            Lot("desktop", "back", 52),
            Lot("printer", "hall", 14),
            Lot("printer", "back", 8),
        ),
    ),
    SiteSpec(
        key="gongbei",
        code="GB",
        customer="yuewan",
        name="拱北支行",
        city="珠海",
        address="香洲区拱北迎宾南路 1155 号",
        contact=("叶敏仪", "营业部主管"),
        access="17:30 结账后进柜台区，须两人同行。",
        rooms=(RoomSpec("main", "2 层设备间", "server-room", "2F"), HALL, BACK),
        lots=(
            Lot("server-room", "main", 1),
            Lot("network", "main", 6),
            Lot("ups", "main", 1),
            Lot("desktop", "hall", 22),
            Lot("desktop", "back", 40),
            Lot("printer", "hall", 12),
            Lot("printer", "back", 6),
        ),
    ),
    SiteSpec(
        key="hengqin",
        code="HQ",
        customer="yuewan",
        name="横琴支行",
        city="珠海",
        address="横琴粤澳深度合作区琴朗道 91 号",
        contact=("罗绮雯", "综合岗"),
        access="提前一天报身份证号，双人进设备间。",
        rooms=(RoomSpec("main", "1 层设备间", "server-room", "1F"), HALL, BACK),
        lots=(
            Lot("server-room", "main", 1),
            Lot("network", "main", 5),
            Lot("ups", "main", 1),
            Lot("desktop", "hall", 18),
            Lot("desktop", "back", 34),
            Lot("printer", "hall", 10),
            Lot("printer", "back", 5),
        ),
    ),
    SiteSpec(
        key="nanhai",
        code="NH",
        customer="kanghe",
        name="南海院区",
        city="佛山",
        address="南海区桂城南海大道北 40 号",
        contact=("苏建明", "信息科科长"),
        access="信息科在住院楼 B1 层，取机房钥匙须签字。",
        rooms=(
            RoomSpec("main", "住院楼 B1 层机房", "server-room", "B1"),
            RoomSpec("power", "住院楼 B1 层 UPS 间", "ups", "B1"),
            RoomSpec("weak", "门诊楼 4 层弱电间", "network", "4F"),
            RoomSpec("clinic", "门诊楼 1–3 层诊室", "office", "1F"),
            RoomSpec("ward", "住院楼护士站", "office", "5F"),
            RoomSpec("admin", "行政楼 2 层", "office", "2F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("server-room", "power", 1),
            Lot("cold-aisle", "main", 2),
            Lot("server", "main", 26),
            Lot("database", "main", 4),
            Lot("backup", "main", 2),
            Lot("security", "main", 2),
            Lot("network", "main", 12),
            Lot("network", "weak", 22),
            Lot("ups", "power", 4),
            Lot("air-conditioner", "main", 4),
            Lot("desktop", "clinic", 92),
            Lot("desktop", "ward", 56),
            Lot("desktop", "admin", 44),
            Lot("printer", "clinic", 38),
            Lot("printer", "ward", 18),
            Lot("printer", "admin", 8),
        ),
    ),
    SiteSpec(
        key="shunde",
        code="SD",
        customer="kanghe",
        name="顺德门诊部",
        city="佛山",
        address="顺德区大良新城区观绿路 3 号",
        contact=("卢雪梅", "护士长"),
        access="中午 12:30–14:00 最合适，钥匙在导诊台。",
        rooms=(
            RoomSpec("main", "2 层机房", "server-room", "2F"),
            RoomSpec("clinic", "1 层诊室与收费处", "office", "1F"),
            RoomSpec("admin", "3 层办公室", "office", "3F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("network", "main", 8),
            Lot("ups", "main", 1),
            Lot("desktop", "clinic", 36),
            Lot("desktop", "admin", 18),
            Lot("printer", "clinic", 14),
            Lot("printer", "admin", 4),
        ),
    ),
    SiteSpec(
        key="yantian",
        code="YT",
        customer="xunling",
        name="盐田仓",
        city="深圳",
        address="盐田区明珠大道 15 号保税仓 3 栋",
        contact=("江海涛", "IT 主管"),
        access="入区须办临时通行证，库内戴反光背心。",
        rooms=(
            RoomSpec("main", "3 栋 2 层机房", "server-room", "2F"),
            RoomSpec("dock", "月台与分拣区", "other", "1F"),
            RoomSpec("office", "3 栋 2 层办公室", "office", "2F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("server", "main", 4),
            Lot("network", "main", 12),
            Lot("ups", "main", 1),
            Lot("desktop", "dock", 24),
            Lot("desktop", "office", 36),
            Lot("printer", "dock", 18),
            Lot("printer", "office", 7),
        ),
    ),
    SiteSpec(
        key="baoan",
        code="BA",
        customer="xunling",
        name="宝安分拨中心",
        city="深圳",
        address="宝安区福永街道桥和路 298 号",
        contact=("钟振宇", "现场主管"),
        access="夜班 22:00 后分拣线运行，检查安排在 10:00–17:00。",
        rooms=(
            RoomSpec("main", "2 层机房", "server-room", "2F"),
            RoomSpec("line", "分拣线", "other", "1F"),
            RoomSpec("office", "2 层调度室", "office", "2F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("server", "main", 6),
            Lot("network", "main", 14),
            Lot("ups", "main", 2),
            Lot("desktop", "line", 34),
            Lot("desktop", "office", 34),
            Lot("printer", "line", 20),
            Lot("printer", "office", 5),
        ),
    ),
    SiteSpec(
        key="huangpu",
        code="HP",
        customer="xunling",
        name="黄埔配送站",
        city="广州",
        address="黄埔区云埔一路 8 号",
        contact=("温伟业", "站长"),
        access="上午 11:00 前车多，下午到场。",
        rooms=(RoomSpec("office", "站点办公室", "office", "1F"),),
        lots=(
            Lot("network", "office", 4),
            Lot("desktop", "office", 26),
            Lot("printer", "office", 9),
        ),
    ),
    SiteSpec(
        key="gaoxin",
        code="GX",
        customer="hengli",
        name="高新区工厂",
        city="肇庆",
        address="肇庆高新区迎宾大道 17 号",
        contact=("区伟明", "设备部经理"),
        access="门卫处换证，车间须穿防砸鞋、戴安全帽。",
        rooms=(
            RoomSpec("main", "办公楼 2 层机房", "server-room", "2F"),
            RoomSpec("plant", "一号车间", "other", "1F"),
            RoomSpec("design", "办公楼 3 层技术部", "office", "3F"),
            RoomSpec("admin", "办公楼 1 层行政部", "office", "1F"),
        ),
        lots=(
            Lot("server-room", "main", 1),
            Lot("cold-aisle", "main", 1),
            Lot("server", "main", 14),
            Lot("database", "main", 2),
            Lot("backup", "main", 2),
            Lot("security", "main", 1),
            Lot("network", "main", 10),
            Lot("network", "plant", 14),
            Lot("ups", "main", 3),
            Lot("air-conditioner", "main", 2),
            Lot("desktop", "plant", 48),
            Lot("desktop", "design", 62),
            Lot("desktop", "admin", 44),
            Lot("printer", "plant", 16),
            Lot("printer", "design", 8),
            Lot("printer", "admin", 10),
        ),
    ),
    SiteSpec(
        key="sihui",
        code="SH",
        customer="hengli",
        name="四会办事处",
        city="肇庆",
        address="四会市城中街道四会大道中 52 号",
        contact=("梁燕芬", "行政"),
        access="工作日 8:30–17:30。",
        rooms=(RoomSpec("office", "3 层办公室", "office", "3F"),),
        lots=(
            Lot("network", "office", 3),
            Lot("desktop", "office", 28),
            Lot("printer", "office", 6),
        ),
    ),
    SiteSpec(
        key="kejiyuan",
        code="KJ",
        customer="baifu",
        name="科技园店",
        city="深圳",
        address="南山区科苑路 9 号地铁连廊",
        contact=("潘嘉怡", "营运支持"),
        access="8:00–10:00 高峰不检查。",
        rooms=(SHOP, STORE),
        lots=(
            Lot("pos", "shop", 5),
            Lot("network", "store", 2),
            Lot("desktop", "store", 4),
            Lot("printer", "store", 4),
        ),
    ),
    SiteSpec(
        key="jingan",
        code="JA",
        customer="baifu",
        name="井岸店",
        city="珠海",
        address="斗门区井岸镇中兴中路 233 号",
        contact=("容惠珍", "店长"),
        access="14:00–17:00 客流少。",
        rooms=(SHOP, STORE),
        lots=(
            Lot("pos", "shop", 4),
            Lot("network", "store", 2),
            Lot("desktop", "store", 3),
            Lot("printer", "store", 4),
        ),
    ),
    SiteSpec(
        key="beijinglu",
        code="BJ",
        customer="baifu",
        name="北京路店",
        city="广州",
        address="越秀区北京路 186 号首层",
        contact=("岑敏", "店长"),
        access="步行街不能停车，从惠福东路后门进。",
        rooms=(SHOP, STORE),
        lots=(
            Lot("pos", "shop", 6),
            Lot("network", "store", 2),
            Lot("desktop", "store", 4),
            Lot("printer", "store", 5),
        ),
    ),
)
