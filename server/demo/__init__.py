"""A believable maintenance company, and `demo`, which runs everything with it.

Rule: it is invented, and the same for ever from one seed and one day. Read `company` first.
"""


def run(arguments: list[str]) -> int:
    """Run `python -m server demo` with these options, and give its exit code."""
    # Whoever only wants the company, such as a test, needs no web server for it.
    from server.demo.start import start

    return start(arguments)
