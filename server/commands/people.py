"""`init` makes the first administrator, `password` a new password, `enrol` a link.

Rule: no password in arguments.
"""

import sys
from datetime import datetime
from getpass import getpass
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.people import LoginName
from server.auth.passwords import Passwords, check_password
from server.auth.tickets import new_ticket
from server.clock import Clock
from server.commands.terminal import say
from server.errors import PasswordTooWeak, UnableError
from server.labels.links import link_text
from server.opening import prepared, telling_database_faults
from server.settings import Settings
from server.store import grants, people, sessions, tickets
from server.store.grants import StoredGrant
from server.store.people import Person


def read_password(login: str, file: Path | None) -> str:
    """Read a password from a file's first line, or twice from the terminal."""
    if file is not None:
        try:
            password = file.read_text("utf-8").splitlines()[0]
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise UnableError(f"the password file {file} cannot be read: {error}") from None
    elif sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("Again: ") != password:
            raise UnableError("the two passwords differ")
    else:
        raise UnableError("there is no terminal to ask for a password; use --password-file")
    try:
        check_password(password, login=login, field="password")
    except PasswordTooWeak as error:
        raise UnableError(f"the password {error.detail}") from None
    return password


def check_login(login: str) -> str:
    """Give the login in lower case. Raises `UnableError` for one that nobody may have."""
    try:
        return msgspec.convert(login.lower(), LoginName)
    except msgspec.ValidationError:
        raise UnableError(
            f"{login!r} is no login name: 2 to 64 of a-z 0-9 . _ @ -, a letter or figure first"
        ) from None


async def add_administrator(
    tx: AsyncConnection, clock: Clock, *, login: str, name: str, hashed: str
) -> None:
    """Add the person and the global grant."""
    if await people.has_administrator(tx):
        raise UnableError("there is an administrator already; `company FILE` adds people")
    if await people.load_by_login(tx, login) is not None:
        raise UnableError(f"somebody is called {login} already")
    now: datetime = clock.now()
    person = Person(id=clock.new_id(), login=login, name=name, created_at=now)
    await people.save_new(tx, person, password_hash=hashed)
    grant = StoredGrant(
        id=clock.new_id(),
        person=person.id,
        role="administrator",
        customer=None,
        contract=None,
        site=None,
        granted_at=now,
    )
    await grants.save_new(tx, grant, granted_by=None)


async def init(
    settings: Settings, clock: Clock, *, login: str, name: str, password_file: Path | None
) -> int:
    """Make the first administrator. Refuses when there is one."""
    login = check_login(login)
    async with prepared(settings, clock) as database:
        with telling_database_faults(settings):
            async with database.read() as tx:
                if await people.has_administrator(tx):
                    raise UnableError("there is an administrator already; nothing was changed")
        hashed = Passwords(clock).hash_now(read_password(login, password_file))
        with telling_database_faults(settings):
            async with database.write() as tx:
                await add_administrator(tx, clock, login=login, name=name, hashed=hashed)
    say(f"{login} is administrator; sign in at {settings.origin}/office")
    return 0


async def change_password(
    settings: Settings, clock: Clock, *, login: str, password_file: Path | None
) -> int:
    """Give somebody who forgot theirs a new password; whoever is signed in as them is out."""
    login = check_login(login)
    async with prepared(settings, clock) as database:
        hashed = Passwords(clock).hash_now(read_password(login, password_file))
        with telling_database_faults(settings):
            async with database.write() as tx:
                person = await people.load_by_login(tx, login)
                if person is None or not person.active:
                    raise UnableError(f"nobody is called {login}")
                await people.save_password_hash(tx, person.id, hashed)
                await sessions.end_all(tx, person.id, now=clock.now())
    say(f"{login} has a new password; sign in at {settings.origin}/office")
    return 0


async def enrol(settings: Settings, clock: Clock, *, login: str) -> int:
    """Make a link by which one tablet becomes this person's device, and draw its QR code."""
    async with prepared(settings, clock) as database:
        with telling_database_faults(settings):
            async with database.write() as tx:
                person = await people.load_by_login(tx, login.lower())
                if person is None or not person.active:
                    raise UnableError(f"nobody is called {login}")
                link, ticket = new_ticket(clock, settings, person.id, created_by=None)
                await tickets.save_new(tx, ticket)
    say(link)
    say(f"for {person.name}; works once, until {ticket.expires_at:%Y-%m-%d %H:%M} UTC")
    say(link_text(link, inverted=sys.stdout.isatty()))
    return 0
