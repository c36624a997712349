"""The right to sign one visit later. Rule: its secret is in the link alone, kept as a digest."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.signing import SignLink
from server.auth import secrets
from server.clock import Clock
from server.coverage import load_shown_count
from server.labels.links import link_svg
from server.revocations import WithdrawnLink
from server.settings import Settings
from server.sign_by_link import LINK_KIND, SignNothingYet
from server.store import links
from server.store.links import Link
from sync.record import Record

# Of every answer that holds a link, or what is behind one.
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}


def new_link(
    clock: Clock, settings: Settings, visit: Record, *, created_by: UUID, device: UUID | None
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
        device_id=device,
        created_at=now,
        expires_at=now + timedelta(hours=settings.sign_link_hours),
    )
    # Behind `#`, which browsers never send: no log on the way holds it.
    return f"{settings.origin}/sign#{secret}", link


async def make_link(
    tx: AsyncConnection,
    clock: Clock,
    settings: Settings,
    visit: Record,
    *,
    by: UUID,
    device: UUID | None = None,
) -> tuple[SignLink, tuple[WithdrawnLink, ...]]:
    """Make a link in place of those that were made before, which are given too, to be kept.

    Of several that work nobody knows which one was sent. Raises `SignNothingYet`.
    """
    if not await load_shown_count(tx, visit):
        raise SignNothingYet
    now = clock.now()
    before = await links.withdraw_where(tx, record=visit.id, at=now)
    address, link = new_link(clock, settings, visit, created_by=by, device=device)
    await links.save_new(tx, link)
    made = SignLink(id=link.id, link=address, qr_svg=link_svg(address), expires_at=link.expires_at)
    return made, withdrawn(before, at=now)


def withdrawn(ids: Iterable[UUID], *, at: datetime) -> tuple[WithdrawnLink, ...]:
    """What is kept beside the database of links that were taken back."""
    return tuple(WithdrawnLink(id=id_, at=at) for id_ in ids)
