"""The head of a report: what it is called, whose it is, the counts, the conclusion. Rule: pure.

The conclusion is worked out from the facts, so that it never says what the tables do not.
"""

from msgspec import Struct

from schemas.base import Language
from server.reports.facts import Counts, Facts, Risk
from server.reports.times import between, day, days
from server.reports.words import say

RISKS_TOLD_MAX = 3
MISSING_TOLD_MAX = 3
OPTIONAL = ("warning", "na")  # Counts that stand there only where there are any.


class Count(Struct, frozen=True):
    figure: int
    word: str
    tone: str = ""


class Head(Struct, frozen=True):
    company: str
    title: str
    subject: str
    facts: tuple[tuple[str, str], ...]


def head_of(facts: Facts, language: Language, *, code: str, revision: int) -> Head:
    """Say what this is, and whose, when, by whom and how far it was looked through."""
    cover, zone = facts.cover, facts.cover.time_zone
    rows = [(say(language, "number"), code)]
    if revision > 1:
        rows.append((say(language, "revision"), say(language, "revision-no", n=revision)))
    if cover.begun_at is not None:
        if facts.of_kind == "visit":
            when = between(cover.begun_at, cover.ended_at, zone, language)
            rows.append((say(language, "at"), when))
        else:
            when = days(cover.begun_at, cover.ended_at or cover.begun_at, zone, language)
            rows.append((say(language, "period"), when))
    elif cover.window_from is not None and cover.window_to is not None:
        when = days(cover.window_from, cover.window_to, zone, language)
        rows.append((say(language, "window"), when))
    names = say(language, "joined").join(cover.engineers)
    rows.append((say(language, "engineer"), names or "—"))
    if reviewed := review_of(facts, language):
        rows.append((say(language, "review"), reviewed))
    if cover.contract:
        rows.append((say(language, "contract"), cover.contract))
    title = cover.title.in_(language)
    return Head(
        company=cover.operator,
        title=say(language, "title.round", title=title) if title else say(language, "title.visit"),
        subject="·".join(part for part in (cover.customer, cover.site) if part),
        facts=tuple(rows),
    )


def review_of(facts: Facts, language: Language) -> str:
    """Who accepted the results, and what still waits."""
    cover = facts.cover
    gap = "，" if language == "zh-CN" else ", "
    parts = [
        f"{one.name}{gap}{days(one.at, one.at, cover.time_zone, language)}"
        for one in cover.accepted_by
    ]
    if cover.to_review:
        parts.append(say(language, "to-review", n=cover.to_review))
    return ("；" if language == "zh-CN" else "; ").join(parts)


def counts_of(counts: Counts, language: Language) -> tuple[Count, ...]:
    """The figures that stand in a row below the head."""
    rows = (
        ("planned", counts.planned, ""),
        ("inspected", counts.inspected, ""),
        ("normal", counts.normal, ""),
        ("warning", counts.warning, "warn"),
        ("abnormal", counts.abnormal, "bad"),
        ("na", counts.na, ""),
        ("missing", counts.missing, ""),
    )
    return tuple(
        Count(figure, say(language, name), tone if figure else "")
        for name, figure, tone in rows
        if figure or name not in OPTIONAL
    )


def conclusion_of(facts: Facts, language: Language) -> str:
    """Say in sentences what was planned, what was found, what is to be done and what is left."""
    counts = facts.counts
    if not counts.inspected:
        said = [say(language, "said.nothing")]
    else:
        said = [say(language, "said.counts", planned=counts.planned, inspected=counts.inspected)]
        if counts.abnormal:
            said.append(say(language, "said.abnormal", n=counts.abnormal))
        if counts.warning:
            said.append(say(language, "said.warning", n=counts.warning))
        if not counts.abnormal and not counts.warning:
            said.append(say(language, "said.all-normal"))
    grave = [one for one in facts.risks if one.severity in ("urgent", "major")]
    said += [risk_said(one, language) for one in grave[:RISKS_TOLD_MAX]]
    if facts.missing:
        names = say(language, "joined").join(one.asset for one in facts.missing[:MISSING_TOLD_MAX])
        if len(facts.missing) > MISSING_TOLD_MAX:
            names = say(language, "said.names-more", names=names)
        said.append(say(language, "said.missing", n=len(facts.missing), names=names))
    return ("" if language == "zh-CN" else " ").join(said)


def risk_said(risk: Risk, language: Language) -> str:
    """Name one grave risk in a sentence."""
    filled = {
        "asset": risk.asset,
        "text": risk.text.in_(language).rstrip("。. "),
        "severity": say(language, f"severity.{risk.severity}"),
    }
    if risk.due_on is None:
        return say(language, "said.risk", **filled)
    return say(language, "said.risk-due", **filled, due=day(risk.due_on, language))
