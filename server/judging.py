"""What the answers of many inspections mean, worked out once. Rule: a cache of what cannot change.

A template never changes, and a tally is of one version of an inspection, its asset and a day.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Words
from schemas.forms import Answer, Counter, Form, Group
from schemas.kinds.asset import LastInspection
from schemas.kinds.inspection import Element
from server.store import office, office_inspections
from server.store.office import Sites
from server.store.office_inspections import Answered, Inspected
from sync.forms import evaluate
from sync.review import readings_by_path

ROWS_PER_TURN = 100
TEMPLATES_KEPT_MAX = 500
TALLIES_KEPT_MAX = 50_000

FORM = msgspec.json.Decoder(Form)
WORDS = msgspec.json.Decoder(Words)
ANSWERS = msgspec.json.Decoder(dict[str, Answer | None])
ELEMENTS = msgspec.json.Decoder(dict[str, Element])
LAST = msgspec.json.Decoder(dict[str, LastInspection])

NOTHING = Answered(None, None)


class Known(Struct, frozen=True):
    """A template as it is read here. `counts`: one of its items is compared with the last visit."""

    key: str
    title: Words
    form: Form
    counts: bool


class Tally(Struct, frozen=True):
    """What a list says of an inspection; `is_na`: everything that was asked is not applicable."""

    abnormal: int = 0
    warning: int = 0
    is_na: bool = False


TallyKey = tuple[UUID, int, int, date]


def zone_of(name: str) -> tzinfo:
    """The time zone of a site; UTC where nobody knows that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def is_zone(name: str) -> bool:
    """Whether anybody knows a time zone of that name."""
    return zone_of(name) is not UTC  # The zone that is called UTC is a `ZoneInfo` too.


def local_day(instant: datetime, zone: str) -> date:
    """The day at a site."""
    return instant.astimezone(zone_of(zone)).date()


def today_at(sites: Sites, now: datetime) -> dict[UUID, date]:
    """The day of today at each site, by its id."""
    days = {zone: local_day(now, zone) for zone in {one.time_zone for one in sites.by_id.values()}}
    return {id_: days[site.time_zone] for id_, site in sites.by_id.items()}


def day_of(row: Inspected, sites: Sites, now: datetime) -> date:
    """The day of the work at its site: of the submission, else of its beginning."""
    site = sites.of_scope(row.scope_id)
    at = row.step.at or row.started_at or now
    return local_day(at, site.time_zone if site else "UTC")


def has_counter(form: Form) -> bool:
    items = [item for section in form.sections for item in section.items]
    inner = [one for item in items if isinstance(item, Group) for one in item.items]
    return any(isinstance(item, Counter) for item in (*items, *inner))


class Judge:
    """Templates and tallies, as many as are worth keeping. One per application."""

    def __init__(self) -> None:
        self._templates: OrderedDict[UUID, Known] = OrderedDict()
        self._tallies: OrderedDict[TallyKey, Tally] = OrderedDict()

    async def templates(self, tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Known]:
        """Those of `ids` that exist."""
        wanted = set(ids)
        for id_, (key, title, text) in (
            await office.load_templates(tx, wanted - self._templates.keys())
        ).items():
            form = FORM.decode(text)
            self._templates[id_] = Known(key, WORDS.decode(title), form, has_counter(form))
        found = {id_: self._templates[id_] for id_ in wanted & self._templates.keys()}
        while len(self._templates) > TEMPLATES_KEPT_MAX:
            self._templates.popitem(last=False)
        return found

    async def tallies(
        self, tx: AsyncConnection, rows: Sequence[Inspected], sites: Sites, *, now: datetime
    ) -> dict[UUID, Tally]:
        """How much of each inspection is out of order, by its id."""
        templates = await self.templates(tx, {row.template for row in rows})
        keys = {row.id: key_of(row, sites, now) for row in rows}
        fresh = [row for row in rows if keys[row.id] not in self._tallies]
        counting = [row for row in fresh if (t := templates.get(row.template)) and t.counts]
        answered = await office_inspections.load_answers(tx, {row.id for row in fresh})
        readings = await office_inspections.load_readings(tx, {row.asset for row in counting})
        found = {row.id: known for row in rows if (known := self._tallies.get(keys[row.id]))}
        for number, row in enumerate(fresh):
            if number % ROWS_PER_TURN == 0:
                await asyncio.sleep(0)  # A cold cache must not hold up everybody else.
            template = templates.get(row.template)
            last = readings.get(row.asset) if template and template.counts else None
            answers = answered.get(row.id, NOTHING)
            found[row.id] = tally(row, answers, template, last, keys[row.id][-1])
            self._tallies[keys[row.id]] = found[row.id]
        while len(self._tallies) > TALLIES_KEPT_MAX:
            self._tallies.popitem(last=False)
        return found


def key_of(row: Inspected, sites: Sites, now: datetime) -> TallyKey:
    return (row.id, row.version, row.asset_version, day_of(row, sites, now))


def tally(
    row: Inspected, answered: Answered, template: Known | None, last: str | None, day: date
) -> Tally:
    """Evaluate one inspection for a list. Photos and signatures change no verdict that counts."""
    if template is None or answered == NOTHING:
        return Tally()
    before: Mapping[str, LastInspection] = LAST.decode(last) if last else {}
    previous = before.get(template.key)
    done_at = row.step.at or row.started_at
    is_later = previous is not None and done_at is not None and previous.at > done_at
    if previous is not None and (previous.inspection == row.id or is_later):
        previous = None  # The asset has gone on since: it says nothing of what came before this.
    totals = evaluate(
        template.form,
        ANSWERS.decode(answered.answers or "{}"),
        ELEMENTS.decode(answered.elements or "{}"),
        photos={},
        signatures=(),
        previous={
            path: reading.value
            for path, reading in readings_by_path(previous, template.form).items()
        },
        asset_serial=row.asset_serial,
        today=day,
    ).totals
    is_na = totals.answered > 0 and totals.answered == totals.na
    return Tally(totals.abnormal, totals.warning, is_na)
