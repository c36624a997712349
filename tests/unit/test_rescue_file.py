"""A rescue file is read by its lines, and a bad line is alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from schemas.base import RESCUE_LINE_BYTES_MAX
from server.rescue_file import (
    BadLine,
    EditLine,
    Item,
    OpLine,
    PhotoPiece,
    RescueFile,
    RescueUnreadable,
    lines_of,
)
from sync.lines import read_line

VECTORS = Path(__file__).parents[1] / "vectors" / "rescue"
LINEAGE = "018f0c6a-0000-7000-8000-00000000f070"

PERSON, DEVICE = "018f0c6a-0000-7000-8000-000000000001", "018f0c6a-0000-7000-8000-000000000002"
KNOWN = f'"made":"2026-11-20T01:00:00Z","person":"{PERSON}","device":"{DEVICE}"'
HEAD = f'{{"format":"xunjian-rescue","version":2,{KNOWN}}}'
PHOTO = f'"attachment":"{PERSON}","sha256":"{"0" * 64}"'
EDIT = f'{{"kind":"asset","record":"{DEVICE}","set":{{"name":"架"}}}}'


async def pieces(text: str | bytes, step: int) -> AsyncIterator[bytes]:
    whole = text.encode() if isinstance(text, str) else text
    for at in range(0, len(whole), step):
        yield whole[at : at + step]


async def read(text: str | bytes, step: int = 7) -> tuple[list[Item], bool]:
    file = RescueFile(pieces(text, step))
    await file.begin()
    return [one.item async for one in file.items()], file.is_whole


async def test_version_2_is_read_line_by_line_whatever_the_pieces_are() -> None:
    op = '{"n":1,  "x":[{"a": 1}] }'
    text = "\n".join(
        [
            HEAD,
            f'{{"op":{op}}}',
            f'{{"edit":{EDIT}}}',
            f'{{"photo":{{{PHOTO},"at":0,"of":3,"base64":"AQID"}}}}',
            '{"end":{"ops":2,"photos":1}}\n',
        ]
    )
    for step in (1, 7, 10_000):
        items, is_whole = await read(text, step)
        first, second, third = items
        assert first == OpLine(1, op.encode())
        assert isinstance(second, EditLine)
        assert (second.edit.kind, second.raw) == ("asset", EDIT.encode())
        assert isinstance(third, PhotoPiece)
        assert (third.decoded(), third.at, third.of) == (b"\x01\x02\x03", 0, 3)
        assert is_whole


async def test_version_1_is_read_by_the_lines_of_its_writer() -> None:
    problem = '{"type":"/problems/x","errors":[{"field":"a"}]}'
    head = f'{{"format":"xunjian-rescue","version":1,{KNOWN},"ops":['
    ops = f'{{"op":{{"n":1}},"problem":{problem}}},\n{{"op":{{"n":2}}}}'
    photos = ",\n".join([f'{{{PHOTO},"base64":"AQID"}}', f'{{{PHOTO},"base64":""}}'])
    text = f'{head}\n{ops}],\n"edits":[{EDIT}],\n"photos":[\n{photos}]}}\n'
    items, is_whole = await read(text)
    assert items[:2] == [OpLine(1, b'{"n":1}'), OpLine(2, b'{"n":2}')]
    assert isinstance(items[2], EditLine)
    assert [one.decoded() for one in items[3:] if isinstance(one, PhotoPiece)] == [
        b"\x01\x02\x03",
        b"",
    ]
    assert is_whole
    empty = f'{head}],\n"edits":[],\n"photos":[]}}\n'
    assert await read(empty) == ([], True)


async def test_a_bad_line_is_alone() -> None:
    lines = [
        "not JSON",
        '{"op":{"n":1e400}}',
        '{"op":{"n":99999999999999999999999999}}',
        '{"op":"text"}',
        '{"op":' + "[" * 100_000,
        "{}",
        '{"photo":{"attachment":"x"}}',
        '{"op":{"n":1}}',
    ]
    items, is_whole = await read("\n".join([HEAD, *lines]), 4_096)
    assert [type(item) for item in items] == [BadLine] * 7 + [OpLine]
    assert not is_whole


async def test_a_file_that_is_cut_says_so_and_gives_what_is_whole() -> None:
    text = f'{HEAD}\n{{"op":{{"n":1}}}}\n{{"op":{{"n":2,"se'
    items, is_whole = await read(text)
    assert items[0] == OpLine(1, b'{"n":1}')
    assert isinstance(items[1], BadLine)
    assert not is_whole


async def test_a_line_that_is_too_long_is_never_held() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield f'{HEAD}\n{{"op":"'.encode()
        for _ in range(100):
            yield b"x" * (1 << 20)
        yield b'"}\n{"op":{"n":1}}\n'

    file = RescueFile(body())
    await file.begin()
    items = [one.item async for one in file.items()]
    assert items == [
        BadLine(f"is longer than {RESCUE_LINE_BYTES_MAX} bytes"),
        OpLine(1, b'{"n":1}'),
    ]


async def test_a_line_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    for more in (0, 1):
        whole = b"x" * (RESCUE_LINE_BYTES_MAX + more)
        for ending in (b"", b"\nend"):
            lines = [one async for one in lines_of(pieces(whole + ending, 1 << 20))]
            assert (lines[0] is None) == bool(more)
            assert lines[1:] == ([b"end"] if ending else [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "[]",
        "{}",
        "x" * 100_000,
        HEAD.replace("xunjian-rescue", "other"),
        HEAD.replace('"version":2', '"version":3'),
        HEAD.replace('"version":2', '"version":1'),
        HEAD.replace(PERSON, "nobody"),
        "\ud800",
    ],
)
async def test_what_is_no_rescue_file_is_refused_at_its_first_line(text: str) -> None:
    with pytest.raises(RescueUnreadable):
        await read(text.encode("utf-8", "surrogatepass"), 1 << 20)


async def test_what_the_app_writes_is_read() -> None:
    """The app's own test writes this file, and fails where it would write another."""
    body = (VECTORS / "version-2.ndjson").read_bytes()
    file = RescueFile(pieces(body, 1_000))
    head = await file.begin()
    assert (head.version, head.person_name, head.lineage) == (2, "李工", UUID(LINEAGE))
    op, edit, photo = [one.item async for one in file.items()]
    assert isinstance(op, OpLine)
    read_back = read_line(op.raw, op.n)
    assert read_back.op is not None
    assert read_back.op.kind == "asset"
    assert isinstance(edit, EditLine)
    assert (edit.edit.kind, list(edit.edit.set)) == ("asset", ["note"])
    assert isinstance(photo, PhotoPiece)
    assert (photo.decoded(), photo.of) == (b"\x01\x02\x03", 3)
    assert file.is_whole
