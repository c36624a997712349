"""The right to make one device. Rule: its secret is in the link alone, and kept as a digest."""

from datetime import timedelta
from uuid import UUID

from server.auth import secrets
from server.clock import Clock
from server.settings import Settings
from server.store.tickets import Ticket


def new_ticket(
    clock: Clock, settings: Settings, person_id: UUID, *, created_by: UUID | None
) -> tuple[str, Ticket]:
    """Make a ticket: its link, which is shown once, and the row."""
    secret, now = secrets.deal(clock), clock.now()
    ticket = Ticket(
        hash=secrets.digest(secret),
        person_id=person_id,
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(hours=settings.ticket_hours),
    )
    # Behind `#`, which browsers never send: no log on the way holds it.
    return f"{settings.origin}/enrol#{secret}", ticket
