"""Health, readiness, discovery, the app's files, and how everything that goes wrong is told."""

import logging
import tomllib
from pathlib import Path

import httpx
import pytest
import structlog
from litestar import get
from sqlalchemy import text

from server.app import VERSION, create_app
from server.clock import SystemClock
from server.database import Database
from server.settings import ROOT, Settings
from tests.integration.conftest import House

HTML = {"accept": "text/html,application/xhtml+xml"}


def is_problem(answer: httpx.Response, status: int, slug: str) -> bool:
    body = answer.json()
    return (
        answer.status_code == status == body["status"]
        and answer.headers["content-type"] == "application/problem+json"
        and body["type"] == f"/problems/{slug}"
        and bool(body["title"])
    )


async def test_a_process_is_healthy_and_ready_when_everything_is_there(house: House) -> None:
    async with house.client() as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        assert (await client.get("/ready")).json() == {"status": "ready"}


async def test_a_missing_schema_is_named_and_the_process_stays_healthy(house: House) -> None:
    async with house.database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    async with house.client() as client:
        answer = await client.get("/ready")
        assert is_problem(answer, 503, "not-ready")
        assert answer.json()["errors"][0]["field"] == "database"
        assert "9999" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "5"
        assert (await client.get("/health")).status_code == 200


async def test_an_unreachable_database_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://user:secret@127.0.0.1:1/nothing"
    settings = Settings(data_dir=tmp_path, database_url=url, app_dir=tmp_path)
    database = Database(url)
    app = create_app(settings, database, SystemClock())
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/ready")
    await database.close()
    assert is_problem(answer, 503, "not-ready")
    assert [one["field"] for one in answer.json()["errors"]] == ["database", "app"]
    assert "secret" not in answer.text


async def test_discovery_tells_versions_epoch_and_time(house: House) -> None:
    async with house.client() as client:
        answer = (await client.get("/sync")).json()
    assert answer == {
        "name": "巡检 Xunjian",
        "protocols": [1],
        "epoch": 1,
        "server_time": "2026-11-20T01:00:00Z",
        "app_version_min": "0.1.0",
    }


