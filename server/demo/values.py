"""What is usually read off each kind of device: numbers, ages, choices, words. Rule: data, no code.

Keys are item ids of the packs, or `template.item` where one id means different things. What is not
listed is taken from the item itself, so a pack may grow without this file.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Usual(Struct, frozen=True):
    """A reading: `middle`, how far devices lie apart, how far visits do, and growth per visit."""

    middle: float
    apart: float = 0.0
    visits: float = 0.0
    growth: float = 0.0


NUMBERS: Mapping[str, Usual] = MappingProxyType(
    {
        # Rooms and aisles.
        "room_temp": Usual(22.8, 0.5, 0.4),
        "room_humidity": Usual(47, 2, 2),
        "temp_change": Usual(0.8, 0.2, 0.2),
        "temp_change_tape": Usual(0.7, 0.2, 0.2),
        "monitor_temp": Usual(22.9, 0.5, 0.3),
        "battery_area_temp": Usual(23.6, 0.6, 0.4),
        "aux_temp": Usual(24.2, 0.6, 0.4),
        "aux_humidity": Usual(55, 3, 2),
        "mains_voltage": Usual(224, 1.5, 1),
        "neutral_earth_voltage": Usual(0.6, 0.2, 0.1),
        "terminal_temp": Usual(38, 3, 2),
        "gas_pressure": Usual(4.25, 0.05, 0.02),
        "video_days": Usual(96, 2, 1),
        "temp": Usual(22.4, 0.4, 0.3),
        "humidity": Usual(48, 2, 1),
        "floor_pressure": Usual(26, 3, 2),
        # Power and cooling.
        "input_voltage": Usual(226, 2, 2),
        "input_frequency": Usual(50.0, 0.01, 0.01),
        "output_voltage": Usual(220.1, 0.3, 0.2),
        "output_frequency": Usual(50.0, 0.01, 0.01),
        "load_percent": Usual(38, 8, 2, 1),
        "load_l1": Usual(38, 3, 2),
        "load_l2": Usual(40, 3, 2),
        "load_l3": Usual(37, 3, 2),
        "battery_runtime": Usual(64, 8, 2, -1),
        "battery_temp": Usual(24.3, 0.6, 0.5),
        "float_voltage": Usual(216.8, 0.6, 0.3),
        "charge_current": Usual(0.6, 0.1, 0.1),
        "battery_voltage": Usual(13.55, 0.03, 0.02),
        "battery_resistance": Usual(4.2, 0.3, 0.05, 0.1),
        "set_temp": Usual(23),
        "return_temp": Usual(25.4, 0.5, 0.4),
        "return_humidity": Usual(50, 2, 2),
        "supply_temp": Usual(15.6, 0.4, 0.3),
        "fan_current": Usual(6.8, 0.4, 0.1),
        "compressor_current": Usual(18.2, 1.2, 0.4),
        "suction_pressure": Usual(0.52, 0.02, 0.01),
        "discharge_pressure": Usual(1.86, 0.06, 0.03),
        "water_in": Usual(9.2, 0.5, 0.3),
        "water_out": Usual(14.8, 0.4, 0.3),
        "valve_percent": Usual(54, 8, 4),
        # Servers, network, databases, backup.
        "inlet_temp": Usual(23.0, 0.8, 0.5),
        "fan_speed": Usual(5_200, 300, 100),
        "disk_life": Usual(95, 2, 0.2, -1),
        "server.uptime_days": Usual(120, 50, 0, 60),
        "network.uptime_days": Usual(240, 80, 0, 90),
        "server.cpu_percent": Usual(28, 8, 3, 1),
        "server.memory_percent": Usual(54, 7, 2, 1),
        "used_percent": Usual(54, 9, 1, 4),
        "clock_offset": Usual(0.0, 0.1, 0.1),
        "paging_percent": Usual(12, 4, 2),
        "failed_paths": Usual(0),
        "chassis_temp": Usual(38, 3, 1),
        "network.cpu_percent": Usual(14, 5, 2),
        "network.memory_percent": Usual(42, 6, 2),
        "session_count": Usual(42_000, 8_000, 3_000),
        "session_capacity": Usual(500_000),
        "access_points_down": Usual(0),
        "rx_power_lr": Usual(-6.2, 1, 0.2),
        "rx_power_sr": Usual(-4.4, 0.6, 0.2),
        "rx_power_other": Usual(-5.0, 0.6, 0.2),
        "tx_power": Usual(-2.4, 0.3, 0.1),
        "flaps": Usual(0),
        "port_use_peak": Usual(28, 8, 3, 2),
        "alert_errors": Usual(0),
        "session_percent": Usual(34, 6, 3),
        "standby_lag": Usual(1, 0.3, 0.3),
        "size_gb": Usual(512),
        "used_gb": Usual(296, 40, 4, 18),
        "archive_percent": Usual(38, 6, 4),
        "recovery_area_percent": Usual(42, 6, 4),
        "buffer_hit": Usual(98.4, 0.4, 0.2),
        "slow_statements": Usual(1, 0.5, 0.5),
        "invalid_objects": Usual(0),
        "password_days_left": Usual(64, 10, 5),
        "job_minutes": Usual(96, 20, 6, 6),
        "runs": Usual(30),
        "failures": Usual(0),
        "pool_total": Usual(48),
        "pool_free": Usual(21, 2, 0.2, -1.2),
        "daily_growth": Usual(0.06, 0.01, 0.004),
        "blank_tapes": Usual(14, 2, 1),
        "media_errors": Usual(0),
        "retention_days": Usual(90),
        # Desktop devices.
        "disk_free_percent": Usual(48, 12, 2, -3),
        "disk_hours": Usual(7_200, 1_500, 50, 600),
        "boot_seconds": Usual(38, 8, 3, 2),
        "battery_health": Usual(84, 4, 0.5, -2),
        "jams": Usual(0, 0.4, 0.4),
        "cartridge_percent": Usual(58, 14, 14),
        "fuser_life": Usual(72, 8, 1, -4),
        "adapter_voltage": Usual(9.06, 0.05, 0.03),
        "battery_percent": Usual(94, 1.5, 1),
        "signal_dbm": Usual(-76, 5, 3),
        "sale_seconds": Usual(6, 1, 1),
        # Security.
        "account_count": Usual(26, 4, 1),
        "stale_accounts": Usual(0),
        "admin_accounts": Usual(2),
        "password_length": Usual(12),
        "lockout_attempts": Usual(5),
        "high_risks": Usual(0),
        "medium_risks": Usual(2, 1, 1),
        "log_days": Usual(210, 10, 3),
    }
)

# Counters: at the first visit, and how much they grow by until the next.
COUNTERS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "page_counter": (24_000, 3_600),
        "scan_counter": (9_000, 1_200),
        "compressor_hours": (11_400, 980),
        "drive_hours": (2_100, 160),
        "discharge_count": (11, 1),
        "crc_errors": (0, 3),
    }
)

# Days before the visit, from and to; negative lies ahead.
AGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "filter_replaced": (15, 120),
        "battery_installed": (200, 1_200),
        "last_discharge_test": (20, 150),
        "last_full_backup": (1, 6),
        "drive_cleaned": (5, 70),
        "offsite_date": (1, 6),
        "drill_date": (20, 150),
        "server.patch_date": (20, 150),
        "desktop.patch_date": (4, 45),
        "database.patch_date": (40, 300),
        "security.patch_date": (10, 80),
        "antivirus_date": (0, 4),
        "backup_date": (0, 1),
        "restore_test": (20, 150),
        "config_backup": (3, 80),
        "parameter_date": (10, 150),
        "takeover_drill": (30, 330),
        "account_review": (10, 80),
        "protection_date": (0, 5),
        "calibration_expiry": (-330, -60),
        "extinguisher_expiry": (-700, -90),
        "gas_bottle_expiry": (-900, -200),
    }
)

# Options: of several, each visit takes one of them. Otherwise the first that is normal.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ups_mode": ("online",),
        "run_state": ("running",),
        "functions": ("humidifier,heater", "humidifier"),
        "db_version": ("v19c",),
        "optic": ("lr", "sr", "lr", "copper"),
        "raid_state": ("optimal",),
        "cluster_state": ("stable",),
        "account_kind": ("domain", "domain", "local"),
        "connection": ("network", "network", "usb"),
        "link": ("wired", "mobile"),
        "server-room.work_done": ("floor,racks", "racks,cables", "floor"),
        "air-conditioner.work_done": ("filter_washed", "filter_washed,drain_cleared"),
        "printer.work_done": ("dust,rollers", "dust", "dust,glass"),
        "satisfaction": ("good", "good", "good", "fair"),
        "problems_result": ("solved",),
        "cartridge_colour": ("black",),
    }
)

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "instrument": "TH-2206-0147",
        "server.firmware_level": "iBMC 3.84，BIOS 8.29",
        "database.patch_level": "19.24.0.0.240716",
        "security.patch_level": "已装至上月补丁",
        "firmware_version": "V200R022C10SPC500",
        "driver_version": "4.2.1",
        "app_version": "V3.8.12",
        "checked_with": "登录核对与端口扫描",
        "alert_note": "ORA-01555 快照过旧，出现在夜间批处理时段",
        "os_error_note": "kernel: mce: [Hardware Error] CPU 1 Bank 7，内存可纠正错误",
        "unwanted_names": "网络游戏平台客户端，已当面卸载并告知使用人",
        "extra_ports": "8081：旧报表服务，已联系应用方确认下线",
        "slow_statement_note": "SQL_ID 7gh2k9x3c1mzp，月末对账汇总",
        "user_problems": "月末报表时段电脑变慢，希望评估",
    }
)

# How many elements a group has, and what they are called.
ELEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "disks": ("0 号盘", "1 号盘", "2 号盘", "3 号盘"),
        "filesystems": ("/", "/u01", "/backup"),
        "psu_modules": ("PSU1", "PSU2"),
        "fan_modules": (),
        "uplinks": ("上联 1", "上联 2"),
        "tablespaces": ("SYSTEM", "USERS", "ERP_DATA", "ERP_INDEX"),
        "job_list": ("数据库全备", "文件增量", "虚拟机快照"),
        "batteries": tuple(f"{number:02d} 号" for number in range(1, 17)),
        "cartridges": ("黑色粉盒",),
    }
)
