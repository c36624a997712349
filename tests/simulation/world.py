"""A whole world from one seed: tablets, a server, the office, a network, and what befalls them.

One thread, one source of chance: a failing seed is a complete report. Faults go on for `STEPS`
steps; then the network is good, everybody sends and pulls, and the promises are looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.broken import hold
from tests.simulation.company import ENGINEERS, SITES, Company
from tests.simulation.memory import MemoryServer
from tests.simulation.network import Network
from tests.simulation.office import Office
from tests.simulation.outcome import check_all
from tests.simulation.promises import Promises
from tests.simulation.tablet import Tablet

STEPS = 240
PASSES_MAX = 10
PULLS_MAX = 40
PUSHES_MAX = 12


@dataclass
class Lived:
    """What a seed brought about: so that one can see that the faults did happen."""

    ops: int = 0
    rewinds: int = 0
    repairs: int = 0
    clones: int = 0
    enrolled_again: int = 0
    rescued: int = 0
    ended: int = 0


class Simulation:
    def __init__(
        self,
        seed: int,
        *,
        skewed: bool = True,
        serve: Callable[[Company], MemoryServer] | None = None,
    ) -> None:
        self.company = Company(seed, skewed=skewed)
        self.server = (serve or MemoryServer)(self.company)
        self.promises = Promises(self.company, self.server)
        self.network = Network(self.company, self.server, self.promises)
        self.office = Office(self.company, self.server)
        self.tablets: list[Tablet] = []
        self.lived = Lived()
        self.is_unnoticed = False
        for person in (ENGINEERS[0], *ENGINEERS):
            made = self.server.enrol(person, self.company.new_id())
            self.tablets.append(Tablet(self.company, made, f"tablet {len(self.tablets)}"))

    def run(self, steps: int = STEPS) -> Lived:
        for _ in range(steps):
            self.step()
        self.drain()
        check_all(self.server, self.tablets, self.promises)
        self.server.compare()
        state = self.server.state
        self.lived.ops = len(state.ops)
        self.lived.rewinds = self.promises.rewinds
        self.lived.repairs = sum(tablet.client.mismatches for tablet in self.tablets)
        return self.lived

    def step(self) -> None:
        self.company.minutes += self.company.random.choice((1, 5, 60))
        doing = self.company.random.choices(
            (self.work, self.send, self.network.step, self.office.work, self.befall),
            (34, 22, 34, 14, 4),
        )[0]
        doing()

    def alive(self) -> list[Tablet]:
        return [tablet for tablet in self.tablets if not tablet.is_erased]

    def work(self) -> None:
        tablet = self.company.random.choice(self.alive())
        if tablet.standing in ("active", "draining"):
            tablet.work()

    def send(self) -> None:
        tablet = self.company.random.choice(self.alive())
        if tablet.standing in ("cloned", "refused"):
            self.enrol_again(tablet)
        elif self.company.chance(0.5) or not self.network.send_push(tablet):
            self.network.send_pull(tablet)

    # --- What befalls them ---

    def befall(self) -> None:
        doing = self.company.random.choices(
            (
                self.crash,
                self.grant_or_revoke,
                self.back_up,
                self.restore,
                self.copy_a_tablet,
                self.replace_a_tablet,
                self.rescue,
                self.end_a_device,
            ),
            (8, 10, 4, 2, 2, 3, 2, 1),
        )[0]
        doing()

    def crash(self) -> None:
        self.company.random.choice(self.alive()).crash()

    def grant_or_revoke(self) -> None:
        sites = self.company.grants[self.company.random.choice(ENGINEERS)]
        sites ^= {self.company.random.choice(SITES)}

    def back_up(self) -> None:
        self.server.back_up()

    def restore(self) -> None:
        # Where a copy used the number of a lost op, no number tells: see docs/simulation.md.
        notice = self.company.chance(0.5) or self.lived.clones > 0
        self.server.restore(notice=notice)
        self.is_unnoticed = self.is_unnoticed or not notice
        self.promises.restored()

    def copy_a_tablet(self) -> None:
        if len(self.tablets) < 6 and not self.is_unnoticed:
            tablet = self.company.random.choice(self.alive())
            self.tablets.append(tablet.clone(f"tablet {len(self.tablets)}"))
            self.lived.clones += 1

    def replace_a_tablet(self) -> None:
        """The installation is enrolled anew: another device, the same lineage and outbox."""
        self.enrol_again(self.company.random.choice(self.alive()))

    def enrol_again(self, tablet: Tablet) -> None:
        """A copy begins a lineage of its own; everybody else goes on with theirs."""
        lineage = tablet.client.lineage
        if tablet.standing == "cloned":
            lineage = self.company.new_id()
        tablet.enrolled(self.server.enrol(tablet.person, lineage))
        self.lived.enrolled_again += 1

    def rescue(self) -> None:
        """What one tablet could not send is read out and taken over by another of the person."""
        one = self.company.random.choice(self.alive())
        others = [t for t in self.alive() if t.person == one.person and t is not one]
        if others:
            ops = [sent.op for sent in one.client.unsent if sent.raw.endswith(b"}")]
            self.company.random.choice(others).client.rescue(ops)
            self.lived.rescued += len(ops)

    def end_a_device(self) -> None:
        tablet = self.company.random.choice(self.alive())
        if len(self.alive()) > 2:
            how = "draining" if self.company.chance(0.7) else "dead"
            self.server.end(tablet.device, how)
            self.lived.ended += 1

    # --- When the faults have stopped ---

    def drain(self) -> None:
        """Everybody sends and pulls until nothing is new; how often is bounded."""
        self.network.under_way.clear()
        self.network.is_good = True
        for _ in range(PASSES_MAX):
            before = self.heads()
            for tablet in self.alive():
                self.drain_one(tablet)
            if before == self.heads() and not any(t.client.unsent for t in self.alive()):
                return
        hold(10, "the queues do not drain", that=False)

    def heads(self) -> list[object]:
        heads = {id_: state.head for id_, state in self.server.state.scopes.items()}
        return [heads, self.server.state.epoch, [t.client.token for t in self.alive()]]

    def drain_one(self, tablet: Tablet) -> None:
        # A push answers the op of at least one number; where a copy is noticed in the middle, all
        # of them are sent once more.
        for _ in range(PUSHES_MAX + 2 * len(tablet.client.outbox)):
            if tablet.standing in ("cloned", "refused"):
                self.enrol_again(tablet)
            if not self.network.send_push(tablet):
                break
        else:
            hold(10, f"{tablet.name} pushes for ever", that=False)
        for _ in range(PULLS_MAX):
            if tablet.standing in ("cloned", "refused"):
                self.enrol_again(tablet)
            token = tablet.client.token
            self.network.send_pull(tablet)
            if tablet.is_erased or tablet.standing == "draining":
                return
            if token is not None and tablet.client.token == token:
                return
        hold(10, f"{tablet.name} pulls for ever", that=False)


def simulate(
    seed: int, *, steps: int = STEPS, serve: Callable[[Company], MemoryServer] | None = None
) -> Lived:
    """Live one world to its end. Raises `Broken`, with the line that repeats it."""
    try:
        return Simulation(seed, serve=serve).run(steps)
    except Exception as error:
        error.add_note(f"once more: ./dev simulate 1 --seed {seed}")
        raise
