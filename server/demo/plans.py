"""The service plans of the demo company and the rounds due by them. Rule: dated by today.

Each plan says when its current round is due, in days from today; its rule and its first day follow
from that, so that two rounds lie behind and one is open whatever the day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from schemas.base import Words
from schemas.kinds.template import Category
from schemas.kinds.work import Plan
from schemas.problems import FieldProblem
from server.demo.assets import Unit, site_id
from server.demo.cast import BACKUP, BACKUP_SITES, PEOPLE, engineer_at
from server.demo.mint import ZONE, Mint
from server.demo.progress import PROGRESS, UNTOUCHED, Progress
from sync.schedule import Planned, generate

ROUNDS = 3  # Two behind, one open.
ROOMS: tuple[Category, ...] = ("server-room", "cold-aisle", "server", "security")
WHOLE_ROOMS: tuple[Category, ...] = (*ROOMS, "network", "ups", "air-conditioner")
OFFICES: tuple[Category, ...] = ("desktop", "printer")
DAY_OF_MONTH_MAX = 28  # A rule by month passes over months without its day.


class PlanSpec(Struct, frozen=True, kw_only=True):
    """A plan every so many months. `due` counts from today; a round is open for about two weeks.

    `engineers` names who goes where it is not the engineer of the site.
    """

    key: str
    customer: str
    title: Words
    categories: tuple[Category, ...]
    sites: tuple[str, ...]
    months: int
    due: int
    engineers: Mapping[str, str] = {}


class RoundSpec(Struct, frozen=True, kw_only=True):
    """A round to be: `number` 0 and 1 are behind, 2 is open."""

    plan: PlanSpec
    plan_id: UUID
    site: str
    number: int
    dates: Planned
    units: tuple[Unit, ...]
    assignee: str
    backup: str | None

    @property
    def progress(self) -> Progress:
        """Tell how far it has come, if it is the open one."""
        return PROGRESS.get((self.plan.key, self.site), UNTOUCHED)

    @property
    def is_closed(self) -> bool:
        """Whether all its work is accepted and archived."""
        return self.number < ROUNDS - 1 or self.progress.closed


def words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


PLANS = (
    PlanSpec(
        key="sf-rooms",
        customer="suifeng",
        title=words("机房季度巡检", "Quarterly server room round"),
        categories=ROOMS,
        sites=("tianhe", "panyu"),
        months=3,
        due=0,
    ),
    PlanSpec(
        key="sf-power",
        customer="suifeng",
        title=words("UPS 与精密空调", "UPS and air conditioning"),
        categories=("ups", "air-conditioner"),
        sites=("tianhe", "panyu"),
        months=3,
        due=0,
    ),
    PlanSpec(
        key="sf-network",
        customer="suifeng",
        title=words("网络设备巡检", "Network devices"),
        categories=("network",),
        sites=("tianhe", "panyu", "xiangzhou"),
        months=3,
        due=1,
    ),
    PlanSpec(
        key="sf-data",
        customer="suifeng",
        title=words("数据库与备份巡检", "Databases and backup"),
        categories=("database", "backup"),
        sites=("tianhe", "panyu"),
        months=3,
        due=3,
        engineers={"tianhe": "zhou", "panyu": "zhou"},
    ),
    PlanSpec(
        key="sf-pos",
        customer="suifeng",
        title=words("POS 终端半年巡检", "Half-yearly POS round"),
        categories=("pos", "network"),
        sites=("chancheng", "duanzhou"),
        months=6,
        due=-1,
    ),
    PlanSpec(
        key="sf-desktop",
        customer="suifeng",
        title=words("桌面终端半年巡检", "Half-yearly desktop round"),
        categories=OFFICES,
        sites=("tianhe", "panyu", "xiangzhou", "chancheng", "duanzhou"),
        months=6,
        due=6,
    ),
    PlanSpec(
        key="yw-rooms",
        customer="yuewan",
        title=words("网点机房季度巡检", "Quarterly branch equipment round"),
        categories=WHOLE_ROOMS,
        sites=("futian", "gongbei", "hengqin"),
        months=3,
        due=-2,
    ),
    PlanSpec(
        key="yw-desktop",
        customer="yuewan",
        title=words("网点终端半年巡检", "Half-yearly branch desktops"),
        categories=OFFICES,
        sites=("futian", "gongbei", "hengqin"),
        months=6,
        due=9,
    ),
    PlanSpec(
        key="kh-rooms",
        customer="kanghe",
        title=words("机房季度巡检", "Quarterly server room round"),
        categories=(*WHOLE_ROOMS, "database", "backup"),
        sites=("nanhai", "shunde"),
        months=3,
        due=5,
    ),
    PlanSpec(
        key="kh-desktop",
        customer="kanghe",
        title=words("诊室终端半年巡检", "Half-yearly clinic desktops"),
        categories=OFFICES,
        sites=("nanhai", "shunde"),
        months=6,
        due=12,
    ),
    PlanSpec(
        key="xl-rooms",
        customer="xunling",
        title=words("仓库机房季度巡检", "Quarterly warehouse equipment round"),
        categories=WHOLE_ROOMS,
        sites=("yantian", "baoan", "huangpu"),
        months=3,
        due=4,
    ),
    PlanSpec(
        key="xl-desktop",
        customer="xunling",
        title=words("仓库终端半年巡检", "Half-yearly warehouse desktops"),
        categories=OFFICES,
        sites=("yantian", "baoan", "huangpu"),
        months=6,
        due=7,
    ),
    PlanSpec(
        key="hl-rooms",
        customer="hengli",
        title=words("机房季度巡检", "Quarterly server room round"),
        categories=(*WHOLE_ROOMS, "database", "backup"),
        sites=("gaoxin", "sihui"),
        months=3,
        due=8,
    ),
    PlanSpec(
        key="hl-desktop",
        customer="hengli",
        title=words("桌面终端半年巡检", "Half-yearly desktop round"),
        categories=OFFICES,
        sites=("gaoxin", "sihui"),
        months=6,
        due=10,
    ),
    PlanSpec(
        key="bf-pos",
        customer="baifu",
        title=words("门店设备半年巡检", "Half-yearly shop round"),
        categories=("pos", "network", "desktop", "printer"),
        sites=("kejiyuan", "jingan", "beijinglu"),
        months=6,
        due=2,
    ),
)


def plan_id(mint: Mint, spec: PlanSpec) -> UUID:
    return mint.id(f"plan/{spec.key}")


def make_plan(
    mint: Mint, spec: PlanSpec, *, contract: UUID, templates: Mapping[Category, UUID]
) -> Plan:
    """Give the plan whose current round is due as the spec says."""
    due = mint.day(spec.due)
    window_days = next(days for days in range(14, 19) if _begins(due, days).day <= DAY_OF_MONTH_MAX)
    return Plan(
        title=spec.title,
        contract=contract,
        sites=tuple(site_id(mint, site) for site in spec.sites),
        categories=spec.categories,
        templates={one: templates[one] for one in spec.categories},
        rrule=f"FREQ=MONTHLY;INTERVAL={spec.months}",
        starts_on=_months_before(_begins(due, window_days), spec.months * (ROUNDS - 1)),
        window_days=window_days,
    )


def make_rounds(mint: Mint, spec: PlanSpec, plan: Plan, units: Sequence[Unit]) -> list[RoundSpec]:
    """Let the plan generate its rounds up to the open one, site by site."""
    named = plan_id(mint, spec)
    zones = dict.fromkeys(plan.sites, ZONE)
    found = generate(named, plan, zones=zones, first=plan.starts_on, last=mint.today)
    assert not isinstance(found, FieldProblem), found
    keys = dict(zip(plan.sites, spec.sites, strict=True))
    occurrences = sorted({one.occurrence for one in found})
    assert len(occurrences) == ROUNDS, f"{spec.key}: {occurrences} until {mint.today}"
    rounds = []
    for dates in found:
        site = keys[dates.site]
        assignee = spec.engineers.get(site) or engineer_at(site)
        rounds.append(
            RoundSpec(
                plan=spec,
                plan_id=named,
                site=site,
                number=occurrences.index(dates.occurrence),
                dates=dates,
                units=tuple(
                    unit
                    for unit in units
                    if unit.site == site
                    and unit.asset.category in spec.categories
                    and unit.since < dates.occurrence
                ),
                assignee=assignee,
                backup=_backup(site, assignee),
            )
        )
    return rounds


def _begins(due: date, window_days: int) -> date:
    return due - timedelta(days=window_days - 1)


def _months_before(day: date, months: int) -> date:
    """Go back by months; the day of the month must be one that every month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return day.replace(year=year, month=month + 1)


def _backup(site: str, assignee: str) -> str | None:
    """Name another engineer of the site, or at some sites the backup engineer."""
    granted = (one.login for one in PEOPLE if one.role == "engineer" and site in one.sites)
    other = next((login for login in granted if login != assignee), None)
    return other or (BACKUP if site in BACKUP_SITES else None)
