"""What the headers of an upload say. Rule: each refusal is written out, with the field it names.

The digest and the metadata of the example are those of tus 1.0.0; base64 is tried on the vectors of
RFC 4648, 10.
"""

from base64 import b64encode
from hashlib import sha1, sha256
from uuid import UUID

import pytest

from schemas.base import (
    ATTACHMENT_BYTES_MAX,
    LINE_LENGTH_MAX,
    MEDIA_TYPE_LENGTH_MAX,
    UPLOAD_KEYS_MAX,
    UPLOAD_METADATA_LENGTH_MAX,
)
from sync.upload_headers import (
    Announced,
    Checksum,
    InvalidUpload,
    UploadTooLarge,
    decoded,
    read_checksum,
    read_count,
    read_length,
    read_metadata,
)

PHOTO = sha256(b"photo").hexdigest()
ATTACHMENT = UUID("019a9d2c-0f4b-7c1e-8a55-0123456789ab")


def of(text: str | bytes) -> str:
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def metadata(**more: str | bytes) -> str:
    values = {"sha256": PHOTO} | more
    return ",".join(f"{key} {of(value)}" for key, value in values.items())


def refusal(error: InvalidUpload) -> tuple[str, str]:
    (problem,) = error.fields
    assert error.detail == f"{problem.field}: {problem.detail}"
    return problem.field, problem.detail


# --- Lengths and offsets ---


def test_a_length_up_to_the_largest_is_taken_and_one_byte_more_is_not() -> None:
    assert read_length({"upload-length": "0"}) == 0
    assert read_length({"upload-length": str(ATTACHMENT_BYTES_MAX)}) == ATTACHMENT_BYTES_MAX
    with pytest.raises(UploadTooLarge) as told:
        read_length({"upload-length": str(ATTACHMENT_BYTES_MAX + 1)})
    said = f"{ATTACHMENT_BYTES_MAX + 1} bytes; {ATTACHMENT_BYTES_MAX} are taken"
    assert (told.value.detail, told.value.problem().status) == (said, 413)


@pytest.mark.parametrize(
    ("headers", "field", "detail"),
    [
        ({}, "Upload-Length", "is missing"),
        (
            {"upload-concat": "partial", "upload-length": "1"},
            "Upload-Concat",
            "is not offered; send several uploads side by side",
        ),
        (
            {"upload-defer-length": "1", "upload-length": "1"},
            "Upload-Defer-Length",
            "is not offered; say how long it is",
        ),
    ],
)
def test_what_tus_offers_and_this_address_does_not_is_refused_by_its_header(
    headers: dict[str, str], field: str, detail: str
) -> None:
    with pytest.raises(InvalidUpload) as told:
        read_length(headers)
    assert refusal(told.value) == (field, detail)


def test_a_count_is_read_under_the_name_it_is_asked_for() -> None:
    headers = {"upload-offset": "17", "upload-length": "9" * 16}
    assert read_count(headers, "Upload-Offset") == 17
    assert read_count(headers, "Upload-Length") == 10**16 - 1


@pytest.mark.parametrize("said", ["", "-1", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "１", "9" * 17])
def test_a_count_is_plain_digits_and_not_too_many_of_them(said: str) -> None:
    with pytest.raises(InvalidUpload) as told:
        read_count({"upload-offset": said}, "Upload-Offset")
    assert refusal(told.value) == ("Upload-Offset", "is not a whole number of bytes")
    assert told.value.problem().status == 400


# --- Checksums ---


@pytest.mark.parametrize(("name", "make"), [("sha1", sha1), ("sha256", sha256)])
def test_a_checksum_is_compared_by_the_algorithm_it_names(name: str, make: type) -> None:
    digest = make(b"hello world").digest()
    checksum = read_checksum({"upload-checksum": f"{name} {of(digest)}"})
    assert checksum == Checksum(name, digest)  # type: ignore[arg-type]
    digesting = checksum.digesting()
    digesting.update(b"hello world")
    assert digesting.digest() == digest


def test_the_example_of_tus_is_read() -> None:
    checksum = read_checksum({"upload-checksum": "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="})
    digest = bytes.fromhex("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")
    assert checksum == Checksum("sha1", digest)


def test_spaces_around_a_digest_do_no_harm_and_no_header_is_no_checksum() -> None:
    digest = bytes(20)
    assert read_checksum({"upload-checksum": f"sha1  {of(digest)} "}) == Checksum("sha1", digest)
    assert read_checksum({}) is None


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ("", "is taken as sha256 or sha1"),
        ("md5 " + of(bytes(16)), "is taken as sha256 or sha1"),
        ("SHA1 " + of(bytes(20)), "is taken as sha256 or sha1"),
        ("sha1", "is too long or too short"),
        ("sha1 " + of(bytes(19)), "is too long or too short"),
        ("sha1 " + of(bytes(32)), "is too long or too short"),
        ("sha256 " + of(bytes(20)), "is too long or too short"),
        ("sha1 ???", "is not base64"),
        ("sha1 " + of(bytes(20)) + " " + of(bytes(20)), "is not base64"),
    ],
)
def test_a_checksum_that_cannot_be_one_is_refused(said: str, detail: str) -> None:
    with pytest.raises(InvalidUpload) as told:
        read_checksum({"upload-checksum": said})
    assert refusal(told.value) == ("Upload-Checksum", detail)


