"""What can go wrong in the protocol. Rule: an error knows its problem; the server speaks HTTP.

An expected outcome (a conflict, a replay) is a value, never one of these.
"""

from typing import ClassVar

import msgspec

from schemas.problems import Difference, FieldProblem, Problem


class SyncError(Exception):
    """A rule of the protocol was broken. `fields` names what is wrong, by path."""

    slug: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, detail: str = "", *, fields: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields

    def problem(self) -> Problem:
        return Problem(
            type=f"/problems/{self.slug}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.fields,
        )


class HeaderUnreadable(SyncError):
    slug = "push-header-unreadable"
    title = "The first line of the push is not a header"
    status = 400


class TooManyOps(SyncError):
    slug = "too-many-ops"
    title = "The push holds more ops than one push may"
    status = 413


class TokenRefused(SyncError):
    """Forged, damaged, or made for another device."""

    slug = "token-refused"
    title = "The token was not made for this device"
    status = 400


class ClonedDevice(SyncError):
    """Another installation already sent other ops under these numbers."""

    slug = "cloned-device"
    title = "This installation is a copy of another one; enrol it again"
    status = 409


class InvalidOp(SyncError):
    """Of one op, inside a push: it becomes `rejected` and the rest go on."""

    slug = "invalid-op"
    title = "The change breaks a rule and was not applied"
    status = 422


class UnreadableLine(SyncError):
    slug = "unreadable-line"
    title = "The line is not an op"
    status = 422


class NotPermitted(SyncError):
    """Also said of a record that does not exist, in the same words, so that nothing is told."""

    slug = "not-permitted"
    title = "There is no such record that you may change"
    status = 403


class VersionMovedOn(SyncError):
    """The office's edit was made on a version that is no longer the newest."""

    slug = "version-moved-on"
    title = "The record has changed since it was shown"
    status = 409

    def __init__(
        self,
        detail: str = "",
        *,
        fields: tuple[FieldProblem, ...] = (),
        differences: tuple[Difference, ...] = (),
    ) -> None:
        super().__init__(detail, fields=fields)
        self.differences = differences

    def problem(self) -> Problem:
        """Show both values of every field that two wrote."""
        return msgspec.structs.replace(super().problem(), differences=self.differences)
