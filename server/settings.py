"""What the person who runs the server may set. Rule: built once in `__main__` or by `demo`,
passed on; nothing else reads the environment.

Each setting is a variable `XUNJIAN_<NAME>`; docs/settings.md lists them all, which a test checks.
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from schemas.base import Language
from server.errors import UnableError

PREFIX = "XUNJIAN_"
# What may be given on the command line as well, and goes before its variable there.
OPTIONS: Mapping[str, str] = MappingProxyType(
    {"data_dir": "--data", "host": "--host", "port": "--port"}
)
NEAR = 0.7  # How alike two names are of which one is most likely a slip (difflib's ratio).
LIST = "docs/settings.md"
LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # POSIX.1-2024, 8.2: the first one set.
ROOT = Path(__file__).parents[1]
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


def check_database_url(url: str) -> str:
    """Accept the two databases that are supported, by the drivers that are installed."""
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        raise ValueError("is not a database address") from None
    if driver not in DRIVERS:
        raise ValueError(f"starts with {' or '.join(f'{name}://' for name in DRIVERS)}")
    return url


def check_public_url(url: str) -> str:
    """Accept an origin: scheme and host, perhaps a port, no path."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("starts with http:// or https:// and a host")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError("is scheme, host and port only, without a path")
    return url.rstrip("/")


def check_blobs_url(url: str) -> str:
    """Accept a bucket, perhaps with a prefix in it, or a folder of this machine."""
    parts = urlsplit(url)
    if parts.username or parts.query or parts.fragment:
        raise ValueError("holds neither a key nor a query; the key has settings of its own")
    is_folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
    if not is_folder and not (parts.scheme == "s3" and parts.netloc):
        raise ValueError("is s3://bucket, s3://bucket/prefix or file:///folder")
    return url.rstrip("/")


def check_proxies(text: str) -> str:
    """Accept addresses and networks, separated by commas."""
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            ip_network(part) if "/" in part else ip_address(part)
        except ValueError:
            raise ValueError(f"{part!r} is neither an address nor a network") from None
    return text


class Settings(BaseSettings):
    """The effective settings of one server process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, use_attribute_docstrings=True
    )

    name: Annotated[str, Field(min_length=1, max_length=200)] = "巡检 Xunjian"
    """Name of this installation, as devices and people see it."""

    operator_name: Annotated[str, Field(max_length=200)] = ""
    """Name of the company that does the work, as reports have it. Default: the installation's."""

    data_dir: Path = Path("data")
    """Folder of everything that the server keeps: the SQLite file and the bytes of photos."""

    database_url: Annotated[str, AfterValidator(check_database_url)] | None = None
    """Database address: `postgresql+asyncpg://…` or `sqlite+aiosqlite:///…`. Default: a SQLite file
    `xunjian.db` in the data folder. May hold a password; never shown."""

    blobs_url: Annotated[str, AfterValidator(check_blobs_url)] | None = None
    """Where the bytes of photos and files are: `s3://bucket/prefix` or `file:///folder`. Default: a
    folder `blobs` in the data folder."""

    blobs_endpoint: Annotated[str, AfterValidator(check_public_url)] | None = None
    """Scheme, host and port of an S3 store that is not AWS's own."""

    blobs_region: Annotated[str, Field(min_length=1)] = "us-east-1"
    """Region of the S3 store; most others than AWS's own take any."""

    blobs_key_id: str | None = None
    """Access key of the S3 store. Default: looked for as AWS's own tools do, on its machines."""

    blobs_secret: SecretStr | None = None
    """Secret key that belongs to `blobs_key_id`. Never shown."""

    blobs_path_style: bool = True
    """Whether the bucket stands in the path of an address and not in the name of its host."""

    blobs_link_seconds: Annotated[int, Field(ge=0, le=7 * 24 * 3600)] = 0
    """Seconds for which a signed link lets a browser read a file from the S3 store itself. 0: the
    server sends every byte; right where browsers do not reach the store."""

    blobs_grace_hours: Annotated[int, Field(ge=168, le=24 * 366)] = 168
    """Hours for which bytes are kept that nothing names; then they are removed. A week at least: a
    tablet counts on it that a photo which came before its op is still there."""

    backup_dir: Path | None = None
    """Folder of backups, on another disk than the data. With it the server makes them itself."""

    backup_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    """Hours from one backup to the next, where there is a folder for them."""

    backups_max: Annotated[int, Field(ge=1, le=1_000)] = 14
    """Whole backups that are kept; then the oldest goes, and the bytes that it alone had."""

    backup_reread_mb: Annotated[int, Field(ge=1, le=1_000_000_000)] = 4_000
    """Megabytes of older photos and files that each backup reads again, those first that were not
    read for the longest time: so all of them are, in as many backups as it takes."""

    rounds_days: Annotated[int, Field(ge=0, le=366)] = 14
    """Days ahead for which the server makes the rounds of plans, once a day. 0: it makes none; the
    office does."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Address to listen on. The default is this machine alone."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    """TCP port to listen on; 0 takes any free one."""

    public_url: Annotated[str, AfterValidator(check_public_url)] | None = None
    """Address under which tablets reach the server, as printed in enrolment links. Default:
    made from host and port."""

    tls_certfile: Path | None = None
    """PEM file with the certificate chain, to serve HTTPS without a proxy. Needs its key too."""

    tls_keyfile: Path | None = None
    """PEM file with the private key of `tls_certfile`."""

    trusted_proxy: Annotated[str, AfterValidator(check_proxies)] = ""
    """Addresses or networks, separated by commas, whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed. Empty: nobody's."""

    session_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 12
    """Hours after which a person who signed in to the office must sign in again."""

    ticket_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 72
    """Hours for which an enrolment link works, if nobody uses it before."""

    sign_link_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 72
    """Hours for which a link works by which a customer signs a visit later, if nobody uses it."""

    login_failures_max: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Failed attempts to sign in that one login name may make per window; an address may make five
    times as many."""

    login_window_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    """Minutes of the window in which failed attempts to sign in or to enrol are counted."""

    app_version_min: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "0.1.0"
    """Oldest version of the app that may start new work. Older ones may still send everything."""

    shutdown_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """Seconds that running requests are given to finish when the server is told to stop."""

    log_format: Literal["console", "json"] = "console"
    """How the log is written to standard error: for a person, or one JSON object a line."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least serious messages that are logged."""

    metrics_enabled: bool = False
    """Whether `/metrics` answers. It asks for no sign-in: let a proxy guard it."""

    app_dir: Path = ROOT / "static" / "pwa" / "dist"
    """Folder of the built app. `./dev app` builds it."""

    docs_dir: Path = ROOT / "docs"
    """Folder of the documentation; `/problems/…` serves its `problems.md`."""

    _options: frozenset[str] = PrivateAttr(default=frozenset())

    def asked_by(self, name: str) -> str:
        """Name what the person used to set this: its option, else its variable."""
        return OPTIONS[name] if name in self._options else variable(name)

    @property
    def database_address(self) -> str:
        """The database to use, with its password."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'xunjian.db'}"

    @property
    def blobs_dir(self) -> Path:
        """Folder of the bytes of photos and files, where no other place was named."""
        return self.data_dir.resolve() / "blobs"

    @property
    def operator(self) -> str:
        """Name of the company that does the work, as reports have it."""
        return self.operator_name or self.name

    @property
    def has_tls(self) -> bool:
        """Whether this process speaks HTTPS itself."""
        return self.tls_certfile is not None

    @property
    def has_app(self) -> bool:
        """Whether the app is built."""
        return (self.app_dir / "index.html").is_file()

    @property
    def origin(self) -> str:
        """Scheme, host and port by which the server is reached; no slash at the end."""
        if self.public_url:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.has_tls else 'http'}://{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the server by HTTPS: cookies are then marked so."""
        return self.origin.startswith("https://")


