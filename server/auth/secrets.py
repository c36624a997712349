"""Secrets that are dealt once and kept as a digest. Rule: so long that no salt is needed."""

import hashlib
from base64 import urlsafe_b64encode

from server.clock import Clock

SECRET_BYTES = 32  # 256 bits: beyond guessing, so a plain SHA-256 protects it at rest.


def deal(clock: Clock) -> str:
    """Deal a secret of 43 characters that fit into a link, a header or a cookie."""
    return urlsafe_b64encode(clock.entropy(SECRET_BYTES)).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    """Give what is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
