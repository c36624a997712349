"""Bodies that no honest client sends: each is refused by name, and no row of any table moves."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import Mutation, examples, garbage, mutations, written
from tests.fuzz.laws import (
    Answer,
    ask,
    demand_documented,
    demand_named,
    demand_no_fault,
    dump,
    is_json,
)

# What names a member wherever the body could be read at all.
NAMING = ("invalid-request", "push-header-unreadable")
ENDS = (b"\n", b"\r\n", b"\n\n", b" \n", b"\r", b"\n\x00", b"")
Wrong = Mutation | bytes


def applied(wrong: Wrong, document: dict[str, Any]) -> bytes:
    return wrong if isinstance(wrong, bytes) else wrong(document)


async def demand_refused_whole(stage: Stage, answer: Answer, body: bytes, before: object) -> None:
    """What was refused says why, and has changed nothing."""
    demand_no_fault(answer)
    if answer.status < 400:
        return
    assert await dump(stage.house.database) == before
    if answer.slug in NAMING and is_json(body):
        demand_named(answer.json())


@examples(60)
@given(wrong=st.one_of(mutations, garbage))
async def test_a_pull_that_makes_no_sense_is_refused_by_name(stage: Stage, wrong: Wrong) -> None:
    body = applied(
        wrong,
        {
            "epoch": await stage.epoch(),
            "token": stage.world.tablet.token,
            "limit": 3,
            "report": {
                "app_version": "0.1.0",
                "unsent": 1,
                "unsent_since": "2026-11-18T06:00:00Z",
                "photos_left": 0,
            },
        },
    )
    before = await dump(stage.house.database)
    answer = await stage.post("/sync/v1/pull", body)
    await demand_refused_whole(stage, answer, body, before)


@examples(60)
@given(wrong=st.one_of(mutations, garbage))
async def test_an_enrolment_that_makes_no_sense_leaves_the_ticket_whole(
    stage: Stage, wrong: Wrong
) -> None:
    document = {
        "ticket": await stage.house.add_ticket(stage.world.engineer),
        "lineage": str(stage.house.clock.new_id()),
        "name": "平板 04",
        "public_key": None,
        "proof": None,
        "app_version": "0.1.0",
        "language": "zh-CN",
    }
    body = applied(wrong, document)
    # Each from elsewhere: who fails often waits, and nothing more would be looked at.
    address = str(UUID(bytes=stage.house.clock.entropy(16)))
    before = await dump(stage.house.database)
    answer = await stage.post("/enrol", body, address=address)
    await demand_refused_whole(stage, answer, body, before)
    if answer.status >= 400:
        good = await stage.post("/enrol", written(document))
        assert good.status == 201, good


@examples(60)
@given(wrong=st.one_of(mutations, garbage), good=st.integers(0, 3))
async def test_a_push_without_a_header_is_refused_by_name(
    stage: Stage, wrong: Wrong, good: int
) -> None:
    first_n = stage.first_n
    stage.first_n += 10
    header = applied(wrong, {"epoch": await stage.epoch(), "first_n": first_n, "last_acked": None})
    ops = [written(stage.op(first_n + place)) for place in range(good)]
    before = await dump(stage.house.database)
    answer = await stage.post("/sync/v1/push", b"\n".join([header, *ops]))
    await demand_refused_whole(stage, answer, header.partition(b"\n")[0], before)


@examples(60)
@given(
    wrongs=st.lists(st.one_of(mutations, garbage), min_size=1, max_size=6),
    end=st.sampled_from(ENDS),
    last=st.sampled_from([b"\n", b""]),
)
async def test_every_line_of_a_push_is_answered_and_what_is_wrong_is_named(
    stage: Stage, wrongs: list[Wrong], end: bytes, last: bytes
) -> None:
    first_n = stage.first_n
    stage.first_n += 200
    header = b'{"epoch":%d,"first_n":%d}' % (await stage.epoch(), first_n)
    lines = [applied(wrong, stage.op(first_n + at)) for at, wrong in enumerate(wrongs)]
    body = header + b"\n" + end.join(lines) + last
    before = await dump(stage.house.database)
    answer = await stage.post("/sync/v1/push", body)
    if answer.status >= 400:
        await demand_refused_whole(stage, answer, b"", before)
        return
    demand_no_fault(answer)
    outcomes = answer.json().get("outcomes", [])
    sent = body.partition(b"\n")[2].split(b"\n")
    sent = sent[:-1] if sent[-1] == b"" else sent
    assert [one["n"] for one in outcomes] == [first_n + place for place in range(len(sent))]
    for outcome, line in zip(outcomes, sent, strict=True):
        assert (outcome["outcome"] == "rejected") == ("problem" in outcome) or outcome[
            "outcome"
        ] in ("review", "held")
        if problem := outcome.get("problem"):
            demand_documented(problem, problem["status"])
            # Of a record that nobody has, or that is elsewhere, no more is told: the office looks.
            if is_json(line) and outcome["outcome"] == "rejected":
                demand_named(problem)


@examples(25)
@given(text=st.one_of(st.text(max_size=40), st.sampled_from(["..", "%00", "\x00", "x" * 9_000])))
async def test_any_text_for_a_tag_is_answered(stage: Stage, text: str) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in text.encode())
    cookie = "; ".join(f"{k}={v}" for k, v in stage.world.office.cookies.items())
    before = await dump(stage.house.database)
    for target in (f"/t/{quoted}", f"/office/tags/{quoted}"):
        answer = await ask(stage.house, "GET", target, headers={"cookie": cookie})
        demand_no_fault(answer)
    assert await dump(stage.house.database) == before
