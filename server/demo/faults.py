"""What goes wrong, and how an engineer writes it down. Rule: each names an item of its pack."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from schemas.forms import Severity, Value


class Fault(Struct, frozen=True, kw_only=True):
    """An abnormal answer, and the finding that comes of it.

    `item` of a group is answered so in its second element, of a grid in its first. `also` are
    answers that belong to it. `note` is what was seen and done, `finding` its title, `advice` what
    to do about it, `part` what was replaced on the spot.
    """

    item: str
    value: Value
    severity: Severity
    note: str
    finding: str
    advice: str
    also: Mapping[str, Value] = {}
    part: str = ""


def fault(
    item: str,
    value: Value,
    severity: Severity,
    *,
    note: str,
    finding: str,
    advice: str,
    also: Mapping[str, Value] | None = None,
    part: str = "",
) -> Fault:
    return Fault(
        item=item,
        value=value,
        severity=severity,
        note=note,
        finding=finding,
        advice=advice,
        also=also or {},
        part=part,
    )


FAULTS: Mapping[str, tuple[Fault, ...]] = MappingProxyType(
    {
        "server": (
            fault(
                *("psu_redundancy", "fail", "major"),
                note="PSU2 指示灯熄灭，PSU1 正常供电。重新插拔后未恢复，需更换电源模块。",
                finding="PSU2 无输出，电源失去冗余",
                advice="更换 PSU2 电源模块，备件已在库。",
            ),
            fault(
                *("inlet_temp", 29.4, "minor"),
                note="冷通道 08 柜上方缺盲板 2 块，热风回流。",
                finding="进风温度高于上限",
                advice="补装盲板，下次复测。",
            ),
            fault(
                *("used_percent", 93, "major"),
                note="/u01 使用率 93 %，已清理 30 天前的跟踪文件，仍需扩容。",
                finding="/u01 空间不足",
                advice="客户评估扩容，或迁走历史归档。",
            ),
            fault(
                *("disk_state", "fail", "major"),
                note="1 号盘黄灯，阵列日志报预测性故障，热备盘未启用。已在线更换，正在重建。",
                finding="1 号盘预测性故障",
                advice="确认重建完成，补备件。",
                part="1 号硬盘",
            ),
            fault(
                *("fan_state", "fail", "minor"),
                note="3 号风扇有异响，转速波动。",
                finding="3 号风扇异响",
                advice="更换风扇模块。",
            ),
            fault(
                *("os_errors", "fail", "minor"),
                note="系统日志有可纠正内存错误 12 次，集中在 DIMM-7。",
                finding="内存可纠正错误增多",
                advice="安排停机更换 DIMM-7。",
            ),
        ),
        "network": (
            fault(
                *("psu_state", "fail", "major"),
                note="2 号电源模块红灯，单电源运行。",
                finding="电源模块故障",
                advice="更换电源模块。",
            ),
            fault(
                *("rx_power_lr", -15.1, "major"),
                note="上联 2 收光 −15.1 dBm，擦拭接头后无改善。",
                finding="上联 2 收光功率过低",
                advice="更换光模块，必要时重做尾纤。",
                also={"optic": "lr"},
            ),
            fault(
                *("fan_state", "fail", "minor"),
                note="风扇框 1 告警，转速低。",
                finding="风扇框告警",
                advice="更换风扇框。",
            ),
            fault(
                *("unused_ports", "fail", "advice"),
                note="11 个闲置端口未关闭。",
                finding="闲置端口未关闭",
                advice="按规范关闭，由客户确认后执行。",
            ),
        ),
        "ups": (
            fault(
                *("battery_look", "swollen", "major"),
                note="02 号电池鼓包，已拍照，未漏液。",
                finding="02 号电池鼓包",
                advice="整组测内阻，更换 02 号电池。",
            ),
            fault(
                *("battery_runtime", 12, "urgent"),
                note="按当前负载估算后备 12 分钟，低于约定 15 分钟。",
                finding="后备时间不足",
                advice="更换电池组，更换前不做停电演练。",
            ),
            fault(
                *("connections", "fail", "major"),
                note="输出端子 L2 热成像 71 °C，已紧固，复测 46 °C。",
                finding="输出端子过热",
                advice="下次停机时更换端子。",
            ),
        ),
        "air-conditioner": (
            fault(
                *("filter", "blocked", "minor"),
                note="过滤网堵塞，回风量偏小，已清洗。",
                finding="过滤网堵塞",
                advice="更换过滤网，改为每月检查。",
            ),
            fault(
                *("drain", "fail", "major"),
                note="冷凝水盘积水约 2 cm，排水管有异物，已疏通。",
                finding="冷凝水排放不畅",
                advice="加装过滤器，一周后复查。",
            ),
        ),
        "server-room": (
            fault(
                *("room_humidity", 66, "minor"),
                note="雨天湿度 66 %，加湿机未停，已改为自动除湿。",
                finding="相对湿度高于上限",
                advice="检查除湿功能，一周内复测。",
            ),
            fault(
                *("clutter", "fail", "minor"),
                note="门后堆放纸箱 5 个，已通知客户清走。",
                finding="机房内堆放易燃物",
                advice="客户当日清理，张贴提示。",
            ),
        ),
        "cold-aisle": (
            fault(
                *("temp", 28.2, "minor"),
                note="列头上部 28.2 °C，顶板有缝隙。",
                finding="冷通道上部超温",
                advice="封堵顶板缝隙，补装盲板。",
            ),
        ),
        "database": (
            fault(
                *("archive_percent", 88, "major"),
                note="归档目录使用率 88 %，备份后删除策略未生效，已手工清理到 52 %。",
                finding="归档目录将满",
                advice="修正 RMAN 删除策略，观察一周。",
            ),
            fault(
                *("default_accounts", "fail", "major"),
                note="SCOTT 账号处于打开状态。",
                finding="默认账号未锁定",
                advice="锁定并记录，由客户确认。",
            ),
        ),
        "backup": (
            fault(
                *("job_result", "failed", "major"),
                note="文件增量作业昨晚失败，原因是目标目录权限变化，已改正并重跑。",
                finding="备份作业失败",
                advice="连续观察三天。",
            ),
        ),
        "security": (
            fault(
                *("stale_accounts", 3, "major"),
                note="3 个离职人员账号未清，名单已交客户。",
                finding="离职账号未清理",
                advice="客户一周内停用，下次复核。",
            ),
        ),
        "desktop": (
            fault(
                *("antivirus", "off", "minor"),
                note="杀毒软件被关闭，已重新启用并加锁。",
                finding="杀毒软件被关闭",
                advice="策略中禁止用户关闭。",
            ),
            fault(
                *("disk_free_percent", 6, "minor"),
                note="系统盘只剩 6 %，已清理缓存。",
                finding="系统盘空间不足",
                advice="把资料移到 D 盘，或换大盘。",
            ),
            fault(
                *("disk_health", "bad", "major"),
                note="SMART 重映射扇区 214，资料已备份到移动硬盘。",
                finding="硬盘即将损坏",
                advice="更换硬盘并重装系统。",
            ),
            fault(
                *("peripheral_faults", ("keyboard",), "minor"),
                note="键盘 3 个键失灵，已换备用键盘。",
                finding="键盘损坏",
                advice="领用新键盘，收回备用件。",
                part="键盘",
            ),
            fault(
                *("unwanted_software", ("sharing",), "minor"),
                note="装有下载共享软件，已卸载。",
                finding="安装未授权软件",
                advice="部门内部提醒。",
            ),
        ),
        "printer": (
            fault(
                *("rollers", "fail", "minor"),
                note="搓纸轮磨损，连续卡纸，已清洁，仍打滑。",
                finding="搓纸轮磨损",
                advice="更换搓纸轮组件。",
            ),
            fault(
                *("test_page", "fail", "minor"),
                note="测试页有竖向黑线，清洁后仍有。",
                finding="打印有竖线",
                advice="更换硒鼓。",
            ),
        ),
        "pos": (
            fault(
                *("receipt_printer", "fail", "minor"),
                note="签购单打印偏淡，热敏头已清洁，略有改善。",
                finding="签购单打印偏淡",
                advice="更换热敏头。",
            ),
            fault(
                *("keypad", "fail", "major"),
                note="数字键 5 需重按。",
                finding="键盘失灵",
                advice="申请换机，原机返厂。",
            ),
        ),
    }
)
