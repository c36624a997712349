"""A database that is closed leaves nothing behind, whatever went wrong before."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from server.database import Database


@pytest.mark.parametrize("name", ["folder", "text", "none/xunjian.db"])
def test_a_database_that_cannot_be_opened_leaves_no_thread_when_it_is_closed(
    tmp_path: Path, name: str
) -> None:
    """A thread that outlives the loop dies with a trace on the person's screen."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not a database at all, but long enough to be one" * 10)

    async def fail() -> None:
        # The loop's own pool of threads is there before we count.
        await asyncio.to_thread(lambda: None)
        before = set(threading.enumerate())
        database = Database(f"sqlite+aiosqlite:///{tmp_path / name}")
        with pytest.raises(SQLAlchemyError):
            async with database.read():
                raise AssertionError("it was opened")
        await database.close()
        assert not set(threading.enumerate()) - before

    asyncio.run(fail())
