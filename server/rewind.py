"""Go on after the database was taken back. Rule: the epoch rises before anything is answered.

How it is noticed: `sync.rewind`. Under the new epoch every device offers its ops again and
pulls from zero; versions and seqs of the new epoch lie above all that were ever told.
"""

from uuid import UUID

import structlog

from schemas.base import EPOCH_MAX
from server.database import Database
from server.marker import Mark, Marker, measure
from server.store import installation as store
from server.store.installation import Installation
from sync.position import Acked, unseal
from sync.rewind import next_epoch

log = structlog.get_logger()


def answered_to(last_acked: str | None, lineage: UUID, installation: Installation) -> Acked | None:
    """What this lineage was answered, as sealed. Raises `TokenRefused` for what we did not seal.

    What another lineage was answered says nothing: the device had that one before.
    """
    if last_acked is None:
        return None
    acked = unseal(last_acked, installation.seal_key, Acked)
    return acked if acked.lineage == lineage else None


async def heeded(
    database: Database, marker: Marker, installation: Installation, *, claimed: int, sealed: int
) -> Installation:
    """The installation, in an epoch above every one that the device was told of."""
    later = next_epoch(installation.epoch, claimed=claimed, sealed=sealed)
    return installation if later is None else await begin(database, marker, later)


async def begin_after(
    database: Database, marker: Marker, installation: Installation
) -> Installation:
    """The installation in the epoch after this one."""
    return await begin(database, marker, min(installation.epoch + 1, EPOCH_MAX))


async def begin(database: Database, marker: Marker, epoch: int) -> Installation:
    """Raise the epoch, unless it is there already: in the marker first, then in the database.

    After a crash between the two the epoch is passed over. The other way round, a restore could
    begin an epoch again that devices were told of, and two histories would have one number.
    """
    async with database.write() as tx:
        known = await store.load(tx)
        assert known is not None
        await marker.reach(known, epoch)
        made = await store.raise_epoch(tx, epoch)
    await marker.reach(made, made.epoch)
    log.warning("history.rewound", epoch=made.epoch)
    return made


async def begin_if_taken_back(database: Database, marker: Marker, known: Mark | None) -> bool:
    """Begin a new epoch where the database is behind what the marker knew; whether it was.

    `known` was read before the database was asked: other processes may be writing to both.
    """
    found = await measure(database)
    if known is None or known.place <= found.place:
        return False
    log.warning(
        "database.taken_back",
        epoch=found.epoch,
        ops=found.history,
        known_epoch=known.epoch,
        known_ops=known.history,
    )
    await begin(database, marker, min(max(known.epoch, found.epoch) + 1, EPOCH_MAX))
    return True
