"""A report as `report.typ` takes it: parts of a page. Rule: text, tones, shares, nothing else."""

from collections.abc import Mapping

from msgspec import Struct

from server.reports.gauge import Gauge, Trend
from server.reports.page_head import Count


class Row(Struct, frozen=True):
    """One line of a table. `tone`: bad, warn, or nothing."""

    cells: tuple[str, ...]
    tone: str = ""


class Listing(Struct, frozen=True):
    """A table with its title, or the sentence that stands for it."""

    title: str
    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    none: str = ""
    notes: tuple[str, ...] = ()


class Picture(Struct, frozen=True):
    """A photo, or in its place what became of it. `file` is empty where nothing is to be shown."""

    file: str
    caption: str
    instead: str = ""
    is_pair: bool = False


class Gallery(Struct, frozen=True):
    title: str
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...] = ()


class ReadingRow(Struct, frozen=True):
    name: str
    limits: str
    before: str
    now: str
    result: str
    tone: str
    gauge: Gauge
    trend: Trend | None


class Readings(Struct, frozen=True):
    title: str
    head: tuple[str, ...]
    rows: tuple[ReadingRow, ...]
    last: str
    now: str
    trend: str
    result: str
    none: str = ""
    notes: tuple[str, ...] = ()


class SignedBox(Struct, frozen=True):
    label: str
    svg: str
    ratio: float  # Of its width to its height.
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    seal: str = ""  # What the key of the device says of it, where that is no warning.


class Device(Struct, frozen=True):
    """The checks of one device."""

    title: str
    meta: str
    tone: str
    rows: tuple[Row, ...]


class Items(Struct, frozen=True):
    title: str
    head: tuple[str, ...]
    devices: tuple[Device, ...]
    notes: tuple[str, ...] = ()


class Verify(Struct, frozen=True):
    title: str
    lines: tuple[str, ...]


class Page(Struct, frozen=True, kw_only=True):
    """One report in one language."""

    lang: str
    company: str
    title: str
    subject: str
    head: tuple[tuple[str, str], ...]
    qr: str
    code: str
    contents: str
    counts: tuple[Count, ...]
    conclusion: tuple[str, str]
    told: tuple[str, tuple[str, ...]]
    risks: Listing
    categories: Listing
    photos: Gallery | None
    readings: Readings
    replaced: Listing
    before: Listing
    problems: Listing | None
    missing: Listing | None
    signatures: tuple[SignedBox, ...]
    users: str
    seal: str
    more: Gallery | None
    results: Listing
    items: Items
    verify: Verify
    footer: tuple[str, str, str]
    files: Mapping[str, str]  # The photo behind each file name, by digest: not for the template.


class Issue(Struct, frozen=True, kw_only=True):
    """What a report is called, which its facts do not say."""

    code: str  # As people read it.
    url: str  # Where it is verified.
    basis: str
    revision: int
    qr: str  # SVG.
    missing: tuple[str, ...] = ()  # Characters that no font has.
