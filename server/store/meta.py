"""What the installation knows of itself: id, epoch, seal key. Rule: made once, at first start."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.tables import meta

SEAL_KEY_BYTES = 32  # HMAC-SHA-256 (RFC 2104, 3: at least as long as the digest).


class Installation(Struct, frozen=True):
    """`seal_key` seals tokens; it never leaves the server."""

    id: UUID
    epoch: int
    seal_key: bytes


async def load(tx: AsyncConnection) -> Installation | None:
    """Load it; `None` in a database where no program has started yet."""
    rows = await tx.execute(select(meta.c.key, meta.c.value))
    values = {row.key: row.value for row in rows}
    if "installation" not in values:
        return None
    return Installation(
        UUID(values["installation"]), int(values["epoch"]), bytes.fromhex(values["seal_key"])
    )


async def load_epoch(tx: AsyncConnection) -> int:
    """Load the epoch of an installation that has been made."""
    value = await tx.scalar(select(meta.c.value).where(meta.c.key == "epoch"))
    assert value is not None, "the installation was not made"
    return int(value)


async def save_new(tx: AsyncConnection, made: Installation) -> None:
    await tx.execute(
        meta.insert(),
        [
            {"key": "installation", "value": str(made.id)},
            {"key": "epoch", "value": str(made.epoch)},
            {"key": "seal_key", "value": made.seal_key.hex()},
        ],
    )
