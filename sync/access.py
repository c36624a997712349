"""Who may do what, where: the table of roles as data, and the questions asked of it.

Pure: no I/O. Rule: every permission of the product is a row here; nobody compares roles anywhere
else, but for the one question whether a grant is the administrator's global one.
"""

from collections.abc import Iterable, Mapping, Sized
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.base import SCOPES_PER_DEVICE_MAX
from schemas.kinds.notices import Role
from sync.errors import NotPermitted, SyncError

Action = Literal[
    "read",
    "inspect",
    "bind",
    "sign",
    "ask-signature",
    "plan",
    "assign",
    "withdraw",
    "dispatch",
    "accept",
    "return",
    "decide",
    "mend",
    "describe",
    "propose-follow-up",
    "follow-up",
    "work-case",
    "handle-case",
    "call-back",
    "sample",
    "propose-template",
    "template",
    "contract",
    "people",
    "enrol",
    "audit",
    "export",
]

EVERYBODY: frozenset[Role] = frozenset(
    ("engineer", "supervisor", "desk", "quality", "project-manager", "administrator")
)
ON_SITE: frozenset[Role] = frozenset(("engineer", "supervisor"))
PLANNERS: frozenset[Role] = frozenset(("supervisor", "project-manager", "administrator"))
DECIDERS: frozenset[Role] = frozenset(("supervisor", "project-manager"))
MANAGERS: frozenset[Role] = frozenset(("project-manager", "administrator"))

MAY: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        "read": EVERYBODY,
        "inspect": ON_SITE,
        "bind": ON_SITE,
        "sign": ON_SITE,
        # A link by which a customer who was absent signs a visit later.
        "ask-signature": frozenset(("engineer", "supervisor", "project-manager")),
        "plan": PLANNERS,
        "assign": PLANNERS,
        "withdraw": PLANNERS,
        "dispatch": frozenset(("desk",)),
        "accept": DECIDERS,
        "return": DECIDERS,
        "decide": DECIDERS,
        "mend": DECIDERS,
        # Master data of sites, rooms and assets: by those who plan the work on them.
        "describe": PLANNERS,
        "propose-follow-up": frozenset(("engineer",)),
        "follow-up": DECIDERS,
        "work-case": frozenset(("engineer",)),
        "handle-case": frozenset(("supervisor", "desk", "project-manager")),
        "call-back": frozenset(("quality",)),
        "sample": frozenset(("quality", "project-manager")),
        "propose-template": frozenset(("supervisor",)),
        "template": MANAGERS,
        "contract": MANAGERS,
        "people": frozenset(("administrator",)),
        "enrol": frozenset(("supervisor", "administrator")),
        "audit": PLANNERS,
        "export": PLANNERS,
    }
)

# What belongs to the whole installation, so that a role anywhere is enough.
EVERYWHERE: frozenset[Action] = frozenset(("template", "propose-template", "people"))

# In the office, the action that writing a field asks for; "*" stands for every other field of
# its kind. What is not named is written by no person in the office.
OFFICE_WRITES: Mapping[tuple[str, str], Action] = MappingProxyType(
    {
        ("template", "*"): "template",
        ("customer", "*"): "contract",
        ("contract", "*"): "contract",
        ("plan", "*"): "plan",
        ("site", "*"): "describe",
        ("site", "customer"): "contract",
        ("site", "contract"): "contract",
        ("room", "*"): "describe",
        ("asset", "*"): "describe",
        ("tag", "*"): "bind",
        ("assignment", "*"): "plan",
        ("assignment", "assignee"): "assign",
        ("assignment", "backup"): "assign",
        ("inspection", "answers"): "mend",
        ("inspection", "elements"): "mend",
        ("inspection", "remarks"): "return",
        ("inspection", "review"): "return",
        ("visit", "problems"): "follow-up",
        ("finding", "*"): "follow-up",
        ("attachment", "*"): "follow-up",
    }
)

DECIDES: Mapping[Literal["accepted", "returned"], Action] = MappingProxyType(
    {"accepted": "accept", "returned": "return"}
)

HELD_STATES: frozenset[str] = frozenset(("issued", "started", "done"))


class OwnInspection(SyncError):
    """Nobody decides over work that they carried out themselves (ISO/IEC 17020, 4.1)."""

    slug = "own-inspection"
    title = "Nobody accepts an inspection that they carried out themselves"
    status = 403


class TooManyScopes(SyncError):
    """One device would hold more than a pull can name; the person's grants must be narrowed."""

    slug = "too-many-scopes"
    title = "This person is granted at more sites than one device can hold"
    status = 409


class Grant(Struct, frozen=True):
    """A role at a customer, a contract or a site. An administrator's needs none of them.

    A grant of any other role that names no place covers nothing.
    """

    role: Role
    customer: UUID | None = None
    contract: UUID | None = None
    site: UUID | None = None


class Place(Struct, frozen=True):
    """Where something is: a site with its customer and contract, or one of these alone."""

    site: UUID | None = None
    customer: UUID | None = None
    contract: UUID | None = None


class Duty(Struct, frozen=True):
    """The part of an assignment that says whose tablet holds its site."""

    site: UUID
    state: str
    assignee: UUID | None = None
    backup: UUID | None = None


