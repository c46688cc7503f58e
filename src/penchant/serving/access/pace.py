"""Rates: a bucket of requests for each name, refilled steadily (GCRA, the generic cell rate algorithm of ATM networks).

On the monotonic clock, so that a clock set back or forward changes nothing; `limits` from PyPI, 5.8, reads the wall clock.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_NAMES = 10_000


class Pace:
    """At most `per_minute` at once of each name, and over longer times so many a minute.

    Only the names met last are kept, at most 10,000. One thread at a time.

    >>> pace = Pace(2, clock=lambda: 100.0)
    >>> [pace.wait("ann"), pace.wait("ann"), pace.wait("ann"), pace.wait("bob")]
    [0.0, 0.0, 30.0, 0.0]
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.each = 60 / per_minute
        self.clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, name: str) -> float:
        """0 and one is taken, or the seconds until the next can be, and none is."""
        now = self.clock()
        full_at = max(self._full_at.get(name, now), now) + self.each
        if full_at - now > 60 + self.each / 1000:
            return full_at - now - 60
        self._full_at[name] = full_at
        self._full_at.move_to_end(name)
        if len(self._full_at) > MOST_NAMES:
            self._full_at.popitem(last=False)
        return 0.0
