"""Access: the table of roles of docs/model.md, and the laws of grants and scopes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from schemas.base import SCOPES_PER_DEVICE_MAX
from schemas.kinds import KINDS
from schemas.kinds.notices import Role
from sync.access import (
    EVERYBODY,
    EVERYWHERE,
    MAY,
    OFFICE_WRITES,
    Access,
    Action,
    Duty,
    Grant,
    OwnInspection,
    Place,
    TooManyScopes,
    decision_problem,
    demand_holdable,
    device_role,
    device_scopes,
    may,
    may_enrol,
    writer_problem,
)
from sync.errors import NotPermitted

# The table as people read it, one letter a role: e s d q p a, in the order of docs/model.md.
LETTERS: dict[str, Role] = {
    "e": "engineer",
    "s": "supervisor",
    "d": "desk",
    "q": "quality",
    "p": "project-manager",
    "a": "administrator",
}
TABLE: dict[str, str] = {
    "read": "esdqpa",
    "inspect bind sign": "es",
    "ask-signature": "esp",
    "plan assign withdraw describe": "spa",
    "dispatch": "d",
    "accept return decide mend": "sp",
    "propose-follow-up work-case": "e",
    "follow-up": "sp",
    "handle-case": "sdp",
    "call-back": "q",
    "sample": "qp",
    "propose-template": "s",
    "template contract": "pa",
    "people": "a",
    "enrol": "sa",
    "audit export": "spa",
}

IDS = [UUID(int=number) for number in range(1, 6)]
ids = st.sampled_from(IDS)
roles = st.sampled_from(sorted(EVERYBODY))
actions = st.sampled_from(sorted(MAY))
places = st.builds(Place, site=ids, customer=ids, contract=st.none() | ids)
grants = st.builds(
    Grant, role=roles, customer=st.none() | ids, contract=st.none() | ids, site=st.none() | ids
)
duties = st.builds(
    Duty,
    site=ids,
    state=st.sampled_from(["planned", "issued", "started", "done", "closed", "withdrawn"]),
    assignee=st.none() | ids,
    backup=st.none() | ids,
)


def asked(held: list[Grant], action: Action, place: Place) -> bool:
    return may(held, action, site=place.site, customer=place.customer, contract=place.contract)


def access(*held: Grant, person: UUID = IDS[0], sites: tuple[Place, ...] = ()) -> Access:
    known = sites or (Place(IDS[0], IDS[1], IDS[2]),)
    reached = {
        place.site: place
        for place in known
        if place.site is not None
        and any(
            grant.role == "administrator"
            or (grant.site is not None and grant.site == place.site)
            or (grant.customer is not None and grant.customer == place.customer)
            or (grant.contract is not None and grant.contract == place.contract)
            for grant in held
        )
    }
    return Access(person, "Anna", held, reached)


def test_the_table_is_the_one_that_people_read() -> None:
    read = {
        action: {LETTERS[letter] for letter in letters}
        for row, letters in TABLE.items()
        for action in row.split()
    }
    assert read == {action: set(allowed) for action, allowed in MAY.items()}


@given(place=places, action=actions)
def test_who_is_granted_nothing_may_do_nothing(place: Place, action: Action) -> None:
    assert not asked([], action, place)


@given(held=st.lists(grants, max_size=4), more=grants, place=places, action=actions)
def test_a_further_grant_takes_nothing_away(
    held: list[Grant], more: Grant, place: Place, action: Action
) -> None:
    assert asked([*held, more], action, place) >= asked(held, action, place)


@given(held=st.lists(grants, max_size=4), place=places, action=actions)
def test_a_permission_always_comes_from_one_grant(
    held: list[Grant], place: Place, action: Action
) -> None:
    assert asked(held, action, place) == any(asked([one], action, place) for one in held)


@given(role=roles, place=places, action=actions)
def test_a_grant_that_names_no_place_covers_none_but_an_administrators(
    role: Role, place: Place, action: Action
) -> None:
    allowed = asked([Grant(role)], action, place)
    if role != "administrator" and action not in EVERYWHERE:
        assert not allowed
    if role == "administrator":
        assert allowed == ("administrator" in MAY[action])


@given(grant=grants, place=places, action=actions)
def test_a_grant_elsewhere_gives_nothing_here(grant: Grant, place: Place, action: Action) -> None:
    away = UUID(int=99)
    moved = Place(
        site=away, customer=UUID(int=98), contract=UUID(int=97) if place.contract else None
    )
    if grant.role != "administrator" and action not in EVERYWHERE:
        assert not asked([grant], action, moved)


def test_a_sites_grant_does_not_reach_its_customer() -> None:
    held = [Grant("project-manager", site=IDS[0])]
    assert not may(held, "contract", customer=IDS[1])
    assert may(held, "contract", site=IDS[0], customer=IDS[1])


def test_an_unknown_site_may_be_asked_about_by_anybody_and_is_refused() -> None:
    assert not access(Grant("administrator")).may("read", site=UUID(int=99))


@given(
    held=st.lists(grants, max_size=4),
    known=st.lists(places, max_size=5),
    handed=st.lists(duties, max_size=5),
)
def test_a_tablet_holds_org_itself_and_exactly_the_sites_of_grants_and_work(
    held: list[Grant], known: list[Place], handed: list[Duty]
) -> None:
    device, person = UUID(int=50), IDS[0]
    scopes = device_scopes(device, person, grants=held, places=known, duties=handed)
    assert list(scopes) == sorted(set(scopes))
    granted = {
        place.site
        for place in known
        for grant in held
        if grant.role != "administrator"
        and (
            (grant.site is not None and grant.site == place.site)
            or (grant.customer is not None and grant.customer == place.customer)
            or (grant.contract is not None and grant.contract == place.contract)
        )
    }
    worked = {
        duty.site
        for duty in handed
        if duty.state in {"issued", "started", "done"} and person in {duty.assignee, duty.backup}
    }
    wanted = {f"site:{site}" for site in granted | worked}
    assert set(scopes) == wanted | {"org", f"device:{device}"}


def test_more_scopes_than_a_pull_can_name_are_refused() -> None:
    full = [f"site:{number}" for number in range(SCOPES_PER_DEVICE_MAX)]
    demand_holdable(full)
    with pytest.raises(TooManyScopes):
        demand_holdable([*full, "org"])


@pytest.mark.parametrize(
    ("held", "role"),
    [
        ([], "engineer"),
        (["desk"], "desk"),
        (["desk", "supervisor"], "supervisor"),
        (["administrator", "quality"], "administrator"),
        (["engineer", "supervisor"], "engineer"),
    ],
)
def test_a_tablet_works_under_the_first_role_that_may_inspect(held: list[Role], role: Role) -> None:
    assert device_role([Grant(one, site=IDS[0]) for one in held]) == role


def test_who_enrols_must_be_allowed_to_at_every_site_that_the_device_would_see() -> None:
    here, there = Place(IDS[0], IDS[1]), Place(IDS[2], IDS[3])
    both = (here, there)
    supervisor = access(Grant("supervisor", site=IDS[0]), sites=both)
    near = access(Grant("engineer", site=IDS[0]), person=IDS[4], sites=both)
    far = access(
        Grant("engineer", site=IDS[0]), Grant("engineer", site=IDS[2]), person=IDS[4], sites=both
    )
    nobody = access(person=IDS[4], sites=both)
    administrator = access(Grant("administrator"), sites=both)

    assert may_enrol(supervisor, near)
    assert not may_enrol(supervisor, near, duty_sites=[IDS[2]])
    assert not may_enrol(supervisor, far)
    assert not may_enrol(supervisor, nobody)
    assert not may_enrol(supervisor, administrator)
    assert not may_enrol(near, near)
    for anybody in (near, far, nobody, supervisor, administrator):
        assert may_enrol(administrator, anybody)


@pytest.mark.parametrize("key", OFFICE_WRITES, ids=".".join)
def test_what_the_office_writes_is_a_field_that_exists(key: tuple[str, str]) -> None:
    kind, field = key
    assert field == "*" or field in KINDS[kind].fields


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("inspection", "note"),
        ("inspection", "step"),
        ("inspection", "inspector"),
        ("signature", "document"),
        ("member", "role"),
        ("disposition", "settled"),
        ("visit", "note"),
        ("nothing", "name"),
    ],
)
def test_nobody_in_the_office_writes_what_is_the_devices_or_the_servers(
    kind: str, field: str
) -> None:
    everything = access(*(Grant(role, site=IDS[0]) for role in sorted(EVERYBODY)))
    assert isinstance(writer_problem(everything, kind=kind, field=field, site=IDS[0]), NotPermitted)


@pytest.mark.parametrize(
    ("role", "kind", "field", "allowed"),
    [
        ("engineer", "asset", "serial", False),
        ("supervisor", "asset", "serial", True),
        ("supervisor", "site", "access", True),
        ("supervisor", "site", "contract", False),
        ("project-manager", "site", "contract", True),
        ("supervisor", "assignment", "assignee", True),
        ("administrator", "assignment", "due_at", True),
        ("administrator", "inspection", "answers", False),
        ("supervisor", "inspection", "answers", True),
        ("quality", "finding", "due_on", False),
        ("project-manager", "finding", "due_on", True),
        ("supervisor", "template", "form", False),
        ("project-manager", "template", "form", True),
    ],
)
def test_the_office_writes_by_role(role: Role, kind: str, field: str, *, allowed: bool) -> None:
    one = access(Grant(role, site=IDS[0]))
    problem = writer_problem(one, kind=kind, field=field, site=IDS[0])
    assert (problem is None) == allowed


def test_a_refused_writer_hears_the_words_of_a_record_that_does_not_exist() -> None:
    problem = writer_problem(access(), kind="asset", field="serial", site=IDS[0])
    assert problem is not None
    assert problem.problem().title == NotPermitted.title


@pytest.mark.parametrize("role", ["supervisor", "project-manager"])
def test_nobody_accepts_what_they_carried_out_themselves(role: Role) -> None:
    one = access(Grant(role, site=IDS[0]), person=IDS[3])
    mine = decision_problem(one, "accepted", site=IDS[0], carried_out_by=[IDS[4], IDS[3]])
    assert isinstance(mine, OwnInspection)
    assert decision_problem(one, "accepted", site=IDS[0], carried_out_by=[IDS[4]]) is None
    assert decision_problem(one, "returned", site=IDS[0], carried_out_by=[IDS[3]]) is None


@pytest.mark.parametrize("role", ["engineer", "desk", "quality", "administrator"])
def test_who_may_not_decide_is_refused_before_anything_is_told(role: Role) -> None:
    one = access(Grant(role, site=IDS[0]), person=IDS[3])
    refused = decision_problem(one, "accepted", site=IDS[0], carried_out_by=[IDS[3]])
    assert isinstance(refused, NotPermitted)


def test_sites_where_names_only_sites_that_are_granted() -> None:
    one = access(
        Grant("supervisor", site=IDS[0]),
        Grant("engineer", customer=IDS[4]),
        sites=(Place(IDS[0], IDS[1]), Place(IDS[2], IDS[4]), Place(IDS[3], IDS[1])),
    )
    assert one.sites_where("accept") == {IDS[0]}
    assert one.sites_where("inspect") == {IDS[0], IDS[2]}
    assert not one.is_administrator
    assert structs.replace(one, grants=(Grant("administrator"),)).is_administrator


def test_a_button_is_shown_to_whoever_may_do_it_somewhere() -> None:
    one = access(Grant("engineer", site=IDS[0]), Grant("desk", site=IDS[1]))
    assert one.may_anywhere("inspect")
    assert one.may_anywhere("dispatch")
    assert not one.may_anywhere("accept")
    assert not access().may_anywhere("read")


@pytest.mark.parametrize(
    "grant", [Grant("supervisor", contract=IDS[2]), Grant("supervisor", customer=IDS[1])]
)
def test_a_customers_or_a_contracts_grant_reaches_what_is_no_site(grant: Grant) -> None:
    one = access(grant)
    there = {"customer": IDS[1], "contract": IDS[2]}
    assert one.may("plan", **there)
    assert one.may("plan", site=IDS[0])
    assert writer_problem(one, kind="plan", field="rhythm", **there) is None
    away = {"customer": IDS[3], "contract": IDS[4]}
    assert not one.may("plan", **away)
    assert writer_problem(one, kind="plan", field="rhythm", **away) is not None


def test_a_refusal_names_the_field_and_a_limit_says_how_far_it_was_passed() -> None:
    one = access(Grant("engineer", site=IDS[0]))
    refused = writer_problem(one, kind="asset", field="serial", site=IDS[0])
    assert refused is not None
    assert refused.detail == "asset.serial"
    refused = decision_problem(one, "returned", site=IDS[0], carried_out_by=[])
    assert refused is not None
    assert refused.detail == "inspection.review"
    demand_holdable(range(SCOPES_PER_DEVICE_MAX))
    with pytest.raises(TooManyScopes) as told:
        demand_holdable(range(SCOPES_PER_DEVICE_MAX + 1))
    most = SCOPES_PER_DEVICE_MAX
    assert told.value.detail == f"{most + 1} scopes; {most} can be held"
