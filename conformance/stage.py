"""What a check has to work with, and how checks are known. Rule: a check takes back what it made.

A check makes attachments (what a file would be, without a file) on equipment that it finds, for
a device may withdraw those itself; nothing that was there before is changed.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import httpx
from msgspec import Struct

from conformance.device import Device, Late, Refused, enrol
from conformance.wire import Broken, Fields, Outcome, Row

PROMISES = {
    1: "Nothing acknowledged is lost, nothing happens twice",
    2: "Nothing unacknowledged is deleted on the device",
    3: "No poison: one bad op never blocks another",
    4: "Complete: a device at the heads holds exactly the live records of its scopes",
    5: "No value disappears",
    6: "No clock decides",
    7: "Least data: nothing from outside the device's scopes",
    8: "An old client can always push",
    9: "Cost follows the change",
    10: "Queues drain",
}
State = Literal["holds", "failed", "not tested"]


class Failed(Exception):
    """A promise does not hold: what was seen."""


class NotTested(Exception):
    """The check needs what this server, or these tickets, do not offer."""


class Result(Struct, frozen=True):
    """What became of one check. `why` is empty where it holds."""

    promise: int
    check: str
    state: State
    why: str = ""


def demand(holds: object, why: str) -> None:
    """Raise `Failed` with what was seen, unless it holds."""
    if not holds:
        raise Failed(why)


class Stage:
    """The devices that play, in the order of their tickets."""

    def __init__(self, http: httpx.AsyncClient, tickets: Sequence[str], name: str) -> None:
        self.http, self.tickets, self.name = http, list(tickets), name
        self.devices: list[Device] = []
        self.left: list[str] = []

    async def set_up(self) -> None:
        """Enrol a device for each ticket and pull whole. Raises `Refused` or `Broken`."""
        for number, ticket in enumerate(self.tickets, 1):
            device = await enrol(self.http, ticket, f"{self.name} {number}")
            self.devices.append(device)
            await device.pull()

    @property
    def one(self) -> Device:
        return self.devices[0]

    def asset(self, *devices: Device) -> Row:
        """A piece of equipment that all of these devices hold. Raises `NotTested`."""
        for row in devices[0].base.values():
            if row.kind == "asset" and all(row.id in device.base for device in devices):
                return row
        raise NotTested("the devices hold no equipment in common" if devices[1:] else "no asset")

    def pair(self) -> tuple[Device, Device, Row]:
        """Two people's devices, and equipment that both hold. Raises `NotTested`."""
        for place, one in enumerate(self.devices):
            for other in self.devices[place + 1 :]:
                try:
                    if one.person != other.person:
                        return one, other, self.asset(one, other)
                except NotTested:
                    continue
        raise NotTested("needs tickets of two people who hold one site")

    def strangers(self) -> tuple[Device, Device, Row]:
        """A device, another one, and equipment that the second holds and the first does not."""
        for one in self.devices:
            for other in self.devices:
                for row in other.base.values():
                    if row.kind == "asset" and row.scope not in one.heads:
                        return one, other, row
        raise NotTested("needs tickets of two people, of whom one holds a site more")

    async def make(self, device: Device, asset: Row, caption: str) -> tuple[Fields, Outcome]:
        """An attachment that is there, and in the device's base."""
        op = device.attachment(asset.id, caption)
        (outcome,) = await device.push(op)
        demand(outcome.outcome == "applied", f"a new attachment was answered {outcome.outcome}")
        await device.pull()
        demand(op["record"] in device.base, "an applied creation is not among what is pulled")
        return op, outcome

    async def tidy(self) -> None:
        """Take back what was made, and settle what waits; `left` names what cannot be."""
        for device in self.devices:
            try:
                await device.pull()
                await self.withdraw_all(device)
                await self.discard_all(device)
            except (Refused, Broken, Late) as error:
                self.left.append(f"what {device.name} made: {error}")
            self.left.append(f"the device `{device.name}` ({device.id}); the office can end it")

    async def withdraw_all(self, device: Device) -> None:
        made = {
            op["record"]
            for op in device.sent.values()
            if op["kind"] == "attachment" and op.get("new")
        }
        there = [str(record) for record in made if record in device.base]
        if there:
            await device.push(*(device.op("attachment", one, withdraw=True) for one in there))

    async def discard_all(self, device: Device) -> None:
        """An op that replaces another and changes nothing discards it."""
        waiting = [
            row
            for row in device.base.values()
            if row.kind == "disposition" and not row.data.get("settled")
        ]
        disputed = [row for row in waiting if row.data.get("outcome") == "conflict"]
        mine = [row for row in waiting if row not in disputed]
        if mine:
            await device.push(
                *(
                    device.op(
                        str(row.data.get("record_kind") or "attachment"),
                        str(row.data.get("record") or device.id),
                        replaces=row.data["op"],
                        words="conformance",
                    )
                    for row in mine
                )
            )
        if disputed:
            self.left.append(f"{len(disputed)} conflicts of {device.name}, for the office")


Play = Callable[[Stage], Awaitable[None]]


class Check(Struct, frozen=True):
    """One thing that can be seen from outside, and the promise that it belongs to."""

    promise: int
    says: str
    play: Play


CHECKS: list[Check] = []


def check(promise: int, says: str) -> Callable[[Play], Play]:
    """Register a check of a promise; `says` is what holds if it passes."""

    def register(play: Play) -> Play:
        CHECKS.append(Check(promise, says, play))
        return play

    return register


async def run(one: Check, stage: Stage) -> Result:
    """Play a check. A refusal that it did not expect is a failure of its promise."""
    try:
        await one.play(stage)
    except NotTested as reason:
        return Result(one.promise, one.says, "not tested", str(reason))
    except (Failed, Late) as reason:
        return Result(one.promise, one.says, "failed", str(reason))
    except Refused as refusal:
        return Result(one.promise, one.says, "failed", f"the server refused: {refusal}")
    except Broken as broken:
        return Result(one.promise, one.says, "failed", f"no answer of this protocol: {broken}")
    except httpx.HTTPError as error:
        why = f"the connection failed: {type(error).__name__}: {error}"
        return Result(one.promise, one.says, "failed", why)
    return Result(one.promise, one.says, "holds")
