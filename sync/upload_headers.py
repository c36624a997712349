"""What the headers of an upload say (tus 1.0.0). Pure. Rule: what cannot be read names its header.

https://tus.io/protocols/resumable-upload (1.0.0, 2016-03-25): Upload-Length, Upload-Offset,
Upload-Metadata, Upload-Checksum.
"""

import binascii
import re
from collections.abc import Mapping
from hashlib import sha1, sha256
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from schemas.base import (
    ATTACHMENT_BYTES_MAX,
    LINE_LENGTH_MAX,
    MEDIA_TYPE_LENGTH_MAX,
    UPLOAD_KEYS_MAX,
    UPLOAD_METADATA_LENGTH_MAX,
)
from schemas.problems import FieldProblem
from sync.errors import SyncError

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
Algorithm = Literal["sha256", "sha1"]
ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha1")

COUNT = re.compile(r"[0-9]{1,16}")  # No more than JavaScript holds exactly.
KEY = re.compile(r"[!-+\--~]+")  # Printable ASCII, but no space and no comma.
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


class InvalidUpload(SyncError):
    slug = "invalid-upload"
    title = "The upload's headers are not what this address takes"
    status = 400


class UploadTooLarge(SyncError):
    slug = "upload-too-large"
    title = "The upload is larger than is taken here"
    status = 413


class Digesting(Protocol):
    """What the digests of the standard library have in common."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Checksum(Struct, frozen=True):
    """What a request says that its own bytes digest to."""

    algorithm: Algorithm
    digest: bytes

    def digesting(self) -> Digesting:
        """Begin a digest of the same kind."""
        return sha256() if self.algorithm == "sha256" else sha1(usedforsecurity=False)


class Announced(Struct, frozen=True):
    """What an upload says of its bytes before they come. Only `sha256` is ever believed."""

    sha256: str
    attachment: UUID | None = None
    name: str = ""
    media_type: str = ""
    raw: str = ""  # As it was sent; what is not known here stays in it.


def invalid(field: str, detail: str) -> InvalidUpload:
    return InvalidUpload(f"{field}: {detail}", fields=(FieldProblem(field=field, detail=detail),))


def read_length(headers: Mapping[str, str]) -> int:
    """How many bytes are announced. Raises `InvalidUpload` or `UploadTooLarge`."""
    if "upload-concat" in headers:
        raise invalid("Upload-Concat", "is not offered; send several uploads side by side")
    if "upload-defer-length" in headers:
        raise invalid("Upload-Defer-Length", "is not offered; say how long it is")
    length = read_count(headers, "Upload-Length")
    if length > ATTACHMENT_BYTES_MAX:
        raise UploadTooLarge(f"{length} bytes; {ATTACHMENT_BYTES_MAX} are taken")
    return length


def read_count(headers: Mapping[str, str], name: str) -> int:
    """A whole number of bytes. Raises `InvalidUpload`."""
    said = headers.get(name.lower())
    if said is None:
        raise invalid(name, "is missing")
    if not COUNT.fullmatch(said):
        raise invalid(name, "is not a whole number of bytes")
    return int(said)


def read_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The checksum of a request's own bytes, where it has one. Raises `InvalidUpload`."""
    said = headers.get("upload-checksum")
    if said is None:
        return None
    name, _, text = said.partition(" ")
    algorithm = next((one for one in ALGORITHMS if one == name), None)
    if algorithm is None:
        raise invalid("Upload-Checksum", f"is taken as {' or '.join(ALGORITHMS)}")
    digest = decoded(text.strip(), "Upload-Checksum")
    checksum = Checksum(algorithm, digest)
    if len(digest) != len(checksum.digesting().digest()):
        raise invalid("Upload-Checksum", "is too long or too short")
    return checksum


def decoded(text: str, field: str) -> bytes:
    """Base64 as RFC 4648, 4 has it. Raises `InvalidUpload`."""
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (ValueError, binascii.Error):
        raise invalid(field, "is not base64") from None


def read_metadata(text: str) -> Announced:
    """Read `Upload-Metadata`: keys and base64 values, each key once. Raises `InvalidUpload`."""
    if len(text) > UPLOAD_METADATA_LENGTH_MAX:
        raise invalid("Upload-Metadata", f"is longer than {UPLOAD_METADATA_LENGTH_MAX}")
    values: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else ():
        key, _, value = pair.strip(" ").partition(" ")
        if not KEY.fullmatch(key) or key in values:
            raise invalid("Upload-Metadata", "names each key once, in printable ASCII")
        values[key] = value.strip(" ")
        if len(values) > UPLOAD_KEYS_MAX:
            raise invalid("Upload-Metadata", f"holds more than {UPLOAD_KEYS_MAX} keys")
    known = {name: text_of(values[name], name) for name in MEMBERS if name in values}
    for name in values.keys() - known.keys():
        decoded(values[name], "Upload-Metadata")
    if not SHA256.fullmatch(known.get("sha256", "")):
        raise invalid("Upload-Metadata.sha256", "is not a SHA-256 in lower-case hex")
    media_type = known.get("type", "").lower()
    if media_type and not MEDIA_TYPE.fullmatch(media_type):
        raise invalid("Upload-Metadata.type", "is not a media type")
    return Announced(
        sha256=known["sha256"],
        attachment=id_of(known.get("attachment", "")),
        name=known.get("name", ""),
        media_type=media_type,
        raw=text,
    )


# What is read of the metadata, and how long each may be.
MEMBERS: Mapping[str, int] = {
    "sha256": 64,
    "attachment": 36,
    "name": LINE_LENGTH_MAX,
    "type": MEDIA_TYPE_LENGTH_MAX,
}


def text_of(value: str, name: str) -> str:
    field = f"Upload-Metadata.{name}"
    try:
        text = decoded(value, field).decode()
    except UnicodeDecodeError:
        raise invalid(field, "is not UTF-8") from None
    if len(text) > MEMBERS[name]:
        raise invalid(field, f"is longer than {MEMBERS[name]}")
    if "\x00" in text:
        raise invalid(field, "holds NUL")
    return text


def id_of(text: str) -> UUID | None:
    """The attachment that is meant, where one is named; nobody believes it."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise invalid("Upload-Metadata.attachment", "is not an id") from None
