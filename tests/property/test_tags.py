"""The laws of the tag code. Rule: what can be counted out is counted out, the rest is searched.

The check is linear over GF(32): whether an error is found depends only on where it is and on the
difference it makes, never on the rest of the code. The exhaustive tests run over all places and all
pairs of symbols on one code, and the properties repeat them on any code, so nothing rests on that.
"""

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from sync import tags

ENTROPIES = st.integers(0, (1 << tags.ENTROPY_BITS) - 1)
CODES = ENTROPIES.map(tags.make)
PLACES = range(tags.CODE_LENGTH)
HOSTS = st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z]{2,8}){0,2}(:[0-9]{1,5})?", fullmatch=True)
# The least code, the greatest, and one between.
BASES = tuple(tags.make(entropy) for entropy in (0, 0x7_3A4C_92D1, (1 << 40) - 1))


def _with(code: str, symbols: dict[int, str]) -> str:
    return "".join(symbols.get(place, symbol) for place, symbol in enumerate(code))


def _code_with(first: int, second: int, symbols: tuple[str, str]) -> str:
    """Find the one code that has these symbols at two places and zeros at all but a third."""
    third = next(place for place in PLACES if place not in (first, second))
    fixed = dict.fromkeys(PLACES, "0") | {first: symbols[0], second: symbols[1]}
    trials = (_with("0" * tags.CODE_LENGTH, fixed | {third: last}) for last in tags.ALPHABET)
    return next(trial for trial in trials if tags.is_code(trial))


def test_every_wrong_symbol_is_found() -> None:
    for base in BASES:
        for place, symbol in product(PLACES, tags.ALPHABET):
            wrong = _with(base, {place: symbol})
            assert tags.is_code(wrong) == (wrong == base)


def test_every_exchange_of_two_symbols_is_found_neighbours_or_not() -> None:
    for (first, second), (one, other) in product(
        combinations(PLACES, 2), combinations(tags.ALPHABET, 2)
    ):
        code = _code_with(first, second, (one, other))
        assert not tags.is_code(_with(code, {first: other, second: one}))


def test_every_twin_error_is_found() -> None:
    for place, (one, other) in product(PLACES[:-1], combinations(tags.ALPHABET, 2)):
        code = _code_with(place, place + 1, (one, one))
        assert not tags.is_code(_with(code, {place: other, place + 1: other}))


@given(CODES, st.sampled_from(PLACES), st.sampled_from(tags.ALPHABET))
def test_a_wrong_symbol_in_any_code_reads_as_mistyped(code: str, place: int, symbol: str) -> None:
    wrong = _with(code, {place: symbol})
    expected = tags.Tag(code) if wrong == code else tags.NotRead.MISTYPED
    assert tags.parse(wrong) == expected


@given(CODES, st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_an_exchange_in_any_code_reads_as_mistyped(code: str, first: int, second: int) -> None:
    wrong = _with(code, {first: code[second], second: code[first]})
    expected = tags.Tag(code) if wrong == code else tags.NotRead.MISTYPED
    assert tags.parse(wrong) == expected


@given(CODES, st.sampled_from(PLACES))
def test_a_symbol_too_few_or_too_many_is_no_tag(code: str, place: int) -> None:
    assert tags.parse(code[:place] + code[place + 1 :]) is tags.NotRead.NOT_A_TAG
    assert tags.parse(code[:place] + "7" + code[place:]) is tags.NotRead.NOT_A_TAG


@given(ENTROPIES, ENTROPIES)
def test_different_chance_makes_different_codes(one: int, other: int) -> None:
    assert (tags.make(one) == tags.make(other)) == (one == other)


@given(CODES)
def test_what_is_shown_reads_as_what_is_stored(code: str) -> None:
    assert tags.parse(tags.display(code)) == tags.Tag(code)
    assert tags.parse(tags.display(code).lower().replace("0", "o")) == tags.Tag(code)


@given(CODES, HOSTS, st.sampled_from(["http", "https"]), st.sampled_from(["", "/app", "/a/b/"]))
def test_any_host_that_is_printed_leads_to_the_same_tag(
    code: str, host: str, scheme: str, path: str
) -> None:
    printed = tags.address(f"{scheme}://{host}{path}", code)
    assert tags.parse(printed) == tags.Tag(code)
    assert tags.parse(f"{printed}?from=camera#top") == tags.Tag(code)


@given(st.text(max_size=64))
def test_any_text_has_an_outcome_and_a_tag_that_is_read_is_a_code(text: str) -> None:
    reading = tags.parse(text)
    assert isinstance(reading, tags.NotRead) or tags.is_code(reading.code)
