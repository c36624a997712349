"""What a backup says of itself. Rule: it vouches for every file by its digest."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from server.blobs import blob_key
from server.errors import UnableError
from server.folder import write_whole
from server.settings import variable

FILE = "manifest.json"
BLOBS = "blobs.ndjson"
POOL = "blobs"
UNFINISHED = ".part"  # How the name of one ends that is being made.
FORMAT = 1
CHUNK_BYTES = 1024 * 1024


class Listed(Struct, frozen=True):
    """A file of the backup's own folder."""

    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """One backup. `revision` is the schema's; `blobs` and `blob_bytes` are of the whole list."""

    format: int
    id: UUID
    installation: UUID
    epoch: int
    revision: str
    database: Literal["sqlite", "postgresql"]
    begun_at: datetime
    ended_at: datetime
    files: Mapping[str, Listed]
    columns: Mapping[str, tuple[str, ...]]  # Of each table of PostgreSQL, as they were copied.
    blobs: int
    blob_bytes: int
    missing: int  # Of what the database speaks of: the store did not have it.
    lineages: int
    ops: int


class Sealed(Struct, frozen=True):
    """The file: the manifest's own bytes, and their digest."""

    sha256: str
    manifest: Raw


class KeptBlob(Struct, frozen=True, omit_defaults=True):
    """A line of the list of bytes. What is named by its content needs no digest beside."""

    key: str
    bytes: int
    sha256: str = ""

    @property
    def is_derived(self) -> bool:
        """Whether it is made from other bytes, and can be made from them again."""
        return self.key != blob_key(self.key[-64:])

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes; empty where nobody wrote down that of a thumbnail."""
        return self.sha256 if self.is_derived else self.key[-64:]


KEPT = msgspec.json.Decoder(KeptBlob)


def write(folder: Path, manifest: Manifest) -> None:
    """Write it, on the disk when this returns: from here on the backup counts."""
    inner = msgspec.json.encode(manifest)
    sealed = Sealed(hashlib.sha256(inner).hexdigest(), Raw(inner))
    write_whole(folder / FILE, msgspec.json.encode(sealed))


def read(folder: Path) -> Manifest:
    """Read it. Raises `UnableError` for one that is missing, damaged, or newer than we are."""
    file = folder / FILE
    try:
        sealed = msgspec.json.decode(file.read_bytes(), type=Sealed)
        manifest = msgspec.json.decode(sealed.manifest, type=Manifest)
    except FileNotFoundError:
        raise UnableError(f"{folder} is no backup: it has no {FILE}") from None
    except OSError as error:
        raise UnableError(f"{file} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnableError(f"{file} is damaged: this backup is not used") from None
    if hashlib.sha256(bytes(sealed.manifest)).hexdigest() != sealed.sha256:
        raise UnableError(f"{file} is damaged: this backup is not used")
    if manifest.format != FORMAT:
        raise UnableError(f"{folder} is of a newer program: it has format {manifest.format}")
    return manifest


def find(place: Path) -> Path:
    """The backup that is meant: the folder itself, or the newest in it. Raises `UnableError`."""
    if (place / FILE).is_file():
        return place
    whole = list_whole(place)
    if not whole:
        raise UnableError(f"{place} holds no backup that is whole")
    return whole[-1]


def list_whole(place: Path) -> list[Path]:
    """Every backup in a folder that has a manifest, the oldest first."""
    found = (file.parent for file in place.glob(f"*/{FILE}"))
    return sorted(folder for folder in found if folder.suffix != UNFINISHED)


def list_usable(place: Path) -> list[Path]:
    """Those of them whose manifest and list of bytes are as they were written."""
    return [folder for folder in list_whole(place) if _has_list(folder)]


def _has_list(folder: Path) -> bool:
    try:
        return digest_of(folder / BLOBS) == read(folder).files[BLOBS]
    except (UnableError, OSError, KeyError):
        return False


def readable(place: Path) -> Iterator[Manifest]:
    """The manifests of a folder that can be read; of the others nobody can say whose they are."""
    for folder in list_whole(place):
        with suppress(UnableError):
            yield read(folder)


def newest_epoch(place: Path) -> int:
    """The last epoch of which a folder holds a backup; 0 where it holds none."""
    return max((manifest.epoch for manifest in readable(place)), default=0)


def demand_own(place: Path, own: UUID, epoch: int) -> None:
    """Raise `UnableError` where another installation keeps its backups in the folder.

    Each would let the other's go, as if they were its own older ones. One that was put back
    elsewhere bears the same id, and a later epoch.
    """
    for manifest in readable(place):
        theirs = manifest.installation
        if theirs == own and manifest.epoch > epoch:
            raise UnableError(
                f"{place} holds backups of this installation as it was put back elsewhere (epoch "
                f"{manifest.epoch}, this one is at {epoch}): end one of the two, or name a folder "
                f"for this one alone, with --to DIR or {variable('backup_dir')}"
            )
        if theirs != own:
            raise UnableError(
                f"{place} holds backups of another installation ({theirs}, this one is {own}): "
                f"name a folder for this one alone, with --to DIR or {variable('backup_dir')}"
            )


def digest_of(file: Path) -> Listed:
    """Read a whole file."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return Listed(size, digest.hexdigest())


def verify(folder: Path, manifest: Manifest) -> None:
    """Read every file of the backup's folder. Raises `UnableError` for the first that differs."""
    for name, listed in manifest.files.items():
        try:
            found = digest_of(folder / name)
        except OSError as error:
            raise UnableError(f"{folder / name} cannot be read: {error.strerror}") from None
        if found != listed:
            raise UnableError(f"{folder / name} is damaged: this backup is not used")


def write_kept(file: Path, kept: Iterable[KeptBlob]) -> None:
    with file.open("wb") as handle:
        handle.writelines(msgspec.json.encode(one) + b"\n" for one in kept)


def read_kept(folder: Path) -> Iterator[KeptBlob]:
    """What of the pool belongs to a backup. Raises `UnableError` for a list that is damaged."""
    file = folder / BLOBS
    try:
        with file.open("rb") as handle:
            for line in handle:
                yield KEPT.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnableError(f"{file} is damaged: this backup is not used") from None
    except OSError as error:
        raise UnableError(f"{file} cannot be read: {error.strerror}") from None
