"""Contract: the wire is the one that was accepted, and its TypeScript says the same."""

from pathlib import Path

import pytest

from schemas import export
from schemas.kinds import KINDS
from schemas.wiretypes import wire_schema


def test_the_generated_typescript_is_what_the_schemas_say() -> None:
    stale = export.stale_files()
    assert not stale, f"{', '.join(stale)} in static/pwa/src/wire: run `./dev wire`"


def test_what_somebody_else_wrote_into_the_wire_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "WIRE", tmp_path)
    (tmp_path / "mine.ts").write_text("export const MINE = 1;\n", "utf-8")
    assert "mine.ts" in export.stale_files()
    assert export.main([]) == 0
    assert export.stale_files() == []
    assert not (tmp_path / "mine.ts").exists()


def test_the_wire_is_the_one_that_was_accepted() -> None:
    changed = export.changed_types()
    assert not changed, f"the wire changed: {', '.join(changed)}.\n{export.WHAT_TO_DO}"


def test_every_kind_of_record_is_on_the_wire() -> None:
    components, _ = wire_schema()
    assert {kind.struct.__name__ for kind in KINDS.values()} <= components.keys()


def test_a_lost_digest_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "DIGEST", tmp_path / "wire.digest")
    assert "protocol" in export.changed_types()


def test_a_changed_bound_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    components, aliases = wire_schema()
    answer = {**components["Answer"], "required": ["value"]}
    monkeypatch.setattr(export, "wire_schema", lambda: ({**components, "Answer": answer}, aliases))
    assert export.changed_types() == ["Answer"]


def test_words_of_explanation_are_not_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    components, aliases = wire_schema()
    answer = {**components["Answer"], "description": "Said otherwise."}
    monkeypatch.setattr(export, "wire_schema", lambda: ({**components, "Answer": answer}, aliases))
    assert export.changed_types() == []


def test_a_stale_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "WIRE", tmp_path)
    assert export.stale_files() == list(export.typescript_files())


def test_an_unknown_argument_is_answered_with_the_usage() -> None:
    assert export.main(["--chek"]) == 2
