"""Reports in the office: listed, ordered, downloaded. Rule: only of sites that may be read."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import ROWS_PER_LIST_DEFAULT, Language
from schemas.reports import (
    ReportOf,
    ReportOrder,
    ReportOrdered,
    ReportPage,
    ReportRow,
    ReportState,
    ReportSubject,
    ReportSubjects,
)
from server.auth.people import SignedIn
from server.blobs import BlobMissing, Blobs, blob_key
from server.database import Database
from server.errors import NotFound, ServerError
from server.paging import Limit, Offset
from server.reports import codes
from server.reports.facts import Facts
from server.reports.making import Making
from server.reports.tables import csv_of, rows_of
from server.reports.words import say
from server.store import office, records, report_facts
from server.store import reports as store
from server.store.office import Sites
from server.store.reports import Listed, Report, ReportFilter

PDF = "application/pdf"
CSV = "text/csv; charset=utf-8; header=present"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REVISIONS_SHOWN_MAX = 500

# `state` itself is a word of the framework.
State = Annotated[ReportState | None, QueryParameter(name="state")]


class ReportNotReady(ServerError):
    slug = "report-not-ready"
    title = "The report is not ready"
    status = 409


class ReportGone(ServerError):
    """Its row stands, and its bytes do not: a store that was not restored with the database."""

    slug = "report-gone"
    title = "The file of this report is not in the store; have it made again"
    status = 410


def report_row(one: Listed, sites: Sites) -> ReportRow:
    report, site = one.report, sites.of_scope(one.report.scope_id)
    assert site is not None, "only what may be read is loaded"
    return ReportRow(
        id=report.id,
        of=report.of,
        of_kind=report.of_kind,
        site=site.id,
        site_name=site.name,
        customer_name=site.customer.short_name,
        time_zone=site.time_zone,
        title=one.title,
        visited_at=one.visited_at,
        engineer_name=one.engineer_name,
        language=report.language,
        revision=report.revision,
        state=report.state,
        progress=report.progress,
        code=codes.display(report.code),
        digest=report.digest,
        bytes=report.bytes,
        problem=report.problem or "",
        missing=report.missing,
        created_at=report.created_at,
        created_by_name=one.created_by_name,
        ready_at=report.ready_at,
        superseded_at=report.superseded_at,
    )


async def load_row(tx: AsyncConnection, sites: Sites, id_: UUID) -> tuple[Report, ReportRow]:
    """One report that may be read. Raises `NotFound`."""
    _, found = await store.load_listed(tx, sites, ReportFilter(id=id_), limit=1)
    if not found:
        raise NotFound
    return found[0].report, report_row(found[0], sites)


async def demand_readable(tx: AsyncConnection, sites: Sites, of: UUID, kind: ReportOf) -> UUID:
    """The site of a visit or a round that may be read. Raises `NotFound`."""
    place = (await records.locate(tx, {of})).get(of)
    site = sites.of_scope(place.scope) if place and place.kind == kind else None
    if site is None:
        raise NotFound
    return site.id


# --- Lists ---


@get("/office/reports", operation_id="listReports", summary="Reports")
async def list_reports(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    site: FromQuery[UUID | None] = None,
    of: FromQuery[UUID | None] = None,
    language: FromQuery[Language | None] = None,
    stand: State = None,
    current: FromQuery[bool | None] = None,
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> ReportPage:
    """List reports, the newest first; with `current` those that no newer revision supersedes."""
    asked = ReportFilter(
        site=site,
        of=None if of is None else (of,),
        language=language,
        state=stand,
        is_current=bool(current),
    )
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        total, found = await store.load_listed(tx, sites, asked, limit=limit, offset=offset)
    rows = tuple(report_row(one, sites) for one in found)
    return ReportPage(total=total, offset=offset, rows=rows)


@get(
    "/office/reports/{report_id:uuid}",
    operation_id="showReport",
    summary="One report, and how far it is",
)
async def show_report(
    report_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
) -> ReportRow:
    """Show one revision; asked again while it is made, for its progress."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        _, row = await load_row(tx, sites, report_id)
    return row


