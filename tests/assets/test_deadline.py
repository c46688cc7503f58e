import time

import pytest

from penchant.assets.deadline import within


def test_what_takes_too_long_is_given_up() -> None:
    start = time.perf_counter()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.1 seconds"):
        within(0.1, lambda: time.sleep(5))
    assert time.perf_counter() - start < 2


def test_the_errors_of_the_action_pass_through() -> None:
    def refuse() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        within(1.0, refuse)
