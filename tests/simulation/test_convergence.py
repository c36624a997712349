"""Many devices, one server, a bad network: when it heals, all agree and nothing is lost.

The whole world runs in one thread from one seed. The network may lose a request, lose an
answer, cut an answer, or deliver twice. Devices and server speak through the wire bytes, so
the codec is under test too. A failing seed is a complete bug report.
"""

import json
from random import Random
from uuid import UUID

import pytest

from sync.client import Client
from sync.ids import inspection_id
from sync.record import Record
from sync.scopes import device_scope
from tests.simulation.server import EPOCH, NOW, Server

SITE, ASSIGNMENT, TEMPLATE = UUID(int=0x51), UUID(int=0xA6), UUID(int=0x7E)
SCOPE = f"site:{SITE}"
ASSETS = [UUID(int=0x100 + i) for i in range(4)]
FAULTS = (None, None, "lost request", "lost answer", "cut answer", "delivered twice")
STEPS = 60


class Tablet:
    """A client with an engineer in front of it and a network behind it."""

    def __init__(self, number: int, random: Random) -> None:
        self.device, self.person = UUID(int=0xD0 + number), UUID(int=0xA0 + number)
        self.client = Client(UUID(int=0xE0 + number), self.person, epoch=EPOCH)
        self.random = random
        self.typed: list[tuple[UUID, UUID, str, object]] = []  # op, record, path, value
        self.begun: set[UUID] = set()

    def edit(self) -> None:
        asset = self.random.choice(ASSETS)
        record = inspection_id(ASSIGNMENT, asset)
        new = record not in self.begun and record not in self.client.base
        self.begun.add(record)
        fields: dict[str, object] = {}
        if new:
            fields = {
                "asset": str(asset),
                "template": str(TEMPLATE),
                "assignment": str(ASSIGNMENT),
                "inspector": str(self.person),
                "inspector_name": str(self.person.int),
            }
        path = self.random.choice(("note", "answers.fan", "answers.temp", "answers.lamp"))
        typed: object = self.random.choice(("a", "b", 1, True, 2.5))
        value = {"value": typed} if path.startswith("answers") else str(typed)
        poison = self.random.random() < 0.05
        op = self.client.edit(
            "inspection",
            record,
            id_=UUID(int=self.random.getrandbits(128)),
            session=self.device,
            at=NOW,
            new=new,
            parent=asset if new else None,
            set_={**fields, path: value} | ({"review": {"x": 1}} if poison else {}),
        )
        self.typed.append((op.id, record, path, value))

    def sync(self, server: Server, fault: str | None) -> None:
        """One push and one page of pull, over a network with one fault."""
        client = self.client
        body = client.push_request()
        if body is not None and fault != "lost request":
            answer = server.push(self.device, client.lineage, self.person, body)
            if fault == "delivered twice":
                again = server.push(self.device, client.lineage, self.person, body)
                assert json.loads(again)["outcomes"] == json.loads(answer)["outcomes"]
            if fault == "lost answer":
                return
            shown = self.shown()
            client.push_answered(body, answer)
            outcomes = json.loads(answer)["outcomes"]
            if all(o["seq"] > client.heads.get(o["scope"], 0) for o in outcomes):
                assert self.shown() == shown, "an answer alone changes nothing on the screen"
        request = client.pull_request(limit=self.random.choice((1, 2, 5, 100)))
        page = server.pull(self.device, request)
        if fault == "cut answer":
            page = b"".join(page.splitlines(keepends=True)[: self.random.randrange(1, 3)])
        client.pull_answered(request, page)
        if fault == "delivered twice":
            client.pull_answered(request, page)

    def shown(self) -> list[object]:
        return [self.client.view(inspection_id(ASSIGNMENT, asset)) for asset in ASSETS]

    def drain(self, server: Server) -> None:
        """The network is good: all is answered and pulled within a bounded number of rounds."""
        for _ in range(200):
            self.sync(server, None)
            request = self.client.pull_request()
            more = self.client.pull_answered(request, server.pull(self.device, request))
            if not more and self.client.push_request() is None:
                return
        raise AssertionError("the queue does not drain")


def begin(random: Random) -> tuple[Server, list[Tablet]]:
    tablets = [Tablet(number, random) for number in range(3)]
    targets = [{"asset": str(asset), "template": str(TEMPLATE)} for asset in ASSETS]
    records = {
        asset: Record("asset", asset, SCOPE, 1, {"site": str(SITE), "name": "x"}, {})
        for asset in ASSETS
    }
    round_ = {"site": str(SITE), "state": "issued", "targets": targets}
    records[ASSIGNMENT] = Record("assignment", ASSIGNMENT, SCOPE, 1, round_, {})
    held = {t.device: frozenset({SCOPE, "org", device_scope(t.device)}) for t in tablets}
    return Server(records, held), tablets


def assert_nothing_is_lost(server: Server, tablet: Tablet) -> None:
    """Every typed value stands, was overwritten knowingly, or is kept beside: always in its op."""
    answered = {s.op.id: s.outcome for s in tablet.client.outbox}
    for id_, record, path, value in tablet.typed:
        outcome = answered[id_]
        assert outcome is not None
        field, _, key = path.partition(".")
        assert json.loads(server.payloads[id_])["set"][path] == value
        if outcome.outcome == "conflict":
            assert any(p == path and same(kept, value) for p, kept in server.kept)
        if outcome.outcome == "applied" and key:
            assert key in server.records[record].data[field]  # type: ignore[operator]


def same(a: object, b: object) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


@pytest.mark.parametrize("seed", range(200))
def test_devices_converge_and_nothing_typed_is_lost(seed: int) -> None:
    random = Random(seed)
    server, tablets = begin(random)
    for _ in range(STEPS):
        tablet = random.choice(tablets)
        if random.random() < 0.6:
            tablet.edit()
        else:
            tablet.sync(server, random.choice(FAULTS))
    for tablet in tablets:  # The network heals.
        tablet.drain(server)
    for tablet in tablets:  # Again, for what the others sent meanwhile.
        tablet.drain(server)

    for tablet in tablets:
        client = tablet.client
        assert client.digest(SCOPE) == server.digest(SCOPE) == server.states[SCOPE].digest()
        own = device_scope(tablet.device)
        assert client.digest(own) == server.digest(own)
        assert client.mismatches == 0
        assert all(sent.settled for sent in client.outbox)
        assert len({sent.op.n for sent in client.outbox}) == len(client.outbox)
        for record in (inspection_id(ASSIGNMENT, asset) for asset in ASSETS):
            if record in server.records:
                assert client.view(record) == server.records[record].data
        assert_nothing_is_lost(server, tablet)


@pytest.mark.parametrize("seed", range(20))
def test_every_op_is_applied_at_most_once(seed: int) -> None:
    """Each op makes at most one stamp, however often it was delivered."""
    random = Random(10_000 + seed)
    server, tablets = begin(random)
    for _ in range(STEPS):
        random.choice(tablets).edit()
    for _ in range(10):
        for tablet in tablets:
            tablet.sync(server, random.choice(("lost answer", "delivered twice")))
    for tablet in tablets:
        tablet.drain(server)
    for tablet in tablets:
        answered = server.ops[tablet.client.lineage]
        assert sorted(answered) == [sent.op.n for sent in tablet.client.outbox]
