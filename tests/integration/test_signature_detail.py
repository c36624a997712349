"""What was signed stays readable as it was, and whoever alters it afterwards is noticed."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import delete, update

from server.device_keys import record
from server.keys import thumbprint
from server.seals import payload, signing_input
from server.store import installation
from server.store.keys import load_unrecorded
from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import devices
from server.store.signatures import load_received
from server.store.tables import ops
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company
from tests.integration.reports_world import made, text_of
from tests.integration.test_office_signatures import VISIT, begin_visit

TABLE = KIND_TABLES["signature"]
SIGNATURE = UUID(int=0x51)


def plain(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Key:
    """A device's key, as WebCrypto keeps one."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        spki = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        self.public = plain(spki)

    def seal(self, id_: UUID, values: Mapping[str, Any]) -> str:
        header = {"alg": "ES256", "kid": thumbprint(self.public), "typ": "xunjian-seal"}
        head = plain(rfc8785.dumps(header))
        return f"{head}..{self.proof(signing_input(head, payload(id_, values)))}"

    def proof(self, message: bytes) -> str:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        return plain(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


async def registered(world: World, key: Key) -> None:
    """The tablet has this key, as if it had brought it when it was enrolled."""
    async with world.house.database.write() as tx:
        await tx.execute(update(devices).values({"public_key": key.public}))
        made = await installation.load(tx)
        assert made is not None
        await record(tx, world.house.clock, made.id, await load_unrecorded(tx), epoch=made.epoch)


def covered(world: World, answers: Mapping[str, Any] = GOOD, photos: tuple[str, ...] = ()) -> Any:
    whole = {"answers": answers, "elements": {}, "note": ""}
    digest = sha256(rfc8785.dumps(whole)).hexdigest()  # type: ignore[arg-type]
    return {
        "id": str(world.inspection),
        "template": str(world.template),
        "answers": digest,
        "photos": list(photos),
    }


def sign(
    world: World,
    key: Key,
    inspections: list[Any],
    *,
    id_: UUID = SIGNATURE,
    problems: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """The customer signs the visit on the tablet."""
    values: dict[str, Any] = {
        "of": str(VISIT),
        "of_kind": "visit",
        "role": "contact",
        "name": "黄国强",
        "strokes": "M100,100L200,150",
        "signed_at": world.at(),
        **more,
    }
    document = {
        "of": values["of"],
        "of_kind": "visit",
        "statement": ["巡检设备 1 台。"],
        "counts": {"inspected": 1, "normal": 1, "abnormal": 0, "not_inspected": 0},
        "problems": list(problems),
        "inspections": inspections,
        "signer": {"role": values["role"], "name": values["name"]},
    }
    text = rfc8785.dumps(document).decode()
    values |= {"document": text, "digest": sha256(text.encode()).hexdigest()}
    values["device_signature"] = key.seal(id_, values)
    return world.tablet.op("signature", id_, new=True, parent=str(VISIT), set=values)


async def push(world: World, *made: dict[str, Any]) -> None:
    assert set(await world.tablet.push(*made)) == {"applied"}


async def signed(world: World, key: Key) -> None:
    await registered(world, key)
    await push(world, begin_visit(world), world.begin(answers=dict(GOOD)))
    await push(world, world.submit(), sign(world, key, [covered(world)]))


async def shown(world: World, id_: UUID = SIGNATURE) -> dict[str, Any]:
    answer = await world.office.get(f"/office/signatures/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def change(world: World, path: str, value: object) -> None:
    op = world.tablet.op("inspection", world.inspection, base=2**33, set={path: value})
    await push(world, op)


async def test_a_signature_sealed_on_the_tablet_is_genuine_and_says_whose_key_it_was(
    world: World,
) -> None:
    await signed(world, Key())
    told = await shown(world)
    assert (told["signed"]["seal"], told["signed"]["sealed_by"]) == ("genuine", "平板 03 · Liang")
    assert told["stated"]["statement"] == ["巡检设备 1 台。"]
    (one,) = told["covered"]
    assert one["was"]["answers"] == one["now"]["answers"] == GOOD
    assert "changed" not in one
    (review,) = (await world.detail())["signatures"]
    assert review["seal"] == "genuine"
    assert "changed_after" not in review


@pytest.mark.parametrize(
    ("altered", "faults"),
    [
        ({"strokes": "M100,100L200,151"}, ["op", "seal"]),
        ({"name": "黄国明"}, ["subject", "op", "seal"]),
        ({"document": '{"inspections":[]}'}, ["digest", "op", "seal"]),
        ({"digest": "0" * 64}, ["digest", "op"]),
        ({"device_signature": ""}, ["op"]),
        ({"device_signature": "A" * 86}, ["op", "seal"]),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_server_operator_who_alters_what_is_stored_is_noticed(
    world: World, altered: dict[str, Any], faults: list[str]
) -> None:
    await signed(world, Key())
    async with world.house.database.write() as tx:
        await tx.execute(update(TABLE).values(altered))
    told = (await shown(world))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", faults)


async def test_an_operator_who_alters_the_op_too_cannot_seal_it_anew(world: World) -> None:
    await signed(world, Key())
    async with world.house.database.write() as tx:
        await tx.execute(update(TABLE).values({"strokes": "M1,1L2,2"}))
        await tx.execute(delete(ops).where(ops.c.record_id == SIGNATURE))
    told = (await shown(world))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", ["seal"])


async def test_a_key_that_nobody_registered_proves_nothing_and_refuses_nothing(
    world: World,
) -> None:
    await signed(world, Key())
    await push(world, sign(world, Key(), [covered(world)], id_=UUID(int=0x52)))
    told = (await shown(world, UUID(int=0x52)))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", ["key"])


async def test_the_key_of_a_device_that_was_enrolled_again_is_still_found(world: World) -> None:
    key = Key()
    await signed(world, key)
    async with world.house.database.write() as tx:
        await tx.execute(update(devices).values({"state": "dead"}))
    ticket = await world.house.add_ticket(world.engineer)
    body = {"ticket": ticket, "lineage": str(UUID(int=0x99)), "name": "新平板"}
    async with world.house.client() as client:
        answer = await client.post("/enrol", json={**body, "public_key": Key().public})
        assert answer.status_code == 201
    assert (await shown(world))["signed"]["seal"] == "genuine"


async def test_what_was_signed_is_shown_beside_what_stands_now(world: World) -> None:
    await signed(world, Key())
    answer = await world.decide("returned", remarks=[{"text": "再测"}])
    assert answer.status_code == 200
    await change(world, "answers.temp", {"value": 22})
    await change(world, "note", "重测")
    told = await shown(world)
    (one,) = told["covered"]
    assert told["signed"]["changed_after"]
    assert one["changed"] == ["temp", "note"]
    assert one["was"]["answers"]["temp"] == {"value": 24.5}
    assert one["now"]["answers"]["temp"] == {"value": 22}
    assert set(told["forms"]) == {str(world.template)}


async def test_answers_that_came_before_others_are_found_by_their_digest_alone(
    world: World,
) -> None:
    """Of two ops that came in one push the device signed between them."""
    key = Key()
    await registered(world, key)
    first = {**GOOD, "temp": {"value": 20}}
    await push(
        world,
        begin_visit(world),
        world.begin(answers=dict(GOOD)),
        world.tablet.op("inspection", world.inspection, set={"answers.temp": {"value": 20}}),
        sign(world, key, [covered(world, first)]),
        world.tablet.op("inspection", world.inspection, set={"answers.temp": {"value": 21}}),
    )
    (one,) = (await shown(world))["covered"]
    assert one["was"]["answers"] == first
    assert one["changed"] == ["temp"]


async def test_what_no_history_proves_is_not_told(world: World) -> None:
    key = Key()
    await registered(world, key)
    never = covered(world, {"temp": {"value": 1}})
    await push(world, begin_visit(world), world.begin(answers=dict(GOOD)))
    await push(world, sign(world, key, [never]))
    (one,) = (await shown(world))["covered"]
    assert one.get("was") is None
    assert one["now"]["answers"] == GOOD


async def test_what_came_after_a_signature_is_told_as_added(world: World) -> None:
    await signed(world, Key())
    visit = (await world.office.get(f"/office/visits/{VISIT}")).json()
    assert "added_after" not in visit["signatures"][0]
    more = world.begin(asset=world.second_asset, answers=dict(GOOD))
    step = {"round": 1, "step": "submitted", "at": world.at()}
    second = UUID(more["record"])
    submit = world.tablet.op("inspection", second, base=2**33, set={"step": step})
    await push(world, more, submit)
    (told,) = (await world.office.get(f"/office/visits/{VISIT}")).json()["signatures"]
    assert (told.get("changed_after", False), told["added_after"]) == (False, True)
    other = (await world.office.get(f"/office/inspections/{second}")).json()
    assert other["signatures"][0]["added_after"]
    assert "added_after" not in (await world.detail())["signatures"][0]


FINDING = UUID(int=0x61)
SAID = {"severity": "urgent", "text": "风扇停转"}


def report_finding(world: World, id_: UUID = FINDING, **more: Any) -> dict[str, Any]:
    values = {"asset": str(world.asset), "inspection": str(world.inspection), "item": "fan"}
    new = {**values, **SAID, "found_at": world.at(), **more}
    return world.tablet.op("finding", id_, new=True, parent=str(world.asset), set=new)


async def signed_with(world: World, **said: Any) -> None:
    """The customer signs a visit in which one finding was reported."""
    key = Key()
    await registered(world, key)
    await push(world, begin_visit(world), world.begin(answers=dict(GOOD)), report_finding(world))
    await push(world, world.submit(), sign(world, key, [{**covered(world), **said}]))


async def became(world: World) -> list[tuple[bool, bool]]:
    """Changed after, added after: as the visit, the review and the signature itself tell it."""
    visit = (await world.office.get(f"/office/visits/{VISIT}")).json()["signatures"]
    all_ = (*visit, *(await world.detail())["signatures"], (await shown(world))["signed"])
    return [(one.get("changed_after", False), one.get("added_after", False)) for one in all_]


async def test_a_finding_that_says_something_else_now_is_a_change(world: World) -> None:
    """The customer read how grave it was, and the report prints it beside their name."""
    await signed_with(world, findings=[{"id": str(FINDING), **SAID}])
    assert await became(world) == [(False, False)] * 3
    await push(world, world.tablet.op("finding", FINDING, base=2**33, set={"severity": "advice"}))
    assert await became(world) == [(True, False)] * 3
    assert "签字后有改动" in text_of((await made(world, VISIT, "visit"))[1])
    (one,) = (await shown(world))["covered"]
    now = {"severity": "advice", "text": "风扇停转"}
    assert one["findings"] == [{"id": str(FINDING), "was": SAID, "now": now}]
    await push(world, world.tablet.op("finding", FINDING, base=2**33, set=SAID))
    assert await became(world) == [(False, False)] * 3
    assert "findings" not in (await shown(world))["covered"][0]


async def test_a_finding_that_was_withdrawn_is_a_change_and_a_later_one_an_addition(
    world: World,
) -> None:
    await signed_with(world, findings=[{"id": str(FINDING), **SAID}])
    later = UUID(int=0x62)
    await push(world, report_finding(world, later, text="后来发现的"))
    assert await became(world) == [(False, True)] * 3
    async with world.house.database.write() as tx:
        table = KIND_TABLES["finding"]
        await tx.execute(update(table).where(table.c.id == FINDING).values(withdrawn=True))
    assert await became(world) == [(True, True)] * 3
    (one,) = (await shown(world))["covered"]
    added = {"severity": "urgent", "text": "后来发现的"}
    assert one["findings"] == [
        {"id": str(FINDING), "was": SAID},
        {"id": str(later), "now": added},
    ]


async def test_a_document_of_before_that_names_no_findings_stands_as_it_did(world: World) -> None:
    await signed_with(world)
    await push(world, world.tablet.op("finding", FINDING, base=2**33, set={"severity": "advice"}))
    await push(world, report_finding(world, UUID(int=0x62)))
    assert await became(world) == [(False, False)] * 3
    told = await shown(world)
    assert told["signed"]["seal"] == "genuine"
    assert "findings" not in told["covered"][0]
    await change(world, "note", "重测")
    assert await became(world) == [(True, False)] * 3


async def test_a_photo_that_came_later_is_added_after(world: World) -> None:
    await signed(world, Key())
    await push(world, world.photo())
    (told,) = (await world.detail())["signatures"]
    assert (told.get("changed_after", False), told["added_after"]) == (False, True)


async def test_the_customers_own_list_is_signed_for_too(world: World) -> None:
    key = Key()
    await registered(world, key)
    one, other = str(UUID(int=0xB1)), str(UUID(int=0xB2))
    add = {"problems": {one: {"text": "空调异响"}}}
    await push(world, begin_visit(world), world.tablet.op("visit", VISIT, add=add))
    await push(world, world.begin(answers=dict(GOOD)), world.submit())
    await push(world, sign(world, key, [covered(world)], problems=("空调异响",)))
    path = f"/office/visits/{VISIT}"
    (told,) = (await world.office.get(path)).json()["signatures"]
    assert not told.keys() & {"changed_after", "added_after"}
    add = {"problems": {other: {"text": "漏水"}}}
    await push(world, world.tablet.op("visit", VISIT, add=add))
    (told,) = (await world.office.get(path)).json()["signatures"]
    assert told["added_after"]
    await push(world, world.tablet.op("visit", VISIT, remove={"problems": [one]}))
    (told,) = (await world.office.get(path)).json()["signatures"]
    assert told["changed_after"]


async def test_the_life_of_an_asset_and_its_round_say_who_signed(world: World) -> None:
    await signed(world, Key())

    async def notes() -> list[Any]:
        life = (await world.office.get(f"/office/assets/{world.asset}")).json()
        round_ = (await world.office.get(f"/office/assignments/{world.assignment}")).json()
        return [life["inspections"][0]["signed"], round_["visits"][0]["signed"]]

    for note in await notes():
        assert (note["name"], note.get("standing", "signed")) == ("黄国强", "signed")
    await change(world, "answers.temp", {"value": 22})
    for note in await notes():
        assert note["standing"] == "changed-after"


async def test_a_late_change_that_waits_says_whose_signature_it_would_change(
    world: World,
) -> None:
    await signed(world, Key())
    assert (await world.decide("accepted", reason="没有照片")).status_code == 200
    late = world.tablet.op(
        "inspection", world.inspection, base=2**33, set={"answers.temp": {"value": 22}}
    )
    assert await world.tablet.push(late) == ["review"]
    (row,) = (await world.office.get("/office/waiting")).json()["rows"]
    detail = (await world.office.get(f"/office/waiting/{row['op']}")).json()
    assert detail["signed"]["name"] == "黄国强"


async def test_the_latest_signature_stands_and_an_absence_never_hides_one(world: World) -> None:
    key = Key()
    await signed(world, key)
    world.house.clock.advance(timedelta(minutes=5))
    again = sign(world, key, [covered(world)], id_=UUID(int=0x52), name="陈主任")
    engineer = sign(world, key, [covered(world)], id_=UUID(int=0x53), role="engineer", name="梁")
    world.house.clock.advance(timedelta(minutes=5))
    absent = sign(
        world, key, [covered(world)], id_=UUID(int=0x54), name="", strokes="", absent_reason="走了"
    )
    await push(world, again, engineer, absent)
    visit = (await world.office.get(f"/office/visits/{VISIT}")).json()
    old = {one["id"]: one.get("superseded", False) for one in visit["signatures"]}
    assert list(old.values()) == [True, False, False, True]


async def test_a_signature_of_another_site_is_not_there(world: World) -> None:
    await signed(world, Key())
    path = f"/office/signatures/{SIGNATURE}"
    assert (await world.stranger.get(path)).status_code == 404
    assert (await world.office.get(f"/office/signatures/{VISIT}")).status_code == 404


async def test_the_report_prints_what_each_seal_proves_in_both_languages(world: World) -> None:
    await signed(world, Key())
    _, chinese = await made(world, VISIT, "visit")
    assert "已核验：签下的内容由签字所用设备的密钥加封" in text_of(chinese)
    _, english = await made(world, VISIT, "visit", "en")
    assert "Verified:whatwassignedissealedwithitsdevice" in text_of(english)
    await change(world, "answers.temp", {"value": 22})
    async with world.house.database.write() as tx:
        await tx.execute(update(TABLE).values({"strokes": "M100,100L200,151"}))
    _, chinese = await made(world, VISIT, "visit")
    text = text_of(chinese)
    assert "核验不符：与设备密钥所封的不一致" in text
    assert "签字后有改动" in text
    _, english = await made(world, VISIT, "visit", "en")
    assert "Failed:notwhatwassealedwiththedevice" in text_of(english)


async def test_a_record_that_is_written_without_end_takes_nothing_from_the_others(
    world: World,
) -> None:
    await signed(world, Key())
    for value in range(5):
        await change(world, "answers.hours", {"value": value})
    async with world.house.database.read() as tx:
        both = await load_received(tx, {world.inspection, SIGNATURE}, each=3)
        alone = await load_received(tx, {world.inspection})
    assert [len(both[one]) for one in (world.inspection, SIGNATURE)] == [3, 1]
    assert [one.n for one in both[world.inspection]] == [
        one.n for one in alone[world.inspection][:3]
    ]
