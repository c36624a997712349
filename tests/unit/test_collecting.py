"""What stays is set aside from the collector of cycles; garbage among it is found all the same."""

import subprocess
import sys

# In a process of its own: what was set aside here would stay so for all tests that follow.
PROGRAM = """
import gc, weakref
from server.collecting import COLLECT_AFTER, PASSES_MIN, set_aside

class Stream:
    def __init__(self):
        self.itself = self

set_aside()
assert gc.get_threshold() == COLLECT_AFTER
stays, ends, forgotten = Stream(), Stream(), Stream()
dead = weakref.ref(forgotten)
del forgotten
gc.collect(0)
gc.collect(1)
assert any(one is stays for one in gc.get_objects()), "no pass over all yet"
gc.collect()
assert dead() is None
assert not any(one is stays for one in gc.get_objects()), "it outlived one"
dead = weakref.ref(ends)
del ends
passes = 0
while dead() is not None:
    gc.collect()
    passes += 1
    assert passes <= PASSES_MIN
assert passes > 1, "what was set aside is not walked each time"
assert stays.itself is stays
assert not any(one is stays for one in gc.get_objects())
print("whole")
"""


def test_what_outlives_a_full_pass_is_walked_seldom_and_no_garbage_stays_for_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stdout == "whole\n", done.stderr
