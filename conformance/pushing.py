"""Checks of what is sent: promises 1, 3, 5, 6 and 10. Rule: each makes its own records."""

import asyncio

import msgspec

from conformance.device import Device, Refused, mint
from conformance.stage import NotTested, Stage, check, demand
from conformance.wire import Outcome, Pushed

OLD, AHEAD = "2001-01-01T00:00:00Z", "2090-01-01T00:00:00Z"


def facts(outcome: Outcome) -> object:
    """Everything that a replay must say again, but for the number."""
    return msgspec.structs.replace(outcome, n=0)


async def refused_slug(device: Device, lines: list[bytes], first_n: int) -> str:
    """How a push is refused; empty where it was not."""
    try:
        await device.send(lines, first_n)
    except Refused as refusal:
        return f"{refusal.status} {refusal.slug}"
    return ""


# --- 1 ---


async def sent_twice(stage: Stage, again: "list[bytes]", ops: list[dict[str, object]]) -> None:
    """Send ops, then `again` under the same numbers: the answers are the same, and so is all."""
    device = stage.one
    before = await device.send([msgspec.json.encode(op) for op in ops], ops[0]["n"])
    await device.pull()
    versions = {str(op["record"]): device.version(str(op["record"])) for op in ops}
    after = await device.send(again, ops[0]["n"])
    for first, second in zip(before.outcomes, after.outcomes, strict=False):
        demand(first == second, f"op {first.n} was answered {first}, and when replayed {second}")
    count = (len(before.outcomes), len(after.outcomes))
    demand(count == (len(ops), len(ops)), f"{count[0]} outcomes, and {count[1]} when replayed")
    await device.pull()
    now = {record: device.version(record) for record in versions}
    demand(versions == now, f"a replay changed versions from {versions} to {now}")


def script(stage: Stage) -> list[dict[str, object]]:
    """One op that is applied, one that is rejected, one that waits for a person."""
    device = stage.one
    asset = stage.asset(device)
    made = device.attachment(asset.id, "sent twice")
    ops = device.numbered(
        [made, device.op("no-such-kind", mint()), device.caption(mint(), "of nothing")]
    )
    for op in ops:
        device.sent[str(op["id"])] = op
    return ops


@check(1, "the same bytes are answered the same, and change nothing a second time")
async def replay_is_answered_as_before(stage: Stage) -> None:
    ops = script(stage)
    await sent_twice(stage, [msgspec.json.encode(op) for op in ops], ops)


@check(1, "an op in other bytes is still the same op")
async def replay_in_other_bytes(stage: Stage) -> None:
    ops = script(stage)
    again = [dict(reversed(op.items())) | {"words": "", "app": "2.0"} for op in ops]
    await sent_twice(stage, [msgspec.json.encode(op) for op in again], ops)


@check(1, "a push that arrives twice at once is taken once")
async def two_at_once(stage: Stage) -> None:
    ops = script(stage)
    lines = [msgspec.json.encode(op) for op in ops]
    answers: list[Pushed] = await asyncio.gather(
        *(stage.one.send(lines, ops[0]["n"]) for _ in range(3))
    )
    for answer in answers[1:]:
        demand(
            answer.outcomes == answers[0].outcomes,
            f"three copies at once were answered {answers[0].outcomes} and {answer.outcomes}",
        )


@check(1, "an op under another number is answered with its first outcome")
async def one_op_under_two_numbers(stage: Stage) -> None:
    device = stage.one
    op, first = await stage.make(device, stage.asset(device), "twice")
    version = device.version(str(op["record"]))
    (second,) = await device.push(op)
    demand(facts(first) == facts(second), f"first {first}, under another number {second}")
    await device.pull()
    demand(device.version(str(op["record"])) == version, "the second copy was applied again")


@check(1, "what is applied is pulled, at the position that was told")
async def applied_is_pulled(stage: Stage) -> None:
    device = stage.one
    op, outcome = await stage.make(device, stage.asset(device), "there")
    row = device.base[str(op["record"])]
    told = (outcome.scope, outcome.seq, outcome.version)
    demand((row.scope, row.seq, row.version) == told, f"told {told}, pulled {row}")
    demand(row.data.get("caption") == "there", f"pulled without its value: {row.data}")


