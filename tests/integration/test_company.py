"""A company out of a file: the way from an empty installation that docs/setup.md describes."""

import json
import re
import signal
import sqlite3
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.__main__ import main
from tests.fixtures.process import Program

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "company.json"
PASSWORD = "correct horse battery"
Command = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


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


def ask(home: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(home / "xunjian.db")) as connection:
        return [row[0] for row in connection.execute(query)]


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
    home: Path, run: Command, tmp_path: Path
) -> None:
    first = run("company", SAMPLE)
    count = "SELECT count(*) FROM ops"
    written = ask(home, count)
    again = run("company", SAMPLE)
    assert "0 records are new" in again and "0 rounds are new" in again
    assert "signs in as" in first and "signs in as" not in again
    assert ask(home, count) == written
    grown = json.loads(SAMPLE.read_text("utf-8"))
    server = {"name": "数据库服务器", "category": "server"}
    room = {"name": "弱电间", "kind": "network", "equipment": [server]}
    grown["customers"][0]["sites"].append({"name": "横琴支行", "city": "珠海", "rooms": [room]})
    (tmp_path / "grown.json").write_text(json.dumps(grown))
    before = ask(home, "SELECT count(*) FROM assignment")
    more = run("company", tmp_path / "grown.json")
    assert "3 records are new" in more and f"{before[0]} rounds are new" in more
    members = "SELECT s.name || ' ' || m.name FROM member m JOIN site s ON s.id = m.site ORDER BY 1"
    assert ask(home, members) == [
        f"{site} {name}" for site in ("横琴支行", "珠海分行") for name in ("赵敏", "钱伟")
    ]


def test_without_an_administrator_nothing_is_written(home: Path, run: Command) -> None:
    assert "`init ADMIN` makes the first" in run("company", SAMPLE, code=2)
    assert ask(home, "SELECT count(*) FROM ops") == [0]


@pytest.mark.usefixtures("_administrator")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda one: one.update(customrs=[]), "customrs"),
        (lambda one: one["customers"][0]["people"].update(sun="engineer"), "sun"),
        (lambda one: one["customers"][0]["people"].update(zhao="boss"), "$.customers[0].people"),
        (lambda one: one["customers"][0]["sites"].append(one["customers"][0]["sites"][0]), "珠海"),
        (lambda one: one["customers"][0]["plan"].update(rrule="ALWAYS"), "rrule"),
        (lambda one: one["customers"][0]["sites"][0]["rooms"][0].update(kind="cellar"), "kind"),
    ],
    ids=["unknown member", "unknown person", "unknown role", "twice", "no rule", "no kind"],
)
def test_what_is_wrong_in_a_file_is_named_in_one_line(
    home: Path, run: Command, tmp_path: Path, change: Callable[[Any], None], named: str
) -> None:
    wrong = json.loads(SAMPLE.read_text("utf-8"))
    change(wrong)
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    said = run("company", tmp_path / "wrong.json", code=2)
    assert named in said and said.startswith("xunjian: ") and len(said.splitlines()) == 1
    assert ask(home, "SELECT count(*) FROM ops") == [0]
