"""Whether a signature is what its device sealed. Rule: values in, a verdict out; no SQL.

A seal is a detached JWS (RFC 7515, appendix F) by the device's key over the canonical form
(RFC 8785) of everything that the record says, the document and the strokes by their SHA-256. Who
alters any of it later has no key to seal it anew (docs/model.md, Signatures). Nothing here ever
refuses an op: a signature that does not verify is kept, and told of.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Literal
from uuid import UUID

import msgspec
import rfc8785
from msgspec import Struct

from schemas.kinds.evidence import Signature
from schemas.ops import Op
from schemas.signing import SealFault, SealTold, SealVerdict
from server.keys import padless, proves, thumbprint, unpadded
from server.store.keys import Registered
from server.store.signatures import Received
from sync.record import Json, Record, same

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIXED = tuple(Signature.__struct_fields__)


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The protected header. Nothing else is understood, so nothing else may be in it."""

    alg: Literal["ES256"]  # ECDSA on P-256 with SHA-256 (RFC 7518, 3.4).
    kid: str
    typ: Literal["xunjian-seal"]


class Sealed(Struct, frozen=True):
    """What became of looking at a seal: `by` is whose key it is."""

    verdict: SealVerdict
    faults: tuple[SealFault, ...] = ()
    by: Registered | None = None

    @property
    def told(self) -> SealTold:
        """In one word: that no record names the key, where this alone is wrong, or the verdict."""
        return "key-not-recorded" if self.faults == ("key-not-recorded",) else self.verdict


class Signer(Struct, frozen=True):
    """What a document says of its signer."""

    role: str | None = None
    name: str | None = None
    title: str | None = None


class Said(Struct, frozen=True):
    """The parts of a document that the record repeats; another client's may say less."""

    of: str | None = None
    of_kind: str | None = None
    signer: Signer | None = None


HEADER = msgspec.json.Decoder(Header)
SAID = msgspec.json.Decoder(Said)


# --- What is sealed ---


def payload(id_: UUID, data: Mapping[str, Json]) -> bytes:
    """The canonical text that a seal is over: every field of the record but the seal itself."""
    return rfc8785.dumps(
        {
            "version": 1,
            "id": str(id_),
            "of": str(data.get("of")),
            "of_kind": str(data.get("of_kind")),
            "role": str(data.get("role")),
            "item": str(data.get("item") or ""),
            "name": str(data.get("name") or ""),
            "title": str(data.get("title") or ""),
            "absent_reason": str(data.get("absent_reason") or ""),
            "strokes": sha256(str(data.get("strokes") or "").encode()).hexdigest(),
            "document": sha256(str(data.get("document") or "").encode()).hexdigest(),
            "signed_at": milliseconds(data.get("signed_at")),
        }
    )


def milliseconds(value: Json) -> int:
    """An instant as whole milliseconds since 1970, as every platform can tell it."""
    at = msgspec.convert(value, datetime)
    return (at - EPOCH) // timedelta(milliseconds=1)


def signing_input(header: str, content: bytes) -> bytes:
    """What the key signs (RFC 7515, 5.1)."""
    return f"{header}.{padless(content)}".encode()


# --- Looking at it ---


class Ring:
    """All keys that were ever registered, by their names; of one name the first that is given."""

    def __init__(self, keys: Iterable[Registered]) -> None:
        self._named: dict[str, Registered] = {}
        self._of: dict[UUID, list[Registered]] = {}
        for one in keys:
            if (name := thumbprint(one.public_key)) is not None:
                self._named.setdefault(name, one)
                self._of.setdefault(one.lineage, []).append(one)

    def named(self, kid: str) -> Registered | None:
        return self._named.get(kid)

    def of(self, lineage: UUID | None) -> Iterable[Registered]:
        """Those of a lineage; where it is not known all of them."""
        return chain(*self._of.values()) if lineage is None else self._of.get(lineage, ())


