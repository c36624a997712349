"""Ops as received, lineages, claims. Rule: an outcome never changes; an op is settled once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from sqlalchemy import Select, and_, bindparam, case, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import HELD_OPS_MAX
from schemas.ops import Outcome
from schemas.push import Gap
from server.store import bulk
from server.store.among import among
from server.store.proof_tables import roots
from server.store.tables import claims, lineages, ops, voids
from sync.audit import place_of
from sync.chain import START
from sync.ids import unread_id
from sync.lines import read_kept
from sync.plan import Claim, Kept, OpRow, Origin, StoredOp
from sync.vouching import Wrote, bare_row, vouching_row


class _Creation(Struct, frozen=True):
    """The part of an op that says whether it makes its record."""

    new: bool = False


class Written(Struct, frozen=True):
    """How far a lineage has come: last number, newest link of its chain, what backups hold.

    And how far the roots of all chains have, as `sync.audit.place_of` says it.
    """

    last_n: int
    chain: bytes
    backed_up_to: int
    rooted: str


OUTCOME = msgspec.json.Decoder(Outcome)
CREATION = msgspec.json.Decoder(_Creation)


# What every push asks is made once: SQLAlchemy needs longer to put a query together than the
# database to answer it.
LINEAGE = lineages.c.id == bindparam("lineage")
NEWEST = (roots.c.epoch.desc(), roots.c.day.desc())
LOCKED = (
    select(
        lineages.c.last_n,
        lineages.c.chain,
        lineages.c.backed_up_to,
        select(roots.c.epoch).order_by(*NEWEST).limit(1).scalar_subquery().label("epoch"),
        select(roots.c.day).order_by(*NEWEST).limit(1).scalar_subquery().label("day"),
    )
    .where(LINEAGE)
    .with_for_update()
)
WRITTEN = update(lineages).where(LINEAGE).values(last_n=bindparam("n"), chain=bindparam("newest"))
ANSWERED = select(
    ops.c.lineage_id,
    ops.c.n,
    ops.c.id,
    ops.c.device_id,
    ops.c.person_id,
    ops.c.outcome,
    case((ops.c.kind == "", ops.c.payload)).label("unread"),
).where(
    or_(
        and_(
            ops.c.lineage_id == bindparam("lineage"),
            ops.c.n.between(bindparam("from_n"), bindparam("to_n")),
        ),
        among(ops.c.id, "ids"),
    )
)
WAITING = (
    select(ops.c.record_id, ops.c.id, ops.c.payload)
    .where(among(ops.c.record_id, "records"), among(ops.c.person_id, "persons"))
    .where(ops.c.id.is_not(None), ops.c.open, ops.c.outcome_name != "conflict")
    .order_by(ops.c.received_at.desc(), ops.c.n.desc())
)


async def begin_lineage(tx: AsyncConnection, lineage: UUID, *, origin: str) -> None:
    """Make the row of a writer; one that is there stays as it is."""
    names = ("id", "origin", "last_n", "chain", "backed_up_to")
    await bulk.insert(tx, lineages, names, [(lineage, origin, 0, START, 0)], keep_by=("id",))


async def lock_lineage(tx: AsyncConnection, lineage: UUID) -> Written:
    """How far a writer has come, held until `tx` ends: its pushes take turns."""
    row = (await tx.execute(LOCKED, {"lineage": lineage})).one()
    rooted = "" if row.epoch is None else place_of(row.epoch, row.day)
    return Written(row.last_n, row.chain, row.backed_up_to, rooted)


async def load_answered(
    tx: AsyncConnection, lineage: UUID, *, from_n: int, to_n: int, ids: Collection[UUID]
) -> tuple[dict[int, StoredOp], dict[UUID, StoredOp]]:
    """What was answered before: under these numbers of this lineage, and to these ids at all."""
    asked = {"lineage": lineage, "from_n": from_n, "to_n": to_n, "ids": ids}
    by_n: dict[int, StoredOp] = {}
    by_id: dict[UUID, StoredOp] = {}
    for row in await tx.execute(ANSWERED, asked):
        outcome = OUTCOME.decode(row.outcome)
        stored = StoredOp(row.n, row.id, outcome, row.device_id, row.person_id, row.unread)
        if row.lineage_id == lineage and from_n <= row.n <= to_n:
            by_n[row.n] = stored
        if row.id is not None:
            by_id[row.id] = stored
    return by_n, by_id


async def load_waiting(
    tx: AsyncConnection, records: Collection[UUID], *, persons: Collection[UUID]
) -> dict[UUID, UUID]:
    """For records that do not exist: the first op of these people that would have made them.

    Nobody can have seen what another's op did not make, so that holds nothing up.
    """
    if not records:
        return {}
    rows = await tx.execute(WAITING, {"records": records, "persons": persons})
    return {row.record_id: row.id for row in rows if CREATION.decode(row.payload).new}


KEPT = (
    ops.c.lineage_id,
    ops.c.n,
    ops.c.id,
    ops.c.person_id,
    ops.c.device_id,
    ops.c.outcome_name,
    ops.c.open,
    ops.c.payload,
)


async def load_kept(
    tx: AsyncConnection, ids: Collection[UUID], *, lineage: UUID, numbers: Collection[int]
) -> list[Kept]:
    """Ops as received: by id, and by their number in a lineage."""
    named = and_(ops.c.lineage_id == lineage, ops.c.n.in_(numbers))
    return await _kept(tx, select(*KEPT).where(or_(ops.c.id.in_(ids), named)))


async def load_unread(tx: AsyncConnection, ids: Collection[UUID]) -> list[Kept]:
    """Open lines that nobody could read, by the id made of their lineage and number."""
    query = (
        select(*KEPT)
        .where(ops.c.open, ops.c.kind == "")
        .order_by(ops.c.received_at.desc(), ops.c.n.desc())
        .limit(HELD_OPS_MAX)
    )
    return [one for one in await _kept(tx, query) if one.id in ids]


async def load_witnesses(tx: AsyncConnection, person: UUID) -> list[Kept]:
    """What this person's devices had pulled before a restore, and nobody has seen again yet."""
    query = (
        select(*KEPT)
        .where(ops.c.person_id == person, ops.c.open, ops.c.outcome_name == "review")
        .order_by(ops.c.received_at.desc(), ops.c.n.desc())
        .limit(HELD_OPS_MAX)
    )
    return [
        one
        for one in await _kept(tx, query)
        if (op := read_kept(one.raw)) is not None and op.witness
    ]


