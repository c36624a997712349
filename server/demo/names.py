"""Names of machines and of people who use them. Rule: lists; who stands first is used first."""

from random import Random

SURNAMES = "陈李黄张梁王林吴何杨冯谢罗邓曾郑叶钟邱彭卢苏谭蔡潘杜温邝区莫关麦"
GIVEN = (
    *(
        "嘉敏",
        "文辉",
        "丽珊",
        "俊豪",
        "咏仪",
        "国华",
        "慧玲",
        "志恒",
        "美婷",
        "伟杰",
        "淑芬",
        "家明",
    ),
    *(
        "晓琳",
        "建国",
        "佩珊",
        "浩然",
        "婉婷",
        "永强",
        "雪莹",
        "子健",
        "秀兰",
        "锦华",
        "诗雅",
        "德明",
    ),
    *("凯琪", "汉文", "洁莹", "振东", "思颖", "耀辉"),
)

SERVERS = (
    *("核心数据库 01", "核心数据库 02", "ERP 应用 01", "ERP 应用 02", "ERP 应用 03"),
    *("虚拟化主机 01", "虚拟化主机 02", "虚拟化主机 03", "虚拟化主机 04", "虚拟化主机 05"),
    *("存储 OceanStor 01", "小型机 P01", "小型机 P02", "域控 01", "域控 02", "文件服务 01"),
    *("报表服务 01", "报表服务 02", "门店前置 01", "门店前置 02", "中间件 01", "中间件 02"),
    *("邮件网关 01", "日志审计 01", "监控管理 01", "堡垒机 01", "测试主机 01", "测试主机 02"),
    *("接口服务 01", "接口服务 02", "影像服务 01", "影像服务 02", "补丁服务 01", "时钟服务 01"),
)
DATABASES = {
    "company": ("Oracle ERP 库", "Oracle HR 库", "Oracle BI 库", "Oracle POS 库", "Oracle DWH 库"),
    "hospital": ("Oracle HIS 库", "Oracle LIS 库", "Oracle PACS 库", "Oracle EMR 库"),
}


def full_name(chance: Random) -> str:
    """Give a name such as a person in Guangdong may have."""
    return chance.choice(SURNAMES) + chance.choice(GIVEN)
