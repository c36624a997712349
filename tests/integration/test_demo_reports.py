"""The demo company shows what a customer would get, without waiting for it at the start."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.app import create_app
from server.blobs import Blobs, blob_key
from server.clock import ManualClock
from server.database import Database
from server.demo.reports import ask_for_reports
from server.fonts import Fonts
from server.reports.words import WORDS
from server.routes import office
from server.settings import Settings
from server.store import grants, people
from server.store import office as office_store
from server.store import reports as store
from server.store.file_tables import jobs
from server.store.office import ASSIGNMENT
from server.store.proof_tables import reports
from server.store.reports import ReportFilter
from tests.fixtures.demo_company import NOW, Home
from tests.integration.reports_world import overprinted, text_of


async def test_a_past_round_and_a_visit_have_a_finished_report_in_each_language(
    demo_database: Database, own_home: Home, fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "fonts_in", lambda _: fonts)
    clock, settings = ManualClock(NOW, seed="house"), Settings(data_dir=own_home.folder)
    blobs, database = Blobs(settings), demo_database
    app = create_app(settings, database, clock)
    await ask_for_reports(database, clock)
    assert await app.state.jobs.run_due() == 0, "nothing is made while the demo starts"
    clock.advance(timedelta(seconds=5))
    await app.state.jobs.run_due()
    async with database.read() as tx:
        rows = (await tx.execute(select(reports))).all()
    assert {(row.of_kind, row.language, row.state, row.missing) for row in rows} == {
        (kind, language, "ready", "")
        for kind in ("visit", "assignment")
        for language in ("zh-CN", "en")
    }
    assert all(0 < row.bytes < 3_000_000 for row in rows)
    async with database.read() as tx:
        chen = await people.load_by_login(tx, "chen")
        assert chen is not None
        sites = await office_store.load_sites(tx, await grants.load_access(tx, chen.id))
        _, seen = await store.load_listed(tx, sites, ReportFilter(is_current=True), limit=10)
        closed = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.state == "closed")
        past = set(await tx.scalars(closed))
    assert not sites.is_all
    assert {one.report.id for one in seen} == {row.id for row in rows}, "the supervisor's list"
    assert {one.report.of for one in seen if one.report.of_kind == "assignment"} <= past
    for row in rows:
        file = b"".join([part async for part in blobs.read(blob_key(row.digest))])
        verified, unverifiable = (
            "".join(WORDS[row.language][f"sign.seal.{one}"].split())
            for one in ("genuine", "unsealed")
        )
        assert verified in text_of(file)
        assert unverifiable not in text_of(file)
        assert not overprinted(file)
    await ask_for_reports(database, clock)
    async with database.read() as tx:
        due = (await tx.execute(select(jobs.c.key).where(jobs.c.key.like("demo/%")))).all()
    assert not due, "a second start asks for nothing"
