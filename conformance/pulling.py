"""Checks of what is received: promises 2, 4, 7, 8 and 9. Rule: each makes its own records."""

import gzip

import msgspec

from conformance.device import Device, Refused, answered, checked, enrol, mark, mint
from conformance.stage import NotTested, Stage, check, demand
from conformance.wire import Discovery, Page, Problem, Row, read


async def whole(stage: Stage, device: Device, *, limit: int) -> tuple[dict[str, Row], list[Page]]:
    """What a pull from zero brings, and its pages; the device itself stays as it is."""
    fresh = Device.__new__(Device)
    fresh.__dict__.update(device.__dict__, token=None, heads={}, base={})
    pages = await fresh.pull(limit=limit)
    return fresh.base, pages


def digests(pages: list[Page]) -> dict[str, str]:
    return {one.scope: one.digest for page in pages for one in page.start.scopes if one.digest}


# --- 2 ---


@check(2, "a device is told to be ended only where its credential is right, and it was ended")
async def nobody_is_told_to_erase(stage: Stage) -> None:
    device = stage.one
    name, _, secret = device.credential.partition(".")
    for credential in (f"{name}.{secret[::-1]}", f"{mint()}.{secret}", "nonsense"):
        headers = {"authorization": f"Bearer {credential}"}
        try:
            await device.post("/sync/v1/pull", b'{"epoch":1}', headers)
        except Refused as refusal:
            said = (refusal.status, refusal.slug)
            demand(said == (401, "credential-refused"), f"a wrong credential was answered {said}")
        else:
            demand(holds=False, why="a wrong credential was taken")


# --- 4 ---


@check(4, "at the heads the digest of each scope is that of the lines that were sent")
async def digests_agree(stage: Stage) -> None:
    for device in stage.devices:
        await device.pull()
        page = await device.ask()
        device.apply(page)
        told = digests([page])
        demand(set(told) == set(device.heads), "at the heads a scope comes without its digest")
        for scope, said in told.items():
            ours = device.digest(scope)
            demand(ours == said, f"{scope}: the server says {said}, its lines make {ours}")


