"""Decide what a page of a pull holds, and where the device is after it. Pure: no clock, no I/O."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from schemas.pull import ScopeState as WireScope
from sync.position import Place
from sync.scopes import ScopeState


class Wanted(Struct, frozen=True):
    """Rows of one scope after `pos`; those that are gone only above `live_until`.

    `live`: how many that is, where the scope is begun and so all of it is wanted that is live.
    """

    scope: str
    pos: int
    live_until: int
    head: int
    live: int | None = None


class Page(Struct, frozen=True):
    """What the first line says and the next token holds."""

    scopes: tuple[WireScope, ...]
    places: Mapping[str, Place]
    more: bool


def plan_pull(
    held: Collection[str], places: Mapping[str, Place], states: Mapping[str, ScopeState]
) -> tuple[Wanted, ...]:
    """The scopes that have something new for the device, in the order in which they are sent.

    A scope that the device does not have yet starts from zero: up to its head of now only
    what is live is sent. The device's own scope and `org` come first, so that a first sync
    is of use early.
    """
    wanted = []
    for scope in sorted(held, key=lambda id_: (id_.startswith("site:"), id_)):
        state = states.get(scope)
        head = state.head if state else 0
        place = places.get(scope, Place(0, head))
        if place.pos < head:
            live = state.live if state and place == Place(0, head) else None
            wanted.append(Wanted(scope, place.pos, place.live_until, head, live))
    return tuple(wanted)


def plan_page(
    held: Collection[str],
    places: Mapping[str, Place],
    states: Mapping[str, ScopeState],
    wanted: Sequence[Wanted],
    *,
    sent: Mapping[str, int],
    left: Mapping[str, int],
) -> Page:
    """Where the device will be: `sent` is the last seq sent per scope, `left` rows still to come.

    A scope of which everything was sent is at its head, also where its last rows are such
    as are not sent, and then its digest goes along.
    """
    now = {scope: places.get(scope, Place(0, 0)) for scope in held}
    for one in wanted:
        rest = left.get(one.scope, 0)
        pos = sent.get(one.scope, one.pos) if rest else one.head
        now[one.scope] = Place(pos, one.live_until)
    lines = tuple(
        WireScope(
            scope=scope,
            head=states[scope].head if scope in states else 0,
            left=left.get(scope, 0),
            digest=digest_at(scope, place, states),
        )
        for scope, place in now.items()
    )
    return Page(lines, now, any(left.values()))


def digest_at(scope: str, place: Place, states: Mapping[str, ScopeState]) -> str | None:
    """The scope's digest, where the device will be at its head; an unbegun scope is empty."""
    state = states.get(scope)
    if state is None:
        return "0:0"
    return state.digest() if place.pos == state.head else None
