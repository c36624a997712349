"""`./dev conformance URL`: play against a running server and say which promises hold.

Exit code 0: all that could be tested holds; 1: something failed; 2: it could not begin.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct

from conformance import files, pulling, pushing
from conformance.device import Refused
from conformance.stage import CHECKS, PROMISES, Result, Stage, run
from conformance.wire import Broken

REQUEST_SECONDS_MAX = 60.0
BY_HAND = {
    2: "a promise of the device; of it only the server's part can be seen from outside",
    10: "of draining only what one round shows; faults are played by the server's own tests",
}
DEMO_DEVICES = 4  # Of which two share a site, and one lacks another.
PLAYED = (pushing, pulling, files)  # Imported for their checks.


class Engineer(Struct, frozen=True):
    enrol_link: str


class Demo(Struct, frozen=True):
    """Of demo.json: where the server is, and a link for each engineer."""

    address: str
    engineers: tuple[Engineer, ...]


class Report(Struct, frozen=True):
    """What became of every check, and what stays on the server."""

    url: str
    results: tuple[Result, ...]
    left: tuple[str, ...]

    @property
    def failed(self) -> tuple[int, ...]:
        """The promises that do not hold."""
        return tuple(sorted({one.promise for one in self.results if one.state == "failed"}))


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev conformance",
        description="Play scripted devices against a running server that speaks the sync "
        "protocol (docs/protocol.md), and say which of its promises hold. Three tickets are "
        "best: two people who share a site, and one who does not.",
    )
    add = parser.add_argument
    add("url", nargs="?", help="where the server is; --demo knows it too")
    add("--ticket", action="append", default=[], metavar="T", help="or a whole link; repeat it")
    add("--demo", type=Path, metavar="FILE", help="a demo.json, for its address and its links")
    add("--json", type=Path, metavar="FILE", help="write the results there too")
    return parser


async def play(
    url: str, tickets: Sequence[str], *, transport: httpx.AsyncBaseTransport | None = None
) -> Report:
    """Play every check, and tidy up. Raises `Refused`, `Broken` or `httpx.HTTPError` if it
    cannot begin.
    """
    async with httpx.AsyncClient(
        base_url=url, transport=transport, timeout=REQUEST_SECONDS_MAX
    ) as http:
        stage = Stage(http, tickets, "conformance")
        await stage.set_up()
        results = [await run(one, stage) for one in sorted(CHECKS, key=lambda one: one.promise)]
        await stage.tidy()
    return Report(url, tuple(results), tuple(stage.left))


def show(report: Report) -> str:
    """The report as a person reads it: per promise, what holds and what does not."""
    signs = {"holds": "  ok  ", "failed": " FAIL ", "not tested": "  --  "}
    lines = [f"{report.url}"]
    for promise, title in PROMISES.items():
        lines += ["", f"{promise}. {title}"]
        for one in report.results:
            if one.promise == promise:
                lines.append(f"{signs[one.state]}{one.check}")
                lines += [f"        {one.why}"] if one.why else []
        lines += [f"        ({BY_HAND[promise]})"] if promise in BY_HAND else []
    lines += ["", "Left on the server:", *(f"  {one}" for one in report.left), ""]
    count = {state: sum(one.state == state for one in report.results) for state in signs}
    numbers = ", ".join(f"{number} {state}" for state, number in count.items())
    broken = f"; broken: {', '.join(map(str, report.failed))}" if report.failed else ""
    return "\n".join([*lines, numbers + broken])


def main(arguments: list[str]) -> int:
    """Play, print, and give the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    url, tickets = given.url, list(given.ticket)
    try:
        if given.demo:
            demo = msgspec.json.decode(given.demo.read_bytes(), type=Demo)
            url = url or demo.address
            tickets += [one.enrol_link for one in demo.engineers[:DEMO_DEVICES]]
        if not url or not tickets:
            parser.error(
                "name the server and a ticket (what follows # in an enrolment link), or --demo FILE"
            )
        report = asyncio.run(play(url, tickets))
        print(show(report))
        if given.json:
            given.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    except (OSError, msgspec.DecodeError, httpx.HTTPError, Refused, Broken) as error:
        print(f"./dev conformance: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
