"""Tags against examples. Rule: all of tests/vectors/tags runs here and in the app."""

import json
from pathlib import Path

import pytest

from schemas.base import TAG_TEXT_LENGTH_MAX
from sync import tags

_VECTORS = Path(__file__).parents[1] / "vectors" / "tags"


def _vectors(name: str) -> list[dict[str, str]]:
    vectors: list[dict[str, str]] = json.loads((_VECTORS / name).read_text(encoding="utf-8"))
    return vectors


@pytest.mark.parametrize("vector", _vectors("make.json"), ids=lambda vector: vector["code"])
def test_the_same_chance_makes_the_same_code_in_both_languages(vector: dict[str, str]) -> None:
    code = tags.make(int(vector["entropy"]))
    assert code == vector["code"]
    assert tags.display(code) == vector["shown"]
    assert tags.is_code(code)
    assert not tags.is_code(vector["shown"])


@pytest.mark.parametrize("vector", _vectors("parse.json"), ids=lambda vector: vector["why"])
def test_the_same_text_is_read_the_same_way_in_both_languages(vector: dict[str, str]) -> None:
    reading = tags.parse(vector["text"] * int(vector.get("times", 1)))
    if vector["kind"] == "tag":
        assert reading == tags.Tag(vector["code"])
    else:
        assert reading == tags.NotRead(vector["kind"])


@pytest.mark.parametrize("vector", _vectors("address.json"), ids=lambda vector: vector["base_url"])
def test_an_address_is_written_the_same_way_in_both_languages(vector: dict[str, str]) -> None:
    assert tags.address(vector["base_url"], vector["code"]) == vector["address"]


def test_the_vectors_show_every_outcome() -> None:
    assert {vector["kind"] for vector in _vectors("parse.json")} == {"tag", *tags.NotRead}


@pytest.mark.parametrize("entropy", [-1, 1 << tags.ENTROPY_BITS])
def test_chance_that_does_not_fit_is_refused(entropy: int) -> None:
    with pytest.raises(ValueError, match="40 bits"):
        tags.make(entropy)


def test_the_limit_of_the_text_is_sharp() -> None:
    code = tags.make(1)
    assert tags.parse(code.ljust(TAG_TEXT_LENGTH_MAX)) == tags.Tag(code)
    assert tags.parse(code.ljust(TAG_TEXT_LENGTH_MAX + 1)) is tags.NotRead.NOT_A_TAG


@pytest.mark.parametrize("shape", ["-", " ", "A-", "7K4M-2P9D-", "//", "/T/", "://"])
def test_hostile_texts_are_read_in_one_pass(shape: str) -> None:
    """A pattern that backtracks would not come back from these before the test run is stopped."""
    text = (shape * TAG_TEXT_LENGTH_MAX)[:TAG_TEXT_LENGTH_MAX]
    assert tags.parse(text) is tags.NotRead.NOT_A_TAG
