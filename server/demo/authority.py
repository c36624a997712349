"""A small certificate authority for one demo on one network. Rule: it can vouch for nothing else.

A tablet needs HTTPS for camera, service worker and keys. Whoever trusts this authority trusts a key
in a demo's folder, so its certificate is limited to private addresses and this machine's names
(RFC 5280, 4.2.1.10): it is of no use against any site of the internet.
"""

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from server.clock import Clock
from server.errors import UnableError

AUTHORITY_DAYS = 3_650
# Apple's limit for certificates of servers is 398 days (support.apple.com/102028).
SERVER_DAYS_MAX = 397
SKEW = timedelta(days=1)  # Tablets whose clock is behind must not find it from the future.
SERIAL_BYTES = 19  # Positive and at most 20 octets (RFC 5280, 4.1.2.2).
NAME = "Xunjian demo 巡检演示"
PRIVATE = tuple(
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)
# Answers nobody (RFC 5737): a route to it is looked up, and nothing is sent.
ELSEWHERE = ("192.0.2.1", 9)


class Certified(Struct, frozen=True):
    """The files that a server needs, and what a tablet has to trust."""

    certificate: Path
    key: Path
    authority: Path
    fingerprint: str  # SHA-256 of the authority's certificate, as systems show it.


class Names(Struct, frozen=True):
    """Under what this machine is reached on its network; the first address is the usual one."""

    addresses: tuple[IPv4Address, ...]
    hosts: tuple[str, ...]


def machine_names() -> Names:
    """Find this machine's IPv4 addresses and host name; without a network only the loopback."""
    host = socket.gethostname().lower()
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(ELSEWHERE)
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += socket.gethostbyname_ex(host)[2]
    found.append("127.0.0.1")
    addresses = [ip_address(one) for one in dict.fromkeys(found)]
    hosts = ("localhost", host) if _is_host(host) else ("localhost",)
    return Names(tuple(one for one in addresses if isinstance(one, IPv4Address)), hosts)


def certify(folder: Path, names: Names, clock: Clock) -> Certified:
    """Give the server a certificate for these names, by the authority kept in `folder`.

    The authority is made at the first call, and made anew (to be trusted anew) only when it ran
    out or may not vouch for a name. Raises `UnableError` when the folder cannot be used.
    """
    files = Certified(folder / "server.crt", folder / "server.key", folder / "authority.crt", "")
    secret = folder / "authority.key"
    now = clock.now()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = _read_authority(files.authority, secret)
        if known is None or not _serves(known[0], names, now):
            known = _make_authority(names, clock)
            _write(secret, _private_pem(known[1]))
            _write(files.authority, known[0].public_bytes(serialization.Encoding.PEM))
        authority, authority_key = known
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _make_certificate(names, key, authority, authority_key, clock)
        _write(files.key, _private_pem(key))
        chain = (certificate, authority)
        _write(
            files.certificate,
            b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain),
        )
    except OSError as error:
        raise UnableError(f"the folder {folder} cannot be used: {error.strerror}") from None
    digest = authority.fingerprint(hashes.SHA256())
    return Certified(files.certificate, files.key, files.authority, digest.hex(":").upper())


def _make_authority(
    names: Names, clock: Clock
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME} {now:%Y-%m-%d}")])
    # An address that is not private is allowed alone, for machines that have no other.
    public = [ip_network(one) for one in names.addresses if not any(one in net for net in PRIVATE)]
    permitted: list[x509.GeneralName] = [x509.IPAddress(net) for net in (*PRIVATE, *public)]
    permitted += [x509.DNSName(host) for host in names.hosts]
    limits = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
    builder = (
        _builder(subject, subject, key, clock, days=AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(limits, critical=True)
    )
    return builder.sign(key, hashes.SHA256()), key


def _make_certificate(
    names: Names,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    clock: Clock,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names.addresses[0]))])
    known: list[x509.GeneralName] = [x509.IPAddress(one) for one in names.addresses]
    known += [x509.DNSName(host) for host in names.hosts]
    public = authority_key.public_key()
    builder = (
        _builder(subject, authority.subject, key, clock, days=SERVER_DAYS_MAX)
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(public),
            critical=False,
        )
    )
    return builder.sign(authority_key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    clock: Clock,
    *,
    days: int,
) -> x509.CertificateBuilder:
    """Begin a certificate that is valid `days` in all, from a day ago."""
    begin = clock.now() - SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(clock.entropy(SERIAL_BYTES)) | 1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _read_authority(
    certificate: Path, secret: Path
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """Read the authority of an earlier start; None when there is none that can be read."""
    try:
        key = serialization.load_pem_private_key(secret.read_bytes(), password=None)
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return (read, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _serves(authority: x509.Certificate, names: Names, now: datetime) -> bool:
    """Whether the authority outlives a new certificate and may vouch for all these names."""
    if authority.not_valid_after_utc < now + timedelta(days=SERVER_DAYS_MAX):
        return False
    try:
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return False
    permitted = limits.permitted_subtrees or []
    hosts = {one.value for one in permitted if isinstance(one, x509.DNSName)}
    nets = _networks(permitted)
    return set(names.hosts) <= hosts and all(
        any(one in net for net in nets) for one in names.addresses
    )


def _networks(names: Iterable[x509.GeneralName]) -> list[IPv4Network]:
    values = (one.value for one in names if isinstance(one, x509.IPAddress))
    return [value for value in values if isinstance(value, IPv4Network)]


def _is_host(name: str) -> bool:
    return 0 < len(name) <= 253 and name.isascii() and " " not in name and "_" not in name


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)
