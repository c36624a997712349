"""The demo company holds what it promises, whatever the day. Rule: the product itself judges."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from schemas.forms import Answer, Form, Group
from schemas.kinds import KINDS
from schemas.kinds.asset import Asset
from schemas.kinds.evidence import Finding
from schemas.kinds.inspection import Inspection
from schemas.kinds.template import Template
from schemas.kinds.work import Assignment, Plan
from server.demo.company import make_company
from server.demo.faults import FAULTS
from server.demo.mint import Mint
from server.demo.plans import PLANS, ROUNDS, make_plan, make_rounds, plan_id
from server.settings import Settings
from server.store.seed import Seed
from sync import tags
from sync.access import Access, Duty, Grant, Place, covers, device_scopes
from sync.forms import Evaluation, answer_problem, evaluate
from sync.ids import inspection_id, member_id, tag_id
from sync.schedule import assignment_id, generate
from sync.scopes import fixed_scope, home_record
from tests.fixtures.demo_company import (
    CHINA,
    MORNING,
    TODAY,
    by_id,
    children_of,
    company,
    of_kind,
)

README = Path(__file__).parents[2] / "README.md"
ROLES = {"engineer", "supervisor", "desk", "quality", "project-manager", "administrator"}
# Where a record names another; what is not a record is a person.
REFERENCES = {
    "contract": ("customer",),
    "plan": ("contract", "sites", "templates"),
    "room": ("site",),
    "asset": ("site", "room"),
    "tag": ("asset",),
    "member": ("site", "person"),
    "assignment": ("site", "plan", "assignee", "backup"),
    "visit": ("site", "assignment", "engineer"),
    "inspection": ("asset", "template", "assignment", "inspector"),
    "finding": ("asset", "inspection"),
    "attachment": ("parent",),
    "signature": ("of",),
}


def test_one_seed_and_day_give_the_same_bytes_and_another_seed_others() -> None:
    again = make_company(seed=1, today=TODAY)
    assert msgspec.json.encode(again) == msgspec.json.encode(company())
    other = make_company(seed=2, today=TODAY)
    assert msgspec.json.encode(other) != msgspec.json.encode(company())


def test_it_is_as_large_as_it_is_said_to_be() -> None:
    made = company()
    assert made.count("customer") >= 5
    assert made.count("contract") >= made.count("customer")
    assert made.count("site") >= 14
    assert made.count("asset") >= 1_600
    assert made.count("finding") >= 60
    cities = {str(one.data["city"]) for one in made.records if one.kind == "site"}
    assert cities == {"珠海", "深圳", "肇庆", "广州", "佛山"}
    roles = Counter(
        {
            person.id: grant.role
            for person in made.people
            for grant in made.grants
            if grant.person == person.id
        }.values()
    )
    assert set(roles) == ROLES
    assert roles["engineer"] >= 6
    assert roles["supervisor"] >= 2


def test_every_record_is_what_its_kind_says_and_there_once() -> None:
    for one in company().records:
        made = msgspec.convert(one.data, KINDS[one.kind].struct)
        assert made == msgspec.json.decode(msgspec.json.encode(one.data), type=type(made))
        assert set(one.data) <= set(KINDS[one.kind].fields)
    assert len(by_id()) == len(company().records)


def test_every_name_of_another_record_or_person_leads_to_it() -> None:
    known = {str(id_) for id_ in by_id()} | {str(one.id) for one in company().people}
    for one in company().records:
        for field in REFERENCES.get(one.kind, ()):
            value = one.data.get(field)
            named = value if isinstance(value, list | tuple) else [value]
            named = list(value.values()) if isinstance(value, dict) else named
            assert all(name is None or name in known for name in named), (one.kind, field)
    for grant in company().grants:
        places = (grant.customer, grant.contract, grant.site)
        assert sum(place is not None for place in places) == (grant.role != "administrator")
        assert all(place is None or place in by_id() for place in places)


def test_every_record_lies_in_its_home_or_closed_in_the_archive_of_its_site() -> None:
    scopes = {one.id: one.scope for one in company().records}
    closed = {"assignment", "visit", "inspection", "finding", "attachment", "signature"}
    for one in company().records:
        home = home_record(one.kind, one.data)
        expected = fixed_scope(one.kind, one.id, one.data) or scopes[home or one.id]
        if one.scope != expected:
            assert one.kind in closed
            assert one.scope == expected.replace("site:", "archive:")


def test_ids_that_follow_from_others_do() -> None:
    for one, made in of_kind("inspection", Inspection):
        assert made.assignment is not None
        assert one.id == inspection_id(made.assignment, made.asset)
    for one, round_ in of_kind("assignment", Assignment):
        assert round_.plan is not None
        assert round_.occurrence is not None
        assert one.id == assignment_id(round_.plan, round_.site, round_.occurrence)
    for one in company().records:
        if one.kind == "member":
            site, person = (UUID(str(one.data[name])) for name in ("site", "person"))
            assert one.id == member_id(site, person)


def test_every_asset_has_a_tag_that_scans_and_the_batch_is_blank() -> None:
    bound = {str(one.data["asset"]): one for one in company().records if one.kind == "tag"}
    claims = {claim.code: claim for claim in company().claims}
    assert len(claims) == len(company().claims)
    for one, _ in of_kind("asset", Asset):
        tag = bound[str(one.id)]
        code = str(tag.data["code"])
        assert tags.parse(tags.address("https://elsewhere.example", code)) == tags.Tag(code)
        assert tags.parse(tags.display(code)) == tags.Tag(code)
        assert tag.id == tag_id(code)
        assert (claims[code].asset, claims[code].scope) == (one.id, one.scope)
    blank = [claim for claim in company().claims if claim.asset is None]
    assert len(blank) == 60
    assert all(tags.is_code(claim.code) and claim.batch for claim in blank)


def test_no_two_devices_share_a_serial_number_or_an_asset_number() -> None:
    assets = [made for _, made in of_kind("asset", Asset)]
    serials = [(made.maker, made.serial) for made in assets if made.serial]
    assert len(set(serials)) == len(serials) >= 1_500
    assert len({made.number for made in assets}) == len(assets)
    service_tags = [made.serial for made in assets if made.maker == "戴尔"]
    assert service_tags
    assert all(re.fullmatch("[0-9A-Z]{7}", serial) for serial in service_tags)


# --- Rounds ---


def test_rounds_are_due_today_and_overdue_and_none_lies_in_the_future() -> None:
    open_ = [made for _, made in of_kind("assignment", Assignment) if made.state != "closed"]
    left = {(made.due_at.astimezone(CHINA).date() - TODAY).days: made for made in open_}
    assert {-2, -1, 0, 1} <= set(left)
    assert all(made.starts_at < MORNING for made in open_)
    assert {made.state for made in open_} == {"issued", "started", "done"}
    assert any("接手自" in made.note for made in open_)


def test_work_that_was_done_was_done_before_today() -> None:
    for _, made in of_kind("inspection", Inspection):
        instants = [made.started_at, made.step.at, made.review.at if made.review else None]
        assert all(at is None or at < MORNING for at in instants)
        assert made.started_at is not None
        assert made.started_at < MORNING
    assert all(made.found_at < MORNING for _, made in of_kind("finding", Finding))


def test_the_states_of_work_are_all_there() -> None:
    steps = Counter(
        (made.step.step, made.step.round, made.review.decision if made.review else None)
        for _, made in of_kind("inspection", Inspection)
    )
    assert 10 <= steps["submitted", 1, None] <= 40
    assert steps["draft", 1, None] == 1
    assert steps["draft", 2, "returned"] == 1
    assert steps["submitted", 1, "accepted"] > 1_000
    found = Counter(made.step.step for _, made in of_kind("finding", Finding))
    assert set(found) == {"open", "planned", "fixed", "verified", "accepted-risk"}


def test_nobody_reviewed_their_own_work() -> None:
    reviewed = [made for _, made in of_kind("inspection", Inspection) if made.review]
    assert all(made.review and made.review.reviewer != made.inspector for made in reviewed)


def test_most_of_each_closed_round_was_inspected() -> None:
    inspected = Counter(made.assignment for _, made in of_kind("inspection", Inspection))
    closed = [one for one in of_kind("assignment", Assignment) if one[1].state == "closed"]
    targets = sum(len(made.targets) for _, made in closed)
    assert 0.9 < sum(inspected[one.id] for one, _ in closed) / targets < 1


@pytest.mark.parametrize("spec", PLANS, ids=lambda spec: spec.key)
def test_on_any_day_of_a_year_two_rounds_lie_behind_one_is_open_and_none_is_made_soon(
    spec: object,
) -> None:
    plan_spec = next(one for one in PLANS if one is spec)
    templates = {category: UUID(int=1) for category in plan_spec.categories}
    for days in range(366):
        mint = Mint(1, date(2024, 1, 1) + timedelta(days=days))
        plan = make_plan(mint, plan_spec, contract=UUID(int=2), templates=templates)
        rounds = make_rounds(mint, plan_spec, plan, ())
        newest = max(one.dates.due_at for one in rounds).astimezone(CHINA).date()
        assert (newest - mint.today).days == plan_spec.due
        assert {one.number for one in rounds} == set(range(ROUNDS))
        assert date(mint.today.year - 2, 7, 1) <= plan.starts_on  # The contract's first day.
        ahead = mint.today + timedelta(days=Settings().rounds_days)
        zones = dict.fromkeys(plan.sites, CHINA)
        id_ = plan_id(mint, plan_spec)
        assert generate(id_, plan, zones=zones, first=mint.today, last=ahead) == ()


# --- Answers ---


@cache
def forms() -> Mapping[UUID, Template]:
    return {one.id: made for one, made in of_kind("template", Template)}


def items_by_path(form: Form) -> dict[str, object]:
    found: dict[str, object] = {}
    for section in form.sections:
        for item in section.items:
            found[item.id] = item
            if isinstance(item, Group):
                found |= {f"{item.id}.{inner.id}": inner for inner in item.items}
    return found


def judged(one: Seed, made: Inspection) -> Evaluation:
    children = children_of().get(str(one.id), [])
    photos = Counter(str(child.data["item"]) for child in children if child.kind == "attachment")
    serial = by_id()[made.asset].data.get("serial")
    assert made.started_at is not None
    return evaluate(
        forms()[made.template].form,
        made.answers,
        made.elements,
        photos=photos,
        signatures={str(child.data["item"]) for child in children if child.kind == "signature"},
        previous={},
        asset_serial=serial if isinstance(serial, str) else None,
        today=made.started_at.astimezone(CHINA).date(),
    )


def test_every_answer_is_one_that_its_form_takes_and_shows() -> None:
    for one, made in of_kind("inspection", Inspection):
        evaluation = judged(one, made)
        shown = {path for path, state in evaluation.items.items() if state.shown}
        known = items_by_path(forms()[made.template].form)
        given: dict[str, Answer | None] = dict(made.answers)
        for key, element in made.elements.items():
            given |= {
                f"{element.group}.{key}.{it}": answer for it, answer in element.answers.items()
            }
        assert set(given) <= shown
        for path, answer in given.items():
            parts = path.split(".")
            item = known[path if len(parts) == 1 else f"{parts[0]}.{parts[-1]}"]
            assert answer is not None
            assert answer_problem(item, answer) is None, path  # type: ignore[arg-type]
        if made.step.step == "submitted":
            assert not evaluation.totals.missing
            assert not evaluation.totals.incomplete


def test_what_is_abnormal_says_how_bad_it_is_and_what_was_seen() -> None:
    abnormal = 0
    for one, made in of_kind("inspection", Inspection):
        answers = [*made.answers.values()]
        answers += [answer for part in made.elements.values() for answer in part.answers.values()]
        told = [answer for answer in answers if answer and answer.severity is not None]
        verdicts = judged(one, made).totals
        assert bool(told) == (verdicts.abnormal > 0)
        assert all(answer.note for answer in told)
        abnormal += bool(told)
    assert 60 <= abnormal <= 300


def test_the_newest_accepted_readings_are_on_the_asset() -> None:
    newest: dict[tuple[UUID, UUID], tuple[Seed, Inspection]] = {}
    for one, made in of_kind("inspection", Inspection):
        if made.review is None or made.review.decision != "accepted":
            continue
        key = (made.asset, made.template)
        assert made.step.at is not None
        before = newest.get(key)
        if before is None or (before[1].step.at or MORNING) < made.step.at:
            newest[key] = (one, made)
    for (asset_id, template_id), (one, made) in newest.items():
        asset = msgspec.convert(by_id()[asset_id].data, Asset)
        last = asset.last[forms()[template_id].key]
        assert last.inspection == one.id
        assert (last.at, last.by) == (made.step.at, made.inspector_name)
        states = judged(one, made).items
        for path, state in states.items():
            if not state.shown or state.verdict == "open" or "." not in path:
                continue
            reading = last.readings[path.split(".", 1)[1]]
            assert (reading.value, reading.verdict) == (state.value, state.verdict)
    assert len(newest) > 1_300


def test_every_fault_names_an_item_of_its_checklist() -> None:
    for key, faults in FAULTS.items():
        form = next(made.form for made in forms().values() if made.key == key)
        ids = {path.rpartition(".")[2] for path in items_by_path(form)}
        assert all(fault.item in ids and set(fault.also) <= ids for fault in faults)


# --- What a tablet holds ---


def test_an_engineers_tablet_holds_some_hundreds_of_devices() -> None:
    made = company()
    person = made.person("liang")
    grants = [
        Grant(one.role, one.customer, one.contract, one.site)
        for one in made.grants
        if one.person == person.id
    ]
    places = [Place(site=one.id) for one in made.records if one.kind == "site"]
    duties = [
        Duty(assignment.site, assignment.state, assignment.assignee, assignment.backup)
        for _, assignment in of_kind("assignment", Assignment)
    ]
    scopes = device_scopes(UUID(int=1), person.id, grants=grants, places=places, duties=duties)
    held = Counter(one.kind for one in made.records if one.scope in scopes)
    assert 200 <= held["asset"] <= 600
    assert held["assignment"] >= 8


@pytest.mark.parametrize("days", [0, 47])
def test_the_device_of_the_readmes_walk_is_the_first_engineers_and_not_begun(days: int) -> None:
    other = TODAY + timedelta(days=days)
    made = make_company(seed=1 + days, today=other) if days else company()
    tag = re.search(r"`(\w{4}-\w{4}-\w)` is the tag of (.+?) in ", README.read_text("utf-8"))
    assert tag is not None
    [asset] = [one.asset for one in made.claims if one.asset and tags.display(one.code) == tag[1]]
    [device] = [one for one in made.records if one.id == asset]
    assert device.data["name"] == tag[2]
    rounds = {
        one.id: msgspec.convert(one.data, Assignment)
        for one in made.records
        if one.kind == "assignment"
    }
    theirs = {
        inspection_id(id_, asset)
        for id_, one in rounds.items()
        if one.state != "closed"
        and one.assignee == made.person("liang").id
        and asset in {target.asset for target in one.targets}
    }
    assert theirs
    assert theirs.isdisjoint(one.id for one in made.records if one.kind == "inspection")


def test_the_supervisor_may_decide_where_the_first_engineer_works() -> None:
    made = company()
    access = {
        login: Access(person.id, person.name, tuple(plain), {})
        for login in ("liang", "chen")
        for person in [made.person(login)]
        for plain in [[one.plain for one in made.grants if one.person == person.id]]
    }
    sites = [grant.site for grant in access["liang"].grants]
    for site in sites:
        assert any(covers(grant, Place(site=site)) for grant in access["chen"].grants)


def test_plans_are_quarterly_for_rooms_and_half_yearly_for_desktops() -> None:
    for _, made in of_kind("plan", Plan):
        months = 6 if {"desktop", "pos"} & set(made.categories) else 3
        assert made.rrule == f"FREQ=MONTHLY;INTERVAL={months}"
        assert set(made.templates) == set(made.categories)
