"""The protocol's version. Rule: what an old device would not understand adds a line.

| version | since | what changed |
|---|---|---|
| 1 | 0.1.0 | the first: push, pull, enrol, events |
"""

PROTOCOL_VERSION = 1
PROTOCOL_VERSIONS = (1,)
