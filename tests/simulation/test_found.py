"""What a simulated world has found, each as the smallest push or pull that shows it."""

from itertools import count
from uuid import UUID

import msgspec
import pytest

from schemas.enrol import EnrolAnswer
from sync.client import Client
from sync.errors import ClonedDevice
from sync.plan import Plan, StoredOp
from tests.simulation.company import BEGIN, ENGINEERS, SITES, Company, equipment
from tests.simulation.company import CHIEF as OFFICE_PERSON
from tests.simulation.memory import MemoryServer
from tests.unit.test_mend import OFFICE, later, told
from tests.unit.test_push import (
    ANNA,
    DEVICE,
    INSPECTION,
    SCOPE,
    after,
    creation,
    lines,
    op,
    push,
    world,
)

GARBAGE = b'{"n":'


def answered(plan: Plan) -> dict[int, StoredOp]:
    return {
        row.n: StoredOp(row.n, row.id, row.outcome, DEVICE, raw=None if row.kind else row.payload)
        for row in plan.ops
    }


def test_a_copy_is_noticed_where_the_first_one_sent_a_line_that_nobody_could_read() -> None:
    """Else its op would be answered with the rejection of the other's, and be stored nowhere."""
    before = answered(push(GARBAGE))
    with pytest.raises(ClonedDevice):
        push(creation(1), known=world(by_n=before, last_n=1))


def test_a_copy_is_noticed_where_its_own_line_cannot_be_read() -> None:
    """Else it is answered for an op that it does not have, and sends its own for ever."""
    before = answered(push(creation(1)))
    with pytest.raises(ClonedDevice):
        push(GARBAGE, known=world(by_n=before, last_n=1))


def test_a_line_that_cannot_be_read_is_answered_as_before() -> None:
    first = push(GARBAGE, op(2))
    again = push(GARBAGE, op(2), known=world(by_n=answered(first), last_n=2))
    assert again.outcomes == first.outcomes
    assert [line.n for line in lines(GARBAGE)] == [1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (GARBAGE, b'{"n":2'),
        (GARBAGE, b'{"n":1,"id":"00000000-0000-0000-0000-000000000001"}'),
        (
            b'{"n":1,"id":"00000000-0000-0000-0000-000000000001"}',
            b'{"n":1,"id":"00000000-0000-0000-0000-000000000002"}',
        ),
    ],
)
def test_a_copy_is_noticed_where_neither_line_can_be_read(first: bytes, second: bytes) -> None:
    """Else the second line is kept nowhere: it would be answered as the first was."""
    with pytest.raises(ClonedDevice):
        push(second, known=world(by_n=answered(push(first)), last_n=1))


def test_a_line_that_cannot_be_read_is_known_again_by_its_id_where_an_app_writes_it_anew() -> None:
    named = b'"id":"00000000-0000-0000-0000-000000000001"'
    first = push(b'{"n":1,%s,"made":7}' % named)
    again = push(b'{"made":"x",%s}' % named, known=world(by_n=answered(first), last_n=1))
    assert again.outcomes == first.outcomes


def test_a_sort_of_line_that_a_later_server_sends_is_passed_over() -> None:
    server = MemoryServer(Company(0))
    made = enrol(server, UUID(int=1))
    client = Client(made.lineage, made.person, epoch=made.epoch)
    client.enrolled(made)
    request = client.pull_request()
    first, *rest = server.pull(made.device, request).body.split(b"\n")
    client.pull_answered(request, b"\n".join([first, b'{"t":"later","anything":[1]}', *rest]))
    assert client.base
    assert client.token is not None


def test_what_an_earlier_lineage_was_answered_goes_with_the_first_backup_of_this_one() -> None:
    server = MemoryServer(Company(0))
    made = enrol(server, UUID(int=1))
    client = Client(made.lineage, made.person, epoch=made.epoch)
    client.enrolled(made)
    asset, n = equipment(SITES[0])[0], count(1)
    note(client, asset, next(n))
    exchange(client, server, made.device)
    other = enrol(server, UUID(int=2))
    client.enrolled(other)
    note(client, asset, next(n))
    exchange(client, server, other.device)
    assert len(client.outbox) == 2
    client.backed_up_to = client.begun_n - 1
    client.trim()
    assert len(client.outbox) == 2
    client.backed_up_to = client.begun_n
    client.trim()
    assert not client.outbox


