"""One file a resource.

Rule: a handler opens a transaction, gathers, lets `sync` decide, leaves it, and only then answers.
"""
