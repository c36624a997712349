"""What docs/model/settle.pml forbids, played to the reference client: a value leaves the screen."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from sync.client import Client
from sync.record import mark
from sync.scopes import device_scope, site_scope

NOW = datetime(2026, 11, 18, 6, 2, tzinfo=UTC)
DEVICE, RECORD, OP = UUID(int=0xD), UUID(int=0x1), UUID(int=0x3)
OWN, A, B = device_scope(DEVICE), site_scope(UUID(int=0xA)), site_scope(UUID(int=0xB))


class Feed:
    """A server that sends what the test tells it to, one row a page."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.live: dict[str, bytes] = {}  # The one row of each scope that is live.
        self.heads: dict[str, object] = {}

    def sends(self, line: Mapping[str, object], *, reached: set[str]) -> None:
        """Send a page with one row. `reached`: the scopes that are at their heads with it."""
        scope, row = str(line["scope"]), json.dumps(line).encode()
        self.live.pop(scope, None)
        self.heads[scope] = line["seq"]
        if line["t"] == "record":
            self.live[scope] = row
        states = [self.state(of, is_reached=of in reached) for of in (OWN, A, B)]
        first = {"t": "start", "epoch": 1, "server_time": NOW.isoformat(), "scopes": states}
        last = {"t": "end", "token": f"{scope} {line['seq']}", "more": reached != {OWN, A, B}}
        page = [json.dumps(first).encode(), row, json.dumps(last).encode()]
        self.client.pull_answered(self.client.pull_request(limit=1), b"\n".join(page) + b"\n")

    def state(self, scope: str, *, is_reached: bool) -> dict[str, object]:
        head = self.heads.get(scope, 0)
        if not is_reached:
            return {"scope": scope, "head": head, "left": 1}
        marks = [mark(row) for of, row in self.live.items() if of == scope]
        return {"scope": scope, "head": head, "digest": f"{len(marks)}:{sum(marks)}"}


def row(scope: str, seq: int, version: int, **data: object) -> dict[str, object]:
    body = {"kind": "inspection", "id": str(RECORD), "version": version, "data": data}
    return {"t": "record", "scope": scope, "seq": seq, **body}


def gone(scope: str, seq: int, version: int) -> dict[str, object]:
    body = {"kind": "inspection", "id": str(RECORD), "version": version, "reason": "moved"}
    return {"t": "gone", "scope": scope, "seq": seq, **body}


def disposition(seq: int) -> dict[str, object]:
    data = {"op": str(OP), "outcome": "conflict", "record_kind": "inspection"}
    body = {"kind": "disposition", "id": str(UUID(int=0x2)), "version": 1, "data": data}
    return {"t": "record", "scope": OWN, "seq": seq, **body}


def begin(scope: str) -> tuple[Client, Feed]:
    """A device at its heads, with a record of `scope`, on which somebody has typed a note."""
    client = Client(UUID(int=0xE), UUID(int=0xA0), epoch=1)
    feed = Feed(client)
    feed.sends(row(scope, 1, 1, note="as it was"), reached={OWN, A, B})
    client.edit(
        "inspection",
        RECORD,
        id_=OP,
        session=DEVICE,
        at=NOW,
        set_={"note": "typed", "answers.fan": {"value": 1}},
    )
    return client, feed


def answer(client: Client, outcome: str, scope: str, seq: int) -> None:
    request = client.push_request()
    assert request is not None
    told = {"n": 1, "id": str(OP), "outcome": outcome, "scope": scope, "seq": seq, "version": 2}
    client.push_answered(request, json.dumps({"epoch": 1, "outcomes": [told]}).encode())


def shown(client: Client) -> tuple[object, object]:
    view = client.view(RECORD)
    assert view is not None
    return view.get("note"), view.get("answers")


def test_what_a_conflict_has_applied_stays_on_the_screen_between_two_pages() -> None:
    client, feed = begin(A)
    answer(client, "conflict", OWN, 10)
    feed.sends(disposition(10), reached={OWN, B})
    assert shown(client) == ("typed", {"fan": {"value": 1}})
    feed.sends(row(A, 11, 3, note="theirs", answers={"fan": {"value": 1}}), reached={OWN, A, B})
    assert shown(client) == ("theirs", {"fan": {"value": 1}})
    assert client.outbox[0].settled


def test_what_was_typed_stays_on_the_screen_while_its_record_goes_there_and_back() -> None:
    client, feed = begin(B)
    # It went to A, took the op there, and is back in B; of B nothing has come yet.
    answer(client, "applied", A, 10)
    feed.sends(gone(A, 11, 4), reached={OWN, A})
    assert shown(client) == ("typed", {"fan": {"value": 1}})
    feed.sends(row(B, 12, 4, note="typed", answers={"fan": {"value": 1}}), reached={OWN, A, B})
    assert shown(client) == ("typed", {"fan": {"value": 1}})
    assert client.outbox[0].settled
