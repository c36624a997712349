"""An engineer with a tablet: what they do with it, and the installation that holds it.

A tablet knows the server by its answers alone. It may crash between any two steps, or in the middle
of one; what is on its disk then is what its client saved last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec

from schemas.enrol import EnrolAnswer
from schemas.ops import Op
from schemas.pull import DeviceReport
from sync.client import Client, Sent
from sync.ids import inspection_id, tag_id
from sync.record import Json
from tests.simulation.company import CODES, ENGINEERS, SITES, TEMPLATE, Company, equipment, round_of

SKEW_DAYS = 9
ITEMS = ("fan", "temp", "lamp")


@dataclass
class Typed:
    """One thing that a person did on a tablet, and was told is kept."""

    op: Op
    raw: bytes
    is_poison: bool  # Breaks a rule whatever the world is like: must come back `rejected`.
    is_plain: bool  # Breaks none: must not.


class Tablet:
    """One installation. `standing` is what the server said of its credential last."""

    def __init__(self, company: Company, made: EnrolAnswer, name: str) -> None:
        self.company, self.name = company, name
        self.device, self.person = made.device, made.person
        self.client = Client(made.lineage, made.person, epoch=made.epoch, next_n=made.next_n)
        self.client.enrolled(made)
        self.session = company.new_id()
        days = company.random.randint(-SKEW_DAYS, SKEW_DAYS)
        self.skew = timedelta(days=days if company.skewed else 0)
        self.standing = "active"  # draining | cloned | refused | ended
        self.is_erased = False
        self.typed: list[Typed] = []
        self.made: list[tuple[str, UUID]] = []  # Kind and id of what was begun here.

    def clone(self, name: str) -> "Tablet":
        """The same disk in another case: same credential, same numbers."""
        other = Tablet.__new__(Tablet)
        other.__dict__.update(self.__dict__)
        other.name, other.client = name, Client.load(self.client.save())
        other.typed, other.made = [], list(self.made)
        return other

    def crash(self) -> None:
        """Start again from the disk."""
        self.client = Client.load(self.client.save())
        self.session = self.company.new_id()

    def report(self) -> DeviceReport:
        return DeviceReport(unsent=len(self.client.unsent), photos_left=0)

    def enrolled(self, made: EnrolAnswer) -> None:
        self.device, self.standing = made.device, "active"
        self.client.enrolled(made)

    def refused(self, slug: str) -> None:
        """What a problem means for the installation: the client acts on its type alone."""
        if slug == "cloned-device":
            self.standing = "cloned"
        elif slug == "device-draining":
            self.standing = "draining"
        elif slug == "device-ended" and self.may_erase():
            self.is_erased, self.standing = True, "ended"
        elif slug in ("device-ended", "credential-refused"):
            self.standing = "refused"
        else:
            raise AssertionError(f"{self.name} was told {slug}")

    def may_erase(self) -> bool:
        """Whether the server holds all that was done here, and no restore can lose it."""
        last = max((sent.op.n for sent in self.client.outbox), default=0)
        return not self.client.unsent and last <= self.client.backed_up_to

    # --- What an engineer does ---

    def work(self) -> None:
        """One edit of a kind drawn by lot."""
        doing = self.company.random.choices(
            (
                self.inspect,
                self.answer,
                self.element,
                self.submit,
                self.attach,
                self.find_danger,
                self.describe,
                self.bind,
                self.move,
                self.new_asset,
                self.hand_over,
                self.grope,
                self.mend,
            ),
            (12, 18, 8, 11, 7, 4, 5, 4, 2, 2, 1, 2, 6),
        )[0]
        doing()

    def edit(
        self,
        kind: str,
        record: UUID,
        *,
        new: bool = False,
        parent: UUID | None = None,
        set_: Mapping[str, Json] = {},
        add: Mapping[str, Mapping[str, Json]] = {},
        remove: Mapping[str, tuple[str, ...]] = {},
        withdraw: bool = False,
        replaces: Sent | None = None,
        plain: bool = False,
        poison: bool = False,
    ) -> None:
        """Do it, unless the tablet dies in the middle; now and then it breaks a rule."""
        before = self.client.save() if self.company.chance(0.02) else None
        values = dict(set_)
        spoilt = self.company.random.choice(SPOIL) if self.company.chance(0.05) else None
        if spoilt and not withdraw:
            values |= spoilt
        self.client.edit(
            kind,
            record,
            id_=self.company.new_id(),
            session=self.session,
            at=self.company.now() + self.skew,
            new=new,
            parent=parent,
            set_=values,
            add=add,
            remove=remove,
            withdraw=withdraw,
            replaces=replaces,
        )
        if before is not None:
            self.client = Client.load(before)  # Nobody was told that it is kept.
            return
        sent = self.client.outbox[-1]
        is_poison = poison or bool(spoilt and not withdraw)
        if self.company.chance(0.01):
            sent.raw = self.company.random.choice((b'{"n":', b"[" * 99, b"\xff\xfe", b"NaN"))
            is_poison = True
        elif self.company.chance(0.02):  # Said by a newer app, in words that nobody knows yet.
            sent.raw = sent.raw[:-1] + f',"zz_member":"{self.company.token()}"}}'.encode()
        if new:
            self.made.append((kind, record))
        # What mends an op that was settled meanwhile is reviewed before anybody reads it.
        is_poison = is_poison and replaces is None
        is_plain = plain and not spoilt and not is_poison
        self.typed.append(Typed(sent.op, sent.raw, is_poison, is_plain))

    # --- What there is to work on ---

    def known(self, *kinds: str) -> list[UUID]:
        """Records of these kinds that are on the screen."""
        there = [id_ for id_, row in self.client.base.items() if row.kind in kinds]
        return there + [id_ for kind, id_ in self.made if kind in kinds]

    def pick(self, *kinds: str) -> UUID | None:
        known = self.known(*kinds)
        return self.company.random.choice(known) if known else None

    def inspect(self) -> None:
        site = self.company.random.choice(SITES if self.company.chance(0.1) else self.sites())
        asset = self.company.random.choice(equipment(site))
        record = inspection_id(round_of(site), asset)
        whole = {
            "asset": str(asset),
            "template": "no id" if (wrong := self.company.chance(0.12)) else str(TEMPLATE),
            "assignment": str(round_of(site)),
            "inspector": str(self.person),
            "inspector_name": self.company.token(),
            "note": self.company.token(),
        }
        if record in self.client.base:
            self.answer()
            return
        self.edit("inspection", record, new=True, parent=asset, set_=whole, poison=wrong)

    def sites(self) -> tuple[UUID, ...]:
        """Those on the screen; before the first pull those of the person's paper plan."""
        held = [id_ for id_, row in self.client.base.items() if row.kind == "site"]
        return tuple(held) or (SITES[ENGINEERS.index(self.person)],)

    def answer(self) -> None:
        record = self.pick("inspection")
        if record is None:
            return self.inspect()
        if self.company.chance(0.3):
            return self.edit("inspection", record, set_={"note": self.company.token()}, plain=True)
        if self.company.chance(0.08):  # A newer app than the server's.
            return self.edit(
                "inspection", record, set_={"zz_future": self.company.token()}, plain=True
            )
        item = self.company.random.choice(ITEMS)
        value = self.company.random.choice((self.company.token(), 1, True, 2.5))
        return self.edit(
            "inspection", record, set_={f"answers.{item}": {"value": value}}, plain=True
        )

    def element(self) -> None:
        record = self.pick("inspection")
        if record is None:
            return self.inspect()
        key = self.company.random.choice(("disk-1", "disk-2"))
        draw = self.company.random.random()
        if draw < 0.5:
            added = {"group": "disks", "name": self.company.token()}
            self.edit("inspection", record, add={"elements": {key: added}}, plain=True)
        elif draw < 0.75:
            path = f"elements.{key}.answers.state"
            value = {"value": self.company.token()}
            self.edit("inspection", record, set_={path: value}, plain=True)
        elif draw < 0.85:
            self.edit("inspection", record, remove={"elements": (key,)}, plain=True)
        else:
            remark = {
                "text": self.company.token(),
                "author": str(self.person),
                "author_name": "x",
                "origin": "field",
            }
            new = str(self.company.new_id())
            self.edit("inspection", record, add={"remarks": {new: remark}}, plain=True)
        return None

    def submit(self) -> None:
        record = self.pick("inspection")
        if record is None:
            return self.inspect()
        step = (self.client.view(record) or {}).get("step")
        round_ = step.get("round", 1) if isinstance(step, Mapping) else 1
        self.edit("inspection", record, set_={"step": {"round": round_, "step": "submitted"}})
        return None

    def attach(self) -> None:
        photos = self.known("attachment")
        if photos and self.company.chance(0.4):
            photo = self.company.random.choice(photos)
            if self.company.chance(0.3):
                return self.edit("attachment", photo, withdraw=True)
            return self.edit("attachment", photo, set_={"caption": self.company.token()})
        kind = self.company.random.choice(("inspection", "finding", "asset"))
        parent = self.pick(kind)
        if parent is None:
            return self.inspect()
        whole = {
            "parent": str(parent),
            "parent_kind": kind,
            "sha256": "0" * 64,
            "bytes": 10,
            "media_type": "image/jpeg",
            "caption": self.company.token(),
        }
        return self.edit("attachment", self.company.new_id(), new=True, parent=parent, set_=whole)

    def find_danger(self) -> None:
        inspection = self.pick("inspection")
        data = self.client.view(inspection) if inspection else None
        if not data or "asset" not in data or data["asset"] is None:
            return self.inspect()
        whole = {
            "asset": data["asset"],
            "inspection": str(inspection),
            "severity": "major",
            "text": self.company.token(),
            "found_at": "2026-11-18T06:00:00Z",
        }
        return self.edit(
            "finding",
            self.company.new_id(),
            new=True,
            parent=UUID(str(data["asset"])),
            set_=whole,
        )

    def describe(self) -> None:
        asset = self.pick("asset")
        if asset is None:
            return
        name = self.company.random.choice(("name", "serial", "note", "attributes.rack"))
        self.edit("asset", asset, set_={name: self.company.token()})

    def bind(self) -> None:
        asset = self.pick("asset")
        if asset is None:
            return
        code = self.company.random.choice(CODES)
        if tag_id(code) in self.client.base:
            self.edit("tag", tag_id(code), set_={"asset": str(asset)})
        else:
            values = {"code": code, "asset": str(asset)}
            self.edit("tag", tag_id(code), new=True, parent=asset, set_=values)

    def move(self) -> None:
        asset = self.pick("asset")
        if asset is not None:
            site = self.company.random.choice(SITES)
            self.edit("asset", asset, set_={"site": str(site)})

    def new_asset(self) -> None:
        site = self.company.random.choice(self.sites())
        values = {"site": str(site), "name": self.company.token(), "provisional": True}
        self.edit("asset", self.company.new_id(), new=True, parent=site, set_=values)

    def hand_over(self) -> None:
        round_ = self.pick("assignment")
        if round_ is not None:
            person = self.company.random.choice(ENGINEERS)
            self.edit("assignment", round_, set_={"assignee": str(person)})

    def grope(self) -> None:
        """Write on something that this tablet was never shown, or that is not there at all."""
        foreign = self.company.random.choice(equipment(self.company.random.choice(SITES)))
        record = foreign if self.company.chance(0.6) else self.company.new_id()
        self.edit("asset", record, set_={"note": self.company.token()})

    def mend(self) -> None:
        """Stand by what was refused: write it again as it should have been, or discard it."""
        refused = [
            sent
            for sent in self.client.outbox
            if sent.outcome is not None
            and not sent.op.witness
            and sent.outcome.outcome in ("rejected", "held", "review")
        ]
        if not refused:
            return self.answer()
        sent = self.company.random.choice(refused)
        op = sent.op
        if self.company.chance(0.3):
            return self.edit(op.kind, op.record, replaces=sent)
        values = {
            path: msgspec.json.decode(value)
            for path, value in op.set.items()
            if path not in WRONG_FIELDS
        }
        if "template" in values:
            values["template"] = str(TEMPLATE)
        add = {
            path: {key: msgspec.json.decode(value) for key, value in elements.items()}
            for path, elements in op.add.items()
        }
        return self.edit(
            op.kind,
            op.record,
            new=op.new,
            parent=op.parent,
            set_=values,
            add=add,
            remove=op.remove,
            withdraw=op.withdraw,
            replaces=sent,
        )


# Each breaks a rule of every kind that is edited here.
SPOIL: tuple[dict[str, Json], ...] = (
    {"zz_nul": "a\x00b"},
    {"zz_big": 2**60},
    {"nofield.x": 1},
)
WRONG_FIELDS = frozenset(name for spoilt in SPOIL for name in spoilt)
