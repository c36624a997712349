"""`template`: one published version of a checklist. Rule: immutable; a change is a new version."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Id, Instant, Slug, Wire, Words
from schemas.forms import Form
from schemas.kinds.fields import office

Category = Literal[
    "server-room",
    "cold-aisle",
    "ups",
    "air-conditioner",
    "server",
    "network",
    "database",
    "backup",
    "desktop",
    "printer",
    "pos",
    "security",
]


class Template(Wire, frozen=True, kw_only=True):
    """Version `version_no` of checklist `key`; its id is UUIDv5 of both, so a pack loads once."""

    key: Annotated[Slug, office()]
    version_no: Annotated[int, Meta(ge=1, le=1_000_000), office()]
    title: Annotated[Words, office()]
    category: Annotated[Category, office()]
    form: Annotated[Form, office()]
    published_at: Annotated[Instant, office()]
    superseded_by: Annotated[Id | None, office()] = None
