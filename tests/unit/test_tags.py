"""Tags against examples. Rule: all of tests/vectors/tags runs here and in the app."""

import json
from pathlib import Path
from unicodedata import category, normalize

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


def test_a_code_is_read_from_its_address_whatever_its_last_symbol() -> None:
    made = {code[-1]: code for code in map(tags.make, range(400))}
    assert set(made) == set(tags.ALPHABET)
    for code in made.values():
        assert tags.parse(tags.address("https://host/BOX/", code)) == tags.Tag(code)


def test_the_base_of_an_address_loses_its_last_strokes_and_nothing_else() -> None:
    assert tags.address("https://host/BOX//", "7K4M2P9D6") == "https://host/BOX/t/7K4M2P9D6"


@pytest.mark.parametrize("text", ["7K4M-2P9D-6 https://example.org", "http://x 7k4m2p9d6"])
def test_a_foreign_address_beside_a_code_is_passed_over(text: str) -> None:
    assert tags.parse(text) == tags.Tag("7K4M2P9D6")


def test_in_running_text_one_space_stands_beside_a_dash_and_no_more() -> None:
    assert tags.parse("rack 7K4M - 2P9D-6 here") == tags.Tag("7K4M2P9D6")
    assert tags.parse("rack 7K4M  -2P9D-6 here") is tags.NotRead.NOT_A_TAG


def test_what_is_read_as_something_else_is_what_unicode_calls_alike() -> None:
    """The table is written out, since Unicode grows; here it is drawn from Unicode as it is."""
    table = tags._folding()
    wide = {point: normalize("NFKC", chr(point)).upper() for point in range(0xFF01, 0xFF5F)}
    lower = {point: chr(point).upper() for point in range(ord("a"), ord("z") + 1)}
    others = {point: table[point] for point in table.keys() - wide.keys() - lower.keys()}
    assert {point: table[point] for point in (*wide, *lower)} == wide | lower
    assert set(others.values()) == {" ", "-", None}
    plane = [chr(point) for point in range(0x10000)]
    spaces = {c for c in plane if category(c) in ("Zs", "Zl", "Zp") or c <= "\x1f"}
    spaces |= {"\x7f", "\x85"}
    assert {chr(point) for point, read in others.items() if read == " "} == spaces - set(" \u1680")
    dashes = {chr(point) for point, read in others.items() if read == "-"}
    assert dashes == set("‐‑‒–—―⁃−─ー﹘﹣")
    unseen = {chr(point) for point, read in others.items() if read is None}
    directions = {c for c in plane if category(c) == "Cf" and "\u2000" <= c < "\u206a"}
    assert unseen == directions - set("\u2061\u2062\u2063\u2064") | {"\xad", "\ufeff"}
