"""The facts in the words of one language, as `report.typ` lays them out. Rule: pure; text alone.

What people wrote goes through here as data, and in the template as text, never as markup.
"""

import re
from collections.abc import Sequence

from schemas.base import REPORT_ITEMS_MAX, Language
from schemas.forms import Limits
from server.reports.facts import Both, Facts, Item, Photo, Reading, Result, Risk, Signed
from server.reports.gauge import gauge_of, trend_of
from server.reports.layout import (
    Device,
    Gallery,
    Issue,
    Items,
    Listing,
    Page,
    Picture,
    ReadingRow,
    Readings,
    Row,
    SignedBox,
    Verify,
)
from server.reports.page_head import conclusion_of, counts_of, head_of
from server.reports.times import day, day_and_clock, short_day
from server.reports.values import bound, figure, with_unit
from server.reports.words import numeral, say

GROUP = 4  # Digits of a digest that stand together.
STROKES = re.compile(r"[MLQCZ0-9 .,-]+")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
STROKES_AIR = 6.0
PHOTOS_IN_FRONT = 2


def page_of(facts: Facts, language: Language, issue: Issue) -> Page:
    """Put a report into words."""
    setting = _Setting(facts, language, issue)
    return setting.page()


def tone_of(verdict: str) -> str:
    return {"abnormal": "bad", "warning": "warn"}.get(verdict, "")


def spaced(digest: str, count: int) -> str:
    """Give the first digits of a digest in groups."""
    return " ".join(digest[start : start + GROUP] for start in range(0, count, GROUP))


