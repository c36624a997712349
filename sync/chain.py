"""The audit chain: payloads and outcomes, linked per writer. Pure: no clock, no chance, no I/O."""

from hashlib import sha256

START = bytes(32)


def link(previous: bytes, payload: bytes, outcome: bytes) -> bytes:
    """The next link: SHA-256 over the previous one and the digests of payload and outcome."""
    return joined(previous, sha256(payload).digest(), sha256(outcome).digest())


def joined(previous: bytes, payload_digest: bytes, outcome_digest: bytes) -> bytes:
    """The next link, of what is known by its digests."""
    return sha256(previous + payload_digest + outcome_digest).digest()
