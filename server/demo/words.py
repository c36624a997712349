"""What `demo` says at the terminal, in both languages. Rule: every word is here twice."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.base import Language

Words = Mapping[str, str]

WORDS: Mapping[Language, Words] = MappingProxyType(
    {
        "zh-CN": {
            "making": "首次启动：生成演示公司（种子 {seed}，日期 {today}）",
            "loaded": "载入用时 {seconds:.1f} s",
            "kept": "数据保留自上次（种子 {seed}，首次启动日期 {today}）",
            "people": "人员",
            "tablets": "平板",
            "office": "客户、合同、计划、模板",
            "places": "站点、房间、成员",
            "assets": "资产与标签绑定",
            "rounds": "巡检任务、到场、巡检结果",
            "evidence": "照片说明、签名、隐患",
            "pictures": "照片原件",
            "codes": "标签号码（含空白批次）",
            "engineer": "现场工程师",
            "supervisor": "服务主管",
            "desk": "服务台",
            "quality": "服务质量管理",
            "project-manager": "项目经理",
            "administrator": "系统管理员",
            "sign-in": "办公室登录",
            "trust": "平板先打开此页信任证书",
            "enrol": "平板加入（{name}，一次有效）：打开链接或扫码",
            "stop": "按 Ctrl+C 停止",
            "stopping": "正在停止：先做完手上的请求（再按一次 Ctrl+C 立即停止）",
            "stopped": "已停止",
        },
        "en": {
            "making": "First start: making the demo company (seed {seed}, day {today})",
            "loaded": "Loaded in {seconds:.1f} s",
            "kept": "Data kept from earlier (seed {seed}, first started on {today})",
            "people": "people",
            "tablets": "tablets",
            "office": "customers, contracts, plans, templates",
            "places": "sites, rooms, members",
            "assets": "assets and tag bindings",
            "rounds": "assignments, visits, inspections",
            "evidence": "photo descriptions, signatures, findings",
            "pictures": "photos",
            "codes": "tag codes, with a blank batch",
            "engineer": "Engineer",
            "supervisor": "Supervisor",
            "desk": "Service desk",
            "quality": "Quality",
            "project-manager": "Project manager",
            "administrator": "Administrator",
            "sign-in": "Sign in to the office",
            "trust": "A tablet first opens this page to trust the certificate",
            "enrol": "Enrol a tablet ({name}, works once): open the link or scan the code",
            "stop": "Ctrl+C stops it",
            "stopping": "Stopping: what is begun is finished first (Ctrl+C again stops at once)",
            "stopped": "Stopped",
        },
    }
)
