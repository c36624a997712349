"""Passwords: argon2id, checked away from the event loop.

Rule: an unknown name costs as much time as a known one.
"""

import asyncio

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from schemas.base import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from schemas.problems import FieldProblem
from server.clock import Clock
from server.errors import PasswordTooWeak

# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane; RFC 9106, 4 allows
# weaker memory where it is scarce. About 30 ms on one core.
MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
SALT_BYTES = 16  # RFC 9106, 3.1.
LOGIN_TOLD_MIN = 4  # A shorter login stands in many good passwords by chance.
AT_ONCE_MAX = 2  # More at once would let a burst of attempts take the machine's memory.


class Passwords:
    """Hashes and checks, at most two at a time. Less memory than the standard is for tests."""

    def __init__(self, clock: Clock, *, memory_kib: int = MEMORY_KIB) -> None:
        self._clock = clock
        self._hasher = PasswordHasher(
            time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES, type=Type.ID
        )
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Give the PHC string to store."""
        async with self._turns:
            return await asyncio.to_thread(self.hash_now, password)

    def hash_now(self, password: str) -> str:
        """Do the same on this thread: for commands, which have nothing else to do."""
        return self._hasher.hash(password, salt=self._clock.entropy(SALT_BYTES))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Check a password. Where nothing is stored a decoy is checked, and the answer is no."""
        if stored is None and self._decoy is None:
            self._decoy = await self.hash("decoy")
        async with self._turns:
            good = await asyncio.to_thread(self._verify, stored or self._decoy or "", password)
        return good and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, *, login: str, field: str) -> None:
    """Raise `PasswordTooWeak` for one that is too short or that a guesser tries first.

    Length is what counts; no mixture of characters is asked for (NIST SP 800-63B, 5.1.1.2).
    """
    detail = ""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        detail = f"must have {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters"
    elif len(login) >= LOGIN_TOLD_MIN and login.lower() in password.lower():
        detail = "must not contain the login name"
    elif len(set(password)) < 5:
        detail = "must have at least 5 different characters"
    if detail:
        raise PasswordTooWeak(detail, fields=(FieldProblem(field=field, detail=detail),))
