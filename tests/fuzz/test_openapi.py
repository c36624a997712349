"""Every operation of the OpenAPI document, thrown at with an administrator's session.

Rule: the document decides what is thrown; an operation that is added tomorrow is thrown at
tomorrow.
"""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import Mutation, examples, mutations
from tests.fuzz.laws import Answer, ask, demand_named, demand_no_fault, dump, is_json

BASE = "http://test"
USUAL = 2  # Examples of each operation, of good ones and of bad ones.
ANY_TEXT = ("{slug}", "{code}", "{name}")  # Where nothing that stands there is wrong in form.
LAST = "/office/logout"  # Nothing is asked with a session that has ended.


def operations(stage: Stage) -> list[Any]:
    """What the document names, as it is served."""
    schema = schemathesis.openapi.from_dict(stage.house.app.openapi_schema.to_schema())
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return sorted(found, key=lambda operation: operation.path == LAST)


def cases(operation: Any, mode: GenerationMode) -> list[Case[Any]]:
    """Requests to it, the same in each run; none where it takes nothing that could be wrong."""
    drawn: list[Case[Any]] = []
    if mode == GenerationMode.NEGATIVE and operation.path.endswith(ANY_TEXT):
        return drawn

    @examples(USUAL)
    @given(operation.as_strategy(generation_mode=mode))
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    try:
        draw()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE or drawn
    return drawn


async def throw(stage: Stage, session: dict[str, str], case: Case[Any]) -> tuple[Answer, str]:
    """Send it; the answer, and what was sent as one can read it."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    body = sent.body if isinstance(sent.body, bytes) else str(sent.body or "").encode()
    kept = {name: value for name, value in sent.headers.items() if name.lower() != "cookie"}
    method, target = str(sent.method), str(sent.path_url)
    answer = await ask(stage.house, method, target, headers={**kept, **session}, body=body)
    return answer, f"{method} {target} {kept} {body!r}"


async def session_of(stage: Stage) -> dict[str, str]:
    """The headers of an administrator's browser."""
    await stage.house.add_person("root", ("administrator", None))
    async with stage.house.signed_in("root") as client:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return {"cookie": cookies, "x-csrf-token": client.headers["x-csrf-token"]}


# PostgreSQL is the stricter one; the bodies of each route are thrown at both in test_bodies.py.
@pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=pytest.mark.full), "postgresql"], indirect=True
)
async def test_no_operation_of_the_document_is_brought_down(stage: Stage) -> None:
    session, world = await session_of(stage), stage.world
    await world.done()
    known = {
        "person_id": str(world.engineer),
        "asset_id": str(world.asset),
        "site_id": str(world.site),
        "assignment_id": str(world.assignment),
        "inspection_id": str(world.inspection),
    }
    thrown, before = set(), await dump(stage.house.database)
    for operation in operations(stage):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for number, case in enumerate(cases(operation, mode)):
                if mode == GenerationMode.POSITIVE and number % 2:
                    there = known.keys() & case.path_parameters.keys()
                    case.path_parameters.update({name: known[name] for name in there})
                answer, sent = await throw(stage, session, case)
                demand_no_fault(answer)
                thrown.add(operation.label)
                now = await dump(stage.house.database)
                assert answer.status < 400 or now == before, sent
                before = now
    assert len(thrown) == len(operations(stage)) > 30


@examples(40)
@given(wrong=mutations)
async def test_an_edit_from_the_office_that_makes_no_sense_is_refused_by_name(
    stage: Stage, wrong: Mutation
) -> None:
    edit = {
        "id": str(stage.house.clock.new_id()),
        "kind": "assignment",
        "record": str(stage.world.assignment),
        "base": 2**33,
        "set": {"title": {"zh": "巡检", "en": "Round"}, "state": "issued"},
    }
    body = b'{"ops":[' + wrong(edit) + b"]}"
    client = stage.world.office
    headers = {
        "content-type": "application/json",
        "cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items()),
        "x-csrf-token": client.headers["x-csrf-token"],
    }
    before = await dump(stage.house.database)
    answer = await ask(stage.house, "POST", "/office/ops", headers=headers, body=body)
    demand_no_fault(answer)
    if answer.status >= 400:
        assert await dump(stage.house.database) == before
        if answer.slug == "invalid-request" and is_json(body):
            demand_named(answer.json())
