"""A device's life: what it reports, how it ends, and who may take its lineage up again."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import event

from schemas.pull import PullRequest
from server.app import create_app
from server.auth.devices import is_older
from server.keys import proves
from server.marker import Marker
from server.rewind import begin
from server.store import installation
from server.store.seed import Seed, seed
from tests.integration.conftest import House
from tests.integration.tablets import Tablet, enrol

HOLDS = {"unsent": 3, "unsent_since": "2026-11-19T08:00:00Z", "photos_left": 2}
NOTHING = {"unsent": 0, "photos_left": 0}


async def pull(tablet: Tablet, **more: object) -> httpx.Response:
    return await tablet.http.post("/sync/v1/pull", json={"epoch": 1, **more})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def shown(house: House) -> dict[str, object]:
    """The one device as the office lists it."""
    async with house.signed_in("boss") as office:
        (one,) = (await office.get("/office/devices")).json()["rows"]
    return dict(one)


async def end(house: House, tablet: Tablet, state: str) -> None:
    async with house.signed_in("boss") as office:
        path = f"/office/devices/{tablet.device}/end"
        assert (await office.post(path, json={"state": state})).status_code == 204


@pytest.fixture
async def tablet(house: House) -> Tablet:
    await house.add_person("boss", ("administrator", None))
    site, asset = await house.add_site(), UUID(int=0xA5)
    async with house.database.write() as tx:
        made = Seed("asset", asset, f"site:{site}", {"site": str(site), "name": "UPS"})
        await seed(tx, [made], epoch=1, lineage=UUID(int=2))
    return await enrol(house, await house.add_person("liang", ("engineer", site)))


def note(tablet: Tablet, text: str) -> None:
    tablet.client.edit(
        "asset",
        UUID(int=0xA5),
        id_=tablet.house.clock.new_id(),
        session=tablet.device,
        at=tablet.house.clock.now(),
        set_={"note": text},
    )


# --- What it reports ---


async def test_the_office_sees_what_a_device_holds_since_when_and_its_app(
    house: House, tablet: Tablet
) -> None:
    house.clock.advance(timedelta(hours=2))
    answer = await pull(tablet, report=HOLDS | {"app_version": "0.3.1"})
    assert answer.status_code == 200
    seen = await shown(house)
    assert {name: seen[name] for name in HOLDS} == HOLDS
    assert (seen["app_version"], seen["seen_at"]) == ("0.3.1", "2026-11-20T03:00:00Z")
    await pull(tablet, report=NOTHING)
    seen = await shown(house)
    assert not {"unsent", "unsent_since", "photos_left"} & seen.keys()
    assert seen["app_version"] == "0.3.1"


async def test_a_device_that_reports_nothing_is_served_and_keeps_what_it_said(
    house: House, tablet: Tablet
) -> None:
    await pull(tablet, report=HOLDS)
    assert (await pull(tablet)).status_code == 200
    assert (await shown(house))["unsent"] == 3


async def test_a_report_that_is_no_news_writes_nothing(house: House, tablet: Tablet) -> None:
    await pull(tablet, report=HOLDS)
    written: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE")):
            written.append(statement)

    engine = house.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        for _ in range(3):
            assert (await pull(tablet, report=HOLDS)).status_code == 200
        assert written == []
        await pull(tablet, report=HOLDS | {"unsent": 4})
        assert len(written) == 1
    finally:
        event.remove(engine, "before_cursor_execute", listen)


async def test_a_clock_that_is_ahead_says_now_and_one_out_of_time_nothing(
    house: House, tablet: Tablet
) -> None:
    await pull(tablet, report=HOLDS | {"unsent_since": "2031-01-01T00:00:00Z"})
    assert (await shown(house))["unsent_since"] == "2026-11-20T01:00:00Z"
    answer = await pull(tablet, report=HOLDS | {"unsent_since": "0001-01-01T00:00:00+14:00"})
    assert answer.status_code == 200
    assert "unsent_since" not in await shown(house)


@pytest.mark.parametrize(
    "report",
    [
        {"unsent": 1},
        {"photos_left": 1},
        HOLDS | {"unsent": -1},
        HOLDS | {"unsent": 2**53},
        HOLDS | {"unsent": "3"},
        HOLDS | {"app_version": "x" * 201},
        HOLDS | {"app_version": "1\x00"},
        HOLDS | {"unsent_since": "yesterday"},
        [],
    ],
)
async def test_a_report_that_is_none_is_refused_and_changes_nothing(
    house: House, tablet: Tablet, report: object
) -> None:
    before = await shown(house)
    answer = await pull(tablet, report=report)
    assert (answer.status_code, slug(answer)) == (400, "invalid-request")
    assert before.keys() >= (await shown(house)).keys() - {"seen_at"}


async def test_a_report_under_another_epoch_is_of_another_history(
    house: House, tablet: Tablet
) -> None:
    await begin(house.database, Marker(house.settings.data_dir), 7)
    answer = await pull(tablet, epoch=1, report=HOLDS)
    assert msgspec.json.decode(answer.content.splitlines()[0])["epoch"] == 7
    assert "unsent" not in await shown(house)


# --- The smallest app version ---


@pytest.mark.parametrize(
    ("version", "status"),
    [("1.9.9", 426), ("1.10.0", 200), ("2.0.0", 200), ("", 200), ("nightly", 200)],
)
async def test_an_app_that_is_too_old_receives_nothing_and_may_send(
    house: House, tablet: Tablet, version: str, status: int
) -> None:
    await tablet.pull()
    settings = house.settings.model_copy(update={"app_version_min": "1.10.0"})
    house.app = create_app(settings, house.database, house.clock)
    tablet.http = house.client(authorization=tablet.http.headers["authorization"])
    answer = await pull(tablet, report=HOLDS | {"app_version": version})
    assert answer.status_code == status
    if status == 426:
        assert slug(answer) == "app-too-old"
        assert "1.10.0" in answer.json()["detail"]
        assert slug(await pull(tablet)) == "app-too-old"  # As it said before.
        assert (await shown(house))["unsent"] == 3
    note(tablet, "送得出去")
    assert await tablet.push() == ["applied"]


def test_versions_are_compared_as_numbers() -> None:
    assert is_older("0.9.0", "0.10.0")
    assert not is_older("0.10.0", "0.9.0")
    assert not is_older("1.0.0", "1.0.0")
    assert is_older("1.0.0-dev", "1.0.1")
    assert not is_older("", "1.0.1")


# --- The end ---


async def test_a_draining_device_sends_reports_and_is_dead_once_it_holds_nothing(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    note(tablet, "最后一条")
    await end(house, tablet, "draining")
    answer = await pull(tablet, report=HOLDS)
    assert (answer.status_code, slug(answer)) == (403, "device-draining")
    seen = await shown(house)
    assert (seen["state"], seen["unsent"], seen["photos_left"]) == ("draining", 3, 2)
    assert await tablet.push() == ["review"]
    photos = await pull(tablet, report={"unsent": 0, "photos_left": 1})
    assert slug(photos) == "device-draining"
    done = await pull(tablet, report=NOTHING)
    assert (done.status_code, slug(done)) == (401, "device-ended")
    assert (await shown(house))["state"] == "dead"
    assert slug(await pull(tablet, report=NOTHING)) == "device-ended"


async def test_an_active_device_that_holds_nothing_lives_on(house: House, tablet: Tablet) -> None:
    assert (await pull(tablet, report=NOTHING)).status_code == 200
    assert (await shown(house))["state"] == "active"


async def test_a_draining_device_is_told_of_a_new_epoch_before_it_may_be_done(
    house: House, tablet: Tablet
) -> None:
    """After a restore it offers again what was lost; only then it holds nothing."""
    await end(house, tablet, "draining")
    await begin(house.database, Marker(house.settings.data_dir), 9)
    answer = await pull(tablet, epoch=1, report=NOTHING)
    lines = answer.content.splitlines()
    assert answer.status_code == 200
    assert len(lines) == 1
    start = msgspec.json.decode(lines[0])
    assert (start["epoch"], start["scopes"]) == (9, [])
    assert (await shown(house))["state"] == "draining"


async def test_a_draining_device_needs_a_seal_to_raise_the_epoch(
    house: House, tablet: Tablet
) -> None:
    """It may have been stolen, and each new epoch makes every tablet pull from zero."""
    await end(house, tablet, "draining")
    await pull(tablet, epoch=3)
    async with house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    assert made.epoch == 1


async def test_a_draining_device_without_a_report_stays_so(house: House, tablet: Tablet) -> None:
    await end(house, tablet, "draining")
    assert slug(await pull(tablet)) == "device-draining"
    assert (await shown(house))["state"] == "draining"


# --- Enrolling again ---


class Key:
    """A device's key, as WebCrypto makes and uses it."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        key = self.private.public_key()
        return plain(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(SHA256())))
        return plain(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def plain(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


LINEAGE = UUID(int=0x77)


async def join(house: House, ticket: str, **more: object) -> dict[str, object]:
    async with house.client() as client:
        body = {"ticket": ticket, "lineage": str(LINEAGE), "name": "平板 03", **more}
        answer = await client.post("/enrol", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_lineage_is_taken_up_by_who_signs_the_ticket_with_its_key(house: House) -> None:
    anna, key = await house.add_person("anna"), Key()
    first = await join(house, await house.add_ticket(anna), public_key=key.public)
    assert (first["lineage"], first["next_n"]) == (str(LINEAGE), 1)
    ticket = await house.add_ticket(anna)
    again = await join(house, ticket, public_key=key.public, proof=key.sign(ticket))
    assert again["lineage"] == str(LINEAGE)
    assert again["device"] != first["device"]
    # The key that was registered first decides, whatever came with a later enrolment.
    other, ticket = Key(), await house.add_ticket(anna)
    third = await join(house, ticket, public_key=other.public, proof=key.sign(ticket))
    assert third["lineage"] == str(LINEAGE)
    ticket = await house.add_ticket(anna)
    fourth = await join(house, ticket, public_key=other.public, proof=other.sign(ticket))
    assert fourth["lineage"] != str(LINEAGE)


@pytest.mark.parametrize("how", ["none", "of another key", "of another ticket", "odd", "empty"])
async def test_without_proof_a_device_begins_a_new_lineage_and_keeps_its_ops(
    house: House, how: str
) -> None:
    site, asset = await house.add_site(), UUID(int=0xA5)
    async with house.database.write() as tx:
        made = Seed("asset", asset, f"site:{site}", {"site": str(site), "name": "UPS"})
        await seed(tx, [made], epoch=1, lineage=UUID(int=2))
    anna, key = await house.add_person("anna", ("engineer", site)), Key()
    await join(house, await house.add_ticket(anna), public_key=key.public)
    ticket = await house.add_ticket(anna)
    proofs = {
        "of another key": Key().sign(ticket),
        "of another ticket": key.sign("x" * 43),
        "odd": "né!",
        "empty": "",
    }
    body = {"public_key": key.public}
    if how in proofs:
        body["proof"] = proofs[how]
    joined = await join(house, ticket, **body)
    assert joined["lineage"] != str(LINEAGE)
    assert joined["next_n"] == 1
    # Numbers go on from where the outbox is: the gap is void, and the op is taken.
    op = {
        "n": 42,
        "id": str(UUID(int=0x42)),
        "by": str(anna),
        "kind": "asset",
        "record": str(asset),
        "base": 0,
        "made": {"wall": "2026-11-20T01:00:00Z", "session": str(UUID(int=3))},
        "set": {"note": "还在"},
    }
    push = b"\n".join(map(msgspec.json.encode, [{"epoch": 1, "first_n": 42}, op])) + b"\n"
    async with house.client(authorization=f"Bearer {joined['credential']}") as client:
        answer = (await client.post("/sync/v1/push", content=push)).json()
    assert [one["n"] for one in answer["outcomes"]] == [42]
    assert answer["void"] == [{"from_n": 1, "to_n": 41}]


async def test_a_lineage_without_a_key_is_taken_up_by_its_person_as_before(house: House) -> None:
    anna = await house.add_person("anna")
    await join(house, await house.add_ticket(anna))
    assert (await join(house, await house.add_ticket(anna)))["lineage"] == str(LINEAGE)


async def test_a_dead_device_enrols_again_and_goes_on_under_its_lineage(
    house: House, tablet: Tablet
) -> None:
    await tablet.pull()
    note(tablet, "一")
    assert await tablet.push() == ["applied"]
    await end(house, tablet, "dead")
    note(tablet, "二")
    refused = await tablet.http.post("/sync/v1/push", content=tablet.client.push_request() or b"")
    assert slug(refused) == "device-ended"
    ticket = await house.add_ticket(tablet.client.person)
    joined = await join(house, ticket, lineage=str(tablet.client.lineage))
    assert (joined["lineage"], joined["next_n"]) == (str(tablet.client.lineage), 2)
    tablet.http = house.client(authorization=f"Bearer {joined['credential']}")
    assert await tablet.push() == ["applied"]


def test_what_is_no_key_or_no_signature_proves_nothing() -> None:
    key, other_curve = Key(), ec.generate_private_key(ec.SECP384R1()).public_key()
    good = key.sign("ticket")
    assert proves(key.public, good, b"ticket")
    assert not proves(key.public, None, b"ticket")
    assert not proves(key.public, good + "AA", b"ticket")
    assert not proves(key.public, plain(bytes(64)), b"ticket")
    assert not proves("bm8ga2V5", good, b"ticket")
    assert not proves("né", good, b"ticket")
    long = plain(other_curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert not proves(long, good, b"ticket")


def test_an_old_client_s_pull_is_one_without_a_report() -> None:
    assert msgspec.json.decode(b'{"epoch":1}', type=PullRequest).report is None
