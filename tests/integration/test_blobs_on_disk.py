"""The order in which a folder's bytes and their names get to the disk. Rule: what counts, lasts."""

import hashlib
import os
from pathlib import Path

import pytest

from server.blobs import DRAFTS, Blobs, blob_key
from server.settings import Settings

CONTENT = b"a photo"
KEY = blob_key(hashlib.sha256(CONTENT).hexdigest())
OTHER = blob_key(hashlib.sha256(b"first").hexdigest())


@pytest.fixture
def folder(tmp_path: Path) -> Blobs:
    return Blobs(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is forced to the disk and what gets its name, in this order."""
    told: list[str] = []
    real_fsync, real_replace, real_link = os.fsync, Path.replace, os.link

    def fsync(number: int) -> None:
        told.append(f"fsync {Path(f'/proc/self/fd/{number}').readlink()}")
        real_fsync(number)

    def replace(self: Path, target: Path) -> Path:
        told.append(f"rename {target}")
        return real_replace(self, target)

    def link(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        told.append(f"link {target}")
        real_link(source, target, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(Path, "replace", replace)
    return told


async def test_nothing_has_its_name_before_it_is_on_the_disk(
    folder: Blobs, told: list[str]
) -> None:
    await folder.put(OTHER, b"first")
    await folder.put(KEY, CONTENT)
    place, drafts = folder.root / KEY, folder.root / DRAFTS
    made, draft, named, kept = told[-4:]
    assert made == f"fsync {folder.root}", "the new folder"
    assert draft.startswith(f"fsync {drafts}/")
    assert named == f"rename {place}"
    assert kept == f"fsync {place.parent}"


async def test_nothing_is_linked_before_it_is_on_the_disk(
    folder: Blobs, told: list[str], tmp_path: Path
) -> None:
    source, place = tmp_path / "upload", folder.root / KEY
    source.write_bytes(CONTENT)
    await folder.put(KEY, source)
    assert told[-3:] == [f"fsync {source}", f"link {place}", f"fsync {place.parent}"]


async def test_what_a_killed_server_named_is_on_the_disk_before_it_counts(
    folder: Blobs, told: list[str], tmp_path: Path
) -> None:
    """Killed between the name and the folder's sync: a row may follow only what is sure to stay."""
    source, place = tmp_path / "upload", folder.root / KEY
    source.write_bytes(CONTENT)
    place.parent.mkdir(parents=True)
    os.link(source, place, follow_symlinks=True)
    told.clear()
    await folder.put(KEY, source)
    assert told == [f"fsync {place}", f"fsync {place.parent}", f"fsync {folder.root}"]


async def test_what_is_collected_while_it_is_put_again_is_put_anew(
    folder: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await folder.put(KEY, CONTENT)
    sound = Blobs.is_sound

    async def collected(self: Blobs, key: str, size: int, sha256: str) -> bool:
        was = await sound(self, key, size, sha256)
        (self.root / key).unlink()
        return was

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Blobs, "is_sound", collected)
        await folder.put(KEY, CONTENT)
    assert await folder.is_sound(KEY, len(CONTENT), KEY[-64:])
