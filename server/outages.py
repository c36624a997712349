"""What goes wrong with a database, and whose fault it is. Rule: told by code, never by words.

A full disk and a database that is away are nobody's fault in the request: sending it again, later
and unchanged, is right. A value that is refused is the request's; all else is a defect.
"""

import errno
import sqlite3
from collections.abc import Iterator
from socket import gaierror

from sqlalchemy.exc import DataError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

DATA_REFUSED = ("22", "54")  # SQLSTATE: data exceptions; limits of the program.
# What a database's driver says of a value that it cannot take.
REFUSALS = (ValueError, TypeError, ArithmeticError)
NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
DISK_FULL = "53100"
# SQLite says FULL of ENOSPC alone; a quota or a limit of size fails as a write does.
SQLITE_NO_ROOM = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE))
# Connection lost, too many of them or too little memory, told to end or starting, I/O: SQLSTATE,
# https://www.postgresql.org/docs/current/errcodes-appendix.html
AWAY = ("08", "53", "57P", "58")
# https://www.sqlite.org/rescode.html: the low byte is the primary code.
SQLITE_AWAY = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    )
)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and what it was made from, down to what the driver or the system said."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, getattr(one, "orig", None)]


def sqlite_code(error: BaseException) -> int:
    """The extended result code of SQLite's, 0 for an error of another kind."""
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    return code if isinstance(code, int) else 0


def is_full(error: BaseException) -> bool:
    """Whether there is no room for what was to be written."""
    return any(
        (isinstance(one, OSError) and one.errno in NO_ROOM)
        or sqlite_code(one) in SQLITE_NO_ROOM
        or getattr(one, "sqlstate", None) == DISK_FULL
        for one in causes(error)
    )


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, was lost in the middle, or is too busy."""
    return any(
        isinstance(one, ConnectionError | TimeoutError | gaierror | PoolTimeout)
        or (isinstance(one, DBAPIError) and one.connection_invalidated)
        or str(getattr(one, "sqlstate", None) or "").startswith(AWAY)
        or sqlite_code(one) & 0xFF in SQLITE_AWAY
        for one in causes(error)
    )


def is_refusal(error: StatementError) -> bool:
    """Whether a value is at fault, so that asking again never helps.

    A lost connection or a full disk is not, and may pass. asyncpg refuses what it cannot encode
    with an error that is a `ValueError` too; the dialect keeps it as the cause.
    """
    told = (error.orig, error.orig.__cause__ if error.orig else None)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return (
        isinstance(error, DataError)
        or any(isinstance(one, REFUSALS) for one in told)
        or state.startswith(DATA_REFUSED)
    )
