"""How a promise that did not hold is told."""


class Broken(AssertionError):
    """`promise` is its number in docs/protocol.md."""

    def __init__(self, promise: int, what: str) -> None:
        super().__init__(f"promise {promise}: {what}")
        self.promise = promise


def hold(promise: int, what: str, *, that: bool) -> None:
    """Raise unless `that` is so."""
    if not that:
        raise Broken(promise, what)
