"""Reports as the office reads and orders them, and what `/verify` tells anybody.

Rule: what is public says whether a report is genuine, and nothing of what is in it.
"""

from typing import Literal

from schemas.base import Count, Id, Instant, Language, Line, Name, Sha256, Wire, Words

ReportOf = Literal["visit", "assignment"]
ReportState = Literal["waiting", "ready", "failed"]
ReportVerdict = Literal["genuine", "superseded", "unknown"]


class ReportRow(Wire, frozen=True, kw_only=True):
    """One revision of a report in one language.

    `progress` is of 100 while it is `waiting`; `problem` says why it `failed`. `missing` are
    characters that no font had, shown as □. `superseded_at`: a newer revision stands in its place.
    """

    id: Id
    of: Id
    of_kind: ReportOf
    site: Id
    site_name: Name
    customer_name: Name
    time_zone: str
    title: Words | None = None  # Of the round.
    visited_at: Instant | None = None
    engineer_name: Line = ""
    language: Language
    revision: Count
    state: ReportState
    progress: Count = 0
    code: Line
    digest: Sha256 | None = None
    bytes: Count = 0
    problem: Line = ""
    missing: Line = ""
    created_at: Instant
    created_by_name: Line = ""
    ready_at: Instant | None = None
    superseded_at: Instant | None = None


class ReportPage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    rows: tuple[ReportRow, ...]


class ReportSubject(Wire, frozen=True, kw_only=True):
    """What a report may be made of: a round, or one of its visits; with its newest revisions.

    `earlier` counts those before them.
    """

    of: Id
    of_kind: ReportOf
    started_at: Instant | None = None
    ended_at: Instant | None = None
    engineer_name: Line = ""
    reports: tuple[ReportRow, ...] = ()
    earlier: Count = 0


class ReportSubjects(Wire, frozen=True, kw_only=True):
    """A round with its visits, or one visit alone."""

    time_zone: str
    subjects: tuple[ReportSubject, ...]


class ReportOrder(Wire, frozen=True, kw_only=True):
    """`POST /office/reports`."""

    of: Id
    of_kind: ReportOf
    language: Language


class ReportOrdered(Wire, frozen=True, kw_only=True):
    """`is_new` is false where the newest revision says all there is to say already."""

    report: ReportRow
    is_new: bool


class VerifyAnswer(Wire, frozen=True, kw_only=True):
    """`GET /verify/{code or digest}` for programs. `content` is the digest that is printed."""

    verdict: ReportVerdict
    revision: Count = 0
    language: Language | None = None
    ready_at: Instant | None = None
    content: Sha256 | None = None
    file: Sha256 | None = None
