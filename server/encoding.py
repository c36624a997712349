"""Content codings of requests and answers (RFC 9110, 8.4). Rule: unpacking has a limit."""

import gzip
import io
import zlib
from collections.abc import Mapping

import zstandard

from schemas.base import PUSH_BYTES_UNPACKED_MAX
from server.errors import BodyTooLarge, ServerError

PACKED_FROM_BYTES = 1_024  # Below, packing saves nothing.
ZSTD_LEVEL = 1  # Beat level 3 in size and speed on our pages (docs/benchmarks.md).
GZIP_LEVEL = 1


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
                with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
                    return bounded(file.read(PUSH_BYTES_UNPACKED_MAX + 1))
            case "zstd":
                reader = zstandard.ZstdDecompressor().stream_reader(body)
                return bounded(reader.read(PUSH_BYTES_UNPACKED_MAX + 1))
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise UnsupportedEncoding(f"the {coding} body is damaged: {error}") from None
    raise UnsupportedEncoding(f"`{coding}`; send identity, gzip or zstd")


def bounded(body: bytes) -> bytes:
    if len(body) > PUSH_BYTES_UNPACKED_MAX:
        raise BodyTooLarge(f"more than {PUSH_BYTES_UNPACKED_MAX} bytes when unpacked")
    return body


def compressed(headers: Mapping[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body packed as the client takes it, and the headers that say so."""
    taken = headers.get("accept-encoding", "")
    said = {"Vary": "Accept-Encoding"}
    if len(body) < PACKED_FROM_BYTES:
        return body, said
    if "zstd" in taken:
        packed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
        return packed, {**said, "Content-Encoding": "zstd"}
    if "gzip" in taken:
        packed = gzip.compress(body, GZIP_LEVEL, mtime=0)
        return packed, {**said, "Content-Encoding": "gzip"}
    return body, said
