"""Bodies that are packed to break the server: refused as what they are, in little memory."""

import asyncio
import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.bombs import MEBIBYTE, bombs, zstd_zeros
from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import examples, written
from tests.fuzz.laws import demand_no_fault, dump
from tests.integration.test_break_kill import served

PEAK_BYTES_MAX = 64 * MEBIBYTE
SECONDS_MAX = 120  # For all of them: what never ends is no answer.

PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": lambda body: zstandard.ZstdCompressor().compress(body),
}
UNSUPPORTED = (415, "unsupported-encoding")
NO_HEADER = (400, "push-header-unreadable")
# What the body is packed with, and what it says that it is.
CODINGS = (
    ("gzip", "GZIP", (200, "")),
    ("zstd", " zstd ", (200, "")),
    ("gzip", "", NO_HEADER),
    ("zstd", "identity", NO_HEADER),
    ("gzip", "zstd", UNSUPPORTED),
    ("zstd", "gzip", UNSUPPORTED),
    ("gzip", "gzip, gzip", UNSUPPORTED),
    ("gzip", "identity, gzip", UNSUPPORTED),
    ("gzip", "br", UNSUPPORTED),
    ("gzip", "*", UNSUPPORTED),
    ("gzip", "gzip\0", UNSUPPORTED),
    ("gzip", "x" * 100_000, UNSUPPORTED),
)


async def good_push(stage: Stage) -> bytes:
    """A push of two good ops, long enough to be packed in earnest."""
    first_n = stage.first_n
    stage.first_n += 2
    header = {"epoch": await stage.epoch(), "first_n": first_n}
    return b"\n".join(map(written, (header, stage.op(first_n), stage.op(first_n + 1))))


async def test_a_body_is_what_its_coding_says_or_refused(stage: Stage) -> None:
    for packer, said, expected in CODINGS:
        body = PACKERS[packer](await good_push(stage))
        before = await dump(stage.house.database)
        answer = await stage.post("/sync/v1/push", body, {"content-encoding": said})
        demand_no_fault(answer)
        assert (answer.status, answer.slug) == expected, (packer, said)
        if answer.status != 200:
            assert await dump(stage.house.database) == before


@examples(50)
@given(
    coding=st.sampled_from(sorted(PACKERS)),
    how=st.sampled_from(["cut", "more", "flip", "twice", "again", "deflate"]),
    where=st.integers(0, 3_000),
)
async def test_a_damaged_body_is_refused_whole_or_was_not_damaged(
    stage: Stage, coding: str, how: str, where: int
) -> None:
    plain = await good_push(stage)
    body = PACKERS[coding](plain)
    at = where % len(body)
    damaged = {
        "cut": body[:at],
        "more": body + b"\0" * (at + 1),
        "flip": body[:at] + bytes([body[at] ^ (1 << where % 8)]) + body[at + 1 :],
        "twice": body + body,
        "again": PACKERS[coding](body),
        "deflate": zlib.compress(plain),
    }[how]
    before = await dump(stage.house.database)
    answer = await stage.post("/sync/v1/push", damaged, {"content-encoding": coding})
    demand_no_fault(answer)
    if answer.status == 200:
        # A bit of gzip's time of packing says nothing, and Zstandard has a checksum only where its
        # writer wanted one: then lines come changed, and each is looked at by itself.
        assert how == "flip"
    else:
        assert await dump(stage.house.database) == before
        # A bit of the first number makes it that of an op that came before, which is another.
        also = ("cloned-device",) if how == "flip" else ()
        refused = ("unsupported-encoding", "push-header-unreadable", "body-too-large", *also)
        assert answer.slug in refused


async def test_bombs_are_refused_and_leave_every_table_as_it_was(stage: Stage) -> None:
    before = await dump(stage.house.database)
    for name, (coding, body) in bombs().items():
        if name.startswith("all that"):
            continue
        answer = await stage.post("/sync/v1/push", body, {"content-encoding": coding})
        demand_no_fault(answer)
        assert answer.status in (400, 413, 415), name
    assert await dump(stage.house.database) == before


async def test_a_bomb_against_another_route_is_not_even_unpacked(stage: Stage) -> None:
    for path in ("/sync/v1/pull", "/enrol", "/office/login"):
        for coding, body in (("zstd", zstd_zeros(MEBIBYTE)), ("gzip", gzip.compress(b"{}"))):
            answer = await stage.post(path, body, {"content-encoding": coding})
            demand_no_fault(answer)
            assert answer.status in (400, 415), (path, answer)


def resident(process: int, what: str) -> int:
    """Memory of a process in bytes: `VmRSS` now, `VmHWM` at most (proc(5))."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {what}")


def count_peak_anew(process: int) -> int:
    """Begin to count `VmHWM` from what is there now, which is given back."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return resident(process, "VmRSS")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_bomb_is_answered_and_takes_little_memory(stage: Stage, tmp_path: Path) -> None:
    assert sys.platform == "linux", "it reads from /proc how much memory a process takes"
    headers = {"authorization": stage.bearer}
    async with (
        served(stage.house, tmp_path) as (address, process),
        httpx.AsyncClient(base_url=address, headers=headers, timeout=SECONDS_MAX) as client,
        asyncio.timeout(SECONDS_MAX),
    ):
        good = written({"epoch": 1, "first_n": 1})
        assert (await client.post("/sync/v1/push", content=good)).status_code == 200
        for name, (coding, body) in bombs().items():
            if name.startswith("all that"):
                continue
            idle = count_peak_anew(process.pid)
            said = {"content-encoding": coding}
            answer = await client.post("/sync/v1/push", content=body, headers=said)
            assert answer.status_code in (400, 413, 415), name
            assert resident(process.pid, "VmHWM") - idle < PEAK_BYTES_MAX, name
