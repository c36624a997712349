"""One upload of bytes (tus 1.0.0) as a state machine. Pure: no I/O, no clock, no chance.

The server keeps the bytes; here stands what each request may do to them, and which problem it is
answered otherwise. Rule: an offset counts only what was kept, and nothing is whole before the
SHA-256 of all of it is the one that was announced; where it differs, it begins again at 0.

    created ──bytes──▶ growing ──the last one──▶ whole
       ▲                  │ digest differs          │
       └───── refused ◀───┘                         │
    any of them ──nothing came for too long──▶ expired
"""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from sync.errors import SyncError
from sync.upload_headers import Checksum

State = Literal["created", "growing", "whole", "refused", "expired"]


class UploadUnknown(SyncError):
    """Said alike of one that never was, one that was taken away, and another device's."""

    slug = "upload-unknown"
    title = "There is no such upload of this device"
    status = 404


class UploadExpired(SyncError):
    slug = "upload-expired"
    title = "The upload was left alone for too long; begin it again"
    status = 410


class OffsetDiffers(SyncError):
    """Carries the offset from which the server goes on."""

    slug = "offset-differs"
    title = "The bytes do not begin where the last ones ended"
    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(f"go on at {offset}")
        self.offset = offset


class PastTheEnd(SyncError):
    slug = "upload-past-end"
    title = "More bytes came than were announced"
    status = 413


class ChecksumDiffers(SyncError):
    """Of one request's bytes, which are forgotten; 460 is the status that tus gives it."""

    slug = "checksum-differs"
    title = "The bytes are not those of their checksum; send them again"
    status = 460


class DigestDiffers(SyncError):
    """Of all bytes: they are forgotten, and the upload begins again at 0."""

    slug = "digest-differs"
    title = "The bytes are not those that were announced; send them again from the beginning"
    status = 422


class Upload(Struct, frozen=True):
    """What was announced, and how far it has come: `offset` of `bytes` are kept."""

    sha256: str
    bytes: int
    expires_at: datetime
    offset: int = 0
    refusals: int = 0  # How often all its bytes had come and were other ones.
    is_whole: bool = False

    def state(self, now: datetime) -> State:
        """The state it is in; one that is whole is in nobody's way, and expires all the same."""
        if now >= self.expires_at:
            return "expired"
        if self.is_whole:
            return "whole"
        if self.offset:
            return "growing"
        return "refused" if self.refusals else "created"

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are kept, so that their digest can be asked for."""
        return self.offset == self.bytes


class Append(Struct, frozen=True):
    """What one request may add: at most `room` bytes, from `offset` on."""

    offset: int
    room: int
    checksum: Checksum | None = None


def goes_on(known: Upload, *, bytes_: int, now: datetime) -> bool:
    """Whether who announces the same bytes anew goes on: they are never sent side by side.

    Another length is another announcement, since the first one may have been the wrong one.
    """
    return known.bytes == bytes_ and known.state(now) != "expired"


def begin(
    upload: Upload,
    *,
    offset: int,
    length: int | None,
    now: datetime,
    checksum: Checksum | None = None,
) -> Append:
    """Let a request add its bytes; `length` is None where it does not say how many.

    Raises `UploadExpired`, `OffsetDiffers` or `PastTheEnd`; nothing is changed then.
    """
    if upload.state(now) == "expired":
        raise UploadExpired
    if offset != upload.offset:
        raise OffsetDiffers(upload.offset)
    append = Append(offset, upload.bytes - upload.offset, checksum)
    demand_room(append, length or 0)
    return append


def demand_room(append: Append, count: int) -> None:
    """Raise `PastTheEnd` where `count` bytes of a request are more than were announced."""
    if count > append.room:
        raise PastTheEnd(f"{append.room} bytes were still to come")


def kept(append: Append, count: int, *, is_cut: bool, digest: bytes | None = None) -> int:
    """How many of the `count` bytes that came count; `digest` is theirs, by the checksum's way.

    Of a request that was cut, all; but none where a checksum was to vouch for them, since it was
    made of more than came. Raises `ChecksumDiffers`.
    """
    if append.checksum is None:
        return count
    if is_cut:
        return 0
    if digest != append.checksum.digest:
        raise ChecksumDiffers
    return count


def grown(upload: Upload, offset: int) -> Upload:
    """The upload once its bytes up to `offset` are kept: it never shrinks by this."""
    assert upload.offset <= offset <= upload.bytes
    return msgspec.structs.replace(upload, offset=offset)


def judged(upload: Upload, sha256: str) -> Upload:
    """The upload once the digest of all that came is known: whole, or refused and at 0 again."""
    assert upload.is_complete
    if sha256 == upload.sha256:
        return msgspec.structs.replace(upload, is_whole=True)
    return msgspec.structs.replace(upload, offset=0, refusals=upload.refusals + 1)
