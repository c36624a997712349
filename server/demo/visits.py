"""Days on site of the demo's rounds, with what the customer said and signed. Rule: as they were."""

from collections.abc import Iterator
from datetime import timedelta

from schemas.kinds.work import CustomerProblem, Visit
from server.demo.assets import site_id
from server.demo.cast import BY_LOGIN
from server.demo.history import SITE_SPECS, Job, Made, person_id, scope_of, sign
from server.demo.mint import ZONE, Mint
from server.demo.plans import RoundSpec
from server.statement import MEANING, day_of
from sync.ids import inspection_id

TOLD = (
    "月末报表时段查询变慢，希望评估。",
    "三楼无线网络下午不稳定。",
    "机房门禁偶尔刷卡无反应。",
    "希望增加一台备用打印机。",
    "空调凝水声较大，晚上值班能听到。",
)


def make_visits(mint: Mint, spec: RoundSpec, jobs: list[Job]) -> Iterator[Made]:
    """Give one visit per day of work, signed by the contact when the round was over."""
    contact, title = SITE_SPECS[spec.site].contact
    for day in sorted({job.at.astimezone(ZONE).date() for job in jobs}):
        of_day = [job for job in jobs if job.at.astimezone(ZONE).date() == day]
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
        yield Made("visit", id_, scope, record)
        if spec.is_closed:
            site, name = SITE_SPECS[spec.site].name, record.engineer_name
            said = f"{day_of(start.astimezone(ZONE), 'zh-CN')}，{name}在{site}"
            document = {
                "of": str(id_),
                "of_kind": "visit",
                "site": site,
                "engineer": name,
                "statement": [f"{said}巡检设备 {len(of_day)} 台。", MEANING["zh-CN"]],
                "problems": [told.text for _, told in sorted(problems.items())],
                "inspections": [str(inspection_id(spec.dates.id, one.unit.id)) for one in of_day],
                "signer": {"role": "contact", "name": contact, "title": title},
                "signed_at": end.isoformat(),
            }
            signed = sign(document, of=id_, of_kind="visit", name=contact, at=end, title=title)
            yield Made("signature", mint.id(f"signature/{id_}", at=end), scope, signed)
