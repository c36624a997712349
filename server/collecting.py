"""When Python looks for garbage that refers to itself. Rule: what stays is not walked each time.

While it is walked nobody is answered: 60 ms for what was imported alone, 400 for the streams of ten
thousand devices. So what outlived one full pass is set aside; and all of it is walked again when as
much was set aside since as there was, for a stream that ended leaves cycles there.
"""

import gc
from collections.abc import Mapping

# Objects made beyond those that went; passes over the young, then over the grown ones.
COLLECT_AFTER = (20_000, 5, 5)
OBJECTS_PER_PASS = 20_000 * 5 * 5
PASSES_MIN = 8
OLDEST = 2


class SetAside:
    """Told by Python of each pass (docs.python.org, `gc.callbacks`); counts the full ones."""

    def __init__(self) -> None:
        self.passes, self.passes_max = 0, PASSES_MIN

    def __call__(self, phase: str, told: Mapping[str, int]) -> None:
        if told["generation"] != OLDEST:
            return
        if phase == "start":
            if self.passes == self.passes_max:
                gc.unfreeze()
            return
        gc.freeze()
        if self.passes == self.passes_max:
            self.passes = 0
            self.passes_max = max(PASSES_MIN, gc.get_freeze_count() // OBJECTS_PER_PASS)
        else:
            self.passes += 1


def set_aside() -> None:
    """Leave alone what was imported so far and, from now on, what outlives a full pass."""
    gc.callbacks.append(SetAside())
    gc.set_threshold(*COLLECT_AFTER)
    gc.collect()
