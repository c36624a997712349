"""How fields merge, and who may write them. Rule: every field of every kind says both.

A field is marked by `Annotated[type, rule()]`; `schemas.kinds` reads the marks back into the
table of fields that the planner, the tables and the browser share.
"""

from msgspec import Meta


def fixed() -> Meta:
    """Set when the record is made; where two made the same record, the first one's stays."""
    return Meta(extra={"rule": "fixed", "device": True})


def register() -> Meta:
    """One value; a device may write it. When two changed it, a person decides."""
    return Meta(extra={"rule": "register", "device": True})


def registers() -> Meta:
    """A map whose every entry is a register of its own (path `field.key`)."""
    return Meta(extra={"rule": "registers", "device": True})


def grow() -> Meta:
    """Elements by id (path `field.element`); union. An edit of a removed element is a conflict."""
    return Meta(extra={"rule": "grow", "device": True})


def forward() -> Meta:
    """A state that only moves on within its round."""
    return Meta(extra={"rule": "forward", "device": True})


def office() -> Meta:
    """Written by the office and the server alone; a device's write is rejected."""
    return Meta(extra={"rule": "office", "device": False})
