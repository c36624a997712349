"""A company out of a file: the way from an empty installation that docs/setup.md describes."""

import json
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import COMPANY_SITES_MAX
from schemas.kinds.work import Plan
from schemas.office_writes import OfficeOp
from server import rounds
from server.__main__ import main
from server.clock import Clock, SystemClock
from server.commands import company_file
from server.commands.company import begin
from server.database import Database
from server.settings import load_settings
from server.store import grants, people, records
from server.store.grants import StoredGrant
from server.store.people import Person
from sync.record import Record, raws
from tests.fixtures.database import Copies
from tests.fixtures.postgres import run_apart
from tests.fixtures.process import Program

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "company.json"
PASSWORD = "correct horse battery"
Command = Callable[..., str]
Write = Callable[[Any], Path]
Result = TypeVar("Result")


@pytest.fixture(params=["sqlite", "postgresql"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Path]:
    """A data folder, with its database in it or on a server."""
    if request.param == "sqlite":
        yield tmp_path / "data"
        return
    copies: Copies = request.getfixturevalue("copies")
    with copies.lent() as url:
        monkeypatch.setenv("XUNJIAN_DATABASE_URL", url)
        yield tmp_path / "data"


on_sqlite = pytest.mark.parametrize("home", ["sqlite"], indirect=True)


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the data folder, check its exit code, and give all that it said."""
    monkeypatch.setattr(sys, "stdin", StringIO())

    def command(*arguments: str | Path, code: int = 0) -> str:
        capsys.readouterr()
        done = main([*map(str, arguments), "--data", str(home)])
        said = capsys.readouterr()
        assert done == code, said
        return said.out + said.err

    return command


@pytest.fixture
def _administrator(tmp_path: Path, run: Command) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    run("init", "admin", "--password-file", tmp_path / "password")


@pytest.fixture
def address(home: Path) -> Generator[Callable[[], str]]:
    """Serve the data folder, and give the address; asked for once, after the commands."""
    programs: list[Program] = []

    def serve() -> str:
        command = [sys.executable, "-m", "server", "serve", "--data", str(home), "--port", "0"]
        programs.append(Program(command, ready=lambda line: line.startswith("READY "), cwd=ROOT))
        return programs[0].said[-1].split()[1]

    yield serve
    for program in programs:
        assert program.end(signal.SIGTERM) == 0


@dataclass
class Office:
    """What people do in the office between two runs; no server runs meanwhile."""

    home: Path
    clock: Clock

    def beside(self, work: Callable[[Database], Awaitable[Result]]) -> Result:
        async def whole() -> Result:
            database = Database(load_settings(data_dir=self.home).database_address)
            try:
                return await work(database)
            finally:
                await database.close()

        return run_apart(whole())

    def do(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        async def whole(database: Database) -> Result:
            async with database.write() as tx:
                return await work(tx)

        return self.beside(whole)

    def ask(self, query: str) -> list[Any]:
        async def asked(tx: AsyncConnection) -> list[Any]:
            return [row[0] for row in await tx.execute(text(query))]

        return self.do(asked)

    def find(self, kind: str, field: str = "withdrawn", *, at: object = False) -> Record:
        """The only record of a kind that is not withdrawn, or of which a field says this."""

        async def load(tx: AsyncConnection) -> Record:
            (found,) = (await records.load_by(tx, kind, field, [at])).values()
            return found

        return self.do(load)

    def plan(self) -> Plan:
        return msgspec.convert(self.find("plan").data, Plan)

    def edit(self, record: Record, **more: object) -> None:
        """Write fields of a record, as the administrator; withdraw it where none is named."""
        values = raws(more)
        op = OfficeOp(
            id=self.clock.new_id(),
            kind=record.kind,
            record=record.id,
            base=record.version,
            set=values,
            withdraw=not values,
        )

        async def work(database: Database) -> None:
            writing, _ = await begin(database, self.clock)
            await writing.put_at_once([op])

        self.beside(work)


@pytest.fixture
def office(home: Path) -> Office:
    return Office(home, SystemClock())


def sample() -> Any:
    return json.loads(SAMPLE.read_text("utf-8"))


def site(name: str, **more: object) -> dict[str, Any]:
    """A site with a server in a room."""
    server = {"name": "数据库服务器", "category": "server"}
    room = {"name": "弱电间", "kind": "network", "equipment": [server]}
    return {"name": name, "city": "珠海", "rooms": [room], **more}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    """Write a company to a file."""

    def written(company: Any) -> Path:
        (tmp_path / "company.json").write_text(json.dumps(company))
        return tmp_path / "company.json"

    return written


def sign_in(client: httpx.Client, login: str, password: str) -> None:
    answer = client.post("/office/login", json={"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]


@pytest.mark.usefixtures("_administrator")
def test_the_sample_company_leads_to_a_round_on_a_tablet(
    run: Command, address: Callable[[], str]
) -> None:
    said = run("company", SAMPLE)
    (password,) = re.findall(r"^赵敏 signs in as zhao with (\S+) ", said, re.MULTILINE)
    assert "钱伟" not in said, "an engineer signs in nowhere"
    with httpx.Client(base_url=address()) as client:
        sign_in(client, "zhao", password)
        listed = client.get("/office/assignments").json()["rows"]
        assert {(row["site_name"], row["state"]) for row in listed} == {("珠海分行", "planned")}
        people = client.get("/office/people").json()["rows"]
        (engineer,) = [one["id"] for one in people if one["login"] == "qian"]
        round_ = listed[0]
        op = {
            "id": engineer[:-1] + ("0" if engineer[-1] != "0" else "1"),
            "kind": "assignment",
            "record": round_["id"],
            "base": round_["version"],
            "set": {"assignee": engineer, "state": "issued"},
        }
        answer = client.post("/office/ops", json={"ops": [op]})
        assert answer.status_code == 200, answer.text
        link = client.post("/office/tickets", json={"person": engineer}).json()["link"]
        lineage = "01990000-0000-7000-8000-000000000001"
        ticket = {"ticket": link.partition("#")[2], "lineage": lineage, "name": "平板"}
        enrolled = client.post("/enrol", json=ticket).json()
        credential = {"authorization": f"Bearer {enrolled['credential']}"}
        pulled = client.post("/sync/v1/pull", json={"epoch": 1}, headers=credential)
        records = [json.loads(line) for line in pulled.text.splitlines()]
    (held,) = [one for one in records if one.get("id") == round_["id"]]
    assert (held["kind"], len(held["data"]["targets"])) == ("assignment", 3)
    assert {"ups", "network", "printer"} <= {
        one["data"]["key"] for one in records if one.get("kind") == "template"
    }


@pytest.mark.usefixtures("_administrator")
def test_a_file_that_is_given_again_changes_nothing_and_one_that_grew_adds(
    office: Office, run: Command, write: Write
) -> None:
    first = run("company", SAMPLE)
    assert "this is written in the name of admin (admin)" in first
    count = "SELECT count(*) FROM ops"
    written = office.ask(count)
    again = run("company", SAMPLE)
    assert "0 records are new" in again and "0 rounds are new" in again
    assert "signs in as" in first and "signs in as" not in again
    assert office.ask(count) == written
    grown = sample()
    grown["customers"][0]["sites"].append(site("横琴支行"))
    before = office.ask("SELECT count(*) FROM assignment")
    more = run("company", write(grown))
    assert "3 records are new" in more and f"{before[0]} rounds are new" in more
    assert {*office.plan().categories} == {"network", "printer", "server", "ups"}
    members = "SELECT s.name || ' ' || m.name FROM member m JOIN site s ON s.id = m.site"
    assert {*office.ask(members)} == {
        f"{site} {name}" for site in ("横琴支行", "珠海分行") for name in ("赵敏", "钱伟")
    }


@pytest.mark.usefixtures("_administrator")
def test_many_sites_are_written_at_once(office: Office, run: Command, write: Write) -> None:
    for count in (20, 40):  # With nobody granted there yet, and with two who become members.
        many = sample()
        many["customers"][0]["sites"] += [site(f"{n} 支行", rooms=[]) for n in range(count)]
        run("company", write(many))
        assert office.ask("SELECT count(*) FROM site") == [count + 1]
        assert office.ask("SELECT count(*) FROM member") == [2 * (count + 1)]


@pytest.mark.usefixtures("_administrator")
def test_more_rounds_than_a_request_may_ask_for_are_made(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "OPS_PER_PUSH_MAX", 1)
    monkeypatch.setattr(rounds, "OPS_PER_EDIT_MAX", 1)
    assert re.search(r"^[34] rounds are new", run("company", SAMPLE), re.MULTILINE)


@pytest.mark.usefixtures("_administrator")
def test_what_was_revoked_is_not_granted_again(office: Office, run: Command) -> None:
    run("company", SAMPLE)
    held = "SELECT count(*) FROM grants WHERE revoked_at IS NULL"
    assert office.ask(held) == [3]

    async def end(tx: AsyncConnection) -> None:
        for one in await grants.load_grants(tx):
            if one.role == "supervisor":
                await grants.revoke(tx, one.id, at=office.clock.now())

    office.do(end)
    assert "zhao" not in run("company", SAMPLE)
    assert office.ask(held) == [2]


@pytest.mark.usefixtures("_administrator")
def test_somebody_who_left_stays_as_they_are(office: Office, run: Command, write: Write) -> None:
    run("company", SAMPLE)

    async def leave(tx: AsyncConnection) -> None:
        person = await people.load_by_login(tx, "qian")
        assert person is not None
        await people.save_active(tx, person.id, active=False, at=office.clock.now())

    office.do(leave)
    promoted = sample()
    promoted["customers"][0]["people"]["qian"] = "supervisor"
    assert "qian" not in run("company", write(promoted))
    assert office.ask("SELECT count(*) FROM grants") == [3]


@pytest.mark.usefixtures("_administrator")
def test_an_engineer_who_becomes_more_is_told_how_to_get_a_password(
    run: Command, write: Write, tmp_path: Path
) -> None:
    run("company", SAMPLE)
    promoted = sample()
    promoted["customers"][0]["people"]["qian"] = "supervisor"
    assert "`password qian` gives one" in run("company", write(promoted))
    run("password", "qian", "--password-file", tmp_path / "password")
    assert "qian" not in run("company", write(promoted))


@pytest.mark.usefixtures("_administrator")
def test_it_is_written_in_the_name_of_who_is_administrator_longest(
    office: Office, run: Command
) -> None:
    async def another(tx: AsyncConnection) -> None:
        now, id_ = office.clock.now(), UUID(int=1)
        await people.save_new(
            tx, Person(id=id_, login="abel", name="Abel", created_at=now), password_hash=None
        )
        held = StoredGrant(
            id=UUID(int=2),
            person=id_,
            role="administrator",
            customer=None,
            contract=None,
            site=None,
            granted_at=now,
        )
        await grants.save_new(tx, held, granted_by=None)

    office.do(another)
    assert "in the name of admin (admin)" in run("company", SAMPLE)


@pytest.mark.usefixtures("_administrator")
def test_what_the_office_withdrew_is_passed_over(
    office: Office, run: Command, write: Write
) -> None:
    company = sample()
    company["customers"][0]["sites"].append(site("横琴支行"))
    run("company", write(company))
    office.edit(office.find("site", "name", at="横琴支行"))
    company["customers"][0]["sites"][1]["rooms"].append({"name": "机房", "kind": "ups"})
    company["customers"][0]["sites"].append(site("前山支行"))
    said = run("company", write(company))
    assert "3 records are new" in said and "4 were withdrawn in the office" in said
    assert not office.ask("SELECT 1 FROM room WHERE name = '机房'")
    office.edit(office.find("plan"))
    company["customers"][0]["sites"].append(site("拱北支行"))
    said = run("company", write(company))
    assert "3 records are new" in said and "\n0 rounds are new" in said


@pytest.mark.usefixtures("_administrator")
def test_what_the_office_took_out_of_a_plan_stays_out(
    office: Office, run: Command, write: Write
) -> None:
    company = sample()
    company["customers"][0]["sites"].append(site("横琴支行"))
    run("company", write(company))
    kept = office.find("site", "name", at="珠海分行").id
    less = {"sites": [kept], "categories": ["ups", "network"]}
    office.edit(office.find("plan"), **less)
    run("company", write(company))
    assert (office.plan().sites, {*office.plan().categories}) == ((kept,), {"ups", "network"})
    shop = {"name": "收银机", "category": "pos"}
    room = {"name": "营业厅", "kind": "shop", "equipment": [shop]}
    company["customers"][0]["sites"].append(site("前山支行", rooms=[room]))
    run("company", write(company))
    added = office.find("site", "name", at="前山支行").id
    assert {*office.plan().sites} == {kept, added}
    assert {*office.plan().categories} == {"ups", "network", "pos"}


def test_without_an_administrator_nothing_is_written(office: Office, run: Command) -> None:
    assert "`init ADMIN` makes the first" in run("company", SAMPLE, code=2)
    assert office.ask("SELECT count(*) FROM ops") == [0]


@on_sqlite
@pytest.mark.usefixtures("_administrator")
def test_a_file_may_begin_with_a_byte_order_mark(run: Command, tmp_path: Path) -> None:
    (tmp_path / "marked.json").write_text(SAMPLE.read_text("utf-8"), "utf-8-sig")
    assert "9 records are new" in run("company", tmp_path / "marked.json")


@on_sqlite
def test_a_file_of_another_encoding_is_told_apart(run: Command, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(SAMPLE.read_text("utf-8"), "gb18030")
    said = run("company", tmp_path / "other.json", code=2)
    assert said == f"xunjian: {tmp_path / 'other.json'} is not UTF-8: save it in that encoding\n"


@on_sqlite
def test_a_file_that_is_too_long_is_not_read(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_file, "COMPANY_BYTES_MAX", 1_000)
    assert "longer than 1000 bytes" in run("company", SAMPLE, code=2)


def of(one: Any, *path: str | int) -> Any:
    """A part of the first customer."""
    one = one["customers"][0]
    for step in path:
        one = one[step]
    return one


ROOM: tuple[str | int, ...] = ("sites", 0, "rooms", 0)
ASSET = (*ROOM, "equipment", 0)


@on_sqlite
@pytest.mark.usefixtures("_administrator")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda one: one.update(customrs=[]), "customrs"),
        (lambda one: one["people"].append(one["people"][0]), "zhao: is there twice"),
        (lambda one: one["people"][0].update(name="\u200b"), "zhao: name shows nothing"),
        (lambda one: one["people"][0].update(phone="\0"), "people[0].phone holds NUL"),
        (lambda one: of(one, "people").update(sun="engineer"), "示例银行: sun is not in `people`"),
        (lambda one: of(one, "people").update(zhao="boss"), "$.customers[0].people"),
        (lambda one: of(one, "people").update(zhao="administrator"), "$.customers[0].people"),
        (lambda one: of(one, "sites").append(of(one, "sites", 0)), "示例银行 / 珠海分行 (site)"),
        (
            lambda one: of(one, *ROOM, "equipment").append(of(one, *ASSET)),
            "示例银行 / 珠海分行 / 主机房 / UPS-01 SN-0001 (asset)",
        ),
        (
            lambda one: of(one).update(sites=[site("a")] * (COMPANY_SITES_MAX + 1)),
            "$.customers[0].sites",
        ),
        (lambda one: of(one, "plan").update(rrule="ALWAYS"), "示例银行 / 月度巡检: rrule"),
        (
            lambda one: of(one, "plan").update(starts_on="1700-01-01"),
            "示例银行 / 月度巡检: starts_on: lies between",
        ),
        (
            lambda one: [room.pop("equipment") for room in of(one, "sites", 0, "rooms")],
            "示例银行 / 月度巡检: no site has equipment",
        ),
        (lambda one: of(one, *ROOM).update(kind="cellar"), "kind"),
        (
            lambda one: of(one, *ROOM).update(name=" "),
            "示例银行 / 珠海分行 /  : name shows nothing",
        ),
        (
            lambda one: of(one, "sites", 0).update(time_zone="Asia/Zhuhai"),
            "示例银行 / 珠海分行: time_zone: 'Asia/Zhuhai'",
        ),
        (
            lambda one: of(one, "contract").update(ends_on="2025-12-31"),
            "示例银行: contract 2026-001 ends before it starts",
        ),
        (
            lambda one: of(one, "plan").update(rrule="FREQ=DAILY;BYMONTHDAY=1" + ",1" * 300),
            "示例银行 / 月度巡检: rrule: Expected `str` of length <= 500",
        ),
        (lambda one: of(one, "plan").update(rrule=""), "$.customers[0].plan.rrule"),
    ],
    ids=[
        "unknown member",
        "login twice",
        "nameless person",
        "NUL",
        "unknown person",
        "unknown role",
        "administrator",
        "site twice",
        "equipment twice",
        "too many sites",
        "no rule",
        "no start",
        "no equipment",
        "no kind",
        "nameless room",
        "no time zone",
        "ends before it starts",
        "rule too long",
        "empty rule",
    ],
)
def test_what_is_wrong_in_a_file_is_named_in_one_line(
    office: Office, run: Command, write: Write, change: Callable[[Any], None], named: str
) -> None:
    wrong = sample()
    change(wrong)
    said = run("company", write(wrong), code=2)
    assert " ".join(named.split()) in said, said
    assert said.startswith("xunjian: ") and len(said.splitlines()) == 1
    counted = "SELECT count(*) FROM ops UNION ALL SELECT count(*) - 1 FROM people"
    assert office.ask(counted) == [0, 0]
