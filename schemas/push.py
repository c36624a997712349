"""Push: NDJSON, a header and then one op a line. Rule: nothing about one line may fail another."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from schemas.base import EPOCH_MAX, OPS_PER_PUSH_MAX, TOKEN_LENGTH_MAX, Epoch, Scope, Seq, Wire
from schemas.ops import N, Outcome

Sealed = Annotated[
    str,
    Meta(max_length=TOKEN_LENGTH_MAX, description="Opaque, sealed by the server; send it back."),
]


class PushHeader(Wire, frozen=True, kw_only=True):
    """First line of a push. `first_n` numbers the first op; the rest follow without a gap."""

    epoch: Annotated[int, Meta(ge=0, le=EPOCH_MAX)]
    first_n: N
    last_acked: Sealed | None = None


class Gap(Wire, frozen=True, kw_only=True):
    """A range of `n` that was never sent; recorded as void, never waited for."""

    from_n: N
    to_n: N


class PushAnswer(Wire, frozen=True, kw_only=True):
    """Under another epoch than the device's, `outcomes` is empty and nothing was processed."""

    epoch: Epoch
    outcomes: Annotated[tuple[Outcome, ...], Meta(max_length=OPS_PER_PUSH_MAX)] = ()
    heads: Mapping[Scope, Seq] = {}
    last_acked: Sealed | None = None
    backed_up_to: N | None = None
    void: tuple[Gap, ...] = ()
