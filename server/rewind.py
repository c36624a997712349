"""Go on after the database was taken back. Rule: the epoch rises before anything is answered.

How it is noticed: `server.taken_back`. Under the new epoch every device offers its ops again and
pulls from zero; versions and seqs of the new epoch lie above all that were ever told.
"""

from uuid import UUID

import structlog

from server.database import Database
from server.marker import Marker
from server.store import installation as store
from server.store.installation import Installation
from sync.position import Acked, unseal

log = structlog.get_logger()


def answered_to(last_acked: str | None, lineage: UUID, installation: Installation) -> Acked | None:
    """What this lineage was answered, as sealed. Raises `TokenRefused` for what we did not seal.

    What another lineage was answered says nothing: the device had that one before.
    """
    if last_acked is None:
        return None
    acked = unseal(last_acked, installation.seal_key, Acked)
    return acked if acked.lineage == lineage else None


async def begin(database: Database, marker: Marker, epoch: int) -> Installation:
    """Raise the epoch, unless it is there already: in the marker first, then in the database.

    After a crash between the two the epoch is passed over. The other way round, a restore could
    begin an epoch again that devices were told of, and two histories would have one number.
    """
    async with database.write() as tx:
        known = await store.lock(tx)
        await marker.reach(known, epoch)
        made = await store.raise_epoch(tx, epoch)
    await marker.reach(made, made.epoch)
    log.warning("history.rewound", epoch=made.epoch)
    return made
