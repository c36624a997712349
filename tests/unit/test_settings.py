"""Settings: what is wrong is named, in one line, before anything starts."""

import os
from pathlib import Path

import pytest

from server.errors import UnableError
from server.settings import ROOT, Settings, load_settings, terminal_language, variable


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("XUNJIAN_"):
            monkeypatch.delenv(name)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(variable(name), value)
    with pytest.raises(UnableError) as caught:
        load_settings()
    told = str(caught.value)
    assert "\n" not in told
    return told


def test_an_unknown_setting_is_named_with_the_nearest_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = refusal(monkeypatch, databse_url="x")
    assert "XUNJIAN_DATABSE_URL" in told
    assert told.endswith("XUNJIAN_DATABASE_URL")


def test_an_unknown_setting_that_is_like_no_other_is_told_where_the_list_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = refusal(monkeypatch, foo="1")
    assert told == "unknown setting XUNJIAN_FOO; docs/settings.md lists all"
    assert (ROOT / "docs" / "settings.md").is_file()


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh-CN"),
        ({}, "en"),
    ],
)
def test_the_terminals_language_is_that_of_its_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal_language() == language


def test_a_value_of_the_command_line_is_refused_by_its_option() -> None:
    with pytest.raises(UnableError, match=r"^--port: "):
        load_settings(port="abc")
    assert load_settings(port=1).asked_by("port") == "--port"
    assert load_settings().asked_by("port") == "XUNJIAN_PORT"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "65536"),
        ("session_hours", "0"),
        ("rounds_days", "-1"),
        ("rounds_days", "367"),
        ("log_level", "loud"),
        ("database_url", "mysql://host/base"),
        ("database_url", "postgresql://host/base"),
        ("database_url", "nonsense"),
        ("public_url", "example.org"),
        ("public_url", "https://example.org/path"),
        ("public_url", "https://user@example.org"),
        ("trusted_proxy", "10.0.0.0/8, somewhere"),
        ("app_version_min", "1.0"),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert refusal(monkeypatch, **{name: value}).startswith(f"{variable(name)}: ")


def test_a_refused_database_address_does_not_show_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = refusal(monkeypatch, database_url="mysql://user:secret@host/base")
    assert "secret" not in told


@pytest.mark.parametrize("given", ["tls_certfile", "tls_keyfile"])
def test_https_needs_both_files(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    missing = {"tls_certfile", "tls_keyfile"} - {given}
    assert refusal(monkeypatch, **{given: "file.pem"}).startswith(variable(missing.pop()))


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNJIAN_PORT", "1234")
    assert load_settings(port=4321).port == 4321
    assert load_settings(port=None).port == 1234


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNJIAN_PUBLIC_URL", "")
    assert load_settings().public_url is None


def test_without_a_database_address_it_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.database_address == f"sqlite+aiosqlite:///{tmp_path}/xunjian.db"


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        (Settings(port=8123), "http://127.0.0.1:8123"),
        (Settings(host="::1", port=1), "http://[::1]:1"),
        (Settings(public_url="https://x.example/"), "https://x.example"),
        (Settings(tls_certfile=Path("c"), tls_keyfile=Path("k")), "https://127.0.0.1:8000"),
    ],
)
def test_the_origin_is_where_tablets_reach_the_server(settings: Settings, origin: str) -> None:
    assert settings.origin == origin
    assert settings.is_secure == origin.startswith("https:")


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1
