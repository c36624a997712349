"""What a push left behind, said in its writer's chain: when it came, and each record as it is now.

Rule: what is answered is not touched. The outcome is kept with these members beside its own, so
that whoever alters a record's row, or the time at which an op was received, breaks no word of ours
but the chain. Pure: no clock, no chance, no I/O.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from schemas.ops import Outcome
from sync.chain import link
from sync.plan import OpRow, Plan

ENCODER = msgspec.json.Encoder()


class Wrote(Struct, frozen=True, array_like=True, gc=False):
    """A record as a push left it: version, seq, the mark of its line, the digest of its row."""

    kind: str
    record: UUID
    version: int
    seq: int
    mark: int
    row: str


class Beside(Struct, frozen=True, omit_defaults=True):
    """What is kept beside an outcome's own members; `after` as `sync.audit.place_of` says it."""

    at: datetime | None = None
    after: str | None = None
    wrote: tuple[Wrote, ...] = ()


DECODER = msgspec.json.Decoder(Beside)


def tell_beside(at: datetime, after: str) -> bytes:
    """What is kept beside every outcome of a push: when it came, and after which root.

    Of two servers' clocks, or of one that was put right, only the root says what came first.
    """
    return ENCODER.encode(Beside(at, after))


def kept_outcome(outcome: Outcome, beside: bytes) -> bytes:
    """An outcome as it is kept: an object with its own members, and those beside them."""
    return ENCODER.encode(outcome)[:-1] + b"," + beside[1:]


def read_beside(outcome: bytes) -> Beside:
    """What is kept beside an outcome. Raises `msgspec.DecodeError`."""
    return DECODER.decode(outcome)


def vouch(plan: Plan, wrote: Sequence[Wrote]) -> Plan:
    """The plan whose last op says what all of them wrote. There must be an op."""
    if not wrote:
        return plan
    *before, last = plan.ops
    previous = before[-1].chain if before else plan.previous
    vouching = vouching_row(last, wrote, previous)
    return structs.replace(plan, ops=(*before, vouching), chain=vouching.chain)


def vouching_row(row: OpRow, wrote: Sequence[Wrote], previous: bytes) -> OpRow:
    """An op that says so too, with its link anew."""
    outcome = row.outcome_bytes[:-1] + b',"wrote":' + ENCODER.encode(wrote) + b"}"
    return structs.replace(row, outcome_bytes=outcome, chain=link(previous, row.payload, outcome))


def bare_row(n: int, at: datetime, after: str) -> OpRow:
    """A line of the server's own that holds no op: for what is written without one."""
    outcome = Outcome(n=n, id=None, outcome="applied")
    return OpRow(
        n=n,
        id=None,
        kind="",
        record=None,
        scope=None,
        payload=b"",
        outcome=outcome,
        outcome_bytes=kept_outcome(outcome, tell_beside(at, after)),
        replaces=None,
        open=False,
        chain=b"",
    )