@get(
    "/office/reports/subjects",
    operation_id="listReportSubjects",
    summary="What reports there are of a round and its visits, or of a visit",
)
async def list_subjects(
    of: FromQuery[UUID],
    of_kind: FromQuery[ReportOf],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
) -> ReportSubjects:
    """List a round and its visits, or one visit, each with its newest reports."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        site = await demand_readable(tx, sites, of, of_kind)
        visits = await report_facts.load_round_visits(tx, of) if of_kind == "assignment" else []
        asked = ReportFilter(of=[of, *(visit[0] for visit in visits)])
        _, found = await store.load_listed(tx, sites, asked, limit=REVISIONS_SHOWN_MAX)
    subjects = [subject(ReportSubject(of=of, of_kind=of_kind, engineer_name=""), found, sites)]
    for id_, begun, ended, name in visits:
        visit = ReportSubject(
            of=id_, of_kind="visit", started_at=begun, ended_at=ended, engineer_name=name
        )
        subjects.append(subject(visit, found, sites))
    return ReportSubjects(time_zone=sites.by_id[site].time_zone, subjects=tuple(subjects))


def subject(of: ReportSubject, found: Sequence[Listed], sites: Sites) -> ReportSubject:
    """Add its reports: of each language the newest, and the last that was ready."""
    own = [one for one in found if one.report.of == of.of]
    shown: list[Listed] = []
    for language in ("zh-CN", "en"):
        revisions = [one for one in own if one.report.language == language]
        revisions.sort(key=lambda one: -one.report.revision)
        shown += revisions[:1]
        if revisions and revisions[0].report.state != "ready":
            shown += [one for one in revisions[1:] if one.report.state == "ready"][:1]
    return ReportSubject(
        of=of.of,
        of_kind=of.of_kind,
        started_at=of.started_at,
        ended_at=of.ended_at,
        engineer_name=of.engineer_name,
        reports=tuple(report_row(one, sites) for one in shown),
        earlier=len(own) - len(shown),
    )


# --- Orders ---


@post(
    "/office/reports",
    operation_id="orderReport",
    summary="Have a report made",
    status_code=HTTP_200_OK,
)
async def order_report(
    data: JSONBody[ReportOrder],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    making: NamedDependency[Making],
) -> ReportOrdered:
    """Have the report of a visit or a round made, in the background.

    Where nothing has changed since the newest revision, that one is given; one that failed is
    tried again. Problems: `not-found`.
    """
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        await demand_readable(tx, sites, data.of, data.of_kind)
    (asked,) = await making.ask(data.of, data.of_kind, (data.language,), person=signed_in.person.id)
    async with database.read() as tx:
        _, row = await load_row(tx, sites, asked.report.id)
    return ReportOrdered(report=row, is_new=asked.is_new)


# --- Files ---


def file_name(row: ReportRow, suffix: str) -> str:
    """What a download is called, in the report's own language."""
    title = row.title
    name = (title.en if row.language == "en" else title.zh) if title else ""
    parts = [row.customer_name, row.site_name, name or say(row.language, "title.visit")]
    if row.visited_at is not None:
        parts.append(f"{row.visited_at:%Y-%m-%d}")
    if row.revision > 1:
        parts.append(f"r{row.revision}")
    return "-".join(parts) + suffix


def attached(name: str, fallback: str) -> str:
    """The header that names a download in any script (RFC 6266, RFC 8187)."""
    clean = "".join(mark for mark in name if mark.isprintable() and mark not in '/\\:*?"<>|')
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(clean, safe='')}"


@get(
    "/office/reports/{report_id:uuid}/file",
    operation_id="downloadReport",
    summary="The PDF of a report",
    media_type=PDF,
)
async def download_report(
    report_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    blobs: NamedDependency[Blobs],
) -> Stream:
    """Download a revision, also one that is superseded. Problems: `report-not-ready`,
    `report-gone`, `store-unreachable`."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        report, row = await load_row(tx, sites, report_id)
    if report.state != "ready" or report.digest is None:
        raise ReportNotReady
    key = blob_key(report.digest)
    if await blobs.size(key) is None:
        raise ReportGone
    headers = {
        "Content-Disposition": attached(file_name(row, ".pdf"), f"report-{report.code}.pdf"),
        "Content-Length": str(report.bytes),
        "ETag": f'"{report.digest}"',
        "Cache-Control": "private, no-cache",
    }
    return Stream(chunks(blobs, key), media_type=PDF, headers=headers)


async def chunks(blobs: Blobs, key: str) -> AsyncIterator[bytes]:
    """The bytes of a report; it ends short where they vanish meanwhile, which its length tells."""
    try:
        async for part in blobs.read(key):
            yield part
    except BlobMissing:
        return


@get(
    "/office/reports/table",
    operation_id="downloadReportTable",
    summary="The answers of a visit or a round as a table",
)
async def download_table(
    of: FromQuery[UUID],
    of_kind: FromQuery[ReportOf],
    language: FromQuery[Language],
    kind: Annotated[Literal["csv", "xlsx"], QueryParameter(name="format")],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    making: NamedDependency[Making],
) -> Response[bytes] | Stream:
    """Download what a report is made of, one row an answer. Problem: `report-table-too-large`."""
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        await demand_readable(tx, sites, of, of_kind)
    facts, _ = await making.facts(of, of_kind)
    headers = {"Content-Disposition": attached(table_name(facts, language, kind), f"data.{kind}")}
    if kind == "xlsx":
        from server.reports.workbook import xlsx_of  # Here: see there.

        body = await asyncio.to_thread(xlsx_of, facts, language)
        return Response(body, media_type=XLSX, headers=headers)
    next(rows_of(facts, language), None)  # Refused before the answer has begun.
    pieces: Iterator[bytes] = csv_of(facts, language)
    return Stream(pieces, media_type=CSV, headers=headers)


def table_name(facts: Facts, language: Language, kind: str) -> str:
    title = facts.cover.title.in_(language) or say(language, "title.visit")
    return f"{facts.cover.customer}-{facts.cover.site}-{title}.{kind}"
