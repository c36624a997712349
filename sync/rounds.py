"""How far rounds are while a push is planned: what each covers, and what of that is missing. Pure.

Rule: a list of targets is read once for as long as it stays the same, not once an op.
"""

from collections.abc import Mapping
from uuid import UUID

from sync.ids import read_id
from sync.plan import InspectionState
from sync.record import Json, Record

INSPECTED = ("submitted", "accepted")


class Round:
    """One round: where each of its inspections stands, and what its targets ask for."""

    def __init__(self, states: Mapping[UUID, InspectionState]) -> None:
        self.states = dict(states)
        self.listed: Json = None
        self.wanted: frozenset[UUID] = frozenset()
        self.recalled: frozenset[Json] = frozenset()
        self.missing: set[UUID] = set()

    def read(self, listed: Json) -> None:
        """Take in a list of targets: the assets still covered, and those that no longer are."""
        every = listed if isinstance(listed, list | tuple) else ()
        targets = [target for target in every if isinstance(target, dict)]
        self.listed = listed
        self.wanted = frozenset(read_id(str(t["asset"])) for t in targets if not t.get("withdrawn"))
        self.recalled = frozenset(t.get("asset") for t in targets if t.get("withdrawn") is True)
        self.missing = {id_ for id_ in self.wanted if self.states.get(id_) not in INSPECTED}

    def follow(self, asset: UUID, state: InspectionState) -> None:
        """Take note of where the inspection of an asset stands now."""
        self.states[asset] = state
        if state in INSPECTED:
            self.missing.discard(asset)
        elif asset in self.wanted:
            self.missing.add(asset)

    def state_after(self, now: Json) -> str | None:
        """The state that the inspections call for; None where it stays as it is.

        started: something was begun; done: every target was submitted or accepted. Closing is
        the office's, and a state goes back only from done to started, when work is returned.
        """
        if now in ("withdrawn", "closed") or not self.states:
            return None
        state = "done" if self.wanted and not self.missing else "started"
        return None if state == now else state


class Rounds:
    """All that a push touches."""

    def __init__(self, states: Mapping[UUID, Mapping[UUID, InspectionState]]) -> None:
        self._states = states
        self._known: dict[UUID, Round] = {}

    def of(self, assignment: Record) -> Round:
        """The round of an assignment as it is now."""
        known = self._known.get(assignment.id)
        if known is None:
            known = self._known[assignment.id] = Round(self._states.get(assignment.id, {}))
        listed = assignment.data.get("targets")
        if known.listed is not listed:
            known.read(listed)
        return known