async def test_everything_that_is_refused_is_a_problem_document(house: House) -> None:
    async with house.client() as client:
        assert is_problem(await client.get("/nowhere"), 404, "not-found")
        assert is_problem(await client.get("/problems/nothing"), 404, "not-found")
        wrong = await client.delete("/health")
        assert is_problem(wrong, 405, "method-not-allowed")
        assert wrong.headers["allow"] == "GET, OPTIONS"
        large = await client.post("/enrol", content=b" " * (1024 * 1024 + 1))
        assert is_problem(large, 413, "body-too-large")
        assert is_problem(await client.get("/office/me"), 401, "not-signed-in")
        assert is_problem(await client.post("/sync/v1/pull"), 401, "credential-refused")
        assert is_problem(await client.get("/metrics"), 404, "not-found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"login": "a"}', "password"),
        (b'{"login": 1, "password": "x"}', "login"),
        (b'{"login": "a", "password": null}', "password"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"\xff", "body"),
    ],
)
async def test_a_wrong_member_is_named_by_its_path(house: House, body: bytes, field: str) -> None:
    async with house.client() as client:
        answer = await client.post("/office/login", content=body)
    assert is_problem(answer, 400, "invalid-request")
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_a_protocol_that_is_not_spoken_is_answered_with_those_that_are(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/sync/v9/push", content=b"")
        assert is_problem(answer, 404, "unsupported-protocol")
        assert answer.json()["supported"] == [1]
        assert is_problem(await client.post("/sync/v1/nothing"), 404, "not-found")


async def test_the_type_of_a_problem_leads_to_its_explanation(house: House) -> None:
    async with house.client() as client:
        kind = (await client.get("/nowhere")).json()["type"]
        page = await client.get(kind)
        listing = await client.get("/problems")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address" in page.text
    assert kind in listing.text


async def test_a_defect_is_logged_whole_and_answered_bare(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/defect")
    async def defect() -> None:
        raise RuntimeError("the secret of the house")

    house.app = create_app(house.settings, house.database, house.clock)
    house.app.register(defect)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    try:
        with caplog.at_level(logging.ERROR):
            async with house.client() as client:
                answer = await client.get("/defect")
    finally:
        structlog.reset_defaults()
    assert is_problem(answer, 500, "unexpected")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "the secret of the house" in caplog.text


async def test_every_answer_carries_the_policy_of_the_app(house: House) -> None:
    async with house.client() as client:
        for path in ("/", "/health", "/nowhere", "/office/me", "/assets/main-AbCd1234.js"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe-inline" not in policy
            assert "'unsafe-eval'" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-request-id"]
            assert "strict-transport-security" not in headers


async def test_what_is_personal_is_kept_by_nobody_on_the_way(house: House) -> None:
    async with house.client() as client:
        for path in ("/office/me", "/sync", "/nowhere"):
            assert (await client.get(path)).headers["cache-control"] == "no-store"


async def test_the_app_is_served_at_all_its_pages(house: House) -> None:
    async with house.client() as client:
        for path in ("/", "/enrol", "/field", "/field/round/1", "/office", "/office/people"):
            answer = await client.get(path, headers=HTML)
            assert (answer.status_code, "the app" in answer.text) == (200, True), path
            assert answer.headers["cache-control"] == "no-cache"
            assert "accept" in answer.headers["vary"]


async def test_the_front_of_the_office_is_the_app_whatever_is_accepted(house: House) -> None:
    async with house.client(accept="*/*") as client:
        for path in ("/office", "/office/"):
            answer = await client.get(path)
            assert (answer.status_code, "the app" in answer.text) == (200, True), path


async def test_an_office_address_is_the_resource_for_a_program(house: House) -> None:
    async with house.client() as client:
        assert is_problem(await client.get("/office/people"), 401, "not-signed-in")


async def test_hashed_files_are_kept_for_ever_and_the_worker_is_asked_for(house: House) -> None:
    async with house.client() as client:
        script = await client.get("/assets/main-AbCd1234.js")
        worker = await client.get("/sw.js")
        assert "immutable" in script.headers["cache-control"]
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["content-encoding"] == "gzip"
        assert script.text == "export const a = 1;\n" * 200
        assert worker.headers["cache-control"] == "no-cache"
        again = await client.get("/sw.js", headers={"if-none-match": worker.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for refused in ("identity", "gzip;q=0"):
            headers = {"accept-encoding": refused}
            bare = await client.get("/assets/main-AbCd1234.js", headers=headers)
            assert "content-encoding" not in bare.headers
            assert bare.text == script.text


async def test_nothing_outside_the_app_is_served(house: House) -> None:
    (house.settings.data_dir / "private.txt").write_text("private")
    async with house.client() as client:
        for path in ("/../private.txt", "/%2e%2e/private.txt", "/assets/../../private.txt"):
            assert "private" not in (await client.get(path)).text.replace("private.txt", "")


async def test_without_a_build_the_page_says_what_to_run(house: House) -> None:
    settings = house.settings.model_copy(update={"app_dir": house.settings.data_dir / "none"})
    house.app = create_app(settings, house.database, house.clock)
    async with house.client() as client:
        page = await client.get("/")
        assert page.status_code == 503
        assert "./dev app" in page.text
        style = await client.get("/page.css")
        assert style.headers["content-type"].startswith("text/css")


async def test_the_interface_is_shown_without_any_script(house: House) -> None:
    async with house.client() as client:
        page = await client.get("/docs")
        schema = await client.get("/docs/openapi.json")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "/sync/v1/push" in page.text
    assert "/enrol" in schema.json()["paths"]


def test_the_program_says_the_version_that_it_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


async def test_numbers_are_given_only_where_the_settings_say_so(house: House) -> None:
    settings = house.settings.model_copy(update={"metrics_enabled": True})
    house.app = create_app(settings, house.database, house.clock)
    async with house.client() as client:
        await client.get("/health")
        await client.get("/nowhere/with/a/secret")
        await client.request("BREW", "/health")
        numbers = (await client.get("/metrics")).text
    assert 'xunjian_requests_total{method="GET",route="/health",status="200"} 1.0' in numbers
    assert 'method="other"' in numbers
    assert "secret" not in numbers
    assert "BREW" not in numbers


async def test_by_https_cookies_and_transport_are_bound_to_it(house: House) -> None:
    settings = house.settings.model_copy(update={"public_url": "https://x.example"})
    house.app = create_app(settings, house.database, house.clock)
    await house.add_person("anna")
    async with house.client() as client:
        assert "max-age" in (await client.get("/")).headers["strict-transport-security"]
        body = {"login": "anna", "password": "correct horse battery"}
        cookie = (await client.post("/office/login", json=body)).headers["set-cookie"]
    assert cookie.startswith("__Host-xunjian=")
    assert "Secure" in cookie
