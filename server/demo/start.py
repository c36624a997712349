"""`python -m server demo`. Rule: unattended; what it says last is `READY` and the address.

The first start loads the company, every later one finds it as it was left. Each start makes one
fresh enrolment link per engineer, and writes `demo.json` for tests and other programs.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from unicodedata import east_asian_width
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from schemas.base import Language
from server.auth.passwords import Passwords
from server.auth.tickets import new_ticket
from server.clock import Clock, SystemClock
from server.commands.terminal import PORT_MAX, Parser, say, say_last, whole_number
from server.database import Database
from server.demo import load
from server.demo.authority import Certified, certify, machine_names
from server.demo.cast import BY_LOGIN, PASSWORD, PEOPLE
from server.demo.history import person_id
from server.demo.loading import Order
from server.demo.mint import ZONE, Mint
from server.demo.reports import ask_for_reports
from server.demo.trust import Trust, TrustServer
from server.demo.words import WORDS, Words
from server.errors import UnableError
from server.folder import held
from server.labels.links import link_text
from server.opening import opened, prepare, run_loop, telling_database_faults
from server.runner import listen
from server.runner import run as serve
from server.settings import ROOT, Settings, load_settings, terminal_language
from server.store import people, tickets
from server.telemetry import configure_logging

DEFAULT_DATA = Path("data") / "demo"
DEFAULT_PORT = 8020
DEFAULT_SEED = 1
ENDED_AT_ONCE = 130  # As a shell tells of what Ctrl-C ended.
SEED_MAX = 2**31
FACTS = "demo.json"
NOT_DEMO = "holds an installation that is no demo; name another folder with --data"


class SignIn(Struct, frozen=True):
    """One person who may sign in."""

    login: str
    password: str
    person: str


class Engineer(Struct, frozen=True):
    """An engineer with an enrolment link that works once."""

    login: str
    password: str
    person: str
    name: str
    enrol_link: str


class Facts(Struct, frozen=True):
    """What `demo.json` says. `trust_address` and `authority` are there with --lan only."""

    address: str
    people: dict[str, SignIn]
    engineers: list[Engineer]
    seed: int
    today: date
    pid: int
    trust_address: str | None = None
    authority: str | None = None


class Link(Struct, frozen=True):
    """An engineer, and the secret end of an enrolment link."""

    login: str
    person: str
    secret: str


class Options(Struct, frozen=True):
    """What was asked for on the command line."""

    data: Path
    port: int
    host: str | None
    lan: bool
    language: Language | None
    spoken: Language
    seed: int | None
    today: date | None


def read_options(arguments: list[str]) -> Options:
    """Read the options. Raises `UnableError` for what they cannot be."""
    parser = Parser(
        prog="python -m server demo", description="Run everything with a believable demo company."
    )
    add = parser.add_argument
    port, seed = (partial(whole_number, most=most) for most in (PORT_MAX, SEED_MAX))
    add("--port", type=port, default=DEFAULT_PORT, help="0 takes any free one")
    add("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="kept between starts")
    add("--host", help="address to listen on; this machine alone by default")
    add("--lan", action="store_true", help="serve HTTPS on the network, for real tablets")
    add(
        "--language",
        choices=("zh-CN", "en"),
        help="of everybody's app, and here; else the terminal's",
    )
    add("--seed", type=seed, metavar="N", help="another company; at the first start")
    add("--today", type=day, metavar="DATE", help="the day it is; at the first start")
    given = vars(parser.parse_args(arguments))
    return msgspec.convert({**given, "spoken": given["language"] or terminal_language()}, Options)


def day(text: str) -> date:
    """Read a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-22") from None


