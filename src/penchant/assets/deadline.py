"""A limit on the total time of a blocking call. Clients' own limits hold per address, and not for name look-up."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, action: Callable[[], T]) -> T:
    """What `action` gives or raises, if that comes within `seconds`. Raises TimeoutError otherwise.

    >>> within(1.0, lambda: 6 * 7)
    42
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(action())
        except Exception as error:
            outcome.set_exception(error)

    # A daemon, so that a call which is stuck in the network does not keep the process alive.
    threading.Thread(target=run, daemon=True).start()
    try:
        return outcome.result(timeout=seconds)
    except TimeoutError:
        if outcome.done():
            raise
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
