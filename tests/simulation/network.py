"""A network that loses, repeats, delays, reorders and cuts; and when it is asked to, behaves."""

from dataclasses import dataclass
from uuid import UUID

from tests.simulation.company import Company
from tests.simulation.memory import Answer, MemoryServer
from tests.simulation.promises import Promises
from tests.simulation.tablet import Tablet


@dataclass
class Message:
    """A request under way, or its answer on the way back."""

    tablet: Tablet
    device: UUID  # The credential that it was sent with.
    session: UUID  # Of the app; after a crash nobody waits for the answer.
    call: str  # push | pull
    request: bytes
    answer: Answer | None = None


class Network:
    def __init__(self, company: Company, server: MemoryServer, promises: Promises) -> None:
        self.company, self.server, self.promises = company, server, promises
        self.under_way: list[Message] = []
        self.is_good = False

    def send_push(self, tablet: Tablet) -> bool:
        """Whether there was anything to push. A second tab may send the same again."""
        limit = 1_000 if self.is_good else self.company.random.choice((1, 3, 1_000))
        request = tablet.client.push_request(limit=limit)
        if request is None or tablet.standing in ("cloned", "refused", "ended"):
            return False
        self.send(tablet, "push", request)
        return True

    def send_pull(self, tablet: Tablet) -> None:
        limit = 50 if self.is_good else self.company.random.choice((1, 2, 3, 100))
        self.send(tablet, "pull", tablet.client.pull_request(limit=limit, report=tablet.report()))

    def send(self, tablet: Tablet, call: str, request: bytes) -> None:
        message = Message(tablet, tablet.device, tablet.session, call, request)
        self.under_way.append(message)
        if self.is_good:
            self.arrive(message)
            self.return_(message)

    def step(self) -> None:
        """Something happens to one of the messages under way."""
        if not self.under_way:
            return
        message = self.company.random.choice(self.under_way)
        if self.company.chance(0.1):  # Lost.
            self.under_way.remove(message)
        elif message.answer is None:
            if self.company.chance(0.12):  # Repeated: the copy may arrive long after.
                self.under_way.append(Message(**vars(message)))
            self.arrive(message)
        else:
            if self.company.chance(0.12):
                self.under_way.append(Message(**vars(message)))
            if self.company.chance(0.1):
                cut = self.company.random.randrange(len(message.answer.body) + 1)
                message.answer = Answer("cut", message.answer.body[:cut])
            self.return_(message)

    def arrive(self, message: Message) -> None:
        """The server answers."""
        handle = self.server.push if message.call == "push" else self.server.pull
        held = self.promises.scopes_now(message.device)
        message.answer = handle(message.device, message.request)
        # A push may hand its own round over: what it held when it came is what it may be told.
        self.promises.look_at(message.device, held, message.call, message.request, message.answer)

    def return_(self, message: Message) -> None:
        """The answer reaches the tablet, or nobody."""
        self.under_way.remove(message)
        tablet, answer = message.tablet, message.answer
        assert answer is not None
        if message.session != tablet.session or tablet.is_erased:
            return
        if answer.said == "cut" and message.call == "push":
            return  # Half of a JSON document is no answer.
        self.promises.before_local(tablet)
        before = tablet.client.save() if self.company.chance(0.03) and not self.is_good else None
        token = tablet.client.token
        if answer.said in ("ok", "cut"):
            self.take(message, answer.body)
        elif message.device == tablet.device:  # What an older credential is told says nothing.
            tablet.refused(answer.said)
        if before is not None:  # Dies before the local transaction ends.
            tablet.client = type(tablet.client).load(before)
        elif message.call == "pull" and tablet.client.token not in (None, token):
            self.promises.applied(tablet, message.request, answer.body)
        self.promises.after_local(tablet)

    def take(self, message: Message, body: bytes) -> None:
        client = message.tablet.client
        if message.call == "pull":
            client.pull_answered(message.request, body)
            return
        shown = self.promises.shown(message.tablet)
        client.push_answered(message.request, body)
        self.promises.answered(message.tablet, body, shown)
