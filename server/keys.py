"""The public keys that devices registered, and what they signed. Rule: doubt proves nothing.

At its first enrolment a device registers a public key whose private half never leaves it
(WebCrypto, not extractable): ECDSA on P-256 with SHA-256. Who takes a lineage up later signs the
new ticket with it, and every signature that is given on the device is sealed with it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

NUMBER_BYTES = 32  # Of r and of s on P-256; both stand one behind the other (W3C WebCrypto, 23).
KEYS_KEPT_MAX = 4_096


def proves(public_key: str, proof: str | None, message: bytes) -> bool:
    """Whether `proof` is a signature over `message` by this key: ECDSA P-256 with SHA-256.

    Both are base64url without padding; the key is SPKI (RFC 5280, 4.1), the proof r and s.
    """
    if proof is None:
        return False
    key = key_of(public_key)
    try:
        signature = unpadded(proof)
    except ValueError:
        return False
    if key is None or len(signature) != 2 * NUMBER_BYTES:
        return False
    r, s = signature[:NUMBER_BYTES], signature[NUMBER_BYTES:]
    encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.verify(encoded, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=KEYS_KEPT_MAX)
def key_of(public_key: str) -> ec.EllipticCurvePublicKey | None:
    """Read a registered key; None where it is none on P-256."""
    try:
        key = load_der_public_key(unpadded(public_key))
    except (ValueError, UnsupportedAlgorithm):
        return None
    is_ours = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return key if isinstance(key, ec.EllipticCurvePublicKey) and is_ours else None


@lru_cache(maxsize=KEYS_KEPT_MAX)
def thumbprint(public_key: str) -> str | None:
    """Name a key by its own digest (RFC 7638, 3): 43 characters; None where it is none of ours."""
    key = key_of(public_key)
    if key is None:
        return None
    numbers = key.public_numbers()
    x, y = (padless(part.to_bytes(NUMBER_BYTES, "big")) for part in (numbers.x, numbers.y))
    members = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return padless(sha256(members.encode()).digest())


def unpadded(text: str) -> bytes:
    """Decode base64url without padding (RFC 4648, 5). Raises `ValueError`."""
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def padless(content: bytes) -> str:
    """Encode as base64url without padding (RFC 4648, 5)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()
