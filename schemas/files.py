"""What is asked about bytes before they are sent. Rule: a digest says nothing about whose it is."""

from typing import Annotated

from msgspec import Meta

from schemas.base import DIGESTS_PER_HAVE_MAX, Instant, Sha256, Wire


class HaveRequest(Wire, frozen=True, kw_only=True):
    """`POST /files/have`: which of these bytes need not be sent."""

    sha256: Annotated[tuple[Sha256, ...], Meta(max_length=DIGESTS_PER_HAVE_MAX)]


class HaveAnswer(Wire, frozen=True, kw_only=True):
    """Those that the server holds whole and this device may know of; the others are to be sent."""

    have: Annotated[tuple[Sha256, ...], Meta(max_length=DIGESTS_PER_HAVE_MAX)] = ()
    leased_until: Instant | None = None  # They are kept until then, whoever names them.
