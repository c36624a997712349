"""Content codings of requests and answers (RFC 9110, 8.4). Rule: unpacking has a limit."""

import gzip
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Protocol

import zstandard

from schemas.base import PUSH_BYTES_UNPACKED_MAX, ZSTD_WINDOW_BYTES_MAX
from server.errors import BodyTooLarge, ServerError

GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS  # zlib's way to say: gzip, and nothing else.
# A step unpacks to 4 MiB at most before it is looked at: blocks of 4 bytes for 128 KiB, RFC 8878,
# 3.1.1.2; and a thousandfold, RFC 1951.
ZSTD_STEP_BYTES, GZIP_STEP_BYTES = 128, 4_096
PACKED_FROM_BYTES = 1_024  # Below, packing saves nothing.
ZSTD_LEVEL = 1  # Beat level 3 in size and speed on our pages (docs/benchmarks.md).
GZIP_LEVEL = 1
IDENTITY = "identity"
CODINGS = ("zstd", "gzip")  # In the order in which we like them.
# A coding and its weight, in lower case (RFC 9110, 12.5.3 and 12.4.2).
WEIGHED = re.compile(
    r"(?P<coding>[!#$%&'*+.^_`|~0-9a-z-]+)"
    r"([ \t]*;[ \t]*q=(?P<weight>0(\.[0-9]{0,3})?|1(\.0{0,3})?))?"
)


class Unpacker(Protocol):
    """What zlib and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class UnsupportedEncoding(ServerError):
    slug = "unsupported-encoding"
    title = "The body is packed in a way that is not spoken here, or damaged"
    status = 415


def unpacked(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body as it was before packing; identity, gzip and zstd are taken."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    try:
        match coding:
            case "identity" | "":
                return body
            case "gzip":
                return unpacked_whole(zlib.decompressobj(GZIP_WINDOW_BITS), body, GZIP_STEP_BYTES)
            case "zstd":
                taken = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX)
                return unpacked_whole(taken.decompressobj(), body, ZSTD_STEP_BYTES)
    except (zlib.error, zstandard.ZstdError) as error:
        raise UnsupportedEncoding(f"the {coding} body is damaged: {error}") from None
    raise UnsupportedEncoding(f"`{coding}`; send identity, gzip or zstd")


def unpacked_whole(frame: Unpacker, body: bytes, step: int) -> bytes:
    """The one frame, or member of gzip, that the body is: half an op must not count as sent.

    More than one could be hundreds of thousands that hold nothing, and take seconds.
    """
    unpacked = bytearray()
    for start in range(0, len(body), step):
        if frame.eof:
            raise zlib.error("something follows its end")
        unpacked += frame.decompress(body[start : start + step])
        if len(unpacked) > PUSH_BYTES_UNPACKED_MAX:
            raise BodyTooLarge(f"more than {PUSH_BYTES_UNPACKED_MAX} bytes when unpacked")
    if not frame.eof or frame.unused_data:
        raise zlib.error("it is not whole, or something follows its end")
    return bytes(unpacked)


def weights(accept: str) -> dict[str, float]:
    """How much each coding is liked, 0 to 1; what is not written as RFC 9110 has it is not said."""
    said: dict[str, float] = {}
    for part in accept.lower().split(","):
        if found := WEIGHED.fullmatch(part.strip(" \t")):
            coding = "gzip" if found["coding"] == "x-gzip" else found["coding"]
            said[coding] = float(found["weight"] or 1)
    return said


def chosen(accept: str, offered: Sequence[str] = CODINGS, *, is_small: bool = False) -> str:
    """Choose the coding that `Accept-Encoding` likes best; of those liked alike, our first.

    A small body stays as it is unless that is refused. Where nothing that we have is accepted it
    stays so too: the answer to a push must not be lost to a header.
    """
    said = weights(accept)
    rest = said.get("*", 0.0)
    best = max(offered, key=lambda coding: said.get(coding, rest))
    liking = said.get(best, rest)
    # Not said, identity is accepted after everything else; `*;q=0` refuses it too.
    as_it_is = said.get(IDENTITY, 0.0)
    is_refused = as_it_is == 0 and (IDENTITY in said or said.get("*") == 0)
    if liking == 0 or (is_small and not is_refused):
        return IDENTITY
    return best if liking >= as_it_is else IDENTITY


def compressed(headers: Mapping[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body packed as the client takes it, and the headers that say so."""
    said = {"Vary": "Accept-Encoding"}
    coding = chosen(headers.get("accept-encoding", ""), is_small=len(body) < PACKED_FROM_BYTES)
    match coding:
        case "zstd":
            packed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
        case "gzip":
            packed = gzip.compress(body, GZIP_LEVEL, mtime=0)
        case _:
            return body, said
    return packed, {**said, "Content-Encoding": coding}
