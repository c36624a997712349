"""`demo` from outside. Rule: the program, over the network."""

import json
import os
import re
import signal
import socket
import ssl
import stat
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.clock import ManualClock
from server.demo.authority import SERVER_DAYS_MAX, Names, certify
from server.demo.cast import PASSWORD
from tests.fixtures.demo_company import NOW, Home
from tests.fixtures.process import Program

ROOT = Path(__file__).parents[2]
# The issue allows 15 s on two idle cores; other tests run beside this one.
START_SECONDS_MAX = 180
OPEN_MASK = 0o022  # The usual one of a shell: everybody may read.


class Demo:
    """One running `python -m server demo`."""

    def __init__(
        self, home: Path, *options: str, ready: str = "READY ", locale: str = "zh_CN.UTF-8"
    ) -> None:
        self.home = home
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XUNJIAN_", "LC_"))
        }
        self.program = Program(
            [sys.executable, "-m", "server", "demo", "--data", str(home), *options],
            ready=lambda line: line.startswith(ready),
            seconds_max=START_SECONDS_MAX,
            cwd=ROOT,
            env=environment | {"LANG": locale, "PYTHONUTF8": "1"},
            umask=OPEN_MASK,
        )

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
        return facts

    def end(self) -> str:
        """End it as a service manager does, and give all that it said."""
        code = self.program.end(signal.SIGTERM)
        said = "".join(self.program.said)
        assert code == 0, said
        assert "Traceback" not in said, said
        return said


def enrol(client: httpx.Client, link: str, *, lineage: str) -> httpx.Response:
    ticket = link.partition("#")[2]
    return client.post("/enrol", json={"ticket": ticket, "lineage": lineage, "name": "平板 03"})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


LINEAGES = [f"01990000-0000-7000-8000-00000000000{number}" for number in range(4)]


def expect_everybody(facts: dict[str, Any]) -> list[str]:
    """Everybody may sign in, in the language asked for, and links work once; give the links."""
    with httpx.Client(base_url=facts["address"]) as client:
        for sign_in in facts["people"].values():
            asked = {name: sign_in[name] for name in ("login", "password")}
            me = client.post("/office/login", json=asked)
            assert me.status_code == 200, me.text
            assert (me.json()["person"], me.json()["language"]) == (sign_in["person"], "en")
        links = [engineer["enrol_link"] for engineer in facts["engineers"]]
        assert enrol(client, links[0], lineage=LINEAGES[0]).status_code == 201
        assert enrol(client, links[0], lineage=LINEAGES[1]).status_code != 201
    return links


def test_a_load_that_is_stopped_ends_cleanly_and_the_next_start_loads_what_later_ones_keep(
    tmp_path: Path,
) -> None:
    home = tmp_path / "new" / "folder"
    ended = Demo(home, "--port", "0", ready="首次启动").end().splitlines()
    assert [line.partition("：")[0] for line in ended if "停止" in line] == ["正在停止", "已停止"]
    assert not (home / "demo.json").exists()

    demo = Demo(home, "--port", "0", "--today", "2026-11-22", "--seed", "7", "--language", "en")
    first = demo.facts
    assert demo.program.said[-1] == f"READY {first['address']}\n"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", first["address"])
    assert {mode(path) for path in home.iterdir() if path.is_file()} == {0o600}
    assert set(first["people"]) >= {"engineer", "supervisor", "administrator", "quality", "desk"}
    assert len(first["engineers"]) >= 6
    assert (first["seed"], first["today"]) == (7, "2026-11-22")
    assert first["pid"] == demo.program.process.pid
    links = expect_everybody(first)
    said = demo.end()
    assert "First start" in said
    assert re.search(r"^Loaded in \d+\.\d s$", said, re.MULTILINE)
    assert PASSWORD in said
    assert links[0] in said

    demo = Demo(home, "--port", "0", locale="en_GB.UTF-8")
    second = demo.facts
    assert (second["seed"], second["today"]) == (7, "2026-11-22")
    assert not set(links) & {engineer["enrol_link"] for engineer in second["engineers"]}
    assert second["people"] == first["people"]
    with httpx.Client(base_url=second["address"]) as client:
        # The device of before is known, a link that nobody used still works, and so do new ones.
        assert enrol(client, links[0], lineage=LINEAGES[1]).status_code != 201
        assert enrol(client, links[1], lineage=LINEAGES[2]).status_code == 201
        fresh = second["engineers"][0]["enrol_link"]
        assert enrol(client, fresh, lineage=LINEAGES[0]).status_code == 201
    said = demo.end()
    assert said.endswith(
        "Stopping: what is begun is finished first (Ctrl+C again stops at once)\nStopped\n"
    )
    assert "Data kept" in said
    assert "Loaded in" not in said


def run_to_the_end(*options: str) -> tuple[int, str]:
    """Run a demo that is expected to give up; its exit code and what it said."""
    demo = Demo(Path(options[1]), *options[2:], ready="xunjian: ")
    code = demo.program.process.wait(START_SECONDS_MAX)
    demo.program.end()
    return code, "".join(demo.program.said)


def test_what_stands_in_the_way_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = run_to_the_end("--data", str(tmp_path), "--port", port)
    assert (code, said.count("\n")) == (2, 1)
    assert port in said
    assert said.rstrip().endswith("see --port")
    (tmp_path / "file").touch()
    code, said = run_to_the_end("--data", str(tmp_path / "file" / "in"), "--port", "0")
    assert (code, said.count("\n")) == (2, 1)


