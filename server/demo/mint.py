"""Ids, chance and instants of the demo company. Rule: all follow from seed, day and a name.

Nothing is drawn from one long sequence: a device added somewhere leaves every other as it was.
"""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync.ids import uuid7

ZONE = ZoneInfo("Asia/Shanghai")
RANDOM_BITS = 74  # Of a UUIDv7 (RFC 9562, 5.7).


class Mint(Struct, frozen=True):
    """`today` is the day on which the company is looked at: rounds are dated around it."""

    seed: int
    today: date

    def chance(self, name: str) -> Random:
        """Give a generator of its own for what is called so."""
        return Random(f"{self.seed}/{name}")

    def id(self, name: str, *, at: datetime | None = None) -> UUID:
        """Give the id of what is called so, made at that instant (or long ago)."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        made = at or self.at(-300)
        bits = int.from_bytes(digest[:10]) >> (80 - RANDOM_BITS)
        return uuid7(unix_ms=int(made.timestamp() * 1000), random=bits)

    def day(self, days: int) -> date:
        """Give the date so many days from today; negative is past."""
        return self.today + timedelta(days=days)

    def at(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """Give an instant so many days from today, by the clock in China, as UTC."""
        return instant(self.day(days), hour=hour, minute=minute)


def instant(day: date, *, hour: int, minute: int) -> datetime:
    """Give the instant of a time of day in China, as UTC."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
