"""Finished reports for the demo: of a past round and of a visit in it, in both languages.

Rule: the first supervisor may read them. They are only asked for here, and made by the server's own
jobs, after it is ready.
"""

from datetime import timedelta

from server.clock import Clock
from server.database import Database
from server.demo.cast import PEOPLE
from server.jobs import Jobs
from server.reports.making import LANGUAGES, WATCH, Watched
from server.store import grants, office, people, report_facts, reports

AFTER_START = timedelta(seconds=4)
DEVICES = (8, 90)  # A round that fills some pages.


async def ask_for_reports(database: Database, clock: Clock) -> None:
    """Have the reports of a telling round made a little later, unless there are reports already."""
    reader = next(one.login for one in PEOPLE if one.role == "supervisor")
    async with database.read() as tx:
        if await reports.has_any(tx):
            return
        person = await people.load_by_login(tx, reader)
        if person is None:
            return
        sites = await office.load_sites(tx, await grants.load_access(tx, person.id))
        round_ = await report_facts.load_telling_round(tx, sites, devices=DEVICES)
        visits = await report_facts.load_round_visits(tx, round_) if round_ else []
    visit = visits[0][0] if visits else None
    jobs = Jobs(database, clock)
    async with database.write() as tx:
        for id_, kind in ((visit, "visit"), (round_, "assignment")):
            if id_ is not None:
                await jobs.add(
                    tx,
                    WATCH,
                    f"demo/{kind}",
                    Watched(id_, kind, LANGUAGES),
                    due_at=clock.now() + AFTER_START,
                )
