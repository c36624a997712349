"""Where the time of eight clients goes (row 2c): processor time, and what PostgreSQL waits for.

Rule: what each backend does is looked up every `EVERY_SECONDS`, in `pg_stat_activity`
(https://www.postgresql.org/docs/current/monitoring-stats.html); it is a sample, not a trace.
"""

import asyncio
import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import asyncpg
from msgspec import Struct
from sqlalchemy.engine import make_url

from benchmarks.house import Store
from benchmarks.process import served
from benchmarks.pushes import CLIENTS, Crowd

EVERY_SECONDS = 0.02
RECORDS = 2_000  # Of each client.
STATES_SHOWN = 6  # Of backends, the most frequent.
LOOK = (
    "SELECT pid, state, wait_event_type AS type, wait_event AS event FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
HEAD = ("servers", "ops/s", "server, µs an op", "PostgreSQL, µs an op", "backends, of all looks")


class Looked(Struct):
    """What the looks found: how often each state, and the processor time of each backend."""

    states: Counter[str]
    seconds: dict[int, float]


def processor_seconds(pid: int) -> float:
    """User and system time of a process (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def state_of(state: str | None, type_: str | None, event: str | None) -> str:
    if state == "idle":
        return "idle"
    if type_ == "Client":
        return "waits for the server"
    return f"waits: {type_} {event}" if type_ else "works"


async def look(url: str, ended: threading.Event, looked: Looked) -> None:
    """Look again and again until it has ended."""
    parts = make_url(url)
    host = str(parts.query["host"])
    connection = await asyncpg.connect(host=host, user=parts.username, database=parts.database)
    while not ended.is_set():
        for row in await connection.fetch(LOOK):
            looked.states[state_of(row["state"], row["type"], row["event"])] += 1
            try:
                looked.seconds[row["pid"]] = processor_seconds(row["pid"])
            except OSError:
                continue  # It has just gone.
        await asyncio.sleep(EVERY_SECONDS)
    await connection.close()


def once(crowd: Crowd, servers: int) -> tuple[str, ...]:
    """One run, as a row of the table."""
    url, looked, ended = crowd.store.copy(crowd.plot), Looked(Counter(), {}), threading.Event()
    with ExitStack() as stack:
        running = [stack.enter_context(served(url)) for _ in range(servers)]
        before = sum(processor_seconds(one.pid) for one in running)
        watcher = threading.Thread(target=lambda: asyncio.run(look(url, ended, looked)))
        watcher.start()
        try:
            with ThreadPoolExecutor(CLIENTS) as pool:
                each = pool.map(
                    lambda one: one[1].send(running[one[0] % servers]), crowd.numbered()
                )
                seconds = max(sum(some) for some in each)
            used = sum(processor_seconds(one.pid) for one in running) - before
        finally:
            ended.set()
            watcher.join()
    looks = looked.states.total() or 1
    waits = "; ".join(
        f"{name} {n / looks:.1%}" for name, n in looked.states.most_common(STATES_SHOWN)
    )
    return (
        str(servers),
        f"{crowd.count / seconds:,.0f}",
        f"{used / crowd.count * 1e6:.0f}",
        f"{sum(looked.seconds.values()) / crowd.count * 1e6:.0f}",
        waits,
    )


def rows_of(store: Store) -> list[tuple[str, ...]]:
    """Eight clients to one server and to two, on PostgreSQL."""
    crowd = Crowd(store, RECORDS)
    return [HEAD, *(once(crowd, servers) for servers in (1, 2))]
