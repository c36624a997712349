"""Reports are made in the background: asked for, worked on by a job, kept. Rule: facts decide.

Where the facts are those of the newest revision there is nothing to make. The PDF lands in the
store of bytes before its row says that it is there, and the row pins it.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from msgspec import Struct, structs
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Language
from server.blob_keep import keep_blob
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.errors import NotFound
from server.fonts import Fonts
from server.jobs import Jobs
from server.judging import Judge
from server.labels.links import link_svg
from server.reports import codes
from server.reports.complete import complete_visits, is_round_complete
from server.reports.derive import derive_facts
from server.reports.facts import Facts, OfKind, basis_of
from server.reports.layout import Gallery, Issue, Page
from server.reports.page import page_of
from server.reports.pdf import Made, ReportTooSlow, ReportUnset, make_pdf, missing_in
from server.reports.pictures import load_pictures
from server.reports.sources import load_sources
from server.reports.words import say
from server.settings import Settings
from server.store import reports as store
from server.store.jobs import Job
from server.store.reports import Report
from sync.errors import SyncError
from sync.scopes import site_scope

MAKE, WATCH = "make-report", "watch-reports"
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
# Photos that are still on a tablet are looked for again, until the report is this old.
LOOK_AGAIN = timedelta(minutes=20)
PATIENCE = timedelta(days=14)
RACES_MAX = 3

log = structlog.get_logger()


class Watched(Struct, frozen=True):
    """What a `watch-reports` job looks at: whether everything about it is accepted by now.

    With `languages` a report of it is made anew in these, where it would differ.
    """

    id: UUID
    kind: str  # inspection | visit | assignment
    languages: tuple[Language, ...] = ()


class Asked(Struct, frozen=True):
    """The newest report, and whether there was anything to make."""

    report: Report
    is_new: bool


async def watch(jobs: Jobs, tx: AsyncConnection, id_: UUID, kind: str) -> None:
    """Have it looked at, after this transaction, whether a report is due."""
    await jobs.add(tx, WATCH, f"{kind}/{id_}", Watched(id_, kind))


class Making:
    """Makes the reports of one installation. Register `make` and `look` with the jobs."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        jobs: Jobs,
        clock: Clock,
        settings: Settings,
        fonts: Callable[[], Fonts],
    ) -> None:
        self._database, self._blobs, self._jobs = database, blobs, jobs
        self._clock, self._settings, self._fonts = clock, settings, fonts
        self._judge = Judge()

    async def facts(self, of: UUID, of_kind: OfKind) -> tuple[Facts, UUID]:
        """Everything that the report says as things stand, and its site. Raises `NotFound`."""
        async with self._database.read() as tx:
            sources = await load_sources(tx, self._judge, of, of_kind)
        operator = self._settings.operator
        facts = await asyncio.to_thread(lambda: derive_facts(sources, operator=operator))
        return facts, sources.site_id

    # --- Asked for ---

    async def ask(
        self, of: UUID, of_kind: OfKind, languages: Sequence[Language], *, person: UUID | None
    ) -> tuple[Asked, ...]:
        """Ask for the report in these languages; the newest stands where nothing has changed.

        One that failed, or that nobody makes any more, is tried again. Raises `NotFound`.
        """
        facts, site = await self.facts(of, of_kind)
        basis = basis_of(facts)
        for attempt in range(RACES_MAX):
            try:
                async with self._database.write() as tx:
                    return tuple(
                        [
                            await self._ask_one(tx, of, of_kind, site, language, basis, person)
                            for language in languages
                        ]
                    )
            except IntegrityError:  # Another process asked for the same revision just now.
                if attempt + 1 == RACES_MAX:
                    raise
        raise AssertionError("left by return or raise")

    async def _ask_one(
        self,
        tx: AsyncConnection,
        of: UUID,
        of_kind: OfKind,
        site: UUID,
        language: Language,
        basis: str,
        person: UUID | None,
    ) -> Asked:
        newest = await store.load_newest(tx, of, language)
        if newest is not None and newest.basis == basis:
            if newest.state == "failed":
                await self.again(tx, newest)
            elif newest.state == "waiting":  # Its job may have been given up with nobody to tell.
                await self._jobs.add(tx, MAKE, str(newest.id))
            return Asked(newest, is_new=newest.state == "failed")
        report = Report(
            id=self._clock.new_id(),
            of=of,
            of_kind=of_kind,
            scope_id=site_scope(site),
            language=language,
            revision=newest.revision + 1 if newest else 1,
            basis=basis,
            code=codes.make(self._clock.entropy(codes.ENTROPY_BYTES)),
            created_by=person,
            created_at=self._clock.now(),
        )
        await store.save_new(tx, report)
        await self._jobs.add(tx, MAKE, str(report.id))
        return Asked(report, is_new=True)

    async def again(self, tx: AsyncConnection, report: Report) -> None:
        """Try one again that failed."""
        await store.save_progress(tx, report.id, progress=0)
        await self._jobs.add(tx, MAKE, str(report.id))

    # --- Made ---

    async def make(self, job: Job) -> None:
        """Make one report. A defect of setting it is kept with it; what passes is tried again."""
        async with self._database.read() as tx:
            report = await store.load(tx, UUID(job.key))
        if report is None or report.state == "ready":
            return
        try:
            await self._make(report)
        except (ReportUnset, ReportTooSlow, NotFound) as error:
            log.error("report.failed", report=job.key, reason=error.detail)  # noqa: TRY400
            await self._fail(report, error)
        except Exception as error:
            await self._fail(report, error)
            raise

    async def _fail(self, report: Report, error: Exception) -> None:
        told = error.slug if isinstance(error, SyncError) else type(error).__name__
        async with self._database.write() as tx:
            await store.save_failed(tx, report.id, problem=told)

    async def _make(self, report: Report) -> None:
        await self._progress(report, 10)
        facts, _ = await self.facts(report.of, report.of_kind)
        basis = basis_of(facts)
        await self._progress(report, 30, basis=basis)
        page = page_of(facts, report.language, self._issue(report, basis))
        pictures = await load_pictures(self._blobs, page.files)
        page = without_gone(page, pictures.keys(), report.language)
        await self._progress(report, 60)
        fonts = await asyncio.to_thread(self._fonts)
        missing = await asyncio.to_thread(missing_in, page, fonts)
        if missing:
            issue = self._issue(report, basis, missing)
            page = without_gone(
                page_of(facts, report.language, issue), pictures.keys(), report.language
            )
        made = await make_pdf(
            page, at=facts.at or report.created_at, pictures=pictures, fonts=fonts
        )
        await self._progress(report, 90)
        await self._keep(report, made)
        await self._look_again(report, facts)

    async def _progress(self, report: Report, progress: int, *, basis: str | None = None) -> None:
        async with self._database.write() as tx:
            await store.save_progress(tx, report.id, progress=progress, basis=basis)

    def _issue(self, report: Report, basis: str, missing: tuple[str, ...] = ()) -> Issue:
        origin = self._settings.origin
        return Issue(
            code=codes.display(report.code),
            url=f"{origin}/verify",
            basis=basis,
            revision=report.revision,
            qr=link_svg(f"{origin}/verify/{report.code}"),
            missing=missing,
        )

    async def _keep(self, report: Report, made: Made) -> None:
        digest = sha256(made.pdf).hexdigest()

        async def also(tx: AsyncConnection) -> None:
            await store.save_ready(
                tx,
                report,
                digest=digest,
                size=len(made.pdf),
                missing="".join(made.missing),
                at=self._clock.now(),
            )

        await keep_blob(self._database, self._blobs, self._clock, digest, made.pdf, also=also)

    async def _look_again(self, report: Report, facts: Facts) -> None:
        """Come back for photos that were not here yet."""
        now = self._clock.now()
        is_waiting = any(photo.state in ("away", "unread") for photo in facts.photos)
        if not is_waiting or now - (facts.at or now) > PATIENCE:
            return
        async with self._database.write() as tx:
            await self._jobs.add(
                tx,
                WATCH,
                f"again/{report.of}/{report.language}",
                Watched(report.of, report.of_kind, (report.language,)),
                due_at=now + LOOK_AGAIN,
            )

    # --- Watched ---

    async def look(self, job: Job) -> None:
        """Make the reports that are due by now: of a round accepted whole, of a visit over."""
        watched = job.read(Watched)
        try:
            if watched.languages:
                await self._look_for_photos(job, watched)
                return
            async with self._database.read() as tx:
                due: list[tuple[UUID, OfKind]] = [
                    (id_, "visit")
                    for id_ in await complete_visits(tx, self._judge, watched.id, watched.kind)
                ]
                round_ = await is_round_complete(tx, watched.id, watched.kind)
            if round_ is not None:
                due.append((round_, "assignment"))
            for of, of_kind in due:
                await self.ask(of, of_kind, LANGUAGES, person=None)
        except NotFound:
            log.info("report.gone", of=str(watched.id))

    async def _look_for_photos(self, job: Job, watched: Watched) -> None:
        of_kind: OfKind = "visit" if watched.kind == "visit" else "assignment"
        asked = await self.ask(watched.id, of_kind, watched.languages, person=None)
        now, created = self._clock.now(), min(one.report.created_at for one in asked)
        if not any(one.is_new for one in asked) and now - created <= PATIENCE:
            async with self._database.write() as tx:
                await self._jobs.add(tx, WATCH, job.key, watched, due_at=next_look(now, created))


def next_look(now: datetime, created: datetime) -> datetime:
    """Ever less often: after as long again as it has waited by now."""
    return now + max(LOOK_AGAIN, (now - created) / 2)


def without_gone(page: Page, here: Collection[str], language: Language) -> Page:
    """The page with a note in the place of each photo whose small picture is not there."""
    note = say(language, "photo.unread")

    def mended(gallery: Gallery | None) -> Gallery | None:
        if gallery is None:
            return None
        pictures = tuple(
            one if one.file in here or not one.file else structs.replace(one, file="", instead=note)
            for one in gallery.pictures
        )
        return structs.replace(gallery, pictures=pictures)

    return structs.replace(page, photos=mended(page.photos), more=mended(page.more))
