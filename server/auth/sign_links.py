"""The right to sign one visit later. Rule: its secret is in the link alone, kept as a digest."""

from datetime import timedelta
from uuid import UUID

from server.auth import secrets
from server.clock import Clock
from server.settings import Settings
from server.store.links import Link
from server.visits import LINK_KIND
from sync.record import Record


def new_link(
    clock: Clock, settings: Settings, visit: Record, *, created_by: UUID
) -> tuple[str, Link]:
    """Make a link: its address, which is shown once, and the row."""
    secret, now = secrets.deal(clock), clock.now()
    link = Link(
        hash=secrets.digest(secret),
        id=clock.new_id(),
        kind=LINK_KIND,
        record_id=visit.id,
        scope_id=visit.scope,
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(hours=settings.sign_link_hours),
    )
    # Behind `#`, which browsers never send: no log on the way holds it.
    return f"{settings.origin}/sign#{secret}", link
