"""Contract: docs/protocol.md is what the application does. Each of its examples is played."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

import schemas.base
from schemas.protocol import PROTOCOL_VERSIONS
from schemas.wiretypes import wire_schema
from server.errors import DeviceEnded
from sync.errors import SyncError
from tests.contract.protocol_world import company, play_story, read_stories
from tests.integration.conftest import House
from tests.recorded.exchange import Exchange

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "protocol.md", *sorted((ROOT / "docs" / "protocol").glob("*.md")))
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)


STORIES = read_stories(TEXT)


@pytest.mark.parametrize("story", STORIES)
async def test_every_example_of_the_document_is_true(house: House, story: str) -> None:
    await play_story(await company(house), STORIES[story])


STEPS = [step for story in STORIES.values() for step in story]
EXCHANGES = [step.exchange for step in STEPS if step.exchange]


def test_the_stories_show_every_outcome_and_every_line() -> None:
    shown = json.dumps([exchange.answer for exchange in EXCHANGES])
    for outcome in ("applied", "conflict", "review", "held", "rejected"):
        assert f'"outcome": "{outcome}"' in shown, f"no example is answered {outcome}"
    for line in ("start", "record", "gone", "end"):
        assert f'"t": "{line}"' in shown, f"no example shows the line {line}"


# --- Members ---


def bounds(schema: dict[str, Any], low: str, high: str) -> str:
    said = f" ≥ {schema[low]}" if low in schema else ""
    return said + (f" ≤ {schema[high]}" if high in schema else "")


def described(schema: dict[str, Any]) -> str:
    """A member's type and bounds, in few words."""
    if "$ref" in schema:
        return f"[{schema['$ref']}](#{schema['$ref'].lower()})"
    if "anyOf" in schema:
        return " or ".join(described(one) for one in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{one}`" for one in schema["enum"])
    match schema.get("type"):
        case "integer" | "number":
            said = f"{schema['type']}{bounds(schema, 'minimum', 'maximum')}"
            return said.replace(str(2**53 - 1), "2⁵³ - 1")
        case "string":
            pattern = schema.get("pattern", "")
            if pattern.startswith("^(org"):
                return "[scope](#scopes)"
            said = schema.get("format", "string") + bounds(schema, "minLength", "maxLength")
            return f"{said} `{pattern}`" if pattern else said
        case "array":
            bound = f" ≤ {schema['maxItems']}" if "maxItems" in schema else ""
            return f"list{bound} of {described(schema['items'])}"
        case "object":
            bound = f" ≤ {schema['maxProperties']}" if "maxProperties" in schema else ""
            inner = schema.get("additionalProperties") or {}
            return f"map{bound} of {described(inner)}"
        case None:
            return "any JSON"
        case other:
            return str(other)


def rows_of(name: str) -> list[str]:
    """The beginning of each row of a struct's table, as the document must have it."""
    components, _ = wire_schema()
    schema: Any = components[name]
    required = set(schema.get("required", ()))
    rows = []
    for member, type_ in schema["properties"].items():
        default = type_.get("default")
        said = "required" if member in required else f"`{json.dumps(default)}`"
        rows.append(f"| `{member}` | {described(type_)} | {said} |")
    return rows


MESSAGES = (
    *("Discovery", "EnrolRequest", "EnrolAnswer", "PushHeader", "Op", "Made", "PushAnswer"),
    *("Outcome", "Gap", "PullRequest", "DeviceReport", "Start", "ScopeState", "RecordLine"),
    *("GoneLine", "End", "Poke", "Disposition", "ConflictField", "Settled", "AnchorSeen", "Anchor"),
    "Key",
    *("Problem", "FieldProblem", "Difference", "HaveRequest", "HaveAnswer"),
    "RescueHead",
)


@pytest.mark.parametrize("name", MESSAGES)
def test_each_member_of_a_message_stands_there_with_its_type_and_bounds(name: str) -> None:
    _, found, rest = TEXT.partition(f"\n#### {name}\n")
    assert found, f"there is no section `#### {name}`"
    section = re.split(r"\n#{1,4} ", rest)[0]
    there = [line for line in section.splitlines() if line.startswith("| `")]
    wanted = rows_of(name)
    for row in wanted:
        assert any(line.startswith(row) for line in there), f"lacks the row\n{row}"
    assert len(there) == len(wanted), f"{name} has other members than {[row[:24] for row in there]}"


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Each JSON object that a value holds, itself among them."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if type(value) is list else ():
        yield from objects(one)


def sent(exchange: Exchange) -> Iterator[Any]:
    """The JSON that a request holds; a line that is none has no message to show."""
    for line in exchange.body.decode().splitlines():
        with suppress(json.JSONDecodeError):
            yield json.loads(line)


SHOWN = [
    found
    for exchange in EXCHANGES
    for value in (*sent(exchange), *exchange.answer)
    for found in objects(value)
] + [msgspec.to_builtins(step.poke) for step in STEPS if step.poke]


@pytest.mark.parametrize("name", MESSAGES)
def test_each_member_of_a_message_is_in_an_example(name: str) -> None:
    components, _ = wire_schema()
    schema: Any = components[name]
    members, required = set(schema["properties"]), set(schema.get("required", ()))
    shown = [found.keys() for found in SHOWN if required <= found.keys() <= members]
    assert members == set().union(*shown)


# --- Limits, versions, problems ---

# Of forms, of the office and of labels: nothing that a device's client must know.
NOT_OF_THE_PROTOCOL = re.compile(
    r"^(PASSWORD|TARGETS|OCCURRENCES|SCHEDULE|INTERVAL|SECTIONS|ITEMS|OPTIONS|CONDITION|NESTING"
    r"|ROWS|WAITING|OFFSET|INSPECTORS|OPS_PER_EDIT|REMARKS|LAST_|READING|CHILDREN|QUEUE|HISTORY"
    r"|COMPANY|SECRET|WRITES_LOOKED|COVERED|LINKS|LABEL|TAG_|REPORT)"
)


def limits() -> dict[str, int]:
    return {
        name: value
        for name, value in vars(schemas.base).items()
        if name.isupper() and isinstance(value, int) and not NOT_OF_THE_PROTOCOL.match(name)
    }


def test_every_limit_stands_there_with_its_value() -> None:
    said = dict(re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+) \|", TEXT, re.MULTILINE))
    assert {name: int(value.replace(",", "")) for name, value in said.items()} == limits()


def test_every_version_has_its_line() -> None:
    said = re.findall(r"^\| (\d+) \| [\d.]+ \|", TEXT, re.MULTILINE)
    assert tuple(map(int, said)) == PROTOCOL_VERSIONS


def problems(of: type[SyncError]) -> Iterator[type[SyncError]]:
    for one in of.__subclasses__():
        yield one
        yield from problems(one)


# Of the office, the login and the labels, and of who starts a server; no device is answered so.
OF_THE_OFFICE = {
    *("version-moved-on", "not-submitted", "conflicts-open", "items-missing", "photos-waiting"),
    *("nothing-to-undo", "own-inspection", "not-signed-in", "wrong-login", "csrf-refused"),
    *("sign-link-gone", "sign-moved-on"),
    *("not-allowed", "login-taken", "password-too-weak", "tag-taken", "tag-mistyped"),
    *("report-not-ready", "report-gone", "report-unset", "report-too-slow"),
    "report-table-too-large",
    *("rescue-unreadable", "rescue-not-theirs", "rescue-too-long"),
    *("schema-too-new", "schema-too-old"),
}
FAILURES = TEXT.partition("## 10. Failure table")[2].partition("\n## ")[0]


def test_the_failure_table_has_every_problem_that_a_device_may_meet() -> None:
    said = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", TEXT))
    known = {one.slug for one in problems(SyncError) if hasattr(one, "slug")}
    assert known - OF_THE_OFFICE - said == set()
    assert DeviceEnded.slug in said


def test_each_answer_of_the_failure_table_is_given_in_an_example() -> None:
    answered = {
        (found["status"], found["type"].removeprefix("/problems/"))
        for exchange in EXCHANGES
        for value in exchange.answer
        for found in objects(value)
        if {"type", "status"} <= found.keys()
    }
    said = {(int(status), slug) for status, slug in re.findall(r"(\d{3}) `([a-z-]+)`", FAILURES)}
    assert {one for one in said if one[0] >= 400} - answered == set()
    known = {one.slug for one in problems(SyncError) if hasattr(one, "slug")}
    alone = known.intersection(re.findall(r"(?<!\d )`([a-z-]+)`", FAILURES))
    assert alone - {slug for _, slug in answered} == set()  # Of an outcome, which has no status.


# --- Digest ---


def test_the_worked_digest_is_the_sum_of_the_marks_of_its_lines() -> None:
    worked = re.search(r"<!-- digest -->\s*```\n(.*?)\n```(.*?)<!-- end -->", TEXT, re.DOTALL)
    assert worked, "there is no worked digest"
    lines, said = worked[1].splitlines(), worked[2]
    marks = [int.from_bytes(sha256(line.encode()).digest()[:8], "big") for line in lines]
    for mark in marks:
        assert f"`{mark}`" in said, f"the mark {mark} of a line is not told"
    assert f"`{len(marks)}:{sum(marks) % 2**64}`" in said, f"{sum(marks) % 2**64}"


def test_every_diagram_is_drawn_by_mermaid() -> None:
    blocks = re.findall(r"```mermaid\n(\w+)", TEXT)
    assert blocks.count("stateDiagram") + blocks.count("stateDiagram-v2") >= 4