# --- Base64 ---


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", b""),
        ("Zg==", b"f"),
        ("Zm8=", b"fo"),
        ("Zm9v", b"foo"),
        ("Zm9vYg==", b"foob"),
        ("Zm9vYmE=", b"fooba"),
        ("Zm9vYmFy", b"foobar"),
    ],
)
def test_the_vectors_of_rfc_4648_are_read(text: str, plain: bytes) -> None:
    assert decoded(text, "Upload-Checksum") == plain


@pytest.mark.parametrize(
    "text", ["Zg", "Zg=", "Z", "=", "Zm9v!", "Zm 9v", "Zm9v\n", "Zg==Zg==", "巡"]
)
def test_base64_is_read_strictly(text: str) -> None:
    with pytest.raises(InvalidUpload) as told:
        decoded(text, "Upload-Metadata")
    assert refusal(told.value) == ("Upload-Metadata", "is not base64")


# --- Metadata ---


def test_all_that_is_known_is_read_and_all_that_was_sent_is_kept() -> None:
    sent = metadata(attachment=str(ATTACHMENT), name="机柜 01.jpg", type="Image/JPEG", later="x")
    assert read_metadata(sent) == Announced(PHOTO, ATTACHMENT, "机柜 01.jpg", "image/jpeg", sent)


def test_a_digest_alone_is_enough_and_spaces_between_pairs_do_no_harm() -> None:
    assert read_metadata(metadata()) == Announced(PHOTO, None, "", "", metadata())
    sent = f" sha256  {of(PHOTO)} , is_draft , name {of('x')} "
    assert read_metadata(sent) == Announced(PHOTO, None, "x", "", sent)


def test_a_key_and_a_value_are_read_to_their_last_letters() -> None:
    sent = metadata() + ",Xname eA==,name Zm9X"
    assert read_metadata(sent) == Announced(PHOTO, None, "foW", "", sent)


@pytest.mark.parametrize(
    ("text", "field", "detail"),
    [
        ("", ".sha256", "is not a SHA-256 in lower-case hex"),
        ("  ", ".sha256", "is not a SHA-256 in lower-case hex"),
        (f"name {of('x')}", ".sha256", "is not a SHA-256 in lower-case hex"),
        (metadata(sha256=PHOTO.upper()), ".sha256", "is not a SHA-256 in lower-case hex"),
        (metadata(sha256=PHOTO[:-1]), ".sha256", "is not a SHA-256 in lower-case hex"),
        (metadata(sha256=PHOTO + "0"), ".sha256", "is longer than 64"),
        (metadata(sha256=b"\xff"), ".sha256", "is not UTF-8"),
        ("sha256 ?", ".sha256", "is not base64"),
        (metadata(type="jpeg"), ".type", "is not a media type"),
        (metadata(type="image/"), ".type", "is not a media type"),
        (metadata(type="image/jpeg; q=1"), ".type", "is not a media type"),
        (metadata(type="a/" + "b" * MEDIA_TYPE_LENGTH_MAX), ".type", "is longer than"),
        (metadata(name="x" * (LINE_LENGTH_MAX + 1)), ".name", "is longer than"),
        (metadata(name="a\x00b"), ".name", "holds NUL"),
        (metadata(name=b"\xe5\xb7"), ".name", "is not UTF-8"),
        (metadata(attachment="x"), ".attachment", "is not an id"),
        (metadata(attachment="0" * 37), ".attachment", "is longer than 36"),
        (metadata() + ",later ?", "", "is not base64"),
        (metadata() + "," + metadata(), "", "names each key once, in printable ASCII"),
        (metadata() + ",", "", "names each key once, in printable ASCII"),
        (metadata() + ",名 eA==", "", "names each key once, in printable ASCII"),
        (metadata() + ",\tname eA==", "", "names each key once, in printable ASCII"),
        (metadata() + ",name eA==\t", ".name", "is not base64"),
        (metadata() + ",a\tb eA==", "", "names each key once, in printable ASCII"),
    ],
)
def test_metadata_that_cannot_be_read_names_its_member(text: str, field: str, detail: str) -> None:
    with pytest.raises(InvalidUpload) as told:
        read_metadata(text)
    named, said = refusal(told.value)
    assert named == f"Upload-Metadata{field}"
    limit = {".type": MEDIA_TYPE_LENGTH_MAX, ".name": LINE_LENGTH_MAX}.get(field)
    assert said == (f"{detail} {limit}" if detail == "is longer than" else detail)


def test_the_longest_members_are_taken() -> None:
    name, type_ = "x" * LINE_LENGTH_MAX, "a/" + "b" * (MEDIA_TYPE_LENGTH_MAX - 2)
    read = read_metadata(metadata(name=name, type=type_))
    assert (read.name, read.media_type) == (name, type_)


def test_as_many_keys_are_taken_as_there_may_be_and_not_one_more() -> None:
    most = metadata(**{f"k{number}": "" for number in range(UPLOAD_KEYS_MAX - 1)})
    assert read_metadata(most).sha256 == PHOTO
    with pytest.raises(InvalidUpload) as told:
        read_metadata(most + ",one")
    assert refusal(told.value) == ("Upload-Metadata", f"holds more than {UPLOAD_KEYS_MAX} keys")


def test_the_limit_of_the_metadata_is_sharp() -> None:
    longest = metadata().ljust(UPLOAD_METADATA_LENGTH_MAX)
    assert read_metadata(longest).sha256 == PHOTO
    with pytest.raises(InvalidUpload) as told:
        read_metadata(longest + " ")
    said = f"is longer than {UPLOAD_METADATA_LENGTH_MAX}"
    assert refusal(told.value) == ("Upload-Metadata", said)