def note(client: Client, asset: UUID, n: int) -> None:
    client.edit(
        "asset", asset, id_=UUID(int=n), session=UUID(int=5), at=BEGIN, set_={"note": str(n)}
    )


def exchange(client: Client, server: MemoryServer, device: UUID) -> None:
    while (request := client.push_request()) is not None:
        client.push_answered(request, server.push(device, request).body)
    pull(client, server, device)


def enrol(server: MemoryServer, lineage: UUID) -> EnrolAnswer:
    return server.enrol(ENGINEERS[0], lineage)


def test_a_page_for_the_device_that_one_was_before_is_passed_over() -> None:
    """Both were asked for without a token, so the token does not tell them apart."""
    server = MemoryServer(Company(0))
    first = enrol(server, UUID(int=1))
    client = Client(first.lineage, first.person, epoch=first.epoch)
    client.enrolled(first)
    request = client.pull_request()
    late = server.pull(first.device, request).body
    client.enrolled(enrol(server, first.lineage))
    client.pull_answered(request, late)
    assert client.token is None
    assert not client.base


def test_what_was_held_is_not_run_where_its_writer_may_not_write_any_more() -> None:
    """The office mends what it waited for, but the op stays the engineer's: it goes to review."""
    first = push(creation(1, template="no id"), op(2, set={"note": "x"}))
    mend = creation(1) | {"id": str(UUID(int=5001)), "replaces": str(UUID(int=1001))}
    mend |= {"by": str(OFFICE.person)}
    for scopes, is_there in ((frozenset({SCOPE}), True), (frozenset(), False)):
        known = msgspec.structs.replace(later(first), writers={ANNA: scopes}, last_n=0)
        done = push(mend, known=msgspec.structs.replace(known, by_n={}), origin=OFFICE)
        assert ("note" in after(done, INSPECTION).data) == is_there
        assert told(done, 2).get("outcome") == ("held" if is_there else "review")


def test_a_row_that_a_restore_took_away_is_offered_as_a_witness() -> None:
    server = MemoryServer(Company(0))
    made = enrol(server, UUID(int=1))
    client = Client(made.lineage, made.person, epoch=made.epoch)
    client.enrolled(made)
    server.back_up()
    asset = equipment(SITES[0])[0]
    now = server.state.records[asset]
    edit = {"kind": "asset", "record": str(asset), "base": now.version, "set": {"note": "seen"}}
    sign = {"made": {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))}}
    server.office([edit | sign | {"id": str(UUID(int=9)), "by": str(OFFICE_PERSON)}])
    pull(client, server, made.device)
    assert client.base[asset].data["note"] == "seen"
    server.restore(notice=True)
    pull(client, server, made.device)
    pull(client, server, made.device)
    assert "note" not in client.base[asset].data
    (sent,) = client.outbox
    assert sent.op.witness
    assert bytes(sent.op.set["note"]) == b'"seen"'
    assert client.view(asset) == client.base[asset].data


def pull(client: Client, server: MemoryServer, device: UUID) -> None:
    for _ in range(9):
        request = client.pull_request()
        if not client.pull_answered(request, server.pull(device, request).body):
            return


def test_a_late_answer_does_not_take_back_how_far_the_device_was_answered() -> None:
    """Else a restore to before the newest answer would go unnoticed, and its ops be lost."""
    server = MemoryServer(Company(0))
    made = enrol(server, UUID(int=1))
    client = Client(made.lineage, made.person, epoch=made.epoch)
    client.enrolled(made)
    answers = []
    for number in (1, 2):
        write(client, number)
        request = client.push_request() or b""
        answers.append((request, server.push(made.device, request).body))
        client.push_answered(*answers[-1])
        if number == 1:
            server.back_up()
    newest = client.last_acked
    client.push_answered(*answers[0])
    assert client.last_acked == newest
    server.restore(notice=False)
    pull(client, server, made.device)
    assert client.epoch == 2
    assert [sent.op.n for sent in client.unsent] == [1, 2]


def write(client: Client, number: int) -> None:
    asset = equipment(SITES[0])[0]
    note = {"note": f"{number}"}
    client.edit("asset", asset, id_=UUID(int=900 + number), session=asset, at=BEGIN, set_=note)
