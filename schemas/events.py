"""Pokes: something changed, come and pull. Rule: no data, so nothing can leak or be stale."""

from schemas.base import Scope, Seq, Wire


class Poke(Wire, frozen=True, kw_only=True):
    """`event: poke`. A comment line every 20 s is the heartbeat."""

    scope: Scope
    head: Seq
