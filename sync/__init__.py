"""The protocol's decisions. Pure: no I/O, no clock, no chance, no framework."""
