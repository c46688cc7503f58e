import time

import numpy as np

from penchant.stages.meter import Meter, highest


def test_it_tells_the_clock_from_the_processor() -> None:
    with Meter() as asleep:
        time.sleep(0.2)
    assert asleep.seconds >= 0.2
    assert asleep.cpu_seconds < 0.15


def test_each_block_has_a_peak_of_its_own() -> None:
    with Meter() as large:
        np.ones(40_000_000).sum()  # 305 MiB
    with Meter() as small:
        np.ones(1000).sum()
    if large.peak_mib is None or small.peak_mib is None:  # a system that does not tell
        assert highest(large, small) is None
        return
    assert large.peak_mib > small.peak_mib + 250
    assert highest(large, small) == large.peak_mib


def test_what_one_does_not_know_nobody_knows() -> None:
    with Meter() as known:
        pass
    assert highest(known, Meter()) is None
