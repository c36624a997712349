"""Small bodies that unpack to much. Rule: written in the formats' own words, never packed.

Formats: RFC 8878 (Zstandard), RFC 1951 and 1952 (DEFLATE, gzip).
"""

import gzip
import zlib
from collections.abc import Mapping

import zstandard

from schemas.base import PUSH_BYTES_MAX, PUSH_BYTES_UNPACKED_MAX

MEBIBYTE = 2**20
ZSTD_MAGIC = bytes.fromhex("28b52ffd")
BLOCK_BYTES = 128 * 1024  # The most that one block holds (RFC 8878, 3.1.1.2.3).
SKIPPED = bytes.fromhex("502a4d18") + (0).to_bytes(4, "little")  # RFC 8878, 3.1.2.


def zstd_zeros(count: int, *, window: int = 0x58) -> bytes:
    """One frame of so many zeros, as blocks that say "this byte, so often" (RFC 8878, 3.1.1.2.2).

    `window` is its descriptor; 0x58 says 2 MiB.
    """
    size = BLOCK_BYTES << 3
    middle = (size | 0b010).to_bytes(3, "little") + b"\0"
    last = (size | 0b011).to_bytes(3, "little") + b"\0"
    return ZSTD_MAGIC + bytes([0, window]) + middle * (count // BLOCK_BYTES - 1) + last


def gzip_zeros(size: int) -> bytes:
    """A gzip body of `size` bytes that unpacks to a thousand times as many zeros, without end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packer.compress(bytes(MEBIBYTE))
    packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = gzip.compress(b"")[:10]
    return head + piece * ((size - len(head)) // len(piece))


def bombs() -> Mapping[str, tuple[str, bytes]]:
    """Each by name, with the coding that it says it has."""
    member = gzip.compress(bytes(MEBIBYTE), 9)
    nothing = gzip.compress(b"", 9)
    frame = zstandard.ZstdCompressor(level=19).compress(bytes(MEBIBYTE))
    packer = zstandard.ZstdCompressor()
    empty = packer.compress(b"")
    header = b'{"epoch":1,"first_n":1}\n'
    almost = header + b"x" * (PUSH_BYTES_UNPACKED_MAX - len(header))
    ten_gigabytes = 10 * 1024 * MEBIBYTE
    return {
        "ten gigabytes of zeros": ("zstd", zstd_zeros(ten_gigabytes)),
        "ten gigabytes behind a window of 8 MiB": ("zstd", zstd_zeros(ten_gigabytes, window=0x68)),
        "a window of 3 TiB": ("zstd", zstd_zeros(MEBIBYTE, window=0xFF)),
        "many frames": ("zstd", frame * (PUSH_BYTES_MAX // len(frame))),
        "many empty frames": ("zstd", empty * (PUSH_BYTES_MAX // len(empty))),
        "many frames to be skipped": ("zstd", SKIPPED * (PUSH_BYTES_MAX // len(SKIPPED))),
        "a frame in a frame": ("zstd", packer.compress(zstd_zeros(ten_gigabytes))),
        "eight gigabytes of zeros": ("gzip", gzip_zeros(PUSH_BYTES_MAX)),
        "many members": ("gzip", member * (PUSH_BYTES_MAX // len(member))),
        "many empty members": ("gzip", nothing * (PUSH_BYTES_MAX // len(nothing))),
        "a member in a member": ("gzip", gzip.compress(gzip_zeros(MEBIBYTE))),
        "one byte more than a push may hold, zstd": ("zstd", packer.compress(almost + b"x")),
        "one byte more than a push may hold, gzip": ("gzip", gzip.compress(almost + b"x", 1)),
        "all that a push may hold, zstd": ("zstd", packer.compress(almost)),
        "all that a push may hold, gzip": ("gzip", gzip.compress(almost, 1)),
    }