def test_a_second_demo_names_the_folder_and_leaves_the_first_ones_facts(own_home: Home) -> None:
    home = own_home.folder
    first = Demo(home, "--port", "0")
    try:
        facts = (home / "demo.json").read_text()
        port = first.facts["address"].rpartition(":")[2]
        # The same command again: its port is taken as well, which is the lesser news.
        code, said = run_to_the_end("--data", str(home), "--port", port)
        assert (code, said.count("\n")) == (2, 1), said
        assert f"in use by process {first.program.process.pid}" in said
        assert (home / "demo.json").read_text() == facts
    finally:
        first.end()


# --- On the network ---


def test_on_the_network_it_speaks_https_that_only_its_own_authority_vouches_for(
    own_home: Home,
) -> None:
    home = own_home.folder
    demo = Demo(home, "--port", "0", "--lan")
    facts = demo.facts
    port = int(facts["address"].rpartition(":")[2])
    assert facts["address"].startswith("https://")
    assert all(one["enrol_link"].startswith(facts["address"]) for one in facts["engineers"])
    trusting = ssl.create_default_context(cafile=facts["authority"])
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trusting) as client:
        assert client.get("/sync").json()["protocols"] == [1]
        sign_in = facts["people"]["supervisor"]
        asked = {name: sign_in[name] for name in ("login", "password")}
        assert client.post("/office/login", json=asked).status_code == 200
    with httpx.Client(base_url=f"https://localhost:{port}", verify=trusting) as client:
        assert client.get("/sync").status_code == 200
    with (
        httpx.Client(base_url=f"https://127.0.0.1:{port}") as stranger,
        pytest.raises(httpx.ConnectError),
    ):
        stranger.get("/sync")
    with httpx.Client(base_url=f"http://127.0.0.1:{port + 1}") as client:
        page = client.get("/")
        assert "CA 证书" in page.text
        assert "Certificate trust settings" in page.text
        assert facts["address"] in page.text
        [path] = set(re.findall(r'href="(/[^"]+\.crt)"', page.text))
        given = client.get(path)
        assert given.content == Path(facts["authority"]).read_bytes()
        assert given.headers["content-type"] == "application/x-x509-ca-cert"
        assert client.get("/page.css").status_code == 200
        assert client.get("/sync").status_code == 404
        assert client.get("/authority.key").status_code == 404
        assert client.post("/", content=b"x").status_code == 404
    said = demo.end()
    assert f"http://{facts['address'].partition('//')[2].rpartition(':')[0]}:{port + 1}" in said
    assert "enrol#" in said
    modes = {path.name: mode(path) for path in (home / "tls").iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"authority.key", "authority.crt", "server.key", "server.crt"} == set(modes)


NAMES = Names((IPv4Address("192.168.7.9"), IPv4Address("127.0.0.1")), ("localhost", "tablet-host"))


def test_the_authority_is_kept_until_it_may_not_vouch_for_a_name(tmp_path: Path) -> None:
    clock = ManualClock(NOW, seed="authority")
    first = certify(tmp_path, NAMES, clock)
    assert certify(tmp_path, NAMES, clock).fingerprint == first.fingerprint
    moved = Names((IPv4Address("10.1.2.3"),), NAMES.hosts)
    assert certify(tmp_path, moved, clock).fingerprint == first.fingerprint
    renamed = Names(NAMES.addresses, ("localhost", "other-host"))
    assert certify(tmp_path, renamed, clock).fingerprint != first.fingerprint
    clock.advance(timedelta(days=3_400))
    assert certify(tmp_path, renamed, clock).fingerprint != first.fingerprint
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.crt").read_bytes())
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime <= timedelta(days=SERVER_DAYS_MAX)
    assert certificate.not_valid_before_utc < clock.now()


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """Have two ends of TLS meet in memory. Raises what either of them says."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                continue


def test_the_authority_is_of_no_use_against_a_site_of_the_internet(tmp_path: Path) -> None:
    # A certificate is about now for OpenSSL, which asks the machine what time it is.
    clock = ManualClock(datetime.fromtimestamp(time.time(), UTC))
    made = certify(tmp_path, NAMES, clock)
    client = ssl.create_default_context(cafile=str(made.authority))
    good = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    good.load_cert_chain(made.certificate, made.key)
    for name in ("192.168.7.9", "127.0.0.1", "tablet-host"):
        shake_hands(good, client, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(good, client, "192.168.7.10")
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    secret = (tmp_path / "authority.key").read_bytes()
    authority_key = serialization.load_pem_private_key(secret, password=None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    forgeries: list[tuple[str, x509.GeneralName]] = [
        ("bank.example", x509.DNSName("bank.example")),
        ("203.0.113.5", x509.IPAddress(IPv4Address("203.0.113.5"))),
    ]
    for name, forged in forgeries:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(5)
            .not_valid_before(clock.now() - timedelta(hours=1))
            .not_valid_after(clock.now() + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([forged]), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (tmp_path / "forged.crt").write_bytes(certificate.public_bytes(pem))
        (tmp_path / "forged.key").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        bad = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        bad.load_cert_chain(tmp_path / "forged.crt", tmp_path / "forged.key")
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            shake_hands(bad, client, name)
