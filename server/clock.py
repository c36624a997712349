"""Time and chance. Rule: nothing else in the server asks the machine for either.

`SystemClock` is the real one, made once where a program begins. `ManualClock` stands still until
it is moved and deals the same chance from the same seed: for tests, and for the demo company.
"""

import hashlib
import secrets
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sync.ids import uuid7

ID_RANDOM_BITS = 74  # Of a UUIDv7 (RFC 9562, 5.7).


class Clock(ABC):
    """What the server is told of time and chance."""

    @abstractmethod
    def now(self) -> datetime:
        """Tell the instant: aware, UTC. May jump when somebody sets the machine's clock."""

    @abstractmethod
    def monotonic(self) -> float:
        """Tell seconds since an arbitrary start: for measuring only; never goes back."""

    @abstractmethod
    def entropy(self, count: int) -> bytes:
        """Deal `count` bytes that nobody can guess."""

    def new_id(self) -> UUID:
        """Mint a UUIDv7 of now."""
        bits = int.from_bytes(self.entropy(10)) >> (80 - ID_RANDOM_BITS)
        return uuid7(unix_ms=int(self.now().timestamp() * 1000), random=bits)


class SystemClock(Clock):
    """The machine's own clock and its cryptographic source of chance."""

    def now(self) -> datetime:
        """Tell the machine's time, to the microsecond."""
        return datetime.fromtimestamp(time.time(), UTC)

    def monotonic(self) -> float:
        """Tell the machine's monotonic clock."""
        return time.monotonic()

    def entropy(self, count: int) -> bytes:
        """Deal from the operating system."""
        return secrets.token_bytes(count)


class ManualClock(Clock):
    """A clock that moves only by `advance`, and chance that is a function of `seed`: no secret."""

    def __init__(self, now: datetime, *, seed: str = "") -> None:
        assert now.tzinfo is not None, "an instant needs a time zone"
        self._start = self._now = now.astimezone(UTC)
        self._seed = seed.encode()
        self._dealt = 0

    def now(self) -> datetime:
        """Tell where the last `advance` left it."""
        return self._now

    def monotonic(self) -> float:
        """Tell seconds since this clock was made."""
        return (self._now - self._start).total_seconds()

    def entropy(self, count: int) -> bytes:
        """Deal the next bytes of SHA-256(seed, 0), SHA-256(seed, 1) …; no block is dealt twice."""
        dealt = b""
        while len(dealt) < count:
            dealt += hashlib.sha256(self._seed + self._dealt.to_bytes(8)).digest()
            self._dealt += 1
        return dealt[:count]

    def advance(self, step: timedelta) -> datetime:
        """Move on by `step`, which is not negative, and tell the new instant."""
        assert step >= timedelta(0), "time does not go back"
        self._now += step
        return self._now
