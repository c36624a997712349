"""Reports that were made or are being made. Rule: a revision is superseded, never rewritten."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct, structs
from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Language, Words
from server.store.kind_tables import KIND_TABLES
from server.store.office import ASSIGNMENT, WORDS, Sites, plain
from server.store.people_tables import people
from server.store.proof_tables import reports

VISIT = KIND_TABLES["visit"]
MISSING_LENGTH_MAX = 200
REASON_LENGTH_MAX = 1_000

State = Literal["waiting", "ready", "failed"]


class Report(Struct, frozen=True, kw_only=True):
    """One revision in one language. `missing` are characters that no font had."""

    id: UUID
    of: UUID
    of_kind: Literal["visit", "assignment"]
    scope_id: str
    language: Language
    revision: int
    basis: str
    state: State = "waiting"
    progress: int = 0
    digest: str | None = None
    code: str
    bytes: int = 0
    problem: str | None = None
    missing: str = ""
    created_by: UUID | None = None
    created_at: datetime
    ready_at: datetime | None = None
    superseded_at: datetime | None = None


COLUMNS = tuple(reports.c[name] for name in Report.__struct_fields__)


def as_report(row: object) -> Report:
    return msgspec.convert(row, Report, from_attributes=True)


async def load_one(tx: AsyncConnection, condition: ColumnElement[bool]) -> Report | None:
    query = select(*COLUMNS).where(condition).order_by(reports.c.revision.desc()).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return as_report(row) if row else None


async def load(tx: AsyncConnection, id_: UUID) -> Report | None:
    return await load_one(tx, reports.c.id == id_)


async def load_by_code(tx: AsyncConnection, code: str) -> Report | None:
    """The report that this code is printed in."""
    return await load_one(tx, reports.c.code == code)


async def load_by_digest(tx: AsyncConnection, digest: str) -> Report | None:
    """The report whose file has this SHA-256."""
    return await load_one(tx, reports.c.digest == digest)


async def load_newest(tx: AsyncConnection, of: UUID, language: Language) -> Report | None:
    """The newest revision of the report of a visit or a round, whatever became of it."""
    return await load_one(tx, and_(reports.c.of == of, reports.c.language == language))


async def has_any(tx: AsyncConnection) -> bool:
    """Whether any report was ever asked for."""
    return (await tx.execute(select(reports.c.id).limit(1))).first() is not None


async def save_new(tx: AsyncConnection, report: Report) -> None:
    """Raises SQLAlchemy's `IntegrityError` where somebody made the same revision just now."""
    await tx.execute(insert(reports).values(**structs.asdict(report)))


async def save_progress(
    tx: AsyncConnection, id_: UUID, *, progress: int, basis: str | None = None
) -> None:
    """Say how far it is, of 100; one that had failed waits again."""
    values: dict[str, object] = {"progress": progress, "state": "waiting", "problem": None}
    if basis is not None:
        values["basis"] = basis
    await tx.execute(
        update(reports).where(reports.c.id == id_, reports.c.state != "ready").values(**values)
    )


async def save_failed(tx: AsyncConnection, id_: UUID, *, problem: str) -> None:
    await tx.execute(
        update(reports)
        .where(reports.c.id == id_, reports.c.state != "ready")
        .values(state="failed", problem=problem[:REASON_LENGTH_MAX])
    )


async def save_ready(
    tx: AsyncConnection, report: Report, *, digest: str, size: int, missing: str, at: datetime
) -> None:
    """Say that it can be downloaded; what was before it is superseded, or it is itself."""
    same = and_(reports.c.of == report.of, reports.c.language == report.language)
    newer = await tx.scalar(
        select(func.count()).where(
            same, reports.c.revision > report.revision, reports.c.state == "ready"
        )
    )
    await tx.execute(
        update(reports)
        .where(reports.c.id == report.id)
        .values(
            state="ready",
            progress=100,
            digest=digest,
            bytes=size,
            missing=missing[:MISSING_LENGTH_MAX],
            problem=None,
            ready_at=at,
            superseded_at=at if newer else None,
        )
    )
    await tx.execute(
        update(reports)
        .where(
            same,
            reports.c.revision < report.revision,
            reports.c.state == "ready",
            reports.c.superseded_at.is_(None),
        )
        .values(superseded_at=at)
    )


# --- Lists ---


class ReportFilter(Struct, frozen=True, kw_only=True):
    """Which reports are asked for; what is not said limits nothing. `is_current`: the newest."""

    id: UUID | None = None
    site: UUID | None = None
    of: Collection[UUID] | None = None
    language: Language | None = None
    state: State | None = None
    is_current: bool = False

    def conditions(self, sites: Sites) -> list[ColumnElement[bool]]:
        kept = sites.only(self.site) if self.site else sites
        asked: list[ColumnElement[bool] | None] = [
            kept.within(reports.c.scope_id),
            reports.c.id == self.id if self.id else None,
            reports.c.of.in_(self.of) if self.of is not None else None,
            reports.c.language == self.language if self.language else None,
            reports.c.state == self.state if self.state else None,
            reports.c.superseded_at.is_(None) if self.is_current else None,
        ]
        return [condition for condition in asked if condition is not None]


class Listed(Struct, frozen=True, kw_only=True):
    """A report with what it is of: the round's title, and of a visit when and whose it was."""

    report: Report
    title: Words | None
    visited_at: datetime | None
    engineer_name: str
    created_by_name: str


async def load_listed(
    tx: AsyncConnection, sites: Sites, asked: ReportFilter, *, limit: int, offset: int = 0
) -> tuple[int, list[Listed]]:
    """A page of reports, the newest first, and how many there are."""
    conditions = asked.conditions(sites)
    total = await tx.scalar(select(func.count()).select_from(reports).where(*conditions))
    round_ = or_(
        ASSIGNMENT.c.id == VISIT.c.assignment,
        and_(VISIT.c.id.is_(None), ASSIGNMENT.c.id == reports.c.of),
    )
    joined = (
        reports.outerjoin(VISIT, VISIT.c.id == reports.c.of)
        .outerjoin(ASSIGNMENT, round_)
        .outerjoin(people, people.c.id == reports.c.created_by)
    )
    query = (
        select(
            *COLUMNS,
            ASSIGNMENT.c.title.label("title"),
            VISIT.c.started_at.label("visited_at"),
            VISIT.c.engineer_name.label("engineer_name"),
            people.c.name.label("created_by_name"),
        )
        .select_from(joined)
        .where(*conditions)
        .order_by(reports.c.created_at.desc(), reports.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = [plain(row) for row in (await tx.execute(query)).mappings()]
    return total or 0, [as_listed(row) for row in rows]


def as_listed(row: Mapping[str, object]) -> Listed:
    own = {name: row[name] for name in Report.__struct_fields__}
    return Listed(
        report=msgspec.convert(own, Report),
        title=WORDS.decode(str(row["title"])) if row["title"] else None,
        visited_at=msgspec.convert(row["visited_at"], datetime | None),
        engineer_name=str(row["engineer_name"] or ""),
        created_by_name=str(row["created_by_name"] or ""),
    )
