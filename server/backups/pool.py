"""The bytes that all backups of a folder share, and the reading of them again, in turns.

Rule: nothing counts because it is there and as long as it was. What is other bytes by now is put
aside, never removed, and taken anew from the store where that still has it.
"""

import asyncio
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from server.backups import manifest as manifests
from server.backups.manifest import POOL, KeptBlob
from server.blobs import BlobMissing, Blobs, blob_key
from server.folder import make_folder_private, write_whole
from server.settings import Settings

STATE = "reread.json"
ASIDE = "damaged"
NAMED_MAX = 20  # Of what is lost; where it is more, the first say enough.
MEGABYTE = 1_000_000

Say = Callable[[str], None]

log = structlog.get_logger()


class Cursor(Struct, frozen=True):
    """How far the reading has come: the files go by their keys, and round again."""

    after: str = ""


class Reread(Struct, frozen=True):
    """What was read again of the pool. `lost` is not to be had any more, for no backup."""

    files: int
    bytes: int
    of_files: int
    of_bytes: int
    healed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def words(self, *, limit: int | None) -> str:
        """What was done, for a person."""
        told = f"read again {self.files:,} of {self.of_files:,} photos and files in the backups"
        if limit is not None and self.files < self.of_files:
            turns = -(-self.of_bytes // limit)
            told += f"; all of them within {turns:,} backups"
        return told


class Pool:
    """The pool of one folder of backups, and the store from which it is filled."""

    def __init__(self, settings: Settings, place: Path, store: Blobs) -> None:
        self.place, self._store = place, store
        self.blobs = pool_of(settings, place)

    def listed(self) -> dict[str, KeptBlob]:
        """What of it belongs to any backup whose list can be believed."""
        return listed_in(manifests.list_usable(self.place))

    async def copy(self, key: str, work: Path) -> str | None:
        """Copy one from the store; its digest. None where it is gone, or is other bytes there."""
        draft, digest = work / "incoming", hashlib.sha256()
        try:
            handle = await asyncio.to_thread(draft.open, "wb")
            try:
                async for chunk in self._store.read(key):
                    await asyncio.to_thread(handle.write, chunk)
                    digest.update(chunk)
            finally:
                await asyncio.to_thread(handle.close)
            found = digest.hexdigest()
            if key == blob_key(key[-64:]) and found != key[-64:]:
                log.error("backup.damaged", key=key)
                return None
            await self.blobs.put(key, draft)
        except BlobMissing:
            return None
        else:
            return found
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)

    async def take(self, key: str, size: int, known: KeptBlob | None, work: Path) -> str | None:
        """Have this of the store in the pool; its digest, None where the store has it no more.

        What an earlier backup listed is there; what none did is read before it counts.
        """
        if await self.blobs.size(key) == size:
            if known is not None and known.bytes == size and known.digest:
                return known.digest
            found = await asyncio.to_thread(manifests.digest_of, self.blobs.root / key)
            if key != blob_key(key[-64:]) or found.sha256 == key[-64:]:
                return found.sha256
            await asyncio.to_thread(put_aside, self.place, key)
        return await self.copy(key, work)

    async def reread(
        self, listed: Mapping[str, KeptBlob], work: Path, *, limit: int | None, say: Say
    ) -> Reread:
        """Read what was not read for the longest time, until it is `limit` bytes, or everything.

        What is damaged or missing is taken from the store again. A reading that is cut off begins
        where the one before it ended.
        """
        keys = sorted(listed)
        cursor = Cursor() if limit is None else await asyncio.to_thread(self._cursor)
        start = bisect_right(keys, cursor.after)
        count = size = 0
        healed, lost = list[str](), list[str]()
        last = ""
        for key in chain(keys[start:], keys[:start]):
            if limit is not None and size >= limit:
                break
            one = listed[key]
            if not await asyncio.to_thread(self._is_intact, one):
                await self._mend(one, work, healed, lost)
            count, size, last = count + 1, size + one.bytes, key
            say(f"photos and files read again: {count} of {len(keys)}")
        if last:
            state = msgspec.json.encode(Cursor(last))
            await asyncio.to_thread(write_whole, self.place / STATE, state)
        of_bytes = sum(one.bytes for one in listed.values())
        return Reread(count, size, len(keys), of_bytes, tuple(healed), tuple(lost))

    def _cursor(self) -> Cursor:
        try:
            return msgspec.json.decode((self.place / STATE).read_bytes(), type=Cursor)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return Cursor()  # It begins anew.

    def _is_intact(self, one: KeptBlob) -> bool:
        return is_intact(self.blobs.root / one.key, one)

    async def _mend(self, one: KeptBlob, work: Path, healed: list[str], lost: list[str]) -> None:
        """Put aside what is there, and take it from the store."""
        await asyncio.to_thread(put_aside, self.place, one.key)
        if await self.copy(one.key, work) is not None:
            log.warning("backup.healed", key=one.key)
            healed.append(one.key)
        elif one.is_derived:  # It is made again from the photo.
            log.warning("backup.put_aside", key=one.key)
        else:
            log.error("backup.lost", key=one.key, place=str(self.place))
            lost.append(one.key)


def pool_of(settings: Settings, place: Path) -> Blobs:
    """The bytes of all backups in a folder."""
    return Blobs(settings.model_copy(update={"blobs_url": None, "data_dir": place}))


def is_intact(file: Path, one: KeptBlob) -> bool:
    """Whether a file is there and holds what the list says; what cannot be read does not."""
    try:
        if file.stat().st_size != one.bytes:
            return False
        return one.digest == "" or manifests.digest_of(file).sha256 == one.digest
    except OSError:
        return False


def put_aside(place: Path, key: str) -> None:
    """Take it out of the pool; of a photo with one wrong byte most can still be seen."""
    file, aside = place / POOL / key, place / ASIDE / key
    make_folder_private(aside.parent)
    if file.exists():
        file.replace(aside)


def listed_in(folders: Iterable[Path]) -> dict[str, KeptBlob]:
    """What of the pool belongs to any of these backups; of one thing, as the last of them says."""
    found: dict[str, KeptBlob] = {}
    for folder in folders:
        for one in manifests.read_kept(folder):
            known = found.get(one.key)
            found[one.key] = one if one.sha256 or known is None else known
    return found


def say_mended(found: Reread, pool: Pool, say: Say) -> None:
    for key in found.healed[:NAMED_MAX]:
        say(f"{pool.blobs.root / key} was damaged or missing, and is whole again")
    if len(found.healed) > NAMED_MAX:
        say(f"and so were {len(found.healed) - NAMED_MAX:,} more")


def lost_words(found: Reread, pool: Pool) -> list[str]:
    """What no backup has any more, a line each; the first of them."""
    lines = [
        f"{pool.blobs.root / key} is damaged or missing, and the store has it no more: no backup "
        "brings it back"
        for key in found.lost[:NAMED_MAX]
    ]
    if len(found.lost) > NAMED_MAX:
        lines.append(f"and so are {len(found.lost) - NAMED_MAX:,} more")
    return lines
