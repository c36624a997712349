"""The people of the demo company and what they are granted. Rule: all invented; data, no code.

Every password is the demo password, which is printed; nobody real signs in to a demo.
"""

from msgspec import Struct

from schemas.base import Language
from schemas.kinds.notices import Role

PASSWORD = "xunjian-demo"  # noqa: S105


class PersonSpec(Struct, frozen=True, kw_only=True):
    """`login` is also the key. Grants name sites, customers or contracts, all by key."""

    login: str
    name: str
    role: Role
    phone: str
    title: str
    sites: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    language: Language = "zh-CN"


ALL = ("suifeng", "yuewan", "kanghe", "xunling", "hengli", "baifu")

# The first of each role is the one that `demo.json` names for it.
PEOPLE = (
    PersonSpec(
        login="liang",
        name="梁志豪",
        role="engineer",
        phone="138 0000 0101",
        title="现场工程师 · 广佛",
        sites=("tianhe", "panyu", "chancheng", "shunde", "beijinglu"),
    ),
    PersonSpec(
        login="zhou",
        name="周立群",
        role="engineer",
        phone="138 0000 0102",
        title="系统工程师 · 数据库与备份",
        sites=("tianhe", "panyu", "gaoxin"),
    ),
    PersonSpec(
        login="he",
        name="何嘉欣",
        role="engineer",
        phone="138 0000 0103",
        title="现场工程师 · 珠海",
        sites=("xiangzhou", "gongbei", "hengqin", "jingan"),
    ),
    PersonSpec(
        login="li",
        name="李颖",
        role="engineer",
        phone="138 0000 0104",
        title="驻场工程师 · 康和医院",
        sites=("nanhai",),
    ),
    PersonSpec(
        login="wu",
        name="吴俊杰",
        role="engineer",
        phone="138 0000 0105",
        title="现场工程师 · 深圳",
        sites=("futian", "baoan", "kejiyuan"),
    ),
    PersonSpec(
        login="tan",
        name="谭志明",
        role="engineer",
        phone="138 0000 0106",
        title="现场工程师 · 深圳东部",
        sites=("yantian", "huangpu"),
    ),
    PersonSpec(
        login="luo",
        name="罗永康",
        role="engineer",
        phone="138 0000 0107",
        title="现场工程师 · 肇庆",
        sites=("gaoxin", "sihui", "duanzhou"),
        language="en",
    ),
    PersonSpec(
        login="feng",
        name="冯雅文",
        role="engineer",
        phone="138 0000 0108",
        title="备份工程师",
        sites=("huangpu", "shunde"),
    ),
    PersonSpec(
        login="chen",
        name="陈慧敏",
        role="supervisor",
        phone="138 0000 0201",
        title="服务主管 · 广佛片区",
        sites=("tianhe", "panyu", "chancheng", "nanhai", "shunde", "huangpu", "beijinglu"),
    ),
    PersonSpec(
        login="lin",
        name="林国栋",
        role="supervisor",
        phone="138 0000 0202",
        title="服务主管 · 珠深肇片区",
        sites=(
            *("xiangzhou", "duanzhou", "futian", "gongbei", "hengqin", "yantian"),
            *("baoan", "gaoxin", "sihui", "kejiyuan", "jingan"),
        ),
    ),
    PersonSpec(
        login="huang",
        name="黄婉仪",
        role="desk",
        phone="138 0000 0301",
        title="服务台",
        customers=ALL,
    ),
    PersonSpec(
        login="deng",
        name="邓晓彤",
        role="quality",
        phone="138 0000 0302",
        title="服务质量管理",
        customers=ALL,
    ),
    PersonSpec(
        login="zheng",
        name="郑伟强",
        role="project-manager",
        phone="138 0000 0303",
        title="项目经理",
        contracts=ALL,
    ),
    PersonSpec(
        login="xu",
        name="许家乐",
        role="administrator",
        phone="138 0000 0304",
        title="系统管理员",
    ),
)
BY_LOGIN = {person.login: person for person in PEOPLE}

# Who takes over, by assignment and not by grant, at sites with one engineer only.
BACKUP = "feng"
BACKUP_SITES = ("nanhai", "xiangzhou")


def engineer_at(site: str) -> str:
    """Name the engineer whose site this is: the first who is granted there."""
    return next(one.login for one in PEOPLE if one.role == "engineer" and site in one.sites)


def supervisor_at(site: str) -> str:
    """Name the supervisor who reviews what comes from this site."""
    return next(one.login for one in PEOPLE if one.role == "supervisor" and site in one.sites)
