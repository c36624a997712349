"""Go on after the database was taken back. Rule: the epoch rises before anything is answered.

How it is noticed: `sync.rewind`. Under the new epoch every device offers its ops again and
pulls from zero; versions and seqs of the new epoch lie above all that were ever told.
"""

from uuid import UUID

import structlog

from schemas.base import EPOCH_MAX
from server.database import Database
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
    database: Database, installation: Installation, *, claimed: int, sealed: int
) -> Installation:
    """The installation, in an epoch above every one that the device was told of."""
    later = next_epoch(installation.epoch, claimed=claimed, sealed=sealed)
    return installation if later is None else await begin(database, later)


async def begin_after(database: Database, installation: Installation) -> Installation:
    """The installation in the epoch after this one."""
    return await begin(database, min(installation.epoch + 1, EPOCH_MAX))


async def begin(database: Database, epoch: int) -> Installation:
    async with database.write() as tx:
        made = await store.raise_epoch(tx, epoch)
    log.warning("history.rewound", epoch=made.epoch)
    return made
