"""The chain of fonts that printed pages are set in. Rule: no character is ever lost unnoticed.

The chain is: Noto Sans SC in the pieces that the npm package `@fontsource/noto-sans-sc` ships
(Latin, simplified Chinese, and a hundred small ones for everything else), then a Chinese font of
the system, then DejaVu Sans Mono, which typst carries inside. A piece is unpacked (woff2 to TTF)
into a cache folder when a text first needs it. Every piece gets a family name of its own: the
package names all of them alike, and typst would then look into one only. (The fonts' licence, OFL
1.1, reserves no name here.) What no font has is printed as □ and told by `Chain.missing`.
"""

import json
import os
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

WEIGHTS = (400, 600)
REPLACEMENT = "□"

_FIRST_PIECES = ("latin", "chinese-simplified")
_SYSTEM_FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "SimSun",
    "Noto Serif CJK SC",
    "DejaVu Sans",
)
_EMBEDDED_FAMILY = "DejaVu Sans Mono"
# What of it we rely on, because typst does not tell: Latin with accents, Greek, Cyrillic.
_EMBEDDED = frozenset(
    point
    for first, last in ((0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3A1), (0x3A3, 0x3C9), (0x410, 0x44F))
    for point in range(first, last + 1)
) | {ord(symbol) for symbol in "–—…×≤≥→Ω" + REPLACEMENT}
# Told from the text only by looking: they draw nothing of their own.
_UNDRAWN = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"))
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True)
class Chain:
    """The fonts for one text: families in order of trying, what they draw, typst's handle.

    `folder` holds our own pieces, if there are any; `with_system` says that the system's are tried
    too. Both are for whoever sets in another process.
    """

    families: tuple[str, ...]
    drawn: frozenset[int]
    fonts: typst.Fonts
    folder: Path | None
    with_system: bool

    def missing(self, text: str) -> tuple[str, ...]:
        """List the characters that no font of the chain has, each once, in order of the text."""
        return tuple(dict.fromkeys(mark for mark in text if not self._has(mark)))

    def shown(self, text: str) -> str:
        """Give the text with □ in the place of each character that is missing."""
        return "".join(mark if self._has(mark) else REPLACEMENT for mark in text)

    def _has(self, mark: str) -> bool:
        return ord(mark) in self.drawn or not _is_drawn(mark)


class Fonts:
    """Unpacks and remembers fonts. One for the whole program; threads may share it.

    `source` is the folder of the npm package; where it is missing, the system's and the embedded
    font remain. `cache` is made when needed; several processes may share it.
    """

    def __init__(self, *, source: Path, cache: Path, system: bool = True) -> None:
        self._files = source / "files"
        self._ranges = _piece_ranges(source)
        self._cache = cache / f"noto-sans-sc-{_package_version(source)}"
        self._system = system
        self._drawn: dict[str, frozenset[int]] = {}
        self._handles: dict[tuple[int, bool], typst.Fonts] = {}
        self._lock = threading.Lock()

    def chain(self, text: str) -> Chain:
        """Give the chain for this text. Unpacks what it needs, so call it from a worker thread.

        The first call with an empty cache takes seconds, later ones milliseconds. OSError when the
        cache cannot be written.
        """
        wanted = {ord(mark) for mark in text if _is_drawn(mark)}
        with self._lock:
            pieces = [piece for piece in _FIRST_PIECES if piece in self._ranges]
            drawn = frozenset[int]().union(*(self._unpacked(piece) for piece in pieces))
            for piece in self._pieces_for(wanted - drawn):
                pieces.append(piece)
                drawn |= self._unpacked(piece)
            with_system = self._system and not wanted <= drawn
            handle = self._handle(with_system=with_system)
            families = [_family(piece) for piece in pieces]
            if with_system:
                for family, covered in _system_fonts(handle):
                    families.append(family)
                    drawn |= covered
        folder = self._cache if self._drawn else None
        every = (*families, _EMBEDDED_FAMILY)
        return Chain(every, drawn | _EMBEDDED, handle, folder, with_system)

    def _pieces_for(self, points: set[int]) -> list[str]:
        rest = (piece for piece in self._ranges if piece not in _FIRST_PIECES)
        return [piece for piece in rest if not points.isdisjoint(self._ranges[piece])]

    def _unpacked(self, piece: str) -> frozenset[int]:
        """Give the characters of a piece, after unpacking all its weights into the cache."""
        if piece not in self._drawn:
            for weight in WEIGHTS:
                target = self._cache / f"{piece}-{weight}.ttf"
                if not target.exists():
                    _unpack(
                        self._files / f"noto-sans-sc-{piece}-{weight}-normal.woff2", target, piece
                    )
            self._drawn[piece] = _characters(self._cache / f"{piece}-{WEIGHTS[0]}.ttf", index=-1)
        return self._drawn[piece]

    def _handle(self, *, with_system: bool) -> typst.Fonts:
        """Give typst's view of the folder; a new one whenever pieces have come."""
        key = (len(self._drawn), with_system)
        if key not in self._handles:
            self._handles = {old: kept for old, kept in self._handles.items() if old[0] == key[0]}
            self._handles[key] = typst.Fonts(
                include_system_fonts=with_system,
                include_embedded_fonts=True,
                font_paths=[self._cache] if self._drawn else [],
            )
        return self._handles[key]


def _is_drawn(mark: str) -> bool:
    return unicodedata.category(mark) not in _UNDRAWN and ord(mark) not in _VARIATION_SELECTORS


def _family(piece: str) -> str:
    return f"Noto Sans SC {piece}"


def _package_version(source: Path) -> str:
    try:
        described = json.loads((source / "package.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "none"
    return str(described["version"])


def _piece_ranges(source: Path) -> dict[str, frozenset[int]]:
    """Read which characters each piece is for. The two large pieces are not limited to theirs."""
    try:
        written = json.loads((source / "unicode.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    numbered = {name.strip("[]"): _points(str(ranges)) for name, ranges in written.items()}
    return dict.fromkeys(_FIRST_PIECES, frozenset[int]()) | numbered


def _points(ranges: str) -> frozenset[int]:
    """Read a CSS unicode-range: `U+20ac,U+ff03-ff04`."""
    points: set[int] = set()
    for item in ranges.split(","):
        first, _, last = item.strip().removeprefix("U+").partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)


def _unpack(packed: Path, target: Path, piece: str) -> None:
    """Write a woff2 file as TTF under the piece's own family name; whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with TTFont(packed) as font:
        weight = font["OS/2"].usWeightClass
        style = "Regular" if weight == WEIGHTS[0] else "SemiBold"
        names = font["name"]
        names.names = []
        family = _family(piece)
        unique = f"{family.replace(' ', '')}-{style}"
        for identity, words in ((1, family), (2, style), (3, unique), (4, unique), (6, unique)):
            names.setName(words, identity, 3, 1, 0x409)
        font.flavor = None
        part, path = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(part, "wb") as file:
            font.save(file)
    Path(path).replace(target)


def _characters(path: Path, *, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def _system_fonts(handle: typst.Fonts) -> Iterable[tuple[str, frozenset[int]]]:
    """Give the families of the system that we know, in our order, with what they draw."""
    found = {info.family: info for info in handle.fonts() if info.weight == WEIGHTS[0]}
    for family in _SYSTEM_FAMILIES:
        info = found.get(family)
        if info is not None and info.path is not None:
            yield family, _characters(Path(info.path), index=info.index)
