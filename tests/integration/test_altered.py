"""What a real server received and somebody altered behind its back: `verify` names it.

The program receives it, a byte is turned in the database, and the program is asked again.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from server.settings import ROOT
from server.store.tables import ops
from tests.fixtures.process import Program
from tests.integration.conftest import House
from tests.integration.office_world import LINEAGE

NOTE = "风扇异响，已拍照".encode()


@pytest.fixture
def environment(house: House) -> dict[str, str]:
    """The settings by which the program works on this house's database."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("XUNJIAN_")}
    url = house.database.engine.url.render_as_string(hide_password=False)
    app_dir = str(house.settings.app_dir)
    return bare | {"XUNJIAN_DATABASE_URL": url, "XUNJIAN_APP_DIR": app_dir}


@contextmanager
def serving(home: Path, environment: dict[str, str]) -> Generator[str]:
    """The address of a server in a process of its own, which ends cleanly."""
    program = Program(
        [sys.executable, "-m", "server", "serve", "--data", home, "--port", "0"],
        ready=lambda line: line.startswith("READY "),
        cwd=ROOT,
        env=environment,
    )
    try:
        yield program.said[-1].removeprefix("READY ").strip()
    finally:
        code = program.end(signal.SIGTERM)
    assert code == 0, "".join(program.said)


def verify(home: Path, environment: dict[str, str], code: int) -> list[str]:
    """Run `verify` as a person does; the lines that it says."""
    command = [sys.executable, "-m", "server", "verify", "--data", str(home)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.splitlines()


async def send(house: House, origin: str) -> list[str]:
    """A tablet is enrolled and sends three changes; their outcomes."""
    site = await house.add_site()
    person = await house.add_person("liang", ("engineer", site), password=None)
    ticket = await house.add_ticket(person)
    async with httpx.AsyncClient(base_url=origin) as client:
        given = {"ticket": ticket, "lineage": str(LINEAGE), "name": "平板 03"}
        answer = await client.post("/enrol", json=given)
        assert answer.status_code == 201, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['credential']}"
        made = {"wall": house.clock.now().isoformat(), "session": str(LINEAGE)}
        lines: list[dict[str, object]] = [{"epoch": answer.json()["epoch"], "first_n": 1}]
        for n in (1, 2, 3):
            op = {"n": n, "id": str(house.clock.new_id()), "by": str(person), "kind": "asset"}
            record = str(house.clock.new_id())
            data = {"site": str(site), "name": f"UPS-0{n}", "note": NOTE.decode()}
            lines.append({**op, "record": record, "new": True, "made": made, "set": data})
        body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        answer = await client.post("/sync/v1/push", content=body.encode())
        assert answer.status_code == 200, answer.text
        return [one["outcome"] for one in answer.json()["outcomes"]]


async def turn_a_byte(house: House, lineage: UUID, n: int) -> None:
    """Alter one byte of what was received: in the file itself, or where there is none, by SQL."""
    here = (ops.c.lineage_id == lineage) & (ops.c.n == n)
    async with house.database.read() as tx:
        known = (await tx.execute(select(ops.c.payload).where(here))).scalar_one()
    altered = known.replace(NOTE, NOTE[:-1] + bytes([NOTE[-1] ^ 1]))
    assert altered != known
    file = house.database.engine.url.database or ""
    if not house.database.is_sqlite:
        async with house.database.write() as tx:
            await tx.execute(update(ops).where(here).values(payload=altered))
        return
    await house.database.close()  # The last to leave writes the log into the file.
    replace_in(Path(file), known, altered)


def replace_in(file: Path, known: bytes, altered: bytes) -> None:
    kept = file.read_bytes()
    assert kept.count(known) == 1, "the line stands in the file as it was received"
    file.write_bytes(kept.replace(known, altered))


async def test_a_byte_altered_in_the_database_is_named_by_verify(
    house: House, environment: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with serving(home, environment) as origin:
        assert await send(house, origin) == ["applied"] * 3
        # Beside the running server too.
        whole = verify(home, environment, code=0)
    assert "looked at " in whole[0]
    assert whole[-1] == "whole"
    await turn_a_byte(house, LINEAGE, 2)
    said = verify(home, environment, code=1)
    broken = f"BROKEN writer {LINEAGE}, op 2: it was altered, or one before it was taken out"
    assert said[1:] == [broken, "1 place is broken"]
    # The server starts on it as before: who looks decides what follows.
    with serving(home, environment):
        assert verify(home, environment, code=1)[1:] == said[1:]