class Access(Struct, frozen=True):
    """What one person is granted, with the sites that these grants reach."""

    person: UUID
    name: str
    grants: tuple[Grant, ...]
    places: Mapping[UUID, Place]  # Site → where it belongs; exactly the sites that may be read.

    def may(
        self,
        action: Action,
        *,
        site: UUID | None = None,
        customer: UUID | None = None,
        contract: UUID | None = None,
    ) -> bool:
        """Ask for a site by its id alone; its customer and contract are known here."""
        if site is not None:
            place = self.places.get(site)
            if place is None:
                return False
            customer, contract = place.customer, place.contract
        return may(self.grants, action, site=site, customer=customer, contract=contract)

    def may_anywhere(self, action: Action) -> bool:
        """Whether there is any place where this person may do it: shows or hides a button."""
        return any(grant.role in MAY[action] for grant in self.grants)

    def sites_where(self, action: Action) -> frozenset[UUID]:
        """Name every site where this person may do it."""
        return frozenset(site for site in self.places if self.may(action, site=site))

    @property
    def is_administrator(self) -> bool:
        """Whether one of the grants is the global one."""
        return any(grant.role == "administrator" for grant in self.grants)


def covers(grant: Grant, place: Place) -> bool:
    """Whether a grant reaches a place. A site's grant does not reach its customer."""
    if grant.role == "administrator":
        return True
    return any(
        named is not None and named == there
        for named, there in (
            (grant.customer, place.customer),
            (grant.contract, place.contract),
            (grant.site, place.site),
        )
    )


def may(
    grants: Iterable[Grant],
    action: Action,
    *,
    site: UUID | None = None,
    customer: UUID | None = None,
    contract: UUID | None = None,
) -> bool:
    """Whether any grant that reaches this place has a role that may do it.

    Name a site together with its customer and contract, since a grant may name any of the three.
    """
    place = Place(site=site, customer=customer, contract=contract)
    return any(
        grant.role in MAY[action] and (action in EVERYWHERE or covers(grant, place))
        for grant in grants
    )


def device_scopes(
    device: UUID,
    person: UUID,
    *,
    grants: Iterable[Grant],
    places: Iterable[Place],
    duties: Iterable[Duty],
) -> tuple[str, ...]:
    """Name the scopes that a tablet of this person holds, sorted, each once.

    `org`, the device's own, and every site where the person is granted, or is assignee or backup
    of an issued assignment. An administrator's global grant names no site, so it puts none on a
    tablet: a device never holds what nobody sent its person to.
    """
    local = [grant for grant in grants if grant.role != "administrator"]
    sites = {
        place.site
        for place in places
        if place.site is not None and any(covers(grant, place) for grant in local)
    }
    sites |= {
        duty.site
        for duty in duties
        if duty.state in HELD_STATES and person in (duty.assignee, duty.backup)
    }
    return tuple(sorted(("org", f"device:{device}", *(f"site:{site}" for site in sites))))


def demand_holdable(scopes: Sized) -> None:
    """Raise `TooManyScopes` where a pull could not name them all. A push is taken regardless."""
    if len(scopes) > SCOPES_PER_DEVICE_MAX:
        raise TooManyScopes(f"{len(scopes)} scopes; {SCOPES_PER_DEVICE_MAX} can be held")


def device_role(grants: Iterable[Grant]) -> Role:
    """Name the one role that a tablet works under: the first that may inspect, else the first.

    It only shapes what the app offers; what a device may write is decided per op.
    """
    roles = [grant.role for grant in grants]
    for role in roles:
        if role in MAY["inspect"]:
            return role
    return roles[0] if roles else "engineer"


def may_enrol(access: Access, theirs: Access, *, duty_sites: Iterable[UUID] = ()) -> bool:
    """Whether this person may make devices for that one.

    A device sees all that its person may see, so whoever enrols it must be allowed to at each of
    these sites: the sites of `theirs` and, in `duty_sites`, of assignments handed to them.
    """
    if access.is_administrator:
        return True
    sites = frozenset(theirs.places) | frozenset(duty_sites)
    return bool(sites) and not theirs.is_administrator and sites <= access.sites_where("enrol")


def writer_problem(
    access: Access,
    *,
    kind: str,
    field: str,
    site: UUID | None = None,
    customer: UUID | None = None,
    contract: UUID | None = None,
) -> SyncError | None:
    """Say why this person may not write that field in the office, or `None` where they may.

    The words are those for a record that does not exist, so that nothing is told.
    """
    action = OFFICE_WRITES.get((kind, field)) or OFFICE_WRITES.get((kind, "*"))
    if action and access.may(action, site=site, customer=customer, contract=contract):
        return None
    return NotPermitted(f"{kind}.{field}")


def decision_problem(
    access: Access,
    decision: Literal["accepted", "returned"],
    *,
    site: UUID,
    carried_out_by: Iterable[UUID],
) -> SyncError | None:
    """Say why this person may not decide over an inspection, or `None` where they may.

    `carried_out_by` is everybody who wrote an answer of it, the named inspector among them.
    """
    if not access.may(DECIDES[decision], site=site):
        return NotPermitted("inspection.review")
    if decision == "accepted" and access.person in carried_out_by:
        return OwnInspection()
    return None
