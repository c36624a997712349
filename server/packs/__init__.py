"""The checklists that ship with the product, as data. Rule: a pack is read strictly, or not at all.

One JSON file per template in `data/`, named by its key. A wire type passes over a member that it
does not know, so that old programs read new data; in our own files such a member is a typing
error, and it is refused here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Struct

from schemas.base import Slug, Words
from schemas.forms import Form
from schemas.kinds.template import Category

DATA = Path(__file__).parent / "data"

# Of the ids of templates, for ever: another value would publish every pack a second time.
TEMPLATE_NAMESPACE = UUID("6f1d5d0e-3c0a-5d53-9d0e-2b8d4f6a7c11")


class PackError(ValueError):
    """A pack's file cannot be read; the message names the file and the member."""


class Pack(Struct, frozen=True, kw_only=True):
    """One version of one checklist, before it is published as a `template`.

    `sources_note` says where the limits come from and how far that was checked.
    """

    key: Slug
    version_no: Annotated[int, Meta(ge=1, le=1_000_000)]
    title: Words
    category: Category
    sources_note: Words
    form: Form


def template_id(key: str, version_no: int) -> UUID:
    """Give the id of a template: UUIDv5 (RFC 9562) of key and version, the same everywhere."""
    return uuid5(TEMPLATE_NAMESPACE, f"{key}/{version_no}")


def load_packs(folder: Path = DATA) -> tuple[Pack, ...]:
    """Read every pack of `folder`, by key; raise `PackError` for the first that is not in order.

    A folder without packs is an error too: the program was installed without its data.
    """
    packs = tuple(read_pack(path) for path in sorted(folder.glob("*.json")))
    if not packs:
        raise PackError(f"{folder}: no packs here")
    return packs


def read_pack(path: Path) -> Pack:
    """Read one pack; raise `PackError` naming the file, and the member as a JSONPath."""
    content = path.read_bytes()
    try:
        pack = msgspec.json.decode(content, type=Pack)
        raw: object = msgspec.json.decode(content)
    except msgspec.DecodeError as error:  # Also of values that do not fit: ValidationError.
        raise PackError(f"{path.name}: {error}") from error
    for member in _unknown_members(raw, pack, "$"):
        raise PackError(f"{path.name}: `{member}` is no member of its object")
    if pack.key != path.stem:
        raise PackError(f"{path.name}: `$.key` is {pack.key!r}, and the file is named otherwise")
    return pack


def _unknown_members(raw: object, read: object, path: str) -> Iterator[str]:
    """Give the path of every member in `raw` that `read`, decoded from it, does not hold."""
    if isinstance(raw, dict) and isinstance(read, Struct):
        names = dict(zip(read.__struct_encode_fields__, read.__struct_fields__, strict=True))
        for member, part in raw.items():
            if member in names:
                held: object = getattr(read, names[member])
                yield from _unknown_members(part, held, f"{path}.{member}")
            elif member != read.__struct_config__.tag_field:
                yield f"{path}.{member}"
    elif isinstance(raw, list) and isinstance(read, tuple):
        for place, (part, element) in enumerate(zip(raw, read, strict=True)):
            yield from _unknown_members(part, element, f"{path}[{place}]")
