"""The audit chain: payloads and outcomes, linked per writer. Pure: no clock, no chance, no I/O."""

from hashlib import sha256

START = bytes(32)


def link(previous: bytes, payload: bytes, outcome: bytes) -> bytes:
    """The next link: SHA-256 over the previous one and the digests of payload and outcome."""
    return sha256(previous + sha256(payload).digest() + sha256(outcome).digest()).digest()
