"""The customers of the demo company, each with one contract. Rule: all invented; data, no code."""

from msgspec import Struct


class CustomerSpec(Struct, frozen=True, kw_only=True):
    """A customer with its one contract. Contacts are name and title."""

    key: str
    name: str
    short: str
    contract: str
    title: str
    contacts: tuple[tuple[str, str], ...]
    remarks: str = ""
    spare_parts: bool = False
    keeps_place: bool = False  # Photos that leave the house say where they were taken.
    accept_minutes: int = 30
    remote_minutes: int = 120
    onsite_minutes: int = 1_440


CUSTOMERS = (
    CustomerSpec(
        key="suifeng",
        name="穗丰集团股份有限公司",
        short="穗丰集团",
        contract="SF-WB",
        title="穗丰集团信息系统维保",
        contacts=(("黄国强", "信息中心主任"), ("何小姐", "门店运营")),
        remarks="进机房须提前一天报备；月末最后两天不安排停机操作。",
        spare_parts=True,
        keeps_place=True,
    ),
    CustomerSpec(
        key="yuewan",
        name="粤湾村镇银行股份有限公司",
        short="粤湾村镇银行",
        contract="YW-YW",
        title="粤湾村镇银行网点设备维护",
        contacts=(("曾志文", "科技部经理"), ("叶敏仪", "营业部主管")),
        remarks="营业厅设备在 17:30 结账后检查；双人陪同。",
        remote_minutes=60,
        onsite_minutes=480,
    ),
    CustomerSpec(
        key="kanghe",
        name="佛山康和医院",
        short="康和医院",
        contract="KH-XX",
        title="康和医院信息设备驻场维护",
        contacts=(("苏建明", "信息科科长"), ("卢雪梅", "门诊部护士长")),
        remarks="门诊设备避开上午高峰；住院部病区进入须戴口罩。",
        spare_parts=True,
        accept_minutes=15,
        remote_minutes=30,
        onsite_minutes=240,
    ),
    CustomerSpec(
        key="xunling",
        name="深圳迅岭物流有限公司",
        short="迅岭物流",
        contract="XL-WL",
        title="迅岭物流仓储网点维护",
        contacts=(("江海涛", "IT 主管"),),
    ),
    CustomerSpec(
        key="hengli",
        name="肇庆恒砺精密制造有限公司",
        short="恒砺精密",
        contract="HL-ZZ",
        title="恒砺精密工厂信息设备维保",
        contacts=(("区伟明", "设备部经理"), ("梁燕芬", "行政")),
        remarks="车间内须穿防砸鞋、戴安全帽。",
        spare_parts=True,
    ),
    CustomerSpec(
        key="baifu",
        name="百芙便利连锁有限公司",
        short="百芙便利",
        contract="BF-LS",
        title="百芙便利门店收银设备维护",
        contacts=(("潘嘉怡", "营运支持"),),
        remarks="门店检查不超过 40 分钟，避开早晚高峰。",
    ),
)