@check(1, "another op under a used number is a clone, and nothing of its push is processed")
async def clone_is_told(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    op, outcome = await stage.make(device, asset, "original")
    copy = device.attachment(asset.id, "of the clone") | {"n": outcome.n}
    next_ = device.attachment(asset.id, "after the clone") | {"n": device.next_n}
    # The numbers between are replays of nothing: the copy's batch is the used number alone.
    slug = await refused_slug(device, [msgspec.json.encode(copy)], outcome.n)
    demand(slug == "409 cloned-device", f"a clone was answered `{slug}`")
    if outcome.n + 1 == device.next_n:
        lines = [msgspec.json.encode(one) for one in (copy, next_)]
        slug = await refused_slug(device, lines, outcome.n)
        demand(slug == "409 cloned-device", f"a clone's batch was answered `{slug}`")
    (fine,) = await device.push(device.caption(str(op["record"]), "still here"))
    demand(fine.outcome == "applied", f"after a clone the next op was answered {fine.outcome}")
    await device.pull()
    demand(next_["record"] not in device.base, "the clone's op was processed")


# --- 3 ---


def bad_lines(device: Device, asset: str) -> dict[str, bytes]:
    """Lines that no server can take, by what is wrong with them; `@` stands for the number."""

    def line(**more: object) -> bytes:
        return msgspec.json.encode({"n": "@", **device.attachment(asset, "bad")} | more)

    def value(text: bytes) -> bytes:
        return line(set={"caption": "HERE"}).replace(b'"HERE"', text)

    return {
        "no JSON": b"{",
        "an empty line": b"",
        "no object": b"[1]",
        "no UTF-8": value(b'"\xff\xfe"'),
        "a lone surrogate": value(b'"\\ud800"'),
        "NaN": value(b"NaN"),
        "NUL in a text": value(b'"a\\u0000b"'),
        "an integer of 2^63": line(set={"bytes": 2**63}),
        "a wrong type": line(set={"caption": 7}),
        "nested 40 deep": value(b"[" * 40 + b"]" * 40),
        "no such kind": line(kind="no-such-kind"),
        "no such date": line(made={"wall": "2026-02-30T00:00:00Z", "session": device.session}),
        "somebody else's name on it": line(by=mint()),
        "a number that is not its place": line(n=2**40),
    }


@check(3, "bad lines are rejected each alone, and the good ones between them are applied")
async def bad_lines_alone(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    bad = bad_lines(device, asset.id)
    lines: list[bytes] = []
    good = {}
    first = device.next_n
    for line in bad.values():
        n = first + len(lines)
        op = device.attachment(asset.id, "good") | {"n": n + 1}
        good[n + 1] = device.sent[str(op["id"])] = op
        lines += [line.replace(b'"@"', str(n).encode()), msgspec.json.encode(op)]
    device.next_n += len(lines)
    answer = await device.send(lines, first)
    by_n = {one.n: one for one in answer.outcomes}
    demand(len(by_n) == len(lines), f"{len(lines)} lines, {len(by_n)} outcomes")
    for place, what in enumerate(bad):
        outcome = by_n.get(first + 2 * place)
        demand(outcome and outcome.outcome == "rejected", f"{what}: {outcome}")
        demand(outcome and outcome.problem, f"{what}: rejected without a problem")
    for n in good:
        demand(by_n[n].outcome == "applied", f"a good op after a bad one: {by_n[n].outcome}")
    await device.pull()
    told = {row.data.get("n"): row for row in device.base.values() if row.kind == "disposition"}
    for place, what in enumerate(bad):
        row = told.get(first + 2 * place)
        demand(row and row.data.get("problem"), f"{what}: no disposition tells what became of it")


@check(3, "a rejection names the field")
async def rejection_names_the_field(stage: Stage) -> None:
    device = stage.one
    op = device.attachment(stage.asset(device).id, "x")
    (outcome,) = await device.push(op | {"set": {**dict_of(op["set"]), "width": -1}})
    named = [one.field for one in outcome.problem.errors] if outcome.problem else []
    demand(outcome.outcome == "rejected", f"a negative width was answered {outcome.outcome}")
    demand("width" in " ".join(named), f"the problem names {named}, not `width`")


def dict_of(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


@check(3, "what hangs on a rejected creation is held behind it, and runs when that is mended")
async def held_runs_when_mended(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    bad = device.attachment(asset.id, "bad")
    whole = dict_of(bad["set"])
    first, held, beside = await device.push(
        bad | {"set": {**whole, "width": -1}},
        device.caption(str(bad["record"]), "later"),
        device.attachment(asset.id, "beside"),
    )
    names = (first.outcome, held.outcome, beside.outcome)
    demand(names == ("rejected", "held", "applied"), f"answered {names}")
    mended = bad | {"id": mint(), "replaces": bad["id"], "orig_n": first.n}
    (outcome,) = await device.push(mended)
    demand(outcome.outcome == "applied", f"the mended op was answered {outcome.outcome}")
    await device.pull()
    row = device.base.get(str(bad["record"]))
    demand(row and row.data.get("caption") == "later", f"what was held did not run: {row}")
    for one in (first, held):
        told = device.told(one.id)
        demand(told and told.data.get("settled"), f"op {one.n} was not told to be settled")


@check(3, "a push that cannot be read as a whole is refused by its status, and nothing is done")
async def unreadable_push(stage: Stage) -> None:
    device = stage.one
    op = device.attachment(stage.asset(device).id, "not sent")
    line = msgspec.json.encode({"n": device.next_n, **op})
    for body, headers, status in (
        (b"not a header\n" + line, {}, 400),
        (b'{"epoch":1}\n' + line, {}, 400),
        (b"xx" + line, {"content-encoding": "gzip"}, 415),
        (line, {"content-encoding": "no-such-coding"}, 415),
    ):
        try:
            await device.post("/sync/v1/push", body, headers)
        except Refused as refusal:
            demand(refusal.status == status, f"{body[:20]!r} was answered {refusal}, not {status}")
            demand(refusal.problem, f"{body[:20]!r} was refused without a problem document")
        else:
            demand(holds=False, why=f"{body[:20]!r} was taken")
    await device.pull()
    demand(op["record"] not in device.base, "an op of a refused push was processed")


# --- 5 ---


@check(5, "of two who write one field both values are kept, and the first one's stands")
async def both_values_are_kept(stage: Stage) -> None:
    one, other, asset = stage.pair()
    op, _ = await stage.make(one, asset, "before")
    record = str(op["record"])
    await other.pull()
    demand(record in other.base, "what one applied is not pulled by the other")
    ours, theirs = one.caption(record, "of one"), other.caption(record, "of the other")
    (first,) = await one.push(ours)
    (second,) = await other.push(theirs)
    names = (first.outcome, second.outcome)
    demand(names == ("applied", "conflict"), f"two wrote one field: {names}")
    await other.pull()
    told = other.told(theirs["id"])
    said = msgspec.json.encode(told.data.get("fields")).decode() if told else ""
    both = "of one" in said and "of the other" in said
    demand(both, f"the disposition of the conflict does not hold both values: {said or told}")
    row = other.base.get(record)
    demand(row and row.data.get("caption") == "of one", f"the server's value did not stay: {row}")


@check(5, "an edit of what was withdrawn meanwhile is kept for a person")
async def late_edit_is_kept(stage: Stage) -> None:
    device = stage.one
    op, _ = await stage.make(device, stage.asset(device), "short")
    record = str(op["record"])
    late = device.caption(record, "late")
    gone, outcome = await device.push(device.op("attachment", record, withdraw=True), late)
    names = (gone.outcome, outcome.outcome)
    demand(names == ("applied", "review"), f"withdrawn, then edited: {names}")
    await device.pull()
    demand(device.told(late["id"]), "nothing tells what became of the late edit")


@check(5, "what is older by number does not overwrite what is newer of the same device")
async def own_later_edit_stands(stage: Stage) -> None:
    device = stage.one
    op, _ = await stage.make(device, stage.asset(device), "first")
    record = str(op["record"])
    # Both on one base, as an app makes them that was offline in between.
    await device.push(device.caption(record, "second"), device.caption(record, "third"))
    await device.pull()
    now = device.base[record].data.get("caption")
    demand(now == "third", f"after three edits of one device `{now}` stands")


# --- 6 ---


@check(6, "an op is taken whatever the device's clock says, and the later push stands")
async def no_clock_decides(stage: Stage) -> None:
    one, asset = stage.one, stage.asset(stage.one)
    op, _ = await stage.make(one, asset, "now")
    record = str(op["record"])
    for wall, text in ((AHEAD, "from 2090"), (OLD, "from 2001")):
        made = {"wall": wall, "session": one.session}
        (outcome,) = await one.push(one.caption(record, text, made=made))
        demand(outcome.outcome == "applied", f"an op made in {wall} was {outcome}")
        await one.pull()
        now = one.base[record].data.get("caption")
        demand(now == text, f"an op made in {wall} was applied, and `{now}` stands")


@check(6, "of two devices the one that comes second stands on what it saw, not on its clock")
async def order_of_two(stage: Stage) -> None:
    one, other, asset = stage.pair()
    op, _ = await stage.make(one, asset, "before")
    record = str(op["record"])
    await one.push(one.caption(record, "ahead", made={"wall": AHEAD, "session": one.session}))
    await other.pull()
    made = {"wall": OLD, "session": other.session}
    (outcome,) = await other.push(other.caption(record, "behind", made=made))
    demand(outcome.outcome == "applied", f"on the newest base, but made in 2001: {outcome}")
    await one.pull()
    now = one.base[record].data.get("caption")
    demand(now == "behind", f"`{now}` stands, by the clock")


# --- 10 ---


@check(10, "a gap in the numbers is recorded and never waited for")
async def gap_is_not_waited_for(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    await device.push(device.attachment(asset.id, "before the gap"))
    first = device.next_n
    device.next_n += 5
    op = device.numbered([device.attachment(asset.id, "after the gap")])[0]
    device.sent[str(op["id"])] = op
    answer = await device.send([msgspec.json.encode(op)], op["n"])
    outcomes = [one.outcome for one in answer.outcomes]
    demand(outcomes == ["applied"], f"after a gap: {outcomes}")
    void = [(gap.from_n, gap.to_n) for gap in answer.void]
    demand(void == [(first, first + 4)], f"the gap is told as {void}")


@check(10, "under another epoch nothing is processed, and the same ops go through afterwards")
async def other_epoch(stage: Stage) -> None:
    device = stage.one
    op = device.numbered([device.attachment(stage.asset(device).id, "epoch")])[0]
    lines = [msgspec.json.encode(op)]
    answer = await device.send(lines, op["n"], header={"epoch": 0, "last_acked": None})
    demand(answer.epoch == device.epoch, f"epoch {answer.epoch} was told, not {device.epoch}")
    demand(not answer.outcomes, "under another epoch something was processed")
    answer = await device.send(lines, op["n"])
    device.sent[str(op["id"])] = op
    outcomes = [one.outcome for one in answer.outcomes]
    demand(outcomes == ["applied"], f"offered again: {outcomes}")


@check(10, "a full batch of good and bad is answered whole in one round")
async def full_batch(stage: Stage) -> None:
    device = stage.one
    op, _ = await stage.make(device, stage.asset(device), "many")
    record = str(op["record"])
    ops = [device.caption(record, str(place)) for place in range(1_000)]
    for place in range(0, 1_000, 50):
        ops[place]["set"] = {"caption": place}
    outcomes = await device.push(*ops)
    count = sum(one.outcome == "applied" for one in outcomes)
    demand(count == 980, f"980 of 1,000 ops are good, {count} were applied")


@check(10, "what was not applied can be discarded, and is settled then")
async def discarding_settles(stage: Stage) -> None:
    device = stage.one
    bad = device.op("no-such-kind", mint())
    (first,) = await device.push(bad)
    discard = device.op("no-such-kind", str(bad["record"]), replaces=bad["id"], words="a mistake")
    (outcome,) = await device.push(discard | {"orig_n": first.n})
    demand(outcome.outcome == "applied", f"discarding was answered {outcome}")
    await device.pull()
    told = device.told(bad["id"])
    settled = dict_of(told.data.get("settled")) if told else {}
    demand(settled.get("how") == "discarded", f"told to be settled: {settled or told}")


@check(1, "a device that is enrolled again is answered as before, and told again")
async def enrolled_again(stage: Stage) -> None:
    for place, one in enumerate(stage.devices):
        for other in stage.devices[place + 1 :]:
            if one.person == other.person:
                await told_to_both(one, other)
                return
    raise NotTested("needs two tickets of one person")


async def told_to_both(one: Device, other: Device) -> None:
    bad = one.op("no-such-kind", mint())
    (first,) = await one.push(bad)
    (second,) = await other.push(bad)
    demand(first.outcome == second.outcome == "rejected", f"answered {first}, then {second}")
    await other.pull()
    demand(other.told(bad["id"]), "the second device is not told what became of the op")
