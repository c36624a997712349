"""`doctor`: effective settings, and what keeps the server from working. Rule: changes nothing."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

from server.blobs import Blobs
from server.commands.terminal import say
from server.database import Database
from server.opening import database_fault, masked
from server.settings import Settings, variable


def effective(settings: Settings) -> Iterator[str]:
    """Give each setting as it is used; the password inside an address is masked."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if name == "database_url":
            value = masked(settings.database_address)
        elif name == "public_url":
            value = settings.origin
        yield f"{variable(name)}={'' if value is None else value}"


def folder_fault(folder: Path) -> str:
    """Say why the server cannot keep its data there; one that can still be made is no fault."""
    nearest = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    if not nearest.is_dir():
        return f"{nearest} is not a folder"
    return "" if os.access(nearest, os.W_OK | os.X_OK) else f"{nearest} cannot be written to"


def tls_fault(settings: Settings) -> str:
    """Say why HTTPS would not work; serving plain HTTP is no fault."""
    if settings.tls_certfile is None:
        return ""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_certfile, settings.tls_keyfile
        )
    except (OSError, ssl.SSLError) as error:
        return f"the certificate cannot be used: {error.strerror or error}"
    return ""


def is_absent(database: Database) -> bool:
    """Whether it is a SQLite file that does not exist; opening it would make it."""
    file = database.engine.url.database
    return database.is_sqlite and not (file and Path(file).is_file())


async def database_part(settings: Settings) -> str:
    """Say what is wrong with the database, without making one."""
    database = Database(settings.database_address)
    try:
        if is_absent(database):
            return "is not there yet; `init` or `serve` makes it"
        return await database_fault(database)
    finally:
        await database.close()


async def doctor(settings: Settings) -> int:
    """Print settings and checks; exit code 1 when something is missing."""
    for line in effective(settings):
        say(line)
    faults = {
        "data folder": folder_fault(settings.data_dir),
        "database": await database_part(settings),
        "photos and files": await Blobs(settings).fault(),
        "app": "" if settings.has_app else "is not built; run ./dev app",
        "TLS": tls_fault(settings),
        "manual": "" if (settings.docs_dir / "problems.md").is_file() else "docs are not there",
    }
    for part, fault in faults.items():
        say(f"{'FAULT' if fault else 'ok':5} {part}{': ' if fault else ''}{fault}")
    return 1 if any(faults.values()) else 0
