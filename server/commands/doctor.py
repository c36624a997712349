"""`doctor`: effective settings, and what keeps the server from working. Rule: changes nothing."""

import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from server import restoring
from server.blobs import Blobs
from server.commands.terminal import say
from server.database import Database
from server.folder import is_absent
from server.opening import masked
from server.readiness import database_fault
from server.settings import Settings, variable
from server.store import people

# What it means that a setting was given no value, where none stands in for it.
UNSET: Mapping[str, str] = MappingProxyType(
    {
        "blobs_endpoint": "AWS's own of the region",
        "blobs_key_id": "found as AWS's own tools do",
        "blobs_secret": "found as AWS's own tools do",
        "backup_dir": "none: no backup is made by itself",
        "tls_certfile": "none: HTTPS is a proxy's",
        "tls_keyfile": "none: HTTPS is a proxy's",
        "trusted_proxy": "nobody's headers are believed",
    }
)


def effective(settings: Settings) -> Iterator[str]:
    """Give each setting as it is used, and whether somebody set it; passwords are masked."""
    for name in Settings.model_fields:
        is_set = name in settings.model_fields_set and getattr(settings, name) not in (None, "")
        yield f"{variable(name)}={used(settings, name)}{'' if is_set else '  (default)'}"


def used(settings: Settings, name: str) -> str:
    """Say what a setting comes to: paths are whole, and what was left open is filled in."""
    match name:
        case "operator_name":
            return settings.operator
        case "database_url":
            return masked(settings.database_address)
        case "blobs_url":
            return settings.blobs_url or settings.blobs_dir.as_uri()
        case "public_url":
            return settings.origin
    value = getattr(settings, name)
    if isinstance(value, Path):
        return str(value.resolve())
    return UNSET[name] if value in (None, "") else str(value)


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


async def database_part(settings: Settings) -> str:
    """Say what is wrong with the database, without making one."""
    if told := restoring.fault(settings):
        return told
    if is_absent(settings):
        return "is not there yet; `init` or `serve` makes it"
    database = Database(settings.database_address)
    try:
        return await database_fault(database)
    finally:
        await database.close()


async def administrator_part(settings: Settings) -> str:
    """Say that nobody can let anybody in: `init` was not done yet, or was refused."""
    database = Database(settings.database_address)
    try:
        async with database.read() as tx:
            there = await people.has_administrator(tx)
    finally:
        await database.close()
    return "" if there else "nobody is yet; `init ADMIN` makes the first"


async def doctor(settings: Settings) -> int:
    """Print settings and checks; exit code 1 when something is missing."""
    for line in effective(settings):
        say(line)
    faults = {
        "data folder": folder_fault(settings.data_dir),
        "database": (unusable := await database_part(settings)),
        **({} if unusable else {"administrator": await administrator_part(settings)}),
        "photos and files": await Blobs(settings).fault(),
        "app": "" if settings.has_app else "is not built; run ./dev app",
        "TLS": tls_fault(settings),
        "manual": "" if (settings.docs_dir / "problems.md").is_file() else "docs are not there",
    }
    for part, fault in faults.items():
        say(f"{'FAULT' if fault else 'ok':5} {part}{': ' if fault else ''}{fault}")
    return 1 if any(faults.values()) else 0