def variable(name: str) -> str:
    """Name the variable of a setting."""
    return PREFIX + name.upper()


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise `UnableError` for a variable with our prefix that is no setting: most likely a slip."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(names):
        bare = name.upper().removeprefix(PREFIX)
        if not name.upper().startswith(PREFIX) or bare in known:
            continue
        near = difflib.get_close_matches(bare, known, n=1, cutoff=NEAR)
        way_out = f"the nearest known one is {variable(near[0])}" if near else f"{LIST} lists all"
        raise UnableError(f"unknown setting {name}; {way_out}")


def load_settings(**given: object) -> Settings:
    """Build the settings from the environment; `given` (from the command line) goes before it.

    What is given as `None` counts as not given, and so does an empty variable. Raises
    `UnableError` with one line that names the option or variable and says what it must be.
    """
    refuse_unknown(os.environ)
    there = {name: value for name, value in given.items() if value is not None}
    options = frozenset(there) & frozenset(OPTIONS)
    try:
        settings = Settings.model_validate(there)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        name = str(first["loc"][0])
        asked_by = OPTIONS[name] if name in options else variable(name)
        raise UnableError(f"{asked_by}: {message}") from None
    if (settings.blobs_key_id is None) != (settings.blobs_secret is None):
        missing = "blobs_secret" if settings.blobs_key_id else "blobs_key_id"
        raise UnableError(f"{variable(missing)}: a key of the store needs both its id and secret")
    if (settings.tls_certfile is None) != (settings.tls_keyfile is None):
        missing = "tls_keyfile" if settings.tls_certfile else "tls_certfile"
        raise UnableError(f"{variable(missing)}: HTTPS needs both the certificate and its key")
    settings._options = options  # noqa: SLF001  # Known only here, and fixed from here on.
    return settings


def terminal_language() -> Language:
    """Tell the language of the terminal that we were started from: Chinese where it is, or English.

    Read from the environment by hand: a locale may be named that is not installed here.
    """
    named = next((os.environ[name] for name in LANGUAGE_VARIABLES if os.environ.get(name)), "")
    return "zh-CN" if named.lower().startswith("zh") else "en"
