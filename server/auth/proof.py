"""Whether who takes a lineage up is the installation that began it. Rule: doubt proves nothing.

At its first enrolment a device registers a public key whose private half never leaves it; who
takes the lineage up later signs the new ticket with it.
"""

from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

NUMBER_BYTES = 32  # Of r and of s on P-256; both stand one behind the other (W3C WebCrypto, 23).


def proves(public_key: str, proof: str | None, message: bytes) -> bool:
    """Whether `proof` is a signature over `message` by this key: ECDSA P-256 with SHA-256.

    Both are base64url without padding; the key is SPKI (RFC 5280, 4.1), the proof r and s.
    """
    if proof is None:
        return False
    try:
        signature = unpadded(proof)
        key = load_der_public_key(unpadded(public_key))
    except (ValueError, UnsupportedAlgorithm):
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    if len(signature) != 2 * NUMBER_BYTES:
        return False
    r, s = signature[:NUMBER_BYTES], signature[NUMBER_BYTES:]
    encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.verify(encoded, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def unpadded(text: str) -> bytes:
    """Decode base64url without padding (RFC 4648, 5). Raises `ValueError`."""
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
