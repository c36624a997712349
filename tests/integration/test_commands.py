"""The program as a person starts it: one clear line for what they can mend, and a clean end."""

import hashlib
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import httpx
import pytest
import structlog
from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.__main__ import main
from server.app import create_app
from server.runner import configure
from server.settings import Settings, variable
from tests.fixtures.process import Program
from tests.integration.conftest import House

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"

Command = Callable[..., str]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """No settings from outside; and logging is given back as it was."""
    for name in list(os.environ):
        if name.startswith("XUNJIAN_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "stdin", StringIO())
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process, check its exit code, and give what it said."""

    def run(*arguments: str | Path, code: int = 0) -> str:
        capsys.readouterr()
        done = main([str(one) for one in arguments])
        said = capsys.readouterr()
        assert done == code, said
        return said.out

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process, and give the one line with which it stops."""

    def run(*arguments: str | Path) -> str:
        capsys.readouterr()
        assert main([str(one) for one in arguments]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("xunjian: ")
        assert len(said.err.splitlines()) == 1
        return said.err

    return run


@contextmanager
def serving(home: Path, **settings: str) -> Generator[tuple[Program, str]]:
    """A server in a process of its own on a free port, and its address; it must end cleanly."""
    program = Program(
        [sys.executable, "-m", "server", "serve", "--data", home, "--port", "0"],
        ready=lambda line: line.startswith("READY "),
        cwd=ROOT,
        env={**os.environ, **settings},
    )
    try:
        yield program, program.said[-1].removeprefix("READY ").strip()
    finally:
        code = program.end(signal.SIGTERM)
    assert code == 0, "".join(program.said)
    assert "Traceback" not in "".join(program.said)


# What a start costs is its imports. Each line: what runs, and what it has no use for.
WEB = {"litestar", "uvicorn", "openpyxl"}
UNUSED = {
    "main(['--help'])": WEB | {"sqlalchemy", "pydantic", "alembic", "PIL", "structlog", "asyncio"},
    "main(['migrate', '--data', '{home}'])": WEB | {"PIL", "typst"},
    "main(['doctor', '--data', '{home}'])": WEB | {"alembic", "PIL", "typst"},
    "main(['verify', '--data', '{home}'])": WEB | {"alembic", "PIL", "typst"},
    "main(['backup', '--data', '{home}', '--to', '{home}/to'])": WEB | {"alembic", "PIL", "typst"},
    "import server.commands.serve": {"alembic", "openpyxl"},
}


def test_a_command_loads_only_what_it_needs(tmp_path: Path, told: Command) -> None:
    told("migrate", "--data", tmp_path)
    for line, unused in UNUSED.items():
        program = (
            "import sys\nfrom server.__main__ import main\n"
            f"try: {line.format(home=tmp_path)}\nexcept SystemExit: pass\n"
            f"print('loaded', sorted({unused!r} & set(sys.modules)))"
        )
        run = [sys.executable, "-c", program]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout.splitlines()[-1:] == ["loaded []"], (line, done.stdout, done.stderr)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


def test_whoever_reads_no_further_is_no_fault_of_the_database(
    tmp_path: Path, password_file: Path, told: Command
) -> None:
    told("init", "root", "--password-file", password_file, "--data", tmp_path)
    reads, writes = os.pipe()
    os.close(reads)
    run = [sys.executable, "-m", "server", "company", "docs/company.json", "--data", str(tmp_path)]
    done = subprocess.run(run, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_unknown_setting_stops_the_server_and_is_named(
    tmp_path: Path, refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNJIAN_PROT", "1")
    assert "XUNJIAN_PROT; the nearest known one is XUNJIAN_PORT" in refused("serve")


def test_a_port_in_use_is_named_and_how_it_was_asked_for(
    tmp_path: Path, refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused("serve", "--data", tmp_path, "--port", port)
        assert port in told
        assert told.rstrip().endswith("see --port")
        monkeypatch.setenv("XUNJIAN_PORT", port)
        assert refused("serve", "--data", tmp_path).rstrip().endswith("see XUNJIAN_PORT")


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_named(tmp_path: Path, refused: Command, host: str) -> None:
    told = refused("serve", "--data", tmp_path, "--port", "0", "--host", host)
    assert f"cannot listen on {host} port 0: " in told
    assert "Unknown error" not in told
    assert told.rstrip().endswith("see --host")


@pytest.mark.parametrize(
    "slip",
    [
        ("serve", "--port", "abc"),
        ("serve", "--port", "65536"),
        ("serve", "--prot", "1"),
        ("demo", "--port", "abc"),
        ("demo", "--port", "65536"),
        ("demo", "--today", "tomorrow"),
        ("demo", "--language", "fr"),
        ("init",),
        ("sevre",),
        (),
    ],
    ids=" ".join,
)
def test_a_slip_on_the_command_line_is_answered_in_one_line(
    refused: Command, slip: tuple[str, ...]
) -> None:
    told = refused(*slip)
    if slip[1:2] == ("--port",):
        begin = (
            f"xunjian: --port: '{slip[2]}' is no whole number from 0 to 65535; python -m server "
        )
        assert told.startswith(f"{begin}{slip[0]} --help")


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path, refused: Command) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in refused("serve", "--data", tmp_path / "file" / "data")


def test_a_file_that_is_no_database_is_named(tmp_path: Path, refused: Command) -> None:
    (tmp_path / "xunjian.db").write_text("not a database at all, but long enough to be one" * 10)
    assert "xunjian.db" in refused("serve", "--data", tmp_path, "--port", "0")


def test_a_database_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+asyncpg://user:secret@127.0.0.1:1/base"
    monkeypatch.setenv("XUNJIAN_DATABASE_URL", url)
    line = refused("serve", "--data", tmp_path, "--port", "0")
    assert "127.0.0.1:1/base" in line
    assert "secret" not in line


def test_a_database_of_a_newer_program_is_left_alone(
    tmp_path: Path, told: Command, refused: Command
) -> None:
    told("migrate", "--data", tmp_path)
    with closing(sqlite3.connect(tmp_path / "xunjian.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "xunjian.db").read_bytes()
    for command in (("serve", "--port", "0"), ("migrate",), ("enrol", "anna")):
        assert "newer program" in refused(*command, "--data", tmp_path)
    assert (tmp_path / "xunjian.db").read_bytes() == before


def test_postgresql_is_migrated_only_when_somebody_says_so(
    tmp_path: Path,
    fresh_postgres_url: str,
    told: Command,
    refused: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XUNJIAN_DATABASE_URL", fresh_postgres_url)
    assert "migrate" in refused("serve", "--data", tmp_path, "--port", "0")
    told("migrate", "--data", tmp_path)
    with serving(tmp_path) as (_, address):
        assert httpx.get(f"{address}/sync").json()["epoch"] == 1


def test_a_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CERT", "KEY"):
        monkeypatch.setenv(f"XUNJIAN_TLS_{name}FILE", str(tmp_path / "none.pem"))
    assert "XUNJIAN_TLS_CERTFILE" in refused("serve", "--data", tmp_path, "--port", "0")


def read(home: Path, query: str) -> list[tuple[object, ...]]:
    """Ask the SQLite file that a command has left."""
    with closing(sqlite3.connect(home / "xunjian.db")) as connection:
        return connection.execute(query).fetchall()


def test_init_makes_an_administrator_once(
    tmp_path: Path, password_file: Path, told: Command, refused: Command
) -> None:
    home = tmp_path / "data"
    assert "/office" in told("init", "Admin", "--data", home, "--password-file", password_file)
    again = refused("init", "other", "--data", home, "--password-file", password_file)
    assert "already" in again
    assert read(home, "SELECT login, role FROM people, grants WHERE person_id = people.id") == [
        ("admin", "administrator")
    ]
    ((hashed,),) = read(home, "SELECT password_hash FROM people")
    assert PasswordHasher().verify(str(hashed), PASSWORD)


def test_init_refuses_what_would_not_do_and_changes_nothing(
    tmp_path: Path, password_file: Path, told: Command, refused: Command
) -> None:
    init = ("init", "--data", tmp_path / "data")
    weak = tmp_path / "weak"
    weak.write_text("short\n")
    assert "10" in refused(*init, "admin", "--password-file", weak)
    assert "none" in refused(*init, "admin", "--password-file", tmp_path / "none")
    assert "--password-file" in refused(*init, "admin")
    assert "'two words'" in refused(*init, "two words", "--password-file", password_file)
    told(*init, "admin", "--password-file", password_file)


def test_a_forgotten_password_is_replaced_and_ends_what_was_begun_with_the_old_one(
    tmp_path: Path, password_file: Path, told: Command, refused: Command
) -> None:
    home, file = tmp_path / "data", tmp_path / "new"
    file.write_text("another horse battery\n")
    told("init", "admin", "--data", home, "--password-file", password_file)
    assert "nobody" in refused("password", "anna", "--data", home, "--password-file", file)
    with serving(home) as (_, address), httpx.Client(base_url=address) as client:

        def sign_in(password: str) -> int:
            asked = {"login": "admin", "password": password}
            return client.post("/office/login", json=asked).status_code

        assert sign_in(PASSWORD) == 200
        told("password", "Admin", "--data", home, "--password-file", file)
        assert client.get("/office/me").status_code == 401
        assert [sign_in(PASSWORD), sign_in("another horse battery")] == [401, 200]


def test_the_doctor_says_of_a_refused_init_that_nobody_is_administrator(
    tmp_path: Path,
    password_file: Path,
    told: Command,
    refused: Command,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, weak = tmp_path / "data", tmp_path / "weak"
    weak.write_text("short\n")
    refused("init", "admin", "--data", home, "--password-file", weak)
    ill = told("doctor", "--data", home, code=1)
    assert "FAULT administrator: nobody is yet; `init ADMIN` makes the first" in ill
    told("init", "admin", "--data", home, "--password-file", password_file)
    assert main(["doctor", "--data", str(home)]) in (
        0,
        1,
    )  # Whether the app is built is another matter.
    assert "ok    administrator" in capsys.readouterr().out


def test_a_server_whose_words_nobody_reads_any_more_ends_cleanly(tmp_path: Path) -> None:
    """As under `serve | tee`, where Ctrl+C ends both."""
    command = [sys.executable, "-m", "server", "serve", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(b"READY ")
        process.stdout.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 0


def test_a_link_from_the_command_line_is_a_ticket_of_that_person(
    tmp_path: Path, password_file: Path, told: Command, refused: Command
) -> None:
    home = tmp_path / "data"
    assert "anna" in refused("enrol", "anna", "--data", home)
    told("init", "anna", "--data", home, "--password-file", password_file)
    said = told("enrol", "anna", "--data", home)
    address, _, ticket = said.splitlines()[0].partition("#")
    assert address == "http://127.0.0.1:8000/enrol"
    assert "█" in said
    (row,) = read(home, "SELECT hash, login FROM tickets, people WHERE person_id = people.id")
    assert row == (hashlib.sha256(ticket.encode()).digest(), "anna")


def test_the_doctor_names_what_is_missing_and_shows_no_secret(
    tmp_path: Path,
    password_file: Path,
    told: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, dist = tmp_path / "data", tmp_path / "dist"
    monkeypatch.setenv("XUNJIAN_APP_DIR", str(dist))
    ill = told("doctor", "--data", home, code=1)
    assert "FAULT database" in ill
    assert "FAULT app" in ill
    assert not home.exists()
    told("init", "admin", "--data", home, "--password-file", password_file)
    dist.mkdir()
    (dist / "index.html").write_text("the app")
    assert "FAULT" not in told("doctor", "--data", home)
    url = "postgresql+asyncpg://user:secret@127.0.0.1:1/base"
    monkeypatch.setenv("XUNJIAN_DATABASE_URL", url)
    far = told("doctor", "--data", home, code=1)
    assert "secret" not in far
    assert "FAULT database: cannot be reached" in far


def test_the_doctor_says_what_every_setting_comes_to_and_which_nobody_set(
    tmp_path: Path, told: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XUNJIAN_NAME", "Pearl")
    monkeypatch.setenv("XUNJIAN_TLS_CERTFILE", "")
    said = told("doctor", "--data", "here", code=1).splitlines()
    lines = dict(line.split("=", 1) for line in said if line.startswith("XUNJIAN_"))
    assert set(lines) == {variable(name) for name in Settings.model_fields}
    assert all(value.removesuffix("  (default)") for value in lines.values()), lines
    own = {name for name, value in lines.items() if not value.endswith("  (default)")}
    assert own == {"XUNJIAN_NAME", "XUNJIAN_DATA_DIR"}
    assert lines["XUNJIAN_DATA_DIR"] == str(tmp_path / "here")
    assert lines["XUNJIAN_OPERATOR_NAME"] == "Pearl  (default)"
    assert lines["XUNJIAN_BLOBS_URL"] == f"file://{tmp_path}/here/blobs  (default)"
    assert lines["XUNJIAN_DATABASE_URL"].endswith(f"{tmp_path}/here/xunjian.db  (default)")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_cleanly_while_somebody_listens_to_changes(
    tmp_path: Path, password_file: Path, told: Command, sent: signal.Signals
) -> None:
    home = tmp_path / "data"
    told("init", "admin", "--data", home, "--password-file", password_file)
    # Far longer than is waited here: who listens is told to go, and not cut off.
    server = serving(home, XUNJIAN_SHUTDOWN_SECONDS="300")
    with server as (program, address), httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/office/login", json={"login": "admin", "password": PASSWORD})
        assert answer.status_code == 200
        with client.stream("GET", "/office/events") as stream:
            assert next(stream.iter_bytes())
            assert program.end(sent, seconds_max=120) == 0
    said = [line.split(":")[0].strip() for line in program.said if line.startswith("Stop")]
    assert said == ["Stopping", "Stopped"]


def test_the_log_is_json_where_asked_and_holds_no_secret(tmp_path: Path) -> None:
    with serving(tmp_path, XUNJIAN_LOG_FORMAT="json") as (program, address):
        body = {"login": "anna", "password": "hidden-password"}
        httpx.post(f"{address}/office/login?query=hidden-query", json=body)
        httpx.get(f"{address}/sync/v1/events", headers={"authorization": "Bearer hidden.token"})
    lines = [json.loads(line) for line in program.said if line.startswith("{")]
    answered = [line for line in lines if line["event"] == "answered"]
    assert [(line["route"], line["status"]) for line in answered] == [
        ("/office/login", 401),
        ("/sync/v1/events", 401),
    ]
    assert "hidden" not in "".join(program.said)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the loopback and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def test_https_is_served_without_a_proxy(tmp_path: Path) -> None:
    cert_file, key_file = certificate(tmp_path)
    files = {"XUNJIAN_TLS_CERTFILE": str(cert_file), "XUNJIAN_TLS_KEYFILE": str(key_file)}
    with serving(tmp_path, **files) as (_, address):
        assert address.startswith("https://")
        answer = httpx.get(f"{address}/health", verify=False)  # noqa: S501  # its own certificate
        assert answer.status_code == 200
        assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(("trusted", "status"), [("", 429), ("127.0.0.0/8", 401)])
async def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    house: House, trusted: str, status: int
) -> None:
    """More failures than one address may make, each said to come from elsewhere."""
    settings = house.settings.model_copy(update={"trusted_proxy": trusted, "login_failures_max": 1})
    app = configure(create_app(settings, house.database, house.clock), settings).loaded_app
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = [
            await client.post(
                "/office/login",
                json={"login": f"nobody{number}", "password": "wrong"},
                headers={"x-forwarded-for": f"10.0.0.{number}"},
            )
            for number in range(6)
        ]
    assert answers[-1].status_code == status


@pytest.mark.parametrize("command", ["verify", "backup"])
def test_a_folder_without_a_database_is_named_and_none_is_made(
    command: str, refused: Command, tmp_path: Path
) -> None:
    """Most likely its name was mistyped: an empty one would be found whole, or backed up."""
    wrong = tmp_path / "dta"
    more = ("--to", tmp_path / "backups") if command == "backup" else ()
    said = refused(command, "--data", wrong, *more)
    assert said.strip().endswith(f"there is no database {wrong / 'xunjian.db'}")
    assert not wrong.exists()