def start(arguments: list[str]) -> int:
    """Do it, and give the exit code. Raises `UnableError` for what the person can mend."""
    options = read_options(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal without Chinese is no reason to end.
    return run_loop(stoppable(demo(options, SystemClock()), WORDS[options.spoken]))


async def stoppable(work: Coroutine[object, object, int], words: Words) -> int:
    """Do the work, and end with 0 when told to stop, also while the company is being loaded."""
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()

    def stop() -> None:
        if task.cancelling():  # Asked twice: what it waits for may never come.
            os._exit(ENDED_AT_ONCE)
        task.cancel()
        say_last(words["stopping"])

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop)
    code = 0
    with suppress(asyncio.CancelledError):
        code = await task
    if code == 0:
        say_last(words["stopped"])
    return code


async def demo(options: Options, clock: Clock) -> int:
    """Load the company if it is not there, and serve it until told to stop."""
    with held(load_settings(data_dir=options.data)):
        return await demo_alone(options, clock)


async def demo_alone(options: Options, clock: Clock) -> int:
    """Do so in a folder that no other server uses."""
    begun = clock.monotonic()
    settings, certified = settle(options, clock)
    configure_logging(settings)
    words = WORDS[options.spoken]
    async with trusting(settings, certified) as trust_address, opened(settings) as database:
        # Nobody who waits for the facts shall find those of an earlier start.
        try:
            (options.data / FACTS).unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UnableError(f"the data folder {options.data} cannot be used: {reason}") from None
        await prepare(settings, database, clock)
        loaded = await find_company(settings, database)
        if loaded is not None:
            say(words["kept"].format(seed=loaded.seed, today=loaded.today))
        else:
            code = await load_apart(options, settings, clock)
            loaded = await find_company(settings, database)
            if code or loaded is None:
                return code or 1  # The other process has said why.
            say(words["loaded"].format(seconds=clock.monotonic() - begun))
        with telling_database_faults(settings):
            links = await make_links(settings, database, clock)
            await ask_for_reports(database, clock)

        def announce(bound: Settings) -> None:
            facts = make_facts(
                bound.origin, links, loaded, trust_address=trust_address, certified=certified
            )
            write_facts(options.data / FACTS, facts)
            show(facts, words, certified)

        await serve(
            settings,
            database,
            clock,
            on_ready=announce,
            on_stopping=lambda: say_last(words["stopping"]),
        )
    return 0


# --- Where it listens ---


def settle(options: Options, clock: Clock) -> tuple[Settings, Certified | None]:
    """Settle address and certificate: this machine alone unless --lan or --host say otherwise."""
    host = options.host or ("0.0.0.0" if options.lan else "127.0.0.1")  # noqa: S104
    is_everywhere = host in ("0.0.0.0", "::")  # noqa: S104
    names = machine_names()
    port = options.port or (free_ports(host) if options.lan or is_everywhere else 0)
    certified = certify(options.data / "tls", names, clock) if options.lan else None
    public = None
    if options.lan or is_everywhere:
        reached = names.addresses[0] if is_everywhere else host
        public = f"{'https' if options.lan else 'http'}://{reached}:{port}"
    settings = load_settings(
        data_dir=options.data,
        host=host,
        port=port,
        public_url=public,
        tls_certfile=certified.certificate if certified else None,
        tls_keyfile=certified.key if certified else None,
    )
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "warning"})
    if port:
        listen(settings).close()  # A port in use is told before anything is loaded.
    return settings, certified


def free_ports(host: str) -> int:
    """Find two ports side by side that nobody listens on: the page to trust takes the second."""
    for _ in range(100):
        with socket.create_server((host, 0)) as first:
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError), socket.create_server((host, port + 1)):
                return port
    raise UnableError("no two free ports side by side; name one with --port")


@asynccontextmanager
async def trusting(settings: Settings, certified: Certified | None) -> AsyncGenerator[str | None]:
    """Serve the page to trust on the port after the server's while the block lasts."""
    if certified is None:
        yield None
        return
    beside = settings.model_copy(update={"port": settings.port + 1})
    with listen(beside) as listening:
        server = TrustServer(Trust(settings.origin, certified))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            reached = urlsplit(settings.origin).hostname
            yield f"http://{reached}:{beside.port}"
        finally:
            server.should_exit = True
            await task


# --- What is there ---


