"""Which coding an answer gets: RFC 9110, 12.5.3, heeded to the letter."""

import gzip

import pytest
import zstandard

from server.encoding import PACKED_FROM_BYTES, chosen, compressed

LARGE = b"[" + b"1," * PACKED_FROM_BYTES + b"1]"


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "identity"),
        ("my-gzip-like, zstd2", "identity"),
        ("*", "zstd"),
        ("zstd;q=0", "identity"),
        ("gzip;q=0", "identity"),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd;q=0.000, gzip;q=0", "identity"),
        ("zstd ; q=0.5 ,\tgzip;Q=0.8", "gzip"),
        ("zstd;q=0.5, *;q=0.9", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        # Written as nobody may write it: as if it were not there.
        ("zstd;q=2, gzip;q=0.5", "gzip"),
        ("zstd;q=, gzip", "gzip"),
        ("zstd;level=3, gzip", "gzip"),
        (",,gzip,", "gzip"),
    ],
)
def test_the_coding_is_the_one_that_is_liked_best(accept: str, coding: str) -> None:
    assert chosen(accept) == coding


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, zstd", None),
        ("", None),
        ("gzip, identity;q=0", "gzip"),
        ("zstd;q=0.2, *;q=0", "zstd"),
        ("gzip, identity;q=0.1, *;q=0", None),
    ],
)
def test_a_small_body_is_packed_only_where_it_may_not_stay_as_it_is(
    accept: str, coding: str | None
) -> None:
    _, headers = compressed({"accept-encoding": accept}, b"{}")
    assert headers.get("Content-Encoding") == coding


@pytest.mark.parametrize("accept", ["zstd", "gzip", "", "zstd;q=0, gzip;q=0", "identity;q=0"])
def test_what_is_sent_is_what_was_given_and_says_that_it_may_vary(accept: str) -> None:
    body, headers = compressed({"accept-encoding": accept}, LARGE)
    assert headers["Vary"] == "Accept-Encoding"
    unpack = {
        "zstd": lambda packed: zstandard.ZstdDecompressor().decompress(packed),
        "gzip": gzip.decompress,
    }.get(headers.get("Content-Encoding", ""), bytes)
    assert unpack(body) == LARGE


def test_a_request_without_the_field_is_answered_as_it_is() -> None:
    assert compressed({}, LARGE) == (LARGE, {"Vary": "Accept-Encoding"})
