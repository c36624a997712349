"""Whoever starts the demo can stop it, also when what is begun does not end."""

import signal
import subprocess
import sys

# What it waits for goes on whatever it is told.
PROGRAM = """
import asyncio
from server.demo.start import stoppable
from server.demo.words import WORDS

async def stubborn():
    print("begun", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            print("told", flush=True)

asyncio.run(stoppable(stubborn(), WORDS["en"]))
"""


def test_asked_twice_it_stops_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline() == "begun\n"
        demo.send_signal(signal.SIGINT)
        said = {demo.stdout.readline() for _ in range(2)}
        assert "told\n" in said
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 130
