"""Equipment that was entered twice. Rule: it is found by what the maker wrote on it."""

from schemas.base import Count, Line, Wire
from schemas.office import AssetRow


class DuplicateGroup(Wire, frozen=True, kw_only=True):
    """Assets of one customer with the same maker and serial number, the one longest here first."""

    maker: Line = ""
    serial: Line
    assets: tuple[AssetRow, ...]


class DuplicatePage(Wire, frozen=True, kw_only=True):
    total: Count
    offset: Count = 0
    groups: tuple[DuplicateGroup, ...]
