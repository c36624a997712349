"""What works beside the requests: jobs, each with its handler, and uploads on their way.

Rule: every job that there is gets its handler here; who asks for one names its kind alone.
"""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from server import audit, looks, rounds
from server.backups.make import Backups
from server.blob_collect import Collecting
from server.blob_inspect import AGAIN, AGAIN_EVERY, TERMS, InspectBlob, asking_again
from server.blob_inspect import KIND as INSPECT_BLOB
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.fonts import Fonts
from server.jobs import Jobs
from server.pokes import Pokes
from server.reports.making import MAKE, WATCH, Making
from server.settings import Settings
from server.uploads import Uploads


class Background(Struct, frozen=True):
    """One process's share of it. `jobs` and `uploads` run while the application does."""

    blobs: Blobs
    jobs: Jobs
    making: Making
    uploads: Uploads


def background(
    settings: Settings,
    database: Database,
    clock: Clock,
    pokes: Pokes,
    fonts: Callable[[], Fonts],
) -> Background:
    """Put it together; nothing runs yet. `fonts` are looked for when the first page is set."""
    blobs = Blobs(settings)
    jobs = Jobs(database, clock, shutdown_seconds=settings.shutdown_seconds)
    Backups(settings, database, blobs, clock).schedule(jobs)
    Collecting(database, blobs, jobs, clock, grace=timedelta(hours=settings.blobs_grace_hours))
    inspecting = settings.data_dir / "cache" / "inspecting"
    jobs.on(INSPECT_BLOB, InspectBlob(database, blobs, clock, inspecting), TERMS)
    jobs.every(AGAIN, AGAIN_EVERY, asking_again(database, jobs, clock))
    making = Making(database, blobs, jobs, clock, settings, fonts)
    jobs.on(MAKE, making.make)
    jobs.on(WATCH, making.look)
    jobs.every(looks.KIND, looks.EVERY, looks.Looks(database, clock))
    jobs.every(audit.KIND, audit.EVERY, audit.rooting(database, clock, pokes.tell))
    if settings.rounds_days:
        planning = rounds.planning(database, clock, settings.rounds_days, pokes.tell)
        jobs.every(rounds.KIND, rounds.EVERY, planning)
    return Background(blobs, jobs, making, Uploads(database, blobs, jobs, clock))
