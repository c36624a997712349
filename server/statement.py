"""What a visit came to, as the text that its customer signs. Rule: values in, text out; no SQL.

The same document as the app makes (static/pwa/src/ui/field/sign/document.ts), in canonical form
(RFC 8785): what is shown is read from it, so nothing is signed that was not shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import msgspec
import rfc8785
from msgspec import Struct

from schemas.base import DOCUMENT_LENGTH_MAX, Language
from schemas.kinds.work import Visit
from schemas.signing import Counted, ListedAbnormal, Stated
from server.signing import Covered
from sync.record import Json

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MEANING: Mapping[Language, str] = {
    "zh-CN": "签字表示到场属实、结果已知悉。内容如有更正，会请您重新签字。",
    "en": "Your signature confirms the visit and that you know the results. "
    "If anything is corrected, you will be asked to sign again.",
}
TYPED: Mapping[Language, str] = {
    "zh-CN": "签字人以键入姓名代替手写签名。",
    "en": "Signed by typing the name in place of handwriting.",
}
STATED = msgspec.json.Decoder(Stated)


class HandedIn(Struct, frozen=True):
    """An inspection that was handed in during a visit."""

    covered: Covered
    template: UUID
    abnormal: tuple[ListedAbnormal, ...] = ()
    is_abnormal: bool = False


class Coverage(Struct, frozen=True):
    """All that a signature over a visit would stand for, as it is now."""

    id: UUID
    visit: Visit
    site_name: str
    local: datetime  # When it began, in the time of the site.
    inspections: tuple[HandedIn, ...]
    not_inspected: tuple[str, ...] = ()

    @property
    def photos(self) -> int:
        return sum(len(one.covered.photos) for one in self.inspections)

    @property
    def problems(self) -> tuple[str, ...]:
        """The customer's own list, in the order in which it was made."""
        return tuple(one.text for _, one in sorted(self.visit.problems.items()))

    @property
    def counts(self) -> Counted:
        abnormal = sum(one.is_abnormal for one in self.inspections)
        return Counted(
            inspected=len(self.inspections),
            normal=len(self.inspections) - abnormal,
            abnormal=abnormal,
            not_inspected=len(self.not_inspected),
        )


class Signer(Struct, frozen=True):
    """Who signs. `said` is what only this way of signing adds to what was read, if anything."""

    role: str
    name: str
    title: str
    said: tuple[str, ...] = ()


def day_of(at: date, language: Language) -> str:
    """A day with its year: a signature is read years later."""
    if language == "en":
        return f"{at.day}\u00a0{MONTHS[at.month - 1]} {at.year}"
    return f"{at.year}年{at.month}月{at.day}日"


def sentence(found: Coverage, language: Language) -> str:
    """Who inspected how much, where and when."""
    n, day = len(found.inspections), day_of(found.local, language)
    of, who, site = n + len(found.not_inspected), found.visit.engineer_name, found.site_name
    if language == "en":
        devices = "device" if of == 1 else "devices"
        part = f"{n} of {of}" if of != n else f"{n}"
        return f"{day}: {who} inspected {part} {devices} at {site}."
    planned = f"，计划 {of} 台" if of != n else ""
    return f"{day}，{who}在{site}巡检设备 {n} 台{planned}。"


def content(found: Coverage, language: Language) -> dict[str, Json]:
    """Everything in the document that does not depend on who signs, and when."""
    abnormal = [one for of in found.inspections for one in of.abnormal]
    return {
        "version": 1,
        "of": str(found.id),
        "of_kind": "visit",
        "site": found.site_name,
        "engineer": found.visit.engineer_name,
        "started_at": instant(found.visit.started_at),
        "statement": [sentence(found, language), MEANING[language]],
        "counts": {name: getattr(found.counts, name) for name in found.counts.__struct_fields__},
        "abnormal": [
            {"asset": one.asset, "severity": one.severity, "text": one.text} for one in abnormal
        ],
        "problems": list(found.problems),
        "not_inspected": list(found.not_inspected),
        "photos": found.photos,
        "inspections": listed(found.inspections),
    }


def listed(inspections: Iterable[HandedIn]) -> list[Json]:
    """The inspections that a document covers, by id: the same list has the same digest."""
    return [
        {
            "id": str(one.covered.id),
            "template": str(one.template),
            "answers": one.covered.answers,
            "photos": sorted(one.covered.photos),
            **findings_of(one.covered),
        }
        for one in sorted(inspections, key=lambda one: str(one.covered.id))
    ]


def findings_of(covered: Covered) -> Mapping[str, Json]:
    """The findings that were read; nothing over a single inspection, which reports them later."""
    return {} if covered.findings is None else {"findings": msgspec.to_builtins(covered.findings)}


def instant(at: datetime) -> str:
    """An instant as every document has it."""
    return str(msgspec.to_builtins(at))


def digest_of(value: Json) -> str:
    """SHA-256 of a value's canonical text."""
    return sha256(canonical(value)).hexdigest()


def canonical(value: Json) -> bytes:
    return rfc8785.dumps(value)  # type: ignore[arg-type]


def document(shown: Mapping[str, Json], signer: Signer, at: datetime) -> str:
    """The canonical text that is kept. Lists too long for the wire become their own digest."""
    who = {"role": signer.role, "name": signer.name, "title": signer.title, "absent_reason": ""}
    statement = [*msgspec.convert(shown["statement"], tuple[str, ...]), *signer.said]
    whole: dict[str, Json] = {
        **shown,
        "statement": statement,
        "signed_at": instant(at),
        "signer": who,
    }
    text = canonical(whole)
    for name in ("inspections", "abnormal", "not_inspected", "problems"):
        if len(text) <= DOCUMENT_LENGTH_MAX:
            break
        whole[f"{name}_digest"] = digest_of(whole.pop(name))
        text = canonical(whole)
    return text.decode()


def stated(text: str) -> Stated:
    """What a document says, as far as it can be read."""
    try:
        return STATED.decode(text)
    except msgspec.DecodeError:
        return Stated()


def problems_in(text: str) -> Sequence[str] | None:
    """The customer's problems that a document holds; None where it was made without them."""
    try:
        return PROBLEMS.decode(text).problems
    except msgspec.DecodeError:
        return None


class Problems(Struct, frozen=True):
    """The part of a document that repeats the customer's list."""

    problems: tuple[str, ...] | None = None


PROBLEMS = msgspec.json.Decoder(Problems)
