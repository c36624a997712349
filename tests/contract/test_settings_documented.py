"""Contract: docs/settings.md lists every setting, with its default, and no other."""

import re
from pathlib import Path

import pytest

from server.settings import ROOT, Settings, variable

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
ROWS = dict(re.findall(r"^\| `(XUNJIAN_\w+)` \| (.+?) \|", DOCS.read_text("utf-8"), re.MULTILINE))


def shown(default: object) -> str:
    """A default as the table has it; paths are told from the project's folder."""
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert set(ROWS) == {variable(name) for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_documented_default_is_the_real_one(name: str) -> None:
    default = Settings.model_fields[name].default
    if default in (None, ""):
        assert not ROWS[variable(name)].startswith("`")
    else:
        assert ROWS[variable(name)] == shown(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_in_the_program_what_it_is(name: str) -> None:
    assert (Settings.model_fields[name].description or "").endswith(".")


UNITS = ("_seconds", "_minutes", "_hours", "_days", "_mb", "_max", "port")


@pytest.mark.parametrize(
    "name", [k for k, field in Settings.model_fields.items() if isinstance(field.default, int)]
)
def test_a_number_has_its_unit_in_its_name(name: str) -> None:
    assert name.endswith(UNITS) or isinstance(Settings.model_fields[name].default, bool)
