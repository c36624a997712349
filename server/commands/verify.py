"""`verify`: is everything that was received still there, as it was? Rule: changes nothing.

Works beside a running server, on a copy, and on a backup that was put back.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import msgspec
from msgspec import Struct

from schemas.base import BODY_BYTES_MAX
from schemas.pull import AnchorSeen
from schemas.signing import SealVerdict
from server import schema_version
from server.audit import Audit, look
from server.commands.terminal import say
from server.device_keys import Seals
from server.errors import UnableError
from server.opening import opened, telling_database_faults
from server.restoring import demand_none_in
from server.settings import Settings
from sync.audit import Broken, Witness

VERDICTS: tuple[SealVerdict, ...] = get_args(SealVerdict)
PLAIN: Mapping[str, str] = {
    "unwritten": "nobody wrote it",
    "gone": "it was taken out",
    "rekeyed": "its key or person is not what was recorded of it",
    "unrecorded": "it has a key that was never recorded",
}


class Held(Struct, frozen=True):
    """What a tablet hands out: every root that it was ever told."""

    anchors: tuple[AnchorSeen, ...]


def read_witnesses(file: Path) -> list[Witness]:
    """Read a tablet's file. Raises `UnableError`."""
    try:
        with file.open("rb") as stream:
            held = msgspec.json.decode(stream.read(BODY_BYTES_MAX), type=Held)
    except OSError as error:
        raise UnableError(f"{file} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnableError(f"{file} holds no roots of a tablet: {error}") from None
    return [Witness(one.epoch, one.day, bytes.fromhex(one.root)) for one in held.anchors]


async def verify(settings: Settings, files: list[Path]) -> int:
    """Look at everything, say what was found; exit code 1 where something is not as it was."""
    outside = [witness for file in files for witness in read_witnesses(file)]
    async with opened(settings, may_make=False) as database:
        with telling_database_faults(settings):
            await schema_version.check(database)
            await demand_none_in(database)
            found = await look(database, outside, told=tell)
    for line in report(found):
        say(line)
    return 1 if found.broken else 0


async def tell(done: int) -> None:
    """How far it is: a large house takes minutes."""
    say(f"{done:,} ops and records")


def report(found: Audit) -> list[str]:
    """What was found, a line each."""
    told = f"{found.writers:,} chains, {found.ops:,} ops, {found.records:,} records"
    told += f", {found.roots:,} daily roots, {found.witnesses:,} roots that tablets hold"
    lines = [f"looked at {told}"]
    if found.forgotten:
        lines.append(
            f"{found.forgotten:,} of these were made after a backup that was put back since"
        )
    lines += [f"BROKEN {words(one)}" for one in found.broken]
    if found.seals.total:
        lines.append(seals_told(found.seals))
    count = len(found.broken)
    last = "whole" if count == 0 else f"{count:,} places are broken"
    return [*lines, "1 place is broken" if count == 1 else last]


def seals_told(seals: Seals) -> str:
    """What the seals of all signatures are worth."""
    told = ", ".join(f"{seals.worth[one]:,} {one}" for one in VERDICTS if seals.worth[one])
    more = f" ({seals.unrecorded:,} by a key that no record of its device names)"
    return f"seals of signatures: {told}{more if seals.unrecorded else ''}"


def words(one: Broken) -> str:
    """One broken place, for a person."""
    whose = f"writer {one.lineage}"
    match one.fault:
        case "altered":
            return f"{whose}, op {one.n}: it was altered, or one before it was taken out"
        case "missing":
            return f"{whose}, op {one.n}: what came before it is gone"
        case "cut":
            return f"{whose}: after op {one.n} the chain does not end as its writer's row says"
        case "stranger":
            return f"{whose}: there are ops, and no such writer"
        case "root":
            return f"root of {one.day}: it is not what it names, or not what was told of it"
        case "rewritten":
            return f"{whose}, op {one.n}: on {one.day} the chain was another"
        case "unrooted":
            return f"{whose}: what came before the root of {one.day} is in neither it nor the next"
        case "changed":
            field = f"`{one.field}` " if one.field else "it "
            return f"{one.kind} {one.record}: {field}is not what was written"
        case "unwritten" | "gone":
            return f"{one.kind} {one.record}: {PLAIN[one.fault]}"
        case "rekeyed" | "unrecorded":
            return f"device {one.device}: {PLAIN[one.fault]}"
        case "witness":
            who = f"device {one.device}" if one.device else "a tablet"
            return f"root of {one.day}: {who} was told another"
