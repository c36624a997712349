"""The tablets of the demo's engineers, and what was signed on them. Rule: as a real one seals.

The keys follow from the seed, live while the company is made, and are kept nowhere: a database has
their public halves alone. Whoever knows the seed can make them again, so a seal of the demo proves
nothing outside it; an installation that is no demo has never heard of these keys.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct, structs

from schemas.kinds.evidence import Signature
from server.demo.mint import Mint
from server.keys import NUMBER_BYTES, padless, thumbprint
from server.seals import payload, signing_input
from server.statement import Signer, canonical, document
from sync.record import Json

# How many points P-256 has (NIST SP 800-186, 3.2.1.3): a private key is a smaller number.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SEALING = ec.ECDSA(SHA256(), deterministic_signing=True)  # RFC 6979: the same bytes every time.
APP_VERSION = "0.1.0"  # What they ran when they were last heard of.
STROKES = (
    "M12 44C20 18 30 16 34 40C38 58 48 20 56 34L70 30C84 26 80 52 96 40",
    "M10 30C28 8 30 60 44 36C52 22 60 50 72 30C80 18 88 46 104 28",
    "M14 50L30 14L44 50M22 36L40 34C58 20 66 54 84 30C92 22 98 40 110 36",
)


class Tablet(Struct, frozen=True):
    """A tablet as the server knows it. Nobody holds its credential."""

    id: UUID
    lineage: UUID
    person: UUID
    name: str
    public_key: str
    enrolled_at: datetime
    seen_at: datetime
    photos_left: int  # As it said then.


class Key(Struct, frozen=True):
    """A tablet's key, its public half as it was registered."""

    private: ec.EllipticCurvePrivateKey
    public: str


@cache
def key_of(mint: Mint, login: str) -> Key:
    """Give the key of an engineer's tablet."""
    number = mint.chance(f"tablet/{login}/key").randrange(1, ORDER)
    private = ec.derive_private_key(number, ec.SECP256R1())
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(private, padless(spki))


def make_tablet(mint: Mint, login: str, *, person: UUID, name: str, photos_left: int) -> Tablet:
    """Give the tablet of an engineer, enrolled before the first round and heard of last evening."""
    since = mint.at(-480)
    return Tablet(
        id=mint.id(f"tablet/{login}", at=since),
        lineage=mint.id(f"tablet/{login}/lineage", at=since),
        person=person,
        name=name,
        public_key=key_of(mint, login).public,
        enrolled_at=since,
        seen_at=mint.at(-1, 20, 15),
        photos_left=photos_left,
    )


# --- What was signed on them ---


class Given(Struct, frozen=True, kw_only=True):
    """A signature that somebody gave: of what, who, and when."""

    id: UUID
    of: UUID
    name: str
    at: datetime
    title: str = ""
    item: str = ""  # Of the checklist; empty over a visit.


def sign(mint: Mint, login: str, given: Given, shown: Mapping[str, Json]) -> Signature:
    """Have what was `shown` signed on the tablet of that engineer."""
    role: Literal["contact", "device-user"] = "device-user" if given.item else "contact"
    text = document(shown, Signer(role, given.name, given.title), given.at)
    digest = sha256(text.encode()).hexdigest()
    signature = Signature(
        of=given.of,
        of_kind="inspection" if given.item else "visit",
        role=role,
        item=given.item,
        name=given.name,
        title=given.title,
        strokes=STROKES[int(digest[:4], 16) % len(STROKES)],
        document=text,
        digest=digest,
        signed_at=given.at,
    )
    return sealed(signature, given.id, key_of(mint, login))


def sealed(signature: Signature, id_: UUID, key: Key) -> Signature:
    """Seal it with a tablet's key, as the app does (static/pwa/src/ui/field/sign/seal.ts)."""
    said = {"alg": "ES256", "kid": thumbprint(key.public), "typ": "xunjian-seal"}
    header, content = padless(canonical(said)), payload(id_, msgspec.to_builtins(signature))
    r, s = decode_dss_signature(key.private.sign(signing_input(header, content), SEALING))
    proof = b"".join(number.to_bytes(NUMBER_BYTES) for number in (r, s))
    return structs.replace(signature, device_signature=f"{header}..{padless(proof)}")
