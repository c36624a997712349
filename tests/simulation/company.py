"""The company that is simulated: sites, people, equipment, rounds, and who may hold what.

Every text that anybody types holds a token of its own, so that it can be found again wherever it
went. `scopes_of` is the simulation's own answer to what a device may hold; it asks no program.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from server.store.seed import Seed
from sync.record import Json, Record

BEGIN = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
KEY = b"k" * 32
SITES = tuple(UUID(int=0x5100 + i) for i in range(3))
ENGINEERS = tuple(UUID(int=0xA000 + i) for i in range(3))
CHIEF = UUID(int=0xC000)  # Decides in the office.
OFFICE_LINEAGE = UUID(int=0xE000)
SEED_LINEAGE = UUID(int=0xE001)
TEMPLATE = UUID(int=0x7E00)
SITE_SCOPES = tuple(f"site:{site}" for site in SITES)
OFFICE_SCOPES = frozenset({*SITE_SCOPES, *(f"archive:{s}" for s in SITES), "org", "office"})
CODES = ("7K4M2P9D6", "7K4M2P9D7", "7K4M2P9D8")
HELD_STATES = ("issued", "started", "done")

TRACE = re.compile(rb"~[0-9a-f]{8}~|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def traces(data: bytes) -> set[bytes]:
    """The tokens and ids in some bytes: whoever has them has been told of what they name."""
    return set(TRACE.findall(data))


class Company:
    """Chance, tokens and the clock of one simulated world, and its grants by person."""

    def __init__(self, seed: int, *, skewed: bool = True) -> None:
        self.random = Random(seed)
        self.skewed = skewed
        self.tokens = count(1)
        self.minutes = 0
        self.grants: dict[UUID, set[UUID]] = {
            ENGINEERS[0]: {SITES[0], SITES[1]},
            ENGINEERS[1]: {SITES[0]},
            ENGINEERS[2]: {SITES[1], SITES[2]},
        }

    def token(self) -> str:
        return f"~{next(self.tokens):08x}~"

    def new_id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def now(self) -> datetime:
        """The server's clock."""
        return BEGIN + timedelta(minutes=self.minutes)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


def equipment(site: UUID) -> tuple[UUID, ...]:
    return tuple(UUID(int=(site.int << 16) + 0x100 + i) for i in range(2))


def round_of(site: UUID) -> UUID:
    return UUID(int=(site.int << 16) + 0x200)


def seeds(company: Company) -> list[Seed]:
    """What is there before anybody works: per site two assets and an issued round."""
    made = []
    for place, site in enumerate(SITES):
        scope = f"site:{site}"
        made.append(Seed("site", site, scope, {"name": company.token(), "city": "珠海"}))
        targets: list[dict[str, str]] = []
        for asset in equipment(site):
            made.append(Seed("asset", asset, scope, {"site": str(site), "name": company.token()}))
            if place != 0 or not targets:  # Short rounds are done sooner, and closed.
                targets.append({"asset": str(asset), "template": str(TEMPLATE)})
        made.append(
            Seed(
                "assignment",
                round_of(site),
                scope,
                {
                    "site": str(site),
                    "title": {"zh": company.token(), "en": "Quarterly"},
                    "targets": targets,
                    "starts_at": "2026-11-01T00:00:00Z",
                    "due_at": "2026-11-30T10:00:00Z",
                    "assignee": str(ENGINEERS[place]),
                    "state": "issued",
                },
            )
        )
    return made


def scopes_of(
    grants: Mapping[UUID, set[UUID]],
    records: Iterable[tuple[str, bool, Mapping[str, Json]]],
    person: UUID,
    device: UUID,
) -> set[str]:
    """What a device of this person holds: granted sites, and those of rounds handed to them."""
    held = {"org", f"device:{device}"} | {f"site:{site}" for site in grants.get(person, ())}
    for kind, withdrawn, data in records:
        named = str(person) in (data.get("assignee"), data.get("backup"))
        if kind == "assignment" and named and not withdrawn and data.get("state") in HELD_STATES:
            held.add(f"site:{data['site']}")
    return held


def assignments(records: Mapping[UUID, Record]) -> list[tuple[str, bool, Mapping[str, Json]]]:
    return [
        (record.kind, record.withdrawn, record.data)
        for id_ in map(round_of, SITES)
        if (record := records.get(id_)) is not None
    ]
