"""How often somebody may fail. Rule: an attempt counts before it is looked at.

A good one is forgiven. The counts live in this process: several processes allow several times as
many, and a restart forgets.
"""

import math
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address, ip_network

from litestar import Request
from litestar.datastructures import State

from server.clock import Clock
from server.errors import TooManyAttempts

ATTEMPT_KEYS_MAX = 10_000
ADDRESS_FACTOR = 5  # Many people may stand behind one address.
IPV6_PREFIX_BITS = 64  # What one customer of a provider has to himself (RFC 6177, 2).


class Attempts:
    """Attempts within a sliding window, per login name and per address."""

    def __init__(self, clock: Clock, *, failures_max: int, window_seconds: int) -> None:
        self._clock = clock
        self._failures_max = failures_max
        self._window_seconds = window_seconds
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def begin(self, *, name: str, address: str) -> None:
        """Count one attempt. Raises `TooManyAttempts` when either has had its share."""
        now = self._clock.monotonic()
        keys = self._keys(name=name, address=address)
        for key, limit in keys.items():
            times = self._recent(key, now)
            if len(times) >= limit:
                wait = times[-limit] + self._window_seconds - now
                raise TooManyAttempts(retry_seconds=max(1, math.ceil(wait)))
        for key in keys:
            self._times.setdefault(key, deque()).append(now)
            self._times.move_to_end(key)
        while len(self._times) > ATTEMPT_KEYS_MAX:
            self._times.popitem(last=False)

    def forgive(self, *, name: str, address: str) -> None:
        """Take back the attempt that was just counted: it was a good one. The name starts anew."""
        for key in self._keys(name=name, address=address):
            times = self._times.get(key)
            if times and key.startswith("name "):
                times.clear()
            elif times:
                times.pop()

    def _keys(self, *, name: str, address: str) -> dict[str, int]:
        keys = {f"address {network_of(address)}": self._failures_max * ADDRESS_FACTOR}
        if name:
            keys[f"name {name}"] = self._failures_max
        return keys

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._times.get(key, deque())
        while times and times[0] <= now - self._window_seconds:
            times.popleft()
        return times


def network_of(address: str) -> str:
    """Give what is counted as one address: itself, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX_BITS), strict=False))
    return address


def provide_address(request: Request[object, object, State]) -> str:
    """Tell where the request comes from; behind a trusted proxy the server has put that right."""
    return request.client.host if request.client else ""