class _Setting:
    """One report on its way to the page: what was numbered so far."""

    def __init__(self, facts: Facts, language: Language, issue: Issue) -> None:
        self.facts, self.language, self.issue = facts, language, issue
        self.zone = facts.cover.time_zone
        self.section = self.annex = 0

    def say(self, key: str, **filled: object) -> str:
        return say(self.language, key, **filled)

    def both(self, text: Both) -> str:
        return text.in_(self.language)

    def numbered(self, key: str) -> str:
        self.section += 1
        return self.say("numbered", n=numeral(self.language, self.section), title=self.say(key))

    def annexed(self, key: str) -> str:
        self.annex += 1
        return self.say("annex", n=numeral(self.language, self.annex), title=self.say(key))

    def columns(self, key: str) -> tuple[str, ...]:
        return tuple(self.say(key).split("|"))

    def page(self) -> Page:
        facts, issue, language = self.facts, self.issue, self.language
        head = head_of(facts, language, code=issue.code, revision=issue.revision)
        pictures, files = self.pictures()
        risks, categories = self.risks(), self.categories()
        front = pictures[:PHOTOS_IN_FRONT]
        photos = Gallery(self.numbered("photos"), front) if front else None
        readings, replaced, before = self.readings(), self.replaced(), self.before()
        problems, missing = self.problems(), self.missing()
        return Page(
            lang=language.partition("-")[0],
            company=head.company,
            title=head.title,
            subject=head.subject,
            head=head.facts,
            qr=issue.qr,
            code=issue.code,
            contents=self.say("contents"),
            counts=counts_of(facts.counts, language),
            conclusion=(self.say("conclusion"), conclusion_of(facts, language)),
            told=(self.say("told"), facts.notes),
            risks=risks,
            categories=categories,
            photos=photos,
            readings=readings,
            replaced=replaced,
            before=before,
            problems=problems,
            missing=missing,
            signatures=self.signatures(),
            users=self.say("sign.users", n=facts.user_signatures) if facts.user_signatures else "",
            seal=self.say("seal"),
            more=self.more(pictures[PHOTOS_IN_FRONT:]),
            results=self.results(),
            items=self.items(),
            verify=self.verify(),
            footer=self.footer(),
            files=files,
        )

    # --- Findings ---

    def risks(self) -> Listing:
        return Listing(
            title=self.numbered("risks"),
            head=self.columns("risks.head"),
            rows=tuple(self.risk(one) for one in self.facts.risks),
            none=self.say("risks.none"),
        )

    def risk(self, one: Risk) -> Row:
        near = self.facts.cover.begun_at
        due = (
            short_day(one.due_on, near=near.date() if near else None, language=self.language)
            if one.due_on
            else "—"
        )
        level = self.say(f"severity.{one.severity or 'none'}")
        text = self.both(one.text) + self.say(f"step.{one.step}")
        tone = "bad" if one.severity in ("urgent", "major") else "" if one.severity else "warn"
        return Row((level, one.asset, text, one.advice or "—", one.owner or "—", due), tone)

    def before(self) -> Listing:
        rows = tuple(
            Row(
                (
                    self.say(
                        "before.line",
                        asset=one.asset,
                        text=self.both(one.text),
                        day=day(one.found_at.date(), self.language) if one.found_at else "",
                        severity=self.say(f"severity.{one.severity or 'none'}"),
                        more=self.say(f"step.{one.step}"),
                    ),
                )
            )
            for one in self.facts.open_before
        )
        return Listing(self.numbered("before"), rows=rows, none=self.say("before.none"))

    def problems(self) -> Listing | None:
        if not self.facts.problems:
            return None
        rows = tuple(Row((text,)) for text in self.facts.problems)
        return Listing(self.numbered("problems"), rows=rows)

    # --- Counted ---

    def categories(self) -> Listing:
        rows = []
        for one in self.facts.categories:
            counts = one.counts
            figures = (counts.planned, counts.inspected, counts.normal, counts.abnormal)
            name = self.say(f"category.{one.category}")
            rows.append(Row((name, *map(str, figures)), "bad" if counts.abnormal else ""))
        return Listing(self.numbered("categories"), self.columns("categories.head"), tuple(rows))

    def missing(self) -> Listing | None:
        if not self.facts.missing:
            return None
        rows = tuple(
            Row(
                (
                    dotted(one.asset, one.number),
                    dotted(one.room, one.position),
                    self.say("begun" if one.is_begun else "not-begun"),
                )
            )
            for one in self.facts.missing
        )
        return Listing(self.numbered("missing.list"), self.columns("missing.head"), rows)

    # --- Photos ---

    def pictures(self) -> tuple[tuple[Picture, ...], dict[str, str]]:
        files: dict[str, str] = {}
        found = []
        for n, photo in enumerate(self.facts.photos, 1):
            file = f"photo-{n}.jpg" if photo.state == "shown" else ""
            if file:
                files[file] = photo.sha256
            instead = "" if file else self.say(f"photo.{photo.state}")
            found.append(Picture(file, self.caption(photo, n), instead, bool(photo.pair)))
        return tuple(found), files

    def caption(self, photo: Photo, n: int) -> str:
        when = self.say(f"photo.{photo.when}") if photo.when else ""
        name = photo.caption or self.both(photo.title)
        gap = "\u3000" if self.language == "zh-CN" else "  "
        return gap.join(
            part for part in (self.say("photo", n=n), dotted(when, photo.asset, name)) if part
        )

    def more(self, pictures: Sequence[Picture]) -> Gallery | None:
        notes = []
        if self.facts.photos_left:
            notes.append(self.say("photos.left", n=self.facts.photos_left))
        if self.facts.files:
            names = self.say("joined").join(self.facts.files)
            notes.append(self.say("files", names=names))
        if not pictures and not notes:
            return None
        return Gallery(self.annexed("photos.more"), tuple(pictures), tuple(notes))

    # --- Readings ---

    def readings(self) -> Readings:
        left = self.facts.readings_left
        return Readings(
            title=self.numbered("readings"),
            head=self.columns("readings.head"),
            rows=tuple(self.reading(one) for one in self.facts.readings),
            last=self.say("last"),
            now=self.say("now"),
            trend=self.say("readings.trend"),
            result=self.say("readings.result"),
            none=self.say("readings.none"),
            notes=(self.say("readings.left", n=left),) if left else (),
        )

    def reading(self, one: Reading) -> ReadingRow:
        before = "—" if one.before is None else figure(one.before, one.decimals)
        return ReadingRow(
            name=f"{one.asset} {self.both(one.title)}",
            limits=self.limits(one.limits, one.unit),
            before=before,
            now=figure(one.value, one.decimals),
            result=self.say(f"verdict.{one.verdict}"),
            tone=tone_of(one.verdict),
            gauge=gauge_of(one),
            trend=trend_of(one.limits, one.series),
        )

    def limits(self, limits: Limits, unit: str) -> str:
        """The limits of alarm, or of warning where there are no others."""
        alarm = self.range(limits.alarm_low, limits.alarm_high, unit)
        warning = self.range(limits.warning_low, limits.warning_high, unit)
        return alarm or self.say("limit.warning", limit=warning)

    def range(self, low: float | None, high: float | None, unit: str) -> str:
        if low is not None and high is not None:
            # A dash between two figures of which one is negative would be read as another minus.
            key = "limit.between" if low >= 0 else "limit.between-negative"
            return self.both(with_unit(self.say(key, low=bound(low), high=bound(high)), unit))
        if low is not None:
            return self.both(with_unit(self.say("limit.least", low=bound(low)), unit))
        most = "" if high is None else self.say("limit.most", high=bound(high))
        return self.both(with_unit(most, unit)) if most else ""

    def replaced(self) -> Listing:
        told = [one for one in self.facts.replaced if not one.is_noted]
        rows = tuple(
            Row(
                (
                    one.asset,
                    self.both(one.part) or self.say("replaced.device"),
                    one.old or self.say("unknown"),
                    one.new or self.say("unknown"),
                )
            )
            for one in self.facts.replaced
        )
        return Listing(
            self.numbered("replaced"),
            self.columns("replaced.head"),
            rows,
            none=self.say("replaced.none"),
            notes=(self.say("replaced.how"),) if told else (),
        )

    # --- Signed ---

    def signatures(self) -> tuple[SignedBox, ...]:
        found = [self.signed(one) for one in self.facts.signatures]
        for role in ("engineer", "contact"):
            if not any(one.role == role for one in self.facts.signatures):
                box = SignedBox(self.say(f"sign.{role}"), "", 1.0, (self.say("sign.none"),))
                found.insert(0, box) if role == "contact" else found.append(box)
        return tuple(found)

    def signed(self, one: Signed) -> SignedBox:
        gap = "\u3000" if self.language == "zh-CN" else "  "
        who = gap.join(part for part in (one.name, one.title) if part)
        lines = [who, day_and_clock(one.at, self.zone, self.language)]
        seal = self.say(f"sign.seal.{one.seal}")
        if one.absent_reason and not one.strokes:
            lines.insert(0, self.say("sign.absent", reason=one.absent_reason))
        is_bad = one.seal in ("broken", "key-not-recorded")
        warnings = [seal] if is_bad else []
        if one.is_changed:
            warnings.append(self.say("sign.changed"))
        if one.added:
            warnings.append(self.say("sign.added", n=one.added))
        elif one.is_added_to:
            warnings.append(self.say("sign.added-to"))
        if one.returned:
            warnings.append(self.say("sign.returned", n=one.returned))
        svg, ratio = strokes_svg(one.strokes)
        return SignedBox(
            self.say(f"sign.{one.role}"),
            svg,
            ratio,
            tuple(line for line in lines if line),
            tuple(warnings),
            "" if is_bad else seal,
        )

    # --- All of it ---

    def results(self) -> Listing:
        rows = tuple(
            Row(
                (
                    dotted(one.asset, one.number),
                    dotted(one.room, one.position),
                    self.both(one.template),
                    self.result(one),
                    one.inspector,
                    day_and_clock(one.at, self.zone, self.language),
                ),
                tone_of(one.state),
            )
            for one in self.facts.results
        )
        return Listing(self.annexed("results"), self.columns("results.head"), rows)

    def result(self, one: Result) -> str:
        word = self.say(f"verdict.{one.state}")
        return word if one.is_accepted else f"{word} ({self.say('results.waiting')})"

    def items(self) -> Items:
        """Every check of every device while they are not too many; then what is out of order."""
        total = sum(len(one.items) for one in self.facts.results)
        is_whole = total <= REPORT_ITEMS_MAX
        devices = []
        for one in self.facts.results:
            items = [item for item in one.items if is_whole or tone_of(item.verdict)]
            if items or (is_whole and one.note):
                devices.append(self.device(one, items))
        notes = [] if is_whole else [self.say("items.bad-only", n=total)]
        if not devices:
            notes.append(self.say("items.none"))
        title = self.annexed("items")
        return Items(title, self.columns("items.head"), tuple(devices), tuple(notes))

    def device(self, one: Result, items: Sequence[Item]) -> Device:
        rows = []
        for item in items:
            name = dotted(self.both(item.element), self.both(item.title))
            value = self.both(item.shown) or self.say(f"verdict.{item.verdict}")
            why = [self.both(reason) for reason in item.reasons] + [item.note]
            if item.is_rest:
                why.append(self.say("items.rest"))
            comma = "，" if self.language == "zh-CN" else ", "
            note = comma.join(part for part in why if part)
            cells = (name, value, self.both(item.before) or "—", note)
            rows.append(Row(cells, tone_of(item.verdict)))
        if one.note:
            rows.append(Row((self.say("told"), "", "", one.note)))
        meta = dotted(self.both(one.template), one.serial and f"SN {one.serial}", one.inspector)
        return Device(dotted(one.asset, one.number), meta, tone_of(one.state), tuple(rows))

    # --- Foot ---

    def verify(self) -> Verify:
        issue = self.issue
        lines = [
            self.say("verify.how", url=issue.url),
            self.say("verify.digest", digest=spaced(issue.basis, len(issue.basis))),
        ]
        if issue.missing:
            points = self.say("joined").join(f"U+{ord(one):04X}" for one in issue.missing)
            lines.append(self.say("verify.missing", n=len(issue.missing), points=points))
        return Verify(self.annexed("verify"), tuple(lines))

    def footer(self) -> tuple[str, str, str]:
        sources = self.say("joined").join(self.both(one) for one in self.facts.sources[:2])
        limits = (
            self.say("footer.limits", sources=sources) if sources else self.say("footer.no-limits")
        )
        digest = self.say("footer.digest", digest=spaced(self.issue.basis, 16))
        # The template fills the page's numbers in.
        return limits, digest, self.say("footer.page", page="{page}", pages="{pages}")


def dotted(*parts: str) -> str:
    """Join what is there with a middle dot."""
    return "·".join(part for part in parts if part)


def strokes_svg(path: str) -> tuple[str, float]:
    """Draw a signature's strokes, cut to where the pen was, and tell its width to its height.

    Nothing of what is no path.
    """
    if not STROKES.fullmatch(path):
        return "", 1.0
    numbers = [float(one) for one in NUMBER.findall(path)]
    xs, ys = numbers[0::2], numbers[1::2]
    if not xs or not ys:
        return "", 1.0
    left, top = min(xs) - STROKES_AIR, min(ys) - STROKES_AIR
    width, height = max(xs) - left + STROKES_AIR, max(ys) - top + STROKES_AIR
    pen = max(width, height) / 90
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {width:g} {height:g}">'
        f'<path d="{path}" fill="none" stroke="#101a20" stroke-width="{pen:.2f}"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    return svg, width / height
