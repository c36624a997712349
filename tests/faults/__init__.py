"""Faults on the real thing: server processes are killed, cut off, filled up; laws hold after."""
