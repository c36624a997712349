"""Whether what somebody signed is still what stands. Rule: values in, an answer out; no SQL.

A document names the inspections that it covers, each with the digest of its answers in canonical
form (RFC 8785) and those of its photos (docs/model.md, Signatures). A photo that came later was
added after and changes nothing; one that is gone does.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
import rfc8785
from msgspec import Struct

from server.cases import op_of, paths_of
from server.store.office_evidence import StoredWrite
from sync.record import Json, Record

FINDING_FIELDS = frozenset({"severity", "text"})  # What of a finding was read before signing.
COVERED_FIELDS = frozenset({"answers", "elements", "note", "replacements"})


class Covered(Struct, frozen=True):
    """What a document says of one inspection."""

    id: UUID
    answers: str
    photos: tuple[str, ...] = ()
    template: str = ""


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
    written: Sequence[StoredWrite],
    *,
    is_of_visit: bool = False,
) -> Since:
    """Tell what became of what this signature covers of an inspection.

    Where the document does not hold the digest, an answer written after the signature counts:
    `written` are the ops on the inspection, its findings and the signature, the newest first.
    `is_of_visit`: handed in, and of the visit that was signed, so where it is not listed it came
    after.
    """
    listed, children = listed_in(str(signature.data.get("document") or "")), tuple(children)
    findings = [one for one in children if one.kind == "finding"]
    is_other = any(says_else(one, signature.id, written) for one in findings)
    if listed is not None:
        digests = {one.id: one for one in listed if isinstance(one, Covered)}
        if (covered := digests.get(inspection.id)) is not None:
            found = compared(covered, inspection, children)
            return Since(changed=found.changed or is_other, added=found.added)
        if str(inspection.id) not in listed:
            # Else it was signed for other inspections of that visit.
            return Since(added=is_of_visit)
    return Since(changed=is_other or was_written_since(signature.id, inspection.id, written))


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


def compared(covered: Covered, inspection: Record, children: Iterable[Record]) -> Since:
    here = photos_here(inspection.id, children)
    is_changed = covered.answers != answers_digest(inspection.data)
    return Since(
        changed=is_changed or not here.issuperset(covered.photos),
        added=not here.issubset(covered.photos),
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


def says_else(finding: Record, signature: UUID, written: Sequence[StoredWrite]) -> bool:
    """Whether a finding was reported otherwise when this was signed; one of later was not at all.

    What was read of it is in the document in its words alone, so its history tells.
    """
    then: dict[str, Json] = {}
    is_before = False
    for one in written:
        is_before = is_before or one.record_id == signature
        if is_before and one.record_id == finding.id and one.outcome_name == "applied":
            op = op_of(one)
            said = op.set if op else {}
            for name in FINDING_FIELDS & said.keys():
                then.setdefault(name, msgspec.json.decode(said[name]))
    is_other = any(finding.data.get(name) != value for name, value in then.items())
    return is_other or (finding.withdrawn and bool(then))


def was_written_since(signature: UUID, inspection: UUID, written: Sequence[StoredWrite]) -> bool:
    for one in written:
        if one.record_id == signature:
            return False
        if one.record_id == inspection and one.outcome_name == "applied" and writes_covered(one):
            return True
    return False


def writes_covered(one: StoredWrite) -> bool:
    op = op_of(one)
    return op is not None and any(path.partition(".")[0] in COVERED_FIELDS for path in paths_of(op))


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
