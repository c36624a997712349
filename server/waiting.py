"""What waits for the office, and who may see it. Rule: a foreign record is told like none at all.

A change is shown at the site where its record is, or would be. Where the reader may not read that
site, and where there is none, it is shown to those who mend at a site where its sender is
granted, unless the sender holds the foreign site too: then it is that site's own business.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_FIRST, WAITING_ITEMS_MAX
from schemas.forms import Form, FormItem, Group
from schemas.ops import Op
from schemas.waiting import WaitingItem, WaitingKind, WaitingReason, WaitingRow
from server.cases import paths_of
from server.gather import load_with_references, references
from server.judging import Judge
from server.store import office, office_waiting, records
from server.store.office import Site, Sites
from server.store.office_waiting import OpenOp, ToldOutcome
from sync import rules
from sync.access import Access
from sync.consequences import is_accepted
from sync.ledger import Ledger
from sync.lines import read_kept
from sync.plan import World
from sync.record import Json, Record
from sync.scopes import home_record

CHAIN_MAX = 16  # Changes held behind one another; a circle cannot be, and is not followed.
NAMED_BY = ("name", "asset", "of", "parent", "inspection", "site")


class Reader(Struct, frozen=True):
    """Whom it is shown to: what they read, where they mend, and who is granted there."""

    access: Access
    sites: Sites
    mends: frozenset[UUID]
    near: Mapping[UUID, frozenset[UUID]]  # Person → the sites that they hold.


async def load_reader(tx: AsyncConnection, access: Access) -> Reader:
    sites = await office.load_sites(tx, access)
    mends = access.sites_where("mend") & sites.by_id.keys()
    near = await office_waiting.load_near(tx, mends) if mends else {}
    return Reader(access, sites, frozenset(mends), near)


class Shown(Struct, frozen=True):
    """A change that this reader may see. `site` is null where it is at none that they read."""

    op: OpenOp
    kind: WaitingKind
    site: Site | None
    counted: frozenset[UUID]  # The sites under which it is listed.
    told: ToldOutcome | None
    behind: tuple[UUID, ...] = ()
    causes: tuple[OpenOp, ...] = ()  # What it is held behind at sites they read, the nearest first.


class Survey(Struct, frozen=True):
    """All that waits for one reader, the one that waits longest first."""

    reader: Reader
    rows: tuple[Shown, ...]

    def of(self, op: UUID) -> Shown | None:
        return next((one for one in self.rows if one.op.id == op), None)

    def listed(self, *, kind: str | None, site: UUID | None) -> list[Shown]:
        return [
            one
            for one in self.rows
            if kind in (None, one.kind) and (site is None or site in one.counted)
        ]


async def survey(tx: AsyncConnection, access: Access) -> Survey:
    """Everything open that this person may see. Three statements, however much it is."""
    reader = await load_reader(tx, access)
    found = await office_waiting.load_open(tx, reader.sites, reader.near.keys())
    told = await office_waiting.load_told(tx, [one for one in found if one.outcome == "held"])
    by_id = {one.id: one for one in found}
    behind: dict[UUID, list[UUID]] = {}
    rows = []
    for one in found:
        causes = causes_of(one.id, told)
        for cause in causes:
            behind.setdefault(cause, []).append(one.id)
        # What was not made yet is where that will be which it waits for.
        places = [one.scope, *(by_id[cause].scope for cause in causes if cause in by_id)]
        scope = next((place for place in places if place is not None), None)
        shown = show(msgspec.structs.replace(one, scope=scope), told.get(one.id), reader)
        rows += [shown] if shown else []
    seen = {one.op.id: one for one in rows}
    return Survey(
        reader,
        tuple(
            msgspec.structs.replace(
                one,
                behind=tuple(id_ for id_ in behind.get(one.op.id, ()) if id_ in seen),
                causes=tuple(
                    seen[id_].op
                    for id_ in causes_of(one.op.id, told)
                    if id_ in seen and seen[id_].site is not None
                ),
            )
            for one in rows
        ),
    )


def causes_of(op: UUID, told: Mapping[UUID, ToldOutcome]) -> tuple[UUID, ...]:
    """The changes that one is held behind, the nearest first."""
    found: list[UUID] = []
    now = told.get(op)
    while now and now.outcome == "held" and now.cause and len(found) < CHAIN_MAX:
        found.append(now.cause)
        now = told.get(now.cause)
    return tuple(found)


def show(one: OpenOp, told: ToldOutcome | None, reader: Reader) -> Shown | None:
    """The change as this reader may see it; None where it is nobody's business here."""
    kind: WaitingKind = msgspec.convert(told.outcome if told else one.outcome, WaitingKind)
    site = reader.sites.of_scope(one.scope or "")
    if site is not None:
        return Shown(one, kind, site, frozenset({site.id}), told)
    held = reader.near.get(one.person) if one.person else None
    if held is None:
        return None
    of, _, id_ = (one.scope or "").partition(":")
    if of in ("site", "archive") and UUID(id_) in held:
        return None
    return Shown(one, kind, None, held & reader.mends, told)


