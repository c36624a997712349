"""Two tablets speak with the whole application over its routes, by the reference client."""

import gzip
import json
from uuid import UUID

import httpx
import pytest
import zstandard

from schemas.base import PUSH_BYTES_MAX
from server.app import create_app
from server.marker import Marker
from server.rewind import begin
from server.store import pull as store
from sync.ids import inspection_id
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, add_round, enrol, two


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


async def test_what_became_of_ops_is_counted_by_outcome(house: House, site: UUID) -> None:
    settings = house.settings.model_copy(update={"metrics_enabled": True})
    house.app = create_app(settings, house.database, house.clock)
    liang, _ = await two(house, site)
    await liang.pull()
    liang.inspect(ASSETS[0])
    liang.inspect(ASSETS[1])
    liang.inspect(ASSETS[2], review={"decision": "accepted"})
    assert await liang.push() == ["applied", "applied", "rejected"]
    numbers = (await liang.http.get("/metrics")).text
    assert 'xunjian_ops_total{outcome="applied"} 2.0' in numbers
    assert 'xunjian_ops_total{outcome="rejected"} 1.0' in numbers


async def test_what_one_pushes_the_other_pulls(house: House, site: UUID) -> None:
    one, two_ = await two(house, site)
    await one.pull()
    one.inspect(ASSETS[0], **{"answers.fan": {"value": "pass"}, "note": "风扇有异响"})
    assert await one.push() == ["applied"]
    await one.pull()
    await two_.pull()
    record = inspection_id(ASSIGNMENT, ASSETS[0])
    assert two_.client.base[record].data["note"] == "风扇有异响"
    assert one.client.base == two_.client.base
    assert one.client.mismatches == two_.client.mismatches == 0
    assert all(sent.settled for sent in one.client.outbox)


@pytest.mark.parametrize("limit", [1, 7, 1_000])
async def test_a_first_sync_by_pages_is_whole_whatever_their_size(
    house: House, site: UUID, limit: int
) -> None:
    one, two_ = await two(house, site)
    pages = await one.pull(limit=limit)
    assert pages >= 32 // limit
    assert {row.kind for row in one.client.base.values()} >= {"asset", "assignment", "site"}
    assert set(ASSETS) <= one.client.base.keys()
    assert one.client.mismatches == 0
    await two_.pull()
    assert two_.client.base == one.client.base


