"""Days on site of the demo's rounds, with what the customer said and signed. Rule: as they were."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from schemas.kinds.work import CustomerProblem, Visit
from server.demo.assets import site_id
from server.demo.cast import BY_LOGIN
from server.demo.history import SITE_SPECS, Job, MadeRecord, Worked, person_id, scope_of
from server.demo.mint import ZONE, Mint
from server.demo.plans import RoundSpec
from server.demo.tablets import Given, sign
from server.statement import Coverage, content

TOLD = (
    "月末报表时段查询变慢，希望评估。",
    "三楼无线网络下午不稳定。",
    "机房门禁偶尔刷卡无反应。",
    "希望增加一台备用打印机。",
    "空调凝水声较大，晚上值班能听到。",
)


Days = Sequence[tuple[Job, Worked]]  # What was done in a round.


def make_visits(mint: Mint, spec: RoundSpec, worked: Days) -> Iterator[MadeRecord]:
    """Give one visit per day of work, signed by the contact when the round was over."""
    contact, title = SITE_SPECS[spec.site].contact
    for day in sorted({day_on(job) for job, _ in worked}):
        of_day = [job for job, _ in worked if day_on(job) == day]
        start = of_day[0].at - timedelta(minutes=10)
        end = of_day[-1].at + timedelta(minutes=30)
        id_ = mint.id(f"visit/{spec.dates.id}/{day}", at=start)
        scope, chance = scope_of(mint, spec), mint.chance(f"visit/{id_}")
        problems = {}
        if chance.random() < 0.3:
            told = CustomerProblem(text=chance.choice(TOLD), at=start + timedelta(minutes=30))
            problems[mint.id(f"problem/{id_}", at=start)] = told
        record = Visit(
            site=site_id(mint, spec.site),
            assignment=spec.dates.id,
            engineer=person_id(mint, spec.assignee),
            engineer_name=BY_LOGIN[spec.assignee].name,
            started_at=start,
            ended_at=end,
            contact=contact,
            problems=problems,
        )
        yield MadeRecord("visit", id_, scope, record)
        if spec.is_closed:
            signature = mint.id(f"signature/{id_}", at=end)
            given = Given(id=signature, of=id_, name=contact, title=title, at=end)
            shown = content(coverage(spec, id_, record, worked, day), "zh-CN")
            yield MadeRecord("signature", signature, scope, sign(mint, spec.assignee, given, shown))


def coverage(spec: RoundSpec, id_: UUID, visit: Visit, worked: Days, day: date) -> Coverage:
    """Say what a signature over the visit of a day stands for, as it was that evening."""
    done = {job.unit.id for job, _ in worked if day_on(job) <= day}
    covered = (one.covered for job, one in worked if day_on(job) == day)
    return Coverage(
        id=id_,
        visit=visit,
        site_name=SITE_SPECS[spec.site].name,
        local=visit.started_at.astimezone(ZONE),
        inspections=tuple(one for one in covered if one is not None),
        not_inspected=tuple(unit.asset.name for unit in spec.units if unit.id not in done),
    )


def day_on(job: Job) -> date:
    return job.at.astimezone(ZONE).date()