async def find_company(settings: Settings, database: Database) -> load.Loaded | None:
    """Find which company is there. Raises `UnableError` where somebody's own installation is."""
    with telling_database_faults(settings):
        async with database.read() as tx:
            there = await load.find(tx)
            if there is None and await people.has_administrator(tx):
                raise UnableError(f"{settings.data_dir} {NOT_DEMO}")
    return there


async def load_apart(options: Options, settings: Settings, clock: Clock) -> int:
    """Load in a process of its own; see there why. Give its exit code."""
    order = Order(
        data_dir=str(options.data),
        database_url=settings.database_address,
        seed=DEFAULT_SEED if options.seed is None else options.seed,
        today=options.today or clock.now().astimezone(ZONE).date(),
        language=options.language,
        spoken=options.spoken,
        password_hash=await Passwords(clock).hash(PASSWORD),
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.demo.loading"), stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    try:
        await process.communicate(msgspec.json.encode(order))
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    return process.returncode or 0


async def make_links(settings: Settings, database: Database, clock: Clock) -> list[Link]:
    """Make a fresh enrolment ticket for every engineer; those of earlier starts run out."""
    made = []
    async with database.write() as tx:
        for spec in PEOPLE:
            person = await people.load_by_login(tx, spec.login)
            if spec.role != "engineer" or person is None or not person.active:
                continue
            link, ticket = new_ticket(clock, settings, person.id, created_by=None)
            await tickets.save_new(tx, ticket)
            # The address stands when the port does.
            made.append(Link(spec.login, str(person.id), link.partition("#")[2]))
    return made


# --- What is told ---


def make_facts(
    origin: str,
    links: list[Link],
    loaded: load.Loaded,
    *,
    trust_address: str | None,
    certified: Certified | None,
) -> Facts:
    """Say everything that a test or another program needs to know."""
    mint = Mint(loaded.seed, loaded.today)
    signs: dict[str, SignIn] = {}
    for spec in PEOPLE:
        signs.setdefault(spec.role, SignIn(spec.login, PASSWORD, str(person_id(mint, spec.login))))
    return Facts(
        address=origin,
        people=signs,
        engineers=[
            Engineer(
                login=link.login,
                password=PASSWORD,
                person=link.person,
                name=BY_LOGIN[link.login].name,
                enrol_link=f"{origin}/enrol#{link.secret}",
            )
            for link in links
        ],
        seed=loaded.seed,
        today=loaded.today,
        pid=os.getpid(),
        trust_address=trust_address,
        authority=str(certified.authority.resolve()) if certified else None,
    )


def write_facts(path: Path, facts: Facts) -> None:
    """Write `demo.json`, whole or not at all; only its owner reads it, for it holds tickets."""
    fresh = path.with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=2) + b"\n")
        fresh.replace(path)
    except OSError as error:
        raise UnableError(f"{path} cannot be written: {error.strerror}") from None


def show(facts: Facts, words: Words, certified: Certified | None) -> None:
    """Tell the person at the terminal how to sign in, and at last that everything is ready."""
    say("")
    for role, sign_in in facts.people.items():
        name = BY_LOGIN[sign_in.login].name
        say(f"  {pad(words[role], 20)}{pad(name, 10)}{sign_in.login:<8}{sign_in.password}")
    say(f"\n{words['sign-in']}: {facts.address}/office")
    if certified is not None:
        say(f"{words['trust']}: {facts.trust_address}\n  SHA-256 {certified.fingerprint}")
    if facts.engineers:
        first = facts.engineers[0]
        say(f"{words['enrol'].format(name=first.name)}\n  {first.enrol_link}")
        say(link_text(first.enrol_link, inverted=sys.stdout.isatty()))
    say(f"{words['stop']}\nREADY {facts.address}")


def pad(text: str, width: int) -> str:
    """Fill up with blanks; a Chinese character is as wide as two."""
    return text + " " * max(
        width - sum(2 if east_asian_width(one) in "WF" else 1 for one in text), 1
    )