async def load_held(tx: AsyncConnection, persons: Collection[UUID]) -> list[Kept]:
    """What these people sent and waits for another op, in the order in which it was made."""
    if not persons:
        return []
    query = (
        select(*KEPT)
        .where(ops.c.person_id.in_(persons), ops.c.open, ops.c.outcome_name == "held")
        .order_by(ops.c.received_at, ops.c.n)
        .limit(HELD_OPS_MAX)
    )
    return await _kept(tx, query)


async def _kept(tx: AsyncConnection, query: Select[*tuple[object, ...]]) -> list[Kept]:
    return [
        Kept(
            lineage=row.lineage_id,
            n=row.n,
            id=row.id or unread_id(row.lineage_id, row.n),
            person=row.person_id,
            device=row.device_id,
            outcome=row.outcome_name,
            open=row.open,
            raw=row.payload,
        )
        for row in await tx.execute(query)
    ]


async def settle(tx: AsyncConnection, places: Collection[tuple[UUID, int]]) -> None:
    """Nothing more becomes of the ops at these places: lineage and number."""
    if places:
        here = tuple_(ops.c.lineage_id, ops.c.n).in_(places)
        await tx.execute(update(ops).where(here).values(open=False))


async def load_claims(tx: AsyncConnection, codes: Collection[str]) -> dict[str, Claim]:
    if not codes:
        return {}
    query = select(claims).where(claims.c.code.in_(codes))
    return {
        row.code: Claim(row.code, row.asset_id, row.scope_id, row.retired)
        for row in await tx.execute(query)
    }


async def save_answered(
    tx: AsyncConnection, origin: Origin, rows: Sequence[OpRow], *, at: datetime
) -> None:
    names = (
        "lineage_id",
        "n",
        "id",
        "device_id",
        "person_id",
        "kind",
        "record_id",
        "scope_id",
        "payload",
        "outcome_name",
        "outcome",
        "replaces",
        "open",
        "received_at",
        "chain",
    )
    await bulk.insert(
        tx,
        ops,
        names,
        [
            (
                origin.lineage,
                row.n,
                row.id,
                origin.device,
                origin.person,
                row.kind,
                row.record,
                row.scope,
                row.payload,
                row.outcome.outcome,
                row.outcome_bytes,
                row.replaces,
                row.open,
                at,
                row.chain,
            )
            for row in rows
        ],
    )


async def note(tx: AsyncConnection, lineage: UUID, wrote: Sequence[Wrote], *, at: datetime) -> None:
    """Say in a chain beside that of `lineage` what was written without any op of its own."""
    beside = uuid5(lineage, "wrote")
    await begin_lineage(tx, beside, origin="server")
    before = await lock_lineage(tx, beside)
    row = vouching_row(bare_row(before.last_n + 1, at, before.rooted), wrote, before.chain)
    await save_answered(tx, Origin("office", beside, beside), [row], at=at)
    await save_lineage(tx, beside, last_n=row.n, chain=row.chain)


async def save_lineage(tx: AsyncConnection, lineage: UUID, *, last_n: int, chain: bytes) -> None:
    await tx.execute(WRITTEN, {"lineage": lineage, "n": last_n, "newest": chain})


async def save_void(
    tx: AsyncConnection, lineage: UUID, gaps: Sequence[Gap], *, at: datetime
) -> None:
    rows = [(lineage, gap.from_n, gap.to_n, at) for gap in gaps]
    names = ("lineage_id", "from_n", "to_n", "at")
    await bulk.insert(tx, voids, names, rows, keep_by=("lineage_id", "from_n"))


async def save_claims(tx: AsyncConnection, changed: Sequence[Claim]) -> None:
    """Bind codes; the batch that a blank tag was printed in stays known."""
    names = ("code", "asset_id", "scope_id", "retired")
    rows = [(claim.code, claim.asset, claim.scope, claim.retired) for claim in changed]
    await bulk.insert(tx, claims, names, rows, replace_by=("code",))
