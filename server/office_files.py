"""Attachments as the office sees them: whether they are here, what they are, who holds them.

Rule: what a tablet announced and what the server found are told apart, and nothing is guessed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds.evidence import Moment
from schemas.office_files import FileFault, Photo, PhotoPlace, StillHeld
from server.downloads import fault_of
from server.store import files, files_held
from server.store.files import Known, StoredFile
from server.store.files_held import Announced, Held, Named
from server.store.office import Sites
from sync.record import Record

PHOTOS_OF_ASSET_MAX = 60
PLACE = msgspec.json.Decoder(PhotoPlace)


async def show_photos(
    tx: AsyncConnection, sites: Sites, attachments: Sequence[Named]
) -> tuple[Photo, ...]:
    """Say of each attachment all that is known, in their order; three statements for all."""
    known = await files.load_known(tx, {one.sha256 for one in attachments})
    announced = await files_held.load_announced(tx, {one.id for one in attachments})
    placed = {one.sha256 for one in known.values() if one.place is not None}
    scopes = {one.scope_id for one in attachments if one.sha256 in placed}
    kept = {scope for scope in scopes if await may_say_place(tx, sites, scope)}
    return tuple(
        photo(one, known.get(one.sha256), announced.get(one.id), says_place=one.scope_id in kept)
        for one in attachments
    )


async def may_say_place(tx: AsyncConnection, sites: Sites, scope: str) -> bool:
    """Whether the contract there says that photos keep their place."""
    site = sites.of_scope(scope)
    return site is not None and await files.keeps_place(tx, site.id)


def photo(
    one: Named, known: Known | None, announced: Announced | None, *, says_place: bool
) -> Photo:
    """Put one together. Until its bytes are here nothing is said of them."""
    here = known if one.received_at is not None else None
    file = StoredFile(
        one.id, one.scope_id, one.sha256, one.bytes, one.media_type, one.name, one.received_at
    )
    fault = fault_of(file, here) if here else None
    place = here.place if here and says_place else None
    return Photo(
        id=one.id,
        version=one.version,
        parent=one.parent,
        item=one.item or "",
        sha256=one.sha256,
        bytes=one.bytes,
        media_type=one.media_type,
        name=one.name or "",
        width=(here.width if here else 0) or one.width or 0,
        height=(here.height if here else 0) or one.height or 0,
        taken_at=one.taken_at,
        caption=one.caption or "",
        moment=msgspec.convert(one.moment or "", Moment),
        received_at=one.received_at,
        waiting=one.received_at is None,
        announced_at=announced.at if announced else None,
        device=announced.device if announced else None,
        device_name=announced.device_name if announced else "",
        person_name=announced.person_name if announced else "",
        found_type=here.media_type if here else None,
        fault=msgspec.convert(fault, FileFault) if fault else None,
        shown=here is not None and fault is None and here.thumbnails,
        place=PLACE.decode(place) if place else None,
    )


def named(record: Record) -> Named:
    """An attachment's record as a list knows it."""
    given = {name: record.data.get(name) for name in Named.__struct_fields__}
    own = {"id": record.id, "version": record.version, "scope_id": record.scope}
    return msgspec.convert({**given, **own}, Named)


async def photos_of(
    tx: AsyncConnection, sites: Sites, parents: Collection[UUID]
) -> tuple[Photo, ...]:
    """The newest attachments of records, PHOTOS_OF_ASSET_MAX at most."""
    found = await files_held.load_of(tx, sites, parents, limit=PHOTOS_OF_ASSET_MAX)
    return await show_photos(tx, sites, found)


# --- What is still on a tablet ---


async def held_among(tx: AsyncConnection, photos: Iterable[Photo]) -> tuple[StillHeld, ...]:
    """Which tablets hold those of these files that have not arrived, the longest wait first."""
    left = {one.id: one for one in photos if one.waiting}
    announced = await files_held.load_announced(tx, left)
    by_device: dict[UUID, list[Announced]] = {}
    for one in announced.values():
        by_device.setdefault(one.device, []).append(one)
    found = [
        StillHeld(
            device=device,
            device_name=some[0].device_name,
            person_name=some[0].person_name,
            files=len(some),
            bytes=sum(left[one.record_id].bytes for one in some),
            since=min(one.at for one in some),
            seen_at=some[0].seen_at,
        )
        for device, some in by_device.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.device)))


async def held_by_device(tx: AsyncConnection, sites: Sites) -> Mapping[UUID, StillHeld]:
    """What every tablet holds of announced files of these sites, the longest wait first."""
    return {one.device: still_held(one) for one in await files_held.load_held(tx, sites)}


def still_held(one: Held) -> StillHeld:
    return StillHeld(
        device=one.device,
        device_name=one.device_name,
        person_name=one.person_name,
        files=one.files,
        bytes=one.bytes,
        since=one.since,
        seen_at=one.seen_at,
    )
