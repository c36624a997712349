"""The conformance kit: scripted devices that find out which promises a server keeps.

Rule: it knows docs/protocol.md and nothing of this project's server, of which it imports nothing.
"""
