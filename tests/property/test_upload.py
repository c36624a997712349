"""The laws of an upload, on the pure machine. Rule: the test keeps the bytes and judges by them."""

from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from sync import upload
from sync.errors import SyncError
from sync.upload import Upload
from sync.upload_headers import Checksum

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAYS = timedelta(days=14)


Vouched = Literal["none", "right", "wrong"]
VOUCHED: tuple[Vouched, ...] = ("none", "none", "right", "wrong")


class Patch(Struct, frozen=True):
    """One request: where it says that it begins, what it brings, and how much of that comes."""

    offset: int
    body: bytes
    arrives: int  # Of the body; less than all where the connection is cut.
    says_length: bool = True
    checksum: Vouched = "none"


class Disk:
    """A server's bytes of one upload, kept as the machine says."""

    def __init__(self, content: bytes) -> None:
        self.upload = Upload(sha256(content).hexdigest(), len(content), NOW + DAYS)
        self.bytes = b""
        self.settle()

    def settle(self) -> bool:
        """Once all bytes are there they are judged; whether they were those announced."""
        if self.upload.is_whole or not self.upload.is_complete:
            return True
        self.upload = upload.judged(self.upload, sha256(self.bytes).hexdigest())
        if not self.upload.is_whole:
            self.bytes = b""
        return self.upload.is_whole

    def take(self, patch: Patch) -> None:
        """Answer one request. Raises its problem."""
        length = len(patch.body) if patch.says_length else None
        append = upload.begin(
            self.upload,
            offset=patch.offset,
            length=length,
            now=NOW,
            checksum=checksum_of(patch),
        )
        came = patch.body[: patch.arrives]
        upload.demand_room(append, len(came))
        digesting = append.checksum.digesting() if append.checksum else None
        if digesting:
            digesting.update(came)
        count = upload.kept(
            append,
            len(came),
            is_cut=len(came) < len(patch.body),
            digest=digesting.digest() if digesting else None,
        )
        self.bytes = self.bytes[: append.offset] + came[:count]
        self.upload = upload.grown(self.upload, append.offset + count)
        if not self.settle():
            raise upload.DigestDiffers


def checksum_of(patch: Patch) -> Checksum | None:
    if patch.checksum == "none":
        return None
    digest = sha1(patch.body).digest()  # noqa: S324  # The one that tus demands.
    return Checksum("sha1", digest if patch.checksum == "right" else bytes(20))


@st.composite
def stories(draw: st.DrawFn) -> tuple[bytes, list[Patch]]:
    """A photo, and requests with its own bytes: doubled, cut, out of order, beyond the end."""
    content = draw(st.binary(max_size=64))
    patches = []
    for _ in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, len(content)))
        beyond = (b"", b"!") if end == len(content) else (b"",)
        body = content[start:end] + draw(st.sampled_from(beyond))
        arrives = draw(st.one_of(st.just(len(body)), st.integers(0, len(body))))
        checksum = draw(st.sampled_from(VOUCHED))
        patches.append(Patch(start, body, arrives, draw(st.booleans()), checksum))
    return content, patches


EXPECTED = (upload.OffsetDiffers, upload.PastTheEnd, upload.ChecksumDiffers, upload.DigestDiffers)


def finish(disk: Disk, content: bytes, *, step: int) -> None:
    """What any client does: ask how far it is, send on from there."""
    for _ in range(len(content) + 2):
        offset = disk.upload.offset
        if disk.upload.is_whole:
            return
        body = content[offset : offset + step]
        disk.take(Patch(offset, body, len(body)))
    raise AssertionError("it never was whole")


@given(stories(), st.integers(1, 64))
def test_whatever_comes_in_whatever_order_the_right_bytes_are_there_in_the_end(
    story: tuple[bytes, list[Patch]], step: int
) -> None:
    content, patches = story
    disk = Disk(content)
    for patch in patches:
        before, bytes_before = disk.upload, disk.bytes
        try:
            disk.take(patch)
        except EXPECTED as problem:
            if not isinstance(problem, upload.DigestDiffers):
                assert (disk.upload, disk.bytes) == (before, bytes_before)
        # All that came was the photo's own, at its own place: nothing else is ever kept.
        assert content.startswith(disk.bytes)
        assert disk.upload.offset == len(disk.bytes)
    finish(disk, content, step=step)
    assert disk.bytes == content


@given(st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=64), st.integers(1, 64))
def test_other_bytes_are_never_whole_and_the_right_ones_still_are_afterwards(
    content: bytes, other: bytes, step: int
) -> None:
    wrong = (other * len(content))[: len(content)]
    disk = Disk(content)
    if wrong != content:
        with pytest.raises(upload.DigestDiffers):
            disk.take(Patch(0, wrong, len(wrong)))
        assert (disk.upload.offset, disk.upload.state(NOW), disk.bytes) == (0, "refused", b"")
    finish(disk, content, step=step)
    assert disk.bytes == content


@given(stories())
def test_a_request_that_came_twice_is_told_where_to_go_on(
    story: tuple[bytes, list[Patch]],
) -> None:
    content, _ = story
    disk = Disk(content)
    half = Patch(0, content[: len(content) // 2], len(content) // 2)
    disk.take(half)
    if half.body:
        with pytest.raises(upload.OffsetDiffers) as told:
            disk.take(half)
        assert told.value.offset == len(half.body) == disk.upload.offset


def test_an_upload_that_was_left_alone_is_expired_whatever_it_was() -> None:
    content = b"photo"
    for came in (0, 2, len(content)):
        disk = Disk(content)
        disk.take(Patch(0, content[:came], came))
        late = NOW + DAYS
        assert disk.upload.state(late) == "expired"
        with pytest.raises(upload.UploadExpired):
            upload.begin(disk.upload, offset=came, length=0, now=late)


def test_the_same_announcement_goes_on_and_another_length_or_a_late_one_begins_again() -> None:
    content = b"photo"
    disk = Disk(content)
    disk.take(Patch(0, content[:2], 2))

    assert upload.goes_on(disk.upload, bytes_=5, now=NOW)
    assert upload.goes_on(disk.upload, bytes_=5, now=NOW + timedelta(days=13))
    assert not upload.goes_on(disk.upload, bytes_=6, now=NOW)
    assert not upload.goes_on(disk.upload, bytes_=5, now=NOW + DAYS)


def test_every_problem_of_an_upload_says_what_to_do() -> None:
    for problem in (*EXPECTED, upload.UploadUnknown, upload.UploadExpired):
        assert issubclass(problem, SyncError)
        assert problem.title[0].isupper()


def test_nothing_at_all_is_whole_from_the_start() -> None:
    disk = Disk(b"")
    assert disk.upload.state(NOW) == "whole"
    wrong = msgspec.structs.replace(disk.upload, sha256="0" * 64, is_whole=False)
    assert upload.judged(wrong, sha256(b"").hexdigest()).state(NOW) == "refused"
