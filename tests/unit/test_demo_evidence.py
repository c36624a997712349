"""What the demo company shows as evidence is genuine: photos and signatures, by our own checks."""

import hashlib
from collections import defaultdict
from functools import cache
from io import BytesIO
from uuid import UUID

import msgspec
from msgspec import structs
from PIL import Image

from schemas.kinds.evidence import Attachment, Signature
from schemas.kinds.inspection import Inspection
from schemas.kinds.work import Visit
from server.demo.faults import FAULTS
from server.presence import chosen
from server.seals import Ring, look
from server.signing import Covered, Since, listed_in, since
from server.store.keys import Registered
from server.store.seed import Seed
from sync.record import Record
from tests.fixtures.demo_company import MORNING, by_id, children_of, company, of_kind


def test_photos_that_say_they_are_here_are_and_were_not_before_they_were_taken() -> None:
    pictures = {one.sha256: one for one in company().pictures}
    received = [made for _, made in of_kind("attachment", Attachment) if made.received_at]
    assert len(received) == len(pictures) >= 120, "no two are the same"
    for made in received:
        picture = pictures[made.sha256]
        assert hashlib.sha256(picture.content).hexdigest() == made.sha256
        assert len(picture.content) == made.bytes
        assert made.taken_at is not None
        assert made.received_at is not None
        assert made.taken_at < made.received_at == picture.received_at < MORNING
        with Image.open(BytesIO(picture.content)) as image:
            assert (image.format, image.size) == ("JPEG", (made.width, made.height))
    after = [made for made in received if made.parent_kind == "finding"]
    assert after, "what was mended was photographed"


def test_a_photo_before_shows_the_fault_and_one_after_that_it_is_mended() -> None:
    told = {one.finding for faults in FAULTS.values() for one in faults}
    by_moment: dict[str, set[str]] = defaultdict(set)
    for _, made in of_kind("attachment", Attachment):
        by_moment[made.moment].add(made.caption)
    assert by_moment["before"] and by_moment["before"] <= told
    assert by_moment["after"] and by_moment["after"] <= {f"{one}，已处理" for one in told}
    assert by_moment[""] == {""}


def test_of_open_work_one_result_waits_with_its_photos_on_the_tablet_which_says_so() -> None:
    left = [
        made
        for one, made in of_kind("attachment", Attachment)
        if one.scope.startswith("site") and made.received_at is None
    ]
    (inspection,) = {made.parent for made in left}
    work = msgspec.convert(by_id()[inspection].data, Inspection)
    assert (work.step.step, work.review) == ("submitted", None)
    assert {one.person: one.photos_left for one in company().tablets if one.photos_left} == {
        work.inspector: len(left)
    }


def test_who_accepted_without_photos_said_why() -> None:
    for one, made in of_kind("inspection", Inspection):
        photos = [child for child in children_of().get(str(one.id), []) if "sha256" in child.data]
        is_away = any(not child.data.get("received_at") for child in photos)
        if made.review and made.review.decision == "accepted":
            assert bool(made.review.reason) == is_away


def as_record(one: Seed) -> Record:
    return Record(one.kind, one.id, one.scope, 1, one.data, {})


@cache
def keys() -> Ring:
    """The keys of the tablets, as the server holds them once the company is loaded."""
    names = {one.id: one.name for one in company().people}
    return Ring(
        Registered(
            public_key=one.public_key,
            device=one.id,
            device_name=one.name,
            person=one.person,
            person_name=names[one.person],
            lineage=one.lineage,
            enrolled_at=one.enrolled_at,
            is_recorded=True,
        )
        for one in company().tablets
    )


def test_every_signature_was_sealed_by_the_tablet_of_who_did_the_work() -> None:
    whose = {"inspection": "inspector", "visit": "engineer"}
    for one, made in of_kind("signature", Signature):
        sealed = look(as_record(one), None, keys())
        assert (sealed.verdict, sealed.faults) == ("genuine", ())
        assert sealed.by is not None
        assert str(sealed.by.person) == by_id()[made.of].data[whose[made.of_kind]]
        assert sealed.by.enrolled_at < made.signed_at < MORNING


def test_a_word_of_the_demo_that_is_altered_breaks_its_seal() -> None:
    one, made = of_kind("signature", Signature)[0]
    altered = as_record(structs.replace(one, data={**one.data, "name": f"{made.name}某"}))
    assert look(altered, None, keys()).verdict == "broken"


def test_what_was_signed_for_is_all_the_work_of_that_day_as_it_still_stands() -> None:
    visits: dict[str, dict[UUID, Visit]] = defaultdict(dict)
    for one, made in of_kind("visit", Visit):
        visits[one.scope.partition(":")[2]][one.id] = made
    inspections: dict[str, list[Record]] = defaultdict(list)
    for one, _ in of_kind("inspection", Inspection):
        inspections[one.scope.partition(":")[2]].append(as_record(one))
    for one, given in of_kind("signature", Signature):
        site = one.scope.partition(":")[2]
        covered = {of.id for of in listed_in(given.document) or () if isinstance(of, Covered)}
        if given.of_kind == "visit":
            beside = {id_: of for id_, of in visits[site].items() if id_ != given.of}
            visit = visits[site][given.of]
            of_visit = chosen(given.of, visit, inspections[site], (), beside, "Asia/Shanghai")
            assert covered == {of.id for of in of_visit}
        else:
            assert covered == {given.of}
        for inspection in inspections[site]:
            if inspection.id in covered:
                children = [as_record(of) for of in children_of().get(str(inspection.id), [])]
                assert since(as_record(one), inspection, children, {}) == Since()
