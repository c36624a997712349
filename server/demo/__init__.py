"""A believable maintenance company, and `demo`, which runs everything with it.

Rule: it is invented, and the same for ever from one seed and one day. Read `company` first.
"""