# --- Rows ---


class Page(Struct, frozen=True):
    """What the rows of a page say beside themselves."""

    sent: Mapping[UUID, Op]
    ledger: Ledger
    people: Mapping[UUID, str]
    devices: Mapping[UUID, tuple[str, str]]  # Name and state.
    disputed: Mapping[UUID, set[str]]
    items: Mapping[UUID, Mapping[str, FormItem]]  # Template → its questions, by their ids.

    def record(self, shown: Shown) -> Record | None:
        """The record of a change, where the reader may know of it."""
        if shown.site is None or shown.op.record is None:
            return None
        return self.ledger.records.get(shown.op.record)

    def items_of(self, shown: Shown) -> Mapping[str, FormItem]:
        """The questions of the checklist that a change answers; none where it answers none."""
        op = self.sent.get(shown.op.id)
        if op is None or shown.site is None:
            return {}
        template = template_of(op, work_of(op, self.record(shown), self))
        return self.items.get(template, {}) if template else {}


async def load_page(tx: AsyncConnection, judge: Judge, rows: Sequence[Shown]) -> Page:
    opened = [one.op for one in rows]
    read_too = {one.id: one for one in (*opened, *(op for row in rows for op in row.causes))}
    payloads = await office_waiting.load_payloads(tx, list(read_too.values()))
    read = {one.id: read_kept(payloads.get((one.lineage, one.n), b"")) for one in read_too.values()}
    sent = {id_: op for id_, op in read.items() if op is not None}
    named = {op.record for op in sent.values()}
    named |= {id_ for op in sent.values() for id_ in references(op)}
    found = await load_with_references(tx, await records.locate(tx, named))
    world = World(epoch=EPOCH_FIRST, last_n=0, chain=b"", records=found, states={})
    people, devices = await office_waiting.load_senders(tx, opened)
    conflicts = [one.op.id for one in rows if one.kind == "conflict"]
    disputed = await office_waiting.load_dispute_scopes(tx, conflicts)
    page = Page(sent, Ledger(world), people, devices, disputed, {})
    works = [
        (op, work_of(op, page.record(one), page)) for one in rows if (op := sent.get(one.op.id))
    ]
    templates = {id_ for op, work in works if (id_ := template_of(op, work))}
    known = await judge.templates(tx, templates) if templates else {}
    items = {id_: dict(items_in(one.form)) for id_, one in known.items()}
    return msgspec.structs.replace(page, items=items)


def items_in(form: Form) -> Iterator[tuple[str, FormItem]]:
    for section in form.sections:
        for item in section.items:
            yield item.id, item
            if isinstance(item, Group):
                yield from ((inner.id, inner) for inner in item.items)


def template_of(op: Op, work: Record | None) -> UUID | None:
    """By which checklist the work goes, as its record says or the change that would make it."""
    named = work.data.get("template") if work else written(op).get("template")
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None


def asked_by(shown: Shown, op: Op, page: Page) -> Iterator[WaitingItem]:
    """The questions that a change answers, in the order in which it names them."""
    items, record = page.items_of(shown), page.record(shown)
    for path in paths_of(op):
        parts = path.split(".")
        item = items.get(answered_at(parts)) if items else None
        if item is not None:
            yield WaitingItem(title=item.title, element=element_name(record, parts))


def answered_at(parts: Sequence[str]) -> str:
    """The id of the question that a path answers; empty where it answers none."""
    return parts[-1] if "answers" in parts[:-1] else ""


def element_name(record: Record | None, parts: Sequence[str]) -> str:
    """What people call the element that a path is in."""
    if record is None or len(parts) < 2:
        return ""
    name = value_at(record.data, f"{parts[0]}.{parts[1]}.name")
    return name if isinstance(name, str) else ""


def value_at(data: Mapping[str, Json], path: str) -> Json:
    """The value at a path; None where there is none."""
    now: Json = data
    for part in path.split("."):
        now = now.get(part) if isinstance(now, Mapping) else None
    return now


