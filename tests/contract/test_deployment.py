"""The production files hold together: checked by reading them, for no engine runs in the tests."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import PREFIX, Settings, variable

ROOT = Path(__file__).parents[2]
SETTINGS = {variable(name) for name in Settings.model_fields}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
# What compose puts in from the person's .env: ${NAME}, ${NAME:?message} or ${NAME:-default}.
ASKED = re.compile(r"\$\{(?P<name>\w+)(?P<otherwise>:[-?][^}]*)?\}")
# What a person would put there, where not any word will do.
FILLED = {"BLOBS_URL": "s3://xunjian/photos", "BLOBS_ENDPOINT": "http://objects:7070"}


def compose() -> dict[str, Any]:
    """Read compose.yaml."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return content


SERVICES: dict[str, dict[str, Any]] = compose()["services"]


def environment(service: str) -> dict[str, str]:
    """Give what a service finds in its environment."""
    found: dict[str, str] = SERVICES[service].get("environment", {})
    return found


def test_every_setting_in_the_production_files_is_known() -> None:
    named = {name for service in SERVICES for name in environment(service)}
    named |= set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", DOCKERFILE))
    ours = {name for name in named if name.startswith(PREFIX)}
    assert variable("database_url") in ours
    assert ours <= SETTINGS


def test_the_servers_settings_are_accepted_by_the_server() -> None:
    filled = {
        name: ASKED.sub(lambda asked: FILLED.get(asked["name"], "example"), value)
        for name, value in environment("server").items()
    } | dict(re.findall(rf"\b({PREFIX}[A-Z_]+)=(\S+)", DOCKERFILE))
    given = {name.removeprefix(PREFIX).lower(): value for name, value in filled.items()}
    settings = Settings.model_validate(given)
    assert settings.origin == "https://example"
    assert settings.database_address == "postgresql+asyncpg://xunjian:example@postgres/xunjian"


def test_no_secret_has_a_default() -> None:
    for match in ASKED.finditer((ROOT / "compose.yaml").read_text()):
        if re.search(r"PASSWORD|KEY|SECRET", match["name"]):
            assert (match["otherwise"] or "").startswith(":?") or match["otherwise"] == ":-", match


def test_no_secret_is_written_in_the_files() -> None:
    for service in SERVICES:
        for name, value in environment(service).items():
            if re.search(r"PASSWORD|SECRET|ACCESS_KEY", name):
                assert ASKED.fullmatch(value), f"{service}: {name}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_pinned_and_its_volumes_are_declared(service: str) -> None:
    image = SERVICES[service]["image"]
    assert re.search(r":v?\d+\.?\d*", image), f"{image}: name a version"
    declared = compose()["volumes"]
    for volume in SERVICES[service].get("volumes", ()):
        source = volume.partition(":")[0]
        assert source in declared or (ROOT / source).exists(), volume


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_waits_for_can_become_true(service: str) -> None:
    for other, wait in SERVICES[service].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            built_here = SERVICES[other]["image"] == SERVICES["migrate"]["image"]
            assert "healthcheck" in SERVICES[other] or (built_here and "HEALTHCHECK" in DOCKERFILE)
        else:
            assert SERVICES[other]["restart"] == "no", f"{other} never completes"


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_proxy_speaks_to_the_server_where_it_listens() -> None:
    port = re.search(rf"{PREFIX}PORT=(\d+)", DOCKERFILE)
    assert port is not None
    assert f"reverse_proxy server:{port[1]}" in CADDYFILE
    assert f"EXPOSE {port[1]}" in DOCKERFILE
    assert CADDYFILE.count("{") == CADDYFILE.count("}")


def test_the_image_copies_only_what_is_there_and_runs_as_nobody_special() -> None:
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
    assert re.search(r"^USER (?!root)\w+$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes -r /run.txt" in DOCKERFILE


def test_the_image_holds_our_packages_compiled() -> None:
    copied = re.search(r"^COPY server server$", DOCKERFILE, re.MULTILINE)
    compiled = re.search(
        r"^RUN python -m compileall -q schemas sync server$", DOCKERFILE, re.MULTILINE
    )
    assert copied is not None
    assert compiled is not None
    assert copied.start() < compiled.start() < DOCKERFILE.index("PYTHONDONTWRITEBYTECODE=1")