async def test_a_page_is_no_longer_than_its_bound_in_bytes(
    house: House, site: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FEW_ROWS", 1)
    monkeypatch.setattr(store, "PAGE_BYTES_MAX", 2_000)
    one, two_ = await two(house, site)
    lengths: list[int] = []

    async def measure(answer: httpx.Response) -> None:
        body = await answer.aread()
        rows = [row for row in body.splitlines() if b'"t":"record"' in row]
        if len(rows) > 1:
            lengths.append(sum(map(len, rows)))

    one.http.event_hooks["response"].append(measure)
    pages = await one.pull()
    assert pages > 4
    assert 1_000 < max(lengths) <= 2_000
    monkeypatch.undo()
    await two_.pull()
    assert two_.client.base == one.client.base
    assert one.client.mismatches == 0


async def test_writes_between_pages_are_not_skipped(house: House, site: UUID) -> None:
    one, two_ = await two(house, site)
    request = one.client.pull_request(limit=5)
    answer = await one.http.post("/sync/v1/pull", content=request)
    one.client.pull_answered(request, answer.content)
    await two_.pull()
    for asset in ASSETS[:3]:
        two_.inspect(asset, note="同时")
    await two_.push()
    await one.pull(limit=5)
    await two_.pull()
    assert one.client.base == two_.client.base
    assert one.client.mismatches == 0


async def test_nothing_of_a_site_that_is_not_held_is_sent(house: House, site: UUID) -> None:
    elsewhere = await house.add_site()
    stranger = await enrol(house, await house.add_person("he", ("engineer", elsewhere)))
    await stranger.pull()
    assert not set(ASSETS) & stranger.client.base.keys()
    assert str(site) not in json.dumps([str(row.data) for row in stranger.client.base.values()])
    stranger.inspect(ASSETS[0], note="x")
    assert await stranger.push() == ["review"]


async def test_a_rejected_op_is_told_and_the_rest_goes_on(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    await one.pull()
    one.inspect(ASSETS[0], note="x")
    one.inspect(ASSETS[1], note="y", review={"decision": "accepted"})
    one.inspect(ASSETS[2], note="z")
    assert await one.push() == ["applied", "rejected", "applied"]
    await one.pull()
    told = [row for row in one.client.base.values() if row.kind == "disposition"]
    assert [row.data["outcome"] for row in told] == ["rejected"]
    assert "review" in json.dumps(told[0].data["problem"])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_packed_pushes_are_taken(house: House, site: UUID, coding: str) -> None:
    one, _ = await two(house, site)
    one.inspect(ASSETS[0], note="x" * 5_000)
    body = one.client.push_request() or b""
    packed = gzip.compress(body) if coding == "gzip" else zstandard.compress(body)
    headers = {"content-encoding": coding}
    answer = await one.http.post("/sync/v1/push", content=packed, headers=headers)
    assert [o["outcome"] for o in answer.json()["outcomes"]] == ["applied"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "slug"),
    [
        (b"", {}, 400, "push-header-unreadable"),
        (b'{"epoch":1}', {}, 400, "push-header-unreadable"),
        (b"\xff\n", {}, 400, "push-header-unreadable"),
        (b"xx", {"content-encoding": "gzip"}, 415, "unsupported-encoding"),
        (b"xx", {"content-encoding": "br"}, 415, "unsupported-encoding"),
        (b"x" * (PUSH_BYTES_MAX + 1), {}, 413, "body-too-large"),
        (gzip.compress(bytes(64 * 2**20)), {"content-encoding": "gzip"}, 413, "body-too-large"),
        (b'{"epoch":1,"first_n":1,"last_acked":"forged"}', {}, 400, "token-refused"),
        (b'{"epoch":1,"first_n":1}' + b"\n{}" * 1_001, {}, 413, "too-many-ops"),
    ],
)
async def test_what_concerns_a_whole_push_is_a_problem(
    house: House, site: UUID, content: bytes, headers: dict[str, str], status: int, slug: str
) -> None:
    one, _ = await two(house, site)
    answer = await one.http.post("/sync/v1/push", content=content, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_position_of_another_device_is_refused(house: House, site: UUID) -> None:
    one, two_ = await two(house, site)
    await one.pull()
    stolen = {"epoch": 1, "token": one.client.token}
    answer = await two_.http.post("/sync/v1/pull", json=stolen)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/token-refused")
    token = one.client.token or ""
    forged = {"epoch": 1, "token": token[:30] + ("A" if token[30] != "A" else "B") + token[31:]}
    answer = await one.http.post("/sync/v1/pull", json=forged)
    assert answer.json()["type"] == "/problems/token-refused"


async def test_another_epoch_is_told_and_nothing_is_processed(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    await begin(house.database, Marker(house.settings.data_dir), 9)
    one.inspect(ASSETS[0], note="x")
    body = one.client.push_request()
    answer = await one.http.post("/sync/v1/push", content=body)
    assert answer.json().keys() == {"epoch", "last_acked"}
    one.client.push_answered(body or b"", answer.content)
    assert one.client.epoch == 9
    assert await one.push() == ["applied"]


async def test_a_clone_is_told_to_enrol_again(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    one.inspect(ASSETS[0], note="x")
    await one.push()
    one.client.outbox.clear()
    one.client.next_n = 1
    one.inspect(ASSETS[1], note="copied")
    answer = await one.http.post("/sync/v1/push", content=one.client.push_request())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/cloned-device")


async def test_an_unknown_version_names_the_spoken_ones(house: House) -> None:
    async with house.client() as http:
        answer = await http.post("/sync/v7/push", content=b"")
    assert answer.json()["type"] == "/problems/unsupported-protocol"
    assert answer.json()["supported"] == [1]


async def test_a_page_is_packed_as_the_client_takes_it(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    plain = await one.http.post(
        "/sync/v1/pull",
        content=one.client.pull_request(),
        headers={"accept-encoding": "identity"},
    )
    packed = await one.http.post(
        "/sync/v1/pull", content=one.client.pull_request(), headers={"accept-encoding": "gzip"}
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content.split(b"\n")[1:-2] == plain.content.split(b"\n")[1:-2]