def look(signature: Record, received: Received | None, ring: Ring) -> Sealed:
    """Tell whether a signature is genuine, or why not."""
    data = signature.data
    faults = [*text_faults(data), *([] if received is None else op_faults(data, received.op))]
    seal = str(data.get("device_signature") or "")
    if not seal:
        is_by_link = received is not None and received.origin != "device"
        verdict: SealVerdict = "by-link" if is_by_link else "unsealed"
        return Sealed("broken" if faults else verdict, tuple(faults))
    if "." not in seal:
        return older(data, seal, received, ring, faults)
    by, fault = seal_fault(seal, payload(signature.id, data), ring)
    faults += [fault] if fault else []
    return Sealed("broken" if faults else "genuine", tuple(faults), by)


def text_faults(data: Mapping[str, Json]) -> list[SealFault]:
    """What is wrong with the document itself."""
    text = str(data.get("document") or "")
    found: list[SealFault] = []
    if sha256(text.encode()).hexdigest() != data.get("digest"):
        found.append("digest")
    if not is_canonical(text):
        found.append("form")
    if not says_the_same(text, data):
        found.append("subject")
    return found


def is_canonical(text: str) -> bool:
    """Whether a text is the one canonical form of its JSON (RFC 8785)."""
    try:
        value = msgspec.json.decode(text)
        return bool(rfc8785.dumps(value) == text.encode())
    except (msgspec.DecodeError, rfc8785.CanonicalizationError, ValueError, RecursionError):
        return False


def says_the_same(text: str, data: Mapping[str, Json]) -> bool:
    """Whether the document is about what the record says, and by whom; where it says it at all."""
    try:
        said = SAID.decode(text)
    except msgspec.DecodeError:
        return True  # Its form is told of already.
    signer = said.signer or Signer()
    pairs = (
        (said.of, data.get("of")),
        (said.of_kind, data.get("of_kind")),
        (signer.role, data.get("role")),
        (signer.name, data.get("name") or ""),
        (signer.title, data.get("title") or ""),
    )
    return all(one is None or one == other for one, other in pairs)


def op_faults(data: Mapping[str, Json], op: Op) -> list[SealFault]:
    """Whether the record still says what the op said that made it; all its fields are fixed."""
    for name in FIXED:
        raw = op.set.get(name)
        sent = msgspec.json.decode(raw) if raw is not None else None
        stands = data.get(name)
        if name == "signed_at" and sent is not None and stands is not None:
            sent, stands = milliseconds(sent), milliseconds(stands)
        if not same(sent or None, stands or None):
            return ["op"]
    return []


def seal_fault(seal: str, content: bytes, ring: Ring) -> tuple[Registered | None, SealFault | None]:
    """Whose key sealed it, and what is wrong with that."""
    header, _, rest = seal.partition(".")
    middle, _, proof = rest.partition(".")
    try:
        read = HEADER.decode(unpadded(header))
    except (msgspec.DecodeError, ValueError):
        return None, "seal"
    if middle:  # The payload is never beside it: it is made from the record.
        return None, "seal"
    by = ring.named(read.kid)
    if by is None:
        return None, "key"
    if not proves(by.public_key, proof, signing_input(header, content)):
        return by, "seal"
    return by, None if by.is_recorded else "key-not-recorded"


def older(
    data: Mapping[str, Json],
    proof: str,
    received: Received | None,
    ring: Ring,
    faults: list[SealFault],
) -> Sealed:
    """An older app signed the document's bytes alone, with a key of the lineage that sent it."""
    text = str(data.get("document") or "").encode()
    sender = received.lineage if received else None
    by = next((one for one in ring.of(sender) if proves(one.public_key, proof, text)), None)
    if by is None:
        faults = [*faults, "seal"]
    elif not by.is_recorded:
        faults = [*faults, "key-not-recorded"]
    return Sealed("broken" if faults else "older", tuple(faults), by)