@check(4, "a first sync in small pages brings the same as one in large pages")
async def pages_of_any_size(stage: Stage) -> None:
    device = stage.one
    await device.pull()
    small, pages = await whole(stage, device, limit=max(1, len(device.base) // 7))
    demand(len(pages) > 1, f"{len(small)} records came in one page, whatever the limit")
    large, _ = await whole(stage, device, limit=5_000)
    missing, extra = large.keys() - small.keys(), small.keys() - large.keys()
    demand(not missing | extra, f"small pages lack {len(missing)} records and add {len(extra)}")
    lines = [id_ for id_ in large if large[id_].raw != small[id_].raw]
    demand(not lines, f"{len(lines)} records differ with the size of the page")


@check(4, "what came bit by bit is what a pull from zero brings")
async def increments_add_up(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    ops = [device.attachment(asset.id, f"bit {place}") for place in range(3)]
    await device.push(*ops)
    await device.pull()
    record = str(ops[0]["record"])
    await device.push(device.op("attachment", record, withdraw=True))
    await device.push(device.caption(str(ops[1]["record"]), "another"))
    await device.pull()
    zero, _ = await whole(stage, device, limit=1_000)
    same = {id_: row.raw for id_, row in zero.items()}
    here = {id_: row.raw for id_, row in device.base.items()}
    wrong = {id_ for id_ in same.keys() | here.keys() if same.get(id_) != here.get(id_)}
    demand(not wrong, f"{len(wrong)} records are otherwise from zero than bit by bit")


@check(4, "what is withdrawn is told as gone, with its reason, to all who hold it")
async def withdrawn_is_told(stage: Stage) -> None:
    asset = stage.asset(stage.one)
    holders = [one for one in stage.devices if asset.id in one.base]
    op, _ = await stage.make(stage.one, asset, "going")
    record = str(op["record"])
    for device in holders:
        await device.pull()
        demand(record in device.base, f"{device.name} was not sent a record of its scope")
    await stage.one.push(stage.one.op("attachment", record, withdraw=True))
    for device in holders:
        rows = [row for page in await device.pull() for row in page.rows if row.id == record]
        said = [(row.t, row.reason) for row in rows]
        demand(("gone", "withdrawn") in said, f"{device.name} was told {said or 'nothing'}")


@check(4, "how many rows are left is told before they come")
async def size_is_told(stage: Stage) -> None:
    await stage.one.pull()
    limit = max(1, len(stage.one.base) // 5)
    _, pages = await whole(stage, stage.one, limit=limit)
    coming = sum(len(page.rows) for page in pages)
    for page in pages:
        coming -= len(page.rows)
        told = sum(one.left for one in page.start.scopes)
        demand(told >= coming, f"{told} rows were said to be left, and {coming} came")
        demand(told > 0 or not page.end.more, "nothing is left, and more is to come")


# --- 7 ---


@check(7, "every line lies in a scope that the page names, and each of those is the device's")
async def only_named_scopes(stage: Stage) -> None:
    for device in stage.devices:
        await device.pull()
        await whole(stage, device, limit=1_000)
        for page in device.pages:
            named = {one.scope for one in page.start.scopes}
            for scope in named:
                mine = scope in ("org", device.scope) or scope.startswith("site:")
                demand(mine, f"{device.name} is given the scope {scope}")
            for row in page.rows:
                demand(row.scope in named, f"a {row.kind} of {row.scope}, which is not named")


def without_ids(problem: Problem | None) -> object:
    return problem and (problem.slug, problem.status, problem.title, problem.detail)


@check(7, "what is elsewhere and what is nowhere are answered alike")
async def elsewhere_is_nowhere(stage: Stage) -> None:
    one, _, foreign = stage.strangers()
    there = one.op("asset", foreign.id, set={"note": "x"})
    nowhere = one.op("asset", mint(), set={"note": "x"})
    on_it, on_nothing = one.attachment(foreign.id, "x"), one.attachment(mint(), "x")
    outcomes = await one.push(there, nowhere, on_it, on_nothing)
    for known, unknown in (outcomes[:2], outcomes[2:]):
        said = [(o.outcome, without_ids(o.problem)) for o in (known, unknown)]
        demand(said[0] == said[1], f"elsewhere: {said[0]}; nowhere: {said[1]}")
        demand(known.outcome in ("review", "rejected"), f"elsewhere was {known.outcome}")
    await one.pull()
    told = [one.told(op["id"]) for op in (there, nowhere)]
    fields = [set(row.data) if row else set() for row in told]
    demand(fields[0] == fields[1], f"told of elsewhere: {fields[0]}; of nowhere: {fields[1]}")


@check(7, "what is written elsewhere does not reach a device")
async def elsewhere_stays_there(stage: Stage) -> None:
    one, other, foreign = stage.strangers()
    await one.pull()
    op, _ = await stage.make(other, foreign, "secret of another site")
    for page in await one.pull():
        for row in page.rows:
            demand(row.id != op["record"], "a record of a foreign scope was sent")
            demand(b"secret of another" not in row.raw, f"a {row.kind} tells of a foreign scope")


@check(7, "a position is its device's own, and nobody can forge one")
async def positions_are_sealed(stage: Stage) -> None:
    device = stage.one
    token = device.token or ""
    middle = len(token) // 2
    letter = "A" if token[middle] != "A" else "B"
    bad = [token[:middle] + letter + token[middle + 1 :], "forged", ""]
    bad += [other.token or "" for other in stage.devices[1:]]
    for one in bad:
        try:
            await device.ask(token=one)
        except Refused as refusal:
            said = f"{refusal.status} {refusal.slug}"
            demand(said == "400 token-refused", f"a token of somebody else's: {said}")
        else:
            demand(holds=False, why=f"the token {one[:20]!r} was taken")
    try:
        await device.send([], device.next_n, header={"last_acked": "forged"})
    except Refused as refusal:
        demand(refusal.slug == "token-refused", f"a forged `last_acked`: {refusal}")
    else:
        demand(holds=False, why="a forged `last_acked` was taken")


@check(7, "the id of another person's op tells nothing of it")
async def ids_of_others_tell_nothing(stage: Stage) -> None:
    one, other, foreign = stage.strangers()
    if one.person == other.person:
        raise NotTested("needs tickets of two people")
    op, told = await stage.make(other, foreign, "of another")
    (outcome,) = await one.push(one.attachment(foreign.id, "x") | {"id": op["id"]})
    demand(outcome.outcome == "rejected", f"another person's op id was answered {outcome}")
    seen = (outcome.scope, outcome.version)
    demand(seen != (told.scope, told.version), "it tells where the other's op was applied")


# --- 8 ---


@check(8, "version 1 is spoken, and another version in the path is answered with those that are")
async def versions_are_named(stage: Stage) -> None:
    http = stage.http
    found = await answered(lambda: http.build_request("GET", "/sync"), http)
    protocols = read(checked(found), Discovery).protocols
    demand(1 in protocols, f"the server speaks {protocols}")
    for path in ("/sync/v99/push", "/sync/v99/pull"):
        try:
            await stage.one.post(path, b"{}")
        except Refused as refusal:
            said, problem = f"{refusal.status} {refusal.slug}", refusal.problem
            demand(said == "404 unsupported-protocol", f"{path} was answered {said}")
            spoken = problem.supported if problem else ()
            demand(spoken == protocols, f"{path} names {spoken}, discovery {protocols}")
        else:
            demand(holds=False, why=f"{path} was taken")


@check(8, "members that this version does not know are passed over, wherever they stand")
async def unknown_members_are_passed_over(stage: Stage) -> None:
    device = stage.one
    op = device.attachment(stage.asset(device).id, "with more", of_a_later_version={"a": [1]})
    op["made"] = {**dict(op["made"]), "later": True} if isinstance(op["made"], dict) else None
    op = device.numbered([op])[0]
    device.sent[str(op["id"])] = op
    answer = await device.send([msgspec.json.encode(op)], op["n"], header={"later": 1})
    outcomes = [one.outcome for one in answer.outcomes]
    demand(outcomes == ["applied"], f"an op with more members: {answer.outcomes}")
    await device.ask(later=[1])


@check(8, "a field that this version does not know is kept, and sent to all")
async def unknown_fields_are_kept(stage: Stage) -> None:
    asset = stage.asset(stage.one)
    op, _ = await stage.make(stage.one, asset, "later")
    record, later = str(op["record"]), {"deep": [1, {"zh": "后来"}]}
    change = stage.one.op("attachment", record, set={"conformance_later": later})
    (outcome,) = await stage.one.push(change)
    demand(outcome.outcome == "applied", f"an unknown field was answered {outcome}")
    for device in (one for one in stage.devices if asset.id in one.base):
        await device.pull()
        row = device.base.get(record)
        demand(row and row.data.get("conformance_later") == later, f"{device.name} has {row}")


@check(8, "an app that is too old for new work may still send")
async def old_app_may_send(stage: Stage) -> None:
    device = stage.one
    report = {"app_version": "0.0.1", "unsent": 1, "photos_left": 0}
    try:
        await device.ask(report=report)
    except Refused as refusal:
        said = f"{refusal.status} {refusal.slug}"
        demand(said == "426 app-too-old", f"an old app's pull was answered {said}")
    (outcome,) = await device.push(device.attachment(stage.asset(device).id, "old"))
    demand(outcome.outcome == "applied", f"an old app's op was answered {outcome}")
    await device.ask(report=report | {"app_version": "999.0.0", "unsent": 0})


@check(8, "a push may be packed or not")
async def packed_or_not(stage: Stage) -> None:
    device = stage.one
    op = device.numbered([device.attachment(stage.asset(device).id, "packed")])[0]
    device.sent[str(op["id"])] = op
    lines, headers = [msgspec.json.encode(op)], {"content-encoding": "gzip"}
    answer = await device.send(lines, op["n"], headers=headers, pack=gzip.compress)
    outcomes = [one.outcome for one in answer.outcomes]
    demand(outcomes == ["applied"], f"a packed push was answered {outcomes}")


# --- 9 ---


@check(9, "a pull brings what came after its token, and nothing else")
async def pull_costs_the_change(stage: Stage) -> None:
    device = stage.one
    asset = stage.asset(device)
    await device.pull()
    for change in (0, 3):
        ops = [device.attachment(asset.id, "change") for _ in range(change)]
        if ops:
            await device.push(*ops)
        before = dict(device.heads)
        rows = [row for page in await device.pull() for row in page.rows]
        old = [row for row in rows if row.seq <= before.get(row.scope, 0)]
        demand(not old, f"{len(old)} rows were sent again that the token had behind it")
        ours = {row.id for row in rows} & {str(op["record"]) for op in ops}
        demand(len(ours) == change, f"{change} changes, of which {len(ours)} came")


@check(9, "no page has more rows than were asked for")
async def pages_are_bounded(stage: Stage) -> None:
    for limit in (1, 3):
        for _ in range(3):
            page = await stage.one.ask(token=None, limit=limit)
            demand(len(page.rows) <= limit, f"{len(page.rows)} rows, {limit} were asked for")


@check(9, "the answer to a push carries no values")
async def push_answers_are_short(stage: Stage) -> None:
    device = stage.one
    text = "x" * 900
    ops = device.numbered([device.attachment(stage.asset(device).id, text) for _ in range(5)])
    for op in ops:
        device.sent[str(op["id"])] = op
    answer = await device.send([msgspec.json.encode(op) for op in ops], ops[0]["n"])
    demand(len(answer.outcomes) == len(ops), f"{len(answer.outcomes)} outcomes of {len(ops)}")
    demand(text not in repr(answer), "the answer repeats what was sent")


@check(4, "a mark is that of the line's bytes, so the same record has one line for all")
async def one_line_for_all(stage: Stage) -> None:
    one, other, _ = stage.pair()
    await one.pull()
    await other.pull()
    for scope in set(one.sites) & set(other.sites):
        rows = [
            {r.id: mark(r.raw) for r in d.base.values() if r.scope == scope} for d in (one, other)
        ]
        demand(rows[0] == rows[1], f"two devices hold different lines of {scope}")


@check(7, "a ticket works once")
async def ticket_works_once(stage: Stage) -> None:
    try:
        await enrol(stage.http, stage.tickets[0], f"{stage.name}, once more")
    except Refused as refusal:
        said = f"{refusal.status} {refusal.slug}"
        demand(said == "410 ticket-used", f"a used ticket was answered {said}")
    else:
        demand(holds=False, why="a used ticket made a second device")
