"""The demo company as the browser tests see it. Rule: its database is read, and never written.

The one exception is the passing of time, which no test can wait for.

What a test needs to know beforehand (which device, which label) comes from here; what it proves
afterwards (nothing lost, nothing double) too.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from PIL import Image

from server.labels.qr import tag_png
from tests.browser.patience import until
from tests.fixtures.demo import DemoServer

# A host that is not the server's: a label must open whatever is printed on it.
PRINTED_FOR = "https://labels.example.net"
FRAME = (640, 480)
# Where people write what is shown as they wrote it.
WRITTEN = (
    *("site", "room", "customer", "asset", "people", "visit", "finding", "attachment"),
    *("inspection", "signature", "devices", "contract"),
)


@dataclass(frozen=True)
class Target:
    """One device of a round, with what is printed on it."""

    assignment: UUID
    asset: UUID
    room: UUID
    name: str
    category: str
    serial: str
    code: str

    @property
    def path(self) -> str:
        """Where its checklist is."""
        return f"/field/inspect/{self.assignment}/{self.asset}"


@dataclass(frozen=True)
class Company:
    """The company of a demo server, which may be stopped while it is read."""

    server: DemoServer
    # The administrator's, from the first time that they sign in.
    _cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    _token: list[str] = field(default_factory=list)

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Read rows, without ever locking the server out."""
        place = f"file:{self.server.home / 'xunjian.db'}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(query, values).fetchall()

    def value(self, query: str, *values: object) -> Any:
        """Read the one value of the one row."""
        ((value,),) = self.rows(query, *values)
        return value

    async def comes_to(self, wanted: object, query: str, *values: object) -> None:
        """Wait until the one value of the one row is the one wanted."""

        async def is_so() -> bool:
            return bool(self.value(query, *values) == wanted)

        await until(is_so, f"{wanted!r} from {query}")

    def person(self, login: str) -> UUID:
        return UUID(self.value("SELECT id FROM people WHERE login = ?", login))

    def target(self, login: str, category: str, *, is_last: bool = False) -> Target:
        """Give a device of that category in this engineer's open rounds which nobody has begun.

        In the round that is due first; or last, where another test's visit is not.
        """
        rounds = self.rows(
            "SELECT id, targets FROM assignment"
            " WHERE assignee = ? AND state IN ('issued', 'started') ORDER BY due_at, id",
            self.person(login).hex,
        )
        named = [
            (UUID(one["id"]), UUID(target["asset"]))
            for one in rounds
            for target in json.loads(one["targets"])
        ]
        if is_last:
            named.reverse()
        begun = {
            (UUID(one["assignment"]), UUID(one["asset"]))
            for one in self.rows("SELECT assignment, asset FROM inspection")
        }
        return next(
            target
            for target in (self._target(*pair) for pair in named if pair not in begun)
            if target.category == category and target.code
        )

    def begun(self, login: str) -> Target:
        """Give a device whose checklist this engineer has begun and not handed in."""
        found = self.rows(
            "SELECT assignment, asset FROM inspection"
            " WHERE inspector = ? AND json_extract(step, '$.step') IS NULL",
            self.person(login).hex,
        )
        return self._target(UUID(found[0]["assignment"]), UUID(found[0]["asset"]))

    def of(self, inspection: UUID) -> Target:
        """Give the device of an inspection."""
        query = "SELECT assignment, asset FROM inspection WHERE id = ?"
        (found,) = self.rows(query, inspection.hex)
        return self._target(UUID(found["assignment"]), UUID(found["asset"]))

    def _target(self, assignment: UUID, asset: UUID) -> Target:
        (row,) = self.rows("SELECT * FROM asset WHERE id = ?", asset.hex)
        codes = self.rows(
            "SELECT code FROM tag WHERE asset = ? AND NOT coalesce(retired, 0)", asset.hex
        )
        return Target(
            assignment=assignment,
            asset=asset,
            room=UUID(row["room"]),
            name=row["name"],
            category=row["category"],
            serial=row["serial"] or "",
            code=codes[0]["code"] if codes else "",
        )

    def blank_code(self, nth: int = 0) -> str:
        """Give a code of the printed batch that is on no device yet."""
        codes = self.rows("SELECT code FROM claims WHERE asset_id IS NULL ORDER BY code")
        return str(codes[nth]["code"])

    def decided(self, inspection: UUID) -> str:
        """Say what the office last decided over an inspection; empty while it has not."""
        review = self.value("SELECT review FROM inspection WHERE id = ?", inspection.hex)
        return str((json.loads(review or "null") or {}).get("decision", ""))

    def ops(self, device: UUID) -> list[sqlite3.Row]:
        """Everything that a device has sent, in its order."""
        return self.rows("SELECT * FROM ops WHERE device_id = ? ORDER BY n", device.hex)

    def twice(self, device: UUID) -> Counter[str]:
        """Count ops of a device that are there more than once, by id."""
        counted = Counter(row["id"] for row in self.ops(device))
        return Counter({id_: n for id_, n in counted.items() if n > 1})

    def words(self) -> str:
        """Give all that people wrote: names, places, notes. Chinese in every language of the app.

        Not the titles of templates and rounds, which exist in both.
        """
        written: list[str] = []
        for table in WRITTEN:
            for row in self.rows(f"SELECT * FROM {table}"):  # noqa: S608 - names of our own
                written += [value for value in row if isinstance(value, str)]
        written += [row["note"] or "" for row in self.rows("SELECT note FROM assignment")]
        return "\n".join(written)

    async def link(self, login: str) -> str:
        """Make a fresh enrolment link for somebody, as the administrator does in the office."""
        address = self.server.address
        async with httpx.AsyncClient(base_url=address, cookies=self._cookies) as client:
            if not self._token:
                administrator = self.server.facts["people"]["administrator"]
                sign_in = {name: administrator[name] for name in ("login", "password")}
                me = await client.post("/office/login", json=sign_in)
                me.raise_for_status()
                self._token.append(me.json()["csrf"])
                self._cookies.update(client.cookies)
            person = {"person": str(self.person(login))}
            token = {"x-csrf-token": self._token[0]}
            answer = await client.post("/office/tickets", json=person, headers=token)
            answer.raise_for_status()
            return str(answer.json()["link"])

    def let_expire(self, link: str) -> None:
        """Let the time of an enrolment link pass."""
        digest = hashlib.sha256(link.partition("#")[2].encode()).digest()
        with closing(sqlite3.connect(self.server.home / "xunjian.db")) as database, database:
            done = database.execute(
                "UPDATE tickets SET expires_at = created_at WHERE hash = ?", (digest,)
            )
            assert done.rowcount == 1, "there is no such ticket"


def held_before_camera(picture: Image.Image) -> list[Image.Image]:
    """Give the frames of a camera before which somebody holds a picture, still."""
    width, height = FRAME
    shown = picture.convert("L")
    shown.thumbnail((width - 120, height - 40))
    frame = Image.new("RGB", FRAME, (120, 122, 118))
    frame.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    return [frame] * 3


def label_of(code: str) -> bytes:
    """Draw the label of a tag as the product prints it, for a host that no server has."""
    return tag_png(code, base_url=PRINTED_FOR, module_px=8)
