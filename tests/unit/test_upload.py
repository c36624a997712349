"""What an upload is told, on examples. The laws of any story: tests/property/test_upload.py."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from sync import upload
from sync.upload import Append, Upload
from sync.upload_headers import Checksum

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NEW = Upload("ab" * 32, 10, NOW + timedelta(days=14))
CHECKSUM = Checksum("sha1", b"0" * 20)


def test_an_upload_goes_through_its_states_by_what_was_kept() -> None:
    growing = upload.grown(NEW, 4)
    complete = upload.grown(growing, 10)
    whole = upload.judged(complete, "ab" * 32)
    refused = upload.judged(complete, "cd" * 32)
    steps = (NEW, growing, complete, whole, refused)
    assert [one.state(NOW) for one in steps] == [
        "created",
        "growing",
        "growing",
        "whole",
        "refused",
    ]
    assert [one.offset for one in steps] == [0, 4, 10, 10, 0]
    again = upload.grown(refused, 10)
    assert [one.refusals for one in (refused, upload.judged(again, "cd" * 32))] == [1, 2]


def test_an_append_has_room_for_what_is_still_to_come_and_keeps_its_checksum() -> None:
    growing = upload.grown(NEW, 4)
    assert upload.begin(growing, offset=4, length=6, now=NOW, checksum=CHECKSUM) == Append(
        4, 6, CHECKSUM
    )
    with pytest.raises(upload.PastTheEnd) as told:
        upload.begin(growing, offset=4, length=7, now=NOW)
    assert told.value.detail == "6 bytes were still to come"


def test_who_is_at_the_wrong_place_is_told_the_right_one() -> None:
    with pytest.raises(upload.OffsetDiffers) as told:
        upload.begin(upload.grown(NEW, 4), offset=5, length=1, now=NOW)
    assert (told.value.offset, told.value.detail) == (4, "go on at 4")


def test_bytes_count_where_their_checksum_vouches_for_all_of_them() -> None:
    plain, vouched = Append(0, 10), Append(0, 10, CHECKSUM)
    assert upload.kept(plain, 7, is_cut=True) == 7
    assert upload.kept(vouched, 7, is_cut=True, digest=CHECKSUM.digest) == 0
    assert upload.kept(vouched, 7, is_cut=False, digest=CHECKSUM.digest) == 7
    with pytest.raises(upload.ChecksumDiffers):
        upload.kept(vouched, 7, is_cut=False, digest=bytes(20))


def test_only_what_is_complete_is_judged_and_nothing_shrinks() -> None:
    with pytest.raises(AssertionError):
        upload.judged(upload.grown(NEW, 9), "ab" * 32)
    with pytest.raises(AssertionError):
        upload.grown(structs.replace(NEW, offset=4), 3)
    with pytest.raises(AssertionError):
        upload.grown(NEW, 11)