def row_of(shown: Shown, page: Page, reader: Reader) -> WaitingRow:
    one, site = shown.op, shown.site
    op = page.sent.get(one.id)
    near = [reader.sites.by_id[id_] for id_ in shown.counted]
    only = site or (near[0] if len(near) == 1 else None)
    record = page.record(shown)
    return WaitingRow(
        op=one.id,
        kind=shown.kind,
        reason=reason_of(shown, op, page, reader),
        record_kind=one.kind,
        record=record.id if record else None,
        title=title_of(shown, op, page, reader),
        site=only.id if only else None,
        site_name=only.name if only else "",
        time_zone=only.time_zone if only else "",
        person_name=page.people.get(one.person, "") if one.person else "",
        device_name=page.devices.get(one.device, ("", ""))[0] if one.device else "",
        made_at=op.made.wall if op else None,
        at=one.received_at,
        paths=paths_of(op) if op else (),
        items=tuple(islice(asked_by(shown, op, page), WAITING_ITEMS_MAX)) if op else (),
        behind=len(shown.behind),
    )


def written(op: Op) -> dict[str, Json]:
    """The whole fields that a change writes."""
    return {path: msgspec.json.decode(raw) for path, raw in op.set.items() if "." not in path}


def title_of(shown: Shown, op: Op | None, page: Page, reader: Reader) -> str:
    """The name of the asset or place that it is about, as far as the reader may read it."""
    if op is None or shown.site is None:
        return ""
    record = page.record(shown)
    # What is not there yet is called as the change would call it that is to make it.
    causes = (page.sent.get(cause.id) for cause in shown.causes)
    made = (written(one) for one in (op, *causes) if one is not None)
    told = [record.data] if record else made
    return next((name for data in told if (name := name_of(data, page, reader))), "")


def name_of(data: Mapping[str, Json], page: Page, reader: Reader) -> str:
    """The name in these fields, or of what they are of; empty where none may be read."""
    for _ in range(CHAIN_MAX):
        name = data.get("name")
        if isinstance(name, str):
            return name
        found = next((up for field in NAMED_BY if (up := at(data.get(field), page))), None)
        if found is None or reader.sites.of_scope(found.scope) is None:
            return ""
        data = found.data
    return ""


def at(named: Json, page: Page) -> Record | None:
    try:
        return page.ledger.records.get(UUID(named)) if isinstance(named, str) else None
    except ValueError:
        return None


def reason_of(shown: Shown, op: Op | None, page: Page, reader: Reader) -> WaitingReason:
    """Why it waits, by what is so now."""
    if shown.kind == "conflict":
        scopes = page.disputed.get(shown.op.id, set())
        is_here = all(reader.sites.of_scope(scope) is not None for scope in scopes)
        return "conflict" if is_here else "tag-elsewhere"
    if shown.kind == "held":
        return "held"
    if shown.kind == "rejected" or op is None:
        return "rule"
    return review_reason(shown, op, page, reader)


def review_reason(shown: Shown, op: Op, page: Page, reader: Reader) -> WaitingReason:
    record = page.record(shown)
    if op.witness:
        return "witness"
    if shown.site is None or (record is None and not op.new):
        return "unknown"
    if record is not None and record.withdrawn:
        return "withdrawn"
    if closed := closed_by(op, record, page):
        return closed
    if shown.op.device and page.devices.get(shown.op.device, ("", ""))[1] != "active":
        return "draining"
    held = reader.near.get(shown.op.person, frozenset()) if shown.op.person else frozenset()
    return "settled-before" if op.replaces and shown.site.id in held else "not-held"


def closed_by(
    op: Op, record: Record | None, page: Page
) -> Literal["accepted", "recalled", "withdrawn"] | None:
    """Whether the work that it is of is done with, and how."""
    scope = parent.scope if (parent := at_parent(op, page)) else ""
    blank = record or Record(op.kind, op.record, scope, 0, {}, {})
    if not rules.is_closed(page.ledger, blank, written(op)):
        return None
    work = work_of(op, record, page)
    if work is not None and is_accepted(work):
        return "accepted"
    return "withdrawn" if work is not None and work.withdrawn else "recalled"


def at_parent(op: Op, page: Page) -> Record | None:
    return page.ledger.records.get(op.parent) if op.parent else None


def work_of(op: Op, record: Record | None, page: Page) -> Record | None:
    """The inspection that a change is of: its record, or what that hangs on."""
    if op.kind == "inspection":
        return record
    data = record.data if record else written(op)
    home = home_record(op.kind, data) if op.kind in ("attachment", "signature") else None
    found = page.ledger.records.get(home) if home else None
    return found if found is not None and found.kind == "inspection" else None
