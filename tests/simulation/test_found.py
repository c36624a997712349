"""What a simulated world has found, each as the smallest push or pull that shows it."""

from uuid import UUID

import pytest

from schemas.enrol import EnrolAnswer
from sync.client import Client
from sync.errors import ClonedDevice
from sync.plan import Plan, StoredOp
from tests.simulation.company import ENGINEERS, Company
from tests.simulation.memory import MemoryServer
from tests.unit.test_push import DEVICE, creation, lines, op, push, world

GARBAGE = b'{"n":'


def answered(plan: Plan) -> dict[int, StoredOp]:
    return {row.n: StoredOp(row.n, row.id, row.outcome, DEVICE) for row in plan.ops}


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
