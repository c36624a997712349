"""Whether what somebody signed is still what stands. Rule: values in, an answer out; no SQL.

A document names the inspections that it covers, each with the digest of its answers in canonical
form (RFC 8785), those of its photos, and its findings (docs/model.md, Signatures). A photo or a
finding that came later was added after and changes nothing; one that is gone does.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
import rfc8785
from msgspec import Struct

from schemas.ops import Op
from server.cases import paths_of
from server.store.signatures import Came
from sync.record import Json, Record

COVERED_FIELDS = frozenset({"answers", "elements", "note", "replacements"})
FINDING_FIELDS = frozenset({"severity", "text"})


class CoveredFinding(Struct, frozen=True):
    """What of a finding was read before signing."""

    id: UUID
    severity: str
    text: str


class Covered(Struct, frozen=True):
    """What a document says of one inspection; of its findings, nothing where that is null."""

    id: UUID
    answers: str
    photos: tuple[str, ...] = ()
    template: str = ""
    findings: tuple[CoveredFinding, ...] | None = None


class Document(Struct, frozen=True):
    """The part of a document that lists inspections; null where it holds their digest alone.

    Another client's document may list bare ids, which tell what is covered and not how it was.
    """

    inspections: tuple[Covered | str, ...] | None = None


class Since(Struct, frozen=True):
    """What became of signed work: `changed` is not what it was, `added` came after it."""

    changed: bool = False
    added: bool = False


DOCUMENT = msgspec.json.Decoder(Document)


def since(
    signature: Record,
    inspection: Record,
    children: Iterable[Record],
    written: Mapping[UUID, Came],
    *,
    is_of_visit: bool = False,
) -> Since:
    """Tell what became of what this signature covers of an inspection.

    Where the document does not hold the digest, what was written after the signature counts:
    `written` says when that came, and when the inspection and its findings were last written.
    `is_of_visit`: handed in, and of the visit that was signed, so where it is not listed it came
    after.
    """
    listed, children = listed_in(str(signature.data.get("document") or "")), tuple(children)
    if listed is not None:
        digests = {one.id: one for one in listed if isinstance(one, Covered)}
        if (covered := digests.get(inspection.id)) is not None:
            return compared(covered, inspection, children)
        if str(inspection.id) not in listed:
            # Else it was signed for other inspections of that visit.
            return Since(added=is_of_visit)
    signed = written.get(signature.id)
    covers = (inspection.id, *(one.id for one in children if one.kind == "finding"))
    last = [written[id_] for id_ in covers if id_ in written]
    return Since(changed=signed is not None and any(came > signed for came in last))


def listed_in(document: str) -> tuple[Covered | str, ...] | None:
    try:
        return DOCUMENT.decode(document).inspections
    except msgspec.DecodeError:
        return None


def photos_here(inspection: UUID, children: Iterable[Record]) -> frozenset[str]:
    """The digests of an inspection's own photos; those of its findings are not signed for."""
    return frozenset(
        str(one.data.get("sha256"))
        for one in children
        if one.kind == "attachment" and one.data.get("parent") == str(inspection)
    )


def findings_here(inspection: UUID, children: Iterable[Record]) -> tuple[CoveredFinding, ...]:
    """An inspection's findings, by id."""
    found = (
        CoveredFinding(one.id, str(one.data.get("severity")), str(one.data.get("text")))
        for one in children
        if one.kind == "finding"
        and not one.withdrawn
        and one.data.get("inspection") == str(inspection)
    )
    return tuple(sorted(found, key=lambda one: str(one.id)))


def compared(covered: Covered, inspection: Record, children: Collection[Record]) -> Since:
    photos, findings = photos_here(inspection.id, children), findings_here(inspection.id, children)
    then = findings if covered.findings is None else covered.findings
    is_changed = covered.answers != answers_digest(inspection.data)
    return Since(
        changed=is_changed
        or not photos.issuperset(covered.photos)
        or not set(findings).issuperset(then),
        added=not photos.issubset(covered.photos)
        or not {one.id for one in findings}.issubset(one.id for one in then),
    )


def answers_digest(data: Mapping[str, Json]) -> str:
    """SHA-256 of everything that was answered, as the app computes it for a document."""
    answered = {
        "answers": data.get("answers") or {},
        "elements": data.get("elements") or {},
        "note": data.get("note") or "",
        # Where there are none, the digest is the one of before there were any.
        **({"replacements": data["replacements"]} if data.get("replacements") else {}),
    }
    return sha256(rfc8785.dumps(answered)).hexdigest()  # type: ignore[arg-type]


def writes_covered(op: Op) -> bool:
    """Whether an op on an inspection or a finding writes what a signature covers of it."""
    fields = {path.partition(".")[0] for path in paths_of(op)}
    return op.withdraw or not fields.isdisjoint(COVERED_FIELDS | FINDING_FIELDS)


# --- Which one stands ---


def standing(signatures: Iterable[Record]) -> Mapping[tuple[str, str, str], Record]:
    """The signature that stands for each role and item over one thing: a later one supersedes.

    One that was given goes before one that says why nobody signed, whenever that was.
    """
    found: dict[tuple[str, str, str], Record] = {}
    for one in sorted(signatures, key=rank):
        data = one.data
        found[(str(data.get("of")), str(data.get("role")), str(data.get("item") or ""))] = one
    return found


def rank(signature: Record) -> tuple[bool, datetime, str]:
    data = signature.data
    at = msgspec.convert(data["signed_at"], datetime)
    return bool(data.get("strokes")), at, str(signature.id)
